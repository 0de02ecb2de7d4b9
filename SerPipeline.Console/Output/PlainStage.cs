using System.Globalization;
using SerPipeline.Console.Hosting;
using SerPipeline.Experiments;
using SerPipeline.Reports;

namespace SerPipeline.Console.Output;

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
            Line($"{(_done < total ? $"{_done}/{total}" : $"{total}")} {unit} in {Format.Duration(elapsed)}{Rate(elapsed)}");
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
