using Microsoft.ML;
using Microsoft.ML.Data;
using SerPipeline.Tests.Support;
using SerPipeline.Trainers;

namespace SerPipeline.Tests.Trainers;

/// <summary>A trained network among ML.NET's own helpers.</summary>
public sealed class NeuralModelTests
{
    [Fact]
    public void It_adds_named_scores_and_a_key_and_leaves_no_raw_scores()
    {
        IDataView rows = Toys.Clouds(30, seed: 1);
        using NeuralModel model = TrainingLoopTests.Mlp(new() { Epoch = 1 }).Fit(rows);
        DataViewSchema schema = model.GetOutputSchema(rows.Schema);
        Assert.Equal(rows.Schema.Select(c => c.Name).Concat(["Score", "PredictedLabel"]).Order(),
            schema.Where(c => !c.IsHidden).Select(c => c.Name).Order());
        Assert.Equal(3, Assert.IsType<VectorDataViewType>(schema["Score"].Type).Size);
        VBuffer<ReadOnlyMemory<char>> names = default;
        schema["Score"].GetSlotNames(ref names);
        Assert.Equal(Toys.Classes, names.DenseValues().Select(n => n.ToString()));
        Assert.Equal(3, (int)Assert.IsType<KeyDataViewType>(schema["PredictedLabel"].Type).Count);
        schema["PredictedLabel"].GetKeyValues(ref names);
        Assert.Equal(Toys.Classes, names.DenseValues().Select(n => n.ToString()));
        Assert.Equal(Toys.Classes, model.Labels);
        Assert.Equal(["Features"], model.FeatureColumnNames);
        Assert.Equal(["hidden1", "relu1", "dropout1", "hidden2", "relu2", "dropout2", "classifier"], model.Layers.Select(l => l.Name));
    }

    [Fact]
    public void The_promised_shape_is_what_comes()
    {
        IDataView rows = Toys.Clouds(30, seed: 1);
        NeuralTrainer trainer = TrainingLoopTests.Mlp(new() { Epoch = 1 });
        SchemaShape promised = trainer.GetOutputSchema(SerPipeline.Transforms.MlNetInternals.ShapeOf(rows.Schema));
        using NeuralModel model = trainer.Fit(rows);
        SchemaShape found = SerPipeline.Transforms.MlNetInternals.ShapeOf(model.GetOutputSchema(rows.Schema));
        foreach (string name in new[] { "Score", "PredictedLabel" })
        {
            SchemaShape.Column a = promised.Single(c => c.Name == name), b = found.Single(c => c.Name == name);
            Assert.Equal((b.Kind, b.ItemType, b.IsKey), (a.Kind, a.ItemType, a.IsKey));
            Assert.Subset(b.Annotations.Select(x => x.Name).ToHashSet(), a.Annotations.Select(x => x.Name).ToHashSet());
        }
    }

    [Theory]
    [InlineData("Score", "PredictedLabel")]
    [InlineData("Probabilities", "Best")]
    public void It_scores_the_same_to_the_last_bit_after_saving_and_loading(string score, string predicted)
    {
        IDataView rows = Toys.Bands(24, seed: 1);
        using NeuralModel model = TrainingLoopTests.Cnn(new() { Epoch = 2, ScoreColumnName = score, PredictedLabelColumnName = predicted })
            .Fit(rows);
        using var folder = new TemporaryFolder();
        Toys.Ml.Model.Save(model, rows.Schema, folder.File("m.zip"));
        ITransformer loaded = new MLContext().Model.Load(folder.File("m.zip"), out DataViewSchema schema);
        Assert.NotNull(schema.GetColumnOrNull("Pixels"));
        Assert.Equal(Toys.Scores(model, rows, score), Toys.Scores(loaded, rows, score));
        Assert.Equal(model.Transform(rows).GetColumn<uint>(predicted), loaded.Transform(rows).GetColumn<uint>(predicted));
        Assert.Null(loaded.GetOutputSchema(rows.Schema).GetColumnOrNull("Logits"));
        VBuffer<ReadOnlyMemory<char>> names = default;
        loaded.GetOutputSchema(rows.Schema)[score].GetSlotNames(ref names);
        Assert.Equal(Toys.Classes, names.DenseValues().Select(n => n.ToString()));
    }

    [Fact]
    public void ML_NETs_evaluation_agrees_with_the_rows()
    {
        IDataView train = Toys.Clouds(120, seed: 1), test = Toys.Clouds(90, seed: 2);
        using NeuralModel model = TrainingLoopTests.Mlp(new() { Epoch = 8, HiddenUnits = [8] }).Fit(train);
        MulticlassClassificationMetrics metrics = Toys.Ml.MulticlassClassification.Evaluate(model.Transform(test));
        Assert.Equal(Toys.Accuracy(model, test), metrics.MicroAccuracy, 1e-9);
        Assert.Equal(Toys.LogLoss(model, test), metrics.LogLoss, 1e-6);
    }

