namespace SerPipeline.Transforms;

/// <summary>
/// Computes rows ahead on all cores and hands them out in the source's order. Never holds more than a few rows a core, so a corpus of any
/// size streams through.
/// </summary>
internal sealed class RowStageCursor : DataViewRowCursor
{
    // Enough rows in flight that one slow clip does not leave the other cores idle, few enough that memory stays small.
    private const int RowsInFlightPerCore = 4;

    private readonly RowPlan _plan;
    private readonly HashSet<int> _active;
    private readonly DataViewRowCursor _source;
    private readonly ValueGetter<DataViewRowId> _id;
    private readonly SourceColumn?[] _columns;
    private readonly Queue<(Taken Row, Task<Computed> Result)> _inFlight = new();
    private readonly TaskFactory _workers;
    private readonly int _window;
    private Taken? _taken;
    private object?[]? _computed;
    private bool _sourceEnded;
    private volatile bool _isLeft;
    private long _position = -1;

    public RowStageCursor(DataViewSchema schema, RowPlan plan, IEnumerable<int> needed, Random? rand)
    {
        Schema = schema;
        _plan = plan;
        _active = [.. needed];
        _source = plan.Source.GetRowCursor(plan.SourceColumns, plan.Source.CanShuffle ? rand : null);
        _id = _source.GetIdGetter();
        _columns = new SourceColumn?[plan.Source.Schema.Count];
        foreach (DataViewSchema.Column column in plan.SourceColumns) _columns[column.Index] = SourceColumn.Create(_source, column);
        int degree = plan.DegreeOfParallelism;
        _workers = new TaskFactory(new ConcurrentExclusiveSchedulerPair(TaskScheduler.Default, degree).ConcurrentScheduler);
        _window = degree * RowsInFlightPerCore;
    }

    public override DataViewSchema Schema { get; }

    public override long Position => _position;

    public override long Batch => 0;

    public override bool IsColumnActive(DataViewSchema.Column column) => _active.Contains(column.Index);

    public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = (_taken ?? throw StageValue.NoRow()).Id;

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        int index = column.Index;
        StageValue.RequireActive(IsColumnActive(column), column);
        return index < _columns.Length
            ? _columns[index]!.Getter<TValue>(Schema[index], () => _taken?.Values[index])
            : StageValue.Getter<TValue>(Schema[index], () => _computed?[index]);
    }

    public override bool MoveNext()
    {
        while (true)
        {
            Release(_taken);
            (_taken, _computed) = (null, null);
            if (Next() is not { } next)
            {
                _position = -1;
                return false;
            }
            if (next.Bad is { } bad)
            {
                _plan.Loader!.Report(bad);
                continue;
            }
            _computed = next.Values;
            _position++;
            return true;
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            // Rows still under way end by themselves, and others do not begin, but nobody may use what they use once the cursor is gone.
            _isLeft = true;
            Task.WhenAll(_inFlight.Select(f => f.Result)).ContinueWith(static t => _ = t.Exception, TaskScheduler.Default).Wait();
            while (_inFlight.TryDequeue(out (Taken Row, Task<Computed>) left)) Release(left.Row);
            Release(_taken);
            (_taken, _computed) = (null, null);
            _source.Dispose();
        }
        base.Dispose(disposing);
    }

    private Computed? Next()
    {
        if (!_plan.Computes) return (_taken = Take()) is null ? null : new Computed([], null);
        while (_inFlight.Count < _window && Take() is { } row) _inFlight.Enqueue((row, _workers.StartNew(() => Compute(row.Values))));
        if (!_inFlight.TryDequeue(out (Taken Row, Task<Computed> Result) first)) return null;
        _taken = first.Row;
        return first.Result.GetAwaiter().GetResult();
    }

    private Taken? Take()
    {
        if (_sourceEnded || !_source.MoveNext())
        {
            _sourceEnded = true;
            return null;
        }
        DataViewRowId id = default;
        _id(ref id);
        var values = new object?[_columns.Length];
        for (int i = 0; i < values.Length; i++) values[i] = _columns[i]?.Take();
        return new Taken(id, values);
    }

    private Computed Compute(object?[] source)
    {
        if (_isLeft) return new Computed([], null);
        (object?[] values, BadClip? bad) = _plan.Evaluate(source);
        return new Computed(values, bad);
    }

    private void Release(Taken? row)
    {
        if (row is null) return;
        for (int i = 0; i < _columns.Length; i++)
            if (row.Values[i] is { } value) _columns[i]!.Release(value);
    }

    private sealed record Taken(DataViewRowId Id, object?[] Values);

    private sealed record Computed(object?[] Values, BadClip? Bad);
}
