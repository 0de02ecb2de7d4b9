using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using SerPipeline.Evaluation;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Evaluation;

/// <summary>Calibration error and temperature against numpy's values, closed forms and properties.</summary>
public sealed class CalibrationTests
{
    public static TheoryData<string> Cases => ["overconfident", "modest", "two classes"];

    // Fixtures/temperature.py made the values; both sides add the same few hundred doubles, so 1e-9 is generous.
    [Theory]
    [MemberData(nameof(Cases))]
    public void Calibration_error_is_numpys(string name)
    {
        Reference reference = Read(name);
        Assert.Equal(reference.Ece, Calibration.Of(reference.Predictions()).Ece, 1e-9);
        RunCalibration scaled = Calibration.Of(reference.Predictions(), reference.Temperature);
        Assert.Equal(reference.Ece, scaled.Ece, 1e-9);
        Assert.Equal(reference.ScaledEce, scaled.ScaledEce!.Value, 1e-9);
        Assert.Equal(reference.ScaledLogLoss, scaled.ScaledLogLoss!.Value, 1e-9);
        Assert.Equal(reference.Temperature, scaled.Temperature);
    }

    // Fixtures/make_fixtures.py made these: every bin is held against numpy's, an all-certain set among them.
    [Theory]
    [InlineData("overconfident")]
    [InlineData("underconfident")]
    [InlineData("certain")]
    public void Every_reliability_bin_is_numpys(string name)
    {
        BinReference reference = Entry("calibration.json", "sets", name).Deserialize<BinReference>(JsonSerializerOptions.Web)!;
        RunCalibration found = Calibration.Of(Set(reference.Probabilities, reference.Truth));
        Assert.Equal(reference.Ece, found.Ece, 1e-9);
        Assert.Equal(reference.Reliability.Length, found.Reliability.Count);
        foreach ((RunReliabilityBin expected, RunReliabilityBin bin) in reference.Reliability.Zip(found.Reliability))
        {
            Assert.Equal(expected.Clips, bin.Clips);
            Assert.Equal(expected.Low, bin.Low, 1e-12);
            Assert.Equal(expected.High, bin.High, 1e-12);
            Assert.Equal(expected.Confidence, bin.Confidence, 1e-9);
            Assert.Equal(expected.Accuracy, bin.Accuracy, 1e-9);
        }
    }

    // The grids end some 1e-11 apart, but the likelihood is flat there: near
    // its least, float64 tells temperatures apart to about 1e-7 only.
    [Theory]
    [MemberData(nameof(Cases))]
    public void The_temperature_is_that_of_a_grid_search(string name)
    {
        Reference reference = Read(name);
        float[][] logs = [.. reference.Probabilities.Select(p => Array.ConvertAll(p, v => MathF.Log(v)))];
        Assert.Equal(reference.Temperature, TemperatureScaling.Fit(logs, reference.Labels), 2e-6);
    }

    // Labels drawn from softmax(z / T): the estimate's deviation at 20,000 draws is near 1 %.
    [Theory]
    [InlineData(0.5)]
    [InlineData(1)]
    [InlineData(2.5)]
    public void A_known_temperature_is_recovered_and_scaling_makes_the_probabilities_true(double temperature)
    {
        (float[][] z, int[] labels) = Drawn(20_000, 5, temperature, seed: 3);
        double fitted = TemperatureScaling.Fit(z, labels);
        Assert.Equal(temperature, fitted, 0.06 * temperature);
        PredictionSet set = Set(
            [.. z.Select(row => Array.ConvertAll(TemperatureScaling.Apply(Array.ConvertAll(row, MathF.Exp), 1), v => (float)v))], labels);
        RunCalibration calibration = Calibration.Of(set, fitted);
        // Well calibrated, a bin's share of right answers is off by about sqrt(.25 / 1,300): .014; their weighted mean lies below .02.
        Assert.True(calibration.ScaledEce < 0.02, $"scaled {calibration.ScaledEce}");
        if (temperature == 1) Assert.True(calibration.Ece < 0.02, $"plain {calibration.Ece}");
        else Assert.True(calibration.Ece > 0.05, $"plain {calibration.Ece}");
    }

    [Fact]
    public void No_temperature_nearby_fits_better_and_the_decision_never_changes() => Seeds(60, seed =>
    {
        (float[][] z, int[] labels) = Drawn(40, 4, 1 + (2 * new SeededRandom(seed).NextDouble()), seed);
        double fitted = TemperatureScaling.Fit(z, labels);
        Assert.InRange(fitted, TemperatureScaling.Least, TemperatureScaling.Greatest);
        double best = NegativeLogLikelihood(z, labels, fitted);
        foreach (double other in new[] { fitted * 0.99, fitted * 1.01, 0.3, 1, 4 }.Where(t =>
            t is > TemperatureScaling.Least and < TemperatureScaling.Greatest))
            Assert.True(best <= NegativeLogLikelihood(z, labels, other) + 1e-12, $"{other} is better than {fitted}");
        foreach (float[] row in z)
        {
            float[] p = Array.ConvertAll(TemperatureScaling.Apply(Array.ConvertAll(row, MathF.Exp), 1), v => (float)v);
            double[] scaled = TemperatureScaling.Apply(p, fitted);
            Assert.Equal(1, scaled.Sum(), 1e-12);
            Assert.Equal(Array.IndexOf(p, p.Max()), Array.IndexOf(scaled, scaled.Max()));
        }
    });

