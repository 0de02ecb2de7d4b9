using System.Buffers.Binary;
using System.Text;

namespace SerPipeline.Tests.ModelBuilder;

/// <summary>WAV files as other programs write them.</summary>
internal static class WavBytes
{
    /// <summary>A file of one format chunk and one chunk of samples.</summary>
    public static byte[] Of(int tag, int rate, int channels, int container, int bits, byte[] samples) =>
        File("RIFF", Format(tag, rate, channels, container, bits), Chunk("data", samples));

    /// <summary>A file of the chunks given.</summary>
    public static byte[] File(string magic, params byte[][] chunks)
    {
        byte[] body = [.. chunks.SelectMany(chunk => chunk)];
        return [.. Encoding.ASCII.GetBytes(magic), .. Int(body.Length + 4), .. "WAVE"u8, .. body];
    }

    /// <summary>A format chunk.</summary>
    /// <param name="tag">1 for PCM, 3 for float.</param>
    /// <param name="rate">Frames a second.</param>
    /// <param name="channels">Channels.</param>
    /// <param name="container">Bytes of each sample.</param>
    /// <param name="bits">Bits that count.</param>
    public static byte[] Format(int tag, int rate, int channels, int container, int bits) =>
        Chunk("fmt ", [.. Short(tag), .. Short(channels), .. Int(rate), .. Int(rate * channels * container),
            .. Short(channels * container), .. Short(bits)]);

    /// <summary>A chunk.</summary>
    /// <param name="id">Its four letters.</param>
    /// <param name="body">What is in it.</param>
    /// <param name="stated">The length that it states; the true one when null.</param>
    /// <param name="padded">Whether a byte follows where the length is odd, as the format wants.</param>
    public static byte[] Chunk(string id, byte[] body, uint? stated = null, bool padded = true)
    {
        var length = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(length, stated ?? (uint)body.Length);
        return [.. Encoding.ASCII.GetBytes(id), .. length, .. body, .. padded && body.Length % 2 == 1 ? new byte[1] : []];
    }

    /// <summary>Samples as integers in the high bits of little-endian words.</summary>
    public static byte[] Integers(ReadOnlySpan<float> samples, int bits, int container)
    {
        var bytes = new List<byte>();
        foreach (float sample in samples)
        {
            long value = (long)Math.Clamp(Math.Round(sample * Math.Pow(2, bits - 1)), -Math.Pow(2, bits - 1),
                Math.Pow(2, bits - 1) - 1) << ((8 * container) - bits);
            for (int i = 0; i < container; i++) bytes.Add((byte)(value >> (8 * i)));
        }
        return [.. bytes];
    }

    private static byte[] Int(int value) => BitConverter.GetBytes(value);

    private static byte[] Short(int value) => BitConverter.GetBytes((ushort)value);
}
