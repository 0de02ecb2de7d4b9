namespace SerPipeline.Audio;

/// <summary>Reads RIFF WAVE, RF64, BW64 and big-endian RIFX files (Microsoft and IBM, "Multimedia Programming Interface", 1991; EBU Tech
/// 3306; ITU-R BS.2088), with the deviations found in practice.</summary>
internal static class WavReader
{
    private const uint Unknown = 0xFFFFFFFF, LongestBelieved = 0x7FFF0000;

    public static bool IsWav(ReadOnlySpan<byte> bytes) =>
        bytes.Length >= 12 && (bytes.StartsWith("RIFF"u8) || bytes.StartsWith("RF64"u8) || bytes.StartsWith("BW64"u8) || IsBigEndian(bytes))
        && bytes.Slice(8, 4).SequenceEqual("WAVE"u8);

    /// <summary>Reads the chunks up to the position of the samples. Stated sizes are limited to the file's own.</summary>
    /// <param name="bytes">The file, or the head of it.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="fileLength">Size of the whole file in bytes; null where that is given.</param>
    /// <exception cref="AudioFormatException">The header is damaged, or goes on behind the head.</exception>
    public static UncompressedAudio ReadHeader(ReadOnlySpan<byte> bytes, string name, long? fileLength = null)
    {
        bool big = IsBigEndian(bytes);
        long ds64Data = -1, promised = 0, dataLength = 0, position = 12, end = fileLength ?? bytes.Length;
        int format = -1, formatLength = 0, data = -1;
        // The size in the RIFF header is ignored: programs writing to a pipe leave it 0 or all ones, and editors forget to update it.
        while (position + 8 <= bytes.Length && (format < 0 || dataLength == 0))
        {
            ReadOnlySpan<byte> id = bytes.Slice((int)position, 4);
            uint stated = UInt32(bytes[((int)position + 4)..], big);
            int body = (int)position + 8;
            long length = Math.Min(stated, end - body);
            bool isHere = length <= bytes.Length - body;
            if (id.SequenceEqual("fmt "u8) && isHere)
            {
                (format, formatLength) = (body, (int)length);
            }
            else if (id.SequenceEqual("ds64"u8) && isHere && length >= 16)
            {
                ds64Data = BinaryPrimitives.ReadInt64LittleEndian(bytes[(body + 8)..]);
            }
            else if (id.SequenceEqual("data"u8))
            {
                length = DataLength(bytes[body..], end - body, stated, ds64Data, big);
                // An empty data chunk counts only if no other follows.
                if (dataLength == 0) (data, dataLength, promised) = (body, length, Promised(stated, ds64Data));
            }
            position = Next(bytes, end, body, length, big);
        }
        if (format < 0) throw new AudioFormatException($"{name}: a WAV file must have a 'fmt ' chunk, "
            + $"none was found in {bytes.Length} bytes: the file is cut short or damaged; fetch it again.");
        if (data < 0 || (dataLength == 0 && bytes.Length < end))
            throw new AudioFormatException($"{name}: a WAV file must have a 'data' chunk, "
                + $"none was found in {bytes.Length} bytes: the file is cut short or damaged; fetch it again.");
        return ReadFormat(bytes.Slice(format, formatLength), big, name) with
        {
            DataStart = data,
            DataLength = dataLength,
            PromisedLength = promised,
        };
    }

    // Wrong sizes: 0 or all ones from programs writing to a pipe, or beyond the end of a truncated file. Read what is there. RF64 has the
    // true size in a ds64 chunk (EBU Tech 3306).
    private static long DataLength(ReadOnlySpan<byte> rest, long available, uint stated, long ds64Data, bool big)
    {
        if (stated == Unknown) return ds64Data > 0 ? Math.Min(ds64Data, available) : available;
        if (stated == 0) return BeginsChunk(rest, available, big) ? 0 : available;
        return Math.Min(stated, available);
    }

