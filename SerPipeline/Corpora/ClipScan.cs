namespace SerPipeline.Corpora;

/// <summary>What a scan found out about one clip. The measures are 0 when the file could not be decoded.</summary>
/// <param name="RelativePath">The clip.</param>
/// <param name="Seconds">How long it plays.</param>
/// <param name="SampleRateHz">Its sample rate.</param>
/// <param name="Channels">Its channels.</param>
/// <param name="Peak">The largest absolute sample; 1 is full scale.</param>
/// <param name="Rms">The root mean square of all samples.</param>
/// <param name="ClippedSamples">Samples in runs at full scale.</param>
/// <param name="ContentHash">A hash of the decoded audio, see <see cref="AudioContent.Hash"/>; null when the file could not be decoded.</param>
public sealed record ClipScan(
    string RelativePath, double Seconds, int SampleRateHz, int Channels, double Peak, double Rms, int ClippedSamples, string? ContentHash);

/// <summary>How many clips, and how long they play, for one label, speaker, sex, sample rate or number of channels.</summary>
/// <param name="Name">Which one; <c>unknown</c> where the corpus does not say.</param>
/// <param name="Clips">The number of clips.</param>
/// <param name="Hours">How long they play together.</param>
public sealed record ScanCount(string Name, int Clips, double Hours);

/// <summary>How many clips of each label each speaker has.</summary>
/// <param name="Labels">The columns.</param>
/// <param name="Speakers">The rows; <c>unknown</c> where the corpus does not say.</param>
/// <param name="Clips">The counts: <c>[speaker][label]</c>.</param>
public sealed record LabelBySpeaker(IReadOnlyList<string> Labels, IReadOnlyList<string> Speakers, IReadOnlyList<IReadOnlyList<int>> Clips);

/// <summary>The answer of <see cref="CorpusScan"/>: everything in a fixed order, whatever the number of threads.</summary>
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

    /// <summary>How long all clips play together.</summary>
    public required double Hours { get; init; }

    /// <summary>The shortest and the longest clip that could be decoded, seconds.</summary>
    public required ClipDurations Seconds { get; init; }

    /// <summary>The problems found when the corpus was loaded, then those of the clips in the corpus's order.</summary>
    public required IReadOnlyList<CorpusProblem> Problems { get; init; }
}

/// <summary>How long the clips of a corpus play, in seconds.</summary>
/// <param name="Shortest">The shortest one.</param>
/// <param name="Longest">The longest one.</param>
public readonly record struct ClipDurations(double Shortest, double Longest);
