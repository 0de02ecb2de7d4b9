using System.Diagnostics.CodeAnalysis;
using SerPipeline.Old.Torch.Native;
using SerPipeline.Onnx;

namespace SerPipeline.Old.Torch.Layers;

/// <summary>
/// A layer or a network of layers. It owns its parameters, buffers and children, which carry PyTorch's names, so that state dictionaries
/// can be exchanged with PyTorch.
/// </summary>
[SuppressMessage("Naming", "CA1716:Identifiers should not match keywords", Justification = "PyTorch's name; Visual Basic can still write [Module].")]
public abstract class Module : IDisposable
{
    private readonly List<(string Name, Parameter Parameter)> _parameters = [];
    private readonly List<(string Name, Tensor Buffer)> _buffers = [];
    private readonly List<(string Name, Module Child)> _children = [];
    private bool _disposed, _precisionChosen;

    /// <summary>Whether the module is in training mode, as after construction: batch statistics and dropout are active.</summary>
    public bool IsTraining { get; private set; } = true;

    /// <summary>What convolutions and matrix products compute in: float32 or bfloat16, never auto.</summary>
    public ComputePrecision Precision { get; private set; } = ComputePrecision.Float32;

    /// <summary>PyTorch's name of the layer, or the class name of a network.</summary>
    public virtual string Kind => GetType().Name;

    /// <summary>The modules directly inside, in order.</summary>
    public IEnumerable<(string Name, Module Module)> Children => _children;

    /// <summary>Applies the module.</summary>
    /// <param name="input">The input.</param>
    /// <returns>The output: owned by the current <see cref="TensorScope"/>, or by the caller when there is none.</returns>
    public abstract Tensor Forward(Tensor input);

    /// <summary>Every parameter of the module and its children under its dotted name; under each of its names where a module is used in several places.</summary>
    public IEnumerable<KeyValuePair<string, Parameter>> NamedParameters() =>
        _parameters.Select(own => KeyValuePair.Create(own.Name, own.Parameter)).Concat(_children.SelectMany(
            child => child.Child.NamedParameters().Select(inner => KeyValuePair.Create($"{child.Name}.{inner.Key}", inner.Value))));

    /// <summary>Every buffer (state that is saved but not trained) of the module and its children under its dotted name.</summary>
    public IEnumerable<KeyValuePair<string, Tensor>> NamedBuffers() =>
        _buffers.Select(own => KeyValuePair.Create(own.Name, own.Buffer)).Concat(_children.SelectMany(
            child => child.Child.NamedBuffers().Select(inner => KeyValuePair.Create($"{child.Name}.{inner.Key}", inner.Value))));

    /// <summary>Every parameter of the module and its children, once each: a module used in two places gives its parameters once.</summary>
    public IEnumerable<Parameter> Parameters() => NamedParameters().Select(named => named.Value).Distinct();

    /// <summary>Sets training mode, here and in every child.</summary>
    public void Train() => SetMode(true);

    /// <summary>Sets evaluation mode, here and in every child.</summary>
    public void Eval() => SetMode(false);

    /// <summary>Sets all gradients to zero.</summary>
    public void ZeroGrad()
    {
        foreach (Parameter parameter in Parameters()) parameter.ZeroGrad();
    }

    /// <summary>Chooses what convolutions and matrix products compute in, here and in every child. Parameters stay float32.</summary>
    /// <param name="precision">The precision; auto is bfloat16 where the processor computes with it, else float32.</param>
    public void SetPrecision(ComputePrecision precision)
    {
        Precision = precision.Resolve();
        _precisionChosen = true;
        foreach ((string _, Module child) in _children) child.SetPrecision(Precision);
    }

    /// <summary>Restarts the random draws of every dropout layer inside; each gets its own stream, named by its path.</summary>
    /// <param name="random">Where the streams come from.</param>
    public void SeedDropout(SeededRandom random) => SeedDropout(random, "");

    /// <summary>A copy of every parameter and buffer under its dotted name.</summary>
    public IReadOnlyDictionary<string, TensorData> StateDict()
    {
        var state = new Dictionary<string, TensorData>(StringComparer.Ordinal);
        foreach ((string name, Parameter parameter) in NamedParameters()) state.Add(name, parameter.Value.ToData());
        foreach ((string name, Tensor buffer) in NamedBuffers()) state.Add(name, buffer.ToData());
        return state;
    }

    /// <summary>Overwrites every parameter and buffer with a saved state. Nothing is changed when anything does not fit.</summary>
    /// <param name="state">As many entries as <see cref="StateDict"/> gives, of the same names, types and shapes.</param>
    /// <exception cref="ModelFormatException">Entries are missing, unexpected, or of another type or shape; every one is named.</exception>
    public void LoadStateDict(IReadOnlyDictionary<string, TensorData> state)
    {
        ArgumentNullException.ThrowIfNull(state);
        var targets = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach ((string name, Parameter parameter) in NamedParameters()) targets.Add(name, parameter.Value);
        foreach ((string name, Tensor buffer) in NamedBuffers()) targets.Add(name, buffer);
        StateDictCheck.ThrowUnlessFits(Kind, targets, state);
        foreach ((string name, Tensor target) in targets) target.Assign(state[name]);
    }

