namespace SerPipeline.Audio;

/// <summary>Header of a WAV or AIFF file and the position of its samples.</summary>
/// <param name="Container">For example <c>WAV</c>.</param>
/// <param name="Codec">For example <c>PCM 16 bit</c>.</param>
/// <param name="Encoding">Null if there is no native decoder for the codec.</param>
/// <param name="SampleRateHz">Samples per second of each channel.</param>
/// <param name="Channels">1 to 64.</param>
/// <param name="BitsPerSample">Significant bits per sample; 0 for codecs without a fixed number.</param>
/// <param name="DataStart">Offset of the samples in bytes.</param>
/// <param name="DataLength">Size of the samples in bytes.</param>
internal sealed record UncompressedAudio(
    string Container, string Codec, SampleEncoding? Encoding, int SampleRateHz, int Channels, int BitsPerSample,
    int DataStart, long DataLength)
{
    /// <summary>Limit above any real recording, to reject damaged headers.</summary>
    public const int MaxChannels = 64;
    private const int MaxRateHz = 16_000_000;

    /// <summary>Size in bytes of the samples as the header states it; 0 where it does not say.</summary>
    public long PromisedLength { get; init; }

    /// <summary>Whether a whole frame and more of what the header promises is missing.</summary>
    /// <param name="found">Bytes of samples that are there.</param>
    public bool Breaks(long found) => Encoding is { } encoding && PromisedLength - found >= encoding.Bytes * Channels;

    /// <summary>Samples per channel; null without a native decoder.</summary>
    public long? Length => Encoding is { } encoding ? DataLength / (encoding.Bytes * Channels) : null;

    public AudioClip ToClip(ReadOnlySpan<byte> bytes, string name) =>
        Encoding!.Value.ToClip(bytes.Slice(DataStart, (int)DataLength), SampleRateHz, Channels, name, 0, Breaks(DataLength));

    public static void RequireSane(double rateHz, int channels, string name)
    {
        if (!(rateHz is >= 1 and <= MaxRateHz))
        {
            throw new AudioFormatException(string.Create(System.Globalization.CultureInfo.InvariantCulture,
                $"{name}: the sample rate must be between 1 and {MaxRateHz} Hz, the header states {rateHz}: the file is damaged; "
                    + $"fetch it again."));
        }
        if (channels is < 1 or > MaxChannels)
            throw new AudioFormatException($"{name}: a file must have 1 to {MaxChannels} channels, the header states {channels}: "
                + "the file is damaged; fetch it again.");
    }
}

internal enum SampleKind
{
    SignedInteger,
    UnsignedInteger,
    Float,
    ALaw,
    MuLaw,
}

