using SerPipeline.Audio;
using SerPipeline.Splits;

namespace SerPipeline.Console.Commands;

/// <summary>What <c>ser train</c> says at its end.</summary>
internal static class TrainSummary
{
    /// <summary>Writes the tables and what their figures do and do not show.</summary>
    /// <param name="terminal">Where to.</param>
    /// <param name="finished">What was done.</param>
    public static void Write(Terminal terminal, IReadOnlyList<FinishedExperiment> finished)
    {
        foreach (IGrouping<string, FinishedExperiment> dataset in finished.GroupBy(one => one.Experiment.Data.Name, StringComparer.Ordinal))
        {
            FinishedExperiment[] whole = [.. dataset.Where(one => one.Whole is not null)],
                cross = [.. dataset.Where(one => one.Whole is null)];
            if (whole.Length > 0) Scores(terminal, whole);
            foreach (FinishedExperiment matrix in cross) CrossMatrix(terminal, matrix);
            foreach (string sentence in Caveats([.. dataset])) terminal.Result(sentence);
        }
    }

    private static void Scores(Terminal terminal, FinishedExperiment[] finished)
    {
        terminal.Result($"Scores on the test clips of {finished[0].Experiment.Data.Corpus.DisplayName}:");
        var table = new TextTable("trainer", "protocol", ">seed", ">folds", ">UAR", "95 %", ">accuracy", ">majority", ">macro F1",
            ">test clips", ">of known speakers", ">copies", ">time");
        foreach (FinishedExperiment one in finished)
        {
            RunMetrics m = one.Whole!;
            string known = m.LeakCheck?.OfTrainingSpeakers is { } count ? Format.Whole(count) : "unknown";
            table.Add(
                m.Trainer, m.Protocol, Format.Whole(m.Seed), Format.Whole(one.Runs.Count), Format.Score(m.Uar), Interval(m),
                Format.Score(m.Accuracy), Format.Score(m.MajorityBaseline),
                Format.Score(m.MacroF1), Format.Whole(m.TestClips), known, Format.Whole(m.LeakCheck?.Touched ?? 0),
                Format.Duration(one.Elapsed));
        }
        table.Write(terminal);
        foreach (FinishedExperiment one in finished.Where(one => one.Experiment.HasFolds)) Folds(terminal, one);
        foreach (var seeds in finished.GroupBy(one => (one.Whole!.Trainer, one.Whole.Protocol)).Where(group => group.Count() > 1))
        {
            double[] uars = [.. seeds.Select(one => one.Whole!.Uar)];
            terminal.Result($"{seeds.Key.Trainer}, {seeds.Key.Protocol}: UAR {Format.Score(uars.Average())} over {uars.Length} seeds, "
                + $"{Format.Score(uars.Min())} to {Format.Score(uars.Max())}.");
        }
        RunMetrics first = finished[0].Whole!;
        string people = finished.Select(one => one.Whole!.People).FirstOrDefault(people => people is not null) is { } p
            ? $" People, by ear alone: accuracy {Format.Score(p.Accuracy)} ({p.Source})." : "";
        terminal.Result($"Guessing one of {first.Labels.Count} labels at random gives a UAR of {Format.Score(first.ChanceBaseline)}; "
            + $"the majority column is the accuracy of always saying the most frequent label.{people}");
        foreach (string caution in finished.Select(one => one.Whole!.Intervals?.Caution).OfType<string>().Distinct(StringComparer.Ordinal))
            terminal.Result($"About the intervals: {caution}");
    }

    private static void Folds(Terminal terminal, FinishedExperiment one)
    {
        MetricSummary uar = MetricSummary.Of([.. one.Runs.Select(run => run.Uar)]),
            accuracy = MetricSummary.Of([.. one.Runs.Select(run => run.Accuracy)]);
        string folds = one.Runs.Count > 12 ? "" : $" ({string.Join(", ", one.Runs.Select(run => Format.Score(run.Uar)))})";
        terminal.Result($"{one.Experiment.Title}, seed {one.Experiment.Plan.Seed}: UAR over {one.Runs.Count} folds "
            + $"{Format.Score(uar.Mean)}, deviation {Format.Score(uar.Deviation)}{folds}; "
            + $"accuracy {Format.Score(accuracy.Mean)}, deviation {Format.Score(accuracy.Deviation)}.");
        if (one.Whole!.Adaptation is { } adapted)
            terminal.Result($"  With {Format.Count(adapted.Clips, "clip")} of each test speaker heard before, unlabelled and not scored: "
                + $"UAR {Format.Score(adapted.Uar)}, mean of {adapted.Uars.Count} random draws "
                + $"({string.Join(", ", adapted.Uars.Select(Format.Score))}); the table has each clip once.");
        if (one.Whole!.BySpeaker.WorstGroup() is { } worst)
            terminal.Result($"  Worst speaker: {worst.Name}, UAR {Format.Score(worst.Uar)} over {Format.Count(worst.Clips, "clip")}.");
    }

