namespace SerPipeline.Console.Commands;

/// <summary><c>ser compare</c>: two runs on the same clips: how much they differ, and whether the data shows it.</summary>
internal sealed class CompareCommand(Terminal terminal) : ICommandHandler
{
    private static readonly OptionDefinition Partial = OptionDefinition.Flag("--partial",
        "Compare only the clips that both runs have, even if one has more or their data sets differ.");
    private static readonly OptionDefinition Permutations = new("--permutations", "N",
        "Maximum number of swaps in the permutation test. Default: 10000.");
    private static readonly OptionDefinition Draws = new("--draws", "N", "Bootstrap draws of speakers for the intervals. Default: 2000.");
    private static readonly OptionDefinition Seed = new("--seed", "N", "Seed of swaps and draws. Default: 0.");
    private static readonly OptionDefinition All = OptionDefinition.Flag("--all", "List every changed clip instead of the first twenty.");
    private static readonly OptionDefinition Out = new("--out", "FILE", "Write all changed clips to this CSV file.") { Alias = "-o" };
    private static readonly OptionDefinition Json = OptionDefinition.Flag("--json", "Write the comparison as JSON instead of tables.");

    public static CommandDefinition Definition { get; } = new(
        "compare",
        "Compare two runs clip by clip: the difference in UAR with an interval and a permutation test by speaker, McNemar's test, and "
            + "the clips that changed.",
        typeof(CompareCommand))
    {
        Operand = new OperandDefinition("RUN", "Two runs, A and B: run folders, or their predictions.csv.", IsSeveral: true),
        Options = [Partial, Permutations, Draws, Seed, All, Out, Json],
        Examples =
        [
            ("ser compare runs/mlp runs/cnn", "whether the second is better, and on which clips"),
            ("ser compare a/predictions.csv b/predictions.csv --out changed.csv",
                "the same from predictions alone, with the changed clips as a file"),
        ],
    };

    /// <inheritdoc/>
    public int Run(CommandInput input, CancellationToken cancellation)
    {
        var defaults = new ComparisonOptions();
        var options = new ComparisonOptions
        {
            AllowPartial = input.Flag(Partial),
            Permutations = input.Whole(Permutations, 100) ?? defaults.Permutations,
            Draws = input.Whole(Draws, 100) ?? defaults.Draws,
            Seed = input.Whole(Seed, int.MinValue) ?? defaults.Seed,
        };
        bool all = input.Flag(All), json = input.Flag(Json);
        string? file = input.Text(Out);
        input.Require(input.Operands.Count == 2, $"ser compare takes two runs, A and B; got {Format.Whole(input.Operands.Count)}.");
        input.Check();
        OutFile.RequireUnread(Out.Name, file, input.Operands.SelectMany(run => (string[])[run,
            .. new[] { PredictionsCsv.FileName, MetricsFile.FileName, RunRecord.FileName }.Select(name => Path.Combine(run, name))]));

        ComparedRun a = ComparedRun.Read(input.Operands[0]), b = ComparedRun.Read(input.Operands[1]);
        (string? refused, IReadOnlyList<string> warnings) = ComparedRun.Differences(a, b);
        if (refused is not null && !options.AllowPartial)
            throw new EvaluationException($"{refused} Repeat one of the runs on the other's data, or compare the clips whose path both "
                + "have with --partial.");
        foreach (string warning in refused is null ? warnings : [refused, .. warnings]) terminal.Message($"warning: {warning}");
        RunComparison found = RunComparison.Compare(a.Predictions, b.Predictions, options);
        if (file is not null) AtomicFile.WriteAllText(file, Csv(found));
        if (json) terminal.Json(found);
        else ComparisonText.Write(terminal, a, b, found, all);
        return ExitCode.Done;
    }

    private static string Csv(RunComparison found) => string.Concat(found.Changed.Select(clip => string.Join(',', new[]
        {
            clip.Path, clip.Speaker ?? "", clip.Label, ComparisonText.Name(clip.Change), clip.PredictedA, Number(clip.ConfidenceA),
            clip.PredictedB, Number(clip.ConfidenceB),
        }.Select(Format.CsvField)) + "\n").Prepend("path,speaker,label,change,predicted_a,confidence_a,predicted_b,confidence_b\n"));

    private static string Number(double? value) => value?.ToString("R", CultureInfo.InvariantCulture) ?? "";
}

/// <summary>Writes a comparison for people.</summary>
internal static class ComparisonText
{
    private const int ClipsShown = 20;
    private const double Level = 0.05;

    // Equal scores differ by rounding when their terms are added in another order.
    private const double Rounding = 1e-12;

