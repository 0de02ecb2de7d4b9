using System.Buffers.Binary;

namespace SerPipeline.Audio;

/// <summary>What the head of a FLAC stream says about it (RFC 9639, section 8.2).</summary>
/// <param name="SampleRateHz">Frames a second.</param>
/// <param name="Channels">Channels, 1 to 8.</param>
/// <param name="BitsPerSample">Bits a sample, 4 to 32.</param>
/// <param name="TotalSamples">Samples of each channel; 0 when the writer did not know.</param>
/// <param name="Md5">The MD5 of the decoded samples; all zero when the writer did not compute it.</param>
/// <param name="FirstFrame">The byte where the first frame begins.</param>
internal sealed record FlacStreamInfo(int SampleRateHz, int Channels, int BitsPerSample, long TotalSamples, byte[] Md5, int FirstFrame)
{
    private const int StreamInfoBytes = 34;

    /// <summary>Whether the bytes at a position begin a FLAC stream.</summary>
    public static bool IsFlac(ReadOnlySpan<byte> bytes) => bytes.StartsWith("fLaC"u8);

    /// <summary>Reads the metadata blocks of a stream.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="start">Where <c>fLaC</c> stands.</param>
    /// <param name="name">The file's name, for messages.</param>
    public static FlacStreamInfo Read(ReadOnlySpan<byte> bytes, int start, string name)
    {
        int position = start + 4;
        FlacStreamInfo? info = null;
        for (bool last = false; !last;)
        {
            if (position + 4 > bytes.Length) throw Cut(name, bytes.Length);
            last = (bytes[position] & 0x80) != 0;
            int type = bytes[position] & 0x7F;
            int length = (int)(BinaryPrimitives.ReadUInt32BigEndian(bytes[position..]) & 0xFFFFFF);
            position += 4;
            if (length > bytes.Length - position) throw Cut(name, bytes.Length);
            if (info is null) info = ReadStreamInfo(bytes.Slice(position, length), type, name);
            position += length;
        }
        return info! with { FirstFrame = position };
    }

    private static FlacStreamInfo ReadStreamInfo(ReadOnlySpan<byte> block, int type, string name)
    {
        if (type != 0 || block.Length < StreamInfoBytes)
            throw new AudioFormatException($"{name}: a FLAC stream must begin with a STREAMINFO block of {StreamInfoBytes} bytes, found "
                + $"block type {type} of {block.Length} bytes.");
        ulong packed = BinaryPrimitives.ReadUInt64BigEndian(block[10..]);
        int rate = (int)(packed >> 44);
        if (rate == 0) throw new AudioFormatException($"{name}: this FLAC stream states a sample rate of 0 Hz, so it holds no audio.");
        int bits = (int)((packed >> 36) & 31) + 1;
        if (bits < 4) throw new AudioFormatException($"{name}: FLAC samples have 4 to 32 bits, this stream states {bits}.");
        int channels = (int)((packed >> 41) & 7) + 1;
        return new FlacStreamInfo(rate, channels, bits, (long)(packed & 0xFFFFFFFFF), block.Slice(18, 16).ToArray(), 0);
    }

    private static AudioFormatException Cut(string name, int length) =>
        new($"{name}: this FLAC stream ends inside its metadata, at byte {length}: the file is cut short; fetch it again.");
}
