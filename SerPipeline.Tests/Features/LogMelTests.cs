using SerPipeline.Features;

namespace SerPipeline.Tests.Features;

public class LogMelTests
{
    [Fact]
    public void Defaults_are_stable()
    {
        // Saved models rely on them.
        Assert.Equal(
            "LogMelOptions { SampleRateHz = 16000, FftLength = 512, WindowSamples = 400, HopSamples = 160, Center = True, "
            + "Padding = Constant, MelBands = 64, LowHz = 40, "
            + "HighHz = 7600, MelScale = Slaney, MelNormalization = Slaney, Power = 2, Compression = Decibel, Reference = 1, "
            + "Floor = 1E-10, TopDb = 80 }",
            new LogMelOptions().ToString());
    }

    [Fact]
    public void Bands_are_the_filter_bank_applied_to_the_power_spectrum()
    {
        float[] x = Signals.Noise(5000);
        var options = new LogMelOptions { Compression = LogCompression.None };
        FrameMatrix mel = new LogMelExtractor(options).Extract(x), power = new Stft().Power(x);
        var bank = new MelFilterBank(16000, 512, 64, 40, 7600);
        float[] column = new float[power.Bands], expected = new float[64];
        Assert.Equal(power.Frames, mel.Frames);
        for (int t = 0; t < mel.Frames; t++)
        {
            for (int k = 0; k < column.Length; k++) column[k] = power[k, t];
            bank.Apply(column, expected);
            for (int m = 0; m < 64; m++) Assert.Equal(expected[m], mel[m, t], 3e-7 * expected[m]); // float32 rounding of bins and sum
        }
    }

    [Fact]
    public void Compressions_are_functions_of_the_same_bands()
    {
        float[] x = Signals.Noise(5000);
        FrameMatrix bands = new LogMelExtractor(new() { Compression = LogCompression.None }).Extract(x);
        FrameMatrix magnitudes = new LogMelExtractor(new() { Compression = LogCompression.None, Power = 1 }).Extract(x);
        FrameMatrix natural = new LogMelExtractor(new() { Compression = LogCompression.NaturalLog, Floor = 1e-6 }).Extract(x);
        FrameMatrix decibels = new LogMelExtractor(new() { Reference = 0.01, TopDb = null }).Extract(x);
        FrameMatrix amplitudes = new LogMelExtractor(new() { Power = 1, TopDb = null }).Extract(x);
        for (int i = 0; i < bands.Values.Length; i++)
        {
            double band = bands.Values[i];
            Assert.Equal(Math.Log(Math.Max(1e-6, band)), natural.Values[i], 2e-6);
            Assert.Equal(10 * Math.Log10(band / 0.01), decibels.Values[i], 1e-5);
            Assert.Equal(20 * Math.Log10(magnitudes.Values[i]), amplitudes.Values[i], 1e-5);
        }
    }

    [Fact]
    public void Silence_is_at_the_floor_and_the_range_is_clipped()
    {
        Assert.All(new LogMelExtractor().Extract(new float[1000]).Values, v => Assert.Equal(-100f, v)); // 10 log10(1e-10)
        float[] x = [.. new float[8000], .. Signals.Noise(8000)];
        FrameMatrix cut = new LogMelExtractor(new() { TopDb = 60 }).Extract(x);
        Assert.Equal(60, cut.Values.Max() - cut.Values.Min(), 1e-4);
        FrameMatrix whole = new LogMelExtractor(new() { TopDb = null }).Extract(x);
        Assert.Equal(-100, whole.Values.Min());
    }

    [Fact]
    public void Ten_times_the_amplitude_is_20_dB_more()
    {
        float[] x = Signals.Noise(5000, amplitude: 0.05);
        var extractor = new LogMelExtractor(new() { TopDb = null });
        FrameMatrix soft = extractor.Extract(x), loud = extractor.Extract([.. x.Select(v => 10 * v)]);
        for (int i = 0; i < soft.Values.Length; i++) Assert.Equal(soft.Values[i] + 20, loud.Values[i], 2e-5);
    }

    [Fact]
    public void Every_odd_clip_gives_finite_bands_of_the_promised_shape()
    {
        var extractor = new LogMelExtractor();
        foreach ((string name, float[] clip) in Signals.Odd)
        {
            FrameMatrix mel = extractor.Extract(clip);
            Assert.Equal((64, 1 + (clip.Length / 160)), (mel.Bands, mel.Frames));
            Assert.Equal(mel.Frames, extractor.FrameCount(clip.Length));
            Assert.True(mel.Values.All(float.IsFinite), name);
        }
        Assert.Throws<ArgumentException>(() => extractor.Extract([]));
    }

    [Fact]
    public void Parallel_extraction_equals_sequential()
    {
        var extractor = new LogMelExtractor();
        float[][] clips = [.. Enumerable.Range(0, 40).Select(i => Signals.Noise(500 + (i * 397), seed: i))];
        float[][] sequential = [.. clips.Select(clip => extractor.Extract(clip).Values)], parallel = new float[clips.Length][];
        Parallel.For(0, clips.Length, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
            parallel[i] = extractor.Extract(clips[i]).Values);
        for (int i = 0; i < clips.Length; i++) Assert.Equal<float>(sequential[i], parallel[i]);
    }

    [Fact]
    public void A_frame_does_not_depend_on_the_frames_beside_it_in_the_block()
    {
        // Dropping whole hops from the front moves frames to other lanes; their values must stay the same to the last bit.
        float[] x = Signals.Noise(160 * 40);
        var extractor = new LogMelExtractor(new() { Center = false, TopDb = null });
        FrameMatrix whole = extractor.Extract(x);
        for (int drop = 1; drop <= 5; drop++)
        {
            FrameMatrix rest = extractor.Extract(x.AsSpan(160 * drop));
            for (int m = 0; m < 64; m++) Assert.Equal<float>(whole.Row(m)[drop..].ToArray(), rest.Row(m).ToArray());
        }
    }

    [Fact]
    public void Only_the_result_is_allocated()
    {
        var extractor = new LogMelExtractor();
        long Allocated(float[] clip)
        {
            for (int i = 0; i < 3; i++) extractor.Extract(clip); // fills the pools
            long before = GC.GetAllocatedBytesForCurrentThread();
            FrameMatrix result = extractor.Extract(clip);
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            return allocated - (result.Values.Length * sizeof(float));
        }
        // The matrix object, its array's header and the one-element list of results: some 100 bytes, whatever the number of frames.
        long few = Allocated(Signals.Noise(3200)), many = Allocated(Signals.Noise(64000));
        Assert.InRange(few, 0, 256);
        Assert.Equal(few, many);
    }

    [Fact]
    public void All_problems_of_options_are_listed_together()
    {
        var bad = new LogMelOptions
        {
            SampleRateHz = 8000,
            HopSamples = -1,
            MelBands = 0,
            LowHz = -1,
            HighHz = 7600,
            MelScale = (MelScale)5,
            MelNormalization = (MelNormalization)5,
            Power = 3,
            Compression = (LogCompression)7,
            Reference = 0,
            Floor = double.NaN,
            TopDb = -1,
        };
        var problems = Assert.Throws<OptionsException>(() => new LogMelExtractor(bad)).Problems;
        Assert.Equal(
            ["Compression", "Floor", "HighHz", "HopSamples", "LowHz", "MelBands", "MelNormalization", "MelScale", "Power", "Reference",
                "TopDb"],
            problems.Select(p => p.Split(' ')[0].Split('.')[1]).Order());
        Assert.Contains("LogMelOptions.HighHz must be at most half of SampleRateHz, got 7600.", problems);
    }
}
