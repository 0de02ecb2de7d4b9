using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using SerPipeline.Tests.Support;
using SerPipeline.Transforms;

namespace SerPipeline.Tests.Prediction;

/// <summary>The portable zip against the chain on recordings: slow, so it runs when it is asked for.</summary>
public sealed class RealClipTests
{
    private const int Count = 210;

    [Theory(Explicit = true)]
    [Trait("Category", "Slow")]
    [InlineData("utterance features")]
    [InlineData("spectrogram images")]
    public void The_portable_zip_scores_recordings_as_the_chain_does(string input)
    {
        string folder = Companions.Require("corpora");
        string[] files = [.. Directory.GetFiles(folder, "*.flac", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
        Assert.SkipUnless(files.Length >= Count, $"needs {Count} recordings in shared/corpora");
        int step = files.Length / Count;
        Row[] rows = [.. Enumerable.Range(0, Count)
            .Select(i => new Row { Path = files[i * step], Label = new[] { "a", "b", "c" }[i % 3] })];
        var ml = new MLContext(seed: 1);
        IDataView clips = ml.Data.LoadFromEnumerable(rows);
        var options = new LoadAudioOptions();
        IEstimator<ITransformer> start = ml.Transforms.Conversion.MapValueToKey("Label")
            .Append((IEstimator<ITransformer>)ml.Transforms.LoadAudio("Waveform", "Path", options));
        IEstimator<ITransformer> chain = input == "spectrogram images"
            ? start.Append(ml.Transforms.LogMelSpectrogram("Spectrogram", "Waveform"))
                .Append(ml.Transforms.SpectrogramImage("Image", "Spectrogram"))
                .Append(ml.Transforms.ExtractPixels("Pixels", "Image", ImagePixelExtractingEstimator.ColorBits.Red))
                .Append(ml.MulticlassClassification.Trainers.ImageClassification(new() { FeatureColumnName = "Pixels", Epoch = 2 }))
            : start.Append(ml.Transforms.UtteranceFeatures("Features", "Waveform"))
                .Append((IEstimator<ITransformer>)ml.Transforms.NormalizeMeanVariance("Features"))
                .Append(ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy());
        ITransformer model = chain.Append(ml.Transforms.Conversion.MapKeyToValue("PredictedLabel")).Fit(clips);
        using var temporary = new TemporaryFolder();
        string path = ml.Model.SavePortable(model, clips.Schema, temporary.File("portable.zip")).FilePath;
        ITransformer portable = new MLContext().Model.Load(path, out _);
        IDataView waves = ml.Data.LoadFromEnumerable(
            rows.Select(r => new Wave { Waveform = [.. LoadAudioTransformer.Decode(r.Path, options).Samples] }));
        IDataView expected = model.Transform(clips), found = portable.Transform(waves);
        float[][] scores = [.. expected.GetColumn<float[]>("Score")];
        float[] differences = [.. scores.Zip(found.GetColumn<float[]>("Score"))
            .Select(pair => pair.First.Zip(pair.Second).Max(v => Math.Abs(v.First - v.Second)))];
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{input}: worst difference {differences.Max()}, {differences.Count(d => d > 1e-5)} "
            + $"of {Count} above 1e-5");
        Assert.InRange(differences.Max(), 0, 1e-4f);
        foreach ((float[] score, (string a, string b)) in scores
            .Zip(expected.GetColumn<string>("PredictedLabel").Zip(found.GetColumn<string>("PredictedLabel"))))
        {
            float[] sorted = [.. score.OrderDescending()];
            if (sorted[0] - sorted[1] > 1e-4f) Assert.Equal(a, b);
        }
    }

    private sealed class Row
    {
        public string Path { get; set; } = "";

        public string Label { get; set; } = "";
    }

    private sealed class Wave
    {
        public float[] Waveform { get; set; } = [];
    }
}
