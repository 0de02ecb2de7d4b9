namespace SerPipeline.Audio;

/// <summary>Stereo decorrelation of a FLAC frame (RFC 9639, section 9.1.3).</summary>
internal enum FlacDecorrelation
{
    Independent,
    LeftSide,
    SideRight,
    MidSide,
}

/// <summary>FLAC frame header (RFC 9639, section 9.1).</summary>
internal readonly record struct FlacFrameHeader(int BlockSize, FlacDecorrelation Decorrelation)
{
    // By their codes; 0 stands for the stream's own in the first place, else for none.
    private static readonly int[] Rates = [0, 88200, 176400, 192000, 8000, 16000, 22050, 24000, 32000, 44100, 48000, 96000];
    private static readonly int[] Bits = [0, 8, 12, 0, 16, 20, 24, 32];

    /// <summary>Reads a header and leaves the reader at the first subframe.</summary>
    public static FlacFrameHeader Read(ref FlacBitReader reader, ReadOnlySpan<byte> bytes, FlacStreamInfo info, string name)
    {
        int start = reader.BytePosition;
        // 1. 14-bit sync code and a reserved zero, then the blocking strategy, which does not matter for sequential reading.
        if (reader.Read(15) != 0x7FFC) throw Damaged(name, start, "no sync code found");
        reader.Read(1);
        // 2. Coded fields.
        int sizeCode = (int)reader.Read(4), rateCode = (int)reader.Read(4);
        int channelCode = (int)reader.Read(4), bitsCode = (int)reader.Read(3);
        if (reader.Read(1) != 0) throw Damaged(name, start, "a reserved bit is set");
        SkipCodedNumber(ref reader, name, start);
        // 3. Block size and rate that have no code of their own.
        int blockSize = BlockSizeOf(ref reader, sizeCode);
        int rate = RateOf(ref reader, rateCode, info.SampleRateHz);
        // 4. Checksum of the header.
        int end = reader.BytePosition;
        if (reader.Read(8) != FlacCrc.Crc8(bytes[start..end])) throw Damaged(name, start, "its header checksum does not match");
        // 5. Rate, channels and sample size must be those of the stream.
        int channels = channelCode < 8 ? channelCode + 1 : 2;
        int bits = bitsCode == 0 ? info.BitsPerSample : Bits[bitsCode];
        if (blockSize == 0 || channelCode > 10 || bits == 0 || rate == 0) throw Damaged(name, start, "it uses a reserved code");
        if (channels != info.Channels || bits != info.BitsPerSample || rate != info.SampleRateHz)
        {
            throw Damaged(name, start, $"it holds {channels} channels of {bits} bits at {rate} Hz where the stream states "
                + $"{info.Channels} of {info.BitsPerSample} at {info.SampleRateHz} Hz");
        }
        return new FlacFrameHeader(blockSize, channelCode < 8 ? FlacDecorrelation.Independent : (FlacDecorrelation)(channelCode - 7));
    }

    public static AudioFormatException Damaged(string name, int position, string what) =>
    new($"{name}: the FLAC frame at byte {position} is damaged: {what}. Fetch the file again.");

    // The frame or sample number, coded like UTF-8 in up to 7 bytes.
    private static void SkipCodedNumber(ref FlacBitReader reader, string name, int start)
    {
        int first = (int)reader.Read(8);
        int ones = System.Numerics.BitOperations.LeadingZeroCount(~((uint)first << 24));
        if (ones is 1 or > 7) throw Damaged(name, start, "its frame number is invalid");
        for (int i = 1; i < ones; i++)
            if (reader.Read(8) >> 6 != 2) throw Damaged(name, start, "its frame number is invalid");
    }

    private static int BlockSizeOf(ref FlacBitReader reader, int code) => code switch
    {
        0 => 0,
        1 => 192,
        <= 5 => 576 << (code - 2),
        6 => (int)reader.Read(8) + 1,
        7 => (int)reader.Read(16) + 1,
        _ => 256 << (code - 8),
    };

    private static int RateOf(ref FlacBitReader reader, int code, int streamRate) => code switch
    {
        0 => streamRate,
        < 12 => Rates[code],
        12 => (int)reader.Read(8) * 1000,
        13 => (int)reader.Read(16),
        14 => (int)reader.Read(16) * 10,
        _ => 0,
    };
}

/// <summary>Decodes one channel of a FLAC frame (RFC 9639, section 9.2). Samples are <c>long</c>: a 32-bit stream has 33-bit side
/// channels.</summary>
internal static class FlacSubframe
{
    private const int MaxOrder = 32;

    /// <summary>Decodes one block. <paramref name="bits"/> per sample includes the side channel's extra bit.</summary>
    public static void Decode(ref FlacBitReader reader, Span<long> samples, int bits, string name)
    {
        int start = reader.BytePosition;
        if (reader.Read(1) != 0) throw FlacFrameHeader.Damaged(name, start, "a subframe does not begin with a zero bit");
        int type = (int)reader.Read(6);
        int wasted = reader.Read(1) == 0 ? 0 : (int)Math.Min(reader.ReadUnary(), 64) + 1;
        if (wasted >= bits) throw FlacFrameHeader.Damaged(name, start, $"a subframe has {wasted} wasted bits of {bits}");
        bits -= wasted;
        switch (type)
        {
            case 0:
                samples.Fill(reader.ReadSigned(bits));
                break;
            case 1:
                for (int i = 0; i < samples.Length; i++) samples[i] = reader.ReadSigned(bits);
                break;
            case >= 8 and <= 12:
                DecodeFixed(ref reader, samples, bits, type - 8, name, start);
                break;
            case >= 32:
                DecodeLinear(ref reader, samples, bits, type - 31, name, start);
                break;
            default:
                throw FlacFrameHeader.Damaged(name, start, $"subframe type {type} is reserved");
        }
        if (wasted > 0)
            for (int i = 0; i < samples.Length; i++) samples[i] <<= wasted;
    }

