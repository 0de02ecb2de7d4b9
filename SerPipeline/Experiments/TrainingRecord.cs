using SerPipeline.Prediction;
using SerPipeline.Splits;
using SerPipeline.Trainers;

namespace SerPipeline.Experiments;

/// <summary>What a model's notes keep of its training, so that a later evaluation can tell which clips the model has heard.</summary>
public sealed record TrainingRecord
{
    // Sixteen hexadecimal digits, 64 bits: among a million clips, a chance of 3e-8 that any two share them.
    private const int HashDigits = 16;
    private const string HashesOfTraining = "training.audio", HashesOfTest = "test.audio", CopiesInTest = "test.copies",
        SettingsGiven = "training.settings", OptionsOfTrainer = "trainer.options";

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The data set's name.</summary>
    public required string Dataset { get; init; }

    /// <summary>Whether its clips were made by a program.</summary>
    public required bool Synthetic { get; init; }

    /// <summary>Its licence, or null.</summary>
    public string? Licence { get; init; }

    /// <summary>The trainer's name.</summary>
    public required string Trainer { get; init; }

    /// <summary>How training and test were parted.</summary>
    public required string Protocol { get; init; }

    /// <summary>The seed.</summary>
    public required int Seed { get; init; }

    /// <summary>The fold's number, or null when there was one split only.</summary>
    public int? Fold { get; init; }

    /// <summary>Whether it was trained on all clips after the folds, so that it has no test clips and its scores are the folds'.</summary>
    public bool IsFinal { get; init; }

    /// <summary>The folds of a speaker protocol, as folds.json holds them, or null. It is no note but an attachment.</summary>
    public string? FoldFile { get; init; }

    /// <summary>The people of the training and validation part, see <see cref="People"/>; null when not every clip's is known, so that
    /// nobody can tell who was heard.</summary>
    public required IReadOnlyList<string>? TrainingPeople { get; init; }

    /// <summary>The data's fingerprint.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>
    /// The settings of <c>ser train</c> that were given, by their names in configuration, so that the training can be asked for again.
    /// Paths of the machine are none of them. Null in models saved before they were kept.
    /// </summary>
    public IReadOnlyDictionary<string, string>? Settings { get; init; }

    /// <summary>The trainer's options as JSON, its name among them as <c>name</c>; null where they were not kept.</summary>
    public JsonElement? TrainerOptions { get; init; }

    /// <summary>When the training ended.</summary>
    public required DateTimeOffset Trained { get; init; }

    /// <summary>Short hashes of the decoded audio of the clips the weights or the epoch were chosen on.</summary>
    public required IReadOnlySet<string> TrainingClips { get; init; }

    /// <summary>Short hashes of the decoded audio of the clips kept for the test.</summary>
    public required IReadOnlySet<string> TestClips { get; init; }

    /// <summary>The relative paths of test clips whose audio is in training as well: their audio alone does not tell on which side they
    /// were.</summary>
    public required IReadOnlySet<string> TestCopies { get; init; }

    /// <summary>A clip's hash as the record keeps it.</summary>
    internal static string ShortHash(string hash) => hash[..HashDigits];

    /// <summary>The short hashes of some clips.</summary>
    internal static IReadOnlySet<string> ShortHashes(IEnumerable<int> positions, IReadOnlyList<string?> hashes) =>
        positions.Select(i => hashes[i]).OfType<string>().Select(ShortHash).ToHashSet(StringComparer.Ordinal);

    /// <summary>The relative paths of a split's test clips whose audio is in training as well.</summary>
    internal static IReadOnlySet<string> Copies(CorpusData data, Split split)
    {
        var heard = split.Train.Select(i => data.Hashes[i]).OfType<string>().ToHashSet(StringComparer.Ordinal);
        return split.Test.Where(i => data.Hashes[i] is { } hash && heard.Contains(hash)).Select(i => data.Corpus.Clips[i].RelativePath)
            .ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>The record as a model's notes.</summary>
    internal IReadOnlyDictionary<string, string> ToNotes()
    {
        var notes = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["dataset"] = Dataset,
            ["synthetic"] = Synthetic ? "true" : "false",
            ["trainer"] = Trainer,
            ["protocol"] = Protocol,
            ["seed"] = Seed.ToString(CultureInfo.InvariantCulture),
            ["training.people"] = JsonSerializer.Serialize(TrainingPeople),
            ["data.sha256"] = Fingerprint,
            ["trained"] = Trained.ToString("O", CultureInfo.InvariantCulture),
            [HashesOfTraining] = string.Concat(TrainingClips.Order(StringComparer.Ordinal)),
            [HashesOfTest] = string.Concat(TestClips.Order(StringComparer.Ordinal)),
            [CopiesInTest] = JsonSerializer.Serialize(TestCopies.Order(StringComparer.Ordinal)),
        };
        if (Settings is not null) notes[SettingsGiven] = JsonSerializer.Serialize(Settings);
        if (TrainerOptions is { } options) notes[OptionsOfTrainer] = options.GetRawText();
        if (Licence is not null) notes["licence"] = Licence;
        if (Fold is { } fold) notes["fold"] = fold.ToString(CultureInfo.InvariantCulture);
        if (IsFinal) notes["final"] = "true";
        return notes;
    }

