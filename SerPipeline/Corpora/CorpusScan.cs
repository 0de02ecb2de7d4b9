using SerPipeline.Audio;

namespace SerPipeline.Corpora;

/// <summary>The progress of a scan.</summary>
/// <param name="Done">Clips read.</param>
/// <param name="Total">Clips to read.</param>
public readonly record struct CorpusScanProgress(int Done, int Total);

/// <summary>Reads every clip of a corpus, measures it and reports problems. Bad files are reported, never fatal.</summary>
public static class CorpusScan
{
    /// <summary>Scans a corpus.</summary>
    /// <param name="corpus">The corpus to scan; every file is decoded.</param>
    /// <param name="progress">Receives the progress after each clip, from any thread.</param>
    /// <param name="maxDegreeOfParallelism">The number of threads; -1, the default, takes one per core. The result does not depend on
    /// it.</param>
    /// <param name="keepDoubtful">Whether the problems say that clips which make scores wrong stay, as <c>--keep-doubtful</c> has
    /// it.</param>
    /// <param name="cancellation">Stops the scan.</param>
    /// <exception cref="OperationCanceledException">The scan was stopped.</exception>
    public static CorpusScanResult Run(Corpus corpus, IProgress<CorpusScanProgress>? progress = null, int maxDegreeOfParallelism = -1,
        bool keepDoubtful = false, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(corpus);
        var clips = new ClipScan[corpus.Clips.Count];
        int done = 0;
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = maxDegreeOfParallelism, CancellationToken = cancellation };
        Parallel.For(0, clips.Length, parallel, i =>
        {
            clips[i] = ClipScan.Read(corpus.Clips[i].Path, out _) with { RelativePath = corpus.Clips[i].RelativePath };
            progress?.Report(new CorpusScanProgress(Interlocked.Increment(ref done), clips.Length));
        });
        return ScanSummary.Of(corpus, clips, [.. corpus.Problems, .. CorpusTrouble.Find(corpus, clips, keepDoubtful)]);
    }
}

/// <summary>Hashes decoded audio: a WAV file and the FLAC made of it have the same hash, whatever their names and tags.</summary>
public static class AudioContent
{
    /// <summary>The SHA-256 of rate, channels and samples, in lower-case hexadecimal.</summary>
    /// <param name="clip">Decoded audio of any rate and number of channels.</param>
    public static string Hash(AudioClip clip)
    {
        ArgumentNullException.ThrowIfNull(clip);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        ReadOnlySpan<int> header = [clip.SampleRateHz, clip.Channels];
        hash.AppendData(MemoryMarshal.AsBytes(header));
        hash.AppendData(MemoryMarshal.AsBytes(clip.Samples));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
