using System.Collections.Concurrent;
using System.Globalization;
using SerPipeline.Experiments;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace SerPipeline.Console.Output;

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
