using SerPipeline.Onnx;

namespace SerPipeline.Trainers;

/// <summary>How the bytes of one example become the numbers a network reads.</summary>
internal abstract class ExampleEncoder
{
    /// <summary>The shape of one example, such as [1, height, width].</summary>
    public abstract IReadOnlyList<long> Shape { get; }

    /// <summary>The bytes of one example.</summary>
    public abstract int RowBytes { get; }

    /// <summary>The weight of mixing examples in pairs; see <see cref="SpectrogramAugmentationOptions.MixupAlpha"/>.</summary>
    public virtual double MixupAlpha => 0;

    public int Values => (int)Shape.Aggregate(1L, (a, b) => a * b);

    /// <summary>Writes one column of a row to the bytes of an example.</summary>
    /// <param name="column">The column's place among those that the network reads.</param>
    /// <param name="values">The column's values.</param>
    /// <param name="row">The example.</param>
    /// <exception cref="SchemaException">The values are none that the encoder can keep.</exception>
    public abstract void Pack(int column, ReadOnlySpan<float> values, Span<byte> row);

    /// <summary>Looks at all that was packed since the last call.</summary>
    /// <param name="what">What errors call it, such as the trainer's rows.</param>
    /// <exception cref="SchemaException">Each value may be, but not all of them together.</exception>
    public virtual void CheckPacked(string what) { }

    /// <summary>The columns as the network reads them, in an ONNX graph.</summary>
    /// <param name="columns">Each [batch, size].</param>
    /// <returns>[batch, ..<see cref="Shape"/>].</returns>
    public abstract OnnxValue Export(IReadOnlyList<OnnxValue> columns);

    /// <summary>Turns bytes into numbers.</summary>
    public abstract void Encode(ReadOnlySpan<byte> row, Span<float> values);

    /// <summary>Turns the bytes of a training example into numbers, and changes them at random.</summary>
    public virtual void Encode(ReadOnlySpan<byte> row, Span<float> values, SeededRandom random)
    {
        Encode(row, values);
        Augment(values, random);
    }

    /// <summary>Changes a training example at random; never called on others.</summary>
    public virtual void Augment(Span<float> values, SeededRandom random) { }
}

/// <summary>Pixels become numbers around 0: (level - 127.5) / 63.75, so that 0..255 is -2..2. Behind an example's image lie those of its
/// copies.</summary>
internal sealed class ImageEncoder(int height, int width, SpectrogramAugmentationOptions augmentation, int copies = 0) : ExampleEncoder
{
    public const float Center = 127.5f;
    public const float Scale = 1 / 63.75f;

    private const string Unscaled = "Call ExtractPixels with its defaults offsetImage: 0 and scaleImage: 1.";

    // The level of padding, as a number.
    private const float Silence = (0 - Center) * Scale;

    private readonly SpectrogramWarp? _warp = augmentation.Warps
        ? new SpectrogramWarp(height, width, augmentation.LowHz, augmentation.HighHz) : null;

    private float _brightest, _darkest = float.MaxValue;

    public override IReadOnlyList<long> Shape { get; } = [1, height, width];

    public override int RowBytes => (1 + copies) * height * width;

    public override double MixupAlpha => augmentation.MixupAlpha;

    public override void Encode(ReadOnlySpan<byte> row, Span<float> values)
    {
        for (int i = 0; i < values.Length; i++) values[i] = (row[i] - Center) * Scale;
    }

    public override void Encode(ReadOnlySpan<byte> row, Span<float> values, SeededRandom random)
    {
        // Without copies nothing is drawn, so that such trainings stay what they were.
        int image = copies > 0 && random.Next(2) == 1 ? 1 + random.Next(copies) : 0;
        base.Encode(row[(image * height * width)..], values, random);
    }

