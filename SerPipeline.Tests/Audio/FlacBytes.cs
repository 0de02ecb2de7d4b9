using System.Security.Cryptography;

namespace SerPipeline.Tests.Audio;

/// <summary>Writes bit fields, first bit on top.</summary>
internal sealed class BitWriter
{
    private readonly List<byte> _bytes = [];
    private int _free;

    public BitWriter Write(long value, int bits)
    {
        for (int i = bits - 1; i >= 0; i--)
        {
            if (_free == 0)
            {
                _bytes.Add(0);
                _free = 8;
            }
            _free--;
            _bytes[^1] |= (byte)(((value >> i) & 1) << _free);
        }
        return this;
    }

    public BitWriter Unary(long zeros)
    {
        for (long i = 0; i < zeros; i++) Write(0, 1);
        return Write(1, 1);
    }

    public BitWriter Rice(long value, int parameter)
    {
        long folded = (value << 1) ^ (value >> 63);
        return Unary(folded >> parameter).Write(folded, parameter);
    }

    public byte[] ToBytes()
    {
        _free = 0;
        return [.. _bytes];
    }
}

/// <summary>Builds FLAC streams bit by bit from RFC 9639, with checksums computed bit by bit, so that the decoder's tables and shortcuts
/// have something to answer to.</summary>
internal static class FlacBytes
{
    public static byte[] Stream(int rate, int channels, int bits, long total, byte[] md5, params byte[][] frames) =>
        [.. "fLaC"u8, 0x80, 0, 0, 34, .. StreamInfo(rate, channels, bits, total, md5), .. frames.SelectMany(f => f)];

    public static byte[] StreamInfo(int rate, int channels, int bits, long total, byte[] md5) =>
        [.. new BitWriter().Write(16, 16).Write(65535, 16).Write(0, 24).Write(0, 24).Write(rate, 20).Write(channels - 1, 3)
            .Write(bits - 1, 5).Write(total, 36).ToBytes(), .. md5];

    public static byte[] Md5(int bits, params long[] interleaved)
    {
        int width = (bits + 7) / 8;
#pragma warning disable CA5351 // MD5 is what the format stores.
        return MD5.HashData([.. interleaved.SelectMany(s => BitConverter.GetBytes(s)[..width])]);
#pragma warning restore CA5351
    }

    /// <summary>A frame whose rate and sample size are taken from the stream, with a 16-bit block size.</summary>
    public static byte[] Frame(int blockSize, int channelCode, Action<BitWriter> subframes, int number = 0, int bitsCode = 0)
    {
        var head = new BitWriter().Write(0xFFF8, 16).Write(7, 4).Write(0, 4).Write(channelCode, 4).Write(bitsCode, 3).Write(0, 1)
            .Write(number, 8).Write(blockSize - 1, 16);
        return Seal(head.ToBytes(), subframes);
    }

    /// <summary>Adds the header's checksum, the subframes and the frame's checksum.</summary>
    public static byte[] Seal(byte[] header, Action<BitWriter> subframes)
    {
        var body = new BitWriter();
        subframes(body);
        byte[] frame = [.. header, (byte)Crc(header, 0x07, 8), .. body.ToBytes()];
        int crc = Crc(frame, 0x8005, 16);
        return [.. frame, (byte)(crc >> 8), (byte)crc];
    }

    public static BitWriter Head(this BitWriter w, int type, int wasted = 0)
    {
        w.Write(0, 1).Write(type, 6).Write(wasted > 0 ? 1 : 0, 1);
        return wasted > 0 ? w.Unary(wasted - 1) : w;
    }

    public static BitWriter Verbatim(this BitWriter w, int bits, params long[] samples)
    {
        w.Head(1);
        foreach (long s in samples) w.Write(s, bits);
        return w;
    }

    /// <summary>A predicted subframe with one Rice partition.</summary>
    public static BitWriter Predicted(this BitWriter w, int bits, long[] samples, long[] coefficients, int shift, int type, int rice,
        int method = 0)
    {
        int order = coefficients.Length;
        w.Head(type);
        for (int i = 0; i < order; i++) w.Write(samples[i], bits);
        if (type >= 32)
        {
            w.Write(14, 4).Write(shift, 5);
            foreach (long c in coefficients) w.Write(c, 15);
        }
        w.Write(method, 2).Write(0, 4).Write(rice, 4 + method);
        foreach (long r in Residuals(samples, coefficients, shift)) w.Rice(r, rice);
        return w;
    }

    public static IEnumerable<long> Residuals(long[] samples, long[] coefficients, int shift)
    {
        for (int i = coefficients.Length; i < samples.Length; i++)
        {
            long prediction = 0;
            for (int k = 0; k < coefficients.Length; k++) prediction += coefficients[k] * samples[i - 1 - k];
            yield return samples[i] - (prediction >> shift);
        }
    }

    private static int Crc(byte[] data, int polynomial, int width)
    {
        int crc = 0;
        foreach (byte b in data)
        {
            for (int i = 7; i >= 0; i--)
            {
                int top = ((crc >> (width - 1)) ^ (b >> i)) & 1;
                crc = ((crc << 1) & ((1 << width) - 1)) ^ (top * polynomial);
            }
        }
        return crc;
    }
}
