using SerPipeline.Corpora;
using SerPipeline.Old.Pipeline;
using SerPipeline.Old.Trainers;
using SerPipeline.Old.Transforms;
using SerPipeline.Splits;
using SerPipeline.Trainers;

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
        _recipe = plan.Quick ? new SpectrogramRecipeOptions { ImageMembers = 1, VectorMembers = 1, Epoch = 1 } : new SpectrogramRecipeOptions();
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
    public AudioResults Results(IReadOnlyDictionary<string, CellOutcome> outcomes, PaperSet? matrix) => new()
    {
        Features = new FeatureResults(_set, _paper, outcomes),
        Match = matrix is null ? null : Match(matrix),
        Original = [.. _original.Select(cell => outcomes[cell.Id])],
        OverTrain = [.. _overTrain.Select(cell => outcomes[cell.Id])],
        ImageMembers = _recipe.ImageMembers,
    };

    private static PaperSet FeaturesOf(Corpus corpus, IReadOnlyList<SplitItem> items, string? featureCache)
    {
        var ser = new SerContext(0, new SerContextOptions { CacheDirectory = featureCache, BadClips = BadClipRule.Throw });
        IDataView clips = ser.Data.LoadCorpus(corpus);
        return new PaperSet(PaperFeatures.Original, ser.Transforms.LoadAudio(LoadAudioOptions.Paper).Append(ser.Transforms.PaperMfcc()).Fit(clips).Transform(clips), items);
    }

    // The matrix lists its clips in an order of its own: rows meet by the clip's name.
    private FeatureMatch Match(PaperSet matrix)
    {
        Dictionary<string, float[]> expected = Rows(matrix.Data), found = Rows(_set.Data);
        double[] errors = [.. expected.Where(pair => found.ContainsKey(pair.Key)).Select(pair => pair.Value.Zip(found[pair.Key], (a, b) => (double)Math.Abs(a - b)).Max()).Order()];
        if (errors.Length == 0) throw new CorpusException("No clip of the corpus is one of the paper's matrix: their names have nothing in common.");
        return new FeatureMatch(errors.Length, errors.Count(error => error <= 0.05) / (double)errors.Length, errors[errors.Length / 2], errors[^1]);
    }

    private static Dictionary<string, float[]> Rows(IDataView data)
    {
        var rows = new Dictionary<string, float[]>(StringComparer.Ordinal);
        DataViewSchema.Column feature = data.Schema["Features"], path = data.Schema["RelativePath"];
        using DataViewRowCursor cursor = data.GetRowCursor([feature, path]);
        ValueGetter<VBuffer<float>> getFeature = cursor.GetGetter<VBuffer<float>>(feature);
        ValueGetter<string> getPath = cursor.GetGetter<string>(path);
        VBuffer<float> values = default;
        string name = "";
        while (cursor.MoveNext())
        {
            getFeature(ref values);
            getPath(ref name);
            rows[Path.GetFileNameWithoutExtension(name)] = values.GetValues().ToArray();
        }
        return rows;
    }
}
