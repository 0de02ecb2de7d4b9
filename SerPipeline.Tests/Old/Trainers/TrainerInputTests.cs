using SerPipeline.Old.Pipeline;
using SerPipeline.Old.Trainers;
using SerPipeline.Tests.Old.Pipeline;


namespace SerPipeline.Tests.Old.Trainers;

/// <summary>Rows and validation sets that a trainer must refuse, and why.</summary>
public sealed class TrainerInputTests
{
    private static readonly DataViewSchema.DetachedColumn Features = new("Features", new VectorDataViewType(2));

    [Fact]
    public void No_row_with_a_label_is_refused() =>
        Assert.Contains("no row to train on", Fails(new(), Rows(["a", "b"], 0, 0, 0)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_validation_set_whose_labels_have_other_keys_is_refused()
    {
        // The same texts in another order: every label would be taken for another one.
        SchemaException error = Fails(new() { ValidationSet = Rows(["b", "a"], 1, 2, 1, 2) }, Rows(["a", "b"], 1, 2, 1, 2));
        Assert.Contains("ValidationSet", error.Message, StringComparison.Ordinal);
        Assert.Contains("'Label'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_validation_set_without_a_usable_row_is_refused() =>
        Assert.Contains("ValidationSet", Fails(new() { ValidationSet = Rows(["a", "b"], 0, 0) }, Rows(["a", "b"], 1, 2, 1, 2)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_validation_set_of_another_feature_size_is_refused_before_a_row_is_read()
    {
        IDataView other = Views.Unreadable([new("Features", new VectorDataViewType(3)), Label(["a", "b"])]);
        SchemaException error = Assert.Throws<SchemaException>(() => TrainingLoopTests.Mlp(new() { ValidationSet = other }).Fit(Views.Unreadable([Features, Label(["a", "b"])])));
        Assert.Contains("ValidationSet", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_validation_set_with_a_speaker_of_the_training_rows_is_refused_under_a_speaker_protocol()
    {
        IDataView train = Toys.Clouds(24, seed: 1, marked: true), validation = Toys.Clouds(3, seed: 2);
        var error = Assert.Throws<CorpusException>(() => TrainingLoopTests.Mlp(new() { ValidationSet = validation }).Fit(train));
        Assert.Contains("s0", error.Message, StringComparison.Ordinal);
        // Without that protocol it is the caller's choice.
        using MlpModel model = TrainingLoopTests.Mlp(new() { Epoch = 1, ValidationSet = validation }).Fit(Toys.Clouds(24, seed: 1));
        Assert.Equal(3, model.History.ValidationExamples);
    }

    [Fact]
    public void A_validation_set_that_does_not_say_its_speakers_is_refused_under_a_speaker_protocol()
    {
        IDataView silent = Views.Of([new("Features", new VectorDataViewType(6)), Label(Toys.Classes)], [[new VBuffer<float>(new float[6]), 1u]]);
        SchemaException error = Assert.Throws<SchemaException>(() => TrainingLoopTests.Mlp(new() { ValidationSet = silent }).Fit(Toys.Clouds(24, seed: 1, marked: true)));
        Assert.Contains("'Speaker'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_left_out_are_listed_with_the_other_problems()
    {
        var options = new ImageClassificationOptions { Epoch = 0, EarlyStoppingCriteria = null!, Architecture = null!, Augmentation = null! };
        OptionsException error = Assert.Throws<OptionsException>(options.Validate);
        Assert.Equal(4, error.Problems.Count);
        Assert.Contains("ImageClassificationOptions.EarlyStoppingCriteria must be given, got null.", error.Problems);
    }

    [Fact]
    public void Features_that_are_not_finite_stop_the_training_with_a_reason()
    {
        IDataView rows = Views.Of([Features, Label(["a", "b"])], Enumerable.Range(0, 20).Select(i => new object?[] { new VBuffer<float>([i == 7 ? float.NaN : i, 1]), (uint)(i % 2) + 1 }));
        var error = Assert.Throws<TorchException>(() => TrainingLoopTests.Mlp(new() { ValidationSetFraction = 0 }).Fit(rows));
        Assert.Contains("not finite", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_validation_loss_that_is_never_a_number_stops_the_training_with_a_reason()
    {
        IDataView validation = Views.Of([Features, Label(["a", "b"])], [[new VBuffer<float>([float.NaN, 1]), 1u]]);
        var error = Assert.Throws<TorchException>(() => TrainingLoopTests.Mlp(new() { Epoch = 3, ValidationSet = validation }).Fit(Rows(["a", "b"], 1, 2, 1, 2)));
        Assert.Contains("validation", error.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Scoring_vectors_or_images_of_another_size_is_refused_before_a_row_is_read()
    {
        using MlpModel mlp = TrainingLoopTests.Mlp(new() { Epoch = 1 }).Fit(Toys.Clouds(30, seed: 1));
        Assert.Contains("6", Assert.Throws<SchemaException>(() => mlp.Transform(Views.Unreadable([Features]))).Message, StringComparison.Ordinal);
        using ImageClassificationModel cnn = TrainingLoopTests.Cnn(new() { Epoch = 1 }).Fit(Toys.Bands(30, seed: 1));
        Assert.Contains("12 x 16", Assert.Throws<SchemaException>(() => cnn.Transform(Views.Unreadable([new("Image", new ImageDataViewType(12, 17))]))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_rows_scores_do_not_depend_on_the_rows_beside_it()
    {
        IDataView rows = Toys.Bands(9, seed: 3);
        using ImageClassificationModel model = TrainingLoopTests.Cnn(new() { Epoch = 1 }).Fit(Toys.Bands(30, seed: 1));
        string[] together = RowPrints.Of(model.Transform(rows), "Score", "PredictedLabel");
        string[] alone = [.. Enumerable.Range(0, 9).SelectMany(i => RowPrints.Of(model.Transform(new RowSubset(rows, i)), "Score", "PredictedLabel"))];
        Assert.Equal(together, alone);
    }

    [Fact]
    public void A_list_in_the_options_may_change_afterwards_without_changing_trainer_or_model()
    {
        int[] hidden = [5], channels = [4, 6];
        MlpTrainer mlp = TrainingLoopTests.Mlp(new() { Epoch = 1, HiddenUnits = hidden });
        ImageClassificationTrainer cnn = new SerContext(1).MulticlassClassification.Trainers.ImageClassification(new() { Epoch = 1, Architecture = new() { Channels = channels } });
        hidden[0] = channels[0] = 9;
        using MlpModel first = mlp.Fit(Toys.Clouds(30, seed: 1));
        using ImageClassificationModel second = cnn.Fit(Toys.Bands(30, seed: 1));
        Assert.Equal(5, first.Describe()[0].Whole("out_features"));
        Assert.Equal(4, second.Describe().First(l => l.Kind == "Conv2d").Whole("out_channels"));
    }

    [Fact]
    public void The_guides_broken_options_are_reported_as_it_says()
    {
        var error = Assert.Throws<OptionsException>(() => new ImageClassificationOptions { Epoch = 0, BatchSize = -1 }.Validate());
        Assert.Equal(["ImageClassificationOptions.Epoch must be between 1 and 100000, got 0.", "ImageClassificationOptions.BatchSize must be between 1 and 65536, got -1."], error.Problems);
    }

    [Fact]
    public void A_disposed_model_says_so()
    {
        MlpModel model = TrainingLoopTests.Mlp(new() { Epoch = 1 }).Fit(Toys.Clouds(30, seed: 1));
        model.Dispose();
        model.Dispose();
        Assert.ThrowsAny<ObjectDisposedException>(() => model.Transform(Toys.Clouds(3, seed: 2)).GetColumn<uint>("PredictedLabel").Count());
    }

    private static SchemaException Fails(MlpOptions options, IDataView rows) => Assert.Throws<SchemaException>(() => TrainingLoopTests.Mlp(options).Fit(rows));

    private static DataViewSchema.DetachedColumn Label(IReadOnlyList<string> values) => new("Label", new KeyDataViewType(values.Count), new ColumnAnnotations { KeyValues = values });

    private static IDataView Rows(IReadOnlyList<string> labels, params uint[] keys) =>
        Views.Of([Features, Label(labels)], keys.Select((k, i) => new object?[] { new VBuffer<float>([i, k]), k }));

    /// <summary>One row of a view as a view.</summary>
    private sealed class RowSubset(IDataView source, int row) : IDataView
    {
        private readonly object?[] _values = Read(source, row);

        public DataViewSchema Schema => source.Schema;

        public long? GetRowCount() => 1;

        public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded) => Views.Of([.. Schema.Select(c => c.Detach())], [_values]).GetRowCursor(columnsNeeded);

        private static object?[] Read(IDataView source, int row)
        {
            using DataViewRowCursor cursor = source.GetRowCursor(source.Schema);
            for (int i = 0; i <= row; i++) Assert.True(cursor.MoveNext());
            return [.. source.Schema.Select(c => cursor.GetValue(c.Index))];
        }
    }
}

[Collection(TensorCounting.Name)]
public sealed class TrainerCancellationTests
{
    [Fact]
    public void Cancelling_during_training_ends_it_and_leaves_no_tensor_and_no_file()
    {
        using var source = new CancellationTokenSource();
        int epochs = 0;
        var options = TrainingLoopTests.Small(new()
        {
            Epoch = 50,
            MemoryBudgetBytes = 0,
            CancellationToken = source.Token,
            MetricsCallback = _ =>
            {
                if (++epochs == 2) source.Cancel();
            },
        });
        string[] before = TemporaryFiles();
        LiveTensors.MustNotGrow(() => Assert.ThrowsAny<OperationCanceledException>(() => TrainingLoopTests.Cnn(options).Fit(Toys.Bands(30, seed: 1))));
        Assert.Equal(2, epochs);
        Assert.Equal(before, TemporaryFiles());
    }

    [Fact]
    public void Cancelling_while_the_examples_are_read_leaves_no_tensor_and_no_file()
    {
        using var source = new CancellationTokenSource();
        IDataView rows = new FunctionStage<VBuffer<float>, VBuffer<float>>(new SerContext(0, new() { DegreeOfParallelism = 1 }), "Features", new("Slow", new VectorDataViewType(6)), v =>
        {
            if (v.GetValues()[0] > 4) source.Cancel();
            return v;
        }).Transform(Toys.Clouds(300, seed: 1));
        string[] before = TemporaryFiles();
        LiveTensors.MustNotGrow(() => Assert.ThrowsAny<OperationCanceledException>(() =>
            TrainingLoopTests.Mlp(new() { FeatureColumnName = "Slow", MemoryBudgetBytes = 0, CancellationToken = source.Token }).Fit(rows)));
        Assert.Equal(before, TemporaryFiles());
    }

    [Fact]
    public void A_failing_callback_leaves_no_tensor()
    {
        LiveTensors.MustNotGrow(() => Assert.Throws<InvalidOperationException>(() =>
            TrainingLoopTests.Cnn(new() { MetricsCallback = _ => throw new InvalidOperationException("stop") }).Fit(Toys.Bands(30, seed: 1))));
    }

    private static string[] TemporaryFiles() => [.. Directory.GetFiles(Path.GetTempPath(), $"serpipeline-{Environment.ProcessId}-*.examples").Order(StringComparer.Ordinal)];
}
