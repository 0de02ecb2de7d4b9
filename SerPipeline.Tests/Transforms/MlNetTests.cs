using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;
using Microsoft.ML.Transforms;
using Microsoft.ML.Transforms.Image;
using SerPipeline.Corpora;
using SerPipeline.Features;

namespace SerPipeline.Tests.Transforms;

/// <summary>ML.NET's own stages, trainers and helpers before, between and behind the stages.</summary>
public sealed class MlNetTests(Recordings files) : IClassFixture<Recordings>
{
    private readonly MLContext _ml = new(seed: 1);

    public static TheoryData<string> Trainers =>
        ["LbfgsMaximumEntropy", "SdcaMaximumEntropy", "LightGbm", "OneVersusAll(FastTree)", "OneVersusAll(LinearSvm)"];

    private IDataView Clips => _ml.Data.LoadCorpus(files.Corpus(speakers: 4, takes: 3));

    private EstimatorChain<NormalizingTransformer> Features => _ml.Transforms.Conversion.MapValueToKey("Label")
        .Append(_ml.Transforms.LoadAudio("Waveform", "Path"))
        .Append(_ml.Transforms.UtteranceFeatures("Features", "Waveform"))
        .Append(_ml.Transforms.NormalizeMeanVariance("Features"));

    [Theory]
    [MemberData(nameof(Trainers))]
    public void Trainers_learn_tones_of_speakers_never_heard(string trainer)
    {
        DataOperationsCatalog.TrainTestData split = _ml.Data.SpeakerSplit(Clips, testFraction: 0.25);
        var model = Features.AppendCacheCheckpoint(_ml).Append(Trainer(trainer)).Fit(split.TrainSet);
        MulticlassClassificationMetrics metrics = _ml.MulticlassClassification.Evaluate(model.Transform(split.TestSet));
        Assert.Equal(3, metrics.ConfusionMatrix.NumberOfClasses);
        Assert.True(metrics.MicroAccuracy >= 0.85, $"accuracy {metrics.MicroAccuracy}");
    }

    [Fact]
    public void Cross_validation_keeps_speakers_together()
    {
        var chain = Features.Append(Trainer("LbfgsMaximumEntropy"));
        var folds = _ml.MulticlassClassification.CrossValidate(Clips, chain, numberOfFolds: 2, samplingKeyColumnName: "Speaker");
        Assert.Equal(2, folds.Count);
        string[][] tested = [.. folds.Select(f => f.ScoredHoldOutSet.Texts("Speaker").Distinct().ToArray())];
        Assert.Empty(tested[0].Intersect(tested[1]));
        Assert.Equal(4, tested.Sum(t => t.Length));
        Assert.All(folds, f => Assert.True(f.Metrics.MicroAccuracy >= 0.85));
    }

