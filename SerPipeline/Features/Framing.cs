namespace SerPipeline.Features;

/// <summary>How many frames a clip has, and its samples with the padding that centred frames need.</summary>
/// <param name="frameSamples">Samples a frame looks at.</param>
/// <param name="hopSamples">Samples from one frame to the next.</param>
/// <param name="center">Whether frames are centred.</param>
/// <param name="padding">What centred frames see outside the clip.</param>
internal sealed class Framing(int frameSamples, int hopSamples, bool center, SignalPadding padding)
{
    public int FrameSamples => frameSamples;

    public int HopSamples => hopSamples;

    /// <summary>Samples before the clip's first one.</summary>
    public int Before => center ? frameSamples / 2 : 0;

    /// <summary>Frames of a clip; 0 when it is empty or, without centring, shorter than one frame.</summary>
    public int Count(int samples)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(samples);
        long padded = samples + (2L * Before);
        return samples == 0 || padded < frameSamples ? 0 : checked((int)(1 + ((padded - frameSamples) / hopSamples)));
    }

    /// <summary>Frames of a clip that must have at least one, with finite samples only.</summary>
    /// <exception cref="ArgumentException">The clip is empty, too short, or holds a sample that is no finite number.</exception>
    public int Require(ReadOnlySpan<float> mono)
    {
        if (mono.IsEmpty) throw new ArgumentException("Expected at least 1 sample, got an empty clip.", nameof(mono));
        int frames = Count(mono.Length);
        if (frames == 0)
            throw new ArgumentException($"Expected at least {frameSamples} samples for one frame without centring, got {mono.Length}; set Center or pad the clip.", nameof(mono));
        Finite.Require(mono);
        return frames;
    }

    /// <summary>Samples that <see cref="Fill"/> writes for that many frames.</summary>
    public int PaddedLength(int frames) => checked(((frames - 1) * hopSamples) + frameSamples);

    /// <summary>Writes the clip with its padding; zeros stand behind the padding when frames beyond the clip's own are asked for.</summary>
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
