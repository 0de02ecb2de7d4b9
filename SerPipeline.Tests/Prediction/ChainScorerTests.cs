using Microsoft.ML;
using Microsoft.ML.Data;
using SerPipeline.Audio;
using SerPipeline.Features;
using SerPipeline.Onnx;
using SerPipeline.Prediction;
using SerPipeline.Tests.Support;
using SerPipeline.Transforms;

namespace SerPipeline.Tests.Prediction;

/// <summary>A zip without a scoring graph scores through its chain in ML.NET.</summary>
public sealed class ChainScorerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _ml = new(seed: 1);
    private readonly LoadAudioOptions _loading = new();
    private readonly UtteranceFeatures _utterance = new();

    public void Dispose() => _folder.Dispose();

    // Behind a graph of the stages alone they are computed in C#; a graph that gives out more runs itself.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_classifier_without_a_graph_predicts_what_its_chain_says(bool another)
    {
        ITransformer[] chain = [Graph(another), Classifier()];
        ITransformer model = new TransformerChain<ITransformer>(chain);
        ModelRecord record = Record();
        using SerModel predictor = SerModel.Load(Zip(model, record));
        AudioClip[] clips = [.. Enumerable.Range(0, 6).Select(i => ToneModel.Tone(i % 3, 2, 50 + i, 0.6 + (0.1 * i)))];
        float[][] expected = [.. model.Transform(View(clips)).GetColumn<VBuffer<float>>("Score")
            .Select(score => score.DenseValues().ToArray())];
        for (int i = 0; i < clips.Length; i++)
        {
            EmotionPrediction prediction = predictor.Predict(clips[i]);
            Assert.Equal(ToneModel.Labels[Array.IndexOf(expected[i], expected[i].Max())], prediction.Label);
            for (int c = 0; c < 3; c++) Assert.Equal(expected[i][c], prediction.Scores[c], 1e-3);
        }
        var found = new IReadOnlyList<float>[48];
        IReadOnlyList<float>[] alone = [.. clips.Select(clip => predictor.Predict(clip).Scores)];
        Parallel.For(0, found.Length, new ParallelOptions { MaxDegreeOfParallelism = 8 },
            i => found[i] = predictor.Predict(clips[i % clips.Length]).Scores);
        for (int i = 0; i < found.Length; i++) Assert.Equal(alone[i % clips.Length], found[i]);
    }

    [Fact]
    public void What_is_no_chain_of_audio_with_probabilities_is_refused()
    {
        ITransformer model = new TransformerChain<ITransformer>(Graph(another: false), Classifier());
        Assert.Contains("without a vector column 'Other'", Refused(model, Record() with { ScoreColumn = "Other" }),
            StringComparison.Ordinal);
        Assert.Contains("starts from features", Refused(model, Record() with { WaveformColumn = null }), StringComparison.Ordinal);
        Assert.Contains("ML.NET cannot load", Assert.Throws<ModelFormatException>(() => SerModel.Load(ToneModel.Zip(Record()))).Message,
            StringComparison.Ordinal);
        // Features are numbers too, but no probabilities.
        using SerModel features = SerModel.Load(Zip(model, Record() with { ScoreColumn = "Features", Labels = _utterance.Names }));
        Assert.Contains("no probabilities", Assert.Throws<ModelFormatException>(() => features.Predict(ToneModel.Tone(0, 0, 0))).Message,
            StringComparison.Ordinal);
    }

    private static ModelRecord Record() => ToneModel.Record(1, "") with
    {
        Scoring = null,
        ScoringInputs = [],
        ScoringProblem = "trees have no graph"
    };

    private string Refused(ITransformer model, ModelRecord record) =>
        Assert.Throws<ModelFormatException>(() => SerModel.Load(Zip(model, record))).Message;

    // The audio stages as ONNX from the waveform on.
    private ITransformer Graph(bool another)
    {
        var graph = new OnnxGraphBuilder();
        OnnxColumn audio = AudioPreparation.AddOnnx(OnnxColumn.OfWaveform(graph.Input("Waveform", OnnxType.Float, 1, "samples")),
            _loading);
        OnnxValue features = UtteranceFeaturesOnnx.Add(audio, _utterance);
        graph.Output("Features", features, 1, _utterance.Names.Count);
        if (another) graph.Output("Doubled", features * 2, 1, _utterance.Names.Count);
        string path = _folder.File($"stages-{another}.onnx");
        File.WriteAllBytes(path, new OnnxModel { Graph = graph.Build("stages") }.ToBytes());
        return _ml.Transforms.ApplyOnnxModel(another ? ["Features", "Doubled"] : ["Features"], ["Waveform"], path).Fit(View([]));
    }

    private ITransformer Classifier()
    {
        FeatureRow[] rows = [.. Enumerable.Range(0, 36).Select(i => new FeatureRow
        {
            Label = ToneModel.Labels[i % 3],
            Features = _utterance.Extract(AudioPreparation.Prepare(ToneModel.Tone(i % 3, i % 4, i, 0.7), _loading).Samples),
        })];
        var schema = SchemaDefinition.Create(typeof(FeatureRow));
        // As the graph gives it.
        schema["Features"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, 1, _utterance.Names.Count);
        IDataView data = _ml.Data.LoadFromEnumerable(rows, schema);
        ITransformer keys = _ml.Transforms.Conversion.MapValueToKey("Label",
            keyData: _ml.Data.LoadFromEnumerable(ToneModel.Labels.Select(l => new LabelRow { Value = l }))).Fit(data);
        return _ml.MulticlassClassification.Trainers.SdcaMaximumEntropy(maximumNumberOfIterations: 20).Fit(keys.Transform(data));
    }

    private IDataView View(IEnumerable<AudioClip> clips) =>
        _ml.Data.LoadFromEnumerable(clips.Select(clip => new WaveformRow { Waveform = clip.Samples.ToArray() }));

    private MemoryStream Zip(ITransformer model, ModelRecord record)
    {
        using var saved = new MemoryStream();
        _ml.Model.Save(model, View([]).Schema, saved);
        saved.Position = 0;
        var zip = new MemoryStream();
        ModelZip.Write(zip, saved, record);
        zip.Position = 0;
        return zip;
    }

    private sealed class WaveformRow
    {
        public float[] Waveform { get; set; } = [];
    }

    private sealed class FeatureRow
    {
        public string Label { get; set; } = "";

        public float[] Features { get; set; } = [];
    }

    private sealed class LabelRow
    {
        public string Value { get; set; } = "";
    }
}
