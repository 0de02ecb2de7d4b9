namespace SerPipeline.Old.Pipeline;

/// <summary>
/// Rows under a schema: lazy, re-readable, bounded in memory, and in the same order at every reading, whatever the number of threads.
/// </summary>
public interface IDataView
{
    /// <summary>The columns.</summary>
    DataViewSchema Schema { get; }

    /// <summary>The number of rows, or null when only a reading can tell (a row whose file proves unreadable may be left out).</summary>
    long? GetRowCount();

    /// <summary>Starts a reading.</summary>
    /// <param name="columnsNeeded">The columns that the reading will ask for; no other is computed.</param>
    DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded);
}

/// <summary>Reads the current row's value.</summary>
/// <typeparam name="TValue">The column's <see cref="DataViewType.RawType"/>.</typeparam>
/// <param name="value">Receives the value.</param>
public delegate void ValueGetter<TValue>(ref TValue value);

/// <summary>One reading of a data view. Not thread-safe.</summary>
public abstract class DataViewRowCursor : IDisposable
{
    private readonly HashSet<int> _active;

    /// <summary>Creates the reading.</summary>
    /// <param name="schema">The columns of the view.</param>
    /// <param name="columnsNeeded">The columns that will be asked for.</param>
    protected DataViewRowCursor(DataViewSchema schema, IEnumerable<DataViewSchema.Column> columnsNeeded)
    {
        ArgumentNullException.ThrowIfNull(schema);
        ArgumentNullException.ThrowIfNull(columnsNeeded);
        Schema = schema;
        _active = [.. columnsNeeded.Select(c => c.Index)];
        foreach (int index in _active)
            if (index >= schema.Count) throw new SchemaException($"Column {index} was asked for, but the view has {schema.Count} columns: {schema}.");
    }

    /// <summary>The columns of the view.</summary>
    public DataViewSchema Schema { get; }

    /// <summary>The number of the current row among those read so far; -1 before the first.</summary>
    public long Position { get; protected set; } = -1;

    /// <summary>Whether this reading computes the column.</summary>
    /// <param name="column">A column of <see cref="Schema"/>.</param>
    public bool IsColumnActive(DataViewSchema.Column column)
    {
        ArgumentNullException.ThrowIfNull(column);
        return _active.Contains(column.Index);
    }

    /// <summary>Goes to the next row.</summary>
    /// <returns>Whether there is one.</returns>
    public abstract bool MoveNext();

    /// <summary>Gives a reader of one column's value in the current row.</summary>
    /// <typeparam name="TValue">The column's <see cref="DataViewType.RawType"/>.</typeparam>
    /// <param name="column">A column of <see cref="Schema"/> that this reading computes.</param>
    /// <exception cref="SchemaException">The column is not active, or holds another type.</exception>
    public ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        ArgumentNullException.ThrowIfNull(column);
        if (!IsColumnActive(column)) throw new SchemaException($"Column '{column.Name}' was not among the columns asked of this cursor.");
        if (column.Type.RawType != typeof(TValue))
            throw new SchemaException($"Column '{column.Name}' holds {column.Type} ({column.Type.RawType.Name}), not {typeof(TValue).Name}.");
        int index = column.Index;
        return (ref TValue value) => value = (TValue)GetValue(index)!;
    }

    /// <summary>The current row's value in an active column, as an object.</summary>
    /// <param name="columnIndex">The column's position.</param>
    protected internal abstract object? GetValue(int columnIndex);

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Ends the reading.</summary>
    /// <param name="disposing">Whether it was ended by a call.</param>
    protected virtual void Dispose(bool disposing) { }
}

/// <summary>Ways to read a view without writing a cursor loop.</summary>
public static class DataViewExtensions
{
    /// <summary>One column's values, in order.</summary>
    /// <typeparam name="TValue">The column's <see cref="DataViewType.RawType"/>.</typeparam>
    /// <param name="data">The rows.</param>
    /// <param name="columnName">The column.</param>
    public static IEnumerable<TValue> GetColumn<TValue>(this IDataView data, string columnName)
    {
        ArgumentNullException.ThrowIfNull(data);
        return Read(data, data.Schema[columnName]);

        static IEnumerable<TValue> Read(IDataView data, DataViewSchema.Column column)
        {
            using DataViewRowCursor cursor = data.GetRowCursor([column]);
            ValueGetter<TValue> getter = cursor.GetGetter<TValue>(column);
            TValue value = default!;
            while (cursor.MoveNext())
            {
                getter(ref value);
                yield return value;
            }
        }
    }
}
