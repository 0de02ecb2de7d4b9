using Microsoft.ML;
using Microsoft.ML.Data;
using SerPipeline.Onnx;
using SerPipeline.Prediction;
using SerPipeline.Tests.Prediction;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Robustness;

/// <summary>A model that scores through ML.NET's own chain and is quick to load: a graph of three measures of the waveform, and a
/// classifier of ML.NET.</summary>
internal static class TinyChain
{
    public static byte[] Zip()
    {
        using var folder = new TemporaryFolder();
        var ml = new MLContext(seed: 1);
        var graph = new OnnxGraphBuilder();
        OnnxValue waveform = graph.Input("Waveform", OnnxType.Float, 1, "samples");
        graph.Output("Measures", graph.Concat(1, waveform.Sum(1), waveform.Greatest(1), waveform.Least(1)), 1, 3);
        string path = folder.File("measures.onnx");
        File.WriteAllBytes(path, new OnnxModel { Graph = graph.Build("measures") }.ToBytes());
        IDataView clips = ml.Data.LoadFromEnumerable(Enumerable.Range(0, 12).Select(i => new Row
        {
            Label = ToneModel.Labels[i % 3],
            Waveform = [.. ToneModel.Tone(i % 3, 0, i).Samples.ToArray().Select(sample => sample * (1 + (i % 3)))],
        }));
        ITransformer measures = ml.Transforms.ApplyOnnxModel(["Measures"], ["Waveform"], path).Fit(clips);
        IDataView measured = measures.Transform(clips);
        ITransformer keys = ml.Transforms.Conversion.MapValueToKey("Label").Fit(measured);
        ITransformer classifier = ml.MulticlassClassification.Trainers.SdcaMaximumEntropy(featureColumnName: "Measures",
            maximumNumberOfIterations: 5).Fit(keys.Transform(measured));
        using var saved = new MemoryStream();
        ml.Model.Save(new TransformerChain<ITransformer>(measures, classifier), clips.Schema, saved);
        saved.Position = 0;
        using var zip = new MemoryStream();
        ModelZip.Write(zip, saved, ToneModel.Record(1, "") with { Scoring = null, ScoringInputs = [], ScoringProblem = "left out" });
        return zip.ToArray();
    }

    private sealed class Row
    {
        public string Label { get; set; } = "";

        public float[] Waveform { get; set; } = [];
    }
}
