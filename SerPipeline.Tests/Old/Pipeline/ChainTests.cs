using SerPipeline.Corpora;
using SerPipeline.Corpora.Synthesis;
using SerPipeline.Evaluation;
using SerPipeline.Old.Pipeline;
using SerPipeline.Old.Trainers;
using SerPipeline.Tests.Support;
using SerPipeline.Trainers;


namespace SerPipeline.Tests.Old.Pipeline;

public sealed class ChainTests(Recordings files) : IClassFixture<Recordings>
{
    private static readonly DataViewSchema.DetachedColumn[] ClipColumns =
        [new("Path", TextDataViewType.Instance), new("Label", TextDataViewType.Instance), new("Speaker", TextDataViewType.Instance)];

    [Fact]
    public void Append_gives_a_new_chain_and_leaves_the_old_one_as_it_was()
    {
        var ser = new SerContext();
        var two = ser.Transforms.LoadAudio().Append(ser.Transforms.LogMelSpectrogram());
        var three = two.Append(ser.Transforms.SpectrogramImage());
        var other = two.Append(ser.Transforms.UtteranceFeatures());
        Assert.Equal(2, two.Estimators.Count);
        Assert.Equal(3, three.Estimators.Count);
        Assert.Equal(two.Estimators, three.Estimators.Take(2));
        Assert.NotSame(three.Estimators[2], other.Estimators[2]);
        SchemaShape shape = SchemaShape.Create(new DataViewSchema(ClipColumns));
        Assert.DoesNotContain(two.GetOutputSchema(shape), c => c.Name is "Image" or "Features");
        Assert.Contains(three.GetOutputSchema(shape), c => c.Name == "Image");
    }

