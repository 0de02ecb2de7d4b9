using System.Numerics;
using SerPipeline.Features;

namespace SerPipeline.Tests.Features;

/// <summary>What signals of known properties give.</summary>
public sealed class GemapsFeaturesTests
{
    private const int Rate = 16000;

    private static readonly GemapsFeatures Extractor = new();

    private static Dictionary<string, float> Extract(float[] clip)
        => Extractor.Names.Zip(Extractor.Extract(clip)).ToDictionary(pair => pair.First["gemaps_".Length..], pair => pair.Second);

    [Fact]
    public void Names_are_fixed_and_unique()
    {
        Assert.Equal(88, Extractor.Names.Distinct().Count());
        Assert.Equal("gemaps_f0_semitones_mean", Extractor.Names[0]);
        Assert.Equal("gemaps_equivalent_level_db", Extractor.Names[87]);
        Assert.Contains("gemaps_f3_bandwidth_hz_cv", Extractor.Names);
        var both = new UtteranceFeatures(new() { Gemaps = true });
        Assert.Equal([.. new UtteranceFeatures().Names, .. Extractor.Names], both.Names);
        float[] clip = Signals.Voice(t => 120 + (60 * t), t => 0.5 + (0.4 * Math.Sin(9 * t)), Rate, Rate);
        Assert.Equal([.. new UtteranceFeatures().Extract(clip), .. Extractor.Extract(clip)], both.Extract(clip));
        // Options mean the same to both.
        float[] high = new GemapsFeatures(new() { PitchLowHz = 130, PitchHighHz = 400, VoicedBelow = 0.4, PauseDb = 10 }).Extract(clip);
        both = new UtteranceFeatures(new() { PitchLowHz = 130, PitchHighHz = 400, VoicedBelow = 0.4, PauseDb = 10, Gemaps = true });
        Assert.Equal(high, both.Extract(clip)[^88..]);
        Assert.NotEqual(high, Extractor.Extract(clip));
    }

    [Fact]
    public void Every_odd_clip_gives_finite_numbers()
    {
        foreach (int rate in new[] { 8000, 11025, Rate, 48000 })
        {
            var extractor = new GemapsFeatures(new() { SampleRateHz = rate });
            foreach ((string name, float[] clip) in Signals.Odd)
                foreach ((string slot, float value) in extractor.Names.Zip(extractor.Extract(clip)))
                    Assert.True(float.IsFinite(value), $"{name} at {rate}: {slot} is {value}");
        }
        Dictionary<string, float> silence = Extract(new float[8000]);
        Assert.Equal(-100, silence["equivalent_level_db"], 1e-4);
        foreach (string name in new[] { "f0_semitones_mean", "f1_hz_mean", "jitter_mean", "loudness_peaks_per_second" })
            Assert.Equal(0, silence[name]);
        Assert.Throws<ArgumentException>(() => Extractor.Extract([]));
    }

    // Peterson and Barney's vowels by a pulse train through five resonators. Pulses sample the spectrum at the harmonics, 100 Hz apart, and
    // a pole comes to lie nearer to one: frequencies within a third of that distance, bandwidths within 60 Hz.
    [Theory]
    [InlineData(730, 1090, 2440)] // a
    [InlineData(530, 1840, 2480)] // e
    [InlineData(270, 2290, 3010)] // i
    [InlineData(570, 840, 2410)] // o
    [InlineData(300, 870, 2240)] // u
    public void Formants_are_those_of_the_resonators(double first, double second, double third)
    {
        double[] hz = [first, second, third, 3500, 4500], widths = [60, 90, 120, 150, 200];
        foreach (int rate in new[] { Rate, 22050 })
        {
            var extractor = new GemapsFeatures(new() { SampleRateHz = rate });
            float[] values = extractor.Extract(Vowel(_ => 100, _ => 1, hz, widths, rate));
            float Of(string slot) => values[extractor.Names.ToList().IndexOf($"gemaps_{slot}")];
            for (int i = 0; i < 3; i++)
            {
                string name = FormattableString.Invariant($"f{i + 1}");
                Assert.Equal(hz[i], Of($"{name}_hz_mean"), 33.0);
                Assert.Equal(widths[i], Of($"{name}_bandwidth_hz_mean"), 60.0);
                Assert.InRange(Of($"{name}_hz_cv"), 0, 0.1);
            }
        }
    }

