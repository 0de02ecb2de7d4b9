using System.Diagnostics;
using System.Globalization;
using SerPipeline.Corpora;
using SerPipeline.Evaluation;
using SerPipeline.Old.Pipeline;
using SerPipeline.Old.Trainers;
using SerPipeline.Splits;

namespace SerPipeline.Experiments.Paper;

/// <summary>Members of <see cref="SpectrogramRecipe"/> from audio, each a training of its own whose probabilities are averaged later.</summary>
/// <param name="corpus">The clips.</param>
/// <param name="featureCache">Where computed features are kept, or null.</param>
internal sealed class RecipeCells(Corpus corpus, string? featureCache)
{
    /// <summary>The seed of every recipe; its members derive theirs from it.</summary>
    public const int Seed = 42;

    private readonly DataFingerprint _fingerprint =
        DataFingerprint.Compute(corpus.Root, corpus.Clips.Select(clip => new FingerprintEntry(clip.RelativePath, clip.Label, clip.Speaker, clip.Path)));

    /// <summary>The clips for splits.</summary>
    public IReadOnlyList<SplitItem> Items { get; } = SplitItems.From(corpus.Clips);

    /// <summary>One cell a member.</summary>
    /// <param name="name">What the recipe is called.</param>
    /// <param name="split">What it is trained and tested on.</param>
    /// <param name="fold">The fold, or 0.</param>
    /// <param name="options">The recipe.</param>
    public IEnumerable<Cell> Of(string name, Split split, int fold, SpectrogramRecipeOptions options) => Enumerable.Range(0, options.ImageMembers + options.VectorMembers).Select(member => new Cell(
        string.Create(CultureInfo.InvariantCulture, $"{name}{(fold > 0 ? $"-fold{fold}" : "")}-member{member}"),
        string.Create(CultureInfo.InvariantCulture, $"{_fingerprint} {options with { MetricsCallback = null, CancellationToken = default }} {fold} {member} {Seed}"),
        cancellation => Train(split, member, options with { CancellationToken = cancellation })));

    /// <summary>The mean of several members' probabilities.</summary>
    /// <param name="members">Their outcomes over the same rows.</param>
    public static PredictionSet Mean(IReadOnlyList<CellOutcome> members)
    {
        CellOutcome first = members[0];
        if (members.Any(member => !member.Rows.Select(row => row.Path).SequenceEqual(first.Rows.Select(row => row.Path), StringComparer.Ordinal)))
            throw new EvaluationException("The members were scored on different clips, so their probabilities have no mean. Delete the kept outcomes and run again.");
        return new PredictionSet(first.Labels, [.. first.Rows.Select((row, i) =>
        {
            float[] mean = [.. Enumerable.Range(0, first.Labels.Count).Select(c => members.Average(member => member.Rows[i].Probabilities[c]))];
            return new ClipPrediction { Path = row.Path, Speaker = row.Speaker, Label = row.Label, Predicted = first.Labels[Array.IndexOf(mean, mean.Max())], Probabilities = mean };
        })]);
    }

    private CellOutcome Train(Split split, int member, SpectrogramRecipeOptions options)
    {
        long start = Stopwatch.GetTimestamp();
        var ser = new SerContext(Seed, new SerContextOptions { CacheDirectory = featureCache, BadClips = BadClipRule.Throw });
        TrainTestData parts = ser.Data.ApplySplit(ser.Data.LoadCorpus(corpus), split);
        using var model = SpectrogramRecipe.CreateMember(ser, member, options).Fit(parts.TrainSet);
        PredictionSet predictions = ser.MulticlassClassification.Predictions(model.Transform(parts.TestSet));
        return CellOutcome.Of(predictions, split.Train.Count, Stopwatch.GetElapsedTime(start).TotalSeconds);
    }
}
