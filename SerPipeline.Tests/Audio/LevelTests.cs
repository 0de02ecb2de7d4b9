using SerPipeline.Audio;

namespace SerPipeline.Tests.Audio;

public sealed class LevelTests
{
    private static AudioClip Tone(double hz, int rate, double seconds, double dbfs, int channels = 1)
    {
        double amplitude = Math.Pow(10, dbfs / 20);
        var samples = new float[(int)(rate * seconds) * channels];
        for (int i = 0; i < samples.Length; i += channels)
            samples.AsSpan(i, channels).Fill((float)(amplitude * Math.Sin(2 * Math.PI * hz * (i / channels) / rate)));
        return new AudioClip(samples, rate, channels);
    }

    private static AudioClip Join(params AudioClip[] clips) =>
        new([.. clips.SelectMany(c => c.Samples.ToArray())], clips[0].SampleRateHz, clips[0].Channels);

    [Fact]
    public void K_weighting_at_48_kHz_has_the_coefficients_of_the_recommendation()
    {
        // ITU-R BS.1770-4, tables 1 and 2.
        double[] shelf = [1.53512485958697, -2.69169618940638, 1.19839281085285, -1.69065929318241, 0.73248077421585];
        double[] highPass = [1, -2, 1, -1.99004745483398, 0.99007225036621];
        var weighting = new KWeighting(48000);
        for (int i = 0; i < 5; i++)
        {
            // The prototype's constants were found from these very numbers; they agree to the printed digits' rounding.
            Assert.Equal(shelf[i], weighting.Shelf[i], 1e-9);
            Assert.Equal(highPass[i], weighting.HighPass[i], 1e-9);
        }
    }

    [Theory]
    [InlineData(48000)]
    [InlineData(44100)]
    [InlineData(24414)]
    [InlineData(16000)]
    [InlineData(96000)]
    public void A_tone_of_997_Hz_at_full_scale_measures_minus_3_01_LUFS(int rate)
    {
        // BS.1770-4: a 0 dBFS, 997 Hz sine in one front channel reads -3.01 LKFS. EBU Tech 3341 allows meters 0.1 LU; the bilinear
        // transform bends the shelf's skirt a little at low rates (0.04 LU at 16 kHz).
        Assert.Equal(-3.01, Loudness.IntegratedLufs(Tone(997, rate, 3, 0)), 0.05);
        // Twice the channels: 3.01 dB more; 20 dB less in: 20 LU less out.
        Assert.Equal(-20.0, Loudness.IntegratedLufs(Tone(997, rate, 3, -20, 2)), 0.05);
    }

    [Fact]
    public void Gates_leave_out_silence_and_quiet_parts()
    {
        // EBU Tech 3341, cases 3 and 4: stereo 1 kHz sines of these levels read -23.0 +-0.1 LUFS (a quarter of its lengths here).
        AudioClip Part(double dbfs, double seconds) => Tone(1000, 48000, seconds, dbfs, 2);
        Assert.Equal(-23.0, Loudness.IntegratedLufs(Join(Part(-36, 2.5), Part(-23, 15), Part(-36, 2.5))), 0.1);
        Assert.Equal(-23.0, Loudness.IntegratedLufs(Join(Part(-72, 2.5), Part(-36, 2.5), Part(-23, 15), Part(-36, 2.5), Part(-72, 2.5))),
            0.1);
    }

    [Fact]
    public void Surround_channels_weigh_as_the_recommendation_says()
    {
        // EBU Tech 3341, case 6: 5.0 with -28 in left and right, -24 in the centre, -30 in the surrounds reads -23.0 +-0.1 LUFS.
        double[] levels = [-28, -28, -24, -30, -30];
        float[][] parts = [.. levels.Select(db => Tone(1000, 48000, 5, db).Samples.ToArray())];
        float[] five = [.. Enumerable.Range(0, parts[0].Length).SelectMany(i => parts.Select(p => p[i]))];
        Assert.Equal(-23.0, Loudness.IntegratedLufs(new AudioClip(five, 48000, 5)), 0.1);
        float[] six =
            [.. Enumerable.Range(0, parts[0].Length)
                .SelectMany(i => (float[])[parts[0][i], parts[1][i], parts[2][i], 1f, parts[3][i], parts[4][i]])];
        Assert.Equal(-23.0, Loudness.IntegratedLufs(new AudioClip(six, 48000, 6)), 0.1);
    }

    [Fact]
    public void Silence_has_no_level_but_short_clips_do()
    {
        var silence = new AudioClip(new float[16000], 16000);
        Assert.Equal(double.NegativeInfinity, Loudness.IntegratedLufs(silence));
        Assert.Equal(double.NegativeInfinity, Loudness.PeakDbfs(silence));
        Assert.Equal(double.NegativeInfinity, Loudness.IntegratedLufs(new AudioClip([], 16000)));
        // 0.1 s, a single block: the filters' onset shows, so a wider tolerance.
        Assert.Equal(-3.01, Loudness.IntegratedLufs(Tone(997, 16000, 0.1, 0)), 0.2);
    }

    [Theory]
    [InlineData(NormalizationMode.Peak)]
    [InlineData(NormalizationMode.Loudness)]
    public void Normalized_clips_measure_the_target(NormalizationMode mode)
    {
        var options = new NormalizationOptions { Mode = mode, TargetPeakDbfs = -3, TargetLufs = -20 };
        foreach (double level in (double[])[-50, -30, -6])
        {
            AudioClip result = Normalization.Apply(Tone(440, 16000, 2, level), options);
            // One gain in single precision: 1e-4 dB is a hundred times its rounding.
            if (mode == NormalizationMode.Peak) Assert.Equal(-3, Loudness.PeakDbfs(result), 1e-4);
            else Assert.Equal(-20, Loudness.IntegratedLufs(result), 1e-4);
        }
    }

    [Fact]
    public void The_faintest_float_reaches_full_scale()
    {
        // The gain, 7e44, is no float; the product is.
        AudioClip result = Normalization.Apply(new AudioClip([float.Epsilon, 0], 8000), new NormalizationOptions { TargetPeakDbfs = 0 });
        Assert.Equal(1, result.Samples[0], 1e-6);
    }

    [Fact]
    public void Loudness_gain_stops_where_samples_would_pass_the_peak_limit()
    {
        // One click in a soft tone: the tone alone would get 37 dB.
        float[] samples = Tone(440, 16000, 2, -60).Samples.ToArray();
        samples[8000] = 0.5f;
        AudioClip result =
            Normalization.Apply(new AudioClip(samples, 16000), new NormalizationOptions { Mode = NormalizationMode.Loudness });
        Assert.Equal(-1, Loudness.PeakDbfs(result), 1e-4);
    }

    [Fact]
    public void Silent_clips_stay_as_they_are_and_bad_options_are_listed()
    {
        var silence = new AudioClip(new float[16000], 16000);
        foreach (NormalizationMode mode in Enum.GetValues<NormalizationMode>())
            Assert.Same(silence, Normalization.Apply(silence, new NormalizationOptions { Mode = mode }));
        var bad = new NormalizationOptions { Mode = (NormalizationMode)7, TargetPeakDbfs = 1, TargetLufs = double.NaN, MaxPeakDbfs = 3 };
        Assert.Equal(4, Assert.Throws<OptionsException>(() => Normalization.Apply(silence, bad)).Problems.Count);
    }
}
