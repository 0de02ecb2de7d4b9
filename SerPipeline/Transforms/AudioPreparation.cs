using SerPipeline.Audio;
using SerPipeline.Features;
using SerPipeline.Onnx;

namespace SerPipeline.Transforms;

/// <summary>What <see cref="LoadAudioTransformer"/> does to decoded audio, apart from ML.NET: a cold prediction loads nothing of
/// it.</summary>
internal static class AudioPreparation
{
    // Below any recording of speech: a header that states less is damaged, and would make hours of a few megabytes.
    private const int MinimumRateHz = 1000;

    /// <summary>The rule that a recording's rate breaks, to be read after "must"; null if it can be used.</summary>
    public static string? RateProblem(int rateHz, int toRateHz, ResamplerOptions? resampler) =>
        rateHz < MinimumRateHz && rateHz < toRateHz ? string.Create(CultureInfo.InvariantCulture, $"be at least {MinimumRateHz} Hz")
            : Resampler.Problem(rateHz, toRateHz, resampler ?? new ResamplerOptions());

    /// <summary>Mono, at the options' rate.</summary>
    /// <exception cref="AudioFormatException">The rate is no recording's, or samples are too large to be resampled.</exception>
    public static AudioClip Resample(AudioClip clip, LoadAudioOptions options)
    {
        if (RateProblem(clip.SampleRateHz, options.SampleRateHz, options.Resampler) is { } problem)
            throw new AudioFormatException(string.Create(CultureInfo.InvariantCulture,
                $"The clip states a sample rate of {clip.SampleRateHz} Hz, where {options.SampleRateHz} Hz are wanted: the rate must "
                + $"{problem}. The file's header is damaged; fetch or export it again."));
        AudioClip mono = InRange(clip.ToMono()).Resample(options.SampleRateHz, options.Resampler);
        return RequireFinite(mono);
    }

    /// <summary>Refuses what the filter's overshoot took beyond a float's limit.</summary>
    /// <exception cref="AudioFormatException">A sample is no finite number.</exception>
    public static AudioClip RequireFinite(AudioClip resampled) => Finite.All(resampled.Samples)
        ? resampled
        : throw new AudioFormatException("The clip holds samples near the largest number there is: they should lie from -1 to 1. "
            + "Scale them down.");

    // Integers stored as floats, brought to -1 to 1. Powers of two: no bit of a sample is lost.
    private static AudioClip InRange(AudioClip mono)
    {
        var range = new SampleRange();
        range.Push(mono.Samples);
        float scale = range.Scale;
        return scale == 1 ? mono : new AudioClip(Array.ConvertAll(mono.Samples.ToArray(), sample => sample * scale), mono.SampleRateHz);
    }

    /// <summary>Trims, levels and pads.</summary>
    /// <param name="mono">Audio at the options' rate.</param>
    /// <param name="options">How.</param>
    public static AudioClip Prepare(AudioClip mono, LoadAudioOptions options) => Pad(Level(mono, options), options.MinimumSamples);

    /// <summary>Trims and levels.</summary>
    /// <param name="mono">Audio at the options' rate.</param>
    /// <param name="options">How.</param>
    public static AudioClip Level(AudioClip mono, LoadAudioOptions options)
    {
        if (options.Trim is { } trim) mono = Silence.Trim(mono, trim);
        return options.Normalization is { } level ? Normalization.Apply(mono, level) : mono;
    }

    /// <summary>A clip of at least so many samples, silence around it; itself where it is as long.</summary>
    public static AudioClip Pad(AudioClip mono, int length)
    {
        if (mono.Length >= length) return mono;
        var padded = new float[length];
        mono.Samples.CopyTo(padded.AsSpan((length - mono.Length) / 2));
        return new AudioClip(padded, mono.SampleRateHz);
    }

    /// <summary>The same as <see cref="Prepare"/> in a graph.</summary>
    public static OnnxColumn AddOnnx(OnnxColumn waveform, LoadAudioOptions options)
    {
        OnnxColumn audio = options.Trim is { } trim ? SilenceOnnx.Add(waveform.Values, trim, options.SampleRateHz) : waveform;
        if (options.Normalization is { } level) audio = NormalizationOnnx.Add(audio, level, options.SampleRateHz);
        return options.MinimumSamples > 0 ? PaddingOnnx.Add(audio, options.MinimumSamples) : audio;
    }
}