    [Fact]
    public void Where_the_likelihood_grows_for_ever_the_end_of_the_range_is_given()
    {
        Assert.Equal(TemperatureScaling.Least, TemperatureScaling.Fit([[3, 0], [0, 2]], [0, 1]));
        Assert.Equal(TemperatureScaling.Least, TemperatureScaling.Fit([[900, 0], [0, 900]], [0, 1]));
        Assert.Equal(TemperatureScaling.Greatest, TemperatureScaling.Fit([[3, 0], [0, 2]], [1, 0]));
        // Equal scores: no temperature changes anything.
        Assert.Equal(1, TemperatureScaling.Fit([[2, 2], [0, 0]], [0, 1]));
    }

    [Fact]
    public void Bins_are_open_below_and_closed_above()
    {
        // 2/3 is the edge of bins 9 and 10 (of 15, from 0): in float32 it rounds
        // up to .66666669, above the edge; 0.4 rounds up as well, 0.6 too.
        RunCalibration c = Calibration.Of(Set([[1f, 0f], [0.5f, 0.5f], [0.60000002f, 0.4f], [0.59999996f, 0.40000004f]], [0, 0, 0, 1]));
        Assert.Equal(15, c.Bins);
        Assert.Equal(15, c.Reliability.Count);
        Assert.Equal((0.0, 1.0), (c.Reliability[0].Low, c.Reliability[^1].High));
        Assert.Equal([(7, 1L), (8, 1L), (9, 1L), (14, 1L)],
            c.Reliability.Index().Where(b => b.Item.Clips > 0).Select(b => (b.Index, b.Item.Clips)));
        // By hand: (|1 - 1| + |1 - .5| + |1 - .6| + |0 - .6|) / 4.
        Assert.Equal((0 + 0.5 + 0.4 + 0.6) / 4, c.Ece, 1e-7);
        Assert.Null(c.Temperature);
        Assert.Null(c.ScaledEce);
        Assert.Empty(c.ScaledReliability);
    }

    [Fact]
    public void Bins_hold_every_clip_once_and_add_up_to_the_accuracy() => Seeds(40, seed =>
    {
        PredictionSet set = Predictions.Random(seed, rows: 60, classes: 4);
        RunCalibration c = Calibration.Of(set, 1.7);
        foreach (IReadOnlyList<RunReliabilityBin> bins in new[] { c.Reliability, c.ScaledReliability })
        {
            Assert.Equal(60, bins.Sum(b => b.Clips));
            Assert.Equal(set.ToReport().Accuracy, bins.Sum(b => b.Clips * b.Accuracy) / 60, 1e-12);
            Assert.All(bins.Where(b => b.Clips > 0), b => Assert.InRange(b.Confidence, b.Low - 1e-6, b.High + 1e-6));
        }
        Assert.InRange(c.Ece, 0, 1);
        // A temperature of 1 leaves everything as it is; float32 probabilities sum to 1 within 1e-6.
        RunCalibration same = Calibration.Of(set, 1);
        Assert.Equal(c.Ece, same.Ece);
        Assert.Equal(set.ToReport().LogLoss, same.ScaledLogLoss!.Value, 1e-5);
    });

    [Fact]
    public void Pooled_folds_are_each_scaled_with_their_own_temperature()
    {
        PredictionSet first = Predictions.Random(1, 30, 4), second = Predictions.Random(2, 20, 4);
        RunCalibration pooled = Calibration.Of([(first, 2), (second, 0.5)]);
        var both = new PredictionSet(first.Labels, [.. first.Rows, .. second.Rows]);
        RunCalibration each = Calibration.Of([.. Alone(first, 2), .. Alone(second, 0.5)]);
        Assert.Equal(each.ScaledEce, pooled.ScaledEce);
        Assert.Equal(each.ScaledLogLoss, pooled.ScaledLogLoss);
        Assert.Equal(each.ScaledReliability, pooled.ScaledReliability);
        Assert.Equal(1.25, pooled.Temperature);
        Assert.Equal(((30 * 2) + (20 * 0.5)) / 50, each.Temperature!.Value, 1e-12);
        Assert.Equal(((30 * Calibration.Of(first, 2).ScaledLogLoss!.Value) + (20 * Calibration.Of(second, 0.5).ScaledLogLoss!.Value)) / 50,
            pooled.ScaledLogLoss!.Value, 1e-12);
        Assert.NotEqual(Calibration.Of(both, 1.25).ScaledLogLoss, pooled.ScaledLogLoss);
        // A fold without a temperature: nothing scaled, and the plain error as ever.
        RunCalibration partly = Calibration.Of([(first, 2), (second, null)]);
        Assert.Equal((pooled.Ece, null, null), (partly.Ece, partly.ScaledEce, partly.Temperature));

        static IEnumerable<(PredictionSet, double?)> Alone(PredictionSet fold, double temperature) =>
            fold.Rows.Select(row => (new PredictionSet(fold.Labels, [row]), (double?)temperature));
    }

