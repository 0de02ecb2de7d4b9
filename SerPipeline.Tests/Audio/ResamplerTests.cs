using SerPipeline.Audio;

namespace SerPipeline.Tests.Audio;

public sealed class ResamplerTests
{
    private static float[] Tone(double hz, int rate, int length, double amplitude = 1, double phase = 0.4)
    {
        var samples = new float[length];
        for (int i = 0; i < length; i++) samples[i] = (float)(amplitude * Math.Sin((2 * Math.PI * hz * i / rate) + phase));
        return samples;
    }

    // The largest difference from the ideal tone away from the edges, where the filter reaches beyond the signal.
    private static double Error(int from, int to, double hz, ResamplerOptions? options = null)
    {
        float[] output = new Resampler(from, to, options).Resample(Tone(hz, from, from / 2));
        float[] ideal = Tone(hz, to, output.Length);
        int edge = Math.Max(200, to / 20);
        double worst = 0;
        for (int i = edge; i < output.Length - edge; i++) worst = Math.Max(worst, Math.Abs(output[i] - (double)ideal[i]));
        return worst;
    }

    // From tap to tap a table of resampy's is read by whole points: from 512 points a crossing down to a 512th of the rate.
    [Theory]
    [InlineData(512, 257 * 16000, 16000, true)]
    [InlineData(512, 300 * 16001, 16000, true)]
    [InlineData(512, 512 * 16000, 16000, true)]
    [InlineData(512, (512 * 16000) + 1, 16000, false)]
    [InlineData(512, 16000, 1024 * 16000, true)]
    [InlineData(49, 49 * 1000, 1000, false)]
    [InlineData(49, 48 * 1000, 1000, true)]
    [InlineData(1, 16001, 16000, false)]
    public void A_table_too_coarse_for_the_ratio_is_refused(int points, int from, int to, bool usable)
    {
        ResamplerOptions options = ResamplerOptions.KaiserFast with { TablePointsPerCrossing = points };
        if (usable)
        {
            Assert.All(new Resampler(from, to, options).Resample(new float[5000]), x => Assert.Equal(0, x));
            return;
        }
        Assert.Contains("TablePointsPerCrossing", Assert.Throws<OptionsException>(() => new Resampler(from, to, options)).Message,
            StringComparison.Ordinal);
    }

    private static double PeakDb(float[] samples, int edge) =>
        20 * Math.Log10(samples.AsSpan(edge, samples.Length - (2 * edge)).ToArray().Max(MathF.Abs));

    public static TheoryData<int, int> Pairs => new()
    {
        { 48000, 16000 }, { 44100, 16000 }, { 24414, 16000 }, { 96000, 16000 }, { 16000, 48000 }, { 8000, 16000 }, { 16000, 22050 },
        { 48000, 22050 }, { 22050, 44100 }, { 47999, 16001 },
    };

    [Theory, MemberData(nameof(Pairs))]
    public void Tones_in_the_pass_band_come_out_the_same_in_level_and_phase(int from, int to)
    {
        double edge = 0.9 * Math.Min(from, to) / 2;
        foreach (double part in (double[])[0.001, 0.1, 0.37, 0.62, 0.85, 1.0])
        {
            // 1e-3 is 0.009 dB; the filter's own ripple is 100 dB down (1e-5), at the band's edge a little more.
            Assert.InRange(Error(from, to, part * edge), 0, part < 1 ? 5e-5 : 1e-3);
        }
    }

    [Theory]
    [InlineData(48000, 16000)]
    [InlineData(44100, 16000)]
    [InlineData(24414, 16000)]
    [InlineData(96000, 16000)]
    [InlineData(48000, 22050)]
    [InlineData(47999, 16001)]
    public void Tones_above_the_lower_Nyquist_frequency_vanish(int from, int to)
    {
        double nyquist = to / 2.0;
        for (double hz = nyquist; hz < 0.99 * from / 2.0; hz += (from - to) / 2.0 / 23)
        {
            float[] output = new Resampler(from, to).Resample(Tone(hz, from, from / 2));
            Assert.InRange(PeakDb(output, to / 20), double.NegativeInfinity, -90);
        }
    }

