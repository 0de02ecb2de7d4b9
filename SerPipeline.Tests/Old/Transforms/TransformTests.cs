using SerPipeline.Audio;
using SerPipeline.Features;
using SerPipeline.Old.Pipeline;
using SerPipeline.Old.Transforms;
using SerPipeline.Tests.Old.Pipeline;


namespace SerPipeline.Tests.Old.Transforms;

/// <summary>What each stage computes; what all stages share is in the contract.</summary>
public sealed class TransformTests(Recordings files) : IClassFixture<Recordings>
{
    [Fact]
    public void Audio_is_loaded_as_mono_of_the_asked_rate_with_the_silence_around_it_cut()
    {
        // Half a second of silence, 0.4 s of a 1 kHz tone on the left channel only, a quarter of a second of silence; 22,050 Hz stereo.
        const int Rate = 22_050;
        var samples = new float[2 * (int)(1.15 * Rate)];
        for (int i = Rate / 2; i < (int)(0.9 * Rate); i++) samples[2 * i] = (float)Math.Sin(2 * Math.PI * 1000 * i / Rate);
        string path = files.File("stereo.wav");
        WavWriter.Write(path, new AudioClip(samples, Rate, channels: 2), WavEncoding.IeeeFloat);
        AudioClip loaded = Load(path, new() { MinimumSeconds = 0 }), whole = Load(path, new() { Trim = null }), loud = Load(path, new() { Normalization = new() { TargetPeakDbfs = 0 } });
        Assert.Equal((16000, 1), (loaded.SampleRateHz, loaded.Channels));
        // The resampler's filter rings for some milliseconds at both ends of the tone, where it is above a hundredth of the peak.
        Assert.InRange(loaded.Duration.TotalSeconds, 0.39, 0.42);
        Assert.Equal(1.15, whole.Duration.TotalSeconds, 1e-3);
        Assert.InRange(Peak(loaded), 0.48, 0.56);
        Assert.Equal(1, Peak(loud), 1e-5);
        // A clip that is no file goes the same way.
        var stage = new SerContext().Transforms.LoadAudio(new() { MinimumSeconds = 0 }).Fit(new SerContext().Data.LoadFiles([path]));
        Assert.Equal(loaded.Samples.ToArray(), stage.Prepare(AudioFile.Read(path)).Samples.ToArray());
        // Shorter than half a second without its silence, it comes to lie in the middle of that.
        AudioClip padded = Load(path, new());
        int before = (8000 - loaded.Length) / 2;
        Assert.Equal(8000, padded.Length);
        Assert.Equal([.. new float[before], .. loaded.Samples, .. new float[8000 - before - loaded.Length]], padded.Samples.ToArray());
    }