/// <summary>Decodes stored samples to floats. Bytes per sample: 1 to 4 for integers (the value fills the high bits), 4 or 8 for floats, 1
/// for A-law and mu-law.</summary>
internal readonly record struct SampleEncoding(SampleKind Kind, int Bytes, bool BigEndian = false)
{
    /// <summary>Decodes <c>samples.Length</c> samples; integers are divided by 2^(bits - 1), which maps them to [-1, 1).</summary>
    public void Decode(ReadOnlySpan<byte> data, Span<float> samples)
    {
        switch (Kind, Bytes)
        {
            case (SampleKind.ALaw, _):
                for (int i = 0; i < samples.Length; i++) samples[i] = G711.ALaw[data[i]] / 32768f;
                break;
            case (SampleKind.MuLaw, _):
                for (int i = 0; i < samples.Length; i++) samples[i] = G711.MuLaw[data[i]] / 32768f;
                break;
            case (SampleKind.UnsignedInteger, 1):
                for (int i = 0; i < samples.Length; i++) samples[i] = (data[i] - 128) / 128f;
                break;
            case (SampleKind.SignedInteger, 1):
                for (int i = 0; i < samples.Length; i++) samples[i] = (sbyte)data[i] / 128f;
                break;
            case (SampleKind.SignedInteger, 2):
                for (int i = 0; i < samples.Length; i++) samples[i] = Int16(data.Slice(i * 2, 2)) / 32768f;
                break;
            case (SampleKind.SignedInteger, 3):
                for (int i = 0; i < samples.Length; i++) samples[i] = Int24(data.Slice(i * 3, 3)) / 8388608f;
                break;
            case (SampleKind.SignedInteger, 4):
                // In double, so that only the final conversion rounds.
                for (int i = 0; i < samples.Length; i++) samples[i] = (float)(Int32(data.Slice(i * 4, 4)) / 2147483648.0);
                break;
            case (SampleKind.Float, 4):
                for (int i = 0; i < samples.Length; i++) samples[i] = BitConverter.Int32BitsToSingle(Int32(data.Slice(i * 4, 4)));
                break;
            case (SampleKind.Float, 8):
                for (int i = 0; i < samples.Length; i++) samples[i] = (float)Float64(data.Slice(i * 8, 8));
                break;
            default:
                throw new InvalidOperationException($"Samples of kind {Kind} have no width of {Bytes} bytes.");
        }
    }

    /// <summary>Decodes interleaved samples to a clip and ignores an incomplete frame at the end.</summary>
    /// <exception cref="AudioFormatException">There are no samples, or a float is NaN or infinite.</exception>
    public AudioClip ToClip(ReadOnlySpan<byte> data, int rate, int channels, string name, long framesBefore = 0, bool truncated = false)
    {
        int frames = data.Length / (Bytes * channels);
        if (frames == 0)
            throw new AudioFormatException($"{name}: the file holds no samples: its audio data has {data.Length} bytes where one frame "
                + $"takes {Bytes * channels}.");
        var samples = new float[frames * channels];
        Decode(data, samples);
        if (Kind == SampleKind.Float && Finite.IndexOfOther(samples) is >= 0 and int other)
            throw new AudioFormatException(string.Create(CultureInfo.InvariantCulture,
                $"{name}: samples must be finite numbers, "
                    + $"found {samples[other]} in channel {other % channels} at sample {framesBefore + (other / channels)}. "
                        + $"The program that wrote them failed at that point; write them again."));
        return new AudioClip(samples, rate, channels) { IsTruncated = truncated };
    }

    private short Int16(ReadOnlySpan<byte> s) =>
        BigEndian ? BinaryPrimitives.ReadInt16BigEndian(s) : BinaryPrimitives.ReadInt16LittleEndian(s);

    private int Int24(ReadOnlySpan<byte> s) =>
        BigEndian ? ((sbyte)s[0] << 16) | (s[1] << 8) | s[2] : ((sbyte)s[2] << 16) | (s[1] << 8) | s[0];

    private int Int32(ReadOnlySpan<byte> s) =>
        BigEndian ? BinaryPrimitives.ReadInt32BigEndian(s) : BinaryPrimitives.ReadInt32LittleEndian(s);

    private double Float64(ReadOnlySpan<byte> s) =>
        BigEndian ? BinaryPrimitives.ReadDoubleBigEndian(s) : BinaryPrimitives.ReadDoubleLittleEndian(s);
}

/// <summary>Telephony companding (ITU-T G.711), scaled to 16 bits: 13-bit A-law values times 8, 14-bit mu-law values times 4.</summary>
internal static class G711
{
    /// <summary>Values by code.</summary>
    public static readonly short[] ALaw = [.. Enumerable.Range(0, 256).Select(code => (short)ExpandALaw(code))];

    /// <inheritdoc cref="ALaw"/>
    public static readonly short[] MuLaw = [.. Enumerable.Range(0, 256).Select(code => (short)ExpandMuLaw(code))];

    // Even bits are inverted. Sign, 3-bit segment, 4-bit position in the segment; each value is the middle of its interval.
    private static int ExpandALaw(int code)
    {
        code ^= 0x55;
        int segment = (code >> 4) & 7, position = ((code & 15) << 4) + 8;
        int magnitude = segment == 0 ? position : (position + 256) << (segment - 1);
        return (code & 0x80) != 0 ? magnitude : -magnitude;
    }

    // All bits are inverted. The bias of 33 (132 at 16 bits) makes each segment twice as long as the one before.
    private static int ExpandMuLaw(int code)
    {
        code = ~code & 0xFF;
        int segment = (code >> 4) & 7;
        int magnitude = ((((code & 15) << 3) + 132) << segment) - 132;
        return (code & 0x80) != 0 ? -magnitude : magnitude;
    }
}
