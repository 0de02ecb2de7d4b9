using System.Collections;

namespace SerPipeline.Old.Pipeline;

/// <summary>What is known of a schema before anything is fitted: names and kinds of columns, without sizes that only data can tell.</summary>
public sealed class SchemaShape : IReadOnlyList<SchemaShape.Column>
{
    private readonly List<Column> _columns = [];

    /// <summary>Creates a shape; a later column replaces an earlier one of the same name.</summary>
    /// <param name="columns">The columns.</param>
    public SchemaShape(IEnumerable<Column> columns)
    {
        ArgumentNullException.ThrowIfNull(columns);
        foreach (Column column in columns)
        {
            _columns.RemoveAll(c => c.Name == column.Name);
            _columns.Add(column);
        }
    }

    /// <inheritdoc/>
    public int Count => _columns.Count;

    /// <inheritdoc/>
    public Column this[int index] => _columns[index];

    /// <summary>The shape of a schema.</summary>
    /// <param name="schema">The schema.</param>
    public static SchemaShape Create(DataViewSchema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        return new SchemaShape(schema.Where(c => !c.IsHidden).Select(c => new Column(c.Name, Column.KindOf(c.Type))));
    }

    /// <summary>This shape with columns added or replaced.</summary>
    /// <param name="columns">The new columns.</param>
    public SchemaShape With(params Column[] columns) => new(_columns.Concat(columns));

    /// <summary>Checks that a column is there and of the right kind.</summary>
    /// <param name="stage">The stage that needs it, for the message.</param>
    /// <param name="name">The column.</param>
    /// <param name="kinds">The kinds it may have.</param>
    /// <exception cref="SchemaException">It is not: the message names stage, column, expectation and what is there.</exception>
    public Column Require(string stage, string name, params ColumnKind[] kinds)
    {
        ArgumentNullException.ThrowIfNull(kinds);
        string expected = string.Join(" or ", kinds);
        Column column = _columns.Find(c => c.Name == name)
            ?? throw new SchemaException($"{stage} needs a column '{name}' of kind {expected}, and there is none. The columns are: {this}.");
        if (!kinds.Contains(column.Kind))
            throw new SchemaException($"{stage} needs column '{name}' to be of kind {expected}, but it is {column.Kind}. The columns are: {this}.");
        return column;
    }

    /// <inheritdoc/>
    public IEnumerator<Column> GetEnumerator() => _columns.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    public override string ToString() => string.Join(", ", _columns.Select(c => $"{c.Name}: {c.Kind}"));

    /// <summary>One column of a shape.</summary>
    /// <param name="Name">Its name.</param>
    /// <param name="Kind">Its kind.</param>
    public sealed record Column(string Name, ColumnKind Kind)
    {
        internal static ColumnKind KindOf(DataViewType type) => type switch
        {
            TextDataViewType => ColumnKind.Text,
            NumberDataViewType => ColumnKind.Number,
            KeyDataViewType => ColumnKind.Key,
            VectorDataViewType => ColumnKind.Vector,
            ImageDataViewType => ColumnKind.Image,
            AudioDataViewType => ColumnKind.Audio,
            _ => throw new SchemaException($"{type.GetType().Name} has no column kind."),
        };
    }
}

/// <summary>The kind of a column, before its sizes are known.</summary>
public enum ColumnKind
{
    /// <summary>Text.</summary>
    Text,

    /// <summary>A number.</summary>
    Number,

    /// <summary>One of a list of values.</summary>
    Key,

    /// <summary>A vector of floats.</summary>
    Vector,

    /// <summary>A grey picture.</summary>
    Image,

    /// <summary>Mono audio.</summary>
    Audio,
}