    // What a header promises, where it does: programs writing to a pipe state 0, or numbers next to 2^31 and 2^32.
    private static long Promised(uint stated, long ds64Data) =>
        stated == Unknown && ds64Data > 0 ? ds64Data : stated < LongestBelieved ? stated : 0;

    private static bool IsBigEndian(ReadOnlySpan<byte> bytes) => bytes.StartsWith("RIFX"u8);

    private static uint UInt32(ReadOnlySpan<byte> bytes, bool big) =>
        big ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);

    private static int UInt16(ReadOnlySpan<byte> bytes, bool big) =>
        big ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : BinaryPrimitives.ReadUInt16LittleEndian(bytes);

    private static bool BeginsChunk(ReadOnlySpan<byte> rest, long available, bool big)
    {
        if (rest.Length < 8) return false;
        foreach (byte b in rest[..4])
            if (b is < 0x20 or > 0x7E) return false;
        return UInt32(rest[4..], big) <= available - 8;
    }

    // Chunks of odd size are followed by a pad byte, which some programs omit.
    private static long Next(ReadOnlySpan<byte> bytes, long end, int body, long length, bool big)
    {
        long next = body + length;
        if ((length & 1) == 0 || next >= bytes.Length) return next;
        // The pad byte is 0, which begins no chunk; one byte further on almost anything may look like one.
        return BeginsChunk(bytes[(int)next..], end - next, big) ? next : next + 1;
    }

    private static UncompressedAudio ReadFormat(ReadOnlySpan<byte> format, bool big, string name)
    {
        if (format.Length < 16)
            throw new AudioFormatException($"{name}: the 'fmt ' chunk of a WAV file takes at least 16 bytes, found {format.Length}: "
                + "the file is damaged; fetch it again.");
        int tag = UInt16(format, big);
        int channels = UInt16(format[2..], big);
        uint rate = UInt32(format[4..], big);
        int blockAlign = UInt16(format[12..], big);
        int bits = UInt16(format[14..], big);
        UncompressedAudio.RequireSane(rate, channels, name);
        // WAVE_FORMAT_EXTENSIBLE has the tag in the first two bytes of its GUID.
        if (tag == 0xFFFE && format.Length >= 26) tag = UInt16(format[24..], big);
        int bytes = (bits + 7) / 8, container = blockAlign / channels;
        // The block size tells of 24 bits in 4 bytes or 12 in 2. With 8, 16, 32 or 64 bits it may be wrong, and counts only if the byte
        // rate agrees.
        uint byteRate = UInt32(format[8..], big);
        bool isConsistent = bits is not (8 or 16 or 32 or 64) || byteRate == (ulong)rate * (uint)blockAlign;
        if (blockAlign % channels == 0 && container > bytes && container <= 8 && isConsistent) bytes = container;
        SampleEncoding? encoding = EncodingOf(tag, bytes) is { } found ? found with { BigEndian = big } : null;
        return new UncompressedAudio("WAV", CodecName(tag, bits), encoding, (int)rate, channels, bits, 0, 0);
    }

    private static SampleEncoding? EncodingOf(int tag, int bytes) => (tag, bytes) switch
    {
        (1, 1) => new SampleEncoding(SampleKind.UnsignedInteger, 1),
        (1, 2 or 3 or 4) => new SampleEncoding(SampleKind.SignedInteger, bytes),
        (3, 4 or 8) => new SampleEncoding(SampleKind.Float, bytes),
        (6, 1) => new SampleEncoding(SampleKind.ALaw, 1),
        (7, 1) => new SampleEncoding(SampleKind.MuLaw, 1),
        _ => null,
    };

    private static string CodecName(int tag, int bits) => tag switch
    {
        1 => $"PCM {bits} bit",
        2 => "Microsoft ADPCM",
        3 => $"float {bits} bit",
        6 => "A-law",
        7 => "mu-law",
        0x11 => "IMA ADPCM",
        0x31 => "GSM 6.10",
        0x50 or 0x55 => "MPEG audio",
        0xFF or 0x1600 or 0x1610 => "AAC",
        _ => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"format tag 0x{tag:X4}, {bits} bit"),
    };
}
