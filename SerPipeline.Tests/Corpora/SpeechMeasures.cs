using System.Numerics.Tensors;
using SerPipeline.Audio;

namespace SerPipeline.Tests.Corpora;

/// <summary>
/// Simple measures of a clip, written for these tests alone: they share nothing with the synthesiser or the library's features.
/// </summary>
internal sealed record SpeechMeasures(double MedianPitchHz, double PitchSpreadSemitones, double EndRiseSemitones, double LevelDb,
    double HighToLowDb, double Seconds, double PitchJumpSemitones)
{
    private const int FrameSamples = 640, HopSamples = 160, WindowSamples = 400;

    /// <summary>The measures as a point in a space where distances make sense once each axis is standardised.</summary>
    public double[] Vector =>
        [12 * Math.Log2(MedianPitchHz), PitchSpreadSemitones, EndRiseSemitones, LevelDb, HighToLowDb, Seconds, PitchJumpSemitones];

    public static SpeechMeasures Of(AudioClip clip)
    {
        ReadOnlySpan<float> x = clip.Samples;
        double[] pitch = [.. Pitch(x, clip.SampleRateHz)];
        if (pitch.Length < 4) throw new InvalidOperationException("the clip has no voiced frames to measure");
        double[] semitones = [.. pitch.Select(hertz => 12 * Math.Log2(hertz))], sorted = [.. semitones.Order()];
        int tail = Math.Max(2, semitones.Length / 5);
        double energy = 0, high = 0;
        for (int i = 0; i < x.Length; i++) energy += (double)x[i] * x[i];
        for (int i = 1; i < x.Length; i++) high += Math.Pow(x[i] - x[i - 1], 2);
        return new SpeechMeasures(Math.Pow(2, sorted[sorted.Length / 2] / 12),
            sorted[(int)(0.85 * sorted.Length)] - sorted[(int)(0.15 * sorted.Length)],
            semitones[^tail..].Average() - semitones[..^tail].Average(),
            10 * Math.Log10(energy / x.Length),
            10 * Math.Log10(high / energy),
            clip.Duration.TotalSeconds,
            semitones.Zip(semitones.Skip(1), (a, b) => Math.Min(2, Math.Abs(a - b))).Average());
    }

    /// <summary>Autocorrelation pitch of each frame that is loud and periodic, Hz.</summary>
    private static List<double> Pitch(ReadOnlySpan<float> x, int sampleRateHz)
    {
        int shortest = sampleRateHz / 600, longest = Math.Min(sampleRateHz / 70, FrameSamples - WindowSamples);
        var correlations = new double[longest + 1];
        var pitch = new List<double>();
        for (int start = 0; start + FrameSamples <= x.Length; start += HopSamples)
        {
            ReadOnlySpan<float> frame = x.Slice(start, FrameSamples);
            double own = Dot(frame[..WindowSamples], frame[..WindowSamples]);
            if (own / WindowSamples < 1e-5) continue;
            double best = 0;
            for (int lag = shortest; lag <= longest; lag++)
            {
                ReadOnlySpan<float> shifted = frame.Slice(lag, WindowSamples);
                correlations[lag] = Dot(frame[..WindowSamples], shifted) / Math.Sqrt((own * Dot(shifted, shifted)) + 1e-12);
                best = Math.Max(best, correlations[lag]);
            }
            if (best < 0.7) continue;
            // The first peak that is nearly the best one: later ones are multiples of the period.
            for (int lag = shortest + 1; lag < longest; lag++)
                if (correlations[lag] > 0.93 * best && correlations[lag] >= correlations[lag - 1]
                    && correlations[lag] >= correlations[lag + 1])
                {
                    pitch.Add((double)sampleRateHz / lag);
                    break;
                }
        }
        return pitch;
    }

    private static double Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b) => TensorPrimitives.Dot(a, b);
}
