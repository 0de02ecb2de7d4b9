namespace SerPipeline.Evaluation;

/// <summary>
/// Predictions without training, to compare a model with: the most frequent class, and the class of the nearest training clip. A nearest
/// neighbour that does well on a split, and badly once speakers are held out, shows that the split leaks.
/// </summary>
public static class Baselines
{
    /// <summary>Predicts the most frequent training class for every test row; of equally frequent ones the first label.</summary>
    /// <param name="train">The training rows.</param>
    /// <param name="test">The test rows.</param>
    /// <param name="labelColumnName">The true label: text, or a key with text values.</param>
    /// <returns>One prediction per test row, in their order, without probabilities.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is absent or of another type.</exception>
    /// <exception cref="EvaluationException">A side has no row, or a test label is no label of training.</exception>
    public static PredictionSet Majority(IDataView train, IDataView test, string labelColumnName = "Label")
    {
        (LabelledRows known, LabelledRows asked) = Read(train, test, labelColumnName, null);
        string majority = known.Labels.MaxBy(label => known.Rows.Count(row => row.Label == label))!;
        return Predict(known, asked, _ => majority);
    }

    /// <summary>
    /// Predicts the class of the nearest training row: by the Euclidean distance of z-scored features, with the training rows' means and
    /// standard deviations (divisor n, as in scikit-learn's StandardScaler). A feature that is constant in training is only centred. Of
    /// equally near rows the first counts.
    /// </summary>
    /// <param name="train">The training rows.</param>
    /// <param name="test">The test rows.</param>
    /// <param name="featureColumnName">The features, <c>Vector&lt;Single&gt;</c>, one length in all rows.</param>
    /// <param name="labelColumnName">The true label: text, or a key with text values.</param>
    /// <returns>One prediction per test row, in their order, without probabilities.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is absent or of another type.</exception>
    /// <exception cref="EvaluationException">
    /// A side has no row, vectors differ in length or hold a number that is not finite, or a test label is no label of training.
    /// </exception>
    public static PredictionSet NearestNeighbor(
        IDataView train, IDataView test, string featureColumnName = "Features", string labelColumnName = "Label")
    {
        (LabelledRows known, LabelledRows asked) = Read(train, test, labelColumnName, featureColumnName);
        int size = known.Rows[0].Values.Length;
        RequireVectors(known, size, "training");
        RequireVectors(asked, size, "test");
        double[] mean = [.. Enumerable.Range(0, size).Select(k => known.Rows.Average(row => (double)row.Values[k]))];
        double[] scale = [.. Enumerable.Range(0, size).Select(k => Scale(known.Rows, k, mean[k]))];
        double[][] stored = [.. known.Rows.Select(row => ZScores(row.Values))];
        return Predict(known, asked, row => known.Rows[Nearest(ZScores(row.Values), stored)].Label);

        double[] ZScores(float[] values) => [.. values.Select((value, k) => (value - mean[k]) / scale[k])];
    }

    /// <summary>
    /// Finds the test rows whose features equal those of a training row, number for number: copies made before the split. Labels are
    /// ignored.
    /// </summary>
    /// <param name="train">The training rows.</param>
    /// <param name="test">The test rows.</param>
    /// <param name="featureColumnName">The features, <c>Vector&lt;Single&gt;</c>.</param>
    /// <returns>One entry for each such test row, in their order.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The column is absent or of another type.</exception>
    public static IReadOnlyList<ExactDuplicate> ExactDuplicates(IDataView train, IDataView test, string featureColumnName = "Features")
    {
        var first = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach ((int row, string content) in Contents(train, featureColumnName).Index()) first.TryAdd(content, row);
        return [.. Contents(test, featureColumnName).Index().Where(row => first.ContainsKey(row.Item))
            .Select(row => new ExactDuplicate(row.Index, first[row.Item]))];
    }

    private static (LabelledRows Train, LabelledRows Test) Read(IDataView train, IDataView test, string label, string? features)
    {
        LabelledRows known = LabelledRows.Read(train, label, features), asked = LabelledRows.Read(test, label, features);
        if (known.Rows.Count == 0) throw new EvaluationException("Expected at least one training row; found none.");
        if (asked.Rows.Count == 0) throw new EvaluationException("Expected at least one test row; found none.");
        return (known, asked);
    }

    private static PredictionSet Predict(LabelledRows known, LabelledRows asked, Func<LabelledRow, string> predict) =>
        new(known.Labels, [.. asked.Rows.Select(row => row.ToPrediction(predict(row), []))]);

    private static void RequireVectors(LabelledRows rows, int size, string part)
    {
        foreach ((int i, LabelledRow row) in rows.Rows.Index())
        {
            if (row.Values.Length != size || size == 0)
                throw new EvaluationException($"Expected {Math.Max(1, size)} features in every row, as in the first training row; found "
                    + $"{row.Values.Length} in {part} row {i + 1}.");
            if (!row.Values.All(float.IsFinite))
                throw new EvaluationException($"Expected finite features; found others in {part} row {i + 1}.");
        }
    }

    private static double Scale(IReadOnlyList<LabelledRow> rows, int feature, double mean)
    {
        // Rounding may leave the variance of a constant a little above 0.
        if (rows.All(row => row.Values[feature] == rows[0].Values[feature])) return 1;
        return Math.Sqrt(rows.Average(row => (row.Values[feature] - mean) * (row.Values[feature] - mean)));
    }

    private static int Nearest(double[] asked, double[][] stored)
    {
        int nearest = 0;
        double least = double.PositiveInfinity;
        for (int row = 0; row < stored.Length; row++)
        {
            double distance = 0;
            // Ends early where the sum can only grow beyond the least one.
            for (int k = 0; k < asked.Length && distance < least; k++)
                distance += (asked[k] - stored[row][k]) * (asked[k] - stored[row][k]);
            if (distance < least) (least, nearest) = (distance, row);
        }
        return nearest;
    }

    // Adding 0 turns -0, which equals 0, into the same bits.
    private static IEnumerable<string> Contents(IDataView data, string column) => LabelledRows.ReadVectors(data, column)
        .Select(values => Convert.ToBase64String(MemoryMarshal.AsBytes<float>(values.Select(value => value + 0f).ToArray())));
}

/// <summary>A test row whose features are those of a training row.</summary>
/// <param name="TestRow">The test row, from 0.</param>
/// <param name="TrainRow">The first training row that is equal, from 0.</param>
public readonly record struct ExactDuplicate(int TestRow, int TrainRow);
