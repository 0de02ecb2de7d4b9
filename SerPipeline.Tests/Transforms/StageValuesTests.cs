using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using SerPipeline.Audio;
using SerPipeline.Features;
using SerPipeline.Onnx;
using SerPipeline.Tests.Support;
using SerPipeline.Transforms;

namespace SerPipeline.Tests.Transforms;

/// <summary>What each stage computes; what all stages share is in the contract.</summary>
public sealed class StageValuesTests(Recordings files) : IClassFixture<Recordings>
{
    private readonly MLContext _ml = new(seed: 1);

    [Fact]
    public void Audio_is_loaded_as_mono_of_the_asked_rate_with_the_silence_around_it_cut()
    {
        // Half a second of silence, 0.4 s of a 1 kHz tone on the left channel only, a quarter of a second of silence; 22,050 Hz stereo.
        const int Rate = 22_050;
        var samples = new float[2 * (int)(1.15 * Rate)];
        for (int i = Rate / 2; i < (int)(0.9 * Rate); i++) samples[2 * i] = (float)Math.Sin(2 * Math.PI * 1000 * i / Rate);
        string path = files.File("stereo.wav");
        WavWriter.Write(path, new AudioClip(samples, Rate, channels: 2), WavEncoding.IeeeFloat);
        float[] loaded = Load(path, new() { MinimumSeconds = 0 }), whole = Load(path, new() { Trim = null });
        float[] loud = Load(path, new() { Normalization = new() { TargetPeakDbfs = 0 } });
        // The resampler's filter rings for some milliseconds at both ends of the tone, where it is above a hundredth of the peak.
        Assert.InRange(loaded.Length / 16000.0, 0.39, 0.42);
        Assert.Equal(1.15, whole.Length / 16000.0, 1e-3);
        Assert.InRange(loaded.Max(Math.Abs), 0.48, 0.56);
        Assert.Equal(1, loud.Max(Math.Abs), 1e-5);
        // A clip that is no file goes the same way, in one step or in two.
        LoadAudioTransformer stage = _ml.Transforms.LoadAudio("Waveform", "Path", new() { MinimumSeconds = 0 })
            .Fit(_ml.Data.LoadFiles([path]));
        Assert.Equal(loaded, stage.Prepare(AudioFile.Read(path)).Samples.ToArray());
        float[] decoded = LoadAudioTransformer.Decode(path, stage.Options).Samples.ToArray();
        IDataView prepared = new PrepareWaveformTransformer("Out", "Waveform", stage.Options).Transform(Views.Waveforms(16000, decoded));
        Assert.Equal(loaded, prepared.Vectors("Out").Single());
        Assert.Equal(16000, Waveform.RateOf(prepared.Schema["Out"]));
        // Shorter than half a second without its silence, it comes to lie in the middle of that.
        float[] padded = Load(path, new());
        int before = (8000 - loaded.Length) / 2;
        Assert.Equal([.. new float[before], .. loaded, .. new float[8000 - before - loaded.Length]], padded);
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
        LoadAudioTransformer stage = _ml.Transforms.LoadAudio("Waveform", "Path").Fit(_ml.Data.LoadFiles([]));
        var clip = new AudioClip(samples, rate, channels);
        if (works) Assert.All(stage.Prepare(clip).Samples.ToArray(), sample => Assert.Equal(3.3e38f, Math.Abs(sample)));
        else Assert.Contains("largest number", Assert.Throws<AudioFormatException>(() => stage.Prepare(clip))
            .Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Features_are_those_of_the_extractors_and_their_slots_are_named()
    {
        float[] clip = Recordings.Tone(1, 0, 0, seconds: 0.6).Samples.ToArray();
        IDataView rows = Views.Waveforms(clip);
        UtteranceFeatures features = new();
        PaperMfcc mfcc = new();
        LogMelOptions mel = new() { MelBands = 20 };
        IDataView output = _ml.Transforms.UtteranceFeatures("Features", "Waveform").Append(_ml.Transforms.PaperMfcc("Mfcc", "Waveform"))
            .Append(_ml.Transforms.LogMelSpectrogram("Spectrogram", "Waveform", mel)).Fit(rows).Transform(rows);
        Assert.Equal(new LogMelExtractor(mel).Extract(clip).Values, output.Vectors("Spectrogram").Single());
        Assert.Equal(features.Extract(clip), output.Vectors("Features").Single());
        Assert.Equal(mfcc.Extract(clip), output.Vectors("Mfcc").Single());
        foreach ((string column, IReadOnlyList<string> names) in new[] { ("Features", features.Names), ("Mfcc", mfcc.Names) })
        {
            VBuffer<ReadOnlyMemory<char>> slots = default;
            output.Schema[column].GetSlotNames(ref slots);
            Assert.Equal(names, slots.DenseValues().Select(s => s.ToString()));
        }
    }

    // From the decoded waveform on, as a portable model starts. Tolerances are those of the exports' own tests.
    [Fact]
    public void The_graph_of_each_stage_gives_what_the_stage_gives()
    {
        LoadAudioOptions options = new() { Normalization = new() { TargetPeakDbfs = -1 } };
        float[] decoded = [.. new float[3000], .. Recordings.Tone(1, 0, 0, seconds: 0.7).Samples, .. new float[2000]];
        RowTransformer[] stages =
        [
            new LoadAudioTransformer("Waveform", "Path", options), new LogMelSpectrogramTransformer("Spectrogram", "Waveform", new()),
            new SpectrogramImageTransformer("Image", "Spectrogram", new() { Width = 64 }),
                new UtteranceFeaturesTransformer("Features", "Waveform", new()),
            new PaperMfccTransformer("Mfcc", "Waveform", new() { SampleRateHz = 16000, FftLength = 512 }),
        ];
        var graph = new OnnxGraphBuilder();
        var columns = new Dictionary<string, OnnxColumn>
        {
            ["Path"] = OnnxColumn.OfWaveform(graph.Input("waveform", OnnxType.Float, OnnxColumn.BatchDimension, "samples")),
        };
        foreach (RowTransformer stage in stages) columns[stage.OutputColumnName] = stage.Stage.AddOnnx(columns[stage.InputColumnName]);
        graph.Output("image", columns["Image"].Values, OnnxColumn.BatchDimension, 1, 64, 64);
        graph.Output("features", columns["Features"].Values, OnnxColumn.BatchDimension, ((UtteranceFeaturesTransformer)stages[3])
            .Options is { } o ? new UtteranceFeatures(o).Names.Count : 0);
        graph.Output("mfcc", columns["Mfcc"].Values, OnnxColumn.BatchDimension, 40);
        using var session = new InferenceSession(new OnnxModel { Graph = graph.Build("stages") }.ToBytes());
        using var results =
            session.Run([NamedOnnxValue.CreateFromTensor("waveform", new DenseTensor<float>(decoded, [1, decoded.Length]))]);
        IDataView view = new PrepareWaveformTransformer("Waveform", null, options).Transform(Views.Waveforms(decoded));
        foreach (RowTransformer stage in stages.Skip(1)) view = stage.Transform(view);
        Dictionary<string, float[]> found = results.ToDictionary(r => r.Name, r => r.AsEnumerable<float>().ToArray());
        // A level that lies between two may fall to either.
        Assert.Equal(view.Pixels("Image").Single().Select(p => (float)p), found["image"], (a, b) => Math.Abs(a - b) <= 1);
        Assert.Equal(view.Vectors("Features").Single(), found["features"], (a, b) => Math.Abs(a - b) <= 1e-4 * Math.Max(1, Math.Abs(a)));
        Assert.Equal(view.Vectors("Mfcc").Single(), found["mfcc"], (a, b) => Math.Abs(a - b) <= 1e-4 * Math.Max(1, Math.Abs(a)));
    }

    // Coefficients reach some 600, where one step of float32 is 6e-5: what is left is the rounding of the program that computed the
    // published matrix.
    [Fact]
    public void A_sample_of_clips_matches_the_published_rows() => MatchesPublishedRows(every: 48);

    [Fact(Explicit = true)]
    [Trait("Category", "Slow")]
    public void All_clips_match_the_published_rows() => MatchesPublishedRows(every: 1);

    private void MatchesPublishedRows(int every)
    {
        string[] rows =
            [.. File.ReadLines(Companions.Require("golden", "paper", "original_rows.csv")).Skip(1).Select(line => line.Split(',')[0])];
        NpyArray<float> expected = NpyFile.Read<float>(Companions.Require("golden", "paper", "original_X.npy"));
        string corpus = Companions.Require("corpora", "RAVDESS");
        int[] chosen = [.. Enumerable.Range(0, rows.Length).Where(i => i % every == 0)];
        IDataView clips =
            _ml.Data.LoadFiles(chosen.Select(row => Path.Combine(corpus, $"Actor_{rows[row][18..20]}", $"{rows[row][..20]}.flac")));
        float[][] found = _ml.Transforms.LoadAudio("Waveform", "Path", LoadAudioOptions.Paper)
            .Append(_ml.Transforms.PaperMfcc("Mfcc", "Waveform"))
            .Fit(clips).Transform(clips).Vectors("Mfcc");
        Assert.Equal(1440 / every, found.Length);
        double[] errors =
            [.. chosen.Select((row, i) =>
                Enumerable.Range(0, 40).Max(k => Math.Abs((double)found[i][k] - expected.Values[(row * 40) + k])))];
        // Measured over all clips: median 1.75e-4, greatest 9.9e-4.
        Assert.True(errors.Max() < 2e-3, $"greatest {errors.Max()}");
        Assert.True(errors.Order().ElementAt(errors.Length / 2) < 3e-4);
    }

    private float[] Load(string path, LoadAudioOptions options)
    {
        IDataView rows = _ml.Data.LoadFiles([path]);
        return _ml.Transforms.LoadAudio("Waveform", "Path", options).Fit(rows).Transform(rows).Vectors("Waveform").Single();
    }
}
