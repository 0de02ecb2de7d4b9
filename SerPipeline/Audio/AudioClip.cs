namespace SerPipeline.Audio;

/// <summary>Decoded audio: interleaved float samples, nominally in [-1, 1], and their rate. Immutable.</summary>
public sealed class AudioClip
{
    private readonly float[] _samples;

    /// <summary>Wraps an array without copying it; the caller must not change it afterwards.</summary>
    /// <param name="samples">Interleaved samples, nominally in [-1, 1]; the length is a multiple of <paramref name="channels"/>.</param>
    /// <param name="sampleRateHz">Samples per second of each channel, at least 1.</param>
    /// <param name="channels">Number of channels, at least 1. Default 1.</param>
    /// <exception cref="ArgumentException">The number of samples is not a multiple of the channels.</exception>
    public AudioClip(float[] samples, int sampleRateHz, int channels = 1)
    {
        ArgumentNullException.ThrowIfNull(samples);
        ArgumentOutOfRangeException.ThrowIfLessThan(sampleRateHz, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(channels, 1);
        if (samples.Length % channels != 0)
            throw new ArgumentException($"Expected a multiple of {channels} samples (one per channel), found {samples.Length}.",
                nameof(samples));
        _samples = samples;
        SampleRateHz = sampleRateHz;
        Channels = channels;
    }

    /// <summary>Interleaved samples, <c>Length * Channels</c> of them.</summary>
    public ReadOnlySpan<float> Samples => _samples;

    /// <summary>Samples per second of each channel.</summary>
    public int SampleRateHz { get; }

    /// <summary>Number of channels.</summary>
    public int Channels { get; }

    /// <summary>Samples per channel.</summary>
    public int Length => _samples.Length / Channels;

    /// <summary>Length in time: <c>Length / SampleRateHz</c>.</summary>
    public TimeSpan Duration => TimeSpan.FromSeconds((double)Length / SampleRateHz);

    /// <summary>Whether the file it was read from breaks off or has gaps: its header promises more samples than it holds. Of blocks, the
    /// last one says so at the latest. Default false.</summary>
    public bool IsTruncated { get; init; }

    /// <summary>Averages the channels; returns this clip if it is already mono.</summary>
    public AudioClip ToMono()
    {
        if (Channels == 1) return this;
        var mono = new float[Length];
        for (int i = 0; i < mono.Length; i++)
        {
            // Double precision: a sum of large samples can overflow a float although their mean does not.
            double sum = 0;
            for (int c = 0; c < Channels; c++) sum += _samples[(i * Channels) + c];
            mono[i] = (float)(sum / Channels);
        }
        return With(mono, channels: 1);
    }

    /// <summary>The same recording after a step of its processing.</summary>
    /// <param name="samples">Its samples now.</param>
    /// <param name="sampleRateHz">Their rate; this clip's when null.</param>
    /// <param name="channels">Their channels; this clip's when null.</param>
    internal AudioClip With(float[] samples, int? sampleRateHz = null, int? channels = null) =>
        new(samples, sampleRateHz ?? SampleRateHz, channels ?? Channels) { IsTruncated = IsTruncated };
}
