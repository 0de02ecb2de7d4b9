using System.Buffers;
using SerPipeline.Onnx;

namespace SerPipeline.Features;

/// <summary>Framing options of features of the waveform.</summary>
public sealed record TimeFrameOptions
{
    /// <summary>Samples per frame, at least 1. Default 512.</summary>
    public int FrameSamples { get; init; } = 512;

    /// <summary>Hop between frames in samples, at least 1. Default 160.</summary>
    public int HopSamples { get; init; } = 160;

    /// <summary>Whether frame <c>t</c> is centred on sample <c>t * HopSamples</c> (with padding at both ends) or starts there. Default
    /// true.</summary>
    public bool Center { get; init; } = true;

    /// <summary>Checks all options.</summary>
    /// <exception cref="OptionsException">An option is invalid; the message lists all problems.</exception>
    public void Validate() => new OptionsCheck(nameof(TimeFrameOptions))
        .Require(FrameSamples is >= 1 and <= 1 << 20, FrameSamples, "be between 1 and 1048576 samples")
        .Require(HopSamples is >= 1 and <= 1 << 20, HopSamples, "be between 1 and 1048576 samples")
        .ThrowIfAny();
}

/// <summary>A measure of each frame of the waveform, <c>[1, frames]</c>. Immutable and thread-safe.</summary>
public abstract class TimeFeature
{
    private readonly Framing _framing;

    private protected TimeFeature(TimeFrameOptions? options, SignalPadding padding)
    {
        Options = options ?? new TimeFrameOptions();
        Options.Validate();
        _framing = new Framing(Options.FrameSamples, Options.HopSamples, Options.Center, padding);
    }

    /// <summary>The options in effect.</summary>
    public TimeFrameOptions Options { get; }

    /// <summary>Computes the contour of a clip, <c>[1, frames]</c>.</summary>
    /// <param name="mono">At least one sample, or one frame without centring.</param>
    /// <exception cref="ArgumentException">The clip is empty or too short, or a sample is NaN or infinite.</exception>
    public FrameMatrix Extract(ReadOnlySpan<float> mono)
    {
        int frames = _framing.Require(mono), length = _framing.PaddedLength(frames);
        var result = new FrameMatrix(1, frames);
        float[] padded = ArrayPool<float>.Shared.Rent(length);
        double[] sums = ArrayPool<double>.Shared.Rent(length + 1);
        _framing.Fill(mono, padded.AsSpan(0, length));
        sums[0] = 0;
        Accumulate(padded.AsSpan(0, length), sums);
        for (int t = 0; t < frames; t++)
            result.Values[t] = Measure(sums.AsSpan(t * Options.HopSamples, Options.FrameSamples + 1), Options.FrameSamples);
        ArrayPool<float>.Shared.Return(padded);
        ArrayPool<double>.Shared.Return(sums);
        return result;
    }

    // Sum i + 1 is what the samples up to sample i amount to.
    private protected abstract void Accumulate(ReadOnlySpan<float> samples, Span<double> sums);

    // From the sum before a frame to the one after its last sample.
    private protected abstract float Measure(ReadOnlySpan<double> sums, int size);
}

/// <summary>Root mean square of each frame, <c>[1, frames]</c>, zero-padded outside the clip, with the values of librosa's
/// <c>rms</c>.</summary>
/// <param name="options">Options; null for the defaults.</param>
/// <exception cref="OptionsException">An option is invalid; the message lists all problems.</exception>
public sealed class Rms(TimeFrameOptions? options = null) : TimeFeature(options, SignalPadding.Constant)
{
    private protected override void Accumulate(ReadOnlySpan<float> samples, Span<double> sums)
    {
        for (int i = 0; i < samples.Length; i++) sums[i + 1] = sums[i] + ((double)samples[i] * samples[i]);
    }

    private protected override float Measure(ReadOnlySpan<double> sums, int size) => (float)Math.Sqrt((sums[size] - sums[0]) / size);
}

/// <summary>Fraction of neighbouring samples that differ in sign, 0 to 1, <c>[1, frames]</c>, with the values of librosa's
/// <c>zero_crossing_rate</c>. The first and last samples are repeated outside the clip; samples within 1e-10 of zero count as
/// positive.</summary>
/// <param name="options">Options; null for the defaults.</param>
/// <exception cref="OptionsException">An option is invalid; the message lists all problems.</exception>
public sealed class ZeroCrossings(TimeFrameOptions? options = null) : TimeFeature(options, SignalPadding.Edge)
{
    internal const float Threshold = 1e-10f;

    private protected override void Accumulate(ReadOnlySpan<float> samples, Span<double> sums)
    {
        sums[1] = 0;
        for (int i = 1; i < samples.Length; i++)
            sums[i + 1] = sums[i] + (samples[i] < -Threshold != samples[i - 1] < -Threshold ? 1 : 0);
    }

    private protected override float Measure(ReadOnlySpan<double> sums, int size) => (float)(sums[size] - sums[1]) / size;
}

/// <summary>The level of <see cref="UtteranceAnalyzer"/>, <see cref="Rms"/> in dBFS, as ONNX nodes.</summary>
internal static class RmsOnnx
{
    /// <summary>From audio [batch, samples], zero-padded after each clip, to float [batch, 1, frames].</summary>
    public static OnnxValue Decibels(OnnxColumn audio, UtterancePlan plan, OnnxValue frames)
    {
        OnnxValue samples = audio.Values.To(OnnxType.Double);
        OnnxValue sums = (samples * samples).Pad([0, 0], [0, 1]).CumulativeSum(1, exclusive: true);
        OnnxValue power = FramingOnnx.Differences(sums, plan, frames, plan.FrameSamples) / plan.FrameSamples;
        // MathF.Log10 returns float32.
        OnnxValue rms = power.One("Sqrt").To(OnnxType.Float).AtLeast(1e-10f).To(OnnxType.Double);
        return ((rms.One("Log") * (1 / Math.Log(10))).To(OnnxType.Float) * 20).AtLeast(UtterancePlan.QuietestDb).Unsqueeze(1);
    }
}

/// <summary><see cref="ZeroCrossings"/> as ONNX nodes.</summary>
internal static class ZeroCrossingsOnnx
{
    /// <summary>From audio [batch, samples], zero-padded after each clip, to float [batch, 1, frames].</summary>
    public static OnnxValue Add(OnnxColumn audio, UtterancePlan plan, OnnxValue frames)
    {
        OnnxGraphBuilder graph = audio.Values.Graph;
        OnnxValue position = graph.Range(audio.Values.Length(1));
        OnnxValue isNegative = audio.Values < graph.Scalar(-ZeroCrossings.Threshold, OnnxType.Float);
        OnnxValue before = isNegative.Gather((position - 1).AtLeast(0), 1);
        // The first and last samples are repeated outside the clip, so nothing crosses there.
        OnnxValue crosses = graph.Node("Xor", [isNegative, before]) & (position.Unsqueeze(0) < audio.Lengths!.Unsqueeze(1));
        OnnxValue counts = crosses.To(OnnxType.Int64).CumulativeSum(1);
        OnnxValue crossings = FramingOnnx.Differences(counts, plan, frames, plan.FrameSamples - 1);
        return (crossings.To(OnnxType.Float) / plan.FrameSamples).Unsqueeze(1);
    }
}
