namespace SerPipeline.Splits;

/// <summary>What <see cref="SplitPlanner"/> is to do: a protocol and the settings it reads.</summary>
public sealed record SplitRequest
{
    private static readonly string[] Protocols =
    [
        SplitProtocol.Random, SplitProtocol.Paper, SplitProtocol.KFold, SplitProtocol.SpeakerIndependent, SplitProtocol.SpeakerFolds, SplitProtocol.LeaveOneSpeakerOut,
        SplitProtocol.CrossCorpus,
    ];

    /// <summary>One of the names in <see cref="SplitProtocol"/>.</summary>
    public required string Protocol { get; init; }

    /// <summary>The part to test on: of each label's clips (<c>random</c>) or of the speakers (<c>speaker-independent</c>). Between 0 and 1; 0.2 by default.</summary>
    public double TestFraction { get; init; } = 0.2;

    /// <summary>The folds of <c>kfold</c>, at least 2; 5 by default. <c>speaker-5fold</c> always has five.</summary>
    public int Folds { get; init; } = 5;

    /// <summary>Decides every draw; 42 by default. <c>paper</c> is the one split of seed 42, and published folds do not depend on it.</summary>
    public long Seed { get; init; } = 42;

    /// <summary>The speakers to test on under <c>speaker-independent</c>; empty draws them. Numbers may leave out leading zeros.</summary>
    public IReadOnlyList<string> TestSpeakers { get; init; } = [];

    /// <summary>Folds given by hand, for any speaker protocol within one corpus; its protocol must be <see cref="Protocol"/>.</summary>
    public FoldFile? FoldFile { get; init; }

    /// <summary>The corpora to train on under <c>cross-corpus</c>; empty with <see cref="TestCorpora"/> given: all others; both empty: each corpus in turn.</summary>
    public IReadOnlyList<string> TrainCorpora { get; init; } = [];

    /// <summary>The corpora to test on under <c>cross-corpus</c>; empty: all that do not train.</summary>
    public IReadOnlyList<string> TestCorpora { get; init; } = [];

    /// <summary>Checks the settings, those that do not go together among them.</summary>
    /// <exception cref="OptionsException">Some cannot be used; all are listed.</exception>
    public void Validate()
    {
        bool cross = Protocol == SplitProtocol.CrossCorpus, speakers = !cross && SplitProtocol.KeepsSpeakersApart(Protocol);
        string[] both = [.. TrainCorpora.Intersect(TestCorpora, StringComparer.Ordinal)];
        new OptionsCheck(nameof(SplitRequest))
            .Require(Protocols.Contains(Protocol, StringComparer.Ordinal), Protocol, $"be one of {string.Join(", ", Protocols)}")
            .Require(TestFraction is > 0 and < 1, TestFraction, "be between 0 and 1, both excluded")
            .Require(Folds >= 2, Folds, "be at least 2")
            .Require(TestSpeakers.Count == 0 || Protocol == SplitProtocol.SpeakerIndependent, string.Join(", ", TestSpeakers), $"be empty under {Protocol}: only {SplitProtocol.SpeakerIndependent} holds out named speakers", nameof(TestSpeakers))
            .Require(TestSpeakers.Count == 0 || FoldFile is null, string.Join(", ", TestSpeakers), "be empty where a fold file names the speakers", nameof(TestSpeakers))
            .Require(FoldFile is null || speakers, FoldFile?.Protocol, $"be absent under {Protocol}: it divides speakers of one corpus", nameof(FoldFile))
            .Require(FoldFile is null || !speakers || FoldFile.Protocol == Protocol, FoldFile?.Protocol, $"have the protocol {Protocol}", nameof(FoldFile))
            .Require(cross || TrainCorpora.Count == 0, string.Join(", ", TrainCorpora), $"be empty under {Protocol}", nameof(TrainCorpora))
            .Require(cross || TestCorpora.Count == 0, string.Join(", ", TestCorpora), $"be empty under {Protocol}", nameof(TestCorpora))
            .Require(both.Length == 0, string.Join(", ", both), "not be in both TrainCorpora and TestCorpora", "corpora")
            .ThrowIfAny();
    }
}
