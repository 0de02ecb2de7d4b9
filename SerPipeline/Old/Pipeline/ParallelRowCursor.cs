namespace SerPipeline.Old.Pipeline;

/// <summary>
/// Computes rows ahead on all cores and hands them out in the source's order. Never holds more than a few rows a core, so a corpus of any size
/// streams through.
/// </summary>
internal sealed class ParallelRowCursor : DataViewRowCursor
{
    // Enough rows in flight that one slow clip does not leave the other cores idle, few enough that memory stays small.
    private const int RowsInFlightPerCore = 4;

    private readonly RowPlan _plan;
    private readonly SerContext _context;
    private readonly DataViewRowCursor _source;
    private readonly Queue<Task<Computed>> _inFlight = new();
    private readonly int _window;
    private object?[] _current = [];
    private bool _sourceEnded;

    public ParallelRowCursor(RowPlan plan, DataViewSchema schema, IEnumerable<DataViewSchema.Column> needed, SerContext context)
        : base(schema, needed)
    {
        _plan = plan;
        _context = context;
        _source = plan.Source.GetRowCursor(plan.SourceColumns);
        _window = Math.Max(1, context.Options.DegreeOfParallelism) * RowsInFlightPerCore;
    }

    public override bool MoveNext()
    {
        while (true)
        {
            Fill();
            if (!_inFlight.TryDequeue(out Task<Computed>? next)) return false;
            Computed row = next.GetAwaiter().GetResult();
            if (row.Bad is { } bad)
            {
                _context.ReportBadClip(bad);
                continue;
            }
            _current = row.Values;
            Position++;
            return true;
        }
    }

    protected internal override object? GetValue(int columnIndex) => _current[columnIndex];

    protected override void Dispose(bool disposing)
    {
        // Rows still under way end by themselves, but nobody may use what they use once the cursor is gone.
        Task.WhenAll(_inFlight).ContinueWith(static t => _ = t.Exception, TaskScheduler.Default).Wait();
        _inFlight.Clear();
        if (disposing) _source.Dispose();
        base.Dispose(disposing);
    }

    private void Fill()
    {
        while (!_sourceEnded && _inFlight.Count < _window)
        {
            if (!_source.MoveNext())
            {
                _sourceEnded = true;
                return;
            }
            object?[] values = [.. _plan.SourceColumns.Select(c => _source.GetValue(c.Index))];
            _inFlight.Enqueue(_context.RunOnWorker(() => Compute(values)));
        }
    }

    private Computed Compute(object?[] values)
    {
        try
        {
            return new Computed(_plan.Evaluate(values), null);
        }
        catch (Exception e) when (RowTransformer.IsBadClip(e) && _context.Options.BadClips == BadClipRule.Skip)
        {
            return new Computed([], new BadClip(_plan.FileOf(values), e.Message));
        }
    }

    private readonly record struct Computed(object?[] Values, BadClip? Bad);
}
