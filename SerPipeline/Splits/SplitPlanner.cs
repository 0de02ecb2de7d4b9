using SerPipeline.Corpora;

namespace SerPipeline.Splits;

/// <summary>A protocol and its settings, for <see cref="SplitPlanner"/>.</summary>
public sealed record SplitRequest
{
    /// <summary>One of the names in <see cref="SplitProtocol"/>.</summary>
    public required string Protocol { get; init; }

    /// <summary>
    /// The part to test on: of each label's clips (<c>random</c>) or of the speakers (<c>speaker-independent</c>). Between 0 and 1; 0.2 by
    /// default.
    /// </summary>
    public double TestFraction { get; init; } = 0.2;

    /// <summary>The folds of <c>kfold</c>, at least 2; 5 by default. <c>speaker-5fold</c> always has five.</summary>
    public int Folds { get; init; } = 5;

    /// <summary>
    /// Decides every draw; 42 by default. <c>paper</c> is the one split of seed 42, and published folds do not depend on it.
    /// </summary>
    public long Seed { get; init; } = 42;

    /// <summary>The speakers to test on under <c>speaker-independent</c>; empty draws them. Numbers may leave out leading zeros.</summary>
    public IReadOnlyList<string> TestSpeakers { get; init; } = [];

    /// <summary>Folds given by hand, for any speaker protocol within one corpus; its protocol must be <see cref="Protocol"/>.</summary>
    public FoldFile? FoldFile { get; init; }

    /// <summary>
    /// The corpora to train on under <c>cross-corpus</c>; empty with <see cref="TestCorpora"/> given: all others; both empty: each corpus
    /// in turn.
    /// </summary>
    public IReadOnlyList<string> TrainCorpora { get; init; } = [];

    /// <summary>The corpora to test on under <c>cross-corpus</c>; empty: all that do not train.</summary>
    public IReadOnlyList<string> TestCorpora { get; init; } = [];

    /// <summary>Checks the settings and their combinations.</summary>
    /// <exception cref="OptionsException">Some cannot be used; all are listed.</exception>
    public void Validate()
    {
        bool cross = Protocol == SplitProtocol.CrossCorpus, speakers = !cross && SplitProtocol.KeepsSpeakersApart(Protocol);
        string[] both = [.. TrainCorpora.Intersect(TestCorpora)];
        string testSpeakers = string.Join(", ", TestSpeakers);
        new OptionsCheck(nameof(SplitRequest))
            .Require(SplitProtocol.All.Any(known => known.Name == Protocol), Protocol,
            $"be one of {string.Join(", ", SplitProtocol.All.Select(known => known.Name))}")
            .Require(TestFraction is > 0 and < 1, TestFraction, "be between 0 and 1, both excluded")
            .Require(Folds >= 2, Folds, "be at least 2")
            .Require(TestSpeakers.Count == 0 || Protocol == SplitProtocol.SpeakerIndependent, testSpeakers,
            $"be empty under {Protocol}: only {SplitProtocol.SpeakerIndependent} holds out named speakers", nameof(TestSpeakers))
            .Require(TestSpeakers.Count == 0 || FoldFile is null, testSpeakers,
            "be empty where a fold file names the speakers", nameof(TestSpeakers))
            .Require(FoldFile is null || speakers, FoldFile?.Protocol,
            $"be absent under {Protocol}: it divides speakers of one corpus", nameof(FoldFile))
            .Require(FoldFile is null || !speakers || FoldFile.Protocol == Protocol, FoldFile?.Protocol,
            $"have the protocol {Protocol}", nameof(FoldFile))
            .Require(cross || TrainCorpora.Count == 0, string.Join(", ", TrainCorpora), $"be empty under {Protocol}", nameof(TrainCorpora))
            .Require(cross || TestCorpora.Count == 0, string.Join(", ", TestCorpora), $"be empty under {Protocol}", nameof(TestCorpora))
            .Require(both.Length == 0, string.Join(", ", both), "not be in both TrainCorpora and TestCorpora", "corpora")
            .ThrowIfAny();
    }
}