    /// <summary>The layers inside, in the order of computation, for exporters.</summary>
    /// <param name="name">The dotted path of this module; empty for the whole network.</param>
    public virtual IEnumerable<LayerDescription> Describe(string name = "")
    {
        string prefix = name.Length == 0 ? "" : name + ".";
        if (_children.Count > 0 && !IsOneLayer)
            return _children.SelectMany(child => child.Child.Describe(prefix + child.Name));
        string[] names = [.. NamedParameters().Select(own => prefix + own.Key), .. NamedBuffers().Select(own => prefix + own.Key)];
        return [new LayerDescription(name, Kind, HyperParameters(), names)];
    }

    /// <summary>Adds what the module computes in evaluation mode, in float32, to an ONNX graph.</summary>
    /// <param name="input">The input there, float32.</param>
    /// <param name="name">The dotted path of this module; weights are named by it as in the state dictionary.</param>
    /// <returns>The output.</returns>
    /// <exception cref="ModelExportException">The module has no form in ONNX.</exception>
    public virtual OnnxValue Export(OnnxValue input, string name) =>
        throw new ModelExportException($"The layer '{name}' ({Kind}) cannot be exported to ONNX: {GetType().Name} does not override {nameof(Export)}.");

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Whether <see cref="Describe"/> gives this module as one layer although it has children: true where they do not simply follow each other.</summary>
    protected virtual bool IsOneLayer => false;

    /// <summary>What the layer was built with, under PyTorch's names; see <see cref="LayerDescription.HyperParameters"/>.</summary>
    protected virtual IReadOnlyDictionary<string, object> HyperParameters() => new Dictionary<string, object>();

    /// <summary>Releases parameters, buffers and children.</summary>
    /// <param name="disposing">Whether called from <see cref="Dispose()"/>.</param>
    protected virtual void Dispose(bool disposing)
    {
        if (_disposed || !disposing) return;
        _disposed = true;
        foreach ((string _, Parameter parameter) in _parameters) parameter.Dispose();
        foreach ((string _, Tensor buffer) in _buffers) buffer.Dispose();
        foreach ((string _, Module child) in _children) child.Dispose();
    }

    /// <summary>Makes a trained value part of the module.</summary>
    /// <param name="name">Its name in the state dictionary.</param>
    /// <param name="value">Its initial value; the module takes it over.</param>
    /// <exception cref="TorchException">The module has something of that name already.</exception>
    protected Parameter AddParameter(string name, Tensor value)
    {
        RequireNew(name);
        var parameter = new Parameter(value);
        _parameters.Add((name, parameter));
        return parameter;
    }

    /// <summary>Makes a value that is saved but not trained part of the module.</summary>
    /// <param name="name">Its name in the state dictionary.</param>
    /// <param name="value">Its initial value; the module takes it over.</param>
    /// <exception cref="TorchException">The module has something of that name already.</exception>
    protected Tensor AddBuffer(string name, Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        RequireNew(name);
        value.Scope = null;
        _buffers.Add((name, value));
        return value;
    }

    /// <summary>A parameter or buffer of this module as a weight of an ONNX graph, under its full name in the state dictionary.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="name">The dotted path of this module.</param>
    /// <param name="weight">The name of the parameter or buffer in this module.</param>
    /// <exception cref="TorchException">The module has none of that name, or it is not float32.</exception>
    protected OnnxValue ExportWeight(OnnxGraphBuilder graph, string name, string weight)
    {
        ArgumentNullException.ThrowIfNull(graph);
        Tensor tensor = _parameters.FirstOrDefault(own => own.Name == weight).Parameter?.Value ?? _buffers.FirstOrDefault(own => own.Name == weight).Buffer
            ?? throw TensorCheck.Fail(Kind, nameof(weight), "a parameter or buffer of the module", $"'{weight}'");
        TensorCheck.Type(Kind, weight, tensor, ScalarType.Float32);
        TensorData data = tensor.ToData();
        return graph.Weight(OnnxTensor.Raw(name.Length == 0 ? weight : $"{name}.{weight}", OnnxType.Float, data.Shape.ToArray(), data.Bytes));
    }

    private protected OnnxValue[] ExportWeights(OnnxGraphBuilder graph, string name, params string[] weights) => [.. weights.Select(weight => ExportWeight(graph, name, weight))];

    /// <summary>Makes another module part of this one, which disposes it. A mode or precision chosen here before reaches the new part too.</summary>
    /// <param name="name">Its name in dotted paths.</param>
    /// <param name="child">The module.</param>
    /// <exception cref="TorchException">The module has something of that name already.</exception>
    protected T AddChild<T>(string name, T child) where T : Module
    {
        ArgumentNullException.ThrowIfNull(child);
        RequireNew(name);
        if (!IsTraining) child.Eval();
        if (_precisionChosen) child.SetPrecision(Precision);
        _children.Add((name, child));
        return child;
    }

    private protected virtual void Reseed(SeededRandom random)
    {
    }

    private void RequireNew(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        IEnumerable<string> taken = _parameters.Select(own => own.Name).Concat(_buffers.Select(own => own.Name)).Concat(_children.Select(own => own.Name));
        if (taken.Contains(name, StringComparer.Ordinal)) throw TensorCheck.Fail(Kind, "name", "used once in a module", $"'{name}' again");
    }

    private void SeedDropout(SeededRandom random, string path)
    {
        ArgumentNullException.ThrowIfNull(random);
        Reseed(random.Fork("dropout " + path));
        foreach ((string name, Module child) in _children) child.SeedDropout(random, $"{path}.{name}");
    }

    private void SetMode(bool training)
    {
        IsTraining = training;
        foreach ((string _, Module child) in _children) child.SetMode(training);
    }
}