    [Fact]
    public void What_cannot_be_measured_is_refused_with_a_reason()
    {
        PredictionSet silent = Predictions.Set(["a", "b"], [0, 1], [0, 1]);
        Assert.Contains("probabilities", Assert.Throws<EvaluationException>(() => Calibration.Of(silent)).Message,
            StringComparison.Ordinal);
        Assert.Throws<EvaluationException>(() => Calibration.Of([]));
        PredictionSet set = Predictions.Random(1, 5, 3);
        foreach (double bad in new[] { 0, -1, double.NaN, double.PositiveInfinity })
            Assert.Contains("above 0", Assert.Throws<EvaluationException>(() => Calibration.Of(set, bad)).Message,
                StringComparison.Ordinal);
        Assert.Throws<EvaluationException>(() => TemperatureScaling.Fit([], []));
        Assert.Throws<EvaluationException>(() => TemperatureScaling.Fit([[1, 2]], [0, 1]));
        Assert.Throws<EvaluationException>(() => TemperatureScaling.Fit([[1, 2]], [2]));
        Assert.Throws<EvaluationException>(() => TemperatureScaling.Fit([[1, 2], [1]], [0, 0]));
        Assert.Contains("finite", Assert.Throws<EvaluationException>(() => TemperatureScaling.Fit([[1, float.NaN]], [0])).Message,
            StringComparison.Ordinal);
    }

    private static void Seeds(int times, Action<int> holds) =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(times).WithReplay(20261129UL, 7UL),
            Prop.ForAll(Gen.Choose(0, 1_000_000).ToArbitrary(), holds));

    private static double NegativeLogLikelihood(float[][] z, int[] labels, double temperature) => z.Zip(labels, (row, label) =>
    {
        double[] scaled = [.. row.Select(v => v / temperature)];
        return Math.Log(scaled.Sum(v => Math.Exp(v - scaled.Max()))) + scaled.Max() - scaled[label];
    }).Average();

    private static (float[][] Scores, int[] Labels) Drawn(int rows, int classes, double temperature, int seed)
    {
        SeededRandom random = new SeededRandom(seed).Fork("temperature");
        var z = new float[rows][];
        var labels = new int[rows];
        for (int n = 0; n < rows; n++)
        {
            z[n] = [.. Enumerable.Range(0, classes).Select(_ => (float)(2 * random.NextNormal()))];
            double[] p = [.. z[n].Select(v => Math.Exp(v / temperature))];
            double left = random.NextDouble() * p.Sum();
            while (labels[n] < classes - 1 && (left -= p[labels[n]]) > 0) labels[n]++;
        }
        return (z, labels);
    }

    private static PredictionSet Set(float[][] probabilities, int[] labels)
    {
        string[] names = [.. Enumerable.Range(0, probabilities[0].Length).Select(i => $"class {i}")];
        return new PredictionSet(names, [.. probabilities.Select((p, n) => new ClipPrediction
        {
            Path = $"{n}.wav",
            Label = names[labels[n]],
            Predicted = names[Array.IndexOf(p, p.Max())],
            Probabilities = p,
        })]);
    }

    private static Reference Read(string name) =>
        Entry("temperature.json", "cases", name).Deserialize<Reference>(JsonSerializerOptions.Web)!;

    private static JsonElement Entry(string fixture, string list, string name)
    {
        string path = Path.Combine(Companions.Repository(), "SerPipeline.Tests", "Evaluation", "Fixtures", fixture);
        using JsonDocument file = JsonDocument.Parse(File.ReadAllText(path));
        return file.RootElement.GetProperty(list).EnumerateArray().Single(entry => entry.GetProperty("name").GetString() == name).Clone();
    }

    private sealed record BinReference(int[] Truth, float[][] Probabilities, double Ece, RunReliabilityBin[] Reliability);

    private sealed record Reference(int[] Labels, float[][] Probabilities, double Ece, double Temperature, double ScaledEce,
        double ScaledLogLoss)
    {
        public PredictionSet Predictions() => Set(Probabilities, Labels);
    }
}
