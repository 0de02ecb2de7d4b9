using SerPipeline.Onnx;
using SerPipeline.Pipeline;
using SerPipeline.Tests.Onnx;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Console;

public sealed class ModelCommandTests : IDisposable
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
