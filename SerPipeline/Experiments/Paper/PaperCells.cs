using System.Diagnostics;
using SerPipeline.Evaluation;
using SerPipeline.Reports.Plots;
using SerPipeline.Splits;
using SerPipeline.Trainers;

namespace SerPipeline.Experiments.Paper;

/// <summary>The paper's three models on one of its feature matrices, under its own split and with speakers held out.</summary>
/// <param name="features">The matrix.</param>
/// <param name="plan">How many seeds.</param>
/// <param name="origin">What the features are, as part of names: <c>matrix</c> or <c>audio</c>.</param>
internal sealed class PaperCells(PaperSet features, ReproductionPlan plan, string origin = "matrix")
{
    /// <summary>The paper's models.</summary>
    public static readonly string[] Models = ["cnn", "lstm", "mlp"];

    private readonly string _digest = features.Digest();

    /// <summary>Its own division.</summary>
    public Split PaperSplit { get; } = Splits.PaperSplit.Create(features.Items);

    /// <summary>The divisions with speakers held out: RAVDESS' published folds, or one TESS speaker at a time; none for a set without such
    /// an evaluation.</summary>
    public IReadOnlyList<Split> HeldOut { get; } = features.Name switch
    {
        PaperFeatures.Original => SpeakerFolds.Create(features.Items).Folds,
        PaperFeatures.New => [SpeakerSplit.HoldOut(features.Items, ["tess/A"]), SpeakerSplit.HoldOut(features.Items, ["tess/B"])],
        _ => [],
    };

    /// <summary>The cells of its own split.</summary>
    public IEnumerable<Cell> OfPaperSplit(string model) =>
        Enumerable.Range(0, plan.SeedsOf(model)).Select(seed => Create(model, "paper", 0, PaperSplit, seed));

    /// <summary>The cells with speakers held out.</summary>
    public IEnumerable<Cell> OfSpeakers(string model) => HeldOut.SelectMany((split, fold) =>
        Enumerable.Range(0, plan.HeldOutSeeds).Select(seed => Create(model, "speakers", fold + 1, split, seed)));

    private Cell Create(string model, string protocol, int fold, Split split, int seed)
    {
        bool watched = protocol == "paper" && seed == 0 && model != "mlp";
        string name = string.Create(CultureInfo.InvariantCulture,
            $"{origin}-{features.Name}-{model}-{protocol}{(fold > 0 ? $"-fold{fold}" : "")}-seed{seed}{(plan.Quick ? "-quick" : "")}");
        int? epochs = plan.Epochs;
        return new Cell(name, $"{_digest} {model} {protocol} {fold} {seed} {Cell.KeyOf(OptionsOf(model, epochs))}",
            cancellation => Train(model, split, seed, watched, epochs, cancellation));
    }

    private CellOutcome Train(string model, Split split, int seed, bool watched, int? epochs, CancellationToken cancellation)
    {
        long start = Stopwatch.GetTimestamp();
        var ml = new MLContext(seed);
        DataOperationsCatalog.TrainTestData parts = ml.Data.ApplySplit(features.Data, split);
        var keys = ml.Transforms.Conversion.MapValueToKey("Label", keyData: ml.Data.LabelValues(features.Data))
            .Fit(parts.TrainSet);
        IDataView train = keys.Transform(parts.TrainSet), test = keys.Transform(parts.TestSet);
        using NeuralModel fitted = Fit(ml, seed, model, train, watched ? test : null, epochs, cancellation);
        PredictionSet predictions = ml.MulticlassClassification.Predictions(fitted.Transform(test));
        TrainingCurves? curves = watched ? TrainingCurves.Of(fitted.History, bestEpoch: null) : null;
        return CellOutcome.Of(predictions, fitted.History.TrainExamples, Stopwatch.GetElapsedTime(start).TotalSeconds, curves);
    }

    // The test rows are only watched, for the paper's figures: the options keep the last epoch.
    private static NeuralModel Fit(MLContext ml, int seed, string model, IDataView train, IDataView? watched, int? epochs,
        CancellationToken cancellation)
    {
        MulticlassClassificationCatalog.MulticlassClassificationTrainers trainers = ml.MulticlassClassification.Trainers;
        return (OptionsOf(model, epochs) with { Seed = seed, ValidationSet = watched, CancellationToken = cancellation }) switch
        {
            Conv1dOptions conv => trainers.Conv1d(conv).Fit(train),
            LstmOptions lstm => trainers.Lstm(lstm).Fit(train),
            MlpClassifierOptions mlp => trainers.MlpClassifier(mlp).Fit(train),
            var other => throw new ArgumentOutOfRangeException(nameof(model), other.GetType().Name, "There is no such model."),
        };
    }

    private static VectorClassificationOptions OptionsOf(string model, int? epochs)
    {
        VectorClassificationOptions options = model switch
        {
            "cnn" => new Conv1dOptions(),
            "lstm" => new LstmOptions(),
            "mlp" => new MlpClassifierOptions(),
            _ => throw new ArgumentOutOfRangeException(nameof(model), model, "There is no such model."),
        };
        return options with { Epoch = epochs ?? options.Epoch };
    }
}

