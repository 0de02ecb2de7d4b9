using System.Globalization;
using SerPipeline.Audio;
using SerPipeline.Features;
using SerPipeline.Onnx;
using SerPipeline.Prediction;
using SerPipeline.Tests.Support;
using SerPipeline.Transforms;

namespace SerPipeline.Tests.Prediction;

/// <summary>What each kind of zip scores with, held to the same computed here.</summary>
public sealed class ScoringTests
{
    private const int Bands = 16, Width = 24;

    [Theory]
    [InlineData(0.7)]
    [InlineData(0.05)]
    [InlineData(3)]
    public void An_image_reaches_the_graph_as_levels_of_its_pixels(double seconds)
    {
        var mel = new LogMelOptions { MelBands = Bands, FftLength = 512, WindowSamples = 400, HopSamples = 160 };
        var rendering = new SpectrogramRendererOptions { Width = Width };
        var loading = new LoadAudioOptions { MinimumSeconds = 0.25 };
        float[] weights = [.. Enumerable.Range(0, Bands * Width * 3).Select(i => (float)Math.Sin(i * 0.37))];
        var graph = new OnnxGraphBuilder();
        OnnxValue pixels = graph.Input("Image", OnnxType.Float, "batch", 1, Bands, Width);
        OnnxValue logits = (pixels / 2550).Reshape(-1, Bands * Width).MatMul(graph.Constant<float>(weights, [Bands * Width, 3]));
        graph.Output("probabilities", logits.Softmax(), "batch", 3);
        using SerModel model = SerModel.Load(ToneModel.Zip(ToneModel.Record(
            graph, "Image", ToneModel.Labels, ToneModel.Stage("LoadAudio", "Waveform", "Path", loading),
                ToneModel.Stage("LogMelSpectrogram", "LogMel", "Waveform", mel),
            ToneModel.Stage("SpectrogramImage", "Image", "LogMel", rendering))),
            options: new() { MinimumSeconds = 0, AnswerAnyway = true });

        AudioClip clip = ToneModel.Tone(1, 0, 0, seconds);
        FrameMatrix frames = new LogMelExtractor(mel).Extract(AudioPreparation.Prepare(clip, loading).Samples);
        byte[] image = new SpectrogramRenderer(rendering).Render(frames.Values, frames.Bands, frames.Frames).Image.Pixels;
        double[] exponentials = [.. Enumerable.Range(0,
            3).Select(c => Math.Exp(Enumerable.Range(0, image.Length).Sum(i => image[i] / 2550.0 * weights[(i * 3) + c])))];
        EmotionPrediction prediction = model.Predict(clip);
        for (int c = 0; c < 3; c++) Assert.Equal(exponentials[c] / exponentials.Sum(), prediction.Scores[c], 1e-5);
        Assert.Equal(seconds < 0.25, prediction.Notes.HasFlag(PredictionNotes.Padded));
    }

    [Fact]
    public void Stages_that_the_graph_does_not_read_are_left_out()
    {
        ModelRecord record = ToneModel.Record(1, "");
        var noFrames = new LogMelOptions { Center = false, FftLength = 65536, WindowSamples = 65536 };
        using SerModel with = SerModel.Load(
            ToneModel.Zip(record with
            {
                Stages = [.. record.Stages,
            ToneModel.Stage("LogMelSpectrogram", "LogMel", "Waveform", noFrames)]
            }));
        using SerModel without = SerModel.Load(ToneModel.Zip(record));
        AudioClip clip = ToneModel.Tone(0, 0, 0);
        Assert.Equal(without.Predict(clip).Scores, with.Predict(clip).Scores);
    }

