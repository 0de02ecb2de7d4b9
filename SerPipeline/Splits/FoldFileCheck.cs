namespace SerPipeline.Splits;

/// <summary>What a fold file must hold, by itself and against the clips it is to divide.</summary>
internal static class FoldFileCheck
{
    /// <summary>Whether a protocol divides the speakers of one corpus.</summary>
    public static bool Covers(string protocol) => protocol != SplitProtocol.CrossCorpus && SplitProtocol.KeepsSpeakersApart(protocol);

    /// <summary>Checks a file by itself.</summary>
    /// <exception cref="CorpusException">Something contradicts itself; all problems are listed.</exception>
    public static void Require(FoldFile file)
    {
        List<string> problems = [];
        if (file.Version != FoldFile.CurrentVersion) problems.Add($"its version is {file.Version}; this library reads {FoldFile.CurrentVersion}");
        if (!Covers(file.Protocol))
            problems.Add($"its protocol is '{file.Protocol}'; expected {SplitProtocol.SpeakerIndependent}, {SplitProtocol.SpeakerFolds} or {SplitProtocol.LeaveOneSpeakerOut}");
        if (file.Folds.Count == 0) problems.Add("it has no folds");
        // A score is compared by its protocol's name, so the name must say what was done.
        if (file.Protocol == SplitProtocol.SpeakerFolds && file.Folds.Count != SpeakerFolds.Count)
            problems.Add($"it has {file.Folds.Count} folds, but {file.Protocol} has {SpeakerFolds.Count}; other numbers go under {SplitProtocol.SpeakerIndependent}");
        if (file.Folds.Select(fold => fold.Fold).Distinct().Count() != file.Folds.Count || file.Folds.Any(fold => fold.Fold < 1)) problems.Add("fold numbers must be 1 or more and differ");
        foreach (GivenFold fold in file.Folds)
        {
            if (fold.Test.Count == 0) problems.Add($"fold {fold.Fold} tests nobody");
            if (fold.Test.Concat(fold.Validation).Any(string.IsNullOrWhiteSpace)) problems.Add($"fold {fold.Fold} names an empty speaker");
            foreach (string twice in Repeated(fold.Test).Concat(Repeated(fold.Validation)).Distinct(StringComparer.Ordinal)) problems.Add($"fold {fold.Fold} lists twice: {twice}");
            if (fold.Test.Intersect(fold.Validation, StringComparer.Ordinal).ToArray() is { Length: > 0 } both)
                problems.Add($"fold {fold.Fold} tests and validates on: {string.Join(", ", both)}");
            if (file.Protocol == SplitProtocol.LeaveOneSpeakerOut && fold.Test.Count > 1) problems.Add($"fold {fold.Fold} tests {fold.Test.Count} speakers; {file.Protocol} tests one");
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
        string[] unknown = [.. file.Folds.SelectMany(fold => fold.Test.Concat(fold.Validation)).Distinct(StringComparer.Ordinal).Where(name => SpeakerSplit.Resolve(name.Trim(), speakers) is null)];
        if (unknown.Length > 0) problems.Add($"unknown speakers: {string.Join(", ", unknown)}; the speakers are {string.Join(", ", speakers)}");
        // The names as the clips write them: 2 and 02 may be one speaker.
        GivenFold[] folds = [.. file.Folds.Select(fold => fold with { Test = Resolve(fold.Test, speakers), Validation = Resolve(fold.Validation, speakers) })];
        ThrowIfAny(file, problems);
        Require(file with { Folds = folds });
        string[] untested = [.. speakers.Except(folds.SelectMany(fold => fold.Test), StringComparer.Ordinal)];
        if ((folds.Length > 1 || file.Protocol != SplitProtocol.SpeakerIndependent) && untested.Length > 0)
            problems.Add($"speakers in no fold: {string.Join(", ", untested)}; {(file.Protocol == SplitProtocol.SpeakerIndependent ? "several folds test everybody once" : $"{file.Protocol} tests everybody once, a part of them goes under {SplitProtocol.SpeakerIndependent}")}");
        foreach (GivenFold fold in folds)
        {
            if (fold.Test.Count == speakers.Length) problems.Add($"fold {fold.Fold} tests everybody, which leaves nobody to train on");
            else if (fold.Test.Count + fold.Validation.Count == speakers.Length) problems.Add($"fold {fold.Fold} tests or validates on everybody, which leaves nobody to train on");
        }
        ThrowIfAny(file, problems);
        return [.. folds.Select(fold => new PlannedFold(folds.Length > 1 ? fold.Fold : null,
            SpeakerSplit.Divide(items, [.. fold.Test], file.Protocol) with { ValidationSpeakers = fold.Validation }, null))];
    }

    private static string[] Resolve(IReadOnlyList<string> names, string[] speakers) =>
        [.. names.Select(name => SpeakerSplit.Resolve(name.Trim(), speakers)).OfType<string>().Order(StringComparer.Ordinal)];

    private static string[] Repeated(IReadOnlyList<string> names) => [.. names.CountBy(name => name ?? "", StringComparer.Ordinal).Where(pair => pair.Value > 1).Select(pair => pair.Key)];

    private static IEnumerable<string> Overlaps(IReadOnlyList<GivenFold> folds)
    {
        for (int a = 0; a < folds.Count; a++)
            for (int b = a + 1; b < folds.Count; b++)
                if (folds[a].Test.Intersect(folds[b].Test, StringComparer.Ordinal).ToArray() is { Length: > 0 } shared)
                    yield return $"folds {folds[a].Fold} and {folds[b].Fold} overlap: both test {string.Join(", ", shared)}";
    }

    private static void ThrowIfAny(FoldFile file, List<string> problems)
    {
        if (problems.Count > 0)
            throw new CorpusException($"The fold file {file.Path ?? FoldFile.FileName} cannot be used:{Environment.NewLine}{string.Join(Environment.NewLine, problems)}");
    }
}