    [Fact]
    public void It_runs_in_chains_with_caches_prediction_engines_and_cross_validation()
    {
        MLContext ml = Toys.Ml;
        Toys.Row[] source = [.. Toys.BandRows(48, seed: 1)];
        TextRow[] texts = [.. source.Select(r => new TextRow { Pixels = r.Pixels, Label = Toys.Classes[r.Label - 1],
            Speaker = r.Speaker })];
        IDataView rows = ml.Data.LoadFromEnumerable(texts);
        var chain = ml.Transforms.Conversion.MapValueToKey("Label").AppendCacheCheckpoint(ml)
            .Append(ml.MulticlassClassification.Trainers.ImageClassification(TrainingLoopTests.Small(new()
            {
                Epoch = 6,
                ValidationSetFraction = 0
            })))
            .Append(ml.Transforms.Conversion.MapKeyToValue("PredictedLabel"));
        ITransformer model = chain.Fit(rows);
        using PredictionEngine<TextRow, Prediction> engine = ml.Model.CreatePredictionEngine<TextRow, Prediction>(model);
        float[][] scores = Toys.Scores(model, rows);
        for (int i = 0; i < 3; i++)
        {
            Prediction prediction = engine.Predict(texts[i]);
            Assert.Equal(scores[i], prediction.Score);
            Assert.Contains(prediction.PredictedLabel, Toys.Classes);
        }
        var folds = ml.MulticlassClassification.CrossValidate(rows, chain, numberOfFolds: 2, samplingKeyColumnName: "Speaker");
        Assert.Equal(2, folds.Count);
        // Chance is a third.
        Assert.All(folds, fold => Assert.InRange(fold.Metrics.MicroAccuracy, 0.6, 1));
    }

    [Fact]
    public void A_model_goes_on_after_a_prediction_engine_disposed_it()
    {
        TextRow[] texts = [.. Toys.BandRows(12, seed: 1).Select(r => new TextRow { Pixels = r.Pixels, Label = Toys.Classes[r.Label - 1] })];
        IDataView rows = Toys.Ml.Data.LoadFromEnumerable(texts);
        ITransformer model = Toys.Ml.Transforms.Conversion.MapValueToKey("Label")
            .Append(Toys.Ml.MulticlassClassification.Trainers.ImageClassification(TrainingLoopTests.Small(new()
            {
                Epoch = 1,
                ValidationSetFraction = 0
            })))
            .Append(Toys.Ml.Transforms.Conversion.MapKeyToValue("PredictedLabel")).Fit(rows);
        float[][] scores = Toys.Scores(model, rows);
        for (int i = 0; i < 2; i++)
        {
            // By its default the engine owns the model.
            using PredictionEngine<TextRow, Prediction> engine = Toys.Ml.Model.CreatePredictionEngine<TextRow, Prediction>(model);
            Assert.Equal(scores[i], engine.Predict(texts[i]).Score);
        }
        Assert.Equal(scores, Toys.Scores(model, rows));
        Assert.Equal(3, Toys.Ml.MulticlassClassification.Evaluate(model.Transform(rows)).PerClassLogLoss.Count);
    }

    [Fact]
    public void ML_NETs_permutation_importance_refuses_it_rather_than_rank_raw_scores()
    {
        IDataView rows = Toys.Clouds(30, seed: 1);
        using NeuralModel model = TrainingLoopTests.Mlp(new() { Epoch = 1 }).Fit(rows);
        foreach (ITransformer refused in new ITransformer[] { model, new TransformerChain<ITransformer>(model) })
        {
            Exception error = Assert.ThrowsAny<Exception>(() =>
                Toys.Ml.MulticlassClassification.PermutationFeatureImportance(refused, refused.Transform(rows), permutationCount: 1));
            Assert.Contains("compatible predictor", error.ToString(), StringComparison.Ordinal);
        }
        // Loaded, it is a chain of stock stages; the column of raw scores is not there to be permuted.
        using var folder = new TemporaryFolder();
        Toys.Ml.Model.Save(model, rows.Schema, folder.File("m.zip"));
        ITransformer loaded = Toys.Ml.Model.Load(folder.File("m.zip"), out _);
        Assert.ThrowsAny<Exception>(() => Toys.Ml.MulticlassClassification.PermutationFeatureImportance(loaded, loaded.Transform(rows),
            permutationCount: 1));
    }

    [Fact]
    public void Rows_of_another_size_are_refused_before_one_is_read()
    {
        using NeuralModel mlp = TrainingLoopTests.Mlp(new() { Epoch = 1 }).Fit(Toys.Clouds(30, seed: 1));
        IDataView other = Toys.Unreadable(Toys.View(Toys.Classes, false, new Toys.Row { Features = [1, 2, 3], Label = 1 }));
        Assert.Contains("6", Assert.Throws<SchemaException>(() => mlp.Transform(other)).Message, StringComparison.Ordinal);
        Assert.Contains("'Features'",
            Assert.Throws<SchemaException>(() => mlp.Transform(Toys.Ml.Data.LoadFromEnumerable([new Prediction()]))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_rows_scores_do_not_depend_on_the_rows_beside_it()
    {
        Toys.Row[] rows = [.. Toys.BandRows(9, seed: 3)];
        using NeuralModel model = TrainingLoopTests.Cnn(new() { Epoch = 1 }).Fit(Toys.Bands(30, seed: 1));
        float[][] alone = [.. Toys.BandRows(9, seed: 3).Select(row => Toys.Scores(model, Toys.View(Toys.Classes, false, row))[0])];
        Assert.Equal(Toys.Scores(model, Toys.View(Toys.Classes, false, rows)), alone);
    }

    private sealed class TextRow
    {
        [VectorType(1, 12, 16)]
        public float[] Pixels { get; set; } = [];

        public string Label { get; set; } = "";

        public string Speaker { get; set; } = "";
    }

    private sealed class Prediction
    {
        public float[] Score { get; set; } = [];

        public string PredictedLabel { get; set; } = "";
    }
}
