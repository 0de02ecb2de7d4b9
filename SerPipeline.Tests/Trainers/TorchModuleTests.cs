using Microsoft.ML;
using Microsoft.ML.Data;
using SerPipeline.Networks;
using SerPipeline.Trainers;
using static TorchSharp.torch;

namespace SerPipeline.Tests.Trainers;

/// <summary>Networks of the caller's own.</summary>
public sealed class TorchModuleTests
{
    [Fact]
    public void A_network_of_TorchSharps_layers_learns_exports_and_repeats_to_the_bit()
    {
        NeuralModel Fit() => Trainer(context => nn.Sequential(
            ("hidden", nn.Linear(context.Shape[0], 16)), ("relu", nn.ReLU()), ("out", nn.Linear(16, context.Classes))),
                new() { Epoch = 25, LearningRate = 0.02 })
            .Fit(Toys.Clouds(120, seed: 1));
        using NeuralModel one = Fit(), two = Fit();
        Assert.True(Toys.Accuracy(one, Toys.Clouds(90, seed: 2)) > 0.95);
        Assert.Equal(one.Network.ToBytes(), two.Network.ToBytes());
        Assert.Equal(["hidden", "relu", "out"], one.Layers.Select(l => l.Name));
    }

    [Fact]
    public void Pixels_come_as_one_channel_around_zero()
    {
        IReadOnlyList<long>? shape = null;
        using NeuralModel model = Trainer(context =>
        {
            shape = context.Shape;
            return nn.Sequential(("conv", nn.Conv2d(1, 16, 3)), ("pool", nn.AdaptiveAvgPool2d([3, 1])), ("flat", nn.Flatten()),
                ("out", nn.Linear(48, context.Classes)));
        }, new() { FeatureColumnName = "Pixels", Pixels = true, Epoch = 10, LearningRate = 0.02 }).Fit(Toys.Bands(90, seed: 1));
        Assert.Equal([1L, 12, 16], shape);
        Assert.True(Toys.Accuracy(model, Toys.Bands(60, seed: 2)) > 0.9);
    }

    [Fact]
    public void Scores_of_another_shape_are_refused_with_both_shapes()
    {
        var error = Assert.Throws<TorchException>(() => Trainer(_ => nn.Sequential(("out", nn.Linear(6, 5))))
            .Fit(Toys.Clouds(12, seed: 1)));
        Assert.Contains("TorchModule", error.Message, StringComparison.Ordinal);
        Assert.Contains(", 3]", error.Message, StringComparison.Ordinal);
        Assert.Contains(", 5]", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_network_that_fails_or_cannot_learn_is_told_without_libtorchs_stack()
    {
        var error = Assert.Throws<TorchException>(() => Trainer(_ => nn.Sequential(("out", nn.Linear(5, 3))))
            .Fit(Toys.Clouds(12, seed: 1)));
        Assert.Contains("TorchModule", error.Message, StringComparison.Ordinal);
        Assert.Contains(", 6]", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
        error = Assert.Throws<TorchException>(() => Trainer(_ =>
        {
            var frozen = nn.Linear(6, 3);
            foreach (var parameter in frozen.parameters()) parameter.requires_grad = false;
            return nn.Sequential(("out", frozen));
        }).Fit(Toys.Clouds(12, seed: 1)));
        Assert.Contains("nothing to learn", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, 12)]
    [InlineData(8, 1)]
    public void Batch_normalisation_of_one_example_is_told_with_what_to_do(int batchSize, int rows)
    {
        var error = Assert.Throws<TorchException>(() => Trainer(_ => nn.Sequential(("hidden", nn.Linear(6, 4)), ("norm", nn.BatchNorm1d(4)),
            ("out", nn.Linear(4, 3))), new() { BatchSize = batchSize, ValidationSetFraction = 0, Epoch = 1 })
            .Fit(Toys.Clouds(rows, seed: 1)));
        foreach (string word in new[] { "TorchModule", "batch normalisation", "norm", "MinimumBatchSize" })
            Assert.Contains(word, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void A_layer_without_a_form_in_onnx_is_told_before_the_first_epoch()
    {
        int epochs = 0;
        var error = Assert.Throws<ModelExportException>(() => Trainer(_ => new Strange(), new() { MetricsCallback = _ => epochs++ })
            .Fit(Toys.Clouds(12, seed: 1)));
        Assert.Contains(nameof(Strange), error.Message, StringComparison.Ordinal);
        Assert.Equal(0, epochs);
    }

    [Fact]
    public void A_layer_with_a_converter_scores_in_onnx_as_it_was_trained()
    {
        IDataView rows = Toys.Clouds(60, seed: 1);
        float[] values = [.. rows.GetColumn<float[]>("Features").SelectMany(row => row)], expected = [];
        nn.Module<Tensor, Tensor>? network = null;
        OnnxConverters converters = new OnnxConverters().Add<Sine>((_, input, _) => input.One("Sin"));
        var options = new TorchModuleOptions
        {
            Epoch = 3,
            ValidationSetFraction = 0,
            Device = TorchDevice.Cpu,
            OnnxConverters = converters,
            // Nothing changes the weights behind the last epoch.
            MetricsCallback = _ =>
            {
                using var scope = NewDisposeScope();
                expected = network!.call(tensor(values, [60, 6])).softmax(1).detach().data<float>().ToArray();
            },
        };
        NeuralTrainer trainer = Trainer(context => network = nn.Sequential(("hidden", nn.Linear(6, 8)), ("sine", new Sine()),
            ("out", nn.Linear(8, context.Classes))), options);
        // The trainer's own are those of before.
        converters.Add<Sine>((_, input, _) => input);
        using NeuralModel model = trainer.Fit(rows);
        float[] found = [.. Toys.Scores(model, rows).SelectMany(row => row)];
        Assert.Equal(180, expected.Length);
        Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
        // No weight follows from a form: a training with another goes on from the same checkpoint.
        Assert.DoesNotContain("onnxConverters", options.Plain().Keys);
    }

    private static NeuralTrainer Trainer(Func<NetworkContext, nn.Module<Tensor, Tensor>> network, TorchModuleOptions? options = null) =>
        Toys.Ml.MulticlassClassification.Trainers.TorchModule(network, options);

    private sealed class Sine() : nn.Module<Tensor, Tensor>(nameof(Sine))
    {
        public override Tensor forward(Tensor input) => input.sin();
    }

    private sealed class Strange : nn.Module<Tensor, Tensor>
    {
        private readonly nn.Module<Tensor, Tensor> _out = nn.Linear(6, 3);

        public Strange() : base(nameof(Strange)) => RegisterComponents();

        public override Tensor forward(Tensor input) => _out.call(input).sin();
    }
}
