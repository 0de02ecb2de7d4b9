using SerPipeline.Audio;

namespace SerPipeline.Evaluation;

/// <summary>What a <see cref="DataFingerprint"/> hashes of each file.</summary>
public enum FingerprintContent
{
    /// <summary>The SHA-256 of its bytes: any change shows. Reads every file once.</summary>
    Bytes,

    /// <summary>Its length in bytes: quick, but an edit that keeps the length does not show.</summary>
    Length,
}

/// <summary>One clip as a <see cref="DataFingerprint"/> sees it.</summary>
/// <param name="RelativePath">The file's path below the data's folder; backslashes count as slashes.</param>
/// <param name="Label">The clip's label.</param>
/// <param name="Speaker">The clip's speaker, or null.</param>
/// <param name="File">
/// Where the file lies when not at its relative path below the data's folder, as in a combination of corpora; else null.
/// </param>
/// <param name="Part">The part that the corpus itself gives the clip, such as <c>test</c>; null where it gives none.</param>
public sealed record FingerprintEntry(string RelativePath, string Label, string? Speaker, string? File = null, string? Part = null);

/// <summary>
/// A digest of the clips a run used: equal when files, labels, speakers and a corpus's own parts are equal, on any machine and in any order
/// of listing. It is the SHA-256 over the clips in ordinal order of their paths, each as path, label, speaker, content and, where the
/// corpus has parts of its own, part, every field led by its length.
/// </summary>
public sealed record DataFingerprint
{
    // The digest begins with it: a later layout never gives the same digest.
    private const string Layout = "SerPipeline data fingerprint 1";

    /// <summary>The digest, 64 lower-case hexadecimal digits.</summary>
    public required string Sha256 { get; init; }

    /// <summary>How many clips it covers.</summary>
    public required int Clips { get; init; }

    /// <summary>What was hashed of each file.</summary>
    public required FingerprintContent Content { get; init; }

    /// <summary>Computes the fingerprint of clips on disk.</summary>
    /// <param name="folder">The data's folder.</param>
    /// <param name="entries">The clips, in any order.</param>
    /// <param name="content">What is hashed of each file.</param>
    /// <exception cref="CorpusException">A file is absent, or a path is there twice.</exception>
    public static DataFingerprint Compute(string folder, IEnumerable<FingerprintEntry> entries,
        FingerprintContent content = FingerprintContent.Bytes)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(entries);

        // 1. One order, whatever the listing's: ordinal, on paths with slashes.
        FingerprintEntry[] sorted = [.. entries.Select(entry => entry with { RelativePath = entry.RelativePath.Replace('\\', '/') })];
        Array.Sort(sorted, (a, b) => string.CompareOrdinal(a.RelativePath, b.RelativePath));
        for (int i = 1; i < sorted.Length; i++)
            if (sorted[i].RelativePath == sorted[i - 1].RelativePath)
                throw new CorpusException($"Expected every clip once; '{sorted[i].RelativePath}' is listed twice in {folder}. Remove the "
                    + "duplicate from the manifest.");

        // 2. The digest.
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        AppendText(digest, Layout);
        AppendText(digest, content.ToString());
        // Of the segments of one file, which their paths tell apart, the file is read once.
        var contents = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (FingerprintEntry entry in sorted)
        {
            AppendText(digest, entry.RelativePath);
            AppendText(digest, entry.Label);
            AppendText(digest, entry.Speaker);
            string file = AudioSegment.FileOf(entry.File ?? Path.Combine(folder, entry.RelativePath));
            if (!contents.TryGetValue(file, out byte[]? bytes)) contents[file] = bytes = ContentOf(file, content);
            AppendBytes(digest, bytes);
            if (entry.Part is not null) AppendText(digest, entry.Part);
        }
        string sha256 = Convert.ToHexStringLower(digest.GetHashAndReset());
        return new DataFingerprint { Sha256 = sha256, Clips = sorted.Length, Content = content };
    }

    private static byte[] ContentOf(string path, FingerprintContent content)
    {
        try
        {
            if (content == FingerprintContent.Length)
                return Encoding.ASCII.GetBytes(new FileInfo(path).Length.ToString(CultureInfo.InvariantCulture));
            using FileStream file = File.OpenRead(path);
            return SHA256.HashData(file);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new CorpusException($"Expected a readable clip at {path}; {cause.Message} Check the data's folder and its manifest.",
                cause);
        }
    }

    private static void AppendText(IncrementalHash digest, string? text)
    {
        // A missing speaker differs from one whose name is empty.
        if (text is null) AppendLength(digest, -1);
        else AppendBytes(digest, Encoding.UTF8.GetBytes(text));
    }

    private static void AppendBytes(IncrementalHash digest, byte[] bytes)
    {
        AppendLength(digest, bytes.Length);
        digest.AppendData(bytes);
    }

    private static void AppendLength(IncrementalHash digest, int length)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, length);
        digest.AppendData(bytes);
    }
}
