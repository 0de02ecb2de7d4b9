using System.Numerics;
using SerPipeline.Features;

namespace SerPipeline.Tests.Features;

public class FftTests
{
    private static readonly int[] Large = [96, 100, 127, 128, 200, 255, 256, 400, 441, 512, 1000, 1024, 2048];

    private static (double[] Re, double[] Im) NaiveDft(ReadOnlySpan<float> x)
    {
        int n = x.Length;
        double[] re = new double[(n / 2) + 1], im = new double[re.Length];
        for (int k = 0; k < re.Length; k++)
        {
            for (int i = 0; i < n; i++)
            {
                // i * k modulo n keeps the angle small, so that the reference is exact to rounding.
                (double sin, double cos) = Math.SinCos(-2 * Math.PI * ((long)i * k % n) / n);
                re[k] += x[i] * cos;
                im[k] += x[i] * sin;
            }
        }
        return (re, im);
    }

    [Fact]
    public void Every_length_up_to_64_and_larger_ones_equal_the_definition()
    {
        foreach (int n in Enumerable.Range(1, 64).Concat(Large))
        {
            float[] x = Signals.Noise(n, seed: n);
            (double[] re, double[] im) = NaiveDft(x);
            var fft = new RealFft(n);
            float[] gotRe = new float[fft.Bins], gotIm = new float[fft.Bins];
            fft.Forward(x, gotRe, gotIm);
            // The sum runs in double; what is left is rounding to float32 (6e-8 of the value) and 1e-13 of the norm.
            double norm = Math.Sqrt(x.Sum(v => (double)v * v) * n);
            for (int k = 0; k < fft.Bins; k++)
            {
                Assert.True(Math.Abs(gotRe[k] - re[k]) <= (1e-7 * Math.Abs(re[k])) + (1e-13 * norm),
                    $"length {n}, bin {k}: real {gotRe[k]}, expected {re[k]}");
                Assert.True(Math.Abs(gotIm[k] - im[k]) <= (1e-7 * Math.Abs(im[k])) + (1e-13 * norm),
                    $"length {n}, bin {k}: imaginary {gotIm[k]}, expected {im[k]}");
            }
        }
    }

    [Theory]
    [InlineData(8)]
    [InlineData(512)]
    [InlineData(2048)]
    [InlineData(65536)]
    public void Spectra_are_those_of_another_implementation(int n)
    {
        float[] x = Signals.Noise(n);
        double[] input = [.. x.Select(v => (double)v)], expectedRe = new double[n], expectedIm = new double[n];
        new NWaves.Transforms.RealFft64(n).Direct(input, expectedRe, expectedIm);
        var fft = new RealFft(n);
        float[] re = new float[fft.Bins], im = new float[fft.Bins];
        fft.Forward(x, re, im);
        // Both transform in double; our result is then rounded to float32, 6e-8 of the value. The norm bounds NWaves' own error.
        double norm = Math.Sqrt(x.Sum(v => (double)v * v) * n);
        for (int k = 0; k < fft.Bins; k++)
        {
            Assert.Equal(expectedRe[k], re[k], (1e-7 * Math.Abs(expectedRe[k])) + (1e-12 * norm));
            Assert.Equal(expectedIm[k], im[k], (1e-7 * Math.Abs(expectedIm[k])) + (1e-12 * norm));
        }
    }

    [Theory]
    [InlineData(8)]
    [InlineData(60)]
    [InlineData(512)]
    public void Lanes_are_independent(int n)
    {
        var fft = LaneRealFft.Create(n);
        float[][] signals = [.. Enumerable.Range(0, Vector<double>.Count).Select(lane => Signals.Noise(n, seed: lane + 1))];
        var samples = new Vector<double>[n];
        for (int i = 0; i < n; i++) samples[i] = new Vector<double>([.. signals.Select(s => (double)s[i])]);
        Vector<double>[] re = new Vector<double>[fft.Bins], im = new Vector<double>[fft.Bins];
        fft.Transform(samples, re, im, new Vector<double>[fft.ScratchLanes]);
        for (int lane = 0; lane < Vector<double>.Count; lane++)
        {
            (double[] expectedRe, double[] expectedIm) = NaiveDft(signals[lane]);
            for (int k = 0; k < fft.Bins; k++)
            {
                Assert.Equal(expectedRe[k], re[k][lane], 1e-11);
                Assert.Equal(expectedIm[k], im[k][lane], 1e-11);
            }
        }
    }

    [Theory]
    [InlineData(1024)]
    [InlineData(1000)]
    [InlineData(2047)]
    public void Energy_is_the_same_in_time_and_frequency(int n)
    {
        float[] x = Signals.Noise(n);
        var fft = new RealFft(n);
        float[] re = new float[fft.Bins], im = new float[fft.Bins];
        fft.Forward(x, re, im);
        double time = x.Sum(v => (double)v * v), frequency = 0;
        for (int k = 0; k < fft.Bins; k++)
        {
            bool alone = k == 0 || 2 * k == n; // all other bins have a conjugate twin
            frequency += (alone ? 1 : 2) * (((double)re[k] * re[k]) + ((double)im[k] * im[k])) / n;
        }
        Assert.Equal(time, frequency, time * 1e-7);
    }

    [Theory]
    [InlineData(512)]
    [InlineData(300)]
    public void The_transform_of_a_sum_is_the_sum_of_transforms(int n)
    {
        float[] x = Signals.Noise(n, 1), y = Signals.Noise(n, 2), z = [.. x.Zip(y, (a, b) => (2 * a) - (3 * b))];
        var fft = new RealFft(n);
        float[] Spectrum(float[] s)
        {
            float[] re = new float[fft.Bins], im = new float[fft.Bins];
            fft.Forward(s, re, im);
            return [.. re, .. im];
        }
        float[] a = Spectrum(x), b = Spectrum(y), c = Spectrum(z);
        // Values reach about 50, of which float32 keeps 6e-8.
        for (int k = 0; k < c.Length; k++) Assert.Equal((2 * a[k]) - (3 * b[k]), c[k], 2e-5);
    }

    [Fact]
    public void An_impulse_is_flat_and_a_periodic_sine_is_one_bin()
    {
        var fft = new RealFft(256);
        float[] impulse = new float[256], re = new float[fft.Bins], im = new float[fft.Bins];
        impulse[0] = 1;
        fft.Forward(impulse, re, im);
        Assert.All(re, v => Assert.Equal(1, v, 1e-7));
        Assert.All(im, v => Assert.Equal(0, v, 1e-7));
        fft.Forward(Signals.Sine(10, 256, 256, amplitude: 1), re, im);
        // sin gives -i N/2 in its own bin; the samples' float32 rounding leaves some 1e-6 elsewhere.
        for (int k = 0; k < fft.Bins; k++)
        {
            Assert.Equal(0, re[k], 1e-5);
            Assert.Equal(k == 10 ? -128 : 0, im[k], 1e-5);
        }
    }

    [Fact]
    public void Wrong_lengths_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new RealFft(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RealFft((1 << 20) + 1));
        var fft = new RealFft(8);
        Assert.Contains("Expected 8 samples, got 7",
            Assert.Throws<ArgumentException>(() => fft.Forward(new float[7], new float[5], new float[5])).Message);
        Assert.Throws<ArgumentException>(() => fft.Forward(new float[8], new float[4], new float[5]));
        Assert.Throws<ArgumentException>(() => fft.Forward(new float[8], new float[5], new float[6]));
    }
}
