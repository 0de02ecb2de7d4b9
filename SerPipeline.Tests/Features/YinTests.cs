using SerPipeline.Features;

namespace SerPipeline.Tests.Features;

public class YinTests
{
    [Theory]
    [InlineData(16000, 80.0)]
    [InlineData(16000, 123.4)]
    [InlineData(16000, 220.0)]
    [InlineData(16000, 431.7)]
    [InlineData(8000, 150.0)]
    public void A_voice_like_tone_has_its_pitch(int rate, double hz)
    {
        var yin = new Yin(new() { SampleRateHz = rate, Center = false });
        PitchTrack track = yin.Extract(Signals.Voice(_ => hz, _ => 1, rate, rate));
        Assert.Equal(yin.FrameCount(rate), track.F0Hz.Frames);
        // The parabola leaves a fraction of a percent at periods of some 20 samples.
        Assert.All(track.F0Hz.Values, f0 => Assert.Equal(hz, f0, hz * 0.004));
        Assert.All(track.Aperiodicity.Values, a => Assert.InRange(a, 0, 0.05));
    }

    [Fact]
    public void The_normalised_difference_equals_its_definition()
    {
        // not a power of two
        var options = new YinOptions { FrameSamples = 600, HopSamples = 100, LowHz = 70, HighHz = 400, Center = false };
        float[] x = Signals.Voice(t => 100 + (80 * t), _ => 1, 16000, 3000).Zip(Signals.Noise(3000, amplitude: 0.05), (a, b) => a + b)
            .ToArray();
        PitchTrack track = new Yin(options).Extract(x);
        const int window = 300, min = 40, max = 229; // 16000/400, and 16000/70 rounded up
        for (int t = 0; t < track.F0Hz.Frames; t++)
        {
            var d = new double[max + 1];
            for (int lag = 1; lag <= max; lag++)
                for (int m = 1; m <= window; m++) d[lag] += Math.Pow((double)x[(t * 100) + m] - x[(t * 100) + m + lag], 2);
            double[] normalized = [.. Enumerable.Range(0, max + 1).Select(lag => lag == 0 ? 1 : d[lag] * lag / d[1..(lag + 1)].Sum())];
            int chosen = Enumerable.Range(min, max - min + 1).FirstOrDefault(
                lag => normalized[lag] < 0.1 && (lag == min || normalized[lag] < normalized[lag - 1])
                    && (lag == max || normalized[lag] <= normalized[lag + 1]),
                Enumerable.Range(min, max - min + 1).MinBy(lag => normalized[lag]));
            Assert.Equal(normalized[chosen], track.Aperiodicity[0, t], 1e-6);
            Assert.Equal(16000.0 / chosen, track.F0Hz[0, t], 16000.0 / chosen / chosen); // within one sample of period
        }
    }

    [Fact]
    public void Noise_and_silence_are_aperiodic()
    {
        PitchTrack noise = new Yin().Extract(Signals.Noise(16000));
        Assert.All(noise.Aperiodicity.Values[4..^4], a => Assert.InRange(a, 0.5, 1.2));
        PitchTrack silence = new Yin().Extract(new float[16000]);
        Assert.All(silence.Aperiodicity.Values, a => Assert.Equal(1, a));
        Assert.All(silence.F0Hz.Values, f0 => Assert.True(float.IsFinite(f0)));
    }

    // The ends are steps between zero and the value, and no more periodic.
    [Theory]
    [InlineData(0.25)]
    [InlineData(-1 / 128.0)]
    [InlineData(0.9999847412109375)]
    [InlineData(0.1)]
    public void A_constant_signal_has_no_pitch(double value)
    {
        PitchTrack track = new Yin().Extract([.. Enumerable.Repeat((float)value, 16000)]);
        Assert.All(track.Aperiodicity.Values, a => Assert.InRange(a, 1, 3));
        // A value that a resampler left, some last bits up and down.
        PitchTrack ripple = new Yin()
            .Extract([.. Enumerable.Range(0, 16000).Select(i => (float)(value * (1 + (3e-7 * Math.Sin(i * 0.1)))))]);
        Assert.All(ripple.Aperiodicity.Values, a => Assert.InRange(a, 1, 3));
    }

    [Fact]
    public void Odd_clips_give_finite_tracks_and_parallel_ones_the_same()
    {
        var yin = new Yin();
        float[][] clips = [.. Signals.Odd.Values];
        PitchTrack[] sequential = [.. clips.Select(clip => yin.Extract(clip))], parallel = new PitchTrack[clips.Length];
        Parallel.For(0, clips.Length, i => parallel[i] = yin.Extract(clips[i]));
        for (int i = 0; i < clips.Length; i++)
        {
            Assert.All(sequential[i].F0Hz.Values, f0 => Assert.InRange(f0, 60, 520)); // 65 to 500 Hz, give or take a sample of period
            Assert.All(sequential[i].Aperiodicity.Values, a => Assert.InRange(a, 0, 3));
            Assert.Equal<float>(sequential[i].F0Hz.Values, parallel[i].F0Hz.Values);
        }
        Assert.Throws<ArgumentException>(() => yin.Extract([]));
        Assert.Throws<ArgumentException>(() => yin.Extract([float.NaN]));
    }

    [Fact]
    public void All_problems_of_options_are_listed_together()
    {
        Assert.Equal(6, Assert.Throws<OptionsException>(() => new Yin(new()
        {
            LowHz = 600,
            HighHz = 500,
            FrameSamples = 4,
            HopSamples = 0,
            TroughThreshold = 0,
            Padding = (SignalPadding)7,
            SampleRateHz = 0,
        })).Problems.Count(p => !p.Contains("HighHz must", StringComparison.Ordinal)));
        Assert.Contains("FrameSamples", Assert.Throws<OptionsException>(() => new Yin(new() { FrameSamples = 64 })).Message);
    }
}
