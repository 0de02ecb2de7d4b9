namespace SerPipeline.Audio;

/// <summary>Resampling of whole clips.</summary>
public static class ResamplerExtensions
{
    /// <summary>Resamples every channel of a clip; the same clip when it has that rate already.</summary>
    /// <param name="clip">The clip.</param>
    /// <param name="toRateHz">Samples a second of the result.</param>
    /// <param name="options">The filter; null for the defaults.</param>
    /// <exception cref="OptionsException">An option is out of its range.</exception>
    public static AudioClip Resample(this AudioClip clip, int toRateHz, ResamplerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(clip);
        var resampler = new Resampler(clip.SampleRateHz, toRateHz, options);
        if (clip.SampleRateHz == toRateHz) return clip;
        if (clip.Channels == 1) return new AudioClip(resampler.Resample(clip.Samples), toRateHz);
        int channels = clip.Channels;
        var channel = new float[clip.Length];
        var result = new float[resampler.OutputLength(clip.Length) * channels];
        for (int c = 0; c < channels; c++)
        {
            for (int i = 0; i < channel.Length; i++) channel[i] = clip.Samples[(i * channels) + c];
            float[] resampled = resampler.Resample(channel);
            for (int i = 0; i < resampled.Length; i++) result[(i * channels) + c] = resampled[i];
        }
        return new AudioClip(result, toRateHz, channels);
    }
}
