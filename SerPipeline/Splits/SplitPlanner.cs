using SerPipeline.Corpora;

namespace SerPipeline.Splits;

/// <summary>Turns a protocol into folds and checks every one; no audio is read, so that what cannot work is known at once.</summary>
public static class SplitPlanner
{
    /// <summary>Plans the folds of a corpus.</summary>
    /// <param name="corpus">The clips; several corpora combined for <c>cross-corpus</c>.</param>
    /// <param name="request">The protocol and its settings.</param>
    /// <exception cref="OptionsException">The settings cannot be used.</exception>
    /// <exception cref="CorpusException">The clips cannot be divided so, a fold leaks, or a label has test clips without a training clip.</exception>
    public static SplitPlan Create(Corpus corpus, SplitRequest request)
    {
        ArgumentNullException.ThrowIfNull(corpus);
        SplitPlan plan = Create(SplitItems.From(corpus.Clips), [.. corpus.Clips.Select(clip => clip.Corpus)], request, corpus.IsSynthetic);
        return request.FoldFile is { } file && file.Dataset != corpus.Name
            ? plan with { Warnings = [$"The fold file was made for the data set '{file.Dataset}'; this one is '{corpus.Name}', with the same speakers by name.", .. plan.Warnings] }
            : plan;
    }

    /// <summary>Plans the folds of clips.</summary>
    /// <param name="items">The clips.</param>
    /// <param name="corpora">The corpus of each clip, in the same order.</param>
    /// <param name="request">The protocol and its settings.</param>
    /// <exception cref="OptionsException">As above.</exception>
    /// <exception cref="CorpusException">As above.</exception>
    public static SplitPlan Create(IReadOnlyList<SplitItem> items, IReadOnlyList<string> corpora, SplitRequest request) => Create(items, corpora, request, synthetic: false);

    private static SplitPlan Create(IReadOnlyList<SplitItem> items, IReadOnlyList<string> corpora, SplitRequest request, bool synthetic)
    {
        ArgumentNullException.ThrowIfNull(items);
        ArgumentNullException.ThrowIfNull(corpora);
        ArgumentNullException.ThrowIfNull(request);
        if (corpora.Count != items.Count) throw new ArgumentException($"expected {items.Count} corpus names, one for each clip, got {corpora.Count}", nameof(corpora));
        request.Validate();
        // The folds across corpora ask for no speakers, but their validation parts do, and hours later.
        if (SplitProtocol.KeepsSpeakersApart(request.Protocol)) SpeakerNames.RequireOneSpelling(items.Select(item => item.Speaker).OfType<string>(), $"The protocol {request.Protocol}");
        // 1. The folds.
        (IReadOnlyList<PlannedFold> folds, string origin) = Divide(items, corpora, request, synthetic);
        // 2. What they must not share, and what they must have.
        List<string> warnings = [];
        foreach (PlannedFold fold in folds) warnings.AddRange(Check(items, fold));
        if (request.Protocol == SplitProtocol.Paper && (synthetic || !PaperSplit.HasPaperOrder(items)))
            warnings.Add("These are not the clips that the paper divided, so its draw is repeated and not its parts: scores do not compare with the paper's.");
        return new SplitPlan { Protocol = request.Protocol, Folds = folds, Origin = origin, Warnings = warnings };
    }

    private static (IReadOnlyList<PlannedFold> Folds, string Origin) Divide(IReadOnlyList<SplitItem> items, IReadOnlyList<string> corpora, SplitRequest request, bool synthetic)
    {
        if (request.FoldFile is { } file)
            return (FoldFileCheck.Apply(file, items), $"{(file.Path is { } path ? Path.GetFileName(path) : "a fold file")} ({file.Origin})");
        FormattableString seeded = $"seed {request.Seed}";
        string seed = FormattableString.Invariant(seeded);
        switch (request.Protocol)
        {
            case SplitProtocol.Random:
                return (Single(RandomSplit.Create(items, request.TestFraction, request.Seed)), $"clips drawn by {seed} within each label");
            case SplitProtocol.Paper:
                return (Single(PaperSplit.Create(items)), "numpy's permutation with seed 42, over " + (!synthetic && PaperSplit.HasPaperOrder(items)
                    ? "the paper's own order of RAVDESS speech" : "this corpus's own order of clips, which is not the paper's: its draw is repeated, not its parts"));
            case SplitProtocol.KFold:
                return (Numbered(KFoldSplit.Create(items, request.Folds, request.Seed)), $"clips dealt by {seed}, each label to all folds");
            case SplitProtocol.SpeakerIndependent when request.TestSpeakers.Count > 0:
                return (Single(SpeakerSplit.HoldOut(items, request.TestSpeakers)), "speakers named for the test part");
            case SplitProtocol.SpeakerIndependent:
                return (Single(SpeakerSplit.Create(items, request.TestFraction, request.Seed)), $"speakers drawn by {seed}, evenly from each sex where it is known");
            case SplitProtocol.SpeakerFolds:
                (IReadOnlyList<Split> speakerFolds, string origin) = SpeakerFolds.Create(items, request.Seed, synthetic);
                return (Numbered(speakerFolds), origin);
            case SplitProtocol.LeaveOneSpeakerOut:
                return (Numbered(SpeakerSplit.LeaveOneOut(items)), "each speaker in turn");
            default:
                IReadOnlyList<PlannedFold> cross = CrossCorpusSplit.Create(items, corpora, request);
                return (cross, cross.Count > 1 ? "each corpus in turn trains, all others test" : $"{cross[0].TrainCorpora} trains, "
                    + $"{string.Join('+', cross[0].Split.Test.Select(i => corpora[i]).Distinct(StringComparer.Ordinal))} tests");
        }
    }

    private static PlannedFold[] Single(Split split) => [new PlannedFold(null, split, null)];

    private static PlannedFold[] Numbered(IReadOnlyList<Split> splits) => [.. splits.Select((split, i) => new PlannedFold(i + 1, split, null))];

    private static IEnumerable<string> Check(IReadOnlyList<SplitItem> items, PlannedFold fold)
    {
        SplitReport report = SplitCheck.Verify(items, fold.Split);
        string where = fold.Number is { } number ? FormattableString.Invariant($"fold {number} of {fold.Split.Protocol}") : $"the {fold.Split.Protocol} split";
        if (fold.Split.HeldOutSpeakers.Count is > 0 and <= 8) where += $" (test speakers {string.Join(", ", fold.Split.HeldOutSpeakers)})";
        if (report.LabelsOnlyInTest.Count > 0)
            throw new CorpusException($"In {where} these labels have test clips but no training clip, so that they could not be learned: {string.Join(", ", report.LabelsOnlyInTest)}. "
                + "Use another seed or other folds, or leave the labels out.");
        if (report.LabelsOnlyInTraining.Count > 0) yield return $"In {where} no test clip has the label {string.Join(", ", report.LabelsOnlyInTraining)}: its scores say nothing about it.";
    }
}
