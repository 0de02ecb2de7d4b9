using SerPipeline.Corpora;
using SerPipeline.Corpora.Fingerprints;
using SerPipeline.Evaluation;
using SerPipeline.Splits;

namespace SerPipeline.Experiments;

/// <summary>A data set whose audio was read once: what each clip sounds like, and which clips repeat each other.</summary>
/// <param name="Corpus">The clips.</param>
/// <param name="Prints">What each clip sounds like.</param>
/// <param name="Twins">Which clips repeat each other.</param>
/// <param name="Fingerprint">The digest of all clips.</param>
internal sealed record CorpusData(Corpus Corpus, IReadOnlyList<ClipPrint> Prints, TwinIndex Twins, DataFingerprint Fingerprint)
{
    // Shorter readings end before a bar could be read.
    private const int ClipsWorthABar = 500;

    /// <summary>A hash of each clip's decoded audio, null where it cannot be decoded.</summary>
    public IReadOnlyList<string?> Hashes { get; } = [.. Prints.Select(print => print.ContentHash)];

    /// <summary>Decodes a corpus's files once.</summary>
    /// <param name="corpus">The corpus.</param>
    /// <param name="progress">Where the reading shows.</param>
    /// <param name="cancellation">Stops the reading.</param>
    public static CorpusData Of(Corpus corpus, IRunProgress progress, CancellationToken cancellation)
    {
        IReadOnlyList<ClipPrint> prints = Read(corpus, progress, cancellation);
        // A file that cannot be decoded is left out of the runs, so it is no part of what they used.
        IEnumerable<FingerprintEntry> entries = corpus.Clips.Where((_, i) => prints[i].ContentHash is not null)
            .Select(clip => new FingerprintEntry(clip.RelativePath, clip.Label, clip.Speaker, clip.Path));
        return new CorpusData(corpus, prints, LeakCheck.Find(prints), DataFingerprint.Compute(corpus.Root, entries));
    }

    private static IReadOnlyList<ClipPrint> Read(Corpus corpus, IRunProgress progress, CancellationToken cancellation)
    {
        if (corpus.Clips.Count < ClipsWorthABar) return ClipPrints.Compute(corpus, null, cancellation);
        return progress.Run(scope =>
        {
            IProgressStage stage = scope.Start("looking for copied audio", corpus.Clips.Count, ProgressUnits.Clips);
            IReadOnlyList<ClipPrint> prints = ClipPrints.Compute(corpus, new StageProgress<int>(stage, done => done), cancellation);
            stage.Complete();
            return prints;
        });
    }
}
