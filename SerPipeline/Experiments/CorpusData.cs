using System.Collections.Concurrent;
using Microsoft.ML;
using SerPipeline.Corpora;
using SerPipeline.Corpora.Datasets;
using SerPipeline.Evaluation;
using SerPipeline.Splits;
using SerPipeline.Transforms;

namespace SerPipeline.Experiments;

/// <summary>A data set whose audio was read once: what each clip sounds like, and which clips repeat each other.</summary>
/// <param name="Corpus">The clips.</param>
/// <param name="Prints">What each clip sounds like.</param>
/// <param name="Twins">Which clips repeat each other.</param>
/// <param name="Fingerprint">The digest of all clips.</param>
public sealed record CorpusData(Corpus Corpus, IReadOnlyList<ClipFingerprint> Prints, DuplicateIndex Twins, DataFingerprint Fingerprint)
{
    // Shorter readings end before a bar could be read.
    private const int ClipsWorthABar = 500;

    /// <summary>A hash of each clip's decoded audio, null where it cannot be decoded.</summary>
    public IReadOnlyList<string?> Hashes { get; } = [.. Prints.Select(print => print.ContentHash)];

    /// <summary>Decodes a corpus's files once: for the prints, and for the features of trainings that follow.</summary>
    /// <param name="corpus">The corpus.</param>
    /// <param name="progress">Where the reading shows.</param>
    /// <param name="settings">What will be trained; null where only prints are wanted.</param>
    /// <param name="reading">How those trainings read; null where only prints are wanted.</param>
    /// <param name="cancellation">Stops the reading.</param>
    public static CorpusData Of(
        Corpus corpus, IRunProgress progress, CancellationToken cancellation, ExperimentSettings? settings = null,
        AudioReading? reading = null)
    {
        ArgumentNullException.ThrowIfNull(corpus);
        ArgumentNullException.ThrowIfNull(progress);
        ClipFingerprint[] prints = corpus.Clips.Count < ClipsWorthABar
            ? Read(corpus, NoProgress.Instance, settings, reading, cancellation)
            : progress.Run(scope => Read(corpus, scope, settings, reading, cancellation));
        // A file that cannot be decoded is left out of the runs, so it is no part of what they used.
        IEnumerable<FingerprintEntry> entries = corpus.Clips.Where((_, i) => prints[i].ContentHash is not null)
            .Select(clip => new FingerprintEntry(clip.RelativePath, clip.Label, clip.Speaker, clip.Path));
        return new CorpusData(corpus, prints, LeakCheck.Find(prints), DataFingerprint.Compute(corpus.Root, entries));
    }

    private static ClipFingerprint[] Read(Corpus corpus, IProgressScope scope, ExperimentSettings? settings, AudioReading? reading,
        CancellationToken cancellation)
    {
        IProgressStage stage = scope.Start("looking for copied audio", corpus.Clips.Count, ProgressUnits.Clips);
        var prints = new ConcurrentDictionary<string, ClipFingerprint>(StringComparer.Ordinal);
        if (settings is not null && reading?.CacheDirectory is not null)
        {
            AudioReading counted = reading with
            {
                Decoded = (path, clip) =>
                {
                    prints[path] = ClipFingerprints.Of(clip);
                    stage.Report(prints.Count);
                },
            };
            var clips = new WatchedDataView(new MLContext().Data.LoadCorpus(corpus), "Path", _ => { }, cancellation);
            TrainerChains.FillCache(clips, counted, settings);
        }
        // Files that were not decoded for features, which the cache had.
        string[] left = [.. corpus.Clips.Select(clip => clip.Path).Distinct(StringComparer.Ordinal)
            .Where(path => !prints.ContainsKey(path))];
        int done = prints.Count;
        var rest = new StageProgress<int>(stage, more => done + more);
        foreach ((string path, ClipFingerprint print) in left.Zip(ClipFingerprints.Compute(left, rest, cancellation)))
            prints[path] = print;
        stage.Complete();
        return [.. corpus.Clips.Select(clip => prints[clip.Path])];
    }
}

/// <summary>One data set that a command was asked for, read and ready.</summary>
/// <param name="Name">The name scores are reported under.</param>
/// <param name="Corpus">Its clips.</param>
/// <param name="Definition">Its definition; null for a corpus that was named itself.</param>
public sealed record OpenedDataset(string Name, Corpus Corpus, DatasetDefinition? Definition = null)
{
    /// <summary>Whether rare labels are to be oversampled inside the training part.</summary>
    public bool OversampleInTraining => Definition?.Oversample == Oversampling.Training;

    /// <summary>Whether training and test share audio by design.</summary>
    public bool LeaksByDesign => Definition?.Leaks == true;
}
