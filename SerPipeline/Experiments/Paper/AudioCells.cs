using System.Diagnostics;
using SerPipeline.Corpora;
using SerPipeline.Evaluation;
using SerPipeline.Splits;
using SerPipeline.Trainers;
using SerPipeline.Transforms;

namespace SerPipeline.Experiments.Paper;

/// <summary>What <c>ser reproduce</c> trains from audio.</summary>
internal sealed class AudioWork
{
    private readonly PaperCells _paper;
    private readonly PaperSet _set;
    private readonly Cell[] _original, _overTrain, _models;
    private readonly SpectrogramRecipeOptions _recipe;

    /// <param name="corpus">All clips of RAVDESS speech.</param>
    /// <param name="plan">How much.</param>
    /// <param name="featureCache">Where computed features are kept, or null.</param>
    public AudioWork(Corpus corpus, ReproductionPlan plan, string? featureCache)
    {
        var cells = new RecipeCells(corpus, featureCache);
        _recipe = plan.Quick ? new SpectrogramRecipeOptions { ImageMembers = 1, VectorMembers = 1, Epoch = 1 }
            : new SpectrogramRecipeOptions();
        Split split = PaperSplit.Create(cells.Items);
        string suffix = plan.Quick ? "-quick" : "";
        _original = [.. cells.Of("recipe-original" + suffix, split, 0, _recipe)];
        _overTrain = [.. cells.Of("recipe-over-train" + suffix, split, 0, _recipe with { Oversampling = Oversampling.Minority })];
        _set = FeaturesOf(corpus, cells.Items, featureCache);
        _paper = new PaperCells(_set, plan with { Seeds = plan.HeldOutSeeds, LstmSeeds = plan.HeldOutSeeds }, "audio");
        _models = [.. PaperCells.Models.SelectMany(_paper.OfPaperSplit)];
    }

    /// <summary>The trainings, the longest first.</summary>
    public IEnumerable<Cell> Cells => [.. _original, .. _overTrain, .. _models];

    /// <summary>Puts the outcomes together.</summary>
    /// <param name="outcomes">The outcomes, by cell.</param>
    /// <param name="matrix">The paper's <c>original</c>, or null.</param>
    public AudioResults Results(IReadOnlyDictionary<string, CellOutcome> outcomes, PaperSet? matrix) =>
        new(new FeatureResults(_set, _paper, outcomes), matrix is null ? null : Match(matrix),
            [.. _original.Select(cell => outcomes[cell.Id])], [.. _overTrain.Select(cell => outcomes[cell.Id])], _recipe.ImageMembers);

    private static PaperSet FeaturesOf(Corpus corpus, IReadOnlyList<SplitItem> items, string? featureCache)
    {
        var ml = new MLContext();
        IDataView clips = ml.Data.LoadCorpus(corpus);
        var reading = new AudioReading { CacheDirectory = featureCache };
        var chain = ml.Transforms.LoadAudio("Waveform", "Path", LoadAudioOptions.Paper, reading)
            .Append(ml.Transforms.PaperMfcc("Features", "Waveform"));
        return new PaperSet(PaperFeatures.Original, chain.Fit(clips).Transform(clips), items);
    }

    // The matrix lists its clips in an order of its own: rows meet by the clip's name.
    private FeatureMatch Match(PaperSet matrix)
    {
        Dictionary<string, float[]> expected = Rows(matrix.Data), found = Rows(_set.Data);
        double[] errors =
        [
            .. expected.Where(pair => found.ContainsKey(pair.Key))
                .Select(pair => pair.Value.Zip(found[pair.Key], (a, b) => (double)Math.Abs(a - b)).Max()).Order(),
        ];
        if (errors.Length == 0)
            throw new CorpusException("No clip of the corpus is one of the paper's matrix: their names have nothing in common.");
        double within = errors.Count(error => error <= 0.05) / (double)errors.Length;
        return new FeatureMatch(errors.Length, within, errors[errors.Length / 2], errors[^1]);
    }

    private static Dictionary<string, float[]> Rows(IDataView data) =>
        data.GetColumn<string>("RelativePath").Zip(data.GetColumn<float[]>("Features"))
        .GroupBy(row => Path.GetFileNameWithoutExtension(row.First), StringComparer.Ordinal)
        .ToDictionary(rows => rows.Key, rows => rows.Last().Second, StringComparer.Ordinal);
}

/// <summary>What was made from audio.</summary>
/// <param name="Features">The paper's models on features computed from audio by its recipe.</param>
/// <param name="Match">How close these features are to the paper's matrix, or null where that was not given.</param>
/// <param name="Original">The recipe's members on <c>original</c>, in order: networks over images, then perceptrons.</param>
/// <param name="OverTrain">The same on <c>over-train</c>.</param>
/// <param name="ImageMembers">How many of the members are networks over images.</param>
internal sealed record AudioResults(FeatureResults Features, FeatureMatch? Match, IReadOnlyList<CellOutcome> Original,
    IReadOnlyList<CellOutcome> OverTrain, int ImageMembers)
{
    /// <summary>What the mean of some members scores.</summary>
    public static ClassificationReport Report(IEnumerable<CellOutcome> members) => RecipeCells.Mean([.. members]).ToReport();
}