    public override void Pack(int column, ReadOnlySpan<float> values, Span<byte> row)
    {
        row = row.Slice(column * height * width, height * width);
        for (int i = 0; i < values.Length; i++)
        {
            float level = values[i];
            if (!(level >= -0.5f && level < 255.5f))
                throw new SchemaException(FormattableString.Invariant($"Pixels must be levels 0 to 255, but one is {level}. {Unscaled}"));
            row[i] = (byte)MathF.Round(level);
            _brightest = MathF.Max(_brightest, level);
            _darkest = MathF.Min(_darkest, level);
        }
    }

    public override void CheckPacked(string what)
    {
        (float brightest, float darkest) = (_brightest, _darkest);
        (_brightest, _darkest) = (0, float.MaxValue);
        if (brightest <= 1)
            throw new SchemaException($"{what}: pixels must be levels 0 to 255, but no pixel of any row is above 1: the images are "
                + $"black, or scaled. {Unscaled}");
        if (brightest == darkest)
            throw new SchemaException(FormattableString.Invariant($"{what}: every pixel of every row is {brightest}: there is nothing to ")
                + "learn from them. ColorBits.Alpha gives how opaque a pixel is, 255 everywhere: call ExtractPixels with ColorBits.Red.");
    }

    public override OnnxValue Export(IReadOnlyList<OnnxValue> columns) => Export(columns[0]).Reshape(-1, 1, height, width);

    /// <summary>The same as <see cref="Encode(ReadOnlySpan{byte}, Span{float})"/> in an ONNX graph: levels 0 to 255 as floats.</summary>
    public static OnnxValue Export(OnnxValue levels) => (levels - Center) * Scale;

    public override void Augment(Span<float> values, SeededRandom random)
    {
        if (_warp is not null)
        {
            double speed = Factor(augmentation.SpeedPerturbation, random);
            _warp.Apply(values, speed * Factor(augmentation.TimeStretch, random), speed * Factor(augmentation.FrequencyWarp, random),
                Silence);
        }
        SpectrogramAugmentation.Apply(values, width, augmentation, random);
    }

    private static double Factor(double range, SeededRandom random) => range == 0 ? 1 : random.NextDouble(1 - range, 1 + range);
}

/// <summary>
/// An image and a vector beside it, as one row of numbers: the pixels, then the vector. Only the image is augmented; mixing mixes both.
/// </summary>
internal sealed class ImageAndVectorEncoder(ImageEncoder image, VectorEncoder vector) : ExampleEncoder
{
    public override IReadOnlyList<long> Shape { get; } = [image.Values + vector.Values];

    public override int RowBytes => image.RowBytes + vector.RowBytes;

    public override double MixupAlpha => image.MixupAlpha;

    public override void Encode(ReadOnlySpan<byte> row, Span<float> values)
    {
        image.Encode(row[..image.RowBytes], values[..image.Values]);
        vector.Encode(row[image.RowBytes..], values[image.Values..]);
    }

    public override void Pack(int column, ReadOnlySpan<float> values, Span<byte> row)
    {
        if (column == 0) image.Pack(0, values, row[..image.RowBytes]);
        else vector.Pack(0, values, row[image.RowBytes..]);
    }

    public override void CheckPacked(string what) => image.CheckPacked(what);

    public override OnnxValue Export(IReadOnlyList<OnnxValue> columns) =>
        columns[0].Graph.Concat(1, ImageEncoder.Export(columns[0]), columns[1]);

    public override void Augment(Span<float> values, SeededRandom random) => image.Augment(values[..image.Values], random);
}

/// <summary>The bytes are floats.</summary>
internal sealed class VectorEncoder(params IReadOnlyList<long> shape) : ExampleEncoder
{
    public override IReadOnlyList<long> Shape => shape;

    public override int RowBytes => Values * sizeof(float);

    public override void Pack(int column, ReadOnlySpan<float> values, Span<byte> row) => MemoryMarshal.AsBytes(values).CopyTo(row);

    public override OnnxValue Export(IReadOnlyList<OnnxValue> columns) =>
        shape.Count == 1 ? columns[0] : columns[0].Reshape([-1, .. shape]);

    public override void Encode(ReadOnlySpan<byte> row, Span<float> values) => MemoryMarshal.Cast<byte, float>(row).CopyTo(values);
}
