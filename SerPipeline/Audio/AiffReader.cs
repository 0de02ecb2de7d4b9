namespace SerPipeline.Audio;

/// <summary>Reads AIFF and AIFF-C files (Apple, "Audio Interchange File Format", 1989; AIFF-C draft, 1991) of uncompressed and G.711
/// samples.</summary>
internal static class AiffReader
{
    public static bool IsAiff(ReadOnlySpan<byte> bytes) =>
    bytes.Length >= 12 && bytes.StartsWith("FORM"u8)
    && (bytes.Slice(8, 4).SequenceEqual("AIFF"u8) || bytes.Slice(8, 4).SequenceEqual("AIFC"u8));

    /// <summary>Reads the chunks up to the position of the samples.</summary>
    /// <param name="bytes">The file, or the head of it.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="fileLength">Size of the whole file in bytes; null where that is given.</param>
    /// <exception cref="AudioFormatException">The header is damaged, or goes on behind the head.</exception>
    public static UncompressedAudio ReadHeader(ReadOnlySpan<byte> bytes, string name, long? fileLength = null)
    {
        int common = -1, commonLength = 0, data = -1;
        long dataLength = 0, position = 12, end = fileLength ?? bytes.Length;
        while (position + 8 <= bytes.Length && (common < 0 || data < 0))
        {
            ReadOnlySpan<byte> id = bytes.Slice((int)position, 4);
            uint stated = BinaryPrimitives.ReadUInt32BigEndian(bytes[((int)position + 4)..]);
            int body = (int)position + 8;
            long length = Math.Min(stated, end - body);
            if (id.SequenceEqual("COMM"u8) && length <= bytes.Length - body)
            {
                (common, commonLength) = (body, (int)length);
            }
            else if (id.SequenceEqual("SSND"u8) && length >= 8 && bytes.Length >= body + 8)
            {
                // Two 32-bit numbers precede the samples: an offset, nearly always 0, and a block size.
                long offset = BinaryPrimitives.ReadUInt32BigEndian(bytes[body..]);
                long skip = Math.Min(offset, length - 8);
                (data, dataLength) = ((int)(body + 8 + skip), length - 8 - skip);
            }
            position = body + length + (length & 1);
        }
        if (common < 0 || data < 0)
            throw new AudioFormatException($"{name}: an AIFF file must have a 'COMM' and an 'SSND' chunk, "
                + $"no '{(common < 0 ? "COMM" : "SSND")}' was found in {bytes.Length} bytes: the file is cut short or damaged; fetch it "
                + $"again.");
        bool compressed = bytes[8..12].SequenceEqual("AIFC"u8);
        return ReadCommon(bytes.Slice(common, commonLength), compressed, dataLength, name) with { DataStart = data };
    }

    private const long UnknownLength = 0x7f000000;

    private static UncompressedAudio ReadCommon(ReadOnlySpan<byte> common, bool compressed, long dataLength, string name)
    {
        if (common.Length < (compressed ? 22 : 18))
            throw new AudioFormatException($"{name}: the 'COMM' chunk of this AIFF file takes at least {(compressed ? 22 : 18)} bytes, "
                + $"found {common.Length}: the file is damaged; fetch it again.");
        int channels = BinaryPrimitives.ReadInt16BigEndian(common);
        uint frames = BinaryPrimitives.ReadUInt32BigEndian(common[2..]);
        int bits = BinaryPrimitives.ReadInt16BigEndian(common[6..]);
        double rate = ReadExtended(common.Slice(8, 10));
        UncompressedAudio.RequireSane(rate, channels, name);
        string codec = compressed ? System.Text.Encoding.Latin1.GetString(common.Slice(18, 4)) : "NONE";
        SampleEncoding? encoding = EncodingOf(codec, (bits + 7) / 8);
        // The chunk may be padded, so the frame count limits it, unless it is 0 or too large.
        long promised = encoding is { } stored ? (long)frames * stored.Bytes * channels : 0;
        // Programs that write to a pipe do not know the length: sox states as many frames as fit into 0x7f000000 bytes.
        if (encoding is { } piped && promised > UnknownLength - (piped.Bytes * channels)) promised = 0;
        if (encoding is { } e && frames != 0) dataLength = Math.Min(dataLength, (long)frames * e.Bytes * channels);
        string container = compressed ? "AIFF-C" : "AIFF";
        return new UncompressedAudio(container, CodecName(codec, bits), encoding, (int)Math.Round(rate), channels, bits, 0, dataLength)
        { PromisedLength = promised };
    }

    private static SampleEncoding? EncodingOf(string codec, int bytes) => (codec, bytes) switch
    {
        ("NONE" or "twos", 1 or 2 or 3 or 4) => new SampleEncoding(SampleKind.SignedInteger, bytes, BigEndian: true),
        ("sowt", 1 or 2 or 3 or 4) => new SampleEncoding(SampleKind.SignedInteger, bytes),
        ("in24", _) => new SampleEncoding(SampleKind.SignedInteger, 3, BigEndian: true),
        ("in32", _) => new SampleEncoding(SampleKind.SignedInteger, 4, BigEndian: true),
        ("raw ", 1) => new SampleEncoding(SampleKind.UnsignedInteger, 1),
        ("fl32" or "FL32", _) => new SampleEncoding(SampleKind.Float, 4, BigEndian: true),
        ("fl64" or "FL64", _) => new SampleEncoding(SampleKind.Float, 8, BigEndian: true),
        ("alaw" or "ALAW", _) => new SampleEncoding(SampleKind.ALaw, 1),
        ("ulaw" or "ULAW", _) => new SampleEncoding(SampleKind.MuLaw, 1),
        _ => null,
    };

    private static string CodecName(string codec, int bits) => codec switch
    {
        "NONE" or "twos" or "sowt" or "in24" or "in32" or "raw " => $"PCM {bits} bit",
        "fl32" or "FL32" => "float 32 bit",
        "fl64" or "FL64" => "float 64 bit",
        "alaw" or "ALAW" => "A-law",
        "ulaw" or "ULAW" => "mu-law",
        _ => $"compression '{new string([.. codec.Select(c => c is >= ' ' and <= '~' ? c : '?')])}'",
    };

    // IEEE 754 double extended, 80 bits: sign and 15-bit exponent, then a 64-bit mantissa with an explicit leading one.
    private static double ReadExtended(ReadOnlySpan<byte> s)
    {
        int head = BinaryPrimitives.ReadUInt16BigEndian(s);
        ulong mantissa = BinaryPrimitives.ReadUInt64BigEndian(s[2..]);
        double value = Math.ScaleB(mantissa, (head & 0x7FFF) - 16383 - 63);
        return (head & 0x8000) != 0 ? -value : value;
    }
}
