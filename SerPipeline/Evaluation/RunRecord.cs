using System.Reflection;

namespace SerPipeline.Evaluation;

/// <summary>The versions and the machine of a run; on the same ones, the same seed gives the same bits.</summary>
public sealed record RunEnvironment
{
    /// <summary>This library's version.</summary>
    public required string Library { get; init; }

    /// <summary>The .NET runtime.</summary>
    public required string Runtime { get; init; }

    /// <summary>The operating system.</summary>
    public required string OperatingSystem { get; init; }

    /// <summary>The process's architecture, such as X64.</summary>
    public required string Architecture { get; init; }

    /// <summary>The processors the runtime sees.</summary>
    public required int ProcessorCount { get; init; }

    /// <summary>libtorch's version, or null when the run did not load it.</summary>
    public string? LibTorch { get; init; }

    /// <summary>The device trained on, such as <c>cpu</c> or <c>cuda:0</c>, or null.</summary>
    public string? Device { get; init; }

    /// <summary>The threads libtorch computed with, or null.</summary>
    public int? Threads { get; init; }

    /// <summary>
    /// This process's environment, without libtorch's version, device and threads; add them with a <c>with</c> expression.
    /// </summary>
    public static RunEnvironment Current() => new()
    {
        Library = typeof(RunEnvironment).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion
            ?? "unknown",
        Runtime = RuntimeInformation.FrameworkDescription,
        OperatingSystem = RuntimeInformation.OSDescription,
        Architecture = RuntimeInformation.ProcessArchitecture.ToString(),
        ProcessorCount = System.Environment.ProcessorCount,
    };
}

/// <summary>
/// The file <c>run.json</c>: everything needed to repeat a run. Its names are a contract, as those of <see cref="MetricsFile"/>.
/// </summary>
public sealed record RunRecord
{
    /// <summary>The file's usual name.</summary>
    public const string FileName = "run.json";

    /// <summary>The version of the file's fields.</summary>
    public int Version { get; init; } = RunJson.Version;

    /// <summary>The command line, program first, one item per argument.</summary>
    public required IReadOnlyList<string> CommandLine { get; init; }

    /// <summary>How clips were split into training and test.</summary>
    public required string Protocol { get; init; }

    /// <summary>The seed.</summary>
    public required long Seed { get; init; }

    /// <summary>When the run began.</summary>
    public required DateTimeOffset Started { get; init; }

    /// <summary>When the run ended.</summary>
    public required DateTimeOffset Finished { get; init; }

    /// <summary>Versions and machine.</summary>
    public required RunEnvironment Environment { get; init; }

    /// <summary>The fingerprint of each data set used, by its name.</summary>
    public required IReadOnlyDictionary<string, DataFingerprint> Data { get; init; }

    /// <summary>Every option of every stage, by the stage's name; see <see cref="Describe"/>.</summary>
    public required IReadOnlyDictionary<string, JsonElement> Options { get; init; }

    /// <summary>
    /// Turns options records into JSON: enums by name, numbers that are not finite as the strings "NaN", "Infinity" and "-Infinity".
    /// </summary>
    /// <param name="options">A name and an options record each, all names different.</param>
    public static IReadOnlyDictionary<string, JsonElement> Describe(params ReadOnlySpan<(string Name, object Options)> options)
    {
        var described = new SortedDictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach ((string name, object value) in options)
        {
            ArgumentNullException.ThrowIfNull(value, nameof(options));
            if (!described.TryAdd(name, JsonSerializer.SerializeToElement(value, value.GetType(), RunJson.Options)))
                throw new ArgumentException($"Expected different names; '{name}' is there twice.", nameof(options));
        }
        return described;
    }

    // With one more among the options.
    internal RunRecord With(string name, object value) => this with
    {
        Options = new SortedDictionary<string, JsonElement>(Options.ToDictionary(), StringComparer.Ordinal)
        { [name] = JsonSerializer.SerializeToElement(value, RunJson.Options) },
    };

    /// <summary>Writes the file, whole or not at all.</summary>
    /// <param name="path">The file to create or replace.</param>
    public void Write(string path) => RunJson.Write(path, this);

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="EvaluationException">The file is absent, of another version or lacks a field.</exception>
    public static RunRecord Read(string path) => RunJson.Read<RunRecord>(path, "a run record (run.json)", nullItems: true);
}
