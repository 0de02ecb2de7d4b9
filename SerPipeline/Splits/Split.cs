using SerPipeline.Audio;

namespace SerPipeline.Splits;

/// <summary>The protocols that scores are reported under.</summary>
public static class SplitProtocol
{
    /// <summary>Clips drawn at random within each label: speakers are in training and test alike.</summary>
    public const string Random = "random";

    /// <summary>
    /// The paper's split: the first fifth of numpy's permutation of the clips with seed 42. Speakers and takes are on both sides.
    /// </summary>
    public const string Paper = "paper";

    /// <summary>Clips assigned to folds at random within each label: speakers are in training and test alike.</summary>
    public const string KFold = "kfold";

    /// <summary>No speaker is in training and test.</summary>
    public const string SpeakerIndependent = "speaker-independent";

    /// <summary>Speakers assigned to five folds; each fold is the test part once.</summary>
    public const string SpeakerFolds = "speaker-5fold";

    /// <summary>Each speaker in turn is the test part.</summary>
    public const string LeaveOneSpeakerOut = "leave-one-speaker-out";

    /// <summary>Trained on some corpora, tested on others.</summary>
    public const string CrossCorpus = "cross-corpus";

    /// <summary>The corpus's own parts: folders named train and test, or a column of its manifest.</summary>
    public const string Given = "given";

    // Each name, and its shorter one on the command line and in the names of folders.
    internal static readonly (string Short, string Name)[] All =
    [
        ("random", Random), ("paper", Paper), ("kfold", KFold), ("speaker", SpeakerIndependent), ("speaker-5fold", SpeakerFolds),
        ("loso", LeaveOneSpeakerOut), ("cross", CrossCorpus), ("given", Given),
    ];

    // Those that keep the speakers of one corpus apart, the strictest first.
    internal static readonly string[] Strictest = [LeaveOneSpeakerOut, SpeakerFolds, SpeakerIndependent];

    /// <summary>Whether a protocol promises that training and test share no speaker.</summary>
    /// <param name="protocol">One of the names above.</param>
    public static bool KeepsSpeakersApart(string protocol) =>
        Divide(protocol).Protocol is SpeakerIndependent or SpeakerFolds or LeaveOneSpeakerOut or CrossCorpus;

    /// <summary>
    /// The name of a protocol under which the test clips sound otherwise than they were recorded, such as <c>random@telephone</c>, or under
    /// which the model has heard clips of each test speaker before, without their emotions, such as
    /// <c>speaker-5fold+10</c>; those clips are not scored with what was learned from them. Both: <c>speaker-5fold+10@telephone</c>.
    /// </summary>
    /// <param name="protocol">One of the names above; with clips heard before one of those that keep speakers apart.</param>
    /// <param name="clips">How many clips of each speaker; 0 for none.</param>
    /// <param name="condition">How the test clips, and those heard before, sound.</param>
    public static string NameOf(string protocol, int clips, RecordingCondition condition = RecordingCondition.AsRecorded) =>
        FormattableString.Invariant($"{protocol}{(clips == 0 ? "" : $"+{clips}")}")
            + (condition == default ? "" : $"@{condition.ToString().ToLowerInvariant()}");

    /// <summary>A protocol's name alone, how many clips are heard of each test speaker before, and how the test clips sound.</summary>
    /// <param name="protocol">A name as <see cref="NameOf"/> gives it, or a plain one.</param>
    public static (string Protocol, int Clips, RecordingCondition Condition) Divide(string protocol)
    {
        ArgumentNullException.ThrowIfNull(protocol);
        RecordingCondition condition = Enum.GetValues<RecordingCondition>().FirstOrDefault(condition => condition != default
            && protocol.EndsWith(NameOf("", 0, condition), StringComparison.Ordinal));
        string plain = protocol[..^NameOf("", 0, condition).Length];
        int at = plain.LastIndexOf('+');
        return at > 0 && int.TryParse(plain.AsSpan(at + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int clips) && clips > 0
            ? (plain[..at], clips, condition) : (plain, 0, condition);
    }
}

/// <summary>What a split needs to know of one clip.</summary>
/// <param name="Label">The label.</param>
/// <param name="Speaker">Who speaks; null when unknown.</param>
/// <param name="Sex">The speaker's sex; null when unknown.</param>
/// <param name="Key">The clip's stable name, such as its relative path. With a key on every item the split depends on the set of items
/// alone, not on their order; otherwise the position is the name.</param>
/// <param name="ContentHash">A hash of the decoded audio, if one is known: lets <see cref="SplitCheck"/> find copies under another
/// name.</param>
/// <param name="Part"><c>train</c>, <c>validation</c> or <c>test</c> where the corpus says so, for <c>given</c>; null when it does
/// not.</param>
public readonly record struct SplitItem(string Label, string? Speaker = null, string? Sex = null, string? Key = null,
    string? ContentHash = null, string? Part = null);

/// <summary>Which items train and which test: no item is in both, and across corpora some may be in neither.</summary>
public sealed record Split
{
    /// <summary>Positions of the training items, ascending.</summary>
    public required IReadOnlyList<int> Train { get; init; }

    /// <summary>Positions of the test items, ascending.</summary>
    public required IReadOnlyList<int> Test { get; init; }

    /// <summary>Positions among the training items that the corpus gives to validate on, ascending; empty: they are drawn.</summary>
    public IReadOnlyList<int> Validation { get; init; } = [];

    /// <summary>One of the names in <see cref="SplitProtocol"/>.</summary>
    public required string Protocol { get; init; }

    /// <summary>The speakers of the test part under a speaker protocol, in ordinal order; else empty.</summary>
    public IReadOnlyList<string> HeldOutSpeakers { get; init; } = [];

    /// <summary>
    /// The training speakers to validate on, in ordinal order, where a fold file names them; empty: <see cref="ValidationSplits"/> draws
    /// them where a part is held out.
    /// </summary>
    public IReadOnlyList<string> ValidationSpeakers { get; init; } = [];
}

/// <summary>The training part divided again: what is learned from, and what epochs and settings are chosen by.</summary>
public sealed record ValidationSplit
{
    /// <summary>Positions of the items to learn from, ascending.</summary>
    public required IReadOnlyList<int> Train { get; init; }

    /// <summary>Positions of the items to choose by, ascending.</summary>
    public required IReadOnlyList<int> Validation { get; init; }

    /// <summary>The speakers of the validation part under a speaker protocol, in ordinal order; else empty.</summary>
    public IReadOnlyList<string> ValidationSpeakers { get; init; } = [];
}
