using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using SerPipeline.Corpora;

namespace SerPipeline.Splits;

/// <summary>One fold of a <see cref="FoldFile"/>.</summary>
/// <param name="Fold">Its number, from 1.</param>
/// <param name="Test">The speakers to test on.</param>
/// <param name="Validation">The speakers to validate on; empty: the trainer draws them from the rest.</param>
public sealed record GivenFold(int Fold, IReadOnlyList<string> Test, IReadOnlyList<string> Validation);

/// <summary>
/// Speaker folds as a JSON file, so that others can use the same:
/// <c>{ "version": 1, "dataset": "...", "protocol": "speaker-5fold", "origin": "...", "folds": [ { "fold": 1, "test": ["02"], "validation": [] } ] }</c>.
/// </summary>
public sealed record FoldFile
{
    /// <summary>The file's usual name.</summary>
    public const string FileName = "folds.json";

    /// <summary>The version this library writes, and the only one it reads.</summary>
    public const int CurrentVersion = 1;

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        NewLine = "\n",
        AllowDuplicateProperties = false,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The version of the file's fields.</summary>
    public required int Version { get; init; }

    /// <summary>The data set whose speakers are meant.</summary>
    public required string Dataset { get; init; }

    /// <summary>A speaker protocol of <see cref="SplitProtocol"/>.</summary>
    public required string Protocol { get; init; }

    /// <summary>Where the folds come from, in words.</summary>
    public required string Origin { get; init; }

    /// <summary>The folds. Of a single one the speakers it does not name train; of several each speaker is tested in exactly one.</summary>
    public required IReadOnlyList<GivenFold> Folds { get; init; }

    /// <summary>The file the folds were read from, for messages; null when they were not read.</summary>
    [JsonIgnore]
    public string? Path { get; init; }

    /// <summary>Reads a file and checks what can be checked without the corpus.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="CorpusException">The file is absent, no fold file, of another version, or its folds contradict themselves.</exception>
    public static FoldFile Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            return Parse(File.ReadAllText(path), path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CorpusException($"Expected a fold file at {path}; it cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Reads the content of a file, such as one stored with a model.</summary>
    /// <param name="json">The content.</param>
    /// <param name="source">What to call it in messages.</param>
    /// <exception cref="CorpusException">As <see cref="Read"/>.</exception>
    public static FoldFile Parse(string json, string source)
    {
        ArgumentNullException.ThrowIfNull(json);
        FoldFile file;
        try
        {
            file = JsonSerializer.Deserialize<FoldFile>(json, Json) ?? throw new JsonException("the file holds null");
            if (file.Folds.Any(fold => fold is null)) throw new JsonException("a fold is null");
        }
        catch (JsonException e)
        {
            throw new CorpusException($"Expected a fold file, {{ \"version\": 1, \"dataset\", \"protocol\", \"origin\", \"folds\": [ {{ \"fold\": 1, \"test\": [\"02\"], \"validation\": [] }} ] }}, at {source}; found something else: {e.Message}", e);
        }
        file = file with { Path = source };
        FoldFileCheck.Require(file);
        return file;
    }

    /// <summary>Writes the file, whole or not at all.</summary>
    /// <param name="path">The file to create or replace.</param>
    /// <exception cref="CorpusException">The folds contradict themselves.</exception>
    public void Write(string path)
    {
        FoldFileCheck.Require(this);
        AtomicFile.WriteAllText(path, ToJson());
    }

    /// <summary>The file's content.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Json) + "\n";

    /// <summary>The folds of a plan, to be given to others.</summary>
    /// <param name="plan">A plan of a speaker protocol.</param>
    /// <param name="corpus">The corpus it divides.</param>
    /// <exception cref="CorpusException">The plan does not divide the speakers of one corpus.</exception>
    public static FoldFile From(SplitPlan plan, Corpus corpus)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(corpus);
        if (!FoldFileCheck.Covers(plan.Protocol))
            throw new CorpusException($"A fold file lists speakers, but the protocol {plan.Protocol} does not divide the speakers of one corpus.");
        return new FoldFile
        {
            Version = CurrentVersion,
            Dataset = corpus.Name,
            Protocol = plan.Protocol,
            Origin = plan.Origin,
            Folds = [.. plan.Folds.Select((fold, i) => new GivenFold(fold.Number ?? i + 1, fold.Split.HeldOutSpeakers, fold.Split.ValidationSpeakers))],
        };
    }
}
