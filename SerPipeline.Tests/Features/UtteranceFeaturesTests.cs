using System.Text.Json;
using SerPipeline.Audio;
using SerPipeline.Features;
using SerPipeline.Tests.Support;
using SerPipeline.Transforms;

namespace SerPipeline.Tests.Features;

public class UtteranceFeaturesTests
{
    private static readonly UtteranceFeatures Extractor = new();

    private static Dictionary<string, float> Extract(float[] clip)
        => Extractor.Names.Zip(Extractor.Extract(clip)).ToDictionary(pair => pair.First, pair => pair.Second);

    [Fact]
    public void Names_are_fixed_and_unique()
    {
        Assert.Equal(743, Extractor.Names.Count);
        Assert.Equal(743, Extractor.Names.Distinct().Count());
        Assert.Equal("mfcc0_mean", Extractor.Names[0]);
        Assert.Equal("onsets_per_second", Extractor.Names[552]);
        Assert.Equal("corr_mfcc_delta8_mfcc_delta9", Extractor.Names[^1]);
        Assert.Contains("f0_semitones_slope", Extractor.Names);
    }

    [Fact]
    public void Every_odd_clip_gives_finite_numbers()
    {
        foreach ((string name, float[] clip) in Signals.Odd)
        {
            float[] values = Extractor.Extract(clip);
            Assert.Equal(Extractor.Names.Count, values.Length);
            for (int i = 0; i < values.Length; i++) Assert.True(float.IsFinite(values[i]), $"{name}: {Extractor.Names[i]} is {values[i]}");
        }
        Assert.Throws<ArgumentException>(() => Extractor.Extract([]));
        Assert.Throws<ArgumentException>(() => Extractor.Extract([0, float.NaN]));
    }

    [Theory]
    [InlineData(8000)]
    [InlineData(11025)]
    [InlineData(22050)]
    [InlineData(24414)]
    [InlineData(48000)]
    public void Other_sample_rates_give_finite_numbers_and_the_same_pitch(int rate)
    {
        var extractor = new UtteranceFeatures(new() { SampleRateHz = rate });
        float[] values = extractor.Extract(Signals.Voice(_ => 200, _ => 1, rate, rate));
        Assert.All(values, v => Assert.True(float.IsFinite(v)));
        Assert.Equal(200, values[extractor.Names.ToList().IndexOf("f0_hz_mean")], 2.0);
    }

    [Fact]
    public void Statistics_are_those_of_the_contours()
    {
        float[] x = Signals.Noise(16000);
        Dictionary<string, float> features = Extract(x);
        FrameMatrix mfcc = new MfccExtractor().Extract(x);
        float[] row = [.. mfcc.Row(3).ToArray().Order()];
        double mean = row.Average(v => (double)v), deviation = Math.Sqrt(row.Average(v => (v - mean) * (v - mean)));
        Assert.Equal(mean, features["mfcc3_mean"], 1e-4);
        Assert.Equal(deviation, features["mfcc3_std"], 1e-4);
        Assert.Equal(row[50], features["mfcc3_p50"], 1e-5); // 101 frames: every percentile is a frame
        Assert.Equal(row[10], features["mfcc3_p10"], 1e-5);
        Assert.Equal(row[90], features["mfcc3_p90"], 1e-5);
        float[] zcr = new ZeroCrossings().Extract(x).Values;
        Assert.Equal(zcr.Max() - zcr.Min(), features["zcr_range"], 1e-6);
        Assert.Equal(new Spectral().Centroid(x).Values.Average(), features["centroid_hz_mean"], 0.1);
    }