    private static void DecodeFixed(ref FlacBitReader reader, Span<long> s, int bits, int order, string name, int start)
    {
        ReadWarmUp(ref reader, s, bits, order, name, start);
        ReadResiduals(ref reader, s, order, name, start);
        // s[i] holds the residual: add the prediction from the samples before it.
        switch (order)
        {
            case 1:
                for (int i = 1; i < s.Length; i++) s[i] += s[i - 1];
                break;
            case 2:
                for (int i = 2; i < s.Length; i++) s[i] += (2 * s[i - 1]) - s[i - 2];
                break;
            case 3:
                for (int i = 3; i < s.Length; i++) s[i] += (3 * (s[i - 1] - s[i - 2])) + s[i - 3];
                break;
            case 4:
                for (int i = 4; i < s.Length; i++) s[i] += (4 * (s[i - 1] + s[i - 3])) - (6 * s[i - 2]) - s[i - 4];
                break;
        }
    }

    private static void DecodeLinear(ref FlacBitReader reader, Span<long> s, int bits, int order, string name, int start)
    {
        // 1. Warm-up samples, coefficient precision, shift, coefficients (newest sample first).
        ReadWarmUp(ref reader, s, bits, order, name, start);
        int precision = (int)reader.Read(4) + 1;
        if (precision == 16) throw FlacFrameHeader.Damaged(name, start, "a predictor has a reserved precision");
        int shift = (int)reader.ReadSigned(5);
        if (shift < 0) throw FlacFrameHeader.Damaged(name, start, "a predictor has a negative shift");
        Span<long> reversed = stackalloc long[MaxOrder];
        reversed = reversed[..order];
        for (int i = order - 1; i >= 0; i--) reversed[i] = reader.ReadSigned(precision);
        // 2. Residuals, then the prediction.
        ReadResiduals(ref reader, s, order, name, start);
        for (int i = order; i < s.Length; i++)
        {
            ReadOnlySpan<long> history = s.Slice(i - order, reversed.Length);
            long even = 0, odd = 0;
            int k = 0;
            for (; k + 1 < history.Length; k += 2)
            {
                even += reversed[k] * history[k];
                odd += reversed[k + 1] * history[k + 1];
            }
            if (k < history.Length) even += reversed[k] * history[k];
            s[i] += (even + odd) >> shift;
        }
    }

    private static void ReadWarmUp(ref FlacBitReader reader, Span<long> samples, int bits, int order, string name, int start)
    {
        if (order > samples.Length)
            throw FlacFrameHeader.Damaged(name, start, $"a predictor of order {order} in a block of {samples.Length} samples");
        for (int i = 0; i < order; i++) samples[i] = reader.ReadSigned(bits);
    }

    private static void ReadResiduals(ref FlacBitReader reader, Span<long> samples, int order, string name, int start)
    {
        int method = (int)reader.Read(2);
        if (method > 1) throw FlacFrameHeader.Damaged(name, start, $"residual coding method {method} is reserved");
        int parameterBits = 4 + method, escape = (1 << parameterBits) - 1;
        int partitions = 1 << (int)reader.Read(4), partitionSamples = samples.Length / partitions;
        if (partitionSamples * partitions != samples.Length || partitionSamples < order)
            throw FlacFrameHeader.Damaged(name, start, $"{samples.Length} samples cannot be split into {partitions} partitions after "
                + $"{order} warm-up samples");
        for (int p = 0, position = order; p < partitions; p++)
        {
            Span<long> part = samples[position..((p + 1) * partitionSamples)];
            position += part.Length;
            int parameter = (int)reader.Read(parameterBits);
            if (parameter < escape)
            {
                reader.ReadRice(part, parameter);
                continue;
            }
            // Escape code: unencoded residuals of the given width; width 0 means zeros.
            int width = (int)reader.Read(5);
            for (int i = 0; i < part.Length; i++) part[i] = reader.ReadSigned(width);
        }
    }
}

/// <summary>Checksums of FLAC frames (RFC 9639, sections 9.1.8 and 9.3): CRC-8 with x^8+x^2+x+1, CRC-16 with x^16+x^15+x^2+1, initial value
/// 0.</summary>
internal static class FlacCrc
{
    private static readonly byte[] Table8 = Build(0x07, 8).Select(v => (byte)v).ToArray();
    private static readonly ushort[] Table16 = Build(0x8005, 16).Select(v => (ushort)v).ToArray();

    public static byte Crc8(ReadOnlySpan<byte> data)
    {
        byte crc = 0;
        foreach (byte b in data) crc = Table8[crc ^ b];
        return crc;
    }

    public static ushort Crc16(ReadOnlySpan<byte> data)
    {
        uint crc = 0;
        ushort[] table = Table16;
        foreach (byte b in data) crc = ((crc << 8) & 0xFFFF) ^ table[(byte)(crc >> 8) ^ b];
        return (ushort)crc;
    }

    internal static IEnumerable<uint> Build(uint polynomial, int width)
    {
        uint top = 1u << (width - 1), mask = (1u << (width - 1) << 1) - 1;
        for (uint value = 0; value < 256; value++)
        {
            uint crc = value << (width - 8);
            for (int bit = 0; bit < 8; bit++) crc = (crc & top) != 0 ? ((crc << 1) ^ polynomial) & mask : (crc << 1) & mask;
            yield return crc;
        }
    }
}
