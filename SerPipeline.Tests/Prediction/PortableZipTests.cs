using Microsoft.ML;
using Microsoft.ML.Data;
using SerPipeline.Audio;
using SerPipeline.Features;
using SerPipeline.Prediction;
using SerPipeline.Tests.Support;
using SerPipeline.Tests.Transforms;
using SerPipeline.Transforms;
using static Microsoft.ML.Transforms.Image.ImagePixelExtractingEstimator;

namespace SerPipeline.Tests.Prediction;

/// <summary>A fitted chain, saved for everybody, predicts as the chain itself does.</summary>
public sealed class PortableZipTests : IDisposable
{
    private const double Tolerance = 1e-5;

    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _ml = new(seed: 3);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_multilayer_perceptron_of_utterance_features_predicts_as_its_chain() => Agrees(
        Keys().Append(_ml.Transforms.LoadAudio("Waveform", "Path")).Append(_ml.Transforms.UtteranceFeatures("Features", "Waveform"))
            .Append(_ml.Transforms.NormalizeMeanVariance("Features"))
            .Append(_ml.MulticlassClassification.Trainers.Mlp(new() { Epoch = 2, HiddenUnits = [8] })),
        hasGraph: true);

    [Fact]
    public void An_image_classifier_of_spectrograms_predicts_as_its_chain() => Agrees(
        Pixels().Append(_ml.MulticlassClassification.Trainers.ImageClassification(new() { FeatureColumnName = "Pixels", Epoch = 1 })),
        hasGraph: true);

    [Fact]
    public void A_residual_network_of_spectrograms_predicts_as_its_chain() => Agrees(
        Pixels().Append(_ml.MulticlassClassification.Trainers.ResNet18(new() { Pretrained = false, Stages = 2, Epoch = 1 })),
        hasGraph: true, loadsAlone: true);

    [Fact]
    public void A_classifier_of_ML_NET_without_a_graph_predicts_as_its_chain() => Agrees(
        Keys().Append(_ml.Transforms.LoadAudio("Waveform", "Path")).Append(_ml.Transforms.UtteranceFeatures("Features", "Waveform"))
            .Append(_ml.Transforms.NormalizeMeanVariance("Features"))
            .Append(_ml.MulticlassClassification.Trainers.OneVersusAll(_ml.BinaryClassification.Trainers.LbfgsLogisticRegression())),
        hasGraph: false);

    private EstimatorChain<Microsoft.ML.Transforms.ValueToKeyMappingTransformer> Keys() =>
        new EstimatorChain<ITransformer>().Append(_ml.Transforms.Conversion.MapValueToKey("Label"));

    private EstimatorChain<Microsoft.ML.Transforms.Image.ImagePixelExtractingTransformer> Pixels() =>
        Keys().Append(_ml.Transforms.LoadAudio("Waveform", "Path"))
            .Append(_ml.Transforms.LogMelSpectrogram("LogMel", "Waveform", new LogMelOptions { MelBands = 32 }))
            .Append(_ml.Transforms.SpectrogramImage("Image", "LogMel", new SpectrogramRendererOptions { Width = 48 }))
            .Append(_ml.Transforms.ExtractPixels("Pixels", "Image", ColorBits.Red));

    private void Agrees<T>(EstimatorChain<T> chain, bool hasGraph, bool loadsAlone = false) where T : class, ITransformer
    {
        IDataView clips = Clips();
        ITransformer model = chain.Fit(clips);
        string path = _folder.File("portable.zip");
        ModelRecord record = _ml.Model.SavePortable(model, clips.Schema, path, new Dictionary<string, string> { ["note"] = "kept" }).Record;
        Assert.True(record.Scoring is not null == hasGraph, record.ScoringProblem);
        float[][] expected = [.. model.Transform(clips).GetColumn<VBuffer<float>>("Score").Select(score => score.DenseValues().ToArray())];
        using SerModel predictor = SerModel.Load(path, new() { AnswerAnyway = true });
        Assert.Equal("kept", predictor.Notes["note"]);
        string[] paths = [.. clips.GetColumn<string>("Path")];
        for (int i = 0; i < paths.Length; i++)
        {
            IReadOnlyList<float> found = predictor.Predict(paths[i]).Scores;
            Assert.Equal(1, found.Sum(), Tolerance);
            for (int c = 0; c < found.Count; c++) Assert.Equal(expected[i][c], found[c], Tolerance);
        }
        if (!loadsAlone) return;
        // As ML.NET alone opens it.
        IDataView waves = Views.Waveforms([.. paths.Select(one => LoadAudioTransformer.Decode(one, new()).Samples.ToArray())]);
        float[][] there = new MLContext().Model.Load(path, out _).Transform(waves).Vectors("Score");
        foreach ((float[] here, float[] found) in expected.Zip(there))
            for (int c = 0; c < found.Length; c++) Assert.Equal(here[c], found[c], 1e-4);
    }

    private IDataView Clips()
    {
        var rows = new List<ClipRow>();
        for (int i = 0; i < 24; i++)
        {
            string path = _folder.File($"{i}.wav");
            WavWriter.Write(path, ToneModel.Tone(i % 3, i / 3 % 4, i, 0.4 + (0.05 * (i % 5))));
            rows.Add(new ClipRow { Path = path, Label = ToneModel.Labels[i % 3], Speaker = $"s{i / 3 % 4}" });
        }
        return _ml.Data.LoadFromEnumerable(rows);
    }

    private sealed class ClipRow
    {
        public string Path { get; set; } = "";

        public string Label { get; set; } = "";

        public string Speaker { get; set; } = "";
    }
}
