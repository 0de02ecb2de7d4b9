using SerPipeline.Audio;
using SerPipeline.Evaluation;
using static SerPipeline.Splits.SplitProtocol;

namespace SerPipeline.Reports;

/// <summary>Something a reader must know before the scores.</summary>
/// <param name="Title">What it is about, such as <c>Training and test share speakers</c>.</param>
/// <param name="Text">What it means for the scores, in sentences.</param>
public sealed record ScoreWarning(string Title, string Text);

/// <summary>
/// What a protocol means, what it does not show, and warnings about the scores: the same sentences in every report and model card.
/// </summary>
public static class ProtocolNotices
{
    /// <summary>
    /// How the clips were split, in a sentence. A protocol's claim about speakers is stated only where the runs' speakers confirm it;
    /// empty for an unknown protocol.
    /// </summary>
    /// <param name="runs">Runs of one protocol, at least one.</param>
    public static string Meaning(IReadOnlyList<RunMetrics> runs)
    {
        ArgumentNullException.ThrowIfNull(runs);
        (string protocol, int heard, RecordingCondition condition) = Divide(runs[0].Protocol);
        if (condition != default)
            return Meaning([.. runs.Select(run => run with { Protocol = NameOf(protocol, heard) })])
                + $" The test clips were altered: they sound {SoundOf(condition)}; where clips are played or drawn, they are as recorded. "
                + "Do not compare the scores with those of clips as they were recorded.";
        if (heard > 0)
            return Meaning([.. runs.Select(run => run with { Protocol = protocol })]) + $" Before a clip was scored, the model had heard "
                + $"{Format.Count(heard, "other clip")} of its speaker, drawn at random, without their emotions. Do not compare the "
                + "scores with those of voices of whom nothing was heard.";
        bool clean = KeepsSpeakersApart(runs);
        return protocol switch
        {
            Splits.SplitProtocol.Random => "Clips were split at random, regardless of speaker.",
            Paper => "Clips were split at random by numpy's permutation of seed 42, as in the paper, regardless of speaker.",
            Given => "Clips were split as the data set divides them itself.",
            KFold => "Clips were split at random into folds, regardless of speaker; each fold is the test part once.",
            CrossCorpus when runs.All(run => run.SharedSpeakers is { Count: 0 }) =>
                "The model was trained on other data sets than the one tested; speakers of two data sets are taken as different people.",
            CrossCorpus => "The model was trained on a data set of another name; whether the two have speakers in common was not checked.",
            "includes-training-clips" => "Some of the clips scored were trained or validated on, so the scores say little about new clips.",
            "part-of-test" => "Only some of the clips that the model's training kept for its test were scored.",
            "other-data-unchecked" =>
                "The clips are of another data set than the model's; whether the two have speakers in common is not known.",
            "new-clips-of-known-speakers" => "The model was trained on clips of the same speakers, though on none with the same "
                + "samples as these" + (runs.All(run => run.LeakCheck is not null) ? ", nor on another version of one."
                    : "; a training clip that was converted since is not recognised."),
            _ when Strictest.Contains(protocol) && !clean =>
                "The name promises test speakers who were heard in no training or validation clip; the speakers listed do not show that.",
            SpeakerIndependent when runs.Any(run => run.Fold is not null) =>
                "Each fold tests on speakers who were heard in no training or validation clip of that fold.",
            SpeakerIndependent => "No speaker of the test clips was heard in training or validation.",
            SpeakerFolds => "The speakers were split into five folds; each fold tests on speakers who were heard in no training or "
                + "validation clip of that fold.",
            LeaveOneSpeakerOut => "Each fold tests on one speaker who was heard in no training or validation clip of that fold.",
            _ => "",
        };
    }

    /// <summary>How clips sound under a condition, to be read after "sound"; empty for clips as they were recorded.</summary>
    /// <param name="condition">The condition.</param>
    internal static string SoundOf(RecordingCondition condition) => condition switch
    {
        RecordingCondition.Telephone => "as over a telephone line of 300 to 3400 Hz",
        RecordingCondition.Noise => "as in pink noise 10 to 20 dB below the clip",
        RecordingCondition.Room => "as in a room that echoes for 0.3 to 0.7 s",
        _ => "",
    };