    [Fact]
    public void Permutation_importance_names_the_features()
    {
        IDataView rows = Features.Fit(Clips).Transform(Clips), train = _ml.Data.Cache(rows, "Features", "Label");
        var model = _ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy().Fit(train);
        var importance = _ml.MulticlassClassification.PermutationFeatureImportance(model, train, permutationCount: 1);
        string[] names = [.. new UtteranceFeatures().Names];
        Assert.Equal(names.Length, importance.Length);
        var byName = _ml.MulticlassClassification.PermutationFeatureImportance((ITransformer)model, train, permutationCount: 1);
        Assert.Equal(names.Order(StringComparer.Ordinal), byName.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_prediction_engine_takes_a_path_and_gives_what_the_view_gives()
    {
        var model = Features.Append(Trainer("LbfgsMaximumEntropy")).Append(_ml.Transforms.Conversion.MapKeyToValue("PredictedLabel"))
            .Fit(Clips);
        IDataView scored = model.Transform(Clips);
        float[][] scores = scored.Vectors("Score");
        string[] labels = scored.Texts("PredictedLabel"), paths = Clips.Texts("Path");
        using PredictionEngine<Clip, Prediction> engine = _ml.Model.CreatePredictionEngine<Clip, Prediction>(model);
        for (int i = 0; i < paths.Length; i += 5)
        {
            Prediction prediction = engine.Predict(new() { Path = paths[i] });
            Assert.Equal(scores[i], prediction.Score);
            Assert.Equal(labels[i], prediction.PredictedLabel);
        }
    }

    [Fact]
    public void An_estimator_that_is_fitted_again_leaves_the_first_fit_as_it_was()
    {
        var image = _ml.Transforms.SpectrogramImage("Image", "Spectrogram", new() { Width = 24 });
        ITransformer Fit(int bands) => _ml.Transforms.LoadAudio("Waveform", "Path")
            .Append(_ml.Transforms.LogMelSpectrogram("Spectrogram", "Waveform", new() { MelBands = bands })).Append(image).Fit(Clips);
        ITransformer first = Fit(16);
        Fit(20);
        using var saved = new MemoryStream();
        _ml.Model.Save(first, Clips.Schema, saved);
        saved.Position = 0;
        Assert.Equal(new ImageDataViewType(16, 24), _ml.Model.Load(saved, out _).GetOutputSchema(Clips.Schema)["Image"].Type);
    }

    [Fact]
    public void Rows_of_a_class_are_loaded_and_previewed()
    {
        Corpus corpus = files.Corpus(1, 1);
        IDataView rows = _ml.Data.LoadFromEnumerable(corpus.Clips.Select(c => new Clip { Path = c.Path, Label = c.Label }));
        var chain = _ml.Transforms.LoadAudio("Waveform", "Path").Append(_ml.Transforms.LogMelSpectrogram("Spectrogram", "Waveform"));
        DataDebuggerPreview preview = chain.Preview(rows, maxRows: 2);
        Assert.Equal(["Path", "Label", "Waveform", "Spectrogram"], preview.Schema.Select(c => c.Name));
        Assert.Equal(2, preview.RowView.Length);
        float[][] expected = _ml.Transforms.LoadAudio("Waveform", "Path").Fit(rows).Transform(_ml.Data.LoadCorpus(corpus))
            .Vectors("Waveform");
        Loaded[] loaded =
            [.. _ml.Data.CreateEnumerable<Loaded>(chain.Fit(rows).Transform(rows), reuseRowObject: false, ignoreMissingColumns: true)];
        Assert.Equal(expected, loaded.Select(l => l.Waveform));
    }

    [Fact]
    public void Image_stages_take_the_spectrogram_and_find_the_renderers_bytes()
    {
        LogMelOptions mel = new() { MelBands = 16 };
        SpectrogramRendererOptions options = new() { Width = 24 };
        IDataView clips = _ml.Data.LoadCorpus(files.Corpus(1, 1));
        IDataView output = _ml.Transforms.LoadAudio("Waveform", "Path")
            .Append(_ml.Transforms.LogMelSpectrogram("Spectrogram", "Waveform", mel))
            .Append(_ml.Transforms.SpectrogramImage("Image", "Spectrogram", options))
            .Append(_ml.Transforms.ExtractPixels("Pixels", "Image", ImagePixelExtractingEstimator.ColorBits.Red))
            .Append(_ml.Transforms.ExtractPixels("Colors", "Image"))
            .Append(_ml.Transforms.ConvertToGrayscale("Gray", "Image"))
            .Append(_ml.Transforms.ExtractPixels("GrayPixels", "Gray", ImagePixelExtractingEstimator.ColorBits.Green))
            .Append(_ml.Transforms.ResizeImages("Small", 12, 8, "Image", ImageResizingEstimator.ResizingKind.Fill))
            .Append(_ml.Transforms.ExtractPixels("SmallPixels", "Small", ImagePixelExtractingEstimator.ColorBits.Blue)).Fit(clips)
                .Transform(clips);
        Assert.Equal(new ImageDataViewType(16, 24), output.Schema["Image"].Type);
        float[][] waveforms = output.Vectors("Waveform"), pixels = output.Vectors("Pixels"), gray = output.Vectors("GrayPixels"),
            colors = output.Vectors("Colors");
        for (int i = 0; i < waveforms.Length; i++)
        {
            FrameMatrix frames = new LogMelExtractor(mel).Extract(waveforms[i]);
            byte[] expected = new SpectrogramRenderer(options).Render(frames.Values, frames.Bands, frames.Frames).Image.Pixels;
            float[] levels = [.. expected.Select(p => (float)p)];
            Assert.Equal(levels, pixels[i]);
            Assert.Equal(levels.Concat(levels).Concat(levels), colors[i]);
            // Skia's weights of the three colours do not sum to 1 exactly.
            Assert.All(levels.Zip(gray[i]), p => Assert.Equal(p.First, p.Second, 1.0f));
        }
        Assert.All(output.Vectors("SmallPixels"), p => Assert.Equal(96, p.Length));
    }

    [Fact]
    public void Rates_that_do_not_fit_are_told_before_a_file_is_read()
    {
        IDataView files = _ml.Data.LoadFiles(["nowhere.wav"]);
        var chain = _ml.Transforms.LoadAudio("Waveform", "Path", new() { SampleRateHz = 8000 })
            .Append(_ml.Transforms.UtteranceFeatures("Features", "Waveform"));
        string message = Assert.Throws<SchemaException>(() => chain.Fit(files)).Message;
        Assert.All(["UtteranceFeatures", "16000", "8000", "'Waveform'"], part => Assert.Contains(part, message, StringComparison.Ordinal));
    }

    private IEstimator<ITransformer> Trainer(string name) => name switch
    {
        "LbfgsMaximumEntropy" => _ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy(),
        // Of hundreds of slots: the penalty that it would choose by itself lets it learn nothing from so few clips.
        "SdcaMaximumEntropy" => _ml.MulticlassClassification.Trainers.SdcaMaximumEntropy(l2Regularization: 0.01f,
            maximumNumberOfIterations: 200),
        "LightGbm" =>
            _ml.MulticlassClassification.Trainers.LightGbm(numberOfLeaves: 4, minimumExampleCountPerLeaf: 2, numberOfIterations: 20),
        "OneVersusAll(FastTree)" => _ml.MulticlassClassification.Trainers.OneVersusAll(
            _ml.BinaryClassification.Trainers.FastTree(numberOfLeaves: 4, numberOfTrees: 20, minimumExampleCountPerLeaf: 2)),
        _ =>
            _ml.MulticlassClassification.Trainers.OneVersusAll(
            _ml.BinaryClassification.Trainers.LinearSvm(new LinearSvmTrainer.Options { NumberOfIterations = 20 })),
    };

    internal sealed class Clip
    {
        public string Path { get; set; } = "";

        public string Label { get; set; } = "";
    }

    internal sealed class Loaded
    {
        public float[] Waveform { get; set; } = [];
    }

    internal sealed class Prediction
    {
        public float[] Score { get; set; } = [];

        public string PredictedLabel { get; set; } = "";
    }
}
