using System.Buffers.Binary;

namespace SerPipeline.Audio;

/// <summary>How one sample is stored in an uncompressed file.</summary>
internal enum SampleKind
{
    SignedInteger,
    UnsignedInteger,
    Float,
    ALaw,
    MuLaw,
}

/// <summary>Turns stored samples into floats.</summary>
/// <param name="Kind">What the bytes mean.</param>
/// <param name="Bytes">Bytes a sample: 1 to 4 for integers (the value fills the high bits), 4 or 8 for floats, 1 for the two laws.</param>
/// <param name="BigEndian">Whether the most significant byte comes first.</param>
internal readonly record struct SampleEncoding(SampleKind Kind, int Bytes, bool BigEndian = false)
{
    /// <summary>Decodes whole samples; integers map to [-1, 1) by division by 2^(bits - 1).</summary>
    /// <param name="data">The bytes; a rest shorter than a sample is left out.</param>
    /// <param name="samples">Receives <c>data.Length / Bytes</c> samples.</param>
    public void Decode(ReadOnlySpan<byte> data, Span<float> samples)
    {
        switch (Kind, Bytes)
        {
            case (SampleKind.ALaw, _):
                for (int i = 0; i < samples.Length; i++) samples[i] = G711.DecodeALaw(data[i]) / 32768f;
                break;
            case (SampleKind.MuLaw, _):
                for (int i = 0; i < samples.Length; i++) samples[i] = G711.DecodeMuLaw(data[i]) / 32768f;
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
                // Through double: the float nearest to the 32-bit value, then an exact division by a power of two.
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

    /// <summary>Decodes interleaved frames into a clip, and refuses empty data and floats that are no numbers.</summary>
    /// <param name="data">The sample data; a trailing part of a frame is left out.</param>
    /// <param name="rate">Frames a second.</param>
    /// <param name="channels">Channels.</param>
    /// <param name="name">The file's name, for messages.</param>
    public AudioClip ToClip(ReadOnlySpan<byte> data, int rate, int channels, string name)
    {
        int frames = data.Length / (Bytes * channels);
        if (frames == 0)
            throw new AudioFormatException($"{name}: the file holds no samples: its audio data has {data.Length} bytes where one frame "
                + $"takes {Bytes * channels}.");
        var samples = new float[frames * channels];
        Decode(data, samples);
        if (Kind == SampleKind.Float) RequireFinite(samples, channels, name);
        return new AudioClip(samples, rate, channels);
    }

    private static void RequireFinite(ReadOnlySpan<float> samples, int channels, string name)
    {
        for (int i = 0; i < samples.Length; i++)
        {
            if (!float.IsFinite(samples[i]))
            {
                throw new AudioFormatException(string.Create(System.Globalization.CultureInfo.InvariantCulture,
                    $"{name}: samples must be finite numbers, found {samples[i]} in channel {i % channels} at sample {i / channels}. The "
                        + $"program that wrote the file failed there; write it again."));
            }
        }
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
