namespace SerPipeline.Audio;

/// <summary>How the channels of a FLAC frame were made from each other.</summary>
internal enum FlacDecorrelation
{
    Independent,
    LeftSide,
    SideRight,
    MidSide,
}

/// <summary>The head of one FLAC frame (RFC 9639, section 9.1).</summary>
internal readonly record struct FlacFrameHeader(int BlockSize, FlacDecorrelation Decorrelation)
{
    /// <summary>Reads a header, leaving the reader at the first subframe.</summary>
    public static FlacFrameHeader Read(ref FlacBitReader reader, ReadOnlySpan<byte> bytes, FlacStreamInfo info, string name)
    {
        int start = reader.BytePosition;
        // 1. Sync code, 14 bits, and a reserved zero; then the blocking strategy, which changes nothing for reading in order.
        if (reader.Read(15) != 0x7FFC) throw Damaged(name, start, "no frame begins there");
        reader.Read(1);
        // 2. The coded fields.
        int sizeCode = (int)reader.Read(4), rateCode = (int)reader.Read(4);
        int channelCode = (int)reader.Read(4), bitsCode = (int)reader.Read(3);
        if (reader.Read(1) != 0) throw Damaged(name, start, "a reserved bit is set");
        SkipCodedNumber(ref reader, name, start);
        // 3. What did not fit into the codes.
        int blockSize = BlockSizeOf(ref reader, sizeCode);
        int rate = RateOf(ref reader, rateCode, info.SampleRateHz);
        // 4. The checksum over everything so far.
        int end = reader.BytePosition;
        if (reader.Read(8) != FlacCrc.Crc8(bytes[start..end])) throw Damaged(name, start, "its header checksum does not match");
        // 5. The stream must keep its shape: one clip has one rate, one number of channels and one sample size.
        int channels = channelCode < 8 ? channelCode + 1 : 2;
        int bits = BitsOf(bitsCode, info.BitsPerSample);
        if (blockSize == 0 || channelCode > 10 || bits == 0 || rate == 0) throw Damaged(name, start, "it uses a reserved code");
        if (channels != info.Channels || bits != info.BitsPerSample || rate != info.SampleRateHz)
        {
            throw Damaged(name, start, $"it holds {channels} channels of {bits} bits at {rate} Hz where the stream states "
                + $"{info.Channels} of {info.BitsPerSample} at {info.SampleRateHz} Hz");
        }
        return new FlacFrameHeader(blockSize, channelCode < 8 ? FlacDecorrelation.Independent : (FlacDecorrelation)(channelCode - 7));
    }

    /// <summary>The error for a frame that cannot be decoded.</summary>
    public static AudioFormatException Damaged(string name, int position, string what) =>
        new($"{name}: the FLAC frame at byte {position} is damaged: {what}. Fetch the file again.");

    // The frame or sample number, in the manner of UTF-8, up to 7 bytes.
    private static void SkipCodedNumber(ref FlacBitReader reader, string name, int start)
    {
        int first = (int)reader.Read(8);
        int ones = System.Numerics.BitOperations.LeadingZeroCount(~((uint)first << 24));
        if (ones is 1 or > 7) throw Damaged(name, start, "its number is badly coded");
        for (int i = 1; i < ones; i++)
            if (reader.Read(8) >> 6 != 2) throw Damaged(name, start, "its number is badly coded");
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
        1 => 88200,
        2 => 176400,
        3 => 192000,
        4 => 8000,
        5 => 16000,
        6 => 22050,
        7 => 24000,
        8 => 32000,
        9 => 44100,
        10 => 48000,
        11 => 96000,
        12 => (int)reader.Read(8) * 1000,
        13 => (int)reader.Read(16),
        14 => (int)reader.Read(16) * 10,
        _ => 0,
    };

    private static int BitsOf(int code, int streamBits) => code switch
    {
        0 => streamBits,
        1 => 8,
        2 => 12,
        4 => 16,
        5 => 20,
        6 => 24,
        7 => 32,
        _ => 0,
    };
}