    [Theory]
    [InlineData(16000, 48000, 7000)]
    [InlineData(8000, 16000, 3500)]
    [InlineData(16000, 22050, 7000)]
    [InlineData(22050, 44100, 9500)]
    [InlineData(16000, 44100, 6000)]
    [InlineData(16000, 16001, 7000)]
    public void Upsampling_leaves_no_images(int from, int to, double hz)
    {
        // A tone at 7 kHz of 16 kHz has its first image at 9 kHz; what is left after taking the ideal tone away holds all images.
        Assert.InRange(20 * Math.Log10(Error(from, to, hz)), double.NegativeInfinity, -90);
    }

    // A sine whose frequency grows in a line, faded in and out over a twentieth of its length so that its ends add no other frequencies.
    private static float[] Chirp(double fromHz, double toHz, int rate, double seconds)
    {
        var samples = new float[(int)(rate * seconds)];
        for (int i = 0; i < samples.Length; i++)
        {
            double t = (double)i / rate, part = t / seconds, fade = Math.Min(1, Math.Min(part, 1 - part) * 20);
            double phase = 2 * Math.PI * ((fromHz * t) + ((toHz - fromHz) * t * t / (2 * seconds)));
            samples[i] = (float)((0.5 - (0.5 * Math.Cos(Math.PI * fade))) * Math.Sin(phase));
        }
        return samples;
    }

    [Fact]
    public void A_sweep_through_the_pass_band_comes_out_the_same()
    {
        // 50 Hz to 0.9 times the lower rate's half, against the sweep computed at that rate: 0.1 dB of full scale is 0.0116.
        float[] output = new Resampler(48000, 16000).Resample(Chirp(50, 7200, 48000, 2)), ideal = Chirp(50, 7200, 16000, 2);
        Assert.Equal(ideal.Length, output.Length);
        double worst = output.Zip(ideal, (a, b) => Math.Abs((double)a - b)).Max();
        Assert.InRange(worst, 0, 0.0116);
        Assert.InRange(output.Max(), 0.99, 1.01);
    }

    [Fact]
    public void A_sweep_above_the_lower_Nyquist_frequency_vanishes()
    {
        // 8.2 to 23.5 kHz, which no rate of 16 kHz can hold.
        float[] output = new Resampler(48000, 16000).Resample(Chirp(8200, 23500, 48000, 2));
        Assert.InRange(PeakDb(output, 0), double.NegativeInfinity, -80);
    }

    [Theory]
    [InlineData(44100, 16000, 44100, 16000)]
    [InlineData(48000, 16000, 1, 1)]
    [InlineData(48000, 16000, 4, 2)]
    [InlineData(24414, 16000, 51589, 33810)]
    [InlineData(16000, 48000, 5, 15)]
    [InlineData(48000, 22050, 0, 0)]
    public void Output_length_is_the_ratio_rounded_up(int from, int to, int length, int expected)
    {
        var resampler = new Resampler(from, to);
        Assert.Equal(expected, resampler.OutputLength(length));
        Assert.Equal(expected, resampler.Resample(new float[length]).Length);
    }

    [Theory]
    [InlineData(44100, 16000)]
    [InlineData(16000, 24414)]
    [InlineData(44101, 16000)]
    public void Every_sample_equals_the_direct_sum(int from, int to)
    {
        // The windowed-sinc sum in double precision, straight from its definition, without phases or padding.
        var options = new ResamplerOptions();
        float[] input = Noise(1000), output = new Resampler(from, to).Resample(input);
        double scale = Math.Min(1, (double)to / from);
        for (int n = 0; n < output.Length; n += 29)
        {
            double place = (double)n * from / to, sum = 0;
            for (int k = 0; k < input.Length; k++) sum += input[k] * scale * Response((place - k) * scale, options);
            // Float rounding over some hundred products.
            Assert.Equal(sum, output[n], 3e-6);
        }
    }

