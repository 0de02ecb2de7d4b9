using static TorchSharp.torch;

namespace SerPipeline.Networks;

/// <summary>One layer of a network, for reports.</summary>
/// <param name="Name">The dotted path in the network, as in the state dictionary: <c>block1.conv</c>.</param>
/// <param name="Kind">PyTorch's name of the layer: <c>Conv2d</c>.</param>
/// <param name="HyperParameters">What it was built with, under PyTorch's names: values are <see cref="long"/>, <see cref="double"/>,
/// <see cref="bool"/>, <see cref="string"/> or <c>long[]</c>.</param>
/// <param name="ParameterNames">Full names of its parameters and buffers in the state dictionary.</param>
/// <param name="Parameters">Numbers in its parameters, trained or not; buffers do not count.</param>
public sealed record LayerDescription(string Name, string Kind, IReadOnlyDictionary<string, object> HyperParameters,
    IReadOnlyList<string> ParameterNames, long Parameters)
{
    /// <summary>The layers of a network, in the order they were put in.</summary>
    /// <param name="network">The network.</param>
    public static IReadOnlyList<LayerDescription> Of(nn.Module network)
    {
        ArgumentNullException.ThrowIfNull(network);
        return [.. Describe(network, "")];
    }

    private static IEnumerable<LayerDescription> Describe(nn.Module module, string path)
    {
        if (module is not ILayer && module.named_children().Any())
            return module.named_children().SelectMany(child => Describe(child.module, NetworkOnnx.Join(path, child.name)));
        string[] names = [.. module.named_parameters().Select(p => NetworkOnnx.Join(path, p.name)), .. module.named_buffers().Select(b =>
            NetworkOnnx.Join(path, b.name))];
        (string kind, IReadOnlyDictionary<string, object> settings) = module is ILayer layer ? (layer.Kind, layer.HyperParameters)
            : (module.GetType().Name, Settings(module));
        return [new LayerDescription(path, kind, settings, names, module.parameters().Sum(p => p.numel()))];
    }

    private static Dictionary<string, object> Settings(nn.Module module) => module switch
    {
        Linear l => new() { ["in_features"] = l.in_features, ["out_features"] = l.out_features, ["bias"] = l.bias is not null },
        Convolution c => new()
        {
            ["in_channels"] = c.in_channels,
            ["out_channels"] = c.out_channels,
            ["kernel_size"] = c.kernel_size,
            ["stride"] = c.stride,
            ["padding"] = c.padding ?? [],
            ["dilation"] = c.dilation,
            ["groups"] = c.groups,
            ["bias"] = c.bias is not null,
        },
        NormBase n => new() { ["num_features"] = n.num_features, ["eps"] = n.eps, ["momentum"] = n.momentum ?? double.NaN },
        LayerNorm n => new() { ["normalized_shape"] = n.normalized_shape, ["eps"] = n.eps },
        MaxPool2d p => new() { ["kernel_size"] = p.kernel_size, ["stride"] = p.stride ?? p.kernel_size },
        MaxPool1d p => new() { ["kernel_size"] = (long[])[p.kernel_size], ["stride"] = (long[])[p.stride ?? p.kernel_size] },
        AvgPool2d p => new() { ["kernel_size"] = p.kernel_size, ["stride"] = p.stride ?? p.kernel_size },
        Flatten f => new() { ["start_dim"] = f.start_dim, ["end_dim"] = f.end_dim },
        Dropout d => new() { ["p"] = d.p },
        LeakyReLU r => new() { ["negative_slope"] = r.negative_slope },
        ELU e => new() { ["alpha"] = e.alpha },
        LSTM or GRU => Recurrent(module),
        _ => [],
    };

    private static Dictionary<string, object> Recurrent(nn.Module module)
    {
        Dictionary<string, Parameter> own = module.named_parameters().ToDictionary(p => p.name, p => p.parameter, StringComparer.Ordinal);
        return new()
        {
            ["input_size"] = own["weight_ih_l0"].shape[1],
            ["hidden_size"] = own["weight_hh_l0"].shape[1],
            ["num_layers"] = (long)own.Keys.Count(name =>
            name.StartsWith("weight_hh_l", StringComparison.Ordinal) && !name.EndsWith("_reverse", StringComparison.Ordinal)),
            ["bidirectional"] = own.ContainsKey("weight_ih_l0_reverse"),
        };
    }
}

/// <summary>A module that reports show as one layer, children or not.</summary>
internal interface ILayer
{
    string Kind { get; }

    IReadOnlyDictionary<string, object> HyperParameters { get; }
}
