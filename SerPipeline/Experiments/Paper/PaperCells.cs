using System.Diagnostics;
using System.Globalization;
using SerPipeline.Corpora;
using SerPipeline.Evaluation;
using SerPipeline.Old.Pipeline;
using SerPipeline.Old.Trainers;
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

    /// <summary>The divisions with speakers held out: RAVDESS' published folds, or one TESS speaker at a time; none for a set without such an evaluation.</summary>
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
        string name = string.Create(CultureInfo.InvariantCulture, $"{origin}-{features.Name}-{model}-{protocol}{(fold > 0 ? $"-fold{fold}" : "")}-seed{seed}{(plan.Quick ? "-quick" : "")}");
        int? epochs = plan.Epochs;
        return new Cell(name, $"{_digest} {model} {protocol} {fold} {seed} {epochs}", cancellation => Train(model, split, seed, watched, epochs, cancellation));
    }

    private CellOutcome Train(string model, Split split, int seed, bool watched, int? epochs, CancellationToken cancellation)
    {
        long start = Stopwatch.GetTimestamp();
        var ser = new SerContext(seed);
        TrainTestData parts = ser.Data.ApplySplit(features.Data, split);
        var keys = ser.Transforms.Conversion.MapValueToKey("Label").Fit(parts.TrainSet);
        IDataView train = keys.Transform(parts.TrainSet), test = keys.Transform(parts.TestSet);
        using NeuralModel fitted = Fit(ser, model, train, watched ? test : null, epochs, cancellation);
        PredictionSet predictions = ser.MulticlassClassification.Predictions(fitted.Transform(test));
        TrainingCurves? curves = watched ? CurvesOf(fitted.History) : null;
        return CellOutcome.Of(predictions, fitted.History.TrainExamples, Stopwatch.GetElapsedTime(start).TotalSeconds, curves);
    }

    // The test rows are only watched, for the paper's figures: the options keep the last epoch.
    private static NeuralModel Fit(SerContext ser, string model, IDataView train, IDataView? watched, int? epochs, CancellationToken cancellation)
    {
        MulticlassClassificationCatalog.MulticlassClassificationTrainers trainers = ser.MulticlassClassification.Trainers;
        return model switch
        {
            "cnn" => trainers.Conv1dClassification(With(new Conv1dClassificationOptions())).Fit(train),
            "lstm" => trainers.LstmClassification(With(new LstmClassificationOptions())).Fit(train),
            "mlp" => trainers.MlpClassifier(With(new MlpClassifierOptions())).Fit(train),
            _ => throw new ArgumentOutOfRangeException(nameof(model), model, "There is no such model."),
        };

        TOptions With<TOptions>(TOptions options) where TOptions : VectorClassificationOptions =>
            options with { ValidationSet = watched, Epoch = epochs ?? options.Epoch, CancellationToken = cancellation };
    }

    private static TrainingCurves CurvesOf(TrainingHistory history) => new()
    {
        TrainLoss = [.. history.Epochs.Select(epoch => epoch.TrainLoss)],
        TrainAccuracy = [.. history.Epochs.Select(epoch => epoch.TrainAccuracy)],
        ValidationLoss = [.. history.Epochs.Select(epoch => epoch.ValidationLoss ?? double.NaN)],
        ValidationAccuracy = [.. history.Epochs.Select(epoch => epoch.ValidationAccuracy ?? double.NaN)],
    };
}
