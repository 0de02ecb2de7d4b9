using SerPipeline.Audio;

namespace SerPipeline.Corpora;

/// <summary>The measures of one clip; 0 when the file could not be decoded.</summary>
/// <param name="RelativePath">The clip's path below the corpus root.</param>
/// <param name="Seconds">Its duration.</param>
/// <param name="SampleRateHz">Its sample rate in Hz.</param>
/// <param name="Channels">The number of channels.</param>
/// <param name="Peak">The largest absolute sample; 1 is full scale.</param>
/// <param name="Rms">The root mean square of all samples; 1 is full scale.</param>
/// <param name="ClippedSamples">Samples in runs at full scale.</param>
/// <param name="ContentHash">A hash of the decoded audio, see <see cref="AudioContent.Hash"/>; null when the file could not be
/// decoded.</param>
public sealed record ClipScan(
    string RelativePath, double Seconds, int SampleRateHz, int Channels, double Peak, double Rms, int ClippedSamples, string? ContentHash)
{
    // The shortest run of samples at full scale that counts: single ones also occur in audio normalised to full scale, and 16-bit full
    // scale is 32767 / 32768 on the positive side.
    internal const int ClippedRun = 3;
    private const float FullScale = 32_766.5f / 32_768f;

    /// <summary>What is wrong with the recording, by the rules of <see cref="QualityRules"/>.</summary>
    public QualityNotes Quality { get; init; }

    /// <summary>Why the file could not be decoded, else null.</summary>
    public string? Error { get; init; }

    /// <summary>Decodes and measures a file; the relative path is left empty.</summary>
    internal static ClipScan Read(string path, out AudioClip? audio)
    {
        try
        {
            audio = AudioFile.Read(path);
            return Of(audio);
        }
        catch (Exception error) when (error is SerPipelineException or IOException or UnauthorizedAccessException)
        {
            audio = null;
            // Lists name the clip themselves.
            string named = path + ": ", message = error.Message;
            return new ClipScan("", 0, 0, 0, 0, 0, 0, null)
            { Error = message.StartsWith(named, StringComparison.Ordinal) ? message[named.Length..] : message };
        }
    }

    /// <summary>Measures decoded audio; the relative path is left empty.</summary>
    internal static ClipScan Of(AudioClip audio)
    {
        double peak = 0, energy = 0;
        foreach (float sample in audio.Samples)
        {
            peak = Math.Max(peak, Math.Abs(sample));
            energy += (double)sample * sample;
        }
        double rms = audio.Length == 0 ? 0 : Math.Sqrt(energy / audio.Samples.Length);
        return new ClipScan("", audio.Duration.TotalSeconds, audio.SampleRateHz, audio.Channels, peak, rms, CountClipped(audio),
            AudioContent.Hash(audio))
        {
            Quality = RecordingQuality.Of(audio).Notes,
        };
    }

    private static int CountClipped(AudioClip clip)
    {
        ReadOnlySpan<float> samples = clip.Samples;
        int clipped = 0;
        for (int channel = 0; channel < clip.Channels; channel++)
        {
            int run = 0;
            for (int i = channel; i < samples.Length; i += clip.Channels)
            {
                run = Math.Abs(samples[i]) >= FullScale ? run + 1 : 0;
                if (run == ClippedRun) clipped += ClippedRun;
                else if (run > ClippedRun) clipped++;
            }
        }
        return clipped;
    }
}

/// <summary>The number and duration of the clips of one label, speaker, sex, sample rate or number of channels.</summary>
/// <param name="Name">The label, speaker, sex, rate or number; <c>unknown</c> where the corpus does not say.</param>
/// <param name="Clips">The number of clips.</param>
/// <param name="Hours">Their duration together.</param>
public sealed record ScanCount(string Name, int Clips, double Hours);

/// <summary>How many clips of each label each speaker has.</summary>
/// <param name="Labels">The columns.</param>
/// <param name="Speakers">The rows; <c>unknown</c> where the corpus does not say.</param>
/// <param name="Clips">The counts: <c>[speaker][label]</c>.</param>
public sealed record LabelBySpeaker(IReadOnlyList<string> Labels, IReadOnlyList<string> Speakers, IReadOnlyList<IReadOnlyList<int>> Clips);