    [Theory]
    [InlineData(48000, 22050)]
    [InlineData(24414, 22050)]
    [InlineData(16000, 22050)]
    public void The_table_recipe_follows_resampy(int from, int to)
    {
        // The steps of resampy 0.2.2's interpolation loop in double precision: table, whole steps between taps, two wings.
        ResamplerOptions o = ResamplerOptions.KaiserFast;
        int points = o.TablePointsPerCrossing!.Value, size = (points * o.ZeroCrossings) + 1;
        double ratio = (double)to / from, scale = Math.Min(1, ratio);
        double[] window = [.. Enumerable.Range(0, size).Select(i => Response((double)i / points, o) * scale)];
        int step = (int)(scale * points);
        float[] input = Noise(3000), output = new Resampler(from, to, o).Resample(input);
        double Wing(double fraction, int first, int direction)
        {
            double place = fraction * points, sum = 0;
            int offset = (int)place;
            int taps = (size - offset) / step; // its count, which leaves the outermost tap that the table still reaches out
            for (int i = 0; i < taps && first + (i * direction) >= 0 && first + (i * direction) < input.Length; i++)
            {
                int at = offset + (i * step);
                sum += (window[at] + ((place - offset) * (window[at + 1] - window[at]))) * input[first + (i * direction)];
            }
            return sum;
        }
        for (int t = 0; t < output.Length; t++)
        {
            double time = t / ratio;
            int n = (int)(time + 1e-9);
            double fraction = scale * Math.Max(0, time - n);
            // Float rounding; beside it, a place that rounds to the next table point shifts all taps of a wing by a hair of the linear
            // piece. librosa pads what resampy leaves out, a part of a sample at the end, with a zero.
            double expected = t < (long)input.Length * to / from ? Wing(fraction, n, -1) + Wing(scale - fraction, n + 1, 1) : 0;
            Assert.Equal(expected, output[t], 5e-6);
        }
    }

    private static float[] Noise(int length)
    {
        var random = new SeededRandom(3);
        return [.. Enumerable.Range(0, length).Select(_ => (float)random.NextDouble(-1, 1))];
    }

    private static double Response(double x, ResamplerOptions o)
    {
        double t = x / o.ZeroCrossings;
        if (Math.Abs(t) > 1) return 0;
        double sinc = x == 0 ? 1 : Math.Sin(Math.PI * o.RollOff * x) / (Math.PI * o.RollOff * x);
        return o.RollOff * sinc * Bessel(o.KaiserBeta * Math.Sqrt(1 - (t * t))) / Bessel(o.KaiserBeta);
    }

    // I0 as the mean of exp(x cos) over a half turn: another route than the power series.
    private static double Bessel(double x)
    {
        const int Steps = 200;
        double sum = 0;
        for (int i = 0; i < Steps; i++) sum += Math.Exp(x * Math.Cos(Math.PI * (i + 0.5) / Steps));
        return sum / Steps;
    }

    [Fact]
    public void Equal_rates_change_nothing_and_clips_keep_their_channels()
    {
        float[] samples = Tone(440, 16000, 100);
        Assert.Equal(samples, new Resampler(16000, 16000).Resample(samples));
        var clip = new AudioClip(samples, 16000);
        Assert.Same(clip, clip.Resample(16000));
        float[] left = Tone(300, 48000, 4800), right = Tone(900, 48000, 4800);
        var stereo = new AudioClip([.. left.Zip(right, (l, r) => (float[])[l, r]).SelectMany(p => p)], 48000, 2);
        AudioClip result = stereo.Resample(16000);
        Assert.Equal((16000, 2, 1600), (result.SampleRateHz, result.Channels, result.Length));
        float[] interleaved = result.Samples.ToArray();
        Assert.Equal(new Resampler(48000, 16000).Resample(left), interleaved.Where((_, i) => i % 2 == 0));
        Assert.Equal(new Resampler(48000, 16000).Resample(right), interleaved.Where((_, i) => i % 2 == 1));
    }

    [Fact]
    public void One_instance_serves_many_threads_with_equal_bits()
    {
        var resampler = new Resampler(44100, 16000);
        float[] input = Tone(1000, 44100, 20000), expected = resampler.Resample(input);
        Parallel.For(0, 32, _ => Assert.Equal(expected, resampler.Resample(input)));
    }

    [Fact]
    public void Options_and_rates_out_of_range_are_listed_together()
    {
        var bad = new ResamplerOptions { ZeroCrossings = 0, KaiserBeta = double.NaN, RollOff = 1.5, TablePointsPerCrossing = 0 };
        var error = Assert.Throws<OptionsException>(() => new Resampler(48000, 16000, bad));
        Assert.Equal(4, error.Problems.Count);
        Assert.Throws<OptionsException>(() => new Resampler(1, 48000));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Resampler(0, 16000));
    }

    [Fact]
    public void Extreme_ratios_take_little_memory()
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        float[] output = new Resampler(1_000_003, 1000).Resample(new float[3000]);
        Assert.Equal(3, output.Length);
        // Exact phases would take 1000 rows of 128,002 taps, half a gigabyte.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 16L << 20);
    }
}
