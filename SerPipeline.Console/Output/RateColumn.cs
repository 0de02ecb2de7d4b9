using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace SerPipeline.Console.Output;

/// <summary>The units done a second: <c>120 clips/s</c>.</summary>
internal sealed class RateColumn : ProgressColumn
{
    /// <summary>Where a task keeps the name of its unit.</summary>
    public const string UnitKey = "unit";

    /// <inheritdoc/>
    public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime)
    {
        if (task.Speed is not { } speed) return new Text("");
        string format = speed < 10 ? "0.0" : "0";
        return new Text($"{speed.ToString(format, CultureInfo.InvariantCulture)} {task.State.Get<string>(UnitKey)}/s");
    }
}
