using System.Text;
using Microsoft.ML;
using Microsoft.ML.Data;
using SerPipeline.Evaluation;
using SerPipeline.Onnx;
using SerPipeline.Prediction;
using SerPipeline.Tests.Onnx;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Console;

public sealed class ModelCommandTests(TrainedDemo demo) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Show_tells_both_sides_of_a_model()
    {
        string path = Cnn();
        string output = (await ConsoleRun.Of("model", "show", path)).Succeeds().Output;
        foreach (string part in new[]
        {
            "format   3", "input    Audio: mono samples at 16000 Hz", "LoadAudio: Path -> Audio", "SpectrogramImage: LogMel -> Image",
                "opset 17", "in   Image: Float [",
            "out  probabilities: Float [", "What ML.NET finds", "input    Audio: Vector<Single>", "OnnxTransformer",
                "MulticlassPredictionTransformer<MaximumEntropyModelParameters>",
            "PredictedLabel: String",
        })
            Assert.Contains(part, output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Show_says_why_a_model_has_no_graph()
    {
        string output = (await ConsoleRun.Of("model", "show", WithoutGraph())).Succeeds().Output;
        Assert.Contains("network  none: ML.NET scores.", output, StringComparison.Ordinal);
        Assert.Contains("What ML.NET finds", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Show_reads_a_model_that_ml_net_saved()
    {
        string output = (await ConsoleRun.Of("model", "show", Companions.Require("formats", "mlnet-golden", "onnx_mapvalue.zip")))
            .Succeeds().Output;
        Assert.Contains("No model of SerPipeline", output, StringComparison.Ordinal);
        Assert.Contains("ValueMappingTransformer", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Export_writes_the_graphs_of_the_models_stages_and_scores_as_one()
    {
        string path = Cnn(), onnx = Path.ChangeExtension(path, ".onnx");
        string output = (await ConsoleRun.Of("model", "export", path)).Succeeds().Output;
        Assert.Contains("waveform: Float [batch, samples], mono at 16000 Hz", output, StringComparison.Ordinal);
        Assert.Equal(OnnxExporter.Export(ModelRecord.Read(path)).ToBytes(),
            await File.ReadAllBytesAsync(onnx, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Export_starts_from_features_where_it_is_told_to_and_says_why_there_is_none()
    {
        string path = Utterance(), onnx = _folder.File("features.onnx");
        (await ConsoleRun.Of("model", "export", path, "-o", onnx, "--from", "Features")).Succeeds();
        OnnxModel model = OnnxModel.Read(await File.ReadAllBytesAsync(onnx, TestContext.Current.CancellationToken));
        Assert.Equal("Features", Assert.Single(model.Graph.Inputs).Name);
        File.Delete(onnx);
        foreach (string[] args in new string[][] { [path, "--from", "Feelings"], [WithoutGraph()] })
        {
            ConsoleRun refused = await ConsoleRun.Of(["model", "export", "-o", onnx, .. args]);
            Assert.Equal(1, refused.ExitCode);
            Assert.Contains(args.Length > 1 ? "'Feelings'" : "cannot be exported to ONNX", refused.Error, StringComparison.Ordinal);
            Assert.False(File.Exists(onnx));
        }
    }

    [Theory]
    [InlineData("mlp-random", "warning  Training and test share speakers: 4 speakers",
        "random: Clips were split at random, regardless of speaker.")]
    [InlineData("mlp-speaker", "folds.json ", "speaker-independent: No speaker of the test clips was heard in training or validation.")]
    public async Task Show_tells_the_scores_and_what_they_do_not_show(string run, string sign, string protocol)
    {
        string folder = Path.Combine(await demo.Runs, run);
        string output = (await ConsoleRun.Of("model", "show", Path.Combine(folder, "model.zip"))).Succeeds().Output;
        RunMetrics metrics = MetricsFile.Read(Path.Combine(folder, "metrics.json")).Runs[0];
        Assert.Contains(FormattableString.Invariant($"scores   UAR {metrics.Uar:0.000} (95 %: {metrics.Intervals!.Uar[0]:0.000}-"), output,
            StringComparison.Ordinal);
        Assert.Contains("protocol " + protocol, output, StringComparison.Ordinal);
        Assert.Contains("it does not show ", output, StringComparison.Ordinal);
        Assert.Contains("files    README.md ", output, StringComparison.Ordinal);
        Assert.Contains(sign, output, StringComparison.Ordinal);
        Assert.Equal(run == "mlp-random", output.Contains("share speakers", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Show_writes_a_file_of_the_model_as_it_is_and_nothing_else()
    {
        string path = Path.Combine(await demo.Runs, "mlp-speaker", "model.zip");
        foreach ((string option, string name) in new[] { ("--card", "README.md"), ("--metrics", "metrics.json"),
            ("--folds", "folds.json") })
        {
            ConsoleRun run = (await ConsoleRun.Of("model", "show", path, option)).Succeeds();
            Assert.Equal(Encoding.UTF8.GetString(ModelRecord.Read(path).Attachments[name].Span), run.Output);
            Assert.Empty(run.Error);
        }
    }

    [Fact]
    public async Task Show_says_which_file_a_model_lacks()
    {
        string bare = Cnn(), random = Path.Combine(await demo.Runs, "mlp-random", "model.zip");
        foreach ((string path, string option, string name) in new[] { (bare, "--card", "README.md"), (bare, "--metrics", "metrics.json"),
            (bare, "--folds", "folds.json"), (random, "--folds", "folds.json") })
        {
            ConsoleRun run = await ConsoleRun.Of("model", "show", path, option);
            Assert.Equal((1, ""), (run.ExitCode, run.Output));
            Assert.Contains($"it has no file {name}", run.Error, StringComparison.Ordinal);
        }
        Assert.Equal(2, (await ConsoleRun.Of("model", "show", bare, "--card", "--metrics")).ExitCode);
    }

    [Fact]
    public async Task Show_says_that_a_foreign_file_of_that_name_holds_no_scores_and_tells_the_rest()
    {
        string path = _folder.File("foreign.zip");
        Save(ExportedChains.Cnn(), path, new() { ["metrics.json"] = "{}"u8.ToArray() });
        string output = (await ConsoleRun.Of("model", "show", path)).Succeeds().Output;
        Assert.Contains("scores   not read: Expected metrics (metrics.json)", output, StringComparison.Ordinal);
        Assert.Contains("What ML.NET finds", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_model_is_refused()
    {
        string file = _folder.File("no.zip");
        await File.WriteAllTextAsync(file, "no zip", TestContext.Current.CancellationToken);
        foreach (string[] args in new string[][] { ["model", "show", file], ["model", "show", _folder.File("absent.zip")],
            ["model", "export", file] })
        {
            ConsoleRun run = await ConsoleRun.Of(args);
            Assert.Equal(1, run.ExitCode);
            Assert.StartsWith("error: ", run.Error, StringComparison.Ordinal);
        }
        Assert.Equal(2, (await ConsoleRun.Of("model")).ExitCode);
    }

    private string Cnn() => Save(ExportedChains.Cnn(), _folder.File("cnn.zip"));

    private string Utterance() => Save(ExportedChains.Utterance(), _folder.File("utterance.zip"));

    // A classifier of ML.NET's that has no form in ONNX here.
    private string WithoutGraph()
    {
        var ml = new MLContext(seed: 1);
        Row[] rows = [.. Enumerable.Range(0, 12).Select(i => new Row { Label = i % 2 == 0 ? "calm" : "angry", Features = [i % 2, i] })];
        IDataView view = ml.Data.LoadFromEnumerable(rows);
        ITransformer model = ml.Transforms.Conversion.MapValueToKey("Label")
            .Append(ml.MulticlassClassification.Trainers.OneVersusAll(ml.BinaryClassification.Trainers.LbfgsLogisticRegression()))
            .Fit(view);
        string path = _folder.File("without.zip");
        Assert.Null(ml.Model.SavePortable(model, view.Schema, path).Record.Scoring);
        return path;
    }

    private static string Save(TransformerChain<ITransformer> chain, string path, Dictionary<string,
        ReadOnlyMemory<byte>>? attachments = null)
    {
        using (chain) new MLContext().Model.SavePortable(chain, ExportedChains.Paths, path, attachments: attachments);
        return path;
    }

    private sealed class Row
    {
        public string Label { get; set; } = "";

        [VectorType(2)]
        public float[] Features { get; set; } = [];
    }
}
