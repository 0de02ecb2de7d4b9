using System.Runtime.InteropServices;
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

    /// <summary>Turns bytes into numbers.</summary>
    public abstract void Encode(ReadOnlySpan<byte> row, Span<float> values);

    /// <summary>Changes a training example at random; never called on others.</summary>
    public virtual void Augment(Span<float> values, SeededRandom random) { }
}

/// <summary>Pixels become numbers around 0: (level - 127.5) / 63.75, so that 0..255 is -2..2.</summary>
internal sealed class ImageEncoder(int height, int width, SpectrogramAugmentationOptions augmentation) : ExampleEncoder
{
    public const float Center = 127.5f;
    public const float Scale = 1 / 63.75f;

    // The level of padding, as a number.
    private const float Silence = (0 - Center) * Scale;

    private readonly SpectrogramWarp? _warp = augmentation.Warps ? new SpectrogramWarp(height, width, augmentation.LowHz, augmentation.HighHz) : null;

    public override IReadOnlyList<long> Shape { get; } = [1, height, width];

    public override int RowBytes => height * width;

    public override double MixupAlpha => augmentation.MixupAlpha;

    public override void Encode(ReadOnlySpan<byte> row, Span<float> values)
    {
        for (int i = 0; i < row.Length; i++) values[i] = (row[i] - Center) * Scale;
    }

    /// <summary>The same in an ONNX graph: levels 0 to 255 as floats.</summary>
    public static OnnxValue Export(OnnxValue levels) => (levels - Center) * Scale;

    public override void Augment(Span<float> values, SeededRandom random)
    {
        if (_warp is not null)
        {
            double speed = Factor(augmentation.SpeedPerturbation, random);
            _warp.Apply(values, speed * Factor(augmentation.TimeStretch, random), speed * Factor(augmentation.FrequencyWarp, random), Silence);
        }
        SpectrogramAugmentation.Apply(values, width, augmentation, random);
    }

    private static double Factor(double range, SeededRandom random) => range == 0 ? 1 : random.NextDouble(1 - range, 1 + range);
}

/// <summary>An image and a vector beside it, as one row of numbers: the pixels, then the vector. Only the image is augmented; mixing mixes both.</summary>
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

    public override void Augment(Span<float> values, SeededRandom random) => image.Augment(values[..image.Values], random);
}

/// <summary>The bytes are floats.</summary>
internal sealed class VectorEncoder(int size) : ExampleEncoder
{
    public override IReadOnlyList<long> Shape { get; } = [size];

    public override int RowBytes => size * sizeof(float);

    public override void Encode(ReadOnlySpan<byte> row, Span<float> values) => MemoryMarshal.Cast<byte, float>(row).CopyTo(values);
}
