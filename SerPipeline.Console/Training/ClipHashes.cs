using System.Security.Cryptography;
using SerPipeline.Corpora;

namespace SerPipeline.Console.Training;

/// <summary>Names each clip of a corpus by the SHA-256 of its file, whatever the file is called and wherever it lies.</summary>
internal static class ClipHashes
{
    /// <summary>One hash a clip, in the corpus's order; null where the file cannot be read.</summary>
    /// <param name="corpus">The corpus.</param>
    /// <param name="cancellation">Stops the reading.</param>
    public static IReadOnlyList<string?> Of(Corpus corpus, CancellationToken cancellation)
    {
        var hashes = new string?[corpus.Clips.Count];
        Parallel.For(0, hashes.Length, new ParallelOptions { CancellationToken = cancellation }, i => hashes[i] = Hash(corpus.Clips[i].Path));
        return hashes;
    }

    private static string? Hash(string path)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            return Convert.ToHexStringLower(SHA256.HashData(file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The reading of its audio reports the file; here it only cannot be recognised again.
            return null;
        }
    }
}
