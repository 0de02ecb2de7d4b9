using Microsoft.ML;
using Microsoft.ML.Data;
using SerPipeline.Networks;
using SerPipeline.Tests.Networks;
using SerPipeline.Tests.Support;
using SerPipeline.Trainers;
using TorchSharp;
using static TorchSharp.torch;

namespace SerPipeline.Tests.Trainers;

/// <summary>What the CNN may have beyond its plain form: self-attention, more convolutions, and a vector of the utterance beside the
/// image.</summary>
public sealed class ImageNetworkTests
{
    [Fact]
    public void Self_attention_adds_what_frames_see_of_each_other_and_normalises()
    {
        using var layer = new SelfAttention(6, 4, 2, new SeededRandom(1));
        using DisposeScope scope = NewDisposeScope();
        float[] x = [.. Enumerable.Range(0, 2 * 5 * 6).Select(i => (float)Math.Sin(i))];
        // Without any attention left, only the projection and the norm remain: mean 0 and variance 1 of each frame.
        var silenced = layer.named_parameters().Where(p => p.name.StartsWith("attention.out_proj", StringComparison.Ordinal)).ToArray();
        Assert.Equal(2, silenced.Length);
        foreach ((string _, var parameter) in silenced) Initializers.Assign(parameter, new float[parameter.numel()]);
        Tensor output = layer.call(tensor(x, [2, 5, 6]));
        Assert.Equal([2, 5, 4], output.shape);
        Dictionary<string, float[]> state = Loops.State(layer);
        foreach ((int frame, float[] values) in Loops.Floats(output).Chunk(4).Index())
        {
            double[] projected = Loops.Linear([.. x.Skip(frame * 6).Take(6).Select(v => (double)v)], state["project.weight"],
                state["project.bias"]);
            double mean = projected.Average(), deviation = Math.Sqrt(projected.Average(p => (p - mean) * (p - mean)) + 1e-5);
            for (int u = 0; u < 4; u++) Assert.Equal((projected[u] - mean) / deviation, values[u], 1e-4);
        }
    }

    [Fact]
    public void Self_attention_sees_other_frames()
    {
        using var layer = new SelfAttention(6, 4, 2, new SeededRandom(1));
        using DisposeScope scope = NewDisposeScope();
        float[] values = [.. Enumerable.Range(0, 30).Select(i => (float)Math.Sin(i))], changed = [.. values];
        changed[^1] += 3;
        Assert.NotEqual(Loops.Floats(layer.call(tensor(values, [1, 5, 6])))[..4],
            Loops.Floats(layer.call(tensor(changed, [1, 5, 6])))[..4]);
    }

