using Microsoft.ML;
using Microsoft.ML.Data;
using SerPipeline.Evaluation;

namespace SerPipeline.Tests.Evaluation;

public class BaselinesTests
{
    private static readonly MLContext Ml = new(seed: 1);

    [Fact]
    public void The_majority_is_trainings_and_of_equals_the_first_label()
    {
        IDataView train = Rows(("sad", [0, 0]), ("angry", [0, 0]), ("sad", [0, 0]), ("angry", [0, 0]));
        PredictionSet predictions = Baselines.Majority(train, Rows(("angry", [0, 0]), ("sad", [0, 0]), ("angry", [0, 0])));
        Assert.Equal(["angry", "sad"], predictions.Labels);
        Assert.Equal(["angry", "angry", "angry"], predictions.Rows.Select(row => row.Predicted));
        Assert.Equal(["angry", "sad", "angry"], predictions.Rows.Select(row => row.Label));
        Assert.Equal(2.0 / 3, predictions.ToReport().Accuracy, 1e-12);
    }

    [Fact]
    public void A_key_columns_values_are_the_labels_in_their_order()
    {
        var keys = Ml.Transforms.Conversion.MapValueToKey("Label").Fit(Rows(("sad", [0, 0]), ("calm", [0, 0]), ("angry", [0, 0])));
        IDataView train = keys.Transform(Rows(("calm", [0, 0]), ("calm", [0, 0])));
        PredictionSet predictions = Baselines.Majority(train, keys.Transform(Rows(("sad", [0, 0]))));
        Assert.Equal(["sad", "calm", "angry"], predictions.Labels);
        Assert.Equal(("sad", "calm"), (predictions.Rows[0].Label, predictions.Rows[0].Predicted));
    }

    [Fact]
    public void The_nearest_row_counts_after_each_feature_has_its_deviation_as_unit()
    {
        // Deviations are 1 and 1000: the first test row lies .1 and 1.5 from one,
        // 1.9 and .5 from the other. Unscaled, the second feature would decide.
        IDataView train = Rows(("calm", [-1, -1000]), ("sad", [1, 1000])), test = Rows(("calm", [-0.9f, 500]), ("sad", [0.9f, 100]));
        PredictionSet predictions = Baselines.NearestNeighbor(train, test);
        Assert.Equal(["calm", "sad"], predictions.Rows.Select(row => row.Predicted));
        Assert.Equal(["s1", "s1"], predictions.Rows.Select(row => row.Speaker!));
        Assert.All(predictions.Rows, row => Assert.Empty(row.Probabilities));
    }

    [Fact]
    public void A_constant_feature_is_only_centred_and_of_equally_near_rows_the_first_counts()
    {
        IDataView train = Rows(("sad", [0.1f, 1]), ("calm", [0.1f, 1]), ("angry", [0.1f, 5]));
        PredictionSet predictions = Baselines.NearestNeighbor(train, Rows(("calm", [0.1f, 1]), ("calm", [0.6f, 4.9f])));
        Assert.Equal(["sad", "angry"], predictions.Rows.Select(row => row.Predicted));
    }

    [Fact]
    public void A_sparse_vector_keeps_its_zeros()
    {
        IDataView sparse = Ml.Data.LoadFromEnumerable([new SparseRow { Label = "calm", Features = new VBuffer<float>(2, 1, [3f], [1]) }]);
        IDataView dense = Rows(("calm", [3, 0]), ("sad", [0, 3]));
        Assert.Equal("sad", Baselines.NearestNeighbor(dense, sparse).Rows[0].Predicted);
        Assert.Equal([new ExactDuplicate(0, 1)], Baselines.ExactDuplicates(dense, sparse));
    }

    [Fact]
    public void Rows_that_cannot_be_compared_are_refused()
    {
        IDataView one = Rows(("sad", [1, 2])), none = Ml.Data.FilterRowsByColumn(Numbered(1), "Number", 5, 6), longer = Numbered(3);
        Assert.Contains("test row", Error(() => Baselines.Majority(longer, none)), StringComparison.Ordinal);
        Assert.Contains("training row", Error(() => Baselines.Majority(none, longer)), StringComparison.Ordinal);
        Assert.Contains("found 3 in test row 1", Error(() => Baselines.NearestNeighbor(one, longer)), StringComparison.Ordinal);
        Assert.Contains("finite", Error(() => Baselines.NearestNeighbor(Rows(("sad", [1, float.NaN])), one)), StringComparison.Ordinal);
        Assert.Contains("'Label'", Assert.Throws<ArgumentOutOfRangeException>(() => Baselines.ExactDuplicates(one, one, "Label")).Message,
            StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => Baselines.NearestNeighbor(one, one, "Nothing"));

        static string Error(Func<object> run) => Assert.Throws<EvaluationException>(run).Message;
    }

    [Fact]
    public void A_duplicate_is_equal_in_every_number_whatever_its_label()
    {
        IDataView train = Rows(("sad", [1, 2]), ("sad", [0, 3]), ("calm", [0, 3]));
        IDataView test = Rows(("angry", [-0f, 3]), ("sad", [1, 2.0000002f]), ("sad", [1, 2]));
        Assert.Equal([new ExactDuplicate(0, 1), new ExactDuplicate(2, 0)], Baselines.ExactDuplicates(train, test));
        Assert.Empty(Baselines.ExactDuplicates(train, Numbered(3)));
    }

    private static IDataView Rows(params (string Label, float[] Features)[] rows) =>
        Ml.Data.LoadFromEnumerable(rows.Select(row => new Row { Label = row.Label, Features = row.Features, Speaker = "s1" }));

    /// <summary>One row with a number to filter by.</summary>
    private static IDataView Numbered(int size) =>
        Ml.Data.LoadFromEnumerable([new Row { Label = "sad", Features = new float[size], Number = size }]);

    private sealed class Row
    {
        public string Label { get; init; } = "";

        public float[] Features { get; init; } = [];

        public string Speaker { get; init; } = "";

        public float Number { get; init; }
    }

    private sealed class SparseRow
    {
        public string Label { get; init; } = "";

        [VectorType(2)]
        public VBuffer<float> Features { get; init; }
    }
}
