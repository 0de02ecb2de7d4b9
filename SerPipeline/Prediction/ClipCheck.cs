using SerPipeline.Audio;

namespace SerPipeline.Prediction;

/// <summary>What a clip must be before anything is computed from it, and what is computed must be.</summary>
internal static class ClipCheck
{
    // Rounding of single-precision probabilities.
    private const float SumTolerance = 1e-3f;

    /// <summary>The scores themselves: the greatest of numbers that are no probabilities would be a label all the same.</summary>
    /// <exception cref="ModelFormatException">One is negative or no number, or their sum is not 1.</exception>
    public static float[] RequireProbabilities(float[] scores) =>
        scores.All(score => score >= 0) && Math.Abs(scores.Sum() - 1) <= SumTolerance ? scores
            : throw new ModelFormatException("The model's classifier gives scores that are no probabilities: train one that does, or "
                + "calibrate it.");

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
        if (Transforms.AudioPreparation.RateProblem(rateHz, modelRateHz, resampler) is { } problem)
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
