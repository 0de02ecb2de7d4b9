using SerPipeline.Audio;
using SerPipeline.Console.Output;
using SerPipeline.Corpora;

namespace SerPipeline.Console.Training;

/// <summary>Names each clip of a corpus by its decoded audio, whatever its file is called, wherever it lies and however it is packed.</summary>
internal static class ClipHashes
{
    // Shorter readings end before a bar could be read.
    private const int ClipsWorthABar = 500;

    /// <summary>One hash a clip, in the corpus's order; null where the file cannot be decoded.</summary>
    /// <param name="corpus">The corpus.</param>
    /// <param name="progress">Where the reading shows.</param>
    /// <param name="cancellation">Stops the reading.</param>
    public static IReadOnlyList<string?> Of(Corpus corpus, ProgressDisplay progress, CancellationToken cancellation)
    {
        if (corpus.Clips.Count < ClipsWorthABar) return Hash(corpus, _ => { }, cancellation);
        return progress.Run(scope =>
        {
            IProgressStage stage = scope.Start("looking for copied audio", corpus.Clips.Count, ProgressUnits.Clips);
            IProgress<int> relay = new StageProgress<int>(stage, done => done);
            string?[] hashes = Hash(corpus, relay.Report, cancellation);
            stage.Complete();
            return hashes;
        });
    }

    private static string?[] Hash(Corpus corpus, Action<int> clipRead, CancellationToken cancellation)
    {
        var hashes = new string?[corpus.Clips.Count];
        int done = 0;
        Parallel.For(0, hashes.Length, new ParallelOptions { CancellationToken = cancellation, MaxDegreeOfParallelism = Environment.ProcessorCount }, i =>
        {
            hashes[i] = Hash(corpus.Clips[i].Path);
            clipRead(Interlocked.Increment(ref done));
        });
        return hashes;
    }

    private static string? Hash(string path)
    {
        try
        {
            return AudioContent.Hash(AudioFile.Read(path));
        }
        catch (Exception e) when (e is SerPipelineException or IOException or UnauthorizedAccessException)
        {
            // The run reports the clip when it reads it; here it only cannot be compared.
            return null;
        }
    }
}
