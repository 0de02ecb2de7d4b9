using SerPipeline.Onnx;

namespace SerPipeline.Old.Pipeline;

/// <summary>A column in a graph.</summary>
/// <param name="Values">
/// Audio: float [batch, samples]. Frames: float [batch, bands, frames]. An image: its levels, float [batch, 1, height, width]. A vector: float [batch, slots].
/// A key: its 0-based position, int64 [batch].
/// </param>
/// <param name="Lengths">For audio and frames, how many of the last dimension belong to each item, int64 [batch]; what lies behind them is no part of the clip. Else null.</param>
public sealed record OnnxColumn(OnnxValue Values, OnnxValue? Lengths = null);

/// <summary>What a chain says of a clip, in a graph.</summary>
/// <param name="Logits">float [batch, classes] whose softmax are the probabilities.</param>
/// <param name="Probabilities">float [batch, classes].</param>
/// <param name="Labels">The classes in that order.</param>
public sealed record OnnxScores(OnnxValue Logits, OnnxValue Probabilities, IReadOnlyList<string> Labels);

/// <summary>A chain on its way into a graph: the columns there so far. Each stage reads its columns here and sets those it adds.</summary>
public sealed class OnnxExport
{
    /// <summary>The graph's input when a chain starts from audio, float [batch, samples].</summary>
    public const string WaveformInput = "waveform";

    /// <summary>The free dimension of items that are scored together.</summary>
    public const string BatchDimension = "batch";

    private readonly Dictionary<string, OnnxColumn> _columns = new(StringComparer.Ordinal);

    /// <summary>Starts with no column.</summary>
    /// <param name="graph">The graph.</param>
    public OnnxExport(OnnxGraphBuilder graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        Graph = graph;
    }

    /// <summary>The graph.</summary>
    public OnnxGraphBuilder Graph { get; }

    /// <summary>The rate of the waveform that the graph starts from, in Hz; null when it starts from something else.</summary>
    public int? SampleRateHz { get; private set; }

    /// <summary>The input's name; null before there is one.</summary>
    public string? InputName { get; private set; }

    /// <summary>What the last classifier so far says; null before there is one.</summary>
    public OnnxScores? Scores { get; private set; }

    /// <summary>Where in the chain the export stands, such as <c>03-ImageClassification</c>: the first part of the names of weights, so that no two are alike.</summary>
    public string Path { get; private set; } = "";

    /// <summary>Goes into a part of the chain: a stage, or a member of one.</summary>
    /// <param name="name">Its name.</param>
    /// <returns>Leaves the part when disposed.</returns>
    public IDisposable Enter(string name)
    {
        string before = Path;
        Path = before.Length == 0 ? name : $"{before}.{name}";
        return new Leave(this, before, Graph.Scope(name));
    }

    /// <summary>Starts the graph from audio.</summary>
    /// <param name="sampleRateHz">Its rate.</param>
    /// <returns>float [batch, samples].</returns>
    public OnnxValue StartFromWaveform(int sampleRateHz)
    {
        RequireNoInput(WaveformInput);
        SampleRateHz = sampleRateHz;
        return Graph.Input(WaveformInput, OnnxType.Float, BatchDimension, "samples");
    }

    /// <summary>Starts the graph from a vector that is computed elsewhere.</summary>
    /// <param name="column">The vector's column, and the input's name.</param>
    /// <param name="slots">Its length.</param>
    public void StartFromVector(string column, int slots)
    {
        RequireNoInput(column);
        Set(column, new OnnxColumn(Graph.Input(column, OnnxType.Float, BatchDimension, slots)));
    }

    /// <summary>A column that is in the graph.</summary>
    /// <param name="stage">Who asks, for the message.</param>
    /// <param name="name">The column.</param>
    /// <exception cref="ModelExportException">The column is not in the graph.</exception>
    public OnnxColumn Get(string stage, string name) => _columns.TryGetValue(name, out OnnxColumn? column)
        ? column
        : throw new ModelExportException($"{stage} cannot be exported to ONNX: no stage before it puts its column '{name}' into the graph.");

    /// <summary>Puts a column into the graph, in place of one of the same name.</summary>
    /// <param name="name">The column.</param>
    /// <param name="column">What it is there.</param>
    public void Set(string name, OnnxColumn column) => _columns[name] = column;

    /// <summary>Says what a classifier gives.</summary>
    /// <param name="scoreColumn">Its column of probabilities.</param>
    /// <param name="predictedLabelColumn">Its column of keys.</param>
    /// <param name="scores">What it gives.</param>
    public void SetScores(string scoreColumn, string predictedLabelColumn, OnnxScores scores)
    {
        ArgumentNullException.ThrowIfNull(scores);
        Scores = scores;
        Set(scoreColumn, new OnnxColumn(scores.Probabilities));
        Set(predictedLabelColumn, new OnnxColumn(scores.Probabilities.ArgMax(1)));
    }

    private sealed class Leave(OnnxExport export, string before, IDisposable scope) : IDisposable
    {
        public void Dispose()
        {
            export.Path = before;
            scope.Dispose();
        }
    }

    private void RequireNoInput(string name)
    {
        if (InputName is not null) throw new ModelExportException($"The chain cannot be exported to ONNX: it starts from '{InputName}' and again from '{name}'.");
        InputName = name;
    }
}
