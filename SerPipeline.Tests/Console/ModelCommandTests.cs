using System.Text;
using SerPipeline.Evaluation;
using SerPipeline.Old.Pipeline;
using SerPipeline.Onnx;
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
            "format   2", "ImageClassification, history.json", "ML.NET   yes", "Label: Text, waveform: Vector<Single>", "OnnxTransform (waveform, logits)", "opset 17",
            "probabilities: Float [batch, 8]", "sample_rate_hz: 16000",
        })
            Assert.Contains(part, output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Show_says_why_a_model_is_none_of_ml_net()
    {
        string path = WithoutForm();
        string output = (await ConsoleRun.Of("model", "show", path)).Succeeds().Output;
        Assert.Contains("ML.NET   no: SpectrogramImage cannot be exported", output, StringComparison.Ordinal);
        Assert.DoesNotContain("What ML.NET finds", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Show_reads_a_model_that_ml_net_saved()
    {
        string output = (await ConsoleRun.Of("model", "show", Companions.Require("formats", "mlnet-golden", "onnx_mapvalue.zip"))).Succeeds().Output;
        Assert.Contains("No model of SerPipeline", output, StringComparison.Ordinal);
        Assert.Contains("ValueMappingTransformer", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Export_writes_the_graph_that_the_model_file_holds()
    {
        string path = Cnn(), onnx = Path.ChangeExtension(path, ".onnx");
        string output = (await ConsoleRun.Of("model", "export", path)).Succeeds().Output;
        Assert.Contains("waveform: Float [batch, samples], mono at 16000 Hz", output, StringComparison.Ordinal);
        Assert.Equal(new SerContext().Model.ReadDocument(path).Onnx!.Value.ToArray(), await File.ReadAllBytesAsync(onnx, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Export_from_features_starts_there_and_from_the_waveform_says_why_not()
    {
        string path = WithoutForm(), onnx = _folder.File("features.onnx");
        ConsoleRun refused = await ConsoleRun.Of("model", "export", path, "-o", onnx);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("SpectrogramImage", refused.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(onnx));
        (await ConsoleRun.Of("model", "export", path, "-o", onnx, "--from", "Features")).Succeeds();
        OnnxModel model = OnnxModel.Read(await File.ReadAllBytesAsync(onnx, TestContext.Current.CancellationToken));
        Assert.Equal("Features", Assert.Single(model.Graph.Inputs).Name);
        Assert.Equal(1, (await ConsoleRun.Of("model", "export", path, "-o", onnx, "--from", "Feelings")).ExitCode);
    }

    [Theory]
    [InlineData("mlp-random", "warning  Training and test share speakers: 4 speakers", "random: Clips were parted at random, whoever spoke them.")]
    [InlineData("mlp-speaker", "folds.json ", "speaker-independent: No speaker of the test clips was heard in training or validation.")]
    public async Task Show_tells_the_scores_and_what_they_do_not_show(string run, string sign, string protocol)
    {
        string folder = Path.Combine(await demo.Runs, run);
        string output = (await ConsoleRun.Of("model", "show", Path.Combine(folder, "model.zip"))).Succeeds().Output;
        RunMetrics metrics = MetricsFile.Read(Path.Combine(folder, "metrics.json")).Runs[0];
        Assert.Contains(FormattableString.Invariant($"scores   UAR {metrics.Uar:0.000} (95 %: {metrics.Intervals!.Uar[0]:0.000}-"), output, StringComparison.Ordinal);
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
        foreach ((string option, string name) in new[] { ("--card", "README.md"), ("--metrics", "metrics.json"), ("--folds", "folds.json") })
        {
            ConsoleRun run = (await ConsoleRun.Of("model", "show", path, option)).Succeeds();
            Assert.Equal(Encoding.UTF8.GetString(new SerContext().Model.ReadDocument(path).Attachments[name].Span), run.Output);
            Assert.Empty(run.Error);
        }
    }

    [Fact]
    public async Task Show_says_which_file_a_model_lacks()
    {
        string bare = Cnn(), random = Path.Combine(await demo.Runs, "mlp-random", "model.zip");
        foreach ((string path, string option, string name) in new[] { (bare, "--card", "README.md"), (bare, "--metrics", "metrics.json"), (bare, "--folds", "folds.json"), (random, "--folds", "folds.json") })
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
        string path = Cnn();
        var ser = new SerContext();
        ser.Model.Save(ser.Model.ReadDocument(path) with { Attachments = new Dictionary<string, ReadOnlyMemory<byte>> { ["metrics.json"] = "{}"u8.ToArray() } }, path);
        string output = (await ConsoleRun.Of("model", "show", path)).Succeeds().Output;
        Assert.Contains("scores   not read: Expected metrics (metrics.json)", output, StringComparison.Ordinal);
        Assert.Contains("ML.NET   yes", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_model_is_refused()
    {
        string file = _folder.File("no.zip");
        await File.WriteAllTextAsync(file, "no zip", TestContext.Current.CancellationToken);
        foreach (string[] args in new string[][] { ["model", "show", file], ["model", "show", _folder.File("absent.zip")], ["model", "export", file] })
        {
            ConsoleRun run = await ConsoleRun.Of(args);
            Assert.Equal(1, run.ExitCode);
            Assert.StartsWith("error: ", run.Error, StringComparison.Ordinal);
        }
        Assert.Equal(2, (await ConsoleRun.Of("model")).ExitCode);
    }

    private string Cnn()
    {
        using TransformerChain<ITransformer> chain = ExportedChains.Cnn();
        return Save(chain);
    }

    private string WithoutForm()
    {
        using TransformerChain<ITransformer> chain = ExportedChains.WithoutForm();
        return Save(chain);
    }

    private string Save(ITransformer chain)
    {
        string path = _folder.File("model.zip");
        new SerContext().Model.Save(chain, ExportedChains.Paths, path);
        return path;
    }
}
