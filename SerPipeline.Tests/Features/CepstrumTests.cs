using SerPipeline.Features;

namespace SerPipeline.Tests.Features;

public class CepstrumTests
{
    [Fact]
    public void The_cosine_transform_is_orthonormal()
    {
        const int n = 64;
        var identity = new FrameMatrix(n, n);
        for (int i = 0; i < n; i++) identity[i, i] = 1;
        FrameMatrix basis = new Dct(n, n).Apply(identity); // column i is the transform of unit vector i
        for (int a = 0; a < n; a++)
        {
            for (int b = 0; b < n; b++)
            {
                double product = 0;
                for (int i = 0; i < n; i++) product += (double)basis[a, i] * basis[b, i];
                Assert.Equal(a == b ? 1 : 0, product, 1e-6);
            }
        }
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(7, 7)]
    [InlineData(64, 13)]
    public void Coefficients_equal_the_definition(int inputs, int outputs)
    {
        var frames = new FrameMatrix(inputs, 5, Signals.Noise(inputs * 5, amplitude: 80));
        FrameMatrix got = new Dct(inputs, outputs).Apply(frames);
        for (int t = 0; t < 5; t++)
        {
            for (int k = 0; k < outputs; k++)
            {
                double sum = 0;
                for (int n = 0; n < inputs; n++) sum += frames[n, t] * Math.Cos(Math.PI / inputs * (n + 0.5) * k);
                double expected = sum * Math.Sqrt((k == 0 ? 1.0 : 2.0) / inputs);
                Assert.Equal(expected, got[k, t], (1e-7 * Math.Abs(expected)) + 1e-10);
            }
        }
    }

    [Fact]
    public void Cepstra_are_the_transform_of_the_log_mel_bands_and_the_lifter_scales_them()
    {
        float[] x = Signals.Noise(4000);
        FrameMatrix plain = new MfccExtractor().Extract(x), lifted = new MfccExtractor(new() { Lifter = 22 }).Extract(x);
        FrameMatrix expected = new Dct(64, 40).Apply(new LogMelExtractor().Extract(x));
        Assert.Equal<float>(expected.Values, plain.Values);
        for (int n = 0; n < 40; n++)
            for (int t = 0; t < plain.Frames; t++)
                Assert.Equal(plain[n, t] * (1 + (11 * Math.Sin(Math.PI * (n + 1) / 22))), lifted[n, t], 1e-3);
    }

    [Fact]
    public void Invalid_options_and_shapes_are_refused()
    {
        LogMelOptions mel = new() { HopSamples = 0, Compression = LogCompression.None };
        MfccOptions options = new() { Coefficients = 65, Lifter = -1, Mel = mel };
        var problems = Assert.Throws<OptionsException>(() => new MfccExtractor(options)).Problems;
        Assert.Equal(4, problems.Count);
        Assert.Contains("MfccOptions.Mel.HopSamples must be between 1 and 1048576 samples, got 0.", problems);
        Assert.Throws<OptionsException>(() => new MfccExtractor(new() { Mel = null! }));
        Assert.Contains("Expected 64 bands, got 63",
            Assert.Throws<ArgumentException>(() => new MfccExtractor().FromLogMel(new FrameMatrix(63, 2))).Message);
    }

    [Theory]
    [InlineData(DeltaMode.Interp)]
    [InlineData(DeltaMode.Nearest)]
    public void Deltas_differentiate_polynomials(DeltaMode mode)
    {
        var frames = new FrameMatrix(2, 30);
        for (int t = 0; t < 30; t++) (frames[0, t], frames[1, t]) = ((2.5f * t) - 7, (0.5f * t * t) - (3 * t) + 1);
        FrameMatrix slope = Deltas.Compute(frames, order: 1, mode: mode), curve = Deltas.Compute(frames, order: 2, mode: mode);
        int edge = mode == DeltaMode.Interp ? 0 : 4; // the repeated frame bends what lies within half a window of the end
        for (int t = edge; t < 30 - edge; t++)
        {
            Assert.Equal(2.5, slope[0, t], 1e-5);
            Assert.Equal(0, curve[0, t], 1e-5);
            Assert.Equal(1, curve[1, t], 1e-4);
            if (t is >= 4 and < 26) Assert.Equal(t - 3, slope[1, t], 1e-4);
        }
    }

    [Fact]
    public void Deltas_at_the_ends_see_the_repeated_frame()
    {
        var frames = new FrameMatrix(1, 3, [1, 2, 4]);
        // Slopes over -1 .. 1: (x[t+1] - x[t-1]) / 2 with the ends repeated.
        Assert.Equal<float>([0.5f, 1.5f, 1f], Deltas.Compute(frames, width: 3, mode: DeltaMode.Nearest).Values);
        Assert.Equal<float>([1.5f, 1.5f, 1.5f], Deltas.Compute(frames, width: 3).Values);
        Assert.Equal(0, Deltas.Compute(new FrameMatrix(1, 1, [5]), mode: DeltaMode.Nearest).Values.Single(), 1e-12);
        Assert.Contains("at least 9 frames", Assert.Throws<ArgumentException>(() => Deltas.Compute(frames)).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => Deltas.Compute(frames, order: 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => Deltas.Compute(frames, width: 4));
    }
}
