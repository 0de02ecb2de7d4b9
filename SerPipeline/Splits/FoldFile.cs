using System.Text.Encodings.Web;
using System.Text.Json.Serialization;
using SerPipeline.Corpora;

namespace SerPipeline.Splits;

/// <summary>One fold of a <see cref="FoldFile"/>.</summary>
/// <param name="Fold">Its number, from 1.</param>
/// <param name="Test">The speakers to test on.</param>
/// <param name="Validation">The speakers to validate on; empty: a trainer that holds a part out draws them from the rest.</param>
public sealed record FoldSpeakers(int Fold, IReadOnlyList<string> Test, IReadOnlyList<string> Validation);

/// <summary>
/// Speaker folds as a JSON file, so that others can use the same: <c>{ "version": 1, "dataset": "...", "protocol": "speaker-5fold",
/// "origin": "...", "folds": [ { "fold": 1, "test": ["02"], "validation": [] } ] }</c>.
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
    public required IReadOnlyList<FoldSpeakers> Folds { get; init; }

    /// <summary>The file the folds were read from, for messages; null when they were not read.</summary>
    [JsonIgnore]
    public string? Path { get; init; }

    /// <summary>Reads a file and checks what can be checked without the corpus.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="CorpusException">The file is absent, no fold file, of another version, or its folds contradict
    /// themselves.</exception>
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
            throw new CorpusException($"Expected a fold file, {{ \"version\": 1, \"dataset\", \"protocol\", \"origin\", \"folds\": [ {{ "
                + $"\"fold\": 1, \"test\": [\"02\"], \"validation\": [] }} ] }}, at {source}; found something else: {e.Message}", e);
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
            throw new CorpusException($"A fold file lists speakers, but the protocol {plan.Protocol} does not divide the speakers of one "
                + "corpus.");
        return new FoldFile
        {
            Version = CurrentVersion,
            Dataset = corpus.Name,
            Protocol = plan.Protocol,
            Origin = plan.Origin,
            Folds = [.. plan.Folds.Select((fold, i) => new FoldSpeakers(fold.Number ?? i + 1, fold.Split.HeldOutSpeakers,
                fold.Split.ValidationSpeakers))],
        };
    }
}

/// <summary>Checks a fold file by itself and against clips, and divides them.</summary>
internal static class FoldFileCheck
{
    /// <summary>Whether a protocol divides the speakers of one corpus.</summary>
    public static bool Covers(string protocol) => protocol != SplitProtocol.CrossCorpus && SplitProtocol.KeepsSpeakersApart(protocol);

    /// <summary>Checks a file by itself.</summary>
    /// <exception cref="CorpusException">Something contradicts itself; all problems are listed.</exception>
    public static void Require(FoldFile file)
    {
        List<string> problems = [];
        if (file.Version != FoldFile.CurrentVersion)
            problems.Add($"its version is {file.Version}; this library reads {FoldFile.CurrentVersion}");
        if (!Covers(file.Protocol))
            problems.Add($"its protocol is '{file.Protocol}'; expected {SplitProtocol.SpeakerIndependent}, {SplitProtocol.SpeakerFolds} or "
                + $"{SplitProtocol.LeaveOneSpeakerOut}");
        if (file.Folds.Count == 0) problems.Add("it has no folds");
        // A score is compared by its protocol's name, so the name must say what was done.
        if (file.Protocol == SplitProtocol.SpeakerFolds && file.Folds.Count != SpeakerFolds.Count)
            problems.Add($"it has {Format.Count(file.Folds.Count, "fold")}, but {file.Protocol} has {SpeakerFolds.Count}; other numbers "
                + $"go under {SplitProtocol.SpeakerIndependent}");
        if (file.Folds.Select(fold => fold.Fold).Distinct().Count() != file.Folds.Count || file.Folds.Any(fold => fold.Fold < 1))
            problems.Add("fold numbers must be 1 or more and differ");
        foreach (FoldSpeakers fold in file.Folds)
        {
            if (fold.Test.Count == 0) problems.Add($"fold {fold.Fold} tests nobody");
            if (fold.Test.Concat(fold.Validation).Any(string.IsNullOrWhiteSpace)) problems.Add($"fold {fold.Fold} names an empty speaker");
            foreach (string twice in Repeated(fold.Test).Concat(Repeated(fold.Validation)).Distinct())
                problems.Add($"fold {fold.Fold} lists twice: {twice}");
            if (fold.Test.Intersect(fold.Validation).ToArray() is { Length: > 0 } both)
                problems.Add($"fold {fold.Fold} tests and validates on: {string.Join(", ", both)}");
            if (file.Protocol == SplitProtocol.LeaveOneSpeakerOut && fold.Test.Count > 1)
                problems.Add($"fold {fold.Fold} tests {fold.Test.Count} speakers; {file.Protocol} tests one");
        }
        problems.AddRange(Overlaps(file.Folds));
        ThrowIfAny(file, problems);
    }