    [Theory]
    [InlineData(16_000, 2, true)]
    [InlineData(44_100, 1, false)]
    public void Samples_near_a_floats_limit_are_averaged_and_refused_where_the_filter_leaves_it(int rate, int channels, bool works)
    {
        var random = new SeededRandom(4);
        // Full scale of a float, its sign at random: two channels sum to infinity, and a filter overshoots.
        float[] samples = [.. Enumerable.Range(0, rate * channels).Select(i => random.NextDouble() < 0.5 ? -3.3e38f : 3.3e38f)];
        if (channels == 2) for (int i = 1; i < samples.Length; i += 2) samples[i] = samples[i - 1];
        var stage = new SerContext().Transforms.LoadAudio().Fit(new SerContext().Data.LoadFiles([]));
        var clip = new AudioClip(samples, rate, channels);
        if (works) Assert.All(stage.Prepare(clip).Samples.ToArray(), sample => Assert.Equal(3.3e38f, Math.Abs(sample)));
        else Assert.Contains("largest number", Assert.Throws<AudioFormatException>(() => stage.Prepare(clip)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Features_and_images_are_those_of_the_extractors_they_name()
    {
        AudioClip clip = Recordings.Tone(1, 0, 0, seconds: 0.6);
        var ser = new SerContext();
        IDataView rows = Views.Of([new("Audio", new AudioDataViewType(16000))], [[clip]]);
        var options = new LogMelOptions { MelBands = 20 };
        var chain = ser.Transforms.LogMelSpectrogram(options).Append(ser.Transforms.SpectrogramImage(new() { Width = 50 })).Append(ser.Transforms.UtteranceFeatures());
        IDataView output = chain.Fit(rows).Transform(rows);
        FrameMatrix frames = new LogMelExtractor(options).Extract(clip.Samples);
        Assert.Equal(frames.Values, output.GetColumn<VBuffer<float>>("LogMel").Single().DenseValues());
        GrayImage expected = new SpectrogramRenderer(new() { Width = 50 }).Render(frames.Values, 20, frames.Values.Length / 20).Image, image = output.GetColumn<GrayImage>("Image").Single();
        Assert.Equal((20, 50), (image.Height, image.Width));
        Assert.Equal(expected.Pixels, image.Pixels);
        var features = new UtteranceFeatures(new());
        Assert.Equal(features.Extract(clip.Samples), output.GetColumn<VBuffer<float>>("Features").Single().DenseValues());
        Assert.Equal(features.Names, output.Schema["Features"].Annotations.SlotNames);
    }

    // scikit-learn 1.5, StandardScaler().fit_transform([[1, 100, 7], [2, 300, 7], [4, 200, 7]]): the deviation divides by n.
    [Fact]
    public void Normalised_slots_are_scikit_learns_and_a_slot_that_never_varies_is_zero()
    {
        var ser = new SerContext();
        IDataView rows = Vectors([1, 100, 7], [2, 300, 7], [4, 200, 7]);
        NormalizeMeanVarianceTransformer fitted = ser.Transforms.NormalizeMeanVariance("Features").Fit(rows);
        float[][] output = [.. fitted.Transform(rows).GetColumn<VBuffer<float>>("Features").Select(v => v.GetValues().ToArray())];
        float[][] expected = [[-1.06904497f, -1.22474487f, 0], [-0.26726124f, 1.22474487f, 0], [1.33630621f, 0, 0]];
        for (int i = 0; i < 3; i++)
            for (int j = 0; j < 3; j++)
                Assert.Equal(expected[i][j], output[i][j], 1e-6);
        Assert.Equal([7f / 3, 200, 7], fitted.Mean);
        // A new value of the slot that did not vary in training has no scale to be judged by: still 0.
        Assert.Equal(0, fitted.Transform(Vectors([0, 0, 9])).GetColumn<VBuffer<float>>("Features").Single().GetValues()[2]);
    }

    [Fact]
    public void Normalising_keeps_its_digits_far_from_zero()
    {
        // Values around a million that differ by whole numbers: a sum of squares in one pass would lose them, Welford's does not.
        IDataView rows = Vectors([1_000_001], [1_000_002], [1_000_003], [1_000_006]);
        float[] output = [.. new SerContext().Transforms.NormalizeMeanVariance("Features").Fit(rows).Transform(rows).GetColumn<VBuffer<float>>("Features").Select(v => v.GetValues()[0])];
        double deviation = Math.Sqrt(3.5);
        Assert.All(output.Zip([-2, -1, 0, 3]), p => Assert.Equal(p.Second / deviation, p.First, 1e-6));
    }

    [Fact]
    public void Vectors_of_no_fixed_length_or_without_a_row_cannot_be_normalised()
    {
        NormalizeMeanVarianceEstimator estimator = new SerContext().Transforms.NormalizeMeanVariance("Features");
        Assert.Contains("one length", Assert.Throws<SchemaException>(() => estimator.Fit(Views.Unreadable([new("Features", new VectorDataViewType(0))]))).Message, StringComparison.Ordinal);
        Assert.Contains("no row", Assert.Throws<SchemaException>(() => estimator.Fit(Vectors())).Message, StringComparison.Ordinal);
        NormalizeMeanVarianceTransformer fitted = estimator.Fit(Vectors([1, 2], [3, 4]));
        Assert.Contains("2", Assert.Throws<SchemaException>(() => fitted.Transform(Vectors([1, 2, 3]))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(KeyOrdinality.ByOccurrence, null, "sad angry calm")]
    [InlineData(KeyOrdinality.ByOccurrence, "calm happy angry", "calm angry sad")]
    [InlineData(KeyOrdinality.ByValue, "sad calm angry", "angry calm sad")]
    public void Keys_follow_the_corpus_list_first_sight_or_the_alphabet(KeyOrdinality order, string? listed, string expected)
    {
        IDataView rows = Words(listed?.Split(' '), "sad", "angry", "", "sad", "calm");
        ValueToKeyMappingTransformer fitted = new SerContext().Transforms.Conversion.MapValueToKey("Label", keyOrdinality: order).Fit(rows);
        Assert.Equal(expected.Split(' '), fitted.Values);
        IDataView keys = fitted.Transform(rows);
        Assert.Equal(fitted.Values, keys.Schema["Label"].Annotations.KeyValues);
        uint Of(string word) => (uint)Array.IndexOf(expected.Split(' '), word) + 1;
        Assert.Equal([Of("sad"), Of("angry"), 0, Of("sad"), Of("calm")], keys.GetColumn<uint>("Label"));
    }

    [Fact]
    public void A_label_that_was_not_there_in_fitting_is_missing_and_comes_back_as_no_text()
    {
        var ser = new SerContext();
        var chain = ser.Transforms.Conversion.MapValueToKey("Label").Append(ser.Transforms.Conversion.MapKeyToValue("Back", "Label"));
        var fitted = chain.Fit(Words(null, "a", "b"));
        Assert.Equal(["b", "", "a"], fitted.Transform(Words(null, "b", "new", "a")).GetColumn<string>("Back"));
        Assert.Contains("no value", Assert.Throws<SchemaException>(() => chain.Fit(Words(null, "", ""))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Keys_whose_values_nobody_knows_cannot_become_texts() =>
        Assert.Contains("key values", Assert.Throws<SchemaException>(() =>
            new SerContext().Transforms.Conversion.MapKeyToValue("Label").Fit(Views.Unreadable([new("Label", new KeyDataViewType(2))]))).Message, StringComparison.Ordinal);

    [Fact]
    public void Columns_without_a_name_are_refused()
    {
        var ser = new SerContext();
        Assert.Throws<ArgumentException>(() => ser.Transforms.LoadAudio(inputColumnName: ""));
        Assert.Throws<ArgumentException>(() => ser.Transforms.NormalizeMeanVariance(""));
        Assert.Throws<ArgumentException>(() => ser.Transforms.Conversion.MapValueToKey(""));
        Assert.Throws<ArgumentException>(() => ser.Transforms.Conversion.MapKeyToValue(""));
    }

    private static AudioClip Load(string path, LoadAudioOptions options)
    {
        var ser = new SerContext();
        IDataView rows = ser.Data.LoadFiles([path]);
        return ser.Transforms.LoadAudio(options).Fit(rows).Transform(rows).GetColumn<AudioClip>("Audio").Single();
    }

    private static double Peak(AudioClip clip) => clip.Samples.ToArray().Max(Math.Abs);

    private static IDataView Vectors(params float[][] rows) =>
        Views.Of([new("Features", new VectorDataViewType(rows.Length == 0 ? 1 : rows[0].Length))], rows.Select(r => new object?[] { new VBuffer<float>(r) }));

    private static IDataView Words(string[]? listed, params string[] words) =>
        Views.Of([new("Label", TextDataViewType.Instance, new ColumnAnnotations { KeyValues = listed })], words.Select(w => new object?[] { w }));
}