    public static void Write(Terminal terminal, ComparedRun a, ComparedRun b, RunComparison found, bool all)
    {
        DifferenceIntervals intervals = found.Intervals;
        terminal.Result($"A: {a.Description} ({a.Path})");
        terminal.Result($"B: {b.Description} ({b.Path})");
        string leftOut = found.OnlyInA + found.OnlyInB == 0 ? ""
            : $"; left out: {Format.Whole(found.OnlyInA)} only in A, {Format.Whole(found.OnlyInB)} only in B";
        terminal.Result($"{Format.Count(found.Clips, "clip")} in both{leftOut}");
        terminal.Result();
        string percent = (intervals.Confidence * 100).ToString("0.##", CultureInfo.InvariantCulture);
        var table = new TextTable("metric", ">A", ">B", ">B - A", $">{percent} % interval");
        table.Add("UAR", Format.Score(found.A.Uar), Format.Score(found.B.Uar), Signed(found.UarDifference), Ends(intervals.Uar));
        table.Add("accuracy", Format.Score(found.A.Accuracy), Format.Score(found.B.Accuracy), Signed(found.AccuracyDifference),
            Ends(intervals.Accuracy));
        table.Write(terminal);
        if (!ComparedRun.SameLabels(a, b))
            terminal.Result($"Chance: A {Format.Score(1.0 / a.Predictions.Labels.Count)}, B "
                + $"{Format.Score(1.0 / b.Predictions.Labels.Count)}.");
        terminal.Result($"Intervals: {Format.Whole(intervals.Draws)} draws of {Format.Count(intervals.Units, intervals.Unit)}, seed "
            + $"{Format.Whole(found.Seed)}.{(intervals.Caution is { } caution ? " " + caution : "")}");
        terminal.Result(Tests(found));
        terminal.Result(Verdict(found));
        terminal.Result();
        Clips(terminal, found, all);
    }

    /// <summary>What the tests say together, in plain words with the p-value.</summary>
    public static string Verdict(RunComparison found)
    {
        PermutationTest test = found.Permutation;
        if (found.Changed.Count == 0) return "Verdict: A and B say the same about every clip.";
        string better = found.UarDifference switch
        {
            > Rounding => "B has the higher UAR",
            < -Rounding => "A has the higher UAR",
            _ => "A and B have the same UAR",
        };
        if (test.Differing == 0)
            return $"Verdict: {better}, for every {test.Unit} by itself: nothing speaks for either.";
        if (test.SmallestPValue > Level)
            return $"Verdict: {better}, but {Format.Count(test.Differing, test.Unit)} "
                + $"{(test.Differing == test.Units ? "" : $"with another score (of {Format.Whole(test.Units)}) ")}cannot decide it: no "
                + $"result of this test could have a p-value below {PValue(test.SmallestPValue)}. Test on more speakers.";
        string unit = test.Unit == "speaker" ? "speakers" : "clips (their speakers are unknown, so the p-value is too small)";
        return test.PValue <= Level
            ? $"Verdict: {better}, and swaps of whole {unit} reach as large a difference rarely (p = {PValue(test.PValue)})."
            : $"Verdict: no difference shown (p = {PValue(test.PValue)}): {better}, but swaps of whole {unit} reach as large a "
                + "difference too often.";
    }

    private static string Tests(RunComparison found)
    {
        PermutationTest test = found.Permutation;
        McNemarTest clips = found.McNemar;
        string how = test.Exact ? $"all {Format.Whole(test.Permutations)} swaps" : $"{Format.Whole(test.Permutations)} drawn swaps";
        string all = test.Differing == test.Units ? "" : $" whose score differs, of {Format.Whole(test.Units)}";
        return $"Permutation test of the UAR by {test.Unit}: p = {PValue(test.PValue)} "
            + $"({how} of {Format.Count(test.Differing, test.Unit)}{all}; the smallest p possible is {PValue(test.SmallestPValue)})."
            + Environment.NewLine
            + $"McNemar's exact test by clip: p = {PValue(clips.PValue)} (A alone right on {Format.Whole(clips.OnlyA)}, B alone on "
            + $"{Format.Whole(clips.OnlyB)}). It takes clips as independent; those of one speaker are not.";
    }

    private static void Clips(Terminal terminal, RunComparison found, bool all)
    {
        int Count(ClipChange change) => found.Changed.Count(clip => clip.Change == change);
        terminal.Result($"{Format.Count(found.Changed.Count, "clip")} changed: {Count(ClipChange.Fixed)} fixed, "
            + $"{Count(ClipChange.Broken)} broken, {Count(ClipChange.StillWrong)} wrong in another way.");
        if (found.Changed.Count == 0) return;
        int shown = all ? found.Changed.Count : ClipsShown;
        var table = new TextTable("change", "clip", "speaker", "true", "A", ">sure", "B", ">sure");
        foreach (ChangedClip clip in found.Changed.Take(shown))
            table.Add(Name(clip.Change), clip.Path, clip.Speaker ?? "", clip.Label, clip.PredictedA, Sure(clip.ConfidenceA),
                clip.PredictedB, Sure(clip.ConfidenceB));
        table.Write(terminal);
        if (found.Changed.Count > shown) terminal.Result($"and {Format.Whole(found.Changed.Count - shown)} more; --all lists them.");
    }

    /// <summary>A change as tables and files name it.</summary>
    public static string Name(ClipChange change) => change switch
    {
        ClipChange.Fixed => "fixed",
        ClipChange.Broken => "broken",
        _ => "still wrong",
    };

    private static string Sure(double? confidence) => confidence is { } value ? Format.Score(value) : "";

    private static string Ends(IReadOnlyList<double> interval) => $"{Signed(interval[0])} to {Signed(interval[1])}";

    private static string Signed(double value) => value.ToString("+0.000;-0.000;0.000", CultureInfo.InvariantCulture);

    private static string PValue(double p) => p.ToString(p < 0.00005 ? "0.0E+0" : "0.0000", CultureInfo.InvariantCulture);
}
