using SerPipeline.Old.Torch.Native;
using SerPipeline.Onnx;


namespace SerPipeline.Old.Torch.Layers;

/// <summary>
/// Sets a random share of the elements to zero while training and scales the others by 1 / (1 - p) (Srivastava et al. 2014); passes its input on otherwise.
/// The masks come from a seeded generator of the layer's own.
/// </summary>
public class Dropout : Module
{
    private readonly double _probability;
    private SeededRandom _random;

    /// <summary>Creates the layer.</summary>
    /// <param name="probability">The share set to zero, at least 0 and below 1.</param>
    /// <param name="random">Where the layer's own stream of draws comes from; give each layer another one, or call <see cref="Module.SeedDropout(SeededRandom)"/> on the network.</param>
    public Dropout(double probability, SeededRandom random)
    {
        ArgumentNullException.ThrowIfNull(random);
        LayerCheck.Probability(nameof(Dropout), nameof(probability), probability);
        _probability = probability;
        _random = new SeededRandom(unchecked((long)random.NextUInt64()));
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (!IsTraining || _probability == 0) return input.Alias();
        TensorCheck.Floating(Kind, "input", input);
        using var scope = TensorScope.New();
        Tensor mask = Tensor.Empty(ScalarType.Float32, MaskShape(input));
        Fill(mask.Span<float>());
        if (input.Type != ScalarType.Float32) mask = mask.To(input.Type);
        return scope.MoveToOuter(input.Multiply(mask));
    }

    private protected override void Reseed(SeededRandom random) => _random = random;

    private protected virtual long[] MaskShape(Tensor input) => input.Shape.ToArray();

    /// <inheritdoc/>
    public override OnnxValue Export(OnnxValue input, string name) => input;

    /// <inheritdoc/>
    protected override IReadOnlyDictionary<string, object> HyperParameters() => new Dictionary<string, object> { ["p"] = _probability };

    // Two elements a draw: 32 random bits decide each, so the share is right to 2^-32.
    private void Fill(Span<float> mask)
    {
        ulong threshold = (ulong)(_probability * 4294967296.0);
        float scale = (float)(1 / (1 - _probability));
        int i = 0;
        for (; i + 1 < mask.Length; i += 2)
        {
            ulong bits = _random.NextUInt64();
            mask[i] = (uint)bits < threshold ? 0 : scale;
            mask[i + 1] = (bits >> 32) < threshold ? 0 : scale;
        }
        if (i < mask.Length) mask[i] = (uint)_random.NextUInt64() < threshold ? 0 : scale;
    }
}

/// <summary>Dropout of whole channels of [N, C, H, W] (Tompson et al. 2015).</summary>
/// <param name="probability">The share of channels set to zero, at least 0 and below 1.</param>
/// <param name="random">Where the layer's own stream of draws comes from.</param>
public sealed class Dropout2d(double probability, SeededRandom random) : Dropout(probability, random)
{
    private protected override long[] MaskShape(Tensor input)
    {
        TensorCheck.Rank(nameof(Dropout2d), "input", input, 4, "[N, C, H, W]");
        return [input.Size(0), input.Size(1), 1, 1];
    }
}
