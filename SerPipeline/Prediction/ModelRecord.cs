namespace SerPipeline.Prediction;

/// <summary>
/// What a model's zip says of itself under <c>SerPipeline/</c>, beside the entries that ML.NET reads: the audio stages with their options,
/// the graph that scores what
/// they compute, labels, notes and attachments. <c>ml.Model.SavePortable</c> writes it.
/// </summary>
public sealed record ModelRecord
{
    /// <summary>The version of the layout that this library writes, and the newest that it reads; the oldest is 2.</summary>
    public const int CurrentFormatVersion = 3;

    internal static string ThisVersion { get; } = typeof(ModelRecord).Assembly.GetName().Version!.ToString(3);

    /// <summary>The version of the layout.</summary>
    public int FormatVersion { get; init; } = CurrentFormatVersion;

    /// <summary>The version of the library that wrote the file.</summary>
    public string LibraryVersion { get; init; } = ThisVersion;

    /// <summary>This library's stages of the chain in order, <c>LoadAudio</c> first; empty for a chain that starts from features.</summary>
    public IReadOnlyList<ModelStage> Stages { get; init; } = [];

    /// <summary>The classes, in the order of the scores.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>The rate of the waveform in Hz; null for a chain that starts from features.</summary>
    public int? SampleRateHz { get; init; }

    /// <summary>The column of mono samples, neither trimmed nor levelled, that the ML.NET side starts from; null for a chain that starts
    /// from features.</summary>
    public string? WaveformColumn { get; init; }

    /// <summary>The classifier's column of probabilities.</summary>
    public string ScoreColumn { get; init; } = "Score";

    /// <summary>
    /// The inputs of <see cref="Scoring"/>, which are named like the columns they hold: of a stage's output the vector [1, slots],
    /// spectrogram [1, bands, frames] or grey image
    /// [1, 1, height, width] of levels from 0 to 255. Where <see cref="ScoresWaveform"/> is true, the one input is the waveform instead.
    /// </summary>
    public IReadOnlyList<string> ScoringInputs { get; init; } = [];

    /// <summary>
    /// True when <see cref="Scoring"/> starts from the waveform [1, samples] before trimming and level, and holds all of
    /// <see cref="Stages"/>: so in files of format 2.
    /// </summary>
    public bool ScoresWaveform { get; init; }

    /// <summary>
    /// The scoring part as an ONNX model: outputs <c>probabilities</c> and <c>logits</c>, float [1, classes]. Null where it has no such
    /// form: then
    /// <see cref="ScoringProblem"/> says why, and the ML.NET side scores.
    /// </summary>
    public ReadOnlyMemory<byte>? Scoring
    {
        get;
        // A null array becomes empty memory, not null.
        init => field = value is { IsEmpty: true } ? null : value;
    }

    /// <summary>Why there is no <see cref="Scoring"/>; null where there is.</summary>
    public string? ScoringProblem { get; init; }

    /// <summary>Texts that travel with the model, such as how it was trained and how it scored.</summary>
    public IReadOnlyDictionary<string, string> Notes { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// Files that travel with the model, such as its scores and its card; at most 64 MiB together. A name is a relative path of letters,
    /// digits, <c>.</c>, <c>-</c>,
    /// <c>_</c> and spaces with <c>/</c> between folders; <c>model.json</c>, <c>scoring.onnx</c> and <c>stages</c> are taken.
    /// </summary>
    public IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Attachments { get; init; } = new Dictionary<string, ReadOnlyMemory<byte>>();

    /// <summary>Reads the record of a model's zip, of format 3 or 2. ML.NET loads nothing for it.</summary>
    /// <param name="path">The zip.</param>
    /// <exception cref="ModelFormatException">The file is damaged, foreign, of format 1 or newer than this library.</exception>
    public static ModelRecord Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using FileStream stream = File.OpenRead(path);
        return Read(stream, path);
    }

    /// <inheritdoc cref="Read(string)"/>
    /// <param name="zip">A seekable stream of the zip.</param>
    /// <param name="name">What to call it in messages.</param>
    public static ModelRecord Read(Stream zip, string name)
    {
        ArgumentNullException.ThrowIfNull(zip);
        return ModelZip.Read(zip, name);
    }

    /// <summary>Whether a file is a zip with such a record; whether it is whole only <see cref="Read(string)"/> tells.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static bool IsIn(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return ModelZip.HasRecord(path);
    }
}

/// <summary>A stage of this library as a record keeps it.</summary>
/// <param name="Name">The catalog method that makes it, such as <c>LogMelSpectrogram</c>.</param>
/// <param name="Output">The column that it adds.</param>
/// <param name="Input">The column that it reads.</param>
/// <param name="Options">Its options.</param>
public sealed record ModelStage(string Name, string Output, string Input, JsonElement Options);