    [Fact]
    public void Correlations_are_those_of_the_contours_outside_pauses()
    {
        // A second of noise whose colour changes, then a pause that must not count.
        float[] noise = Signals.Noise(32000), x = new float[32000];
        for (int i = 0; i < 16000; i++) x[i] = noise[i] + (float)(Math.Sin(i / 900.0) * (i == 0 ? 0 : noise[i - 1]));
        Dictionary<string, float> features = Extract(x);
        FrameMatrix mfcc = new MfccExtractor().Extract(x), delta = Deltas.Compute(mfcc, order: 1, mode: DeltaMode.Nearest);
        float[] rms = new Rms(new() { FrameSamples = 512, HopSamples = 160 }).Extract(x).Values;
        int[] loud = [.. Enumerable.Range(0, rms.Length).Where(t => 20 * Math.Log10(rms[t] / rms.Max()) > -30)];
        Assert.InRange(loud.Length, 100, 104);
        Require("corr_mfcc0_mfcc1", mfcc.Row(0), mfcc.Row(1));
        Require("corr_mfcc2_mfcc_delta7", mfcc.Row(2), delta.Row(7));
        Require("corr_mfcc_delta3_mfcc_delta4", delta.Row(3), delta.Row(4));
        Assert.All(features.Where(f => f.Key.StartsWith("corr_", StringComparison.Ordinal)), f => Assert.InRange(f.Value, -1, 1));
        Assert.True(Math.Abs(features["corr_mfcc0_mfcc1"]) > 0.2);

        // Pearson's r; a thousandth of a dB beside deviations of several is within 1e-3.
        void Require(string name, ReadOnlySpan<float> a, ReadOnlySpan<float> b)
        {
            (float[] x, float[] y) = (a.ToArray(), b.ToArray());
            double meanX = loud.Average(t => (double)x[t]), meanY = loud.Average(t => (double)y[t]);
            double product = loud.Sum(t => (x[t] - meanX) * (y[t] - meanY));
            double size = Math.Sqrt(loud.Sum(t => Math.Pow(x[t] - meanX, 2)) * loud.Sum(t => Math.Pow(y[t] - meanY, 2)));
            Assert.Equal(product / size, features[name], 3e-3);
        }
    }

    [Theory]
    [InlineData(0, 40, 553)]
    [InlineData(2, 40, 553 + 6)]
    [InlineData(10, 5, 553 - (35 * 7) + 45)] // 5 statistics and 2 deltas a coefficient; 5 coefficients have 45 pairs
    public void As_many_coefficients_are_correlated_as_are_asked_for(int correlated, int coefficients, int slots)
    {
        var extractor = new UtteranceFeatures(new() { CorrelatedCoefficients = correlated, MfccCoefficients = coefficients });
        Assert.Equal(slots, extractor.Names.Count);
        Assert.Equal(slots, extractor.Extract(Signals.Noise(8000)).Length);
    }

    [Fact]
    public void A_model_of_before_there_were_correlations_has_none()
    {
        var options = JsonSerializer.SerializeToNode(StageOptions.Write(new UtteranceFeatureOptions()))!.AsObject();
        Assert.Equal(743, ClipStage.Create("UtteranceFeatures", JsonSerializer.SerializeToElement(options)).SlotNames!.Count);
        options.Remove("correlatedCoefficients");
        Assert.Equal(553, ClipStage.Create("UtteranceFeatures", JsonSerializer.SerializeToElement(options)).SlotNames!.Count);
    }

    [Fact]
    public void Pitch_features_follow_a_rising_voice()
    {
        // One octave up in 2 s: 6 semitones a second, from 36 semitones above 27.5 Hz (220 Hz).
        Dictionary<string, float> features = Extract(Signals.Voice(t => 220 * Math.Pow(2, t / 2), _ => 1, 16000, 32000));
        Assert.Equal(6, features["f0_semitones_slope"], 0.2);
        Assert.Equal(42, features["f0_semitones_p50"], 0.2);
        Assert.Equal(12, features["f0_semitones_range"], 0.6);
        Assert.InRange(features["voiced_fraction"], 0.95, 1);
        Assert.Equal(0, features["pause_fraction"], 0.02);
        Assert.Equal(6, features["f0_rise_p50"], 0.6);
        Assert.InRange(features["jitter_mean"], 0, 0.01);
    }

    [Fact]
    public void Rhythm_features_count_syllables_and_pauses()
    {
        // Four bumps of 100 % amplitude modulation a second, over 3 s, with silence between 1 s and 1.5 s.
        static double Gain(double t) => t is > 1 and < 1.5 ? 0 : Math.Pow(Math.Sin(4 * Math.PI * t), 2);
        Dictionary<string, float> features = Extract(Signals.Voice(_ => 150, Gain, 16000, 48000));
        Assert.Equal(10 / 3.0, features["syllables_per_second"], 0.34); // 10 bumps; one more or less
        Assert.InRange(features["pause_fraction"], 0.17, 0.5); // half a second, and the dips
        Assert.True(features["pause_seconds_std"] > 0.05);
        Assert.Equal(3, features["duration_seconds"], 0.011);
    }