    private static void CrossMatrix(Terminal terminal, FinishedExperiment one)
    {
        string[] rows = [.. one.Runs.Select(run => run.TrainDataset!).Distinct(StringComparer.Ordinal)];
        string[] tested = [.. one.Runs.Select(run => run.Dataset)], columns = [.. rows.Concat(tested).Where(tested.Contains).Distinct()];
        terminal.Result($"{one.Experiment.Title}, seed {one.Experiment.Plan.Seed}: UAR, trained on the corpus of the row, tested on "
            + $"that of the column ({Format.Names(one.Runs[0].Labels)}):");
        var table = new TextTable(["trained on", .. columns.Select(column => ">" + column)]);
        foreach (string row in rows)
            table.Add([row, .. columns.Select(column => Cell(row, column))]);
        table.Write(terminal);
        terminal.Result($"Guessing gives {Format.Score(one.Runs[0].ChanceBaseline)}.");

        string Cell(string trained, string tested) =>
            one.Runs.FirstOrDefault(run => run.TrainDataset == trained && run.Dataset == tested) is { } run ? Format.Score(run.Uar) : "-";
    }

    private static string Interval(RunMetrics metrics) =>
        metrics.Intervals is { } interval
            ? $"{Format.Score(interval.Uar[0])}-{Format.Score(interval.Uar[1])}{(interval.Caution is null ? "" : "*")}" : "-";

    private static IEnumerable<string> Caveats(FinishedExperiment[] finished)
    {
        var corpus = finished[0].Experiment.Data.Corpus;
        FinishedExperiment[] apart = [.. finished.Where(one => one.Whole is { } m && SplitProtocol.KeepsSpeakersApart(m.Protocol))];
        foreach (string copies in finished.Select(one => one.Experiment.CopiesNote).OfType<string>().Distinct(StringComparer.Ordinal))
            yield return copies;
        foreach (FinishedExperiment one in finished.Where(one => one.Whole is { } m && !SplitProtocol.KeepsSpeakersApart(m.Protocol))
            .DistinctBy(one => one.Whole!.Protocol))
            yield return KnownVoices(one, apart.FirstOrDefault(other => other.Experiment.Plan.Enrolled == 0
                && other.Experiment.Plan.Condition == one.Experiment.Plan.Condition)?.Whole!.Protocol);
        foreach (IGrouping<string, FinishedExperiment> protocol in apart.GroupBy(one => one.Whole!.Protocol, StringComparer.Ordinal))
            yield return NewVoices([.. protocol]);
        foreach (RecordingCondition condition in finished.Select(one => one.Experiment.Plan.Condition).Distinct()
            .Where(condition => condition != default))
            yield return $"Under protocols with {SplitProtocol.NameOf("", 0, condition)} the test clips were altered: they sound "
                + $"{ProtocolNotices.SoundOf(condition)}.";
        foreach (string note in finished.Select(one => one.LeakNote).OfType<string>().Distinct(StringComparer.Ordinal)) yield return note;
        if (ProtocolNotices.BestOf([.. finished.Select(one => one.Whole).OfType<RunMetrics>()]) is { } best) yield return best;
        if (corpus.IsSynthetic)
            yield return $"{corpus.DisplayName} was made by a program: the scores show that the pipeline works and say nothing about "
                + "human speech.";
    }

    private static string KnownVoices(FinishedExperiment one, string? better)
    {
        RunMetrics m = one.Whole!;
        if (m.SharedSpeakers is null)
            return $"The corpus does not name all its speakers, so nobody can tell how many test clips come from voices heard in "
                + $"training: read the {m.Protocol} rows as an upper bound.";
        if (m.SharedSpeakers.Count == 0)
            return $"Under {m.Protocol} no test speaker happens to be in training, though nothing kept them apart.";
        string next = better is null ? $" Run --protocol {SplitProtocol.NameOf("speaker", 0, one.Experiment.Plan.Condition)} to see that."
            : $" For new voices read the {better} rows.";
        return $"The {m.Protocol} protocol hides how a model does on new voices: {m.LeakCheck?.OfTrainingSpeakers} of its {m.TestClips} "
            + $"test clips are spoken by voices that it heard in training.{next}";
    }

    private static string NewVoices(FinishedExperiment[] finished)
    {
        string protocol = finished[0].Whole!.Protocol;
        int clips = SplitProtocol.Divide(protocol).Clips;
        string heard = clips == 0 ? "" : $" {clips} clips of each were heard before the test, without their emotions: do not compare with "
            + "scores of unknown voices.";
        if (SplitProtocol.Divide(protocol).Protocol == SplitProtocol.CrossCorpus)
            return $"Under {protocol} nothing of the corpus tested was heard in training or validation; speakers of two corpora are taken "
                + $"as different people.{heard}";
        if (finished.Any(one => one.Experiment.HasFolds))
            return $"Under {protocol} no fold's test speakers were heard in its training or validation part.{heard}";
        string[][] held = [.. finished.Select(one => one.Whole!.HeldOutSpeakers.ToArray()).DistinctBy(names => string.Join('\n', names),
            StringComparer.Ordinal)];
        string title = char.ToUpperInvariant(protocol[0]) + protocol[1..];
        return held.Length == 1 ? $"{title}: the test speakers {Format.Names(held[0])} were heard neither in training nor in "
            + $"validation.{heard}"
            : $"{title}: the test speakers, {held.Length} draws of them, were heard neither in training nor in validation.{heard}";
    }
}
