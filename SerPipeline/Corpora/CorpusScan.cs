using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using SerPipeline.Audio;

namespace SerPipeline.Corpora;

/// <summary>What a scan reports as a problem.</summary>
public sealed record CorpusScanOptions
{
    /// <summary>Clips that play less than this are too short to hold speech, seconds.</summary>
    public double MinimumSeconds { get; init; } = 0.2;

    /// <summary>Clips whose peak stays below this are silent, dB relative to full scale.</summary>
    public double SilencePeakDb { get; init; } = -60;

    /// <summary>
    /// The shortest run of samples at full scale that counts as clipped; single ones also occur in audio normalised to full scale.
    /// </summary>
    public int ClippedRunSamples { get; init; } = 3;

    /// <summary>The number of threads; -1 takes one per core. The result does not depend on it.</summary>
    public int MaxDegreeOfParallelism { get; init; } = -1;

    /// <summary>Checks every option.</summary>
    /// <exception cref="OptionsException">One line for each option that cannot be used.</exception>
    public void Validate()
    {
        var check = new OptionsCheck(nameof(CorpusScanOptions));
        check.Require(MinimumSeconds >= 0, MinimumSeconds, "be at least 0");
        check.Require(SilencePeakDb < 0, SilencePeakDb, "be below 0");
        check.Require(ClippedRunSamples >= 1, ClippedRunSamples, "be at least 1");
        check.Require(MaxDegreeOfParallelism is -1 or > 0, MaxDegreeOfParallelism, "be -1 or at least 1");
        check.ThrowIfAny();
    }
}

/// <summary>The progress of a scan.</summary>
/// <param name="Done">Clips read.</param>
/// <param name="Total">Clips to read.</param>
public readonly record struct CorpusScanProgress(int Done, int Total);

/// <summary>Reads every clip of a corpus, measures it and reports problems. Bad files are reported, never fatal.</summary>
public static class CorpusScan
{
    // 16-bit full scale is 32767 / 32768 on the positive side.
    private const float FullScale = 32_766.5f / 32_768f;

    /// <summary>Scans a corpus.</summary>
    /// <param name="corpus">The corpus to scan; every file is decoded.</param>
    /// <param name="options">What counts as a problem; the defaults when null.</param>
    /// <param name="progress">Receives the progress after each clip, from any thread.</param>
    /// <param name="cancellation">Stops the scan.</param>
    /// <exception cref="OperationCanceledException">The scan was stopped.</exception>
    /// <exception cref="OptionsException">Options that cannot be used.</exception>
    public static CorpusScanResult Run(Corpus corpus, CorpusScanOptions? options = null, IProgress<CorpusScanProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(corpus);
        options ??= new CorpusScanOptions();
        options.Validate();
        var clips = new ClipScan[corpus.Clips.Count];
        var problems = new List<CorpusProblem>[clips.Length];
        int done = 0;
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.MaxDegreeOfParallelism, CancellationToken = cancellation };
        Parallel.For(0, clips.Length, parallel, i =>
        {
            problems[i] = [];
            clips[i] = ScanClip(corpus.Clips[i], options, problems[i]);
            progress?.Report(new CorpusScanProgress(Interlocked.Increment(ref done), clips.Length));
        });
        AddDuplicates(corpus, clips, problems);
        return ScanSummary.Of(corpus, clips, [.. corpus.Problems, .. problems.SelectMany(list => list)]);
    }

    private static ClipScan ScanClip(CorpusClip clip, CorpusScanOptions options, List<CorpusProblem> problems)
    {
        AudioClip audio;
        try
        {
            audio = AudioFile.Read(clip.Path);
        }
        catch (Exception error) when (error is SerPipelineException or IOException or UnauthorizedAccessException)
        {
            problems.Add(new CorpusProblem(CorpusProblemKind.Unreadable, clip.RelativePath, error.Message));
            return new ClipScan(clip.RelativePath, 0, 0, 0, 0, 0, 0, null);
        }
        (double peak, double rms) = Measure(audio.Samples);
        int clipped = CountClipped(audio, options.ClippedRunSamples);
        var scan = new ClipScan(clip.RelativePath, audio.Duration.TotalSeconds, audio.SampleRateHz, audio.Channels, peak, rms, clipped,
            AudioContent.Hash(audio));
        AddSignalProblems(scan, options, problems);
        return scan;
    }

    private static void AddSignalProblems(ClipScan scan, CorpusScanOptions options, List<CorpusProblem> problems)
    {
        void Add(CorpusProblemKind kind, FormattableString message) =>
            problems.Add(new CorpusProblem(kind, scan.RelativePath, message.ToString(CultureInfo.InvariantCulture)));
        double peakDb = 20 * Math.Log10(scan.Peak);
        string peak = scan.Peak > 0 ? string.Create(CultureInfo.InvariantCulture, $"{peakDb:0.0} dB") : "nothing but zeros";
        int run = options.ClippedRunSamples;
        if (scan.Seconds < options.MinimumSeconds)
            Add(CorpusProblemKind.TooShort, $"expected at least {options.MinimumSeconds} s, got {scan.Seconds:0.000} s");
        if (peakDb < options.SilencePeakDb)
            Add(CorpusProblemKind.Silent, $"expected a peak of at least {options.SilencePeakDb} dB, got {peak}");
        if (scan.ClippedSamples > 0)
            Add(CorpusProblemKind.Clipped,
                $"expected no runs of {run} or more samples at full scale, got {scan.ClippedSamples} samples in such runs");
    }

    private static (double Peak, double Rms) Measure(ReadOnlySpan<float> samples)
    {
        double peak = 0, energy = 0;
        foreach (float sample in samples)
        {
            peak = Math.Max(peak, Math.Abs(sample));
            energy += (double)sample * sample;
        }
        return (peak, samples.IsEmpty ? 0 : Math.Sqrt(energy / samples.Length));
    }

    private static int CountClipped(AudioClip clip, int runSamples)
    {
        ReadOnlySpan<float> samples = clip.Samples;
        int clipped = 0;
        for (int channel = 0; channel < clip.Channels; channel++)
        {
            int run = 0;
            for (int i = channel; i < samples.Length; i += clip.Channels)
            {
                run = Math.Abs(samples[i]) >= FullScale ? run + 1 : 0;
                if (run == runSamples) clipped += runSamples;
                else if (run > runSamples) clipped++;
            }
        }
        return clipped;
    }

    private static void AddDuplicates(Corpus corpus, ClipScan[] clips, List<CorpusProblem>[] problems)
    {
        var first = new Dictionary<string, int>();
        for (int i = 0; i < clips.Length; i++)
        {
            // Empty clips all have the same hash; they are reported as too short.
            if (clips[i].ContentHash is not { } hash || clips[i].Seconds == 0 || first.TryAdd(hash, i)) continue;
            CorpusClip same = corpus.Clips[first[hash]];
            bool sameLabel = same.Label == corpus.Clips[i].Label;
            string labels = sameLabel ? "" : $", which is labelled '{same.Label}' while this is '{corpus.Clips[i].Label}'";
            problems[i].Add(new CorpusProblem(sameLabel ? CorpusProblemKind.Duplicate : CorpusProblemKind.ConflictingLabels,
                clips[i].RelativePath, $"holds the same audio as {same.RelativePath}{labels}"));
        }
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