/// <summary>The result of <see cref="CorpusScan"/>, in a fixed order whatever the number of threads.</summary>
public sealed record CorpusScanResult
{
    /// <summary>The corpus's name for people; it says so when the corpus is synthetic.</summary>
    public required string Corpus { get; init; }

    /// <summary>One entry a clip, in the corpus's order.</summary>
    public required IReadOnlyList<ClipScan> Clips { get; init; }

    /// <summary>By label, in the corpus's order.</summary>
    public required IReadOnlyList<ScanCount> ByLabel { get; init; }

    /// <summary>By speaker, in ordinal order.</summary>
    public required IReadOnlyList<ScanCount> BySpeaker { get; init; }

    /// <summary>By sex, in ordinal order.</summary>
    public required IReadOnlyList<ScanCount> BySex { get; init; }

    /// <summary>By sample rate in Hz, ascending; clips that could be decoded.</summary>
    public required IReadOnlyList<ScanCount> BySampleRate { get; init; }

    /// <summary>By number of channels, ascending; clips that could be decoded.</summary>
    public required IReadOnlyList<ScanCount> ByChannels { get; init; }

    /// <summary>Clips of each label from each speaker.</summary>
    public required LabelBySpeaker LabelBySpeaker { get; init; }

    /// <summary>The duration of all clips together.</summary>
    public required double Hours { get; init; }

    /// <summary>The shortest and the longest clip that could be decoded, seconds.</summary>
    public required ClipDurations Seconds { get; init; }

    /// <summary>The problems found when the corpus was loaded, then those of the clips in the corpus's order.</summary>
    public required IReadOnlyList<CorpusProblem> Problems { get; init; }
}

/// <summary>The range of clip durations, in seconds.</summary>
/// <param name="Shortest">The duration of the shortest clip.</param>
/// <param name="Longest">The duration of the longest clip.</param>
public readonly record struct ClipDurations(double Shortest, double Longest);

/// <summary>Counts what a scan read.</summary>
internal static class ScanSummary
{
    private const string Unknown = "unknown";

    public static CorpusScanResult Of(Corpus corpus, ClipScan[] clips, IReadOnlyList<CorpusProblem> problems)
    {
        int[] all = [.. Enumerable.Range(0, clips.Length)], readable = [.. all.Where(i => clips[i].ContentHash is not null)];
        List<ScanCount> Count(int[] which, Func<int, string> name) => [.. which.GroupBy(name)
            .Select(group => new ScanCount(group.Key, group.Count(), group.Sum(i => clips[i].Seconds) / 3600))
            .OrderBy(count => count.Name, StringComparer.Ordinal)];
        List<ScanCount> CountNumbers(Func<ClipScan, int> number) =>
            [.. Count(readable, i => number(clips[i]).ToString(CultureInfo.InvariantCulture))
            .OrderBy(count => int.Parse(count.Name, CultureInfo.InvariantCulture))];
        List<ScanCount> byLabel = Count(all, i => corpus.Clips[i].Label);
        List<ScanCount> bySpeaker = Count(all, i => corpus.Clips[i].Speaker ?? Unknown);
        return new CorpusScanResult
        {
            Corpus = corpus.DisplayName,
            Clips = clips,
            ByLabel = [.. corpus.Labels.SelectMany(label => byLabel.Where(count => count.Name == label))],
            BySpeaker = bySpeaker,
            BySex = Count(all, i => corpus.Clips[i].Sex ?? Unknown),
            BySampleRate = CountNumbers(clip => clip.SampleRateHz),
            ByChannels = CountNumbers(clip => clip.Channels),
            LabelBySpeaker = Cross(corpus, [.. bySpeaker.Select(count => count.Name)]),
            Hours = clips.Sum(clip => clip.Seconds) / 3600,
            Seconds = readable.Length == 0 ? default
                : new ClipDurations(readable.Min(i => clips[i].Seconds), readable.Max(i => clips[i].Seconds)),
            Problems = problems,
        };
    }

    private static LabelBySpeaker Cross(Corpus corpus, IReadOnlyList<string> speakers)
    {
        ILookup<(string, string), CorpusClip> cells = corpus.Clips.ToLookup(clip => (clip.Speaker ?? Unknown, clip.Label));
        int[][] counts = [.. speakers.Select(speaker => corpus.Labels.Select(label => cells[(speaker, label)].Count()).ToArray())];
        return new LabelBySpeaker(corpus.Labels, speakers, counts);
    }
}
