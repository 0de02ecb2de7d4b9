using SerPipeline.Features;
using SerPipeline.Old.Pipeline;
using SerPipeline.Old.Torch;
using SerPipeline.Old.Torch.Layers;
using SerPipeline.Old.Trainers;
using SerPipeline.Tests.Old.Pipeline;
using SerPipeline.Tests.Support;


namespace SerPipeline.Tests.Old.Trainers;

/// <summary>What the CNN may have beyond its plain form: self-attention, more convolutions, and a vector of the utterance beside the image.</summary>
public sealed class ImageNetworkTests
{
    [Fact]
    public void Self_attention_adds_what_frames_see_of_each_other_and_normalises()
    {
        using var scope = TensorScope.New();
        using var layer = new SelfAttention(6, 4, 2, new SeededRandom(1));
        Tensor input = Tensor.From([.. Enumerable.Range(0, 2 * 5 * 6).Select(i => (float)Math.Sin(i))], 2, 5, 6);
        // Without any attention left, only the projection and the norm remain: mean 0 and variance 1 of each frame.
        foreach ((string name, Parameter parameter) in layer.NamedParameters().Where(p => p.Key.StartsWith("attention.out_proj", StringComparison.Ordinal))) parameter.Value.Assign(new float[parameter.Value.ElementCount]);
        Tensor output = layer.Forward(input);
        Assert.Equal([2, 5, 4], output.Shape.ToArray());
        float[] weight = layer.StateDict()["project.weight"].ToFloats(), bias = layer.StateDict()["project.bias"].ToFloats(), x = input.ToFloats();
        foreach ((int frame, float[] values) in output.ToFloats().Chunk(4).Index())
        {
            double[] projected = [.. Enumerable.Range(0, 4).Select(u => bias[u] + Enumerable.Range(0, 6).Sum(f => (double)weight[(u * 6) + f] * x[(frame * 6) + f]))];
            double mean = projected.Average(), deviation = Math.Sqrt(projected.Average(p => (p - mean) * (p - mean)) + 1e-5);
            for (int u = 0; u < 4; u++) Assert.Equal((projected[u] - mean) / deviation, values[u], 1e-4);
        }
    }

    [Fact]
    public void Self_attention_sees_other_frames()
    {
        using var scope = TensorScope.New();
        using var layer = new SelfAttention(6, 4, 2, new SeededRandom(1));
        float[] values = [.. Enumerable.Range(0, 30).Select(i => (float)Math.Sin(i))], changed = [.. values];
        changed[^1] += 3;
        float[] before = layer.Forward(Tensor.From(values, 1, 5, 6)).ToFloats(), after = layer.Forward(Tensor.From(changed, 1, 5, 6)).ToFloats();
        Assert.NotEqual(before[..4], after[..4]);
    }

    [Fact]
    public void Every_layer_is_listed_in_the_order_of_computation()
    {
        using ImageClassificationModel plain = Fit(new(), Toys.Bands(24, seed: 1));
        Assert.Equal(["Conv2d", "BatchNorm2d", "MaxPool2d", "ReLU", "Dropout2d", "FlattenFrequency", "AttentiveStatisticsPooling", "BatchNorm1d", "Dropout", "Linear"], plain.Describe().Skip(5).Select(l => l.Kind));
        using ImageClassificationModel full = Fit(Full, EnsembleTests.Both(24));
        Assert.Equal(
            [
                "TakeImage", "Conv2d", "BatchNorm2d", "ReLU", "Conv2d", "BatchNorm2d", "MaxPool2d", "ReLU", "Dropout2d", "Conv2d", "BatchNorm2d", "ReLU", "Conv2d", "BatchNorm2d", "MaxPool2d", "ReLU", "Dropout2d",
                "FlattenFrequency", "SelfAttention", "AttentiveStatisticsPooling", "BatchNorm1d", "Dropout", "TakeVector", "Linear", "ReLU", "BatchNorm1d", "Dropout", "Join", "Linear",
            ],
            full.Describe().Select(l => l.Kind));
        LayerDescription attention = full.Describe().Single(l => l.Kind == "SelfAttention");
        Assert.Equal((16, 2), (attention.Whole("embed_dim"), attention.Whole("num_heads")));
        Assert.Equal((192, 6), (full.Describe().Single(l => l.Kind == "TakeVector").Whole("start"), full.Describe().Single(l => l.Kind == "TakeVector").Whole("length")));
        // All that is trained is of some layer.
        Assert.Equal(full.Describe().SelectMany(l => l.ParameterNames).Distinct().Count(), full.Describe().Sum(l => l.ParameterNames.Count));
    }

