using SerPipeline.Onnx;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace SerPipeline.Networks;

/// <summary>
/// Sets a random share of the elements to zero while training and scales the others by 1 / (1 - p) (Srivastava et al. 2014). The masks
/// come from a generator of the layer's own, so that trainings beside each other do not change each other's draws, as they do with
/// TorchSharp's layers.
/// </summary>
public class DropoutLayer : Module<Tensor, Tensor>, IOnnxModule, INeedsSeed, ILayer
{
    private readonly double _probability;
    private SeededRandom _random;

    /// <param name="probability">The share set to zero, at least 0 and below 1.</param>
    /// <param name="random">One number drawn from it seeds the masks; <see cref="NetworkExtensions.SeedDropout"/> seeds those of a whole
    /// network.</param>
    /// <exception cref="OptionsException">The share is not in its range.</exception>
    public DropoutLayer(double probability, SeededRandom random) : base(Started.As(nameof(DropoutLayer)))
    {
        ArgumentNullException.ThrowIfNull(random);
        new OptionsCheck(nameof(DropoutLayer)).Require(probability is >= 0 and < 1, probability, "be at least 0 and below 1").ThrowIfAny();
        _probability = probability;
        _random = new SeededRandom(unchecked((long)random.NextUInt64()));
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (!training || _probability == 0) return input.alias();
        using DisposeScope scope = NewDisposeScope();
        long[] shape = MaskShape(input);
        Tensor mask = tensor(Mask(shape.Aggregate(1L, (a, b) => a * b)), shape, device: input.device);
        return (input * mask.As(input.dtype)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Seed(SeededRandom random) => _random = random;

    /// <inheritdoc/>
    public OnnxValue ToOnnx(OnnxValue input, string name) => input;

    string ILayer.Kind => this is ChannelDropoutLayer ? "Dropout2d" : "Dropout";

    IReadOnlyDictionary<string, object> ILayer.HyperParameters => new Dictionary<string, object> { ["p"] = _probability };

    private protected virtual long[] MaskShape(Tensor input) => input.shape;

    // Two elements a draw: 32 random bits decide each, so the share is right to 2^-32.
    private float[] Mask(long count)
    {
        float[] mask = new float[count];
        SeededRandom random = _random;
        ulong threshold = (ulong)(_probability * 4294967296.0);
        // Looked up by the sign of a difference: the processor cannot foresee a branch on random bits.
        ReadOnlySpan<float> keepOrDrop = [(float)(1 / (1 - _probability)), 0];
        int i = 0;
        for (; i + 1 < mask.Length; i += 2)
        {
            ulong bits = random.NextUInt64();
            mask[i] = keepOrDrop[(int)(((uint)bits - threshold) >> 63)];
            mask[i + 1] = keepOrDrop[(int)(((bits >> 32) - threshold) >> 63)];
        }
        if (i < mask.Length) mask[i] = keepOrDrop[(int)(((uint)random.NextUInt64() - threshold) >> 63)];
        return mask;
    }
}

/// <summary>Dropout of whole channels of [n, channels, ...] (Tompson et al. 2015).</summary>
/// <param name="probability">The share of channels set to zero, at least 0 and below 1.</param>
/// <param name="random">One number drawn from it seeds the masks.</param>
/// <exception cref="OptionsException">The share is not in its range.</exception>
public sealed class ChannelDropoutLayer(double probability, SeededRandom random) : DropoutLayer(probability, random)
{
    private protected override long[] MaskShape(Tensor input) =>
        [input.shape[0], input.shape[1], .. Enumerable.Repeat(1L, (int)input.dim() - 2)];
}