    [Fact]
    public void Unsteady_voices_have_more_jitter_shimmer_and_noise()
    {
        var random = new SeededRandom(5);
        double[] wobble = [.. Enumerable.Range(0, 200).Select(_ => random.NextDouble(-1, 1))];
        Dictionary<string, float> steady = Extract(Signals.Voice(_ => 150, _ => 1, 16000, 32000));
        double Wobble(double t) => wobble[(int)(t * 90)];
        float[] shaken = Signals.Voice(t => 150 * (1 + (0.05 * Wobble(t))), t => 1 + (0.5 * Wobble(t)), 16000, 32000);
        Dictionary<string, float> unsteady = Extract([.. shaken.Zip(Signals.Noise(32000, amplitude: 0.05), (a, b) => a + b)]);
        Assert.True(unsteady["jitter_mean"] > 5 * steady["jitter_mean"]);
        Assert.True(unsteady["shimmer_db_mean"] > 5 * steady["shimmer_db_mean"]);
        Assert.True(unsteady["hnr_db_mean"] < steady["hnr_db_mean"] - 5);
    }

    [Fact]
    public void Loudness_moves_the_level_and_leaves_shape_alone()
    {
        float[] voice = Signals.Voice(_ => 150, t => 0.6 + (0.4 * Math.Sin(10 * t)), 16000, 16000);
        Dictionary<string, float> loud = Extract(voice), soft = Extract([.. voice.Select(v => 0.1f * v)]);
        Assert.Equal(loud["level_db_mean"] - 20, soft["level_db_mean"], 1e-3);
        foreach (string name in new[] { "centroid_hz_mean", "chroma3_mean", "f0_hz_mean", "voiced_fraction", "alpha_ratio_db_p50",
            "zcr_mean" })
            Assert.Equal(loud[name], soft[name], 1e-3 * Math.Abs(loud[name]));
    }

    [Fact]
    public void An_angry_voice_is_higher_and_brighter_than_a_bored_one()
    {
        // One man saying one sentence in both emotions: anger raises pitch and the share of energy above 1 kHz (Banse and Scherer 1996).
        Dictionary<string, float> Read(string name) =>
            Extract(AudioFile.Read(Companions.Require("corpora", "EMO-DB", name)).ToMono().Samples.ToArray());
        Dictionary<string, float> angry = Read("03a07Wc.flac"), bored = Read("03a07La.flac");
        Assert.InRange(bored["f0_hz_mean"], 80, 140);
        Assert.InRange(angry["f0_hz_mean"], 200, 350);
        Assert.True(angry["alpha_ratio_db_mean"] < bored["alpha_ratio_db_mean"] - 3);
        foreach (Dictionary<string, float> speech in new[] { angry, bored })
        {
            Assert.InRange(speech["syllables_per_second"], 2, 7); // ten syllables in about 2 s
            Assert.InRange(speech["voiced_fraction"], 0.3, 0.8);
        }
    }

    [Fact]
    public void Silence_is_all_pause_without_voice()
    {
        Dictionary<string, float> features = Extract(new float[8000]);
        Assert.Equal(1, features["pause_fraction"]);
        foreach (string name in new[] { "voiced_fraction", "f0_hz_mean", "syllables_per_second", "onsets_per_second", "jitter_mean" })
            Assert.Equal(0, features[name]);
        Assert.Equal(-100, features["level_db_mean"]);
    }

    [Fact]
    public void Parallel_extraction_equals_sequential()
    {
        float[][] clips = [.. Enumerable.Range(0, 16).Select(i => Signals.Voice(_ => 100 + (10 * i), _ => 1, 16000, 3000 + (700 * i)))];
        float[][] sequential = [.. clips.Select(clip => Extractor.Extract(clip))], parallel = new float[clips.Length][];
        Parallel.For(0, clips.Length, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i => parallel[i] = Extractor.Extract(clips[i]));
        for (int i = 0; i < clips.Length; i++) Assert.Equal<float>(sequential[i], parallel[i]);
    }

    [Fact]
    public void All_problems_of_options_are_listed_together() =>
        Assert.Equal(6, Assert.Throws<OptionsException>(() => new UtteranceFeatures(new()
        {
            SampleRateHz = 4000,
            MelBands = 20,
            MfccCoefficients = 21,
            PitchLowHz = 30,
            PitchHighHz = 3000,
            VoicedBelow = 0,
            PauseDb = -1,
        })).Problems.Count);
}
