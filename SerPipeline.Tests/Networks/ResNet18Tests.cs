using Microsoft.ML;
using SerPipeline.Networks;
using SerPipeline.Onnx;
using SerPipeline.Tests.Onnx;
using SerPipeline.Tests.Support;
using SerPipeline.Tests.Transforms;
using TorchSharp;
using static Microsoft.ML.Transforms.Image.ImagePixelExtractingEstimator;
using static TorchSharp.torch;

namespace SerPipeline.Tests.Networks;

/// <summary>ResNet18 as a network: the package's own graph, its parts, and what is frozen.</summary>
public sealed class ResNet18Tests
{
    private const int Side = 224;

    // Blue, green and red of the package's mean image.
    private static readonly float[] Means = [103.06f, 115.90f, 123.15f];

    [Fact]
    public void Features_of_real_spectrograms_are_those_of_the_packages_graph()
    {
        byte[] package = Package();
        float[][] images = Levels(RealVoices.Whole(16000));
        using var network = new ResNet18(8, new SeededRandom(1));
        network.Load(OnnxModel.Read(package));
        network.eval();
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        foreach (float[] levels in images)
        {
            float[] input = [.. Means.SelectMany(mean => levels.Select(level => level - mean))];
            float[] expected = OnnxRuntime.Run(package, (input, [1, 3, Side, Side]))[0].Values.Single().Numbers;
            Tensor pixels = tensor(levels, [1, 1, Side, Side]);
            float[] found = Loops.Floats(network.Features((pixels - 127.5) / 63.75));
            Assert.Equal(512, found.Length);
            Assert.InRange(expected.Max(), 1, 100);
            Loops.Near([.. expected.Select(value => (double)value)], found, 1e-5);
        }
    }

    [Fact]
    public void Another_network_is_refused_with_what_was_missed()
    {
        using var network = new ResNet18(2, new SeededRandom(1));
        using var cnn = new SpectrogramCnn(32, 32, 2, new(), new SeededRandom(1));
        string message = Assert.Throws<ModelFormatException>(() => network.Load(NetworkOnnx.ToModel(cnn, [1, 32, 32]))).Message;
        Assert.Contains("4 convolutions", message, StringComparison.Ordinal);
        Assert.Contains(ResNet18.PackageName, message, StringComparison.Ordinal);
        // As many of them, but of other sizes.
        using var small = new ResNet18(2, new SeededRandom(1), stages: 1);
        Assert.Contains("[64, 3, 7, 7]", Assert.Throws<ModelFormatException>(() => small.Load(Convolutions(9))).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(4, 0)]
    [InlineData(3, 2)]
    public void What_is_frozen_stays_and_the_rest_learns(int stages, int frozen)
    {
        using var network = new ResNet18(3, new SeededRandom(1), stages, frozen);
        Dictionary<string, float[]> before = Loops.State(network);
        Assert.Equal(64 << (stages - 1), before["classifier.weight"].Length / 3);
        Step(network);
        foreach ((string name, float[] now) in Loops.State(network))
        {
            if (name.EndsWith("num_batches_tracked", StringComparison.Ordinal)) continue;
            bool still = frozen > 0 && (name.StartsWith("stem.", StringComparison.Ordinal)
                || Enumerable.Range(1, frozen).Any(stage => name.StartsWith($"stage{stage}.", StringComparison.Ordinal)));
            Assert.True(before[name].SequenceEqual(now) == (still || name == "colors.means"), name);
        }
    }

    [Fact]
    public void The_size_of_the_network_is_that_of_the_package()
    {
        using var network = new ResNet18(8, new SeededRandom(1));
        // Convolutions 49·3·64, 9·(4·64² + 64·128 + 3·128² + 128·256 + 3·256² + 256·512 + 5·512²) and 64·128 + 128·256 + 256·512 of the
        // shortcuts; norms 2·(5·64 + 5·128 + 5·256 + 7·512); the last layer 512·8 + 8.
        Assert.Equal(9408 + (9 * 1_744_896) + 172_032 + 11_648 + 4104, network.TrainableParameters());
        IReadOnlyList<LayerDescription> layers = LayerDescription.Of(network);
        Assert.Equal(22, layers.Count(layer => layer.Kind == "Conv2d"));
        Assert.Equal("stage4.block1.shortcut.conv", layers.Single(layer => layer.Name.StartsWith("stage4.block1.shortcut.c",
            StringComparison.Ordinal)).Name);
    }

    private static void Step(ResNet18 network)
    {
        using DisposeScope scope = NewDisposeScope();
        network.train();
        using optim.Optimizer optimizer = optim.SGD(network.parameters().Where(p => p.requires_grad), 0.1);
        nn.functional.cross_entropy(network.call(Loops.NormalTensor(1, 4, 1, 32, 48)), tensor((long[])[0, 1, 2, 0])).backward();
        optimizer.step();
    }

    private static OnnxModel Convolutions(int count)
    {
        using var chain = nn.Sequential([.. Enumerable.Range(0, count).SelectMany(i => new (string, nn.Module<Tensor, Tensor>)[]
            { ($"conv{i}", nn.Conv2d(2, 2, 1)), ($"norm{i}", nn.BatchNorm2d(2)) })]);
        return NetworkOnnx.ToModel(chain, [2, 3, 3]);
    }

    /// <summary>The package's graph; skips the running test where it is not restored.</summary>
    internal static byte[] Package()
    {
        string path = ResNet18.PackagePath();
        Assert.SkipUnless(File.Exists(path), $"needs {path} of the package {ResNet18.PackageName}");
        return File.ReadAllBytes(path);
    }

    // The images that the chain makes, stretched to the size that the package's graph is for.
    private static float[][] Levels(float[][] clips)
    {
        var ml = new MLContext(1);
        IDataView waves = Views.Waveforms(16000, clips);
        return ml.Transforms.LogMelSpectrogram("Spectrogram", "Waveform")
            .Append(ml.Transforms.SpectrogramImage("Image", "Spectrogram"))
            .Append(ml.Transforms.ResizeImages("Image", Side, Side))
            .Append(ml.Transforms.ExtractPixels("Pixels", "Image", ColorBits.Red))
            .Fit(waves).Transform(waves).Vectors("Pixels");
    }
}