    // Autocorrelation of a resonance without a voice: no harmonics move the poles.
    [Fact]
    public void The_poles_of_a_predictor_are_found()
    {
        var options = new StftOptions { SampleRateHz = Rate, FftLength = 512, WindowSamples = 400, HopSamples = 160 };
        var feature = new FormantFeature(options);
        (double[] hz, double[] widths) = ([500, 1500, 1700], [50, 80, 120]);
        var power = new Vector<double>[257];
        for (int m = 0; m < power.Length; m++)
        {
            double omega = Math.PI * m / (feature.Bins - 1), pre = Math.Exp(-Math.PI * 50 / feature.BandHz);
            // The high-pass undone, so that the poles are all that is left.
            double p = 1 / (1 + (pre * pre) - (2 * pre * Math.Cos(omega)));
            for (int i = 0; i < hz.Length; i++)
            {
                double radius = Math.Exp(-Math.PI * widths[i] / (2 * feature.BandHz)), at = Math.PI * hz[i] / feature.BandHz;
                foreach (double side in new[] { omega - at, omega + at })
                    p /= 1 + (radius * radius) - (2 * radius * Math.Cos(side));
            }
            power[m] = new(p);
        }
        var bands = new Vector<double>[feature.Bands];
        feature.Compute(power, [], bands);
        for (int i = 0; i < hz.Length; i++)
        {
            // 177 bins alias what rings for longer than twice as many samples, and noise 60 dB below fills the valleys.
            Assert.Equal(hz[i], bands[2 * i][0], 2.0);
            Assert.Equal(widths[i], bands[(2 * i) + 1][0], 0.05 * widths[i]);
        }
    }

    [Fact]
    public void Jitter_and_shimmer_are_those_of_the_pulses()
    {
        var random = new SeededRandom(11);
        foreach ((double jitter, double shimmerDb) in new[] { (0.0, 0.0), (0.01, 0.0), (0.03, 0.5), (0.0, 1.0) })
        {
            List<double> periods = [], levels = [];
            float[] clip = Vowel(_ =>
            {
                periods.Add(1 / (150 * (1 + (jitter * random.NextDouble(-1, 1)))));
                return 1 / periods[^1];
            }, _ =>
            {
                levels.Add(shimmerDb * random.NextDouble(-1, 1));
                return Math.Pow(10, levels[^1] / 20);
            }, [600, 1400, 2600], [200, 250, 300], Rate);
            double trueJitter = Steps(periods) / periods.Average(), trueShimmer = Steps(levels);
            Dictionary<string, float> values = Extract(clip);
            // A tenth, and what is left of a cycle when the next pulse meets it in another phase.
            Assert.Equal(trueJitter, values["jitter_mean"], (0.1 * trueJitter) + 1e-3);
            Assert.Equal(trueShimmer, values["shimmer_db_mean"], (0.1 * trueShimmer) + (10 * trueJitter) + 0.02);
        }
    }

    [Theory]
    [InlineData(5)]
    [InlineData(10)]
    [InlineData(20)]
    public void Harmonics_to_noise_ratio_is_that_of_the_mixture(double db)
    {
        float[] voice = Vowel(_ => 140, _ => 1, [500, 1500, 2500], [80, 100, 120], Rate), noise = Signals.Noise(voice.Length);
        double Power(float[] x) => x.Average(v => (double)v * v);
        double gain = Math.Sqrt(Power(voice) / Power(noise) / Math.Pow(10, db / 10));
        // The best of many lags makes noise look a little alike.
        Assert.Equal(db, Extract([.. voice.Zip(noise, (v, n) => (float)(v + (gain * n)))])["hnr_db_mean"], 1.5);
    }

    [Fact]
    public void Slopes_are_those_of_the_spectrum()
    {
        var options = new StftOptions();
        var power = new Vector<double>[257];
        for (int k = 0; k < power.Length; k++)
        {
            double khz = k * 0.03125;
            power[k] = new(Math.Pow(10, (khz <= 0.5 ? 12 * khz : 12 - (9 * khz)) / 10));
        }
        var bands = new Vector<double>[2];
        new SlopeFeature(options).Compute(power, [], bands);
        Assert.Equal(12, bands[0][0], 1e-9);
        // 500 Hz is a bin of both.
        Assert.Equal(-9, bands[1][0], 0.5);
    }

