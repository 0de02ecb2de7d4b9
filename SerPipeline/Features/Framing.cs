using System.Buffers;
using System.Runtime.CompilerServices;
using SerPipeline.Onnx;

namespace SerPipeline.Features;

/// <summary>Splits clips into overlapping frames, padded at both ends if centred.</summary>
internal sealed class Framing(int frameSamples, int hopSamples, bool center, SignalPadding padding)
{
    public int FrameSamples => frameSamples;

    public int HopSamples => hopSamples;

    /// <summary>Padding before the clip's first sample.</summary>
    public int Before => center ? frameSamples / 2 : 0;

    /// <summary>Frames of a clip; 0 if it is empty or, without centring, shorter than one frame.</summary>
    public int Count(int samples)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(samples);
        long padded = samples + (2L * Before);
        return samples == 0 || padded < frameSamples ? 0 : checked((int)(1 + ((padded - frameSamples) / hopSamples)));
    }

    /// <summary>Validates a clip and returns its number of frames, at least 1.</summary>
    /// <exception cref="ArgumentException">The clip is empty or too short, or a sample is NaN or infinite.</exception>
    public int Require(ReadOnlySpan<float> mono)
    {
        if (mono.IsEmpty) throw new ArgumentException("Expected at least 1 sample, got an empty clip.", nameof(mono));
        int frames = Count(mono.Length);
        if (frames == 0)
            throw new ArgumentException($"Expected at least {frameSamples} samples for one frame without centring, got {mono.Length}; "
                + "set Center or pad the clip.", nameof(mono));
        if (Finite.IndexOfOther(mono) is >= 0 and int other)
            throw new ArgumentException(
                string.Create(CultureInfo.InvariantCulture,
                    $"Expected finite samples, got {mono[other]} at sample {other}; repair or skip the clip."), nameof(mono));
        return frames;
    }

    /// <summary>Samples under that many frames.</summary>
    public int PaddedLength(int frames) => checked(((frames - 1) * hopSamples) + frameSamples);

    /// <summary>Writes the padded clip, followed by zeros up to the end of <paramref name="padded"/>.</summary>
    public void Fill(ReadOnlySpan<float> mono, Span<float> padded)
    {
        int before = Before, copied = Math.Min(mono.Length, padded.Length - before);
        int after = Math.Min(before, padded.Length - before - copied);
        mono[..copied].CopyTo(padded[before..]);
        Span<float> head = padded[..before], tail = padded.Slice(before + copied, after);
        padded[(before + copied + after)..].Clear();
        switch (padding)
        {
            case SignalPadding.Reflect:
                for (int i = 0; i < head.Length; i++) head[i] = mono[Mirror(i - before, mono.Length)];
                for (int i = 0; i < tail.Length; i++) tail[i] = mono[Mirror(copied + i, mono.Length)];
                break;
            case SignalPadding.Edge:
                head.Fill(mono[0]);
                tail.Fill(mono[^1]);
                break;
            default:
                head.Clear();
                tail.Clear();
                break;
        }
    }

    private static int Mirror(int index, int length)
    {
        if (length == 1) return 0;
        int period = 2 * (length - 1);
        int phase = ((index % period) + period) % period;
        return phase < length ? phase : period - phase;
    }
}

/// <summary>A padded clip in pooled memory.</summary>
internal readonly ref struct PaddedSignal : IDisposable
{
    private readonly float[] _rented;

    public PaddedSignal(Framing framing, ReadOnlySpan<float> mono, int frames)
    {
        int length = framing.PaddedLength(frames);
        _rented = ArrayPool<float>.Shared.Rent(length);
        Span<float> samples = _rented.AsSpan(0, length);
        framing.Fill(mono, samples);
        Samples = samples;
    }

    public ReadOnlySpan<float> Samples { get; }

    public void Dispose() => ArrayPool<float>.Shared.Return(_rented);
}

