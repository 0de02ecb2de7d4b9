using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Trainers;
using SerPipeline.Onnx;
using SerPipeline.Tests.Support;
using SerPipeline.Transforms;

namespace SerPipeline.Tests.Transforms;

/// <summary>Fails first, and says what moved, when another version of Microsoft.ML no longer has what the stages reach for.</summary>
public sealed class MlNetInternalsTests
{
    [Fact]
    public void Shapes_are_made_and_read()
    {
        SchemaShape.Column column = Reach("SchemaShape.Column's constructor", () =>
            MlNetInternals.ShapeColumn("Waveform", SchemaShape.Column.VectorKind.VariableVector, NumberDataViewType.Single, false, null));
        Assert.Equal(("Waveform", SchemaShape.Column.VectorKind.VariableVector, false), (column.Name, column.Kind, column.IsKey));
        Assert.Equal(NumberDataViewType.Single, column.ItemType);
        SchemaShape shape = Reach("SchemaShape.Create", () => MlNetInternals.ShapeOf(new MLContext().Data.LoadFiles([]).Schema));
        Assert.Equal("Path", Assert.Single(shape).Name);
    }

    [Fact]
    public void Parts_of_a_division_are_put_together()
    {
        IDataView train = new MLContext().Data.LoadFiles(["a"]), test = new MLContext().Data.LoadFiles(["b"]);
        DataOperationsCatalog.TrainTestData parts = Reach("TrainTestData's constructor", () => MlNetInternals.TrainTestData(train, test));
        Assert.Same(train, parts.TrainSet);
        Assert.Same(test, parts.TestSet);
    }

    [Fact]
    public void Catalogs_tell_their_environment()
    {
        var ml = new MLContext(seed: 3);
        foreach (object catalog in new object[] { ml.Transforms, ml.Transforms.Conversion, ml.Data, ml.Model, ml.MulticlassClassification,
            ml.MulticlassClassification.Trainers })
            Assert.NotNull(Reach($"CatalogUtils.GetEnvironment of {catalog.GetType().Name}", () => MlNetInternals.EnvironmentOf(catalog)));
    }

    [Fact]
    public void A_classifier_of_identity_weights_gives_softmax_of_its_input_and_a_key()
    {
        var ml = new MLContext();
        IDataView rows = ml.Data.LoadFromEnumerable([new Row { Logits = [1, 3, 2], Label = 1 }]);
        VBuffer<float>[] identity =
            [.. Enumerable.Range(0, 3).Select(i => new VBuffer<float>(3, [.. Enumerable.Range(0, 3).Select(j => i == j ? 1f : 0)]))];
        MaximumEntropyModelParameters model = Reach("MaximumEntropyModelParameters' constructor", () =>
            MlNetInternals.MaximumEntropy(ml, identity, new float[3], 3, 3, ["a", "b", "c"], null));
        var head = Reach("MulticlassPredictionTransformer's constructor", () =>
            MlNetInternals.PredictionTransformer(ml, model, rows.Schema, "Logits", "Label", "Score", "PredictedLabel"));
        IDataView scored = head.Transform(rows);
        float[] scores = Assert.Single(scored.Vectors("Score"));
        double sum = Math.Exp(1) + Math.Exp(2) + Math.Exp(3);
        Assert.Equal([Math.Exp(1) / sum, Math.Exp(3) / sum, Math.Exp(2) / sum], scores.Select(s => (double)s), (x, y) =>
            Math.Abs(x - y) < 1e-6);
        Assert.Equal([2u], scored.Values<uint>("PredictedLabel"));
    }

    [Fact]
    public void A_model_is_opened_once_more_where_its_temporary_file_has_an_ending_of_another_format()
    {
        // x + x. Once ONNX Runtime takes a sound model by any name, TemporaryGraphs.Opened can go.
        var graph = new OnnxGraphBuilder();
        OnnxValue x = graph.Input("x", OnnxType.Float, 1);
        graph.Output("y", x + x, 1);
        using var folder = new TemporaryFolder();
        string sound = folder.File("model.onnx"), misnamed = folder.File("model.ort");
        File.WriteAllBytes(sound, OnnxModel.Of(graph.Build("twice")).ToBytes());
        File.Copy(sound, misnamed);
        using var session = new InferenceSession(sound);
        // As ML.NET wraps it.
        var error = Assert.Throws<InvalidOperationException>(() => new MLContext().Transforms.ApplyOnnxModel("y", "x", misnamed));
        int tries = 0;
        Assert.Equal(2, TemporaryGraphs.Opened(() => ++tries == 1 ? throw error : tries));
        Assert.Throws<InvalidOperationException>(() => TemporaryGraphs.Opened<int>(() => throw error));
        tries = 0;
        Assert.Throws<InvalidDataException>(() => TemporaryGraphs.Opened<int>(() =>
        {
            tries++;
            throw new InvalidDataException("something else");
        }));
        Assert.Equal(1, tries);
    }

    private static T Reach<T>(string what, Func<T> reach)
    {
        try
        {
            return reach();
        }
        catch (Exception e) when (e is MissingMemberException or TypeLoadException or BadImageFormatException)
        {
            string version = typeof(MLContext).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;
            Assert.Fail(
                $"Microsoft.ML {version} no longer has {what} as it was in 5.0.1: correct SerPipeline/Transforms/MlNetInternals.cs. "
                    + $"({e.Message})");
            throw;
        }
    }

    private sealed class Row
    {
        [VectorType(3)]
        public float[] Logits { get; set; } = [];

        [KeyType(3)]
        public uint Label { get; set; }
    }
}