    [Fact]
    public void Harmonic_differences_are_those_of_the_amplitudes()
    {
        // Amplitudes 1 over the number of the harmonic: 6.02 dB from the first to the second, at any pitch.
        foreach (double hz in new[] { 90, 147, 233, 410 })
        {
            Dictionary<string, float> values = Extract(Signals.Voice(_ => hz, _ => 1, Rate, Rate));
            Assert.Equal(20 * Math.Log10(2), values["h1_h2_db_mean"], 0.25);
        }
        // A resonance at the third harmonic lifts what is nearest to the first formant above the first harmonic.
        Dictionary<string, float> vowel = Extract(Vowel(_ => 200, _ => 1, [600, 1400, 2600, 3500, 4500], [60, 90, 120, 150, 200], Rate));
        Assert.InRange(vowel["f1_amplitude_db_mean"], 10, 35);
        // The highest near the third formant is at least as high as the one nearest to it, but for 1.4 dB of a window between two bins.
        Assert.InRange(vowel["h1_a3_db_mean"], 10, 1.4 - vowel["f3_amplitude_db_mean"]);
    }

    [Fact]
    public void Pitch_moves_as_it_was_made()
    {
        // Up and down by an octave in a second each, twice.
        static double Hz(double t) => 110 * Math.Pow(2, 1 - Math.Abs((t % 2) - 1));
        Dictionary<string, float> values = Extract(Signals.Voice(Hz, _ => 1, Rate, 4 * Rate));
        foreach (string name in new[] { "f0_semitones_rise_mean", "f0_semitones_fall_mean" }) Assert.Equal(12, values[name], 0.5);
        foreach (string name in new[] { "f0_semitones_rise_std", "f0_semitones_fall_std" }) Assert.Equal(0, values[name], 0.5);
        Assert.Equal(30, values["f0_semitones_mean"], 0.1);
        Assert.Equal(30, values["f0_semitones_p50"], 0.2);
        Assert.Equal(0.6 * 12, values["f0_semitones_p20_p80"], 0.2);
        Assert.Equal(12 / Math.Sqrt(12) / 30, values["f0_semitones_cv"], 3e-3);
    }

    [Fact]
    public void Parts_end_at_turns_and_gaps_and_small_steps_are_no_turns()
    {
        List<float> rises = [], falls = [];
        // Rises by 4 in 4 frames with a dent, falls by 2, rises by 1 to a gap, then one value alone, then falls by 3 to the end.
        float[] contour = [0, 1.5f, 1.2f, 3, 4, 3, 2, 2.5f, 3, float.NaN, 7, float.NaN, 5, 4, 2];
        Assert.Equal(1, GemapsFunctionals.Parts(contour, 0.5, 0.01, rises, falls));
        Assert.Equal([100, 50], rises, (a, b) => Math.Abs(a - b) < 1e-3);
        Assert.Equal([100, 150], falls, (a, b) => Math.Abs(a - b) < 1e-3);
    }

    [Fact]
    public void Loudness_peaks_and_segments_are_counted()
    {
        // Four swells a second for three seconds.
        Dictionary<string, float> swells = Extract(Signals.Voice(_ => 150, t => 0.55 - (0.45 * Math.Cos(8 * Math.PI * t)), Rate, 3 * Rate));
        Assert.Equal(4, swells["loudness_peaks_per_second"], 0.05);
        // Three voices of 0.5, 0.7 and 0.9 s with silence of 0.3 s around each.
        static double Gain(double t) => t is (>= 0.3 and < 0.8) or (>= 1.1 and < 1.8) or (>= 2.1 and < 3) ? 1 : 0;
        Dictionary<string, float> values = Extract(Signals.Voice(_ => 150, Gain, Rate, 33 * Rate / 10));
        Assert.Equal(3 / 3.3, values["voiced_segments_per_second"], 0.01);
        Assert.Equal(0.7, values["voiced_segment_seconds_mean"], 0.04);
        Assert.Equal(Math.Sqrt(2 / 3.0) * 0.2, values["voiced_segment_seconds_std"], 0.02);
        Assert.Equal(0.3, values["unvoiced_segment_seconds_mean"], 0.04);
        Assert.Equal(0, values["unvoiced_segment_seconds_std"], 0.03);
    }

