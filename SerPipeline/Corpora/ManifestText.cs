namespace SerPipeline.Corpora;

/// <summary>Reads a table's text: UTF-8 with or without byte order mark, UTF-16 with or without.</summary>
internal static class ManifestText
{
    /// <exception cref="CorpusException">The bytes are in another encoding; the message says where that shows.</exception>
    public static string Read(string file)
    {
        byte[] bytes = File.ReadAllBytes(file);
        if (bytes is [0xFF, 0xFE, 0, 0, ..]) return Decode(Encoding.UTF32, bytes.AsSpan(4), file, "UTF-32");
        if (bytes is [0xFF, 0xFE, ..]) return Decode(Encoding.Unicode, bytes.AsSpan(2), file, "UTF-16");
        if (bytes is [0xFE, 0xFF, ..]) return Decode(Encoding.BigEndianUnicode, bytes.AsSpan(2), file, "UTF-16");
        if (bytes is [0xEF, 0xBB, 0xBF, ..]) return Decode(Encoding.UTF8, bytes.AsSpan(3), file, "UTF-8");
        // A header of plain letters has a zero in every second byte in UTF-16.
        if (bytes is [not 0, 0, not 0, 0, ..]) return Decode(Encoding.Unicode, bytes, file, "UTF-16");
        if (bytes is [0, not 0, 0, not 0, ..]) return Decode(Encoding.BigEndianUnicode, bytes, file, "UTF-16");
        return Decode(Encoding.UTF8, bytes, file, "UTF-8");
    }

    private static string Decode(Encoding encoding, ReadOnlySpan<byte> bytes, string file, string name)
    {
        var strict = (Encoding)encoding.Clone();
        strict.DecoderFallback = DecoderFallback.ExceptionFallback;
        try
        {
            return strict.GetString(bytes);
        }
        catch (DecoderFallbackException error)
        {
            int at = Math.Clamp(error.Index, 0, bytes.Length), start = bytes[..at].LastIndexOf((byte)'\n') + 1;
            int row = 1 + bytes[..at].Count((byte)'\n'), length = bytes[start..].IndexOf((byte)'\n');
            string line = Encoding.Latin1.GetString(length < 0 ? bytes[start..] : bytes.Slice(start, length)).TrimEnd('\r');
            throw new CorpusException(FormattableString.Invariant(
                $"The manifest {file} is not {name}: row {row} holds bytes that are no letter there, '{line}' if they are ")
                + "Windows-1252 or Latin-1, as spreadsheets write them. Save it as 'CSV UTF-8', or convert it: iconv -f windows-1252 -t "
                + "utf-8.", error);
        }
    }
}
