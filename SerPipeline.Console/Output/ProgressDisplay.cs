using Spectre.Console;
using Spectre.Console.Rendering;

namespace SerPipeline.Console.Output;

/// <summary>Shows progress on standard error: bars with rate and time left on a terminal, a plain line every few seconds
/// otherwise.</summary>
/// <param name="terminal">Where to.</param>
/// <param name="time">The clock.</param>
internal sealed class ProgressDisplay(Terminal terminal, TimeProvider time) : IRunProgress, IProgressScope
{
    /// <inheritdoc/>
    public void Message(string text) => terminal.Message(text);

    /// <summary>Does work that reports its progress.</summary>
    /// <param name="work">The work.</param>
    public T Run<T>(Func<IProgressScope, T> work)
    {
        if (!terminal.ErrorIsInteractive) return work(this);
        var rates = new RateColumn();
        try
        {
            return terminal.Error.Progress().AutoClear(true).HideCompleted(true)
                .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), rates,
                new RemainingTimeColumn())
                .Start(context =>
                {
                    terminal.ShowsBars = true;
                    return work(new BarScope(context, rates, terminal.Error.Profile.Width));
                });
        }
        finally
        {
            terminal.ShowsBars = false;
        }
    }

    // Without bars.
    IProgressStage IProgressScope.Start(string name, long total, string unit) => new PlainStage(terminal, time, name, total, unit);

    private sealed class BarScope(ProgressContext context, RateColumn rates, int width) : IProgressScope
    {
        public IProgressStage Start(string name, long total, string unit)
        {
            ProgressTask task = context.AddTask(Markup.Escape(name), maxValue: Math.Max(1, total));
            rates.SetUnit(task, unit);
            return new BarStage(task, name, width);
        }
    }

    private sealed class BarStage(ProgressTask task, string name, int width) : IProgressStage
    {
        // Bar, percentage, rate and time left.
        private const int OtherColumns = 50;

        public void Report(long done, string? note)
        {
            task.Value = Math.Max(task.Value, done);
            if (note is not null) task.Description = Markup.Escape(Fitting(note));
        }

        // As many of the note's parts as stay on one line.
        private string Fitting(string note)
        {
            string line = name;
            foreach (string part in note.Split(", "))
            {
                if (line.Length + part.Length + 2 + OtherColumns > width) break;
                line += (line.Length == name.Length ? ": " : ", ") + part;
            }
            return line;
        }

        public void Complete() => task.StopTask();
    }
}

/// <summary>Progress as plain lines: one every few seconds, so that a log stays short, and one at the end.</summary>
internal sealed class PlainStage(Terminal terminal, TimeProvider time, string name, long total, string unit) : IProgressStage
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly long _start = time.GetTimestamp();
    private long _lastLine = time.GetTimestamp();
    private long _done;
    private string? _note;
    private bool _ended;

    /// <inheritdoc/>
    public void Report(long done, string? note = null)
    {
        lock (_lock)
        {
            if (_ended) return;
            _done = Math.Max(_done, done);
            _note = note ?? _note;
            if (_done >= total || time.GetElapsedTime(_lastLine) < Pause) return;
            _lastLine = time.GetTimestamp();
            TimeSpan elapsed = time.GetElapsedTime(_start);
            TimeSpan left = elapsed * ((double)(total - _done) / Math.Max(1, _done));
            Line($"{_done}/{total} {unit}{Rate(elapsed)}, {Format.Duration(left)} left");
        }
    }

    /// <inheritdoc/>
    public void Complete()
    {
        lock (_lock)
        {
            if (_ended) return;
            _ended = true;
            TimeSpan elapsed = time.GetElapsedTime(_start);
            Line($"{(_done < total ? $"{_done}/{total}" : $"{total}")} {(total == 1 ? unit.TrimEnd('s') : unit)} in "
                + $"{Format.Duration(elapsed)}{Rate(elapsed)}");
        }
    }

    private string Rate(TimeSpan elapsed)
    {
        // Epochs differ in what they cost; their note tells the rate in clips.
        if (unit == ProgressUnits.Epochs) return "";
        double rate = elapsed > TimeSpan.Zero ? _done / elapsed.TotalSeconds : 0;
        return string.Create(CultureInfo.InvariantCulture, $" ({(rate < 10 ? $"{rate:0.0}" : $"{rate:0}")} {unit}/s)");
    }

    private void Line(string figures) => terminal.Message(_note is null ? $"{name}: {figures}" : $"{name}: {figures}; {_note}");
}

/// <summary>The units done a second: <c>120 clips/s</c>.</summary>
internal sealed class RateColumn : ProgressColumn
{
    private readonly ConcurrentDictionary<int, string> _units = new();

    /// <summary>Says what a task counts.</summary>
    /// <param name="task">The task.</param>
    /// <param name="unit">A unit, plural.</param>
    public void SetUnit(ProgressTask task, string unit) => _units[task.Id] = unit;

    /// <inheritdoc/>
    public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime)
    {
        string unit = _units.GetValueOrDefault(task.Id, "units");
        if (task.Speed is not { } speed || unit == ProgressUnits.Epochs) return new Text("");
        string format = speed < 10 ? "0.0" : "0";
        return new Text($"{speed.ToString(format, CultureInfo.InvariantCulture)} {unit}/s");
    }
}
