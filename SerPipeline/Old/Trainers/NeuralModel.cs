using System.Text.Json;
using System.Text.Json.Serialization;
using SerPipeline.Old.Pipeline;
using SerPipeline.Old.Torch;
using SerPipeline.Old.Torch.Layers;
using SerPipeline.Onnx;
using SerPipeline.Trainers;

namespace SerPipeline.Old.Trainers;

/// <summary>A trained network as a stage: adds one probability a class, and the most probable class. Dispose it to free its native memory.</summary>
/// <remarks>
/// Rows are scored one at a time in float32, whatever the training used: so a row's scores do not depend on the rows beside it, to the last bit.
/// </remarks>
public abstract class NeuralModel : RowTransformer, IClassificationModel, IDisposable
{
    internal const string WeightsPart = "weights.safetensors";
    private const string HistoryPart = "history.json";

    // An epoch's validation loss may be infinite without the training having failed.
    private static readonly JsonSerializerOptions HistoryJson = new()
    {
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        RespectNullableAnnotations = true,
    };

    private readonly Module _network;

    // libtorch already spreads one clip over all cores; two clips at once would only make its threads wait for each other.
    private readonly Lock _oneAtATime = new();

    private protected NeuralModel(SerContext context, NeuralModelColumns columns, Module network, TrainingHistory history) : base(context)
    {
        Columns = columns;
        _network = network;
        _network.Eval();
        _network.SetPrecision(ComputePrecision.Float32);
        History = history;
    }

    /// <summary>What the classes are called, in the order of the scores.</summary>
    public IReadOnlyList<string> Labels => Columns.Labels;

    /// <summary>How the training went.</summary>
    public TrainingHistory History { get; }

    internal NeuralModelColumns Columns { get; }

    /// <summary>The network, layer by layer.</summary>
    public IReadOnlyList<LayerDescription> Describe() => [.. _network.Describe()];

    /// <inheritdoc/>
    public override void Export(OnnxExport onnx)
    {
        ArgumentNullException.ThrowIfNull(onnx);
        OnnxValue logits = _network.Export(Encoded(onnx), onnx.Path);
        onnx.SetScores(Columns.Score, Columns.PredictedLabel, new OnnxScores(logits, logits.Softmax(), Labels));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees the network.</summary>
    /// <param name="disposing">Whether called by the owner.</param>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing) _network.Dispose();
    }

    /// <summary>The columns as the network reads them.</summary>
    private protected virtual OnnxValue Encoded(OnnxExport onnx) => onnx.Get(StageName, Columns.Feature).Values;

    private protected void SaveNetwork(StageContent stage)
    {
        using var weights = new MemoryStream();
        SafeTensors.Write(weights, _network.StateDict());
        stage.AddPart(WeightsPart, weights.ToArray());
        stage.AddPart(HistoryPart, JsonSerializer.SerializeToUtf8Bytes(History, HistoryJson));
    }

    /// <summary>Requires weights for that many parameters, before a network of sizes that a damaged file only claims takes its memory.</summary>
    private protected static void RequireWeights(StageContent stage, double parameters)
    {
        int bytes = stage.GetPart(WeightsPart).Length;
        if (parameters * sizeof(float) > bytes)
            throw new ModelFormatException($"Stage '{stage.StageName}' describes a network of {parameters:0} parameters, but its '{WeightsPart}' has {bytes} bytes.");
    }

    private protected static TrainingHistory LoadNetwork(StageContent stage, Module network)
    {
        try
        {
            using var weights = new MemoryStream(stage.GetPart(WeightsPart), writable: false);
            network.LoadStateDict(SafeTensors.Read(weights));
            return JsonSerializer.Deserialize<TrainingHistory>(stage.GetPart(HistoryPart), HistoryJson)
                ?? throw new ModelFormatException($"Stage '{stage.StageName}' has an empty '{HistoryPart}'.");
        }
        catch (JsonException e)
        {
            throw new ModelFormatException($"Stage '{stage.StageName}' has a '{HistoryPart}' that cannot be read: {e.Message}", e);
        }
    }

    /// <summary>One probability a class.</summary>
    private protected float[] Score(ReadOnlySpan<float> values, ReadOnlySpan<long> shape)
    {
        lock (_oneAtATime)
        {
            using TensorScope scope = TensorScope.New();
            using NoGrad noGrad = NoGrad.New();
            return _network.Forward(Tensor.From(values, shape)).Softmax().ToFloats();
        }
    }

    /// <summary>The two columns that scoring adds.</summary>
    private protected DataViewSchema.DetachedColumn[] OutputColumns() => ScoreColumns(Columns.Score, Columns.PredictedLabel, Labels);

    internal static DataViewSchema.DetachedColumn[] ScoreColumns(string score, string predictedLabel, IReadOnlyList<string> labels) =>
    [
        new(score, new VectorDataViewType(labels.Count), new ColumnAnnotations { SlotNames = labels }),
        new(predictedLabel, new KeyDataViewType(labels.Count), new ColumnAnnotations { KeyValues = labels }),
    ];

    /// <summary>Fills the columns of <see cref="ScoreColumns"/>.</summary>
    internal static void SetScores(Span<object?> outputs, float[] probabilities)
    {
        outputs[0] = new VBuffer<float>(probabilities);
        outputs[1] = (uint)TrainingLoop.ArgMax(probabilities) + 1;
    }

    private protected sealed class ScoreMapper<TIn>(int input, DataViewSchema.DetachedColumn[] outputs, Func<TIn, float[]> score) : RowMapper([input], outputs)
    {
        public override void Map(ReadOnlySpan<object?> inputs, Span<object?> outputs) => SetScores(outputs, score((TIn)inputs[0]!));
    }

    private protected sealed class ScoreMapper<TFirst, TSecond>(int first, int second, DataViewSchema.DetachedColumn[] outputs, Func<TFirst, TSecond, float[]> score)
        : RowMapper([first, second], outputs)
    {
        public override void Map(ReadOnlySpan<object?> inputs, Span<object?> outputs) => SetScores(outputs, score((TFirst)inputs[0]!, (TSecond)inputs[1]!));
    }
}

/// <summary>The columns of a trained network, and what its classes are called.</summary>
internal sealed record NeuralModelColumns(string Feature, string Score, string PredictedLabel, IReadOnlyList<string> Labels)
{
    public static NeuralModelColumns From(NeuralTrainerOptions options, IReadOnlyList<string> labels) =>
        new(options.FeatureColumnName, options.ScoreColumnName, options.PredictedLabelColumnName, labels);

    public void Check(string stage)
    {
        if (Labels is not { Count: > 0 } || Labels.Any(string.IsNullOrEmpty) || Labels.Distinct(StringComparer.Ordinal).Count() != Labels.Count || string.IsNullOrEmpty(Feature) || string.IsNullOrEmpty(Score) || string.IsNullOrEmpty(PredictedLabel))
            throw new ModelFormatException($"Stage '{stage}' must name its columns and list at least one label, each once.");
    }
}