    /// <summary>What the scores do not show, as the end of a sentence that begins "does not show:".</summary>
    /// <param name="runs">Runs of one protocol, at least one.</param>
    public static string NotShown(IReadOnlyList<RunMetrics> runs)
    {
        ArgumentNullException.ThrowIfNull(runs);
        (string plain, int heard, RecordingCondition condition) = Divide(runs[0].Protocol);
        if (condition != default)
            return $"how the model does on real recordings that sound {SoundOf(condition)}: the effect was computed. Nor does it show "
                + NotShown([.. runs.Select(run => run with { Protocol = NameOf(plain, heard) })]);
        if (runs.Any(run => run.SharesSpeakers))
            return "how the model does on voices that it has not heard, and on recordings of another origin.";
        if (runs.Any(run => run.SharedSpeakers is null) && plain != CrossCorpus)
            return "whether the model knows the voices tested, and how it does on recordings of another origin.";
        if (heard > 0)
            return "how the model does on a voice of which it has heard nothing, or clips of one emotion alone.";
        return plain == CrossCorpus ? "how the model does on data sets other than those tested."
            : "how the model does on recordings of another origin; the test speakers are of the data set that it was trained "
            + "on, recorded in the same way.";
    }

    /// <summary>Warnings about the scores; empty when there is none.</summary>
    /// <param name="runs">The runs.</param>
    public static IReadOnlyList<ScoreWarning> Warnings(IReadOnlyList<RunMetrics> runs)
    {
        ArgumentNullException.ThrowIfNull(runs);
        var warnings = new List<ScoreWarning>();
        string[] shared = [.. runs.SelectMany(run => run.SharedSpeakers ?? []).Distinct(StringComparer.Ordinal)
            .Order(NumbersFirst.Instance)];
        if (shared.Length > 0)
            warnings.Add(new("Training and test share speakers",
                $"{Format.Count(shared.Length, "speaker")} of the test clips also spoke in training or validation: "
                    + $"{Format.Names(shared)}. The scores show how well known speakers are recognised; "
                + "expect clearly lower ones on new speakers. Do not compare them with speaker-independent results."));
        RunMetrics[] unknown = [.. runs.Where(run => run.SharedSpeakers is null && Divide(run.Protocol).Protocol != CrossCorpus)];
        if (unknown.Length > 0)
            warnings.Add(new("Speakers are unknown",
                $"Not every speaker of the clips of {Sets(unknown)}, or of the training clips, is known, so it is unknown whether "
                    + "training and test share some. Take the scores as an upper bound."));
        if (runs.Any(run => run.Synthetic))
            warnings.Add(new("Synthetic corpus",
                $"{Sets(runs.Where(run => run.Synthetic))} was made by a program, not recorded from people. "
                    + "The scores show that the pipeline works; they say nothing about human speech."));
        return warnings;
    }

    /// <summary>What becomes of a score that is chosen among several on the same test clips; null where there is no choice.</summary>
    /// <param name="scores">The scores, one of each training or of its folds together.</param>
    public static string? BestOf(IReadOnlyList<RunMetrics> scores)
    {
        ArgumentNullException.ThrowIfNull(scores);
        int most = scores.GroupBy(run => (run.Dataset, run.TrainDataset, run.Protocol)).Select(rows => rows.Count()).DefaultIfEmpty().Max();
        return most < 2 ? null : $"Whoever picks the best of {most} rows by their test clips reports too high a score: choose on other "
            + "clips, or report all rows.";
    }

    /// <summary>Whether the protocol keeps speakers apart and the runs' speakers confirm it.</summary>
    internal static bool KeepsSpeakersApart(IReadOnlyList<RunMetrics> runs) =>
        Strictest.Contains(Divide(runs[0].Protocol).Protocol)
            && runs.All(run => run.SharedSpeakers is { Count: 0 } && run.LeakCheck is null or { Touched: 0, OfTrainingSpeakers: 0 });

    private static string Sets(IEnumerable<RunMetrics> runs) =>
        string.Join(", ", runs.Select(run => run.Dataset).Distinct(StringComparer.Ordinal));
}
