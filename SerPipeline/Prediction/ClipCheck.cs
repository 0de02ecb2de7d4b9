using System.Globalization;
using SerPipeline.Audio;

namespace SerPipeline.Prediction;

/// <summary>What a clip must be before anything is computed from it.</summary>
internal static class ClipCheck
{
    /// <exception cref="AudioFormatException">The clip is empty, holds a sample that is no finite number, or its rate is too far from the
    /// model's.</exception>
    public static void Require(AudioClip clip, int modelRateHz, ResamplerOptions? resampler, string name)
    {
        if (clip.Length == 0) throw new AudioFormatException($"{name} holds no samples: there is nothing to predict on.");
        RequireRate(clip.SampleRateHz, modelRateHz, resampler, name);
        RequireFinite(clip.Samples, clip.Channels, 0, name);
    }

    /// <exception cref="AudioFormatException">The rate is too far from the model's.</exception>
    public static void RequireRate(int rateHz, int modelRateHz, ResamplerOptions? resampler, string name)
    {
        if (Resampler.Problem(rateHz, modelRateHz, resampler ?? new ResamplerOptions()) is { } problem)
            throw new AudioFormatException(string.Create(CultureInfo.InvariantCulture,
                $"{name} states a sample rate of {rateHz} Hz, and the model hears {modelRateHz} Hz: "
                + $"the rate must {problem}. Is it right?"));
    }

    /// <exception cref="AudioFormatException">A sample is no finite number.</exception>
    public static void RequireFinite(ReadOnlySpan<float> samples, int channels, long framesBefore, string name)
    {
        for (int i = 0; i < samples.Length; i++)
        {
            if (float.IsFinite(samples[i])) continue;
            throw new AudioFormatException(string.Create(CultureInfo.InvariantCulture,
                $"{name} holds {samples[i]} at sample {framesBefore + (i / channels)}, counted from 0: samples must be finite numbers, "
                    + $"nominally from -1 to 1."));
        }
    }
}
