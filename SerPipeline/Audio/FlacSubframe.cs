namespace SerPipeline.Audio;

/// <summary>Decodes one channel of one FLAC frame (RFC 9639, section 9.2). Samples are 64 bits wide: a 32-bit stream has 33-bit side
/// channels.</summary>
internal static class FlacSubframe
{
    private const int MaxOrder = 32;

    /// <summary>Decodes a subframe.</summary>
    /// <param name="reader">At the subframe's header; left behind its last bit.</param>
    /// <param name="samples">Receives the block's samples.</param>
    /// <param name="bits">Bits a sample of this channel, the side channel's extra bit included.</param>
    /// <param name="name">The file's name, for messages.</param>
    public static void Decode(ref FlacBitReader reader, Span<long> samples, int bits, string name)
    {
        int start = reader.BytePosition;
        if (reader.Read(1) != 0) throw FlacFrameHeader.Damaged(name, start, "a subframe begins with a set bit");
        int type = (int)reader.Read(6);
        int wasted = reader.Read(1) == 0 ? 0 : (int)Math.Min(reader.ReadUnary(), 64) + 1;
        if (wasted >= bits) throw FlacFrameHeader.Damaged(name, start, $"a subframe wastes {wasted} of {bits} bits");
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
        // The residual stands where the sample will: s[i] += prediction from the samples before it.
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
        // 2. Residuals, then prediction from the samples before.
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
        if (order > samples.Length) throw FlacFrameHeader.Damaged(name, start, $"a predictor of order {order} stands in a block of "
            + $"{samples.Length} samples");
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
            // Escaped partition: plain numbers of a stated width; width 0 means zeros.
            int width = (int)reader.Read(5);
            for (int i = 0; i < part.Length; i++) part[i] = reader.ReadSigned(width);
        }
    }
}
