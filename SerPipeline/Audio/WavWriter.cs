using System.Buffers.Binary;

namespace SerPipeline.Audio;

/// <summary>Writes WAV files.</summary>
public static class WavWriter
{
    private const int FloatTag = 3, PcmTag = 1;
    private const int BlockFrames = 8192;

    /// <summary>Writes a file, whole or not at all.</summary>
    /// <param name="path">The file to create or replace.</param>
    /// <param name="clip">The samples. Integer encodings round to the nearest step (ties to even) and clip what lies beyond [-1,
    /// 1).</param>
    /// <param name="encoding">How samples are stored.</param>
    /// <exception cref="AudioFormatException">The clip is longer than the 4 GiB a WAV file can hold, or holds NaN or infinite
    /// samples.</exception>
    public static void Write(string path, AudioClip clip, WavEncoding encoding = WavEncoding.Pcm16) =>
        AtomicFile.Write(path, stream => Write(stream, clip, encoding));

    /// <summary>Writes to a stream, from where it stands; the stream need not seek and stays open.</summary>
    /// <param name="stream">Receives the file.</param>
    /// <param name="clip">The samples. Integer encodings round to the nearest step (ties to even) and clip what lies beyond [-1,
    /// 1).</param>
    /// <param name="encoding">How samples are stored.</param>
    /// <exception cref="AudioFormatException">The clip is longer than the 4 GiB a WAV file can hold, or holds NaN or infinite
    /// samples.</exception>
    public static void Write(Stream stream, AudioClip clip, WavEncoding encoding = WavEncoding.Pcm16)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(clip);
        int width = encoding switch
        {
            WavEncoding.Pcm16 => 2,
            WavEncoding.Pcm24 => 3,
            WavEncoding.IeeeFloat => 4,
            _ => throw new ArgumentOutOfRangeException(nameof(encoding), encoding, "No such encoding."),
        };
        RequireFinite(clip);
        stream.Write(Header(clip, width, encoding == WavEncoding.IeeeFloat));
        var buffer = new byte[BlockFrames * clip.Channels * width];
        for (ReadOnlySpan<float> rest = clip.Samples; !rest.IsEmpty;)
        {
            ReadOnlySpan<float> block = rest[..Math.Min(rest.Length, BlockFrames * clip.Channels)];
            for (int i = 0; i < block.Length; i++) Encode(block[i], buffer.AsSpan(i * width, width));
            stream.Write(buffer, 0, block.Length * width);
            rest = rest[block.Length..];
        }
        // Chunks have an even size.
        if (((long)clip.Samples.Length * width & 1) != 0) stream.WriteByte(0);
    }

    private static void RequireFinite(AudioClip clip)
    {
        for (int i = 0; i < clip.Samples.Length; i++)
        {
            if (!float.IsFinite(clip.Samples[i]))
                throw new AudioFormatException($"A clip to be written must hold finite samples, found "
                    + $"{clip.Samples[i].ToString(System.Globalization.CultureInfo.InvariantCulture)} at sample {i / clip.Channels}.");
        }
    }

    private static byte[] Header(AudioClip clip, int width, bool isFloat)
    {
        // Formats other than PCM carry an extension size, and a fact chunk with the number of frames (Microsoft, "New Multimedia Data
        // Types", 1994).
        int formatBytes = isFloat ? 18 : 16, factBytes = isFloat ? 12 : 0;
        long data = (long)clip.Samples.Length * width;
        long riff = 4 + 8 + formatBytes + factBytes + 8 + data + (data & 1);
        if (riff > uint.MaxValue) throw new AudioFormatException($"A WAV file can hold 4 GiB, this clip takes {riff} bytes. Write it in "
            + $"parts.");
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
