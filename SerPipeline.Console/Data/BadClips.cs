using System.Collections.Concurrent;
using SerPipeline.Console.Hosting;
using SerPipeline.Old.Pipeline;
using SerPipeline.Reports;

namespace SerPipeline.Console.Data;

/// <summary>Collects the clips that could not be read, each once however often it was met.</summary>
internal sealed class BadClips
{
    private readonly ConcurrentDictionary<string, string> _reasons = new(StringComparer.Ordinal);
    private int _written;

    /// <summary>Starts listening to contexts.</summary>
    public BadClips(params ReadOnlySpan<SerContext> contexts)
    {
        foreach (SerContext context in contexts) context.BadClipFound += (_, found) => _reasons.TryAdd(found.Clip.Path, found.Clip.Reason);
    }

    /// <summary>How many there are.</summary>
    public int Count => _reasons.Count;

    /// <summary>Writes those not written yet to standard error, in ordinal order.</summary>
    /// <param name="terminal">Where to.</param>
    public void Write(Terminal terminal)
    {
        if (Count == _written) return;
        _written = Count;
        foreach ((string path, string reason) in _reasons.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            terminal.Message(reason.Contains(path, StringComparison.Ordinal) ? $"left out: {reason}" : $"left out: {path}: {reason}");
        terminal.Message($"warning: {Format.Count(Count, "clip")} could not be read and {(Count == 1 ? "was" : "were")} left out. --strict stops instead.");
    }
}
