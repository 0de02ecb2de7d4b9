using SerPipeline.Onnx;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace SerPipeline.Networks;

/// <summary>A network of layers that follow each other.</summary>
public abstract class LayerChain : Module<Tensor, Tensor>, IOnnxModule
{
    private readonly List<Module<Tensor, Tensor>> _layers = [];

    private protected LayerChain(string name) : base(Started.As(name)) { }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor current = input;
        foreach (Module<Tensor, Tensor> layer in _layers) current = layer.call(current);
        return current.MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public OnnxValue ToOnnx(OnnxValue input, string name) =>
        named_children().Aggregate(input, (current, child) =>
            NetworkOnnx.Export(child.module, current, NetworkOnnx.Join(name, child.name)));

    private protected T Add<T>(string name, T layer) where T : Module<Tensor, Tensor>
    {
        register_module(name, layer);
        _layers.Add(layer);
        return layer;
    }
}

/// <summary>[n, length] to [n, 1, length].</summary>
internal sealed class AsOneChannel() : Module<Tensor, Tensor>(Started.As(nameof(AsOneChannel))), IOnnxModule, ILayer
{
    public override Tensor forward(Tensor input) => input.unsqueeze(1);

    public OnnxValue ToOnnx(OnnxValue input, string name) => input.Unsqueeze(1);

    string ILayer.Kind => "Unsqueeze";

    IReadOnlyDictionary<string, object> ILayer.HyperParameters => new Dictionary<string, object> { ["dim"] = 1L };
}

/// <summary>Makes every pair of channel and frequency a feature of a sequence over time: [n, channels, height, width] to [n, width,
/// channels * height].</summary>
internal sealed class FlattenFrequency() : Module<Tensor, Tensor>(Started.As(nameof(FlattenFrequency))), IOnnxModule, ILayer
{
    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        return input.permute(0, 3, 1, 2).flatten(2).MoveToOuterDisposeScope();
    }

    public OnnxValue ToOnnx(OnnxValue input, string name) => input.Transpose(0, 3, 1, 2).Reshape(0, 0, -1);

    string ILayer.Kind => nameof(FlattenFrequency);

    IReadOnlyDictionary<string, object> ILayer.HyperParameters => new Dictionary<string, object>();
}
