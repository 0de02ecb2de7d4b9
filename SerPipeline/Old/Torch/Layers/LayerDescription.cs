namespace SerPipeline.Old.Torch.Layers;

/// <summary>One layer of a network as an exporter needs it.</summary>
/// <param name="Name">The dotted path in the network, as in the state dictionary: <c>features.0</c>.</param>
/// <param name="Kind">PyTorch's name of the layer: <c>Conv2d</c>.</param>
/// <param name="HyperParameters">What it was built with, under PyTorch's names: values are <see cref="long"/>, <see cref="double"/>, <see cref="bool"/>, <see cref="string"/> or <c>long[]</c>.</param>
/// <param name="ParameterNames">Full names of its parameters and buffers in the state dictionary.</param>
public sealed record LayerDescription(string Name, string Kind, IReadOnlyDictionary<string, object> HyperParameters, IReadOnlyList<string> ParameterNames)
{
    /// <summary>A whole number among the hyper-parameters.</summary>
    /// <param name="name">Its name.</param>
    public long Whole(string name) => Value<long>(name);

    /// <summary>Several whole numbers among the hyper-parameters.</summary>
    /// <param name="name">Their name.</param>
    public IReadOnlyList<long> Wholes(string name) => Value<long[]>(name);

    /// <summary>A real number among the hyper-parameters.</summary>
    /// <param name="name">Its name.</param>
    public double Number(string name) => Value<double>(name);

    /// <summary>A truth value among the hyper-parameters.</summary>
    /// <param name="name">Its name.</param>
    public bool Flag(string name) => Value<bool>(name);

    private T Value<T>(string name) => HyperParameters.TryGetValue(name, out object? value) && value is T typed
        ? typed
        : throw new TorchException($"Layer '{Name}' ({Kind}) has no hyper-parameter '{name}' of type {typeof(T).Name}; it has: {string.Join(", ", HyperParameters.Keys)}.");
}
