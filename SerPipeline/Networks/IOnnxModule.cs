using SerPipeline.Onnx;
using static TorchSharp.torch;

namespace SerPipeline.Networks;

/// <summary>A module that can say in ONNX what it computes. One with children calls <see cref="NetworkOnnx.Export"/> for each, in the
/// order its forward uses them.</summary>
public interface IOnnxModule
{
    /// <summary>Adds what the module computes in evaluation mode, in float32, to an ONNX graph.</summary>
    /// <param name="input">What its forward is given, float32, the batch's dimension free.</param>
    /// <param name="name">The dotted path of this module, empty for the whole network. Name weights by it, as in the state dictionary:
    /// <c>path.weight</c>.</param>
    /// <returns>What its forward returns.</returns>
    OnnxValue ToOnnx(OnnxValue input, string name);
}

/// <summary>ONNX forms of modules that cannot have <see cref="IOnnxModule"/> themselves, or should take another form. They come before
/// the library's own.</summary>
public sealed class OnnxConverters
{
    private readonly Dictionary<Type, Func<nn.Module, OnnxValue, string, OnnxValue>> _converters = [];

    /// <summary>Adds one for modules of exactly this type; a second one of the type takes the first's place.</summary>
    /// <typeparam name="TModule">The module's type.</typeparam>
    /// <param name="convert">As <see cref="IOnnxModule.ToOnnx"/>, given the module first.</param>
    /// <returns>These converters, so that calls chain.</returns>
    public OnnxConverters Add<TModule>(Func<TModule, OnnxValue, string, OnnxValue> convert) where TModule : nn.Module
    {
        ArgumentNullException.ThrowIfNull(convert);
        _converters[typeof(TModule)] = (module, input, name) => convert((TModule)module, input, name);
        return this;
    }

    internal OnnxConverters Copied()
    {
        var copy = new OnnxConverters();
        foreach ((Type type, Func<nn.Module, OnnxValue, string, OnnxValue> convert) in _converters) copy._converters[type] = convert;
        return copy;
    }

    internal Func<nn.Module, OnnxValue, string, OnnxValue>? For(nn.Module module) => _converters.GetValueOrDefault(module.GetType());
}