/// <summary>Loads consecutive frames into lanes.</summary>
internal static class FrameLoader
{
    /// <summary>Writes <c>signal[n + l * hop] * window[n]</c> to lane <c>l</c> of <c>frame[n]</c>.</summary>
    public static void Load(ReadOnlySpan<float> signal, int hopSamples, ReadOnlySpan<double> window, Span<Vector<double>> frame)
    {
        frame = frame[..window.Length];
        ref float first = ref MemoryMarshal.GetReference(signal[..(frame.Length + ((Vector<double>.Count - 1) * hopSamples))]);
        if (Vector<double>.Count == 4)
        {
            for (int n = 0; n < window.Length; n++)
            {
                ref float x = ref Unsafe.Add(ref first, n);
                double b = Unsafe.Add(ref x, hopSamples), c = Unsafe.Add(ref x, 2 * hopSamples), d = Unsafe.Add(ref x, 3 * hopSamples);
                frame[n] = Vector256.Create(x, b, c, d).AsVector() * window[n];
            }
            return;
        }
        Span<double> values = MemoryMarshal.Cast<Vector<double>, double>(frame);
        for (int n = 0; n < frame.Length; n++)
            for (int lane = 0; lane < Vector<double>.Count; lane++)
                values[(n * Vector<double>.Count) + lane] = Unsafe.Add(ref first, n + (lane * hopSamples)) * window[n];
    }
}

/// <summary><see cref="Framing"/> as ONNX nodes.</summary>
internal static class FramingOnnx
{
    /// <summary>Splits audio [batch, samples], zero-padded after each clip, into frames and takes a range of samples of each.</summary>
    /// <returns>float [batch, frames, samples], and the frames of each clip, int64 [batch].</returns>
    public static (OnnxValue Frames, OnnxValue Counts) Cut(OnnxColumn audio, Framing framing, SignalPadding padding, int start, int samples)
    {
        OnnxGraphBuilder graph = audio.Values.Graph;
        OnnxValue padded = Padded(audio, framing, padding);
        // Without centring, a clip shorter than one frame is zero-padded to one frame (Framing.Require rejects it).
        OnnxValue Count(OnnxValue length, int added) => ((length + (added - framing.FrameSamples)).AtLeast(0) / framing.HopSamples) + 1;
        OnnxValue counts = Count(audio.Lengths!, 2 * framing.Before), most = Count(padded.Length(1), 0);
        OnnxValue offsets = graph.Constant([.. Enumerable.Range(start, samples).Select(n => (long)n)]);
        OnnxValue positions = (graph.Range(most) * framing.HopSamples).Unsqueeze(1) + offsets.Unsqueeze(0);
        return (padded.Gather(positions, 1), counts);
    }

    /// <summary>Differences of cumulative sums [batch, samples] over <paramref name="span"/> samples of each centred frame: [batch,
    /// frames].</summary>
    public static OnnxValue Differences(OnnxValue sums, UtterancePlan plan, OnnxValue frames, int span)
    {
        OnnxValue start = (sums.Graph.Range(frames) * plan.Mel.HopSamples) - (plan.FrameSamples / 2), last = sums.Length(1) - 1;
        OnnxValue At(OnnxValue position) => sums.Gather(position.AtLeast(0).Min(last), 1);
        return At(start + span) - At(start);
    }

    // [batch, samples + 2 before], at least one frame.
    private static OnnxValue Padded(OnnxColumn audio, Framing framing, SignalPadding padding)
    {
        OnnxGraphBuilder graph = audio.Values.Graph;
        OnnxValue all = audio.Values.Length(1), zero = graph.Constant([0L]);
        int before = framing.Before;
        if (before == 0)
        {
            OnnxValue missing = ((all * -1) + framing.FrameSamples).AtLeast(0).Unsqueeze(0);
            return graph.Node("Pad", [audio.Values, graph.Concat(0, zero, zero, zero, missing)]);
        }
        if (padding == SignalPadding.Constant) return audio.Values.Pad([0, before], [0, before]);
        OnnxValue position = (graph.Range(all + (2 * before)) - before).Unsqueeze(0), last = audio.Lengths!.Unsqueeze(1) - 1;
        return audio.Values.GatherElements(padding == SignalPadding.Edge ? position.AtLeast(0).Min(last) : Mirrored(position, last), 1);
    }

    // Mirrored repeatedly at 0 and at the last sample: the phase in a period of there and back.
    private static OnnxValue Mirrored(OnnxValue position, OnnxValue last)
    {
        OnnxValue period = (last * 2).AtLeast(1), phase = position.Graph.Node("Mod", [position, period]);
        return phase.Where(!(phase > last), period - phase);
    }
}
