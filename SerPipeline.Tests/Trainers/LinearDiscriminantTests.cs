using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;
using SerPipeline.Tests.Support;
using SerPipeline.Trainers;

namespace SerPipeline.Tests.Trainers;

public sealed class LinearDiscriminantTests
{
    // The corners of a rectangle have variances 4 and 1 and no covariance; the second class is the first moved by (3, 2).
    private static readonly float[][] Corners = [[0, 0], [4, 0], [0, 2], [4, 2], [3, 2], [7, 2], [3, 4], [7, 4]];
    private static readonly int[] CornerClasses = [0, 0, 0, 0, 1, 1, 1, 1];

    [Theory]
    [InlineData(0, 3 / 4.0, 2 / 1.0)]
    // Shrunk by half towards the mean variance 2.5: 3.25 and 1.75.
    [InlineData(0.5, 3 / 3.25, 2 / 1.75)]
    [InlineData(1, 3 / 2.5, 2 / 2.5)]
    public void It_is_what_a_hand_computes(double shrinkage, double slope1, double slope2)
    {
        var fitted = LinearDiscriminant.Fit(Corners, CornerClasses, 2, shrinkage);
        Assert.Equal(slope1, fitted.Weights[1][0] - fitted.Weights[0][0], 12);
        Assert.Equal(slope2, fitted.Weights[1][1] - fitted.Weights[0][1], 12);
        // Half way between the means (2, 1) and (5, 3) nothing speaks for either.
        double[] scores = fitted.Scores([3.5f, 2]);
        Assert.Equal(scores[0], scores[1], 12);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.3)]
    public void Posteriors_are_those_of_normal_classes_by_another_way(double shrinkage)
    {
        (float[][] rows, int[] labels) = Clouds(140, 5);
        var fitted = LinearDiscriminant.Fit(rows, labels, 3, shrinkage);
        // Densities of the three normal distributions, with the inverse by Gauss and Jordan.
        double[][] means = [.. Enumerable.Range(0, 3).Select(c => Mean([.. rows.Where((_, i) => labels[i] == c)]))];
        var covariance = new double[5, 5];
        for (int a = 0; a < 5; a++)
            for (int b = 0; b < 5; b++)
                covariance[a, b] = Enumerable.Range(0, 3).Average(c => rows.Where((_, i) => labels[i] == c)
                    .Average(row => (row[a] - means[c][a]) * (row[b] - means[c][b])));
        double level = Enumerable.Range(0, 5).Average(a => covariance[a, a]);
        for (int a = 0; a < 5; a++)
            for (int b = 0; b < 5; b++) covariance[a, b] = ((1 - shrinkage) * covariance[a, b]) + (a == b ? shrinkage * level : 0);
        double[,] inverse = Inverse(covariance);
        foreach (float[] row in rows.Take(20))
        {
            double[] distances = [.. means.Select(mean => Enumerable.Range(0, 5).Sum(a => Enumerable.Range(0, 5).Sum(b =>
                (row[a] - mean[a]) * inverse[a, b] * (row[b] - mean[b]))))];
            Assert.Equal(Softmax([.. distances.Select(d => -d / 2)]), Softmax(fitted.Scores(row)), (x, y) => Math.Abs(x - y) < 1e-9);
        }
    }

    [Fact]
    public void Without_shrinkage_an_affine_map_of_the_features_changes_nothing()
    {
        (float[][] rows, int[] labels) = Clouds(120, 4);
        float[][] mapped = [.. rows.Select(Map)];
        var plain = LinearDiscriminant.Fit(rows, labels, 3, 0);
        var other = LinearDiscriminant.Fit(mapped, labels, 3, 0);
        foreach (float[] row in rows)
            Assert.Equal(Softmax(plain.Scores(row)), Softmax(other.Scores(Map(row))), (x, y) => Math.Abs(x - y) < 1e-4);

        static float[] Map(float[] r) => [(100 * r[0]) + 7, r[1] - r[0], (0.01f * r[2]) + r[3], (3 * r[3]) - 50];
    }

    [Fact]
    public void A_class_with_more_clips_weighs_no_more()
    {
        (float[][] rows, int[] labels) = Clouds(90, 4);
        int[] repeated = [.. Enumerable.Range(0, 90), .. Enumerable.Range(0, 90).Where(i => labels[i] == 1)];
        var plain = LinearDiscriminant.Fit(rows, labels, 3, 0.2);
        var more = LinearDiscriminant.Fit([.. repeated.Select(i => rows[i])], [.. repeated.Select(i => labels[i])], 3, 0.2);
        foreach (float[] row in rows) Assert.Equal(plain.Scores(row), more.Scores(row), (x, y) => Math.Abs(x - y) < 1e-9);
    }

    [Fact]
    public void A_singular_covariance_is_refused_and_shrinkage_mends_it()
    {
        (float[][] rows, int[] labels) = Clouds(60, 3);
        float[][] twice = [.. rows.Select(row => (float[])[.. row, row[0] + row[1]])];
        var error = Assert.Throws<SchemaException>(() => LinearDiscriminant.Fit(twice, labels, 3, 0));
        Assert.Contains("slot 3", error.Message, StringComparison.Ordinal);
        Assert.Contains("Shrinkage", error.Message, StringComparison.Ordinal);
        Assert.All(LinearDiscriminant.Fit(twice, labels, 3, 0.1).Scores(twice[0]), score => Assert.True(double.IsFinite(score)));
        // What no shrinkage mends is not told to shrink.
        error = Assert.Throws<SchemaException>(() => LinearDiscriminant.Fit([[1, 2], [3, 4], [5, 7]], [0, 1, 2], 3, 0.3));
        Assert.Contains("one row of each. Give more rows", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(8)]
    [InlineData(0)]
    // Too few to hold some out: fixed.
    [InlineData(3)]
    public void Its_probabilities_are_calibrated_and_its_labels_are_as_they_were(int speakers)
    {
        // Forty slots of noise over 120 rows, and each voice moves them its own way.
        SeededRandom random = new SeededRandom(9).Fork("noise");
        double[][] voices = [.. Enumerable.Range(0, 16).Select(_ => Enumerable.Range(0, 40).Select(_ => random.NextNormal()).ToArray())];
        Toys.Row Row(int i, int first, int count) => new()
        {
            Features = [.. Enumerable.Range(0, 40).Select(d =>
                (float)(random.NextNormal() + voices[first + (i % count)][d] + (d == i % 3 ? 3 : 0)))],
            Label = (uint)(i % 3) + 1,
            Speaker = $"s{i % Math.Max(1, speakers)}",
        };
        Toys.Row[] rows = [.. Enumerable.Range(0, 120).Select(i => Row(i, 0, Math.Max(1, speakers)))];
        IDataView test = Toys.View(Toys.Classes, false,
            [.. Enumerable.Range(0, 240).Select(i => speakers == 0 ? Row(i, 0, 1) : Row(i, 8, 8))]);
        IDataView train = Toys.View(Toys.Classes, speakers > 0, rows);
        var trainers = new MLContext(1).MulticlassClassification.Trainers;
        ITransformer calibrated = trainers.LinearDiscriminant(new LinearDiscriminantOptions { Shrinkage = 0.01 }).Fit(train);
        ITransformer raw = trainers.LinearDiscriminant(new LinearDiscriminantOptions { Shrinkage = 0.01, Temperature = 1 }).Fit(train);
        Assert.Equal(Toys.Accuracy(raw, test), Toys.Accuracy(calibrated, test), 12);
        Assert.True(Toys.LogLoss(calibrated, test) < Toys.LogLoss(raw, test) - 0.02,
            $"{Toys.LogLoss(calibrated, test)} {Toys.LogLoss(raw, test)}");
    }

    [Fact]
    public void Where_a_fold_cannot_be_fitted_the_others_calibrate_and_else_a_fixed_temperature_does()
    {
        // One row of a class: without it no fold has every class but those that keep it.
        Toys.Row[] rows = [.. Enumerable.Range(0, 31).Select(i => new Toys.Row
        {
            Features = [i % 7, i % 5, i % 3], Label = i == 30 ? 3u : (uint)(i % 2) + 1
        })];
        var trainers = new MLContext(1).MulticlassClassification.Trainers;
        IDataView one = Toys.View(Toys.Classes, false, rows);
        Assert.All(Toys.Scores(trainers.LinearDiscriminant().Fit(one), one), scores => Assert.Equal(1, scores.Sum(), 4));
        // As many slots as rows of four folds: singular in each, not in all rows.
        SeededRandom random = new SeededRandom(1).Fork("few");
        Toys.Row[] few = [.. Enumerable.Range(0, 15).Select(i => new Toys.Row
        {
            Features = [.. Enumerable.Range(0, 11).Select(_ => (float)random.NextNormal())], Label = (uint)(i % 3) + 1
        })];
        IDataView view = Toys.View(Toys.Classes, false, few);
        Assert.Equal(Toys.Scores(trainers.LinearDiscriminant(new LinearDiscriminantOptions { Shrinkage = 0, Temperature = 3 }).Fit(view),
            view),
            Toys.Scores(trainers.LinearDiscriminant(new LinearDiscriminantOptions { Shrinkage = 0 }).Fit(view), view));
    }

    [Fact]
    public void Its_model_is_MLNETs_own_and_does_what_those_do()
    {
        var ml = new MLContext(1);
        IDataView rows = Toys.Clouds(240, seed: 1), test = Toys.Clouds(150, seed: 2);
        MulticlassPredictionTransformer<MaximumEntropyModelParameters> model =
            ml.MulticlassClassification.Trainers.LinearDiscriminant().Fit(rows);
        Assert.True(Toys.Accuracy(model, test) > 0.95);
        Assert.All(Toys.Scores(model, test), scores => Assert.Equal(1, scores.Sum(), 4));

        using var stream = new MemoryStream();
        ml.Model.Save(model, rows.Schema, stream);
        stream.Position = 0;
        Assert.Equal(Toys.Scores(model, test), Toys.Scores(ml.Model.Load(stream, out _), test));

        // Slots 0 and 3 part the first class from the others; all slots matter, none as much as noise would.
        var importance = ml.MulticlassClassification.PermutationFeatureImportance(model, model.Transform(test), permutationCount: 2);
        Assert.Equal(6, importance.Length);
        Assert.All(importance, slot => Assert.True(slot.MacroAccuracy.Mean < 0));
    }

    [Fact]
    public void It_is_saved_for_other_programs_with_a_graph_of_its_scores()
    {
        var ml = new MLContext(1);
        IDataView rows = Toys.Clouds(120, seed: 1);
        ITransformer model = ml.Transforms.NormalizeMeanVariance("Features", fixZero: false)
            .Append(ml.MulticlassClassification.Trainers.LinearDiscriminant()).Fit(rows);
        using var folder = new TemporaryFolder();
        var saved = ml.Model.SavePortable(model, rows.Schema, folder.File("lda.zip"));
        Assert.Null(saved.Record.ScoringProblem);
        Assert.Equal(["Microsoft.ML"], saved.Packages);
        Assert.Equal(Toys.Classes, saved.Record.Labels);
        float[] vectors = [.. rows.GetColumn<float[]>("Features").SelectMany(row => row)];
        OnnxOutput scores = OnnxRuntime.Run(saved.Record.Scoring!.Value.ToArray(), (vectors, [120, 6])).Single()["probabilities"];
        Assert.Equal(Toys.Scores(model, rows).SelectMany(row => row), scores.Numbers, (a, b) => Math.Abs(a - b) <= 1e-5);
    }

    [Fact]
    public void What_does_not_fit_is_said_before_a_row_is_read()
    {
        var trainers = new MLContext(1).MulticlassClassification.Trainers;
        IDataView rows = Toys.Unreadable(Toys.Clouds(12, seed: 1));
        Assert.Throws<SchemaException>(() => trainers.LinearDiscriminant("Label", "Nothing").Fit(rows));
        Assert.Throws<SchemaException>(() => trainers.LinearDiscriminant("Speaker").Fit(rows));
        Assert.Throws<OptionsException>(() => trainers.LinearDiscriminant(new LinearDiscriminantOptions { Shrinkage = 1.1 }));
        Assert.Throws<OptionsException>(() => trainers.LinearDiscriminant(new LinearDiscriminantOptions { Temperature = 0 }));
        IDataView untaught = Toys.View(Toys.Classes, false, new() { Features = [1, 2], Label = 1 }, new() { Features = [2, 1], Label = 2 });
        Assert.Contains("sad", Assert.Throws<SchemaException>(() => trainers.LinearDiscriminant().Fit(untaught)).Message,
            StringComparison.Ordinal);
    }

    // Unbalanced on purpose.
    private static (float[][] Rows, int[] Labels) Clouds(int count, int slots)
    {
        SeededRandom random = new SeededRandom(3).Fork("clouds");
        int[] labels = [.. Enumerable.Range(0, count).Select(i => i % 7 < 4 ? 0 : i % 7 < 6 ? 1 : 2)];
        return ([.. labels.Select(label =>
        {
            double common = random.NextNormal();
            return Enumerable.Range(0, slots).Select(j => (float)(random.NextNormal() + common + (j % 3 == label ? 1.5 : 0))).ToArray();
        })], labels);
    }

    private static double[] Mean(float[][] rows) =>
        [.. Enumerable.Range(0, rows[0].Length).Select(j => rows.Average(row => (double)row[j]))];

    private static double[] Softmax(double[] scores)
    {
        double[] powers = [.. scores.Select(score => Math.Exp(score - scores.Max()))];
        return [.. powers.Select(power => power / powers.Sum())];
    }

    private static double[,] Inverse(double[,] matrix)
    {
        int n = matrix.GetLength(0);
        var (left, right) = ((double[,])matrix.Clone(), new double[n, n]);
        for (int i = 0; i < n; i++) right[i, i] = 1;
        for (int pivot = 0; pivot < n; pivot++)
        {
            double by = left[pivot, pivot];
            for (int j = 0; j < n; j++) (left[pivot, j], right[pivot, j]) = (left[pivot, j] / by, right[pivot, j] / by);
            for (int i = 0; i < n; i++)
            {
                if (i == pivot) continue;
                double times = left[i, pivot];
                for (int j = 0; j < n; j++)
                {
                    left[i, j] -= times * left[pivot, j];
                    right[i, j] -= times * right[pivot, j];
                }
            }
        }
        return right;
    }
}
