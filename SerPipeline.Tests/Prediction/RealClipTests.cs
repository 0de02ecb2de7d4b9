using Microsoft.ML;
using Microsoft.ML.Data;
using SerPipeline.Tests.Support;
using SerPipeline.Transforms;

namespace SerPipeline.Tests.Prediction;

/// <summary>The portable zip against the chain on recordings: slow, so it runs when it is asked for.</summary>
public sealed class RealClipTests
{
    private const int Count = 210;

    [Fact(Explicit = true)]
    [Trait("Category", "Slow")]
    public void The_portable_zip_scores_recordings_as_the_chain_does()
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
        ITransformer model = ml.Transforms.Conversion.MapValueToKey("Label")
            .Append((IEstimator<ITransformer>)ml.Transforms.LoadAudio("Waveform", "Path", options))
            .Append(ml.Transforms.UtteranceFeatures("Features", "Waveform"))
            .Append((IEstimator<ITransformer>)ml.Transforms.NormalizeMeanVariance("Features"))
            .Append(ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy())
            .Append(ml.Transforms.Conversion.MapKeyToValue("PredictedLabel")).Fit(clips);
        using var temporary = new TemporaryFolder();
        string path = ml.Model.SavePortable(model, clips.Schema, temporary.File("portable.zip")).FilePath;
        ITransformer portable = new MLContext().Model.Load(path, out _);
        IDataView waves = ml.Data.LoadFromEnumerable(
            rows.Select(r => new Wave { Waveform = [.. LoadAudioTransformer.Decode(r.Path, options).Samples] }));
        IDataView expected = model.Transform(clips), found = portable.Transform(waves);
        float worst = expected.GetColumn<float[]>("Score").Zip(found.GetColumn<float[]>("Score"))
            .Max(pair => pair.First.Zip(pair.Second).Max(v => Math.Abs(v.First - v.Second)));
        TestContext.Current.TestOutputHelper?.WriteLine($"worst difference {worst}");
        Assert.InRange(worst, 0, 1e-4f);
        foreach ((float[] scores, (string a, string b)) in expected.GetColumn<float[]>("Score")
            .Zip(expected.GetColumn<string>("PredictedLabel").Zip(found.GetColumn<string>("PredictedLabel"))))
        {
            float[] sorted = [.. scores.OrderDescending()];
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