/// <summary>One fold of a plan.</summary>
/// <param name="Number">Its number from 1; null where the protocol has a single split.</param>
/// <param name="Split">The parts.</param>
/// <param name="TrainCorpora">Under <c>cross-corpus</c> the corpora that train, such as <c>ravdess</c> or <c>ravdess+tess</c>; else
/// null.</param>
public sealed record PlannedFold(int? Number, Split Split, string? TrainCorpora);

/// <summary>The folds of a protocol over one corpus, checked before any audio is read.</summary>
public sealed record SplitPlan
{
    /// <summary>One of the names in <see cref="SplitProtocol"/>.</summary>
    public required string Protocol { get; init; }

    /// <summary>The folds, at least one.</summary>
    public required IReadOnlyList<PlannedFold> Folds { get; init; }

    /// <summary>Where the folds come from, in words that fit behind "Folds:".</summary>
    public required string Origin { get; init; }

    /// <summary>What a reader of the scores should know, such as a label without a test clip in some fold.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}

/// <summary>Turns a protocol into folds and checks every one before any audio is read.</summary>
public static class SplitPlanner
{
    /// <summary>Plans the folds of a corpus.</summary>
    /// <param name="corpus">The clips; several corpora combined for <c>cross-corpus</c>.</param>
    /// <param name="request">The protocol and its settings.</param>
    /// <exception cref="OptionsException">The settings cannot be used.</exception>
    /// <exception cref="CorpusException">The clips cannot be divided so, a fold leaks, or a label has test clips without a training
    /// clip.</exception>
    public static SplitPlan Create(Corpus corpus, SplitRequest request)
    {
        ArgumentNullException.ThrowIfNull(corpus);
        SplitPlan plan = Create(SplitItems.From(corpus.Clips), [.. corpus.Clips.Select(clip => clip.Corpus)], request, corpus.IsSynthetic);
        return request.FoldFile is { } file && file.Dataset != corpus.Name
            ? plan with
            {
                Warnings = [$"The fold file was made for the data set '{file.Dataset}'; this one is '{corpus.Name}', with the "
            + "same speakers by name.", .. plan.Warnings]
            }
            : plan;
    }

    /// <summary>Plans the folds of clips.</summary>
    /// <param name="items">The clips.</param>
    /// <param name="corpora">The corpus of each clip, in the same order.</param>
    /// <param name="request">The protocol and its settings.</param>
    /// <exception cref="OptionsException">The settings cannot be used.</exception>
    /// <exception cref="CorpusException">The clips cannot be divided so, a fold leaks, or a label has no training clip.</exception>
    public static SplitPlan Create(IReadOnlyList<SplitItem> items, IReadOnlyList<string> corpora, SplitRequest request) =>
        Create(items, corpora, request, synthetic: false);

    private static SplitPlan Create(IReadOnlyList<SplitItem> items, IReadOnlyList<string> corpora, SplitRequest request, bool synthetic)
    {
        ArgumentNullException.ThrowIfNull(items);
        ArgumentNullException.ThrowIfNull(corpora);
        ArgumentNullException.ThrowIfNull(request);
        if (corpora.Count != items.Count)
            throw new ArgumentException($"expected {items.Count} corpus names, one for each clip, got {corpora.Count}", nameof(corpora));
        request.Validate();
        // Cross-corpus folds do not need speakers, but their validation parts do: check before the training.
        if (SplitProtocol.KeepsSpeakersApart(request.Protocol))
            SpeakerNames.RequireOneSpelling(items.Select(item => item.Speaker).OfType<string>(), $"The protocol {request.Protocol}");
        // 1. The folds.
        (IReadOnlyList<PlannedFold> folds, string origin) = Divide(items, corpora, request, synthetic);
        // 2. Leaks and missing labels.
        List<string> warnings = [];
        foreach (PlannedFold fold in folds) warnings.AddRange(Check(items, fold));
        if (request.Protocol == SplitProtocol.Paper && (synthetic || !PaperSplit.HasPaperOrder(items)))
            warnings.Add("These are not the paper's clips, so that the same permutation gives other parts: scores do not compare with the "
                + "paper's.");
        return new SplitPlan { Protocol = request.Protocol, Folds = folds, Origin = origin, Warnings = warnings };
    }

