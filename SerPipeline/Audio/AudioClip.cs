namespace SerPipeline.Audio;

/// <summary>Decoded audio: float samples in [-1, 1], channels interleaved, and their rate.</summary>
public sealed class AudioClip
{
    private readonly float[] _samples;

    /// <summary>Wraps samples without copying them; the caller gives them up.</summary>
    /// <param name="samples">Interleaved samples, nominally in [-1, 1]: a whole number of frames of <paramref name="channels"/> samples.</param>
    /// <param name="sampleRateHz">Frames a second, at least 1.</param>
    /// <param name="channels">Channels, at least 1.</param>
    /// <exception cref="ArgumentException">The number of samples is no multiple of the channels.</exception>
    public AudioClip(float[] samples, int sampleRateHz, int channels = 1)
    {
        ArgumentNullException.ThrowIfNull(samples);
        ArgumentOutOfRangeException.ThrowIfLessThan(sampleRateHz, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(channels, 1);
        if (samples.Length % channels != 0)
            throw new ArgumentException($"{samples.Length} samples are no whole number of frames of {channels} channels.", nameof(samples));
        _samples = samples;
        SampleRateHz = sampleRateHz;
        Channels = channels;
    }

    /// <summary>The samples, channels interleaved.</summary>
    public ReadOnlySpan<float> Samples => _samples;

    /// <summary>Frames a second.</summary>
    public int SampleRateHz { get; }

    /// <summary>Channels in each frame.</summary>
    public int Channels { get; }

    /// <summary>Samples of each channel.</summary>
    public int Length => _samples.Length / Channels;

    /// <summary>How long the clip plays.</summary>
    public TimeSpan Duration => TimeSpan.FromSeconds((double)Length / SampleRateHz);

    /// <summary>The mean of the channels; the same clip when it has one.</summary>
    public AudioClip ToMono()
    {
        if (Channels == 1) return this;
        var mono = new float[Length];
        for (int i = 0; i < mono.Length; i++)
        {
            // In double precision, for the sum of large samples may be beyond a float though their average is not.
            double sum = 0;
            for (int c = 0; c < Channels; c++) sum += _samples[(i * Channels) + c];
            mono[i] = (float)(sum / Channels);
        }
        return new AudioClip(mono, SampleRateHz);
    }
}
