using SerPipeline.Features;

namespace SerPipeline.Tests.Features;

public class FrameFeatureTests
{
    [Fact]
    public void A_tone_has_its_frequency_as_centroid_no_bandwidth_and_no_flatness()
    {
        var spectral = new Spectral(new() { WindowSamples = 512, Center = false });
        float[] tone = Signals.Sine(1000, 16000, 4000); // bin 32 exactly
        Assert.All(spectral.Centroid(tone).Values, hz => Assert.Equal(1000, hz, 0.1));
        // Hann spreads a line over three bins with weights 1/2, 1, 1/2: a deviation of 31.25 / sqrt 2.
        Assert.All(spectral.Bandwidth(tone).Values, hz => Assert.Equal(31.25 / Math.Sqrt(2), hz, 0.5));
        Assert.All(spectral.RollOff(tone).Values, hz => Assert.Equal(1031.25, hz, 1e-3));
        Assert.All(spectral.Flatness(tone).Values, flatness => Assert.InRange(flatness, 0, 1e-6));
        Assert.Equal((7, 22), (spectral.Contrast(tone).Bands, spectral.Contrast(tone).Frames));
    }

    [Fact]
    public void White_noise_is_flat_and_centred()
    {
        var spectral = new Spectral();
        float[] noise = Signals.Noise(64000);
        // The geometric mean of an exponential variable is exp(-0.5772) = 0.561 of its mean; 400 frames of 257 bins settle it to a percent.
        Assert.Equal(0.561, spectral.Flatness(noise).Values.Average(), 0.02);
        Assert.Equal(4000, spectral.Centroid(noise).Values.Average(), 50.0);
        Assert.Equal(0.85 * 8000, spectral.RollOff(noise).Values.Average(), 50.0);
        Assert.Equal(8000 / Math.Sqrt(12), spectral.Bandwidth(noise).Values.Average(), 50.0); // uniform over 0 to 8000 Hz
    }

    [Fact]
    public void Silence_is_finite_everywhere()
    {
        var spectral = new Spectral();
        float[] silence = new float[2000];
        Assert.All(spectral.Centroid(silence).Values, v => Assert.Equal(0, v));
        Assert.All(spectral.Bandwidth(silence).Values, v => Assert.Equal(0, v));
        Assert.All(spectral.RollOff(silence).Values, v => Assert.Equal(0, v));
        Assert.All(spectral.Flatness(silence).Values, v => Assert.Equal(1, v, 1e-6));
        Assert.All(spectral.Contrast(silence).Values, v => Assert.Equal(0, v));
        Assert.All(new Chroma().Extract(silence).Values, v => Assert.Equal(0, v));
        Assert.All(new Rms().Extract(silence).Values, v => Assert.Equal(0, v));
        Assert.All(new ZeroCrossings().Extract(silence).Values, v => Assert.Equal(0, v));
    }

    [Theory]
    [InlineData(440.0, 9)] // A
    [InlineData(523.25, 0)] // C
    [InlineData(1174.66, 2)] // D, an octave up
    public void Chroma_peaks_at_the_tones_pitch_class(double hz, int pitchClass)
    {
        var chroma = new Chroma(new() { FftLength = 4096, WindowSamples = 4096, HopSamples = 1024 });
        FrameMatrix frames = chroma.Extract(Signals.Sine(hz, 16000, 16000));
        for (int t = 3; t < frames.Frames - 3; t++)
            for (int c = 0; c < 12; c++) Assert.Equal(c == pitchClass, frames[c, t] == 1f);
    }

