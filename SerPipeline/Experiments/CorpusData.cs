using SerPipeline.Audio;
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

    /// <summary>Decodes a corpus's files once: for the prints, the list of what is wrong, and the features of trainings that
    /// follow.</summary>
    /// <param name="corpus">The corpus.</param>
    /// <param name="progress">Where the reading shows.</param>
    /// <param name="cancellation">Stops the reading.</param>
    /// <param name="keepDoubtful">Whether clips that make scores wrong stay, see <see cref="CorpusTrouble"/>.</param>
    /// <param name="strict">Whether such a clip is an error.</param>
    /// <param name="settings">What will be trained; null where nothing is.</param>
    /// <param name="reading">How those trainings read; null where nothing is trained.</param>
    /// <returns>The data; its corpus lacks the clips left out and lists every problem.</returns>
    /// <exception cref="CorpusException">No clip is left; or a clip would be left out, under <paramref name="strict"/>.</exception>
    public static CorpusData Of(
        Corpus corpus, IRunProgress progress, CancellationToken cancellation, bool keepDoubtful = false, bool strict = false,
        ExperimentSettings? settings = null, AudioReading? reading = null)
    {
        ArgumentNullException.ThrowIfNull(corpus);
        ArgumentNullException.ThrowIfNull(progress);
        ReadClip[] clips = corpus.Clips.Count < ClipsWorthABar
            ? Read(corpus, NoProgress.Instance, settings, reading, cancellation)
            : progress.Run(scope => Read(corpus, scope, settings, reading, cancellation));
        (Corpus used, IReadOnlyList<int> kept) = CorpusTrouble.Apply(corpus,
            [.. clips.Select((clip, i) => clip.Scan with { RelativePath = corpus.Clips[i].RelativePath })], keepDoubtful);
        if (strict) RequireNoneLeftOut(used, kept.Count < corpus.Clips.Count);
        ClipFingerprint[] prints = [.. kept.Select(i => clips[i].Print)];
        // A file that cannot be decoded is left out of the runs, so it is no part of what they used.
        IEnumerable<FingerprintEntry> entries = used.Clips.Where((_, i) => prints[i].ContentHash is not null)
            .Select(clip => new FingerprintEntry(clip.RelativePath, clip.Label, clip.Speaker, clip.Path, clip.Split));
        return new CorpusData(used, prints, LeakCheck.Find(prints, used.Clips), DataFingerprint.Compute(used.Root, entries));
    }

    private static void RequireNoneLeftOut(Corpus corpus, bool any)
    {
        if (!any) return;
        string[] left = [.. corpus.Problems.Where(problem => problem.LeftOut && problem.Kind != CorpusProblemKind.Unreadable)
            .Select(problem => $"{problem.RelativePath}: {problem.Message}")];
        throw new CorpusException($"{left.Length} problem(s) leave clips out, which --strict (Strict) does not allow:{Environment.NewLine}"
            + $"{string.Join(Environment.NewLine, left.Take(20))}{Environment.NewLine}--keep-doubtful (KeepDoubtful) keeps them.");
    }

    private sealed record ReadClip(ClipFingerprint Print, ClipScan Scan);

    private static ReadClip[] Read(Corpus corpus, IProgressScope scope, ExperimentSettings? settings, AudioReading? reading,
        CancellationToken cancellation)
    {
        IProgressStage stage = scope.Start("reading clips and looking for copies", corpus.Clips.Count, ProgressUnits.Clips);
        var read = new ConcurrentDictionary<string, ReadClip>(StringComparer.Ordinal);
        void Add(string path, ClipScan scan, AudioClip? audio)
        {
            read[path] = new ReadClip(audio is null ? new ClipFingerprint(null, null) : ClipFingerprints.Of(audio), scan);
            stage.Report(read.Count);
        }
        if (settings is not null && reading?.CacheDirectory is not null)
        {
            AudioReading counted = reading with { Decoded = (path, audio) => Add(path, ClipScan.Of(audio), audio) };
            var clips = new WatchedDataView(new MLContext().Data.LoadCorpus(corpus), "Path", _ => { }, cancellation);
            TrainerChains.FillCache(clips, counted, settings);
        }
        // Files that were not decoded for features, which the cache had.
        string[] left = [.. corpus.Clips.Select(clip => clip.Path).Distinct(StringComparer.Ordinal).Where(path => !read.ContainsKey(path))];
        var parallel = new ParallelOptions { CancellationToken = cancellation, MaxDegreeOfParallelism = Environment.ProcessorCount };
        Parallel.ForEach(left, parallel, path => Add(path, ClipScan.Read(path, out AudioClip? audio), audio));
        stage.Complete();
        return [.. corpus.Clips.Select(clip => read[clip.Path])];
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
    public bool LeaksByDesign => Definition?.Leaks == true && Corpus.Clips.Any(clip => OversampledCorpus.IsCopy(clip.RelativePath));
}