/// <summary>How close features from audio are to the paper's matrix, over all rows: the greatest difference of a row's 40 numbers is the
/// row's error.</summary>
/// <param name="Rows">Rows compared.</param>
/// <param name="Within">The share within 0.05.</param>
/// <param name="Median">The median error.</param>
/// <param name="Greatest">The greatest.</param>
internal sealed record FeatureMatch(int Rows, double Within, double Median, double Greatest);

/// <summary>Members of <see cref="SpectrogramRecipe"/> from audio, each a training of its own whose probabilities are averaged
/// later.</summary>
/// <param name="corpus">The clips.</param>
/// <param name="featureCache">Where computed features are kept, or null.</param>
internal sealed class RecipeCells(Corpus corpus, string? featureCache)
{
    /// <summary>The seed of every recipe; its members derive theirs from it.</summary>
    public const int Seed = 42;

    private readonly DataFingerprint _fingerprint =
        DataFingerprint.Compute(corpus.Root,
            corpus.Clips.Select(clip => new FingerprintEntry(clip.RelativePath, clip.Label, clip.Speaker, clip.Path)));

    /// <summary>The clips for splits.</summary>
    public IReadOnlyList<SplitItem> Items { get; } = SplitItems.From(corpus.Clips);

    /// <summary>One cell a member.</summary>
    /// <param name="name">What the recipe is called.</param>
    /// <param name="split">What it is trained and tested on.</param>
    /// <param name="fold">The fold, or 0.</param>
    /// <param name="options">The recipe.</param>
    public IEnumerable<Cell> Of(string name, Split split, int fold, SpectrogramRecipeOptions options) =>
        Enumerable.Range(0, options.ImageMembers + options.VectorMembers).Select(member => new Cell(
        string.Create(CultureInfo.InvariantCulture, $"{name}{(fold > 0 ? $"-fold{fold}" : "")}-member{member}"),
        string.Create(CultureInfo.InvariantCulture,
            $"{_fingerprint} {options with { MetricsCallback = null, CancellationToken = default }} {fold} {member} {Seed} "
                + $"{Cell.KeyOf(SpectrogramRecipe.Member(options, member))}"),
        cancellation => Train(split, member, options with { CancellationToken = cancellation })));

    /// <summary>The mean of several members' probabilities.</summary>
    /// <param name="members">Their outcomes over the same rows.</param>
    public static PredictionSet Mean(IReadOnlyList<CellOutcome> members)
    {
        CellOutcome first = members[0];
        string[] paths = [.. first.Rows.Select(row => row.Path)];
        if (members.Any(member => !member.Rows.Select(row => row.Path).SequenceEqual(paths, StringComparer.Ordinal)))
            throw new EvaluationException("The members were scored on different clips, so their probabilities have no mean. Delete the "
                + "kept outcomes and run again.");
        return new PredictionSet(first.Labels, [.. first.Rows.Select((row, i) =>
        {
            float[] mean = [.. first.Labels.Select((_, c) => members.Average(member => member.Rows[i].Probabilities[c]))];
            return new ClipPrediction
            {
                Path = row.Path,
                Speaker = row.Speaker,
                Label = row.Label,
                Predicted = first.Labels[Array.IndexOf(mean, mean.Max())],
                Probabilities = mean,
            };
        })]);
    }

    private CellOutcome Train(Split split, int member, SpectrogramRecipeOptions options)
    {
        long start = Stopwatch.GetTimestamp();
        var ml = new MLContext(Seed);
        IDataView clips = ml.Data.LoadCorpus(corpus);
        DataOperationsCatalog.TrainTestData parts = ml.Data.ApplySplit(clips, split);
        ITransformer model = SpectrogramRecipe.CreateMember(ml, member, options, new AudioReading { CacheDirectory = featureCache })
            .Fit(parts.TrainSet);
        using var networks = model as IDisposable;
        PredictionSet predictions = ml.MulticlassClassification.Predictions(model.Transform(parts.TestSet));
        return CellOutcome.Of(predictions, split.Train.Count, Stopwatch.GetElapsedTime(start).TotalSeconds);
    }
}

/// <summary>RAVDESS speech, all of it: the paper's split is defined over its 1,440 clips and means nothing over fewer.</summary>
internal static class CompleteRavdess
{
    /// <summary>Finds and loads it.</summary>
    /// <param name="data">Its own folder, or one with RAVDESS below it; null for the folder <c>data</c>.</param>
    /// <exception cref="CorpusException">It is not there, or not whole.</exception>
    public static Corpus Load(string? data)
    {
        string folder = data ?? "data";
        if (!Directory.Exists(folder))
            throw new CorpusException($"There is no folder '{folder}': name the folder of RAVDESS speech (--data). ser corpora fetch "
                + "ravdess downloads it, after showing its licence.");
        string below = Path.Combine(folder, "RAVDESS");
        Corpus corpus = CorpusLoader.Load("ravdess-speech", Directory.Exists(below) ? below : folder);
        int expected = 1440;
        return corpus.Clips.Count == expected ? corpus : throw new CorpusException(
            $"'{folder}' holds {Format.Count(corpus.Clips.Count, "clip")} of RAVDESS speech, and the paper's split is over "
                + $"{Format.Whole(expected)}. Complete the corpus: ser corpora --corpus ravdess --data DIR lists what is missing.");
    }
}