    [Fact]
    public void The_vector_beside_the_image_is_read()
    {
        // The images are noise, the classes are in the vectors.
        IDataView rows = NoisyImages(90), others = NoisyImages(60, seed: 9);
        using ImageClassificationModel deaf = Fit(new() { Epoch = 12 }, rows), hearing = Fit(new() { Epoch = 12, ProsodyColumnName = "Features" }, rows);
        Assert.InRange(Toys.Accuracy(deaf, others), 0, 0.6);
        Assert.InRange(Toys.Accuracy(hearing, others), 0.9, 1);
    }

    [Fact]
    public void A_network_with_everything_scores_the_same_after_saving_and_loading()
    {
        IDataView rows = EnsembleTests.Both(24);
        using ImageClassificationModel model = Fit(Full, rows);
        using var folder = new TemporaryFolder();
        new SerContext().Model.Save(model, rows.Schema, folder.File("m.zip"));
        using TransformerChain<ITransformer> loaded = new SerContext().Model.Load(folder.File("m.zip"), out _);
        Assert.Equal(RowPrints.Of(model.Transform(rows), "Score", "PredictedLabel"), RowPrints.Of(loaded.Transform(rows), "Score", "PredictedLabel"));
    }

    [Fact]
    public void A_vector_that_is_missing_or_of_another_size_is_refused_before_a_row_is_read()
    {
        DataViewSchema.DetachedColumn image = new("Image", new ImageDataViewType(12, 16)), label = Toys.Bands(3, 1).Schema["Label"].Detach();
        ImageClassificationTrainer trainer = new SerContext(1).MulticlassClassification.Trainers.ImageClassification(Small(new() { ProsodyColumnName = "Features" }));
        Assert.Contains("Features", Assert.Throws<SchemaException>(() => trainer.Fit(Views.Unreadable([image, label]))).Message, StringComparison.Ordinal);
        Assert.Contains("one length", Assert.Throws<SchemaException>(() => trainer.Fit(Views.Unreadable([image, label, new("Features", new VectorDataViewType(0))]))).Message, StringComparison.Ordinal);
        using ImageClassificationModel model = Fit(new() { ProsodyColumnName = "Features" }, EnsembleTests.Both(24));
        Assert.Contains("vectors of 6", Assert.Throws<SchemaException>(() => model.Transform(Views.Unreadable([image, new("Features", new VectorDataViewType(5))]))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Sizes_out_of_range_are_listed()
    {
        var options = new ImageClassificationOptions
        {
            ProsodyColumnName = " ",
            Architecture = new() { SelfAttentionHeads = 3, SelfAttentionUnits = 16, ConvolutionsPerBlock = 0, ProsodyUnits = 0, ProsodyDropout = 1 },
            Augmentation = new() { SpeedPerturbation = 0.6, TimeStretch = -1, FrequencyWarp = double.NaN, LowHz = 9000 },
        };
        OptionsException error = Assert.Throws<OptionsException>(options.Validate);
        Assert.Equal(9, error.Problems.Count);
    }

    internal static ImageClassificationOptions Small(ImageClassificationOptions options) => options with
    {
        Architecture = options.Architecture with { Channels = [16, 16], AttentionUnits = 8, SelfAttentionUnits = 16, ProsodyUnits = 16 },
        LearningRate = 0.01,
        Precision = ComputePrecision.Float32,
    };

    private static ImageClassificationOptions Full => new()
    {
        Epoch = 2,
        ProsodyColumnName = "Features",
        Architecture = new() { SelfAttentionHeads = 2, ConvolutionsPerBlock = 2 },
        Augmentation = new() { SpeedPerturbation = 0.1 },
    };

    private static ImageClassificationModel Fit(ImageClassificationOptions options, IDataView rows) =>
        new SerContext(1).MulticlassClassification.Trainers.ImageClassification(Small(options with { Epoch = options.Epoch == 60 ? 1 : options.Epoch })).Fit(rows);

    private static IDataView NoisyImages(int examples, int seed = 7)
    {
        IDataView vectors = Toys.Clouds(examples, seed);
        var random = new SeededRandom(seed);
        return Views.Of(
            [new("Image", new ImageDataViewType(12, 16)), vectors.Schema["Features"].Detach(), vectors.Schema["Label"].Detach()],
            vectors.GetColumn<VBuffer<float>>("Features").Zip(vectors.GetColumn<uint>("Label")).Select(row => new object?[]
            {
                new GrayImage(12, 16, [.. Enumerable.Range(0, 12 * 16).Select(_ => (byte)random.Next(256))]), row.First, row.Second,
            }));
    }
}