    /// <summary>Reads what a model keeps of its training; null when it keeps nothing.</summary>
    /// <param name="model">The model.</param>
    /// <param name="name">The model's file, for messages.</param>
    /// <exception cref="ModelFormatException">It is damaged.</exception>
    public static TrainingRecord? From(ModelRecord model, string name) => From(model.Notes, model.Attachments, name);

    /// <summary>Reads what a model keeps of its training; null when it keeps nothing.</summary>
    /// <param name="notes">The model's notes.</param>
    /// <param name="attachments">Its attachments.</param>
    /// <param name="name">The model's file, for messages.</param>
    /// <exception cref="ModelFormatException">It is damaged.</exception>
    public static TrainingRecord? From(IReadOnlyDictionary<string, string> notes, IReadOnlyDictionary<string,
        ReadOnlyMemory<byte>> attachments, string name)
    {
        if (!notes.ContainsKey(HashesOfTraining)) return null;
        try
        {
            return new TrainingRecord
            {
                Dataset = Text("dataset"),
                Synthetic = bool.Parse(Text("synthetic")),
                Licence = notes.GetValueOrDefault("licence"),
                Trainer = Text("trainer"),
                Protocol = Text("protocol"),
                Seed = int.Parse(Text("seed"), CultureInfo.InvariantCulture),
                Fold = notes.TryGetValue("fold", out string? fold) ? int.Parse(fold, CultureInfo.InvariantCulture) : null,
                IsFinal = notes.ContainsKey("final"),
                FoldFile = FoldsOf(),
                TrainingPeople = PeopleOf(),
                Fingerprint = Text("data.sha256"),
                Settings = SettingsOf(),
                TrainerOptions = notes.TryGetValue(OptionsOfTrainer, out string? trainer) ? JsonDocument.Parse(trainer ?? "").RootElement
                    : null,
                Trained = DateTimeOffset.Parse(Text("trained"), CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind),
                TrainingClips = Divide(Text(HashesOfTraining)),
                TestClips = Divide(Text(HashesOfTest)),
                TestCopies = (Names(CopiesInTest) ?? []).ToHashSet(StringComparer.Ordinal),
            };
        }
        catch (Exception e)
            when (e is KeyNotFoundException or FormatException or JsonException or OverflowException or DecoderFallbackException)
        {
            throw new ModelFormatException($"The notes of '{name}' tell of its training but cannot be read: {e.Message}", e);
        }

        // Models saved before there were attachments have the fold file as a note.
        string? FoldsOf() => attachments.TryGetValue(Splits.FoldFile.FileName, out ReadOnlyMemory<byte> folds)
            ? StrictUtf8.GetString(folds.Span) : notes.GetValueOrDefault("folds");
        // Models saved before corpora could be combined name the speakers of their one data set.
        string[]? PeopleOf()
        {
            if (!notes.ContainsKey("training.people"))
                return Names("training.speakers")?.Select(name => People.Join(Text("dataset"), name)).ToArray();
            string[]? people = Names("training.people");
            return people is null || people.All(People.IsName) ? people
                : throw new FormatException("'training.people' lists a name without the group of its speaker.");
        }
        Dictionary<string, string>? SettingsOf()
        {
            if (!notes.ContainsKey(SettingsGiven)) return null;
            Dictionary<string, string>? settings = JsonSerializer.Deserialize<Dictionary<string, string>>(Text(SettingsGiven));
            return settings is null || !settings.ContainsValue(null!) ? settings
                : throw new FormatException($"'{SettingsGiven}' has a setting that is null.");
        }

        // A damaged file may hold JSON's null where the type promises text.
        string Text(string key) => notes[key] is { } text ? text : throw new FormatException($"'{key}' is null.");
        string[]? Names(string key)
        {
            string[]? names = JsonSerializer.Deserialize<string[]>(Text(key));
            return names is null || !names.Contains(null) ? names : throw new FormatException($"'{key}' lists a name that is null.");
        }
    }

    private static HashSet<string> Divide(string hashes)
    {
        if (hashes.Length % HashDigits != 0)
            throw new FormatException($"a list of clip hashes has {hashes.Length} digits, no multiple of {HashDigits}.");
        return [.. Enumerable.Range(0, hashes.Length / HashDigits).Select(i => hashes.Substring(i * HashDigits, HashDigits))];
    }
}

/// <summary>How a model's training went, as a file in its zip.</summary>
internal static class HistoryFile
{
    public const string FileName = "history.json";

    // An epoch's validation loss may be infinite without the training having failed.
    private static readonly JsonSerializerOptions Json = new()
    {
        NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals,
        RespectNullableAnnotations = true,
    };

    public static byte[] ToBytes(TrainingHistory history) => JsonSerializer.SerializeToUtf8Bytes(history, Json);

    /// <exception cref="ModelFormatException">The file cannot be read.</exception>
    public static TrainingHistory? Find(IReadOnlyDictionary<string, ReadOnlyMemory<byte>> attachments, string name)
    {
        if (!attachments.TryGetValue(FileName, out ReadOnlyMemory<byte> content)) return null;
        try
        {
            return JsonSerializer.Deserialize<TrainingHistory>(content.Span, Json);
        }
        catch (JsonException e)
        {
            throw new ModelFormatException($"'{name}' has a {FileName} that cannot be read: {e.Message}", e);
        }
    }
}
