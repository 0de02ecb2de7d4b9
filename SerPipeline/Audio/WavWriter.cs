namespace SerPipeline.Audio;

/// <summary>Writes WAV files of 16 or 24-bit integers or 32-bit floats.</summary>
public static class WavWriter
{
    private const int FloatTag = 3, PcmTag = 1;

    /// <summary>Writes a file atomically.</summary>
    /// <param name="path">The file to create or replace.</param>
    /// <param name="clip">Finite samples. Integer encodings round to nearest (ties to even) and clip to [-1, 1).</param>
    /// <param name="encoding">Sample format. Default 16-bit integers.</param>
    /// <exception cref="AudioFormatException">The clip does not fit into the 4 GiB of a WAV file, or a sample is NaN or
    /// infinite.</exception>
    public static void Write(string path, AudioClip clip, WavEncoding encoding = WavEncoding.Pcm16) =>
        AtomicFile.Write(path, stream => Write(stream, clip, encoding));

    /// <summary>Writes a file to a stream at its current position.</summary>
    /// <param name="stream">A writable stream; need not be seekable, left open.</param>
    /// <param name="clip">Finite samples. Integer encodings round to nearest (ties to even) and clip to [-1, 1).</param>
    /// <param name="encoding">Sample format. Default 16-bit integers.</param>
    /// <exception cref="AudioFormatException">The clip does not fit into the 4 GiB of a WAV file, or a sample is NaN or
    /// infinite.</exception>
    public static void Write(Stream stream, AudioClip clip, WavEncoding encoding = WavEncoding.Pcm16)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(clip);
        int width = encoding switch
        {
            WavEncoding.Pcm16 => 2,
            WavEncoding.Pcm24 => 3,
            WavEncoding.IeeeFloat => 4,
            _ => throw new ArgumentOutOfRangeException(nameof(encoding), encoding, "Unknown encoding."),
        };
        if (Finite.IndexOfOther(clip.Samples) is >= 0 and int other)
            throw new AudioFormatException("Samples must be finite, found "
                + $"{clip.Samples[other].ToString(CultureInfo.InvariantCulture)} at sample {other / clip.Channels}.");
        stream.Write(Header(clip, width, encoding == WavEncoding.IeeeFloat));
        var buffer = new byte[AudioBlocks.BlockFrames * clip.Channels * width];
        for (ReadOnlySpan<float> rest = clip.Samples; !rest.IsEmpty;)
        {
            ReadOnlySpan<float> block = rest[..Math.Min(rest.Length, AudioBlocks.BlockFrames * clip.Channels)];
            for (int i = 0; i < block.Length; i++) Encode(block[i], buffer.AsSpan(i * width, width));
            stream.Write(buffer, 0, block.Length * width);
            rest = rest[block.Length..];
        }
        // Chunks are padded to an even size.
        if (((long)clip.Samples.Length * width & 1) != 0) stream.WriteByte(0);
    }

    private static byte[] Header(AudioClip clip, int width, bool isFloat)
    {
        // Formats other than PCM have an extension size and a fact chunk with the samples per channel (Microsoft, "New Multimedia Data
        // Types", 1994).
        int formatBytes = isFloat ? 18 : 16, factBytes = isFloat ? 12 : 0;
        long data = (long)clip.Samples.Length * width;
        long riff = 4 + 8 + formatBytes + factBytes + 8 + data + (data & 1);
        if (riff > uint.MaxValue) throw new AudioFormatException($"A WAV file can hold 4 GiB, this clip needs {riff} bytes. Split it.");
        var header = new byte[12 + 8 + formatBytes + factBytes + 8];
        Span<byte> h = header;
        "RIFF"u8.CopyTo(h);
        BinaryPrimitives.WriteUInt32LittleEndian(h[4..], (uint)riff);
        "WAVEfmt "u8.CopyTo(h[8..]);
        BinaryPrimitives.WriteInt32LittleEndian(h[16..], formatBytes);
        BinaryPrimitives.WriteUInt16LittleEndian(h[20..], (ushort)(isFloat ? FloatTag : PcmTag));
        BinaryPrimitives.WriteUInt16LittleEndian(h[22..], checked((ushort)clip.Channels));
        BinaryPrimitives.WriteInt32LittleEndian(h[24..], clip.SampleRateHz);
        BinaryPrimitives.WriteUInt32LittleEndian(h[28..], (uint)Math.Min(uint.MaxValue, (long)clip.SampleRateHz * clip.Channels * width));
        BinaryPrimitives.WriteUInt16LittleEndian(h[32..], checked((ushort)(clip.Channels * width)));
        BinaryPrimitives.WriteUInt16LittleEndian(h[34..], (ushort)(8 * width));
        int position = 20 + formatBytes;
        if (isFloat)
        {
            "fact"u8.CopyTo(h[position..]);
            BinaryPrimitives.WriteInt32LittleEndian(h[(position + 4)..], 4);
            BinaryPrimitives.WriteInt32LittleEndian(h[(position + 8)..], clip.Length);
            position += factBytes;
        }
        "data"u8.CopyTo(h[position..]);
        BinaryPrimitives.WriteUInt32LittleEndian(h[(position + 4)..], (uint)data);
        return header;
    }

    private static void Encode(float sample, Span<byte> target)
    {
        switch (target.Length)
        {
            case 2:
                BinaryPrimitives.WriteInt16LittleEndian(target, (short)Math.Clamp(MathF.Round(sample * 32768f), -32768f, 32767f));
                break;
            case 3:
                int value = (int)Math.Clamp(Math.Round(sample * 8388608.0), -8388608.0, 8388607.0);
                target[0] = (byte)value;
                target[1] = (byte)(value >> 8);
                target[2] = (byte)(value >> 16);
                break;
            default:
                BinaryPrimitives.WriteSingleLittleEndian(target, sample);
                break;
        }
    }
}

/// <summary>Sample format of a WAV file.</summary>
public enum WavEncoding
{
    /// <summary>16-bit integers, read by nearly every program.</summary>
    Pcm16,

    /// <summary>24-bit integers.</summary>
    Pcm24,

    /// <summary>32-bit floats: lossless, also beyond [-1, 1].</summary>
    IeeeFloat,
}