    [Fact]
    public void Contrast_is_the_distance_of_the_strongest_from_the_weakest_bins()
    {
        // Independent of the lane code: sort each band of the magnitudes and take the ends.
        float[] x = Signals.Noise(3000);
        var options = new SpectralOptions { ContrastShare = 0.1, ContrastOctaves = 4 };
        FrameMatrix magnitude = new Stft().Magnitude(x), contrast = new Spectral(options).Contrast(x);
        int[] starts = [0, 6, 12, 25, 51], ends = [6, 12, 25, 51, 257]; // 31.25 Hz a bin; 200, 400, 800, 1600, 3200 Hz
        int[] counts = [1, 1, 1, 3, 21]; // a tenth of 7, 8, 15, 28 and 206 bins, rounded half to even
        for (int t = 0; t < contrast.Frames; t++)
        {
            for (int b = 0; b < 5; b++)
            {
                double[] sorted = [.. Enumerable.Range(starts[b], ends[b] - starts[b]).Select(k => (double)magnitude[k, t]).Order()];
                double expected = 10 * Math.Log10(sorted[^counts[b]..].Average() / sorted[..counts[b]].Average());
                Assert.Equal(expected, contrast[b, t], 1e-4);
            }
        }
    }

    [Fact]
    public void Long_frames_of_which_half_the_bins_are_extremes_need_no_large_stack()
    {
        var spectral = new Spectral(new() { FftLength = 16384, WindowSamples = 16384, ContrastOctaves = 1, ContrastShare = 0.5 });
        FrameMatrix? contrast = null;
        var thread = new Thread(() => contrast = spectral.Contrast(Signals.Noise(400)), maxStackSize: 256 << 10);
        thread.Start();
        thread.Join();
        Assert.All(contrast!.Values, value => Assert.InRange(value, 0, 80));
    }

    [Fact]
    public void Level_and_crossings_of_a_sine_are_known()
    {
        float[] sine = Signals.Sine(1000, 16000, 8000, amplitude: 0.5);
        // Whole periods: the root mean square of a sine is its amplitude over sqrt 2.
        Assert.All(new Rms(new() { Center = false }).Extract(sine).Values, v => Assert.Equal(0.5 / Math.Sqrt(2), v, 1e-6));
        // A change of sign every 8 samples: 63 or 64 within 512 samples. Samples at the zeros themselves may round to either side.
        Assert.All(new ZeroCrossings(new() { Center = false }).Extract(sine).Values, v => Assert.InRange(v, 62f / 512, 65f / 512));
        // Alternating signs change between all neighbours within the frame.
        float[] alternating = [.. Enumerable.Range(0, 1000).Select(i => i % 2 == 0 ? 1f : -1f)];
        Assert.All(new ZeroCrossings(new() { Center = false }).Extract(alternating).Values, v => Assert.Equal(511f / 512, v));
    }

    [Fact]
    public void Options_that_leave_a_band_empty_are_refused()
    {
        Assert.Contains("ContrastOctaves", Assert.Throws<OptionsException>(() => new Spectral(new() { ContrastOctaves = 7 })).Message);
        Assert.Contains("FftLength",
            Assert.Throws<OptionsException>(() => new Spectral(new() { FftLength = 16, WindowSamples = 16 })).Message);
        SpectralOptions bad = new() { RollOffShare = 1, FlatnessFloor = 0, ContrastOctaves = 0, ContrastLowHz = 0, ContrastShare = 0.6 };
        Assert.Equal(5, Assert.Throws<OptionsException>(() => new Spectral(bad)).Problems.Count);
        Assert.Equal(2, Assert.Throws<OptionsException>(() => new Rms(new() { FrameSamples = 0, HopSamples = 0 })).Problems.Count);
    }

    [Fact]
    public void A_matrix_keeps_rows_and_refuses_wrong_shapes()
    {
        var matrix = new FrameMatrix(2, 3, [1, 2, 3, 4, 5, 6]);
        Assert.Equal<float>([4, 5, 6], matrix.Row(1).ToArray());
        matrix[1, 2] = 9;
        Assert.Equal(9, matrix.Values[5]);
        Assert.Throws<ArgumentException>(() => new FrameMatrix(2, 3, new float[5]));
        Assert.Throws<ArgumentOutOfRangeException>(() => matrix.Row(2));
        Assert.Throws<ArgumentOutOfRangeException>(() => new FrameMatrix(0, 3));
    }
}
