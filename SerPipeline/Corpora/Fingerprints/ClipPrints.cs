using SerPipeline.Audio;

namespace SerPipeline.Corpora.Fingerprints;

/// <summary>What a clip's decoded audio is recognised by; both are null where the file cannot be decoded.</summary>
/// <param name="ContentHash">Equal for the same samples, see <see cref="AudioContent"/>.</param>
/// <param name="Print">Similar for the same recording.</param>
public sealed record ClipPrint(string? ContentHash, Fingerprint? Print);

/// <summary>Reads every audio file of a corpus once and notes what it is recognised by.</summary>
public static class ClipPrints
{
    private static readonly ClipPrint Unreadable = new(null, null);

    /// <summary>One print a clip, in the corpus's order.</summary>
    /// <param name="corpus">The corpus.</param>
    /// <param name="filesRead">Told the number of files read so far, from any thread.</param>
    /// <param name="cancellation">Stops the reading.</param>
    public static IReadOnlyList<ClipPrint> Compute(Corpus corpus, IProgress<int>? filesRead = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(corpus);
        return Compute([.. corpus.Clips.Select(clip => clip.Path)], filesRead, cancellation);
    }

    /// <summary>One print a path, in the same order; a path listed twice is read once.</summary>
    /// <param name="paths">The audio files.</param>
    /// <param name="filesRead">As above.</param>
    /// <param name="cancellation">Stops the reading.</param>
    public static IReadOnlyList<ClipPrint> Compute(IReadOnlyList<string> paths, IProgress<int>? filesRead = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(paths);
        string[] files = [.. paths.Distinct(StringComparer.Ordinal)];
        var prints = new ClipPrint[files.Length];
        int done = 0;
        Parallel.For(0, files.Length, new ParallelOptions { CancellationToken = cancellation, MaxDegreeOfParallelism = Environment.ProcessorCount }, i =>
        {
            prints[i] = Read(files[i]);
            filesRead?.Report(Interlocked.Increment(ref done));
        });
        Dictionary<string, ClipPrint> byPath = files.Zip(prints).ToDictionary(pair => pair.First, pair => pair.Second, StringComparer.Ordinal);
        return [.. paths.Select(path => byPath[path])];
    }

    /// <summary>The print of decoded audio.</summary>
    /// <param name="clip">The audio.</param>
    public static ClipPrint Of(AudioClip clip) => new(AudioContent.Hash(clip), Fingerprinter.Compute(clip));

    private static ClipPrint Read(string path)
    {
        try
        {
            return Of(AudioFile.Read(path));
        }
        catch (Exception e) when (e is SerPipelineException or IOException or UnauthorizedAccessException)
        {
            // Whoever reads the clip to use it reports what is wrong with it; here it only cannot be compared.
            return Unreadable;
        }
    }
}
