using System.Buffers;

namespace SerPipeline.Features;

/// <summary>How a clip is cut into frames for features of its waveform.</summary>
public abstract record TimeFrameOptions
{
    /// <summary>Samples of a frame. Default 512.</summary>
    public int FrameSamples { get; init; } = 512;

    /// <summary>Samples from one frame to the next. Default 160.</summary>
    public int HopSamples { get; init; } = 160;

    /// <summary>Whether frame <c>t</c> is centred on sample <c>t * HopSamples</c> (padding both ends) or starts there. Default true.</summary>
    public bool Center { get; init; } = true;

    /// <summary>Checks every option.</summary>
    /// <exception cref="OptionsException">One or more options cannot be used; all are listed.</exception>
    public void Validate() => new OptionsCheck(GetType().Name)
        .Require(FrameSamples is >= 1 and <= 1 << 20, FrameSamples, "be between 1 and 1048576 samples")
        .Require(HopSamples is >= 1 and <= 1 << 20, HopSamples, "be between 1 and 1048576 samples")
        .ThrowIfAny();
}

/// <summary>Options of <see cref="Rms"/>.</summary>
public sealed record RmsOptions : TimeFrameOptions;

/// <summary>Options of <see cref="ZeroCrossings"/>.</summary>
public sealed record ZeroCrossingsOptions : TimeFrameOptions;

/// <summary>The root of each frame's mean square, <c>[1, frames]</c>; zeros stand outside the clip. The values of librosa's <c>rms</c>. Immutable and thread-safe.</summary>
public sealed class Rms
{
    private readonly Framing _framing;

    /// <summary>Creates the extractor.</summary>
    /// <param name="options">The options; the defaults when null.</param>
    /// <exception cref="OptionsException">One or more options cannot be used; all are listed.</exception>
    public Rms(RmsOptions? options = null)
    {
        Options = options ?? new RmsOptions();
        Options.Validate();
        _framing = new Framing(Options.FrameSamples, Options.HopSamples, Options.Center, SignalPadding.Constant);
    }

    /// <summary>The options.</summary>
    public RmsOptions Options { get; }

    /// <summary>Computes the feature of one clip.</summary>
    /// <param name="mono">At least one sample (without centring, at least one frame).</param>
    /// <exception cref="ArgumentException">The clip is empty, too short, or holds a sample that is no finite number.</exception>
    public FrameMatrix Extract(ReadOnlySpan<float> mono)
    {
        int frames = _framing.Require(mono), size = Options.FrameSamples, length = _framing.PaddedLength(frames);
        var result = new FrameMatrix(1, frames);
        float[] padded = ArrayPool<float>.Shared.Rent(length);
        double[] sums = ArrayPool<double>.Shared.Rent(length + 1);
        _framing.Fill(mono, padded.AsSpan(0, length));
        sums[0] = 0;
        for (int i = 0; i < length; i++) sums[i + 1] = sums[i] + ((double)padded[i] * padded[i]);
        for (int t = 0; t < frames; t++)
        {
            int start = t * Options.HopSamples;
            result.Values[t] = (float)Math.Sqrt((sums[start + size] - sums[start]) / size);
        }
        ArrayPool<float>.Shared.Return(padded);
        ArrayPool<double>.Shared.Return(sums);
        return result;
    }
}

/// <summary>
/// The share of neighbouring samples that differ in sign, <c>[1, frames]</c>; the first and last sample stand outside the clip, and samples
/// within 1e-10 of zero count as positive. The values of librosa's <c>zero_crossing_rate</c>. Immutable and thread-safe.
/// </summary>
public sealed class ZeroCrossings
{
    internal const float Threshold = 1e-10f;
    private readonly Framing _framing;

    /// <summary>Creates the extractor.</summary>
    /// <param name="options">The options; the defaults when null.</param>
    /// <exception cref="OptionsException">One or more options cannot be used; all are listed.</exception>
    public ZeroCrossings(ZeroCrossingsOptions? options = null)
    {
        Options = options ?? new ZeroCrossingsOptions();
        Options.Validate();
        _framing = new Framing(Options.FrameSamples, Options.HopSamples, Options.Center, SignalPadding.Edge);
    }

    /// <summary>The options.</summary>
    public ZeroCrossingsOptions Options { get; }

    /// <summary>Computes the feature of one clip.</summary>
    /// <param name="mono">At least one sample (without centring, at least one frame).</param>
    /// <exception cref="ArgumentException">The clip is empty, too short, or holds a sample that is no finite number.</exception>
    public FrameMatrix Extract(ReadOnlySpan<float> mono)
    {
        int frames = _framing.Require(mono), size = Options.FrameSamples, length = _framing.PaddedLength(frames);
        var result = new FrameMatrix(1, frames);
        float[] padded = ArrayPool<float>.Shared.Rent(length);
        int[] crossings = ArrayPool<int>.Shared.Rent(length); // crossings between samples 0 and i
        _framing.Fill(mono, padded.AsSpan(0, length));
        crossings[0] = 0;
        for (int i = 1; i < length; i++) crossings[i] = crossings[i - 1] + (padded[i] < -Threshold != padded[i - 1] < -Threshold ? 1 : 0);
        for (int t = 0; t < frames; t++)
        {
            int start = t * Options.HopSamples;
            result.Values[t] = (float)(crossings[start + size - 1] - crossings[start]) / size;
        }
        ArrayPool<float>.Shared.Return(padded);
        ArrayPool<int>.Shared.Return(crossings);
        return result;
    }
}
