using SerPipeline.Console.Hosting;
using SerPipeline.Console.Output;
using SerPipeline.Corpora;
using SerPipeline.Corpora.Splits;
using SerPipeline.Evaluation;

namespace SerPipeline.Console.Training;

/// <summary>A finished run, as the table at the end shows it.</summary>
/// <param name="Name">Its folder below the command's, or empty when it is the only one.</param>
/// <param name="Metrics">Its scores.</param>
/// <param name="SharedTestClips">Scored clips whose speaker is also in training.</param>
/// <param name="CopiesNote">What to know of test clips that are copies of training clips, or null when none is.</param>
/// <param name="Elapsed">How long it took.</param>
internal sealed record FinishedRun(string Name, RunMetrics Metrics, int SharedTestClips, string? CopiesNote, TimeSpan Elapsed)
{
    /// <summary>Sums up a training.</summary>
    public static FinishedRun From(string name, TrainingResult result, TimeSpan elapsed)
    {
        var shared = result.Split.Report.SharedSpeakers.ToHashSet(StringComparer.Ordinal);
        // Clips that could not be read are not among the predictions, so the count never exceeds the clips scored.
        int known = result.Predictions.Rows.Count(row => row.Speaker is { } speaker && shared.Contains(speaker));
        return new FinishedRun(name, result.Metrics, known, CheckedSplit.CopiesNote(result.Split), elapsed);
    }
}

/// <summary>What <c>ser train</c> says at its end.</summary>
internal static class TrainSummary
{
    /// <summary>Writes the table and what its figures do and do not show.</summary>
    /// <param name="terminal">Where to.</param>
    /// <param name="corpus">The corpus.</param>
    /// <param name="runs">The runs.</param>
    public static void Write(Terminal terminal, Corpus corpus, IReadOnlyList<FinishedRun> runs)
    {
        terminal.Result($"Scores on the test clips of {corpus.DisplayName}:");
        var table = new TextTable("trainer", "protocol", ">UAR", ">accuracy", ">macro F1", ">test clips", ">of known speakers", ">time");
        foreach (FinishedRun run in runs)
        {
            RunMetrics m = run.Metrics;
            table.Add(
                m.Trainer, m.Protocol, Format.Score(m.Uar), Format.Score(m.Accuracy), Format.Score(m.MacroF1), Format.Whole(m.TestClips),
                m.SharedSpeakers is null ? "unknown" : Format.Whole(run.SharedTestClips), Format.Duration(run.Elapsed));
        }
        table.Write(terminal);
        terminal.Result($"Guessing one of {runs[0].Metrics.Labels.Count} labels at random gives a UAR of {Format.Score(runs[0].Metrics.ChanceBaseline)}.");
        foreach (string sentence in Caveats(corpus, runs)) terminal.Result(sentence);
    }

    private static IEnumerable<string> Caveats(Corpus corpus, IReadOnlyList<FinishedRun> runs)
    {
        FinishedRun? random = runs.FirstOrDefault(run => run.Metrics.Protocol == SplitProtocol.Random);
        FinishedRun? speaker = runs.FirstOrDefault(run => run.Metrics.Protocol == SplitProtocol.SpeakerIndependent);
        if (random is { Metrics.SharedSpeakers.Count: > 0 })
        {
            yield return $"The random protocol hides how a model does on new voices: {random.SharedTestClips} of its {random.Metrics.TestClips} test clips "
                + $"are spoken by voices that it heard in training.{(speaker is null ? " Run --protocol speaker to see that." : " For new voices read the speaker-independent rows.")}";
        }
        else if (random is { Metrics.SharedSpeakers: null })
        {
            yield return "The corpus does not name all its speakers, so nobody can tell how many test clips come from voices heard in training: read the random rows as an upper bound.";
        }
        if (speaker is not null)
            yield return $"Speaker-independent: the test speakers {Format.Names(speaker.Metrics.HeldOutSpeakers)} were heard neither in training nor in validation.";
        foreach (string copies in runs.Select(run => run.CopiesNote).OfType<string>().Distinct(StringComparer.Ordinal)) yield return copies;
        if (corpus.IsSynthetic)
            yield return $"{corpus.DisplayName} was made by a program: the scores show that the pipeline works and say nothing about human speech.";
    }
}
