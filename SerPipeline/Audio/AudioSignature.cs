namespace SerPipeline.Audio;

/// <summary>What kind of file some bytes are, by their first bytes.</summary>
/// <param name="What">The kind, with its article: "a zip archive".</param>
/// <param name="IsMedia">Whether ffmpeg may decode it.</param>
/// <param name="Advice">What to do if it is not media; null otherwise.</param>
internal sealed record AudioSignature(string What, bool IsMedia, string? Advice = null)
{
    private const string FetchAgain = "A download went wrong or the path is not the recording; fetch the audio file itself.";

    private static readonly (byte[] Prefix, AudioSignature Signature)[] Prefixes =
    [
        (Bytes("OggS"), Media("an Ogg file of several streams, or of FLAC, Speex or video")),
        (Bytes("RIFX"), Media("a big-endian RIFX file other than WAV")),
        (Bytes("caff"), Media("a Core Audio (CAF) file")),
        (Bytes(".snd"), Media("a Sun AU file")),
        (Bytes("#!AMR"), Media("an AMR file")),
        (Bytes("wvpk"), Media("a WavPack file")),
        (Bytes("MAC "), Media("a Monkey's Audio file")),
        (Bytes("NIST_1A"), Media("a NIST SPHERE file")),
        ([0x1A, 0x45, 0xDF, 0xA3], Media("a Matroska or WebM file")),
        ([0x30, 0x26, 0xB2, 0x75], Media("a Windows Media (ASF) file")),
        (Bytes("RIFF"), Media("a RIFF file other than WAV (AVI?)")),
        (Bytes("version https://git-lfs"),
            new("a Git LFS pointer, not the file it stands for", false, "Run 'git lfs pull' in that checkout.")),
        (Bytes("/annex/objects/"), new("a git-annex pointer, not the file it stands for", false, "Run 'git annex get' in that checkout.")),
        (Bytes("PK\u0003\u0004"), Other("a zip archive", "Unpack it and give the audio files inside.")),
        ([0x1F, 0x8B], Other("a gzip archive", "Unpack it and give the audio files inside.")),
        ([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], Other("a 7z archive", "Unpack it and give the audio files inside.")),
        (Bytes("Rar!"), Other("a RAR archive", "Unpack it and give the audio files inside.")),
        (Bytes("%PDF"), Other("a PDF document", FetchAgain)),
        ([0, 5, 0x16, 7], Other("an AppleDouble companion, which macOS puts beside a file of the same name without '._'",
            "Give the file without '._'; companions can be deleted.")),
        ([0x89, 0x50, 0x4E, 0x47], Other("a PNG image", FetchAgain)),
        ([0xFF, 0xD8, 0xFF], Other("a JPEG image", FetchAgain)),
    ];

    /// <summary>Identifies a file that no native reader accepts.</summary>
    public static AudioSignature Of(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty) return Other("an empty file", FetchAgain);
        if (!bytes.ContainsAnyExcept((byte)0)) return Other("a file of nothing but zero bytes", FetchAgain);
        foreach ((byte[] prefix, AudioSignature signature) in Prefixes)
            if (bytes.StartsWith(prefix)) return signature;
        if (bytes.Length >= 12 && bytes.Slice(4, 4).SequenceEqual("ftyp"u8)) return Media("an MP4 or M4A file");
        if (bytes.StartsWith("ID3"u8)) return Media("an MP3 file");
        if (bytes.Length >= 2 && bytes[0] == 0xFF && (bytes[1] & 0xF6) == 0xF0) return Media("an AAC (ADTS) stream");
        if (IsMpegFrame(bytes)) return Media("an MP3 file");
        return OfText(bytes) ?? Media($"unknown binary data that begins with {Convert.ToHexString(bytes[..Math.Min(8, bytes.Length)])}");
    }

    /// <summary>Length in bytes of a leading ID3v2 tag, which may precede even a FLAC stream; 0 if there is none.</summary>
    /// <param name="bytes">The file, or at least ten bytes of it.</param>
    /// <param name="fileLength">Size of the whole file in bytes; null where that is given.</param>
    public static int Id3Length(ReadOnlySpan<byte> bytes, long? fileLength = null)
    {
        if (bytes.Length < 10 || !bytes.StartsWith("ID3"u8)) return 0;
        // A 10-byte header with the length in four 7-bit bytes, and a 10-byte footer if its flag is set (id3.org, ID3v2.4).
        long length = ((bytes[6] & 0x7F) << 21) | ((bytes[7] & 0x7F) << 14) | ((bytes[8] & 0x7F) << 7) | (bytes[9] & 0x7F);
        length += (bytes[5] & 0x10) != 0 ? 20 : 10;
        return length <= (fileLength ?? bytes.Length) ? (int)length : 0;
    }

    // Sync word of eleven ones, then version, layer, bit rate and sample rate without reserved values.
    private static bool IsMpegFrame(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 4) return false;
        uint head = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        return head >> 21 == 0x7FF && ((head >> 19) & 3) != 1 && ((head >> 17) & 3) != 0
            && ((head >> 12) & 15) != 15 && ((head >> 10) & 3) != 3;
    }

    private static AudioSignature? OfText(ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<byte> head = bytes[..Math.Min(512, bytes.Length)];
        if (head.StartsWith(new byte[] { 0xEF, 0xBB, 0xBF })) head = head[3..];
        foreach (byte b in head)
            if (b < 0x20 && b is not (9 or 10 or 12 or 13)) return null;
        string text = Encoding.Latin1.GetString(head).TrimStart();
        if (text.StartsWith("<!doctype html", StringComparison.OrdinalIgnoreCase)
            || text.StartsWith("<html", StringComparison.OrdinalIgnoreCase))
            return Other("an HTML page", "The address answered with a web page instead of the file (an error or a log-in?); "
                + "fetch the audio file itself.");
        if (text.StartsWith("<?xml", StringComparison.Ordinal)) return Other("an XML document", FetchAgain);
        return Other("a text file", FetchAgain);
    }

    private static AudioSignature Media(string what) => new(what, true);

    private static AudioSignature Other(string what, string advice) => new(what, false, advice);

    private static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text);
}
