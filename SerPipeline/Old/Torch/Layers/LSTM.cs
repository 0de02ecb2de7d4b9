using System.Globalization;
using SerPipeline.Old.Torch.Native;
using SerPipeline.Onnx;

namespace SerPipeline.Old.Torch.Layers;

/// <summary>
/// Long short-term memory (Hochreiter and Schmidhuber 1997) over [N, T, features], starting from zeros, in float32. Parameter names, gate order
/// (input, forget, cell, output) and initialisation are PyTorch's.
/// </summary>
public sealed class LSTM : Module
{
    private readonly int _inputSize, _hiddenSize, _layers;
    private readonly bool _bidirectional;
    private readonly double _dropoutProbability;
    private readonly List<Parameter[]> _weights = [];
    private readonly Dropout? _dropout;

    /// <summary>Creates the layer.</summary>
    /// <param name="inputSize">Features of a frame.</param>
    /// <param name="hiddenSize">Features of the state, a direction.</param>
    /// <param name="random">Draws the initial values and seeds the dropout.</param>
    /// <param name="layers">Layers on top of each other (PyTorch: num_layers).</param>
    /// <param name="bidirectional">Whether each layer also runs backwards in time; the outputs are joined.</param>
    /// <param name="dropout">The share of each layer's outputs set to zero while training, except the last layer's.</param>
    public LSTM(int inputSize, int hiddenSize, SeededRandom random, int layers = 1, bool bidirectional = false, double dropout = 0)
    {
        TensorCheck.Positive(nameof(LSTM), nameof(inputSize), inputSize);
        TensorCheck.Positive(nameof(LSTM), nameof(hiddenSize), hiddenSize);
        TensorCheck.Positive(nameof(LSTM), nameof(layers), layers);
        LayerCheck.Probability(nameof(LSTM), nameof(dropout), dropout);
        (_inputSize, _hiddenSize, _layers, _bidirectional, _dropoutProbability) = (inputSize, hiddenSize, layers, bidirectional, dropout);
        for (int layer = 0; layer < layers; layer++)
        {
            int features = layer == 0 ? inputSize : hiddenSize * Directions;
            _weights.Add([.. Enumerable.Range(0, Directions).SelectMany(direction => AddDirection(layer, direction, features, random))]);
        }
        if (dropout > 0 && layers > 1) _dropout = AddChild("dropout", new Dropout(dropout, random));
    }

    /// <summary>Features of an output frame: the state's, once a direction.</summary>
    public int OutputSize => _hiddenSize * Directions;

    /// <inheritdoc/>
    protected override bool IsOneLayer => true;

    private int Directions => _bidirectional ? 2 : 1;

    /// <summary>The outputs of the last layer.</summary>
    /// <param name="input">[N, T, features].</param>
    /// <returns>[N, T, directions × hidden].</returns>
    public override Tensor Forward(Tensor input)
    {
        using var scope = TensorScope.New();
        return scope.MoveToOuter(ForwardWithState(input).Output);
    }

    /// <summary>The outputs of the last layer and the states it ended in.</summary>
    /// <param name="input">[N, T, features].</param>
    /// <returns>Output [N, T, directions × hidden]; hidden and cell state of the last layer [directions, N, hidden].</returns>
    public (Tensor Output, Tensor Hidden, Tensor Cell) ForwardWithState(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        using var scope = TensorScope.New();
        Tensor current = input.To(ScalarType.Float32);
        for (int layer = 0; layer < _layers - 1; layer++)
        {
            Tensor output = Apply(layer, current).Output;
            current = _dropout is null ? output : _dropout.Forward(output);
        }
        (Tensor last, Tensor hidden, Tensor cell) = Apply(_layers - 1, current);
        return (scope.MoveToOuter(last), scope.MoveToOuter(hidden), scope.MoveToOuter(cell));
    }

    /// <inheritdoc/>
    public override OnnxValue Export(OnnxValue input, string name)
    {
        ArgumentNullException.ThrowIfNull(input);
        // ONNX's layout: steps first, gates in the order input, output, forget, cell.
        OnnxValue current = input.Transpose(1, 0, 2);
        for (int layer = 0; layer < _layers; layer++)
        {
            OnnxValue[][] directions = [.. Enumerable.Range(0, Directions).Select(direction => ExportDirection(input.Graph, name, layer, direction))];
            OnnxValue[] weights = [.. Enumerable.Range(0, 3).Select(i => input.Graph.Concat(0, [.. directions.Select(d => d[i])]))];
            // [T, directions, N, hidden] to [T, N, directions x hidden].
            current = input.Graph.Node("LSTM", [current, .. weights], [("hidden_size", (long)_hiddenSize), ("direction", _bidirectional ? "bidirectional" : "forward")])
                .Transpose(0, 2, 1, 3).Reshape(0, 0, -1);
        }
        return current.Transpose(1, 0, 2);
    }

    /// <inheritdoc/>
    protected override IReadOnlyDictionary<string, object> HyperParameters() => new Dictionary<string, object>
    {
        ["input_size"] = (long)_inputSize,
        ["hidden_size"] = (long)_hiddenSize,
        ["num_layers"] = (long)_layers,
        ["bidirectional"] = _bidirectional,
        ["dropout"] = _dropoutProbability,
    };

    /// <summary>W [1, 4 hidden, features], R [1, 4 hidden, hidden] and B [1, 8 hidden] of one direction, as ONNX's LSTM wants them.</summary>
    private OnnxValue[] ExportDirection(OnnxGraphBuilder graph, string name, int layer, int direction)
    {
        OnnxValue InOrder(string weight)
        {
            IReadOnlyList<OnnxValue> gates = ExportWeight(graph, name, weight + Suffix(layer, direction)).Split(0, 4);
            return graph.Concat(0, gates[0], gates[3], gates[1], gates[2]).Unsqueeze(0);
        }

        return [InOrder("weight_ih"), InOrder("weight_hh"), graph.Concat(1, InOrder("bias_ih"), InOrder("bias_hh"))];
    }

    private static string Suffix(int layer, int direction) => string.Create(CultureInfo.InvariantCulture, $"_l{layer}{(direction == 1 ? "_reverse" : "")}");

    private (Tensor Output, Tensor Hidden, Tensor Cell) Apply(int layer, Tensor input) =>
        input.Lstm([.. _weights[layer].Select(weight => weight.Value)]);

    private Parameter[] AddDirection(int layer, int direction, int features, SeededRandom random)
    {
        double bound = 1 / Math.Sqrt(_hiddenSize);
        string suffix = Suffix(layer, direction);
        long gates = 4L * _hiddenSize;
        return
        [
            AddParameter("weight_ih" + suffix, Initializers.Uniform(random, bound, [gates, features])),
            AddParameter("weight_hh" + suffix, Initializers.Uniform(random, bound, [gates, _hiddenSize])),
            AddParameter("bias_ih" + suffix, Initializers.Uniform(random, bound, [gates])),
            AddParameter("bias_hh" + suffix, Initializers.Uniform(random, bound, [gates])),
        ];
    }
}