    [Fact]
    public void A_model_of_format_2_scores_as_it_did_behind_the_stages_and_from_the_waveform()
    {
        string path = Path.Combine(Companions.Repository(), "SerPipeline.Tests", "Prediction", "Fixtures", "model-v2.zip");
        float[] expected = [.. File.ReadAllText(Path.ChangeExtension(path, ".scores.txt")).Split(' ')
            .Select(s => float.Parse(s, CultureInfo.InvariantCulture))];
        // 700 Hz with silence before and after: the class "middle".
        var samples = new float[6400];
        for (int n = 0; n < 4800; n++) samples[n + 1000] = (float)(0.3 * Math.Sin(2 * Math.PI * 700 * n / 16000) * Math.Min(1, n / 800.0));

        // Nothing was padded then.
        using SerModel model = SerModel.Load(path, new() { MinimumSeconds = 0, AnswerAnyway = true });
        EmotionPrediction prediction = model.Predict(samples, 16000);
        Assert.Equal(("middle", PredictionNotes.None), (prediction.Label, prediction.Notes));
        Assert.Equal("kept for ever", model.Notes["note"]);
        for (int c = 0; c < expected.Length; c++) Assert.Equal(expected[c], prediction.Scores[c], 1e-4);

        ModelRecord record = ModelRecord.Read(path);
        OnnxModel whole = OnnxModel.Read(record.Scoring!.Value), cut = WaveformGraph.BehindStages(whole, record.Stages)!;
        Assert.Equal(["Image"], cut.Graph.Inputs.Select(i => i.Name));
        Assert.True(cut.Graph.Nodes.Count < whole.Graph.Nodes.Count / 4);

        // Nodes whose stage is not known cannot be left out.
        OnnxModel nameless = whole with
        {
            Graph = whole.Graph with { Nodes = [.. whole.Graph.Nodes.Select(node => node with { Name = "" })] }
        };
        Assert.Null(WaveformGraph.BehindStages(nameless, record.Stages));
        using NetworkScorer scorer = NetworkScorer.Create(record with { Scoring = nameless.ToBytes() }, "nameless");
        var clip = new AudioClip(samples, 16000);
        float[] slow = scorer.Score(clip, AudioPreparation.Prepare(clip, scorer.Loading));
        for (int c = 0; c < expected.Length; c++) Assert.Equal(expected[c], slow[c], 1e-4);
    }

    [Fact]
    public void What_does_not_fit_together_is_refused()
    {
        ModelRecord record = ToneModel.Record(1, "");
        Assert.Contains("4 floats", Refused(record with { Labels = [.. record.Labels, "more"] }), StringComparison.Ordinal);
        Assert.Contains("[Other]", Refused(record with { ScoringInputs = ["Other"] }), StringComparison.Ordinal);
        Assert.Contains("record names [Waveform]", Refused(record with { ScoringInputs = ["Waveform"] }), StringComparison.Ordinal);
        Assert.Contains("ONNX Runtime cannot run", Refused(record with { Scoring = "no graph"u8.ToArray() }), StringComparison.Ordinal);
        Assert.Contains("reads column 'Absent'",
            Refused(record with { Stages = [record.Stages[0], record.Stages[1] with { Input = "Absent" }] }), StringComparison.Ordinal);
        Assert.Contains("'Whisper' that cannot be used: this version does not know it",
            Refused(record with { Stages = [record.Stages[0], record.Stages[1] with { Name = "Whisper" }] }), StringComparison.Ordinal);
        Assert.Contains("'UtteranceFeatures' that cannot be used",
            Refused(record with { Stages = [record.Stages[0], record.Stages[1] with { Options = record.Stages[0].Options }] }),
            StringComparison.Ordinal);
        Assert.Contains("no LoadAudio", Refused(record with { Stages = [record.Stages[1]] }), StringComparison.Ordinal);
    }

    [Fact(Explicit = true)]
    public void Memory_stays_flat_over_twenty_thousand_predictions()
    {
        using SerModel model = SerModel.Load(ToneModel.Zip(ToneModel.Record(1, "")));
        AudioClip[] clips = [.. Enumerable.Range(0, 8).Select(i => ToneModel.Tone(i % 3, 0, i, 0.3 + (0.1 * i)))];
        void Predict(int count) => Parallel.For(0, count, i => model.Predict(clips[i % clips.Length]));
        Predict(2_000);
        long before = Resident();
        Predict(18_000);
        Assert.InRange(Resident() - before, long.MinValue, 20L << 20);
    }

    private static long Resident()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        return Environment.WorkingSet;
    }

    private static string Refused(ModelRecord record) => Assert.Throws<ModelFormatException>(() => SerModel.Load(ToneModel.Zip(record)))
        .Message;
}