    /// <summary>Divides the clips.</summary>
    /// <exception cref="CorpusException">The file's speakers are not those of the clips; all problems are listed.</exception>
    public static IReadOnlyList<PlannedFold> Apply(FoldFile file, IReadOnlyList<SplitItem> items)
    {
        Require(file);
        string[] speakers = SplitItems.RequireSpeakers(items, SplitItems.All(items), $"The fold file {file.Path ?? FoldFile.FileName}");
        List<string> problems = [];
        string[] unknown = [.. file.Folds.SelectMany(fold => fold.Test.Concat(fold.Validation)).Distinct()
            .Where(name => SpeakerSplit.Resolve(name.Trim(), speakers) is null)];
        if (unknown.Length > 0) problems.Add($"unknown speakers: {string.Join(", ", unknown)}; the speakers are "
            + $"{string.Join(", ", speakers)}");
        // The names as the clips write them: 2 and 02 may be one speaker.
        FoldSpeakers[] folds = [.. file.Folds.Select(fold => fold with { Test = Resolve(fold.Test, speakers),
            Validation = Resolve(fold.Validation, speakers) })];
        ThrowIfAny(file, problems);
        Require(file with { Folds = folds });
        string[] untested = [.. speakers.Except(folds.SelectMany(fold => fold.Test))];
        if ((folds.Length > 1 || file.Protocol != SplitProtocol.SpeakerIndependent) && untested.Length > 0)
            problems.Add($"speakers in no fold: {string.Join(", ", untested)}; " + (file.Protocol == SplitProtocol.SpeakerIndependent
                ? "several folds test everybody once"
                : $"{file.Protocol} tests everybody once, a part of them goes under {SplitProtocol.SpeakerIndependent}"));
        foreach (FoldSpeakers fold in folds)
        {
            if (fold.Test.Count == speakers.Length) problems.Add($"fold {fold.Fold} tests everybody, which leaves nobody to train on");
            else if (fold.Test.Count + fold.Validation.Count == speakers.Length)
                problems.Add($"fold {fold.Fold} tests or validates on everybody, which leaves nobody to train on");
        }
        ThrowIfAny(file, problems);
        return [.. folds.Select(fold => new PlannedFold(folds.Length > 1 ? fold.Fold : null,
            SpeakerSplit.Divide(items, [.. fold.Test], file.Protocol) with { ValidationSpeakers = fold.Validation }, null))];
    }

    private static string[] Resolve(IReadOnlyList<string> names, string[] speakers) =>
        [.. names.Select(name => SpeakerSplit.Resolve(name.Trim(), speakers)).OfType<string>().Order(StringComparer.Ordinal)];

    private static string[] Repeated(IReadOnlyList<string> names) =>
        [.. names.CountBy(name => name ?? "").Where(pair => pair.Value > 1).Select(pair => pair.Key)];

    private static IEnumerable<string> Overlaps(IReadOnlyList<FoldSpeakers> folds)
    {
        for (int a = 0; a < folds.Count; a++)
            for (int b = a + 1; b < folds.Count; b++)
                if (folds[a].Test.Intersect(folds[b].Test).ToArray() is { Length: > 0 } shared)
                    yield return $"folds {folds[a].Fold} and {folds[b].Fold} overlap: both test {string.Join(", ", shared)}";
    }

    private static void ThrowIfAny(FoldFile file, List<string> problems)
    {
        if (problems.Count > 0)
            throw new CorpusException($"The fold file {file.Path ?? FoldFile.FileName} cannot be "
                + $"used:{Environment.NewLine}{string.Join(Environment.NewLine, problems)}");
    }
}
