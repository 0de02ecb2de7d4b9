namespace SerPipeline.Audio;

public sealed partial record RecordingQuality
{
    /// <summary>Judges decoded audio: its channels are mixed first, as a model hears them.</summary>
    /// <param name="clip">Any rate and number of channels.</param>
    public static RecordingQuality Of(AudioClip clip)
    {
        ArgumentNullException.ThrowIfNull(clip);
        return Of([clip]);
    }

    /// <summary>Judges samples of one channel.</summary>
    /// <param name="mono">Samples, nominally from -1 to 1.</param>
    /// <param name="sampleRateHz">Samples a second, at least 1.</param>
    /// <param name="truncated">Whether the file that they came from breaks off.</param>
    public static RecordingQuality Of(ReadOnlySpan<float> mono, int sampleRateHz, bool truncated = false)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(sampleRateHz, 1);
        var meter = new QualityMeter(sampleRateHz);
        meter.Push(mono);
        return meter.Judge(truncated);
    }

    /// <summary>Judges audio that comes in blocks, such as those of <see cref="AudioBlocks"/>. Keeps none of them, but 1 kB for each
    /// second.</summary>
    /// <param name="blocks">Blocks of one rate and number of channels, at least one.</param>
    /// <exception cref="ArgumentException">There is no block.</exception>
    public static RecordingQuality Of(IEnumerable<AudioClip> blocks)
    {
        ArgumentNullException.ThrowIfNull(blocks);
        QualityMeter? meter = null;
        bool truncated = false;
        foreach (AudioClip block in blocks)
        {
            meter ??= new QualityMeter(block.SampleRateHz);
            meter.Push(block.ToMono().Samples);
            truncated |= block.IsTruncated;
        }
        return (meter ?? throw new ArgumentException("There is no audio to judge: expected at least one block.", nameof(blocks)))
            .Judge(truncated);
    }
}

/// <summary>The words for quality notes.</summary>
public static class QualityNotesExtensions
{
    /// <inheritdoc cref="QualityRules.WordsOf"/>
    public static IReadOnlyList<string> ToWords(this QualityNotes notes) => QualityRules.WordsOf(notes);
}