    // Stage by stage a chain of six: the column that is wrong is found by walking the columns, although a stage before it would have to read rows to fit.
    [Theory]
    [InlineData(0, "LoadAudio", "Nowhere")]
    [InlineData(1, "LogMelSpectrogram", "Nowhere")]
    [InlineData(2, "SpectrogramImage", "Nowhere")]
    [InlineData(3, "MapValueToKey", "Nowhere")]
    [InlineData(4, "ImageClassification", "Nowhere")]
    [InlineData(5, "MapKeyToValue", "Nowhere")]
    public void A_chain_of_six_names_the_stage_and_column_before_a_row_is_read(int wrong, string stage, string column)
    {
        var ser = new SerContext();
        string Name(int at, string right) => at == wrong ? column : right;
        var chain = ser.Transforms.LoadAudio(inputColumnName: Name(0, "Path"))
            .Append(ser.Transforms.LogMelSpectrogram(inputColumnName: Name(1, "Audio")))
            .Append(ser.Transforms.SpectrogramImage(inputColumnName: Name(2, "LogMel")))
            .Append(ser.Transforms.Conversion.MapValueToKey("Label", Name(3, "Label")))
            .Append(ser.MulticlassClassification.Trainers.ImageClassification(new() { FeatureColumnName = Name(4, "Image") }))
            .Append(ser.Transforms.Conversion.MapKeyToValue("PredictedLabel", Name(5, "PredictedLabel")));
        var error = Assert.Throws<SchemaException>(() => chain.Fit(Views.Unreadable(ClipColumns)));
        Assert.Contains(stage, error.Message, StringComparison.Ordinal);
        Assert.Contains($"'{column}'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Audio_of_another_rate_than_a_feature_is_set_to_is_refused_before_a_row_is_read()
    {
        var ser = new SerContext();
        var chain = ser.Transforms.LoadAudio(new() { SampleRateHz = 8000 }).Append(ser.Transforms.LogMelSpectrogram());
        var error = Assert.Throws<SchemaException>(() => chain.Fit(Views.Unreadable(ClipColumns)));
        Assert.Contains("16000", error.Message, StringComparison.Ordinal);
        Assert.Contains("8000", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Images_too_small_for_the_network_are_refused_before_a_row_is_read()
    {
        var ser = new SerContext();
        DataViewSchema.DetachedColumn[] columns =
            [new("Image", new ImageDataViewType(4, 200)), new("Label", new KeyDataViewType(2), new ColumnAnnotations { KeyValues = ["a", "b"] })];
        var error = Assert.Throws<OptionsException>(() => ser.MulticlassClassification.Trainers.ImageClassification().Fit(Views.Unreadable(columns)));
        Assert.Contains("4 x 200", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_trainer_without_the_keys_values_is_refused_before_a_row_is_read()
    {
        var ser = new SerContext();
        DataViewSchema.DetachedColumn[] columns = [new("Features", new VectorDataViewType(4)), new("Label", new KeyDataViewType(2))];
        var error = Assert.Throws<SchemaException>(() => ser.MulticlassClassification.Trainers.Mlp().Fit(Views.Unreadable(columns)));
        Assert.Contains("'Label'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_chain_within_a_chain_gives_the_same_rows_as_its_stages_one_by_one()
    {
        IDataView clips = new SerContext().Data.LoadCorpus(files.Corpus(speakers: 1, takes: 1));
        var ser = new SerContext();
        var features = ser.Transforms.LoadAudio().Append(ser.Transforms.LogMelSpectrogram());
        var nested = features.Append(ser.Transforms.SpectrogramImage());
        var wrapped = ser.Transforms.Conversion.MapValueToKey("Label").Append(nested);
        var flat = ser.Transforms.Conversion.MapValueToKey("Label").Append(ser.Transforms.LoadAudio()).Append(ser.Transforms.LogMelSpectrogram()).Append(ser.Transforms.SpectrogramImage());
        Assert.Equal(RowPrints.Of(flat.Fit(clips).Transform(clips)), RowPrints.Of(wrapped.Fit(clips).Transform(clips)));
    }

    [Fact]
    public void The_chain_of_the_guide_trains_scores_and_predicts_on_the_demo_corpus()
    {
        using var folder = new TemporaryFolder();
        Corpus demo = DemoCorpus.Ensure(folder.File("demo"), new DemoCorpusOptions { Speakers = 4, ClipsPerEmotion = 1 }, cancellation: TestContext.Current.CancellationToken);
        var ser = new SerContext(seed: 42);
        IDataView clips = ser.Data.LoadCorpus("demo", demo.Root);
        TrainTestData split = ser.Data.SpeakerIndependentSplit(clips, testFraction: 0.25);
        var chain = ser.Transforms.LoadAudio()
            .Append(ser.Transforms.LogMelSpectrogram(new() { MelBands = 32 }))
            .Append(ser.Transforms.SpectrogramImage())
            .Append(ser.Transforms.Conversion.MapValueToKey("Label"))
            .Append(ser.MulticlassClassification.Trainers.ImageClassification(new() { Epoch = 2, Architecture = new() { Channels = [4, 8, 8] } }))
            .Append(ser.Transforms.Conversion.MapKeyToValue("PredictedLabel"));
        using var model = chain.Fit(split.TrainSet);
        MulticlassClassificationMetrics metrics = ser.MulticlassClassification.Evaluate(model.Transform(split.TestSet));
        Assert.InRange(metrics.MacroAccuracy, 0, 1);
        PredictionSet rows = ser.MulticlassClassification.Predictions(model.Transform(split.TestSet));
        Assert.Equal(8, rows.Rows.Count);
        Assert.All(rows.Rows, p => Assert.Equal(1, p.Probabilities.Sum(), 1e-5));

        // 1. The held-out voice is neither in training nor in the validation part, and the latter shares no voice with the former.
        TrainingHistory history = model.Transformers.OfType<NeuralModel>().Single().History;
        string tested = Assert.Single(split.TestSet.GetColumn<string>("Speaker").Distinct()), validated = Assert.Single(history.ValidationGroups);
        Assert.NotEqual(tested, validated);
        Assert.Equal((16, 8), (history.TrainExamples, history.ValidationExamples));

        // 2. A file without any label is predicted by the saved chain as by this one.
        ser.Model.Save(model, clips.Schema, folder.File("emotion.zip"));
        using TransformerChain<ITransformer> loaded = new SerContext().Model.Load(folder.File("emotion.zip"), out _);
        IDataView file = ser.Data.LoadFiles(demo.Clips.Take(3).Select(c => c.Path));
        Assert.Equal(RowPrints.Of(model.Transform(file), "Path", "Score", "PredictedLabel"), RowPrints.Of(loaded.Transform(file), "Path", "Score", "PredictedLabel"));
        Assert.All(loaded.Transform(file).GetColumn<string>("PredictedLabel"), label => Assert.Contains(label, demo.Labels));
    }
}

[Collection(TensorCounting.Name)]
public sealed class ChainTensorTests
{
    private static readonly DataViewSchema.DetachedColumn[] Columns =
        [new("Features", new VectorDataViewType(2)), new("Label", new KeyDataViewType(2), new ColumnAnnotations { KeyValues = ["a", "b"] })];

    [Fact]
    public void A_chain_whose_last_stage_fails_frees_the_stages_it_had_fitted()
    {
        var ser = new SerContext();
        IDataView rows = Views.Of(Columns, Enumerable.Range(0, 20).Select(i => new object?[] { new VBuffer<float>([i, 1]), (uint)(i % 2) + 1 }));
        var mlp = ser.MulticlassClassification.Trainers.Mlp(new() { Epoch = 1, HiddenUnits = [3], ValidationSetFraction = 0 });
        var chain = mlp.Append(ser.MulticlassClassification.Trainers.Mlp(new() { Epoch = 1, MetricsCallback = _ => throw new InvalidOperationException("stop") }));
        LiveTensors.MustNotGrow(() => Assert.Throws<InvalidOperationException>(() => chain.Fit(rows)));
    }
}
