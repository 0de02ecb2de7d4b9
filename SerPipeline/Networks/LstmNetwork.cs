using SerPipeline.Onnx;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace SerPipeline.Networks;

/// <summary>
/// An LSTM (Hochreiter and Schmidhuber 1997) that reads a vector's values one after another, then a dense ReLU layer and dropout, after a
/// Keras model (Chollet et al. 2015) over 40 mean MFCCs: [n, inputs], of any number of inputs, to logits [n, classes]. First weights as
/// in Keras: Glorot uniform kernels, orthogonal recurrent kernels, biases 0 but 1 for the forget gate; one bias a gate is trained.
/// </summary>
public sealed class LstmNetwork : Module<Tensor, Tensor>, IOnnxModule
{
    private readonly List<LSTM> _lstms = [];
    private readonly LinearLayer _dense, _classifier;
    private readonly DropoutLayer _dropout;

    /// <param name="units">Units of each LSTM layer; each passes its whole sequence on, the last its last step.</param>
    /// <param name="denseUnits">Units of the dense layer.</param>
    /// <param name="dropout">Dropout after it.</param>
    /// <param name="classes">Outputs.</param>
    /// <param name="random">Draws the first weights.</param>
    public LstmNetwork(IReadOnlyList<int> units, int denseUnits, double dropout, int classes, SeededRandom random)
        : base(Started.As(nameof(LstmNetwork)))
    {
        ArgumentNullException.ThrowIfNull(units);
        ArgumentNullException.ThrowIfNull(random);
        SeededRandom first = random.Fork("initialization");
        int width = 1;
        for (int i = 0; i < units.Count; i++)
        {
            LSTM lstm;
            // TorchSharp draws first weights, which are replaced.
            lock (TorchEngine.GeneratorLock) lstm = LSTM(width, units[i], batchFirst: true);
            Initializers.AsKeras(lstm, first.Fork($"lstm{i + 1}"));
            register_module($"lstm{i + 1}", lstm);
            _lstms.Add(lstm);
            width = units[i];
        }
        _dense = new LinearLayer(width, denseUnits, new SeededRandom(0));
        _dropout = new DropoutLayer(dropout, random.Fork("dropout"));
        _classifier = new LinearLayer(denseUnits, classes, new SeededRandom(0));
        Initializers.AsKeras(_dense, first.Fork("dense"));
        Initializers.AsKeras(_classifier, first.Fork("classifier"));
        register_module("dense", _dense);
        register_module("dropout", _dropout);
        register_module("classifier", _classifier);
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        using DisposeScope scope = NewDisposeScope();
        Tensor last = Recur(input.unsqueeze(2)).select(1, -1);                      // [n, steps, units] -> [n, units]
        return _classifier.call(_dropout.call(_dense.call(last).relu())).MoveToOuterDisposeScope();
    }

    // [n, steps, 1] to [n, steps, units]. Without recorded gradients libtorch takes oneDNN's inference kernel (3.7.1), which on some
    // processors (AMD EPYC family 26 among them) gives wrong values below 20 units, without an error. There they are recorded always, and
    // cut off where the caller wants none.
    private Tensor Recur(Tensor steps)
    {
        const long leastUnits = 32;
        bool wanted = is_grad_enabled();
        using IDisposable recorded = set_grad_enabled(wanted || _lstms.Any(lstm =>
            lstm.get_parameter("weight_hh_l0")!.shape[1] < leastUnits));
        foreach (LSTM lstm in _lstms) steps = lstm.call(steps).Item1;
        return wanted ? steps : steps.detach();
    }

    /// <inheritdoc/>
    public OnnxValue ToOnnx(OnnxValue input, string name)
    {
        ArgumentNullException.ThrowIfNull(input);
        OnnxValue steps = input.Unsqueeze(2);
        for (int i = 0; i < _lstms.Count; i++) steps = NetworkOnnx.Export(_lstms[i], steps, NetworkOnnx.Join(name, $"lstm{i + 1}"));
        OnnxValue last = steps.Gather(input.Graph.Scalar(-1, OnnxType.Int64), 1);
        OnnxValue hidden = _dense.ToOnnx(last, NetworkOnnx.Join(name, "dense")).One("Relu");
        return _classifier.ToOnnx(hidden, NetworkOnnx.Join(name, "classifier"));
    }
}