    [Fact]
    public void A_network_learns_from_copies_that_its_model_does_not_read()
    {
        // The images are noise; only their copies have the bands that the test has.
        Toys.Row[] rows = [.. Toys.BandRows(90, seed: 3).Zip(Toys.BandRows(90, seed: 4, shuffled: true), (banded, noise) => new Toys.Row
        {
            Pixels = noise.Pixels,
            Features = banded.Pixels,
            Label = banded.Label,
        })];
        IDataView training = Toys.View(Toys.Classes, false, rows), test = Toys.Bands(60, seed: 5);
        ImageClassificationOptions options = new() { Epoch = 15, ValidationSetFraction = 0 };
        using NeuralModel from = Fit(options with { CopyColumnNames = ["Features"] }, training);
        Assert.True(Toys.Accuracy(from, Toys.Ml.Transforms.DropColumns("Features").Fit(test).Transform(test)) > 0.8);
        Assert.Contains("needs copies", Assert.Throws<SchemaException>(() => Fit(options with { CopyColumnNames = ["Features"] },
            Toys.Both(24))).Message, StringComparison.Ordinal);
        Assert.Contains("'Other'", Assert.Throws<SchemaException>(() => Fit(options with { CopyColumnNames = ["Other"] }, training))
            .Message, StringComparison.Ordinal);
        Assert.Contains("be null with copies", Assert.Throws<OptionsException>(() => Fit(options with
        {
            CopyColumnNames = ["Features"],
            ProsodyColumnName = "Features",
        }, training)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_layer_is_listed_in_the_order_of_computation()
    {
        using NeuralModel plain = Fit(new(), Toys.Bands(24, seed: 1));
        Assert.Equal(
            ["Conv2d", "BatchNorm2d", "MaxPool2d", "ReLU", "Dropout2d", "FlattenFrequency", "AttentiveStatisticsPooling", "BatchNorm1d",
                "Dropout", "Linear"],
            plain.Layers.Skip(5).Select(l => l.Kind));
        using NeuralModel full = Fit(Full, Toys.Both(24));
        string[] convolution = ["Conv2d", "BatchNorm2d"],
            block = [.. convolution, "ReLU", .. convolution, "MaxPool2d", "ReLU", "Dropout2d"];
        Assert.Equal(
            [
                .. block, .. block, "FlattenFrequency", "SelfAttention", "AttentiveStatisticsPooling", "BatchNorm1d", "Dropout",
                "Linear", "ReLU", "BatchNorm1d", "Dropout", "Linear",
            ],
            full.Layers.Select(l => l.Kind));
        LayerDescription attention = full.Layers.Single(l => l.Kind == "SelfAttention");
        Assert.Equal((16L, 2L), (attention.HyperParameters["embed_dim"], attention.HyperParameters["num_heads"]));
        // All that is trained is of some layer, and of one alone.
        Assert.Equal(full.History.Parameters, full.Layers.Sum(l => l.Parameters));
        Assert.Equal(full.Layers.SelectMany(l => l.ParameterNames).Distinct().Count(), full.Layers.Sum(l => l.ParameterNames.Count));
    }

    [Fact]
    public void The_vector_beside_the_image_is_read()
    {
        // The images are noise, the classes are in the vectors.
        IDataView rows = NoisyImages(90, 7), others = NoisyImages(60, 9);
        using NeuralModel deaf = Fit(new() { Epoch = 12 }, rows), hearing = Fit(new() { Epoch = 12, ProsodyColumnName = "Features" }, rows);
        Assert.InRange(Toys.Accuracy(deaf, others), 0, 0.6);
        Assert.InRange(Toys.Accuracy(hearing, others), 0.9, 1);
    }

    [Fact]
    public void A_network_with_everything_scores_the_same_after_saving_and_loading()
    {
        IDataView rows = Toys.Both(24);
        using NeuralModel model = Fit(Full, rows);
        using var folder = new TemporaryFolder();
        Toys.Ml.Model.Save(model, rows.Schema, folder.File("m.zip"));
        ITransformer loaded = new MLContext().Model.Load(folder.File("m.zip"), out _);
        Assert.Equal(Toys.Scores(model, rows), Toys.Scores(loaded, rows));
    }

    [Fact]
    public void A_vector_that_is_missing_or_of_another_size_is_refused_before_a_row_is_read()
    {
        NeuralTrainer trainer = Toys.Ml.MulticlassClassification.Trainers.ImageClassification(Small(new()
        {
            Epoch = 1,
            ProsodyColumnName = "Features"
        }));
        IDataView rows = Toys.Both(24), without = Toys.Ml.Transforms.DropColumns("Features").Fit(rows).Transform(rows);
        Assert.Contains("'Features'", Assert.Throws<SchemaException>(() => trainer.Fit(Toys.Unreadable(without))).Message,
            StringComparison.Ordinal);
        using NeuralModel model = trainer.Fit(rows);
        IDataView shorter = Toys.View(Toys.Classes, false,
            new Toys.Row { Features = new float[5], Pixels = new float[12 * 16], Label = 1 });
        string message = Assert.Throws<SchemaException>(() => model.Transform(Toys.Unreadable(shorter))).Message;
        Assert.Contains("'Features'", message, StringComparison.Ordinal);
        Assert.Contains("6", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Sizes_out_of_range_are_listed()
    {
        var options = new ImageClassificationOptions
        {
            ProsodyColumnName = " ",
            Architecture = new()
            {
                SelfAttentionHeads = 3,
                SelfAttentionUnits = 16,
                ConvolutionsPerBlock = 0,
                ProsodyUnits = 0,
                ProsodyDropout = 1
            },
            Augmentation = new() { SpeedPerturbation = 0.6, TimeStretch = -1, FrequencyWarp = double.NaN, LowHz = 9000 },
        };
        OptionsException error = Assert.Throws<OptionsException>(options.Validate);
        Assert.Equal(9, error.Problems.Count);
    }

    private static ImageClassificationOptions Full => new()
    {
        Epoch = 2,
        ProsodyColumnName = "Features",
        Architecture = new() { SelfAttentionHeads = 2, ConvolutionsPerBlock = 2 },
        Augmentation = new() { SpeedPerturbation = 0.1 },
    };

    private static ImageClassificationOptions Small(ImageClassificationOptions options) => options with
    {
        Architecture = options.Architecture with { Channels = [16, 16], AttentionUnits = 8, SelfAttentionUnits = 16, ProsodyUnits = 16 },
        LearningRate = 0.01,
        Precision = ComputePrecision.Float32,
    };

    private static NeuralModel Fit(ImageClassificationOptions options, IDataView rows) =>
        Toys.Ml.MulticlassClassification.Trainers.ImageClassification(Small(options with
        {
            Epoch = options.Epoch == 60 ? 1
            : options.Epoch
        })).Fit(rows);

    private static IDataView NoisyImages(int examples, int seed)
    {
        float[][] vectors = [.. Toys.Clouds(examples, seed).GetColumn<float[]>("Features")];
        var random = new SeededRandom(seed);
        return Toys.View(Toys.Classes, false, [.. vectors.Select((vector, i) =>
            new Toys.Row { Features = vector, Pixels = [.. Enumerable.Range(0, 12 * 16).Select(_ => (float)random.Next(256))],
                Label = (uint)(i % 3) + 1 })]);
    }
}
