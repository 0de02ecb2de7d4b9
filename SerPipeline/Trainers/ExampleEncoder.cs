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

    public override IReadOnlyList<long> Shape { get; } = [1, height, width];

    public override int RowBytes => height * width;

    public override double MixupAlpha => augmentation.MixupAlpha;

    public override void Encode(ReadOnlySpan<byte> row, Span<float> values)
    {
        for (int i = 0; i < row.Length; i++) values[i] = (row[i] - Center) * Scale;
    }

    /// <summary>The same in an ONNX graph: levels 0 to 255 as floats.</summary>
    public static OnnxValue Export(OnnxValue levels) => (levels - Center) * Scale;

    public override void Augment(Span<float> values, SeededRandom random) => SpectrogramAugmentation.Apply(values, width, augmentation, random);
}

/// <summary>The bytes are floats.</summary>
internal sealed class VectorEncoder(int size) : ExampleEncoder
{
    public override IReadOnlyList<long> Shape { get; } = [size];

    public override int RowBytes => size * sizeof(float);

    public override void Encode(ReadOnlySpan<byte> row, Span<float> values) => MemoryMarshal.Cast<byte, float>(row).CopyTo(values);
}
