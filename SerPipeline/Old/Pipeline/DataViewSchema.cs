using System.Collections;

namespace SerPipeline.Old.Pipeline;

/// <summary>The columns of a data view, in order. A later column hides an earlier one of the same name, as in ML.NET.</summary>
public sealed class DataViewSchema : IReadOnlyList<DataViewSchema.Column>
{
    private readonly Column[] _columns;
    private readonly Dictionary<string, int> _visible = new(StringComparer.Ordinal);

    /// <summary>Creates a schema.</summary>
    /// <param name="columns">The columns in order.</param>
    public DataViewSchema(IEnumerable<DetachedColumn> columns)
    {
        ArgumentNullException.ThrowIfNull(columns);
        DetachedColumn[] given = [.. columns];
        for (int i = 0; i < given.Length; i++) _visible[given[i].Name] = i;
        _columns = [.. given.Select((c, i) => new Column(i, c, isHidden: _visible[c.Name] != i))];
    }

    /// <inheritdoc/>
    public int Count => _columns.Length;

    /// <inheritdoc/>
    public Column this[int index] => _columns[index];

    /// <summary>The visible column of that name.</summary>
    /// <param name="name">The column's name.</param>
    /// <exception cref="SchemaException">No column has that name.</exception>
    public Column this[string name] => GetColumnOrNull(name)
        ?? throw new SchemaException($"There is no column '{name}'. The columns are: {this}.");

    /// <summary>The visible column of that name, or null.</summary>
    /// <param name="name">The column's name.</param>
    public Column? GetColumnOrNull(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return _visible.TryGetValue(name, out int index) ? _columns[index] : null;
    }

    /// <inheritdoc/>
    public IEnumerator<Column> GetEnumerator() => ((IEnumerable<Column>)_columns).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The visible columns with their types.</summary>
    public override string ToString() => string.Join(", ", _columns.Where(c => !c.IsHidden).Select(c => $"{c.Name}: {c.Type}"));

    /// <summary>A column that belongs to no schema yet.</summary>
    /// <param name="Name">Its name.</param>
    /// <param name="Type">Its type.</param>
    /// <param name="Annotations">What is known of its values; none when null.</param>
    public sealed record DetachedColumn(string Name, DataViewType Type, ColumnAnnotations? Annotations = null);

    /// <summary>One column of a schema.</summary>
    public sealed class Column
    {
        private readonly DetachedColumn _column;

        internal Column(int index, DetachedColumn column, bool isHidden)
        {
            Index = index;
            _column = column;
            IsHidden = isHidden;
        }

        /// <summary>Its position in the schema.</summary>
        public int Index { get; }

        /// <summary>Its name.</summary>
        public string Name => _column.Name;

        /// <summary>Its type.</summary>
        public DataViewType Type => _column.Type;

        /// <summary>Whether a later column of the same name hides it.</summary>
        public bool IsHidden { get; }

        /// <summary>What is known of its values.</summary>
        public ColumnAnnotations Annotations => _column.Annotations ?? ColumnAnnotations.None;

        /// <summary>The column without its place in this schema.</summary>
        public DetachedColumn Detach() => _column;
    }
}

/// <summary>What is known of a column's values besides their type, under ML.NET's names.</summary>
public sealed record ColumnAnnotations
{
    /// <summary>Nothing known.</summary>
    public static ColumnAnnotations None { get; } = new();

    /// <summary>The texts that a key's positions 1, 2, ... stand for.</summary>
    public IReadOnlyList<string>? KeyValues { get; init; }

    /// <summary>The names of a vector's slots.</summary>
    public IReadOnlyList<string>? SlotNames { get; init; }

    /// <summary>
    /// Whether rows that share this column's value belong together: whoever divides them further (a trainer that holds out a validation part)
    /// keeps them on one side. Speaker-independent splits set it on the speaker column.
    /// </summary>
    public bool IsSamplingKey { get; init; }
}