    [Fact]
    public void Level_moves_loudness_by_a_cube_root_and_leaves_shape_alone()
    {
        float[] voice = Vowel(t => 150 + (30 * t), t => 0.6 + (0.4 * Math.Sin(10 * t)), [600, 1400, 2600], [80, 100, 120], Rate);
        Dictionary<string, float> loud = Extract(voice), soft = Extract([.. voice.Select(v => 0.1f * v)]);
        Assert.Equal(loud["equivalent_level_db"] - 20, soft["equivalent_level_db"], 1e-3);
        // A hundredth of the energy: its cube root is 4.64 times less.
        Assert.Equal(Math.Cbrt(100), loud["loudness_mean"] / soft["loudness_mean"], 5e-3);
        Assert.Equal(10, loud["flux_mean"] / soft["flux_mean"], 1e-3);
        foreach (string name in new[] { "f1_hz_mean", "jitter_mean", "shimmer_db_mean", "hnr_db_mean", "hammarberg_db_mean",
            "slope_0_500_mean", "alpha_ratio_db_mean", "h1_h2_db_mean", "flux_cv", "loudness_cv" })
            Assert.True(Math.Abs(loud[name] - soft[name]) < 1e-2 * Math.Max(1e-2, Math.Abs(loud[name])),
                $"{name} {loud[name]} {soft[name]}");
        Assert.Equal(20 * Math.Log10(0.5 / Math.Sqrt(2)), Extract(Signals.Sine(440, Rate, 2 * Rate))["equivalent_level_db"], 0.05);
        // The ear hears a kHz better than 60 Hz at the same level.
        Assert.True(Extract(Signals.Sine(1000, Rate, Rate))["loudness_mean"] > 2 * Extract(Signals.Sine(60, Rate, Rate))["loudness_mean"]);
    }

    [Fact]
    public void All_problems_of_options_are_listed_together() =>
        Assert.Equal(5, Assert.Throws<OptionsException>(() => new GemapsFeatures(new()
        {
            SampleRateHz = 4000,
            PitchLowHz = 30,
            PitchHighHz = 3000,
            VoicedBelow = 0,
            PauseDb = -1,
        })).Problems.Count);

    // Mean of the steps from each value to the next, without sign.
    private static double Steps(List<double> values) => values.Zip(values.Skip(1), (a, b) => Math.Abs(a - b)).Average();

    // Two seconds of pulses through resonators one behind the other and, as from the glottis, 6 dB less an octave from 100 Hz on: the sum
    // of what their poles ring with, by partial fractions, evaluated at the pulse's own time, between samples too. Pitch and amplitude are
    // asked for once a pulse, at its time.
    private static float[] Vowel(Func<double, double> f0, Func<double, double> gain, double[] hz, double[] widths, int rate)
    {
        Complex[] poles = [new(-2 * Math.PI * 100, 0), .. hz.Zip(widths, (f, b) => new Complex(-Math.PI * b, 2 * Math.PI * f))
            .SelectMany(p => new[] { p, Complex.Conjugate(p) })];
        Complex[] residues = [.. poles.Select(p => poles.Where(q => q != p).Aggregate(-p, (product, q) => product * -q / (p - q)))];
        double loudest = residues.Sum(r => r.Magnitude);
        var samples = new float[2 * rate];
        for (double time = 0; time < 2; time += 1 / f0(time))
        {
            double amplitude = 0.5 * gain(time) / loudest;
            for (int n = (int)Math.Ceiling(time * rate); n < Math.Min(samples.Length, (time + 0.05) * rate); n++)
            {
                double since = ((double)n / rate) - time, sum = 0;
                for (int i = 0; i < poles.Length; i++) sum += (residues[i] * Complex.Exp(poles[i] * since)).Real;
                samples[n] += (float)(amplitude * sum);
            }
        }
        return samples;
    }
}
