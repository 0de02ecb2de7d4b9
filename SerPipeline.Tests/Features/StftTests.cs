using SerPipeline.Features;

namespace SerPipeline.Tests.Features;

public class StftTests
{
    [Theory]
    [InlineData(512, 400, 160, true, SignalPadding.Constant, 1000)]
    [InlineData(512, 400, 160, true, SignalPadding.Reflect, 1000)]
    [InlineData(64, 64, 10, true, SignalPadding.Edge, 333)]
    [InlineData(64, 31, 7, false, SignalPadding.Constant, 333)]
    [InlineData(60, 60, 13, true, SignalPadding.Reflect, 20)] // mirrored twice
    [InlineData(63, 50, 13, true, SignalPadding.Reflect, 1)]
    [InlineData(512, 512, 2000, true, SignalPadding.Constant, 5000)] // hop longer than a frame
    public void Every_frame_equals_its_definition(int fft, int window, int hop, bool center, SignalPadding padding, int samples)
    {
        float[] x = Signals.Noise(samples);
        var stft = new Stft(new() { FftLength = fft, WindowSamples = window, HopSamples = hop, Center = center, Padding = padding });
        FrameMatrix power = stft.Power(x), magnitude = stft.Magnitude(x);
        int before = center ? fft / 2 : 0, frames = 1 + ((samples + (2 * before) - fft) / hop);
        Assert.Equal((stft.Bins, frames), (power.Bands, power.Frames));
        Assert.Equal(frames, stft.FrameCount(samples));
        for (int t = 0; t < frames; t++)
        {
            for (int k = 0; k < stft.Bins; k++)
            {
                double re = 0, im = 0;
                for (int n = 0; n < window; n++)
                {
                    int at = ((fft - window) / 2) + n;
                    double value = At(x, (t * hop) + at - before, padding) * (0.5 - (0.5 * Math.Cos(2 * Math.PI * n / window)));
                    re += value * Math.Cos(2 * Math.PI * k * at / fft);
                    im -= value * Math.Sin(2 * Math.PI * k * at / fft);
                }
                double expected = (re * re) + (im * im);
                Assert.Equal(expected, power[k, t], (2e-7 * expected) + 1e-15);
                Assert.Equal(Math.Sqrt(expected), magnitude[k, t], (2e-7 * Math.Sqrt(expected)) + 1e-10);
            }
        }
    }

    private static double At(float[] x, int index, SignalPadding padding)
    {
        if (index >= 0 && index < x.Length) return x[index];
        switch (padding)
        {
            case SignalPadding.Constant: return 0;
            case SignalPadding.Edge: return index < 0 ? x[0] : x[^1];
        }
        if (x.Length == 1) return x[0];
        while (index < 0 || index >= x.Length) index = index < 0 ? -index : (2 * (x.Length - 1)) - index;
        return x[index];
    }

    [Fact]
    public void A_sine_peaks_at_its_bin_with_half_the_window_sum_times_its_amplitude()
    {
        var stft = new Stft(new() { WindowSamples = 512 });
        FrameMatrix magnitude = stft.Magnitude(Signals.Sine(32 * 16000.0 / 512, 16000, 16000, amplitude: 0.5));
        for (int t = 2; t < magnitude.Frames - 2; t++) // frames that see no padding
        {
            // Half the window's sum (256) times the amplitude; half of that one bin aside, by Hann's shape.
            Assert.Equal(64, magnitude[32, t], 1e-4);
            Assert.Equal(32, magnitude[31, t], 1e-4);
            Assert.Equal(0, magnitude[40, t], 1e-4);
        }
    }

    [Fact]
    public void Empty_short_and_broken_clips_are_refused_by_name()
    {
        var stft = new Stft(new() { Center = false });
        Assert.Equal(0, stft.FrameCount(0));
        Assert.Equal(0, stft.FrameCount(511));
        Assert.Equal(1, stft.FrameCount(512));
        Assert.Contains("empty", Assert.Throws<ArgumentException>(() => stft.Power([])).Message);
        Assert.Contains("at least 512 samples", Assert.Throws<ArgumentException>(() => stft.Power(new float[511])).Message);
        foreach (float bad in new[] { float.NaN, float.PositiveInfinity, float.NegativeInfinity })
        {
            foreach (int at in new[] { 0, 700, 1000 }) // in whole vectors and in the rest
            {
                float[] x = Signals.Noise(1001);
                x[at] = bad;
                Assert.Contains($"at sample {at};", Assert.Throws<ArgumentException>(() => stft.Power(x)).Message);
            }
        }
    }

    [Fact]
    public void All_problems_of_options_are_listed_together()
    {
        var problems = Assert.Throws<OptionsException>(() =>
            new Stft(new() { SampleRateHz = 0, FftLength = 1, WindowSamples = 2, HopSamples = 0, Padding = (SignalPadding)9 })).Problems;
        Assert.Equal(5, problems.Count);
        foreach (string option in new[] { "SampleRateHz", "FftLength", "WindowSamples", "HopSamples", "Padding" })
            Assert.Single(problems, p => p.StartsWith($"StftOptions.{option} must ", StringComparison.Ordinal));
    }
}