/// <summary>Rows of 40 means of cepstral coefficients, from the paper's matrices or computed from audio by its recipe.</summary>
/// <param name="Name"><c>original</c>, <c>over</c> or <c>new</c>.</param>
/// <param name="Data">Features, Label, Speaker, RelativePath.</param>
/// <param name="Items">The same rows for splits.</param>
internal sealed record PaperSet(string Name, IDataView Data, IReadOnlyList<SplitItem> Items)
{
    /// <summary>Reads one of the paper's matrices.</summary>
    /// <param name="folder">Where they lie.</param>
    /// <param name="set">Which.</param>
    public static PaperSet Read(string folder, string set)
    {
        PaperFeatures features = PaperFeatures.Load(folder, set);
        return new PaperSet(set, features.Data, features.Items);
    }

    /// <summary>A digest of every row: features, label and speaker.</summary>
    public string Digest()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (float[] row in Data.GetColumn<float[]>("Features"))
            hash.AppendData(System.Runtime.InteropServices.MemoryMarshal.AsBytes(row.AsSpan()));
        foreach (SplitItem item in Items) hash.AppendData(Encoding.UTF8.GetBytes($"{item.Label}/{item.Speaker};"));
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }
}

/// <summary>How much is trained.</summary>
internal sealed record ReproductionPlan
{
    /// <summary>Seeds of the CNN and the MLP under the paper's split.</summary>
    public int Seeds { get; init; } = 10;

    /// <summary>Seeds of the LSTM under the paper's split.</summary>
    public int LstmSeeds { get; init; } = 5;

    /// <summary>Seeds with speakers held out.</summary>
    public int HeldOutSeeds { get; init; } = 3;

    /// <summary>Epochs of every model; null for the paper's.</summary>
    public int? Epochs { get; init; }

    /// <summary>The smoke test: its figures mean nothing.</summary>
    public bool Quick { get; init; }

    /// <summary>The smoke test: one seed, one epoch.</summary>
    public static ReproductionPlan Smoke { get; } = new() { Seeds = 1, LstmSeeds = 1, HeldOutSeeds = 1, Epochs = 1, Quick = true };

    /// <summary>How many seeds a model has under the paper's split.</summary>
    public int SeedsOf(string model) => model == "lstm" ? LstmSeeds : Seeds;
}

/// <summary>The outcomes of one set's cells, and its baselines.</summary>
/// <param name="Set">The rows.</param>
/// <param name="Cells">Its cells.</param>
/// <param name="Outcomes">All outcomes, by cell.</param>
internal sealed record FeatureResults(PaperSet Set, PaperCells Cells, IReadOnlyDictionary<string, CellOutcome> Outcomes)
{
    /// <summary>A model's outcomes under the paper's split, in the order of seeds.</summary>
    public IReadOnlyList<CellOutcome> OfPaperSplit(string model) => [.. Cells.OfPaperSplit(model).Select(cell => Outcomes[cell.Id])];

    /// <summary>A model's reports with speakers held out, one a seed, each over all held-out rows together.</summary>
    public IReadOnlyList<ClassificationReport> OfSpeakers(string model)
    {
        CellOutcome[] cells = [.. Cells.OfSpeakers(model).Select(cell => Outcomes[cell.Id])];
        int folds = Cells.HeldOut.Count;
        if (folds == 0) return [];
        int seeds = cells.Length / folds;
        return [.. Enumerable.Range(0, seeds)
            .Select(seed => Pool([.. Enumerable.Range(0, folds).Select(fold => cells[(fold * seeds) + seed].ToPredictions())]))];
    }

    /// <summary>A baseline under the paper's split.</summary>
    public ClassificationReport PaperBaseline(Func<IDataView, IDataView, PredictionSet> baseline) =>
        Score(Cells.PaperSplit, baseline).ToReport();

    /// <summary>A baseline over all held-out rows together.</summary>
    public ClassificationReport? SpeakerBaseline(Func<IDataView, IDataView, PredictionSet> baseline) =>
        Cells.HeldOut is { Count: > 0 } folds ? Pool([.. folds.Select(split => Score(split, baseline))]) : null;

    /// <summary>Test rows under the paper's split that equal a training row in every number, and all test rows.</summary>
    public (int Twins, int Rows) Leak()
    {
        DataOperationsCatalog.TrainTestData parts = Parts(Cells.PaperSplit);
        return (Baselines.ExactDuplicates(parts.TrainSet, parts.TestSet).Count, Cells.PaperSplit.Test.Count);
    }

    /// <summary>The nearest neighbour.</summary>
    public static PredictionSet Nearest(IDataView train, IDataView test) => Baselines.NearestNeighbor(train, test);

    /// <summary>The commonest label.</summary>
    public static PredictionSet Majority(IDataView train, IDataView test) => Baselines.Majority(train, test);

    private PredictionSet Score(Split split, Func<IDataView, IDataView, PredictionSet> baseline)
    {
        DataOperationsCatalog.TrainTestData parts = Parts(split);
        return baseline(parts.TrainSet, parts.TestSet);
    }

    private DataOperationsCatalog.TrainTestData Parts(Split split) => new MLContext().Data.ApplySplit(Set.Data, split);

    // PredictionPool tells clips apart by their paths, and the rows of new have none.
    private static ClassificationReport Pool(IReadOnlyList<PredictionSet> folds) =>
        new PredictionSet(folds[0].Labels, [.. folds.SelectMany(fold => fold.Rows)]).ToReport();
}