    private static (IReadOnlyList<PlannedFold> Folds, string Origin) Divide(IReadOnlyList<SplitItem> items, IReadOnlyList<string> corpora,
        SplitRequest request, bool synthetic)
    {
        if (request.FoldFile is { } file)
            return (FoldFileCheck.Apply(file, items),
                $"{(file.Path is { } path ? Path.GetFileName(path) : "a fold file")} ({file.Origin})");
        FormattableString seeded = $"seed {request.Seed}";
        string seed = FormattableString.Invariant(seeded);
        switch (request.Protocol)
        {
            case SplitProtocol.Random:
                return (Single(RandomSplit.Create(items, request.TestFraction, request.Seed)), $"clips drawn by {seed} within each label");
            case SplitProtocol.Given:
                Split given = GivenSplit.Create(items);
                return (Single(given), "the corpus's own parts" + (given.Validation.Count > 0 ? ", with the validation part it gives"
                    : given.Test.Any(i => items[i].Part == GivenSplits.Validation) ? ", its validation part as the test part" : ""));
            case SplitProtocol.Paper:
                return (Single(PaperSplit.Create(items)),
                    "numpy's permutation with seed 42, over " + (!synthetic && PaperSplit.HasPaperOrder(items)
                    ? "the paper's own order of RAVDESS speech"
                    : "this corpus's own order of clips, which is not the paper's: the same permutation, other parts"));
            case SplitProtocol.KFold:
                return (Numbered(KFoldSplit.Create(items, request.Folds, request.Seed)),
                    $"clips assigned by {seed}, each label to all folds");
            case SplitProtocol.SpeakerIndependent when request.TestSpeakers.Count > 0:
                return (Single(SpeakerSplit.HoldOut(items, request.TestSpeakers)), "speakers named for the test part");
            case SplitProtocol.SpeakerIndependent:
                return (Single(SpeakerSplit.Create(items, request.TestFraction, request.Seed)),
                    $"speakers drawn by {seed}, evenly from each sex where it is known");
            case SplitProtocol.SpeakerFolds:
                (IReadOnlyList<Split> speakerFolds, string origin) = SpeakerFolds.Create(items, request.Seed, synthetic);
                return (Numbered(speakerFolds), origin);
            case SplitProtocol.LeaveOneSpeakerOut:
                return (Numbered(SpeakerSplit.LeaveOneOut(items)), "each speaker in turn");
            default:
                IReadOnlyList<PlannedFold> cross = CrossCorpusSplit.Create(items, corpora, request);
                return (cross, cross.Count > 1 ? "each corpus in turn trains, all others test"
                    : $"{cross[0].TrainCorpora} trains, {string.Join('+', cross[0].Split.Test.Select(i => corpora[i]).Distinct())} tests");
        }
    }

    private static PlannedFold[] Single(Split split) => [new PlannedFold(null, split, null)];

    private static PlannedFold[] Numbered(IReadOnlyList<Split> splits) =>
        [.. splits.Select((split, i) => new PlannedFold(i + 1, split, null))];

    private static IEnumerable<string> Check(IReadOnlyList<SplitItem> items, PlannedFold fold)
    {
        SplitReport report = SplitCheck.Verify(items, fold.Split);
        string where = fold.Number is { } number ? FormattableString.Invariant($"fold {number} of {fold.Split.Protocol}")
            : $"the {fold.Split.Protocol} split";
        if (fold.Split.HeldOutSpeakers.Count is > 0 and <= 8) where += $" (test speakers {string.Join(", ", fold.Split.HeldOutSpeakers)})";
        if (report.LabelsOnlyInTest.Count > 0)
            throw new CorpusException($"In {where} these labels have test clips but no training clip, so that they could not be learned: "
                + $"{string.Join(", ", report.LabelsOnlyInTest)}. Use another seed or other folds, or leave the labels out.");
        if (report.LabelsOnlyInTraining.Count > 0)
            yield return $"In {where} no test clip has the label {string.Join(", ", report.LabelsOnlyInTraining)}: its scores say nothing "
                + "about it.";
    }
}
