using SerPipeline.Old.Pipeline;


namespace SerPipeline.Evaluation.Baselines;

/// <summary>
/// Predictions that take no training, to hold a model's score against: what guessing the commonest class gives, and what remembering the nearest clip gives. A nearest
/// neighbour that does well under a split, and badly once speakers are held out, shows what the split lets through.
/// </summary>
public static class Baseline
{
    /// <summary>Predicts for every test row the class that most training rows have; of equally common ones the first of the labels.</summary>
    /// <param name="train">The training rows; the label column is text or a key.</param>
    /// <param name="test">The test rows.</param>
    /// <param name="labelColumnName">The truth.</param>
    /// <returns>One prediction a test row, in their order, without probabilities.</returns>
    /// <exception cref="SchemaException">A column is missing or of another type.</exception>
    /// <exception cref="EvaluationException">A side has no row, or a test label is no label of training.</exception>
    public static PredictionSet Majority(IDataView train, IDataView test, string labelColumnName = "Label")
    {
        LabelledRows known = LabelledRows.Read(train, labelColumnName, null), asked = LabelledRows.Read(test, labelColumnName, null);
        known.RequireSome("training");
        asked.RequireSome("test");
        string commonest = known.Labels.MaxBy(label => known.Rows.Count(row => row.Label == label))!;
        return known.Predict(asked, _ => commonest);
    }

    /// <summary>
    /// Predicts for every test row the class of the nearest training row: by the Euclidean distance of z-scored features, whose means and deviations (over n, as
    /// scikit-learn's StandardScaler has them) are the training rows'. A feature that is constant in training is centred alone. Of equally near rows the first counts.
    /// </summary>
    /// <param name="train">The training rows.</param>
    /// <param name="test">The test rows.</param>
    /// <param name="featureColumnName">A vector of floats of one length.</param>
    /// <param name="labelColumnName">The truth; text or a key.</param>
    /// <returns>One prediction a test row, in their order, without probabilities.</returns>
    /// <exception cref="SchemaException">A column is missing or of another type.</exception>
    /// <exception cref="EvaluationException">A side has no row, vectors are not of one length or hold a number that is not finite, or a test label is no label of training.</exception>
    public static PredictionSet NearestNeighbor(IDataView train, IDataView test, string featureColumnName = "Features", string labelColumnName = "Label")
    {
        LabelledRows known = LabelledRows.Read(train, labelColumnName, featureColumnName), asked = LabelledRows.Read(test, labelColumnName, featureColumnName);
        known.RequireSome("training");
        asked.RequireSome("test");
        int size = known.Rows[0].Features.Length;
        known.RequireVectors(size, "training");
        asked.RequireVectors(size, "test");
        (double[] mean, double[] scale) = MeanAndScale(known, size);
        double[][] stored = [.. known.Rows.Select(row => Scaled(row.Features, mean, scale))];
        return known.Predict(asked, row => known.Rows[Nearest(Scaled(row.Features, mean, scale), stored)].Label);
    }

    private static (double[] Mean, double[] Scale) MeanAndScale(LabelledRows rows, int size)
    {
        double[] mean = new double[size], scale = new double[size];
        for (int k = 0; k < size; k++)
        {
            mean[k] = rows.Rows.Average(row => (double)row.Features[k]);
            double variance = rows.Rows.Average(row => (row.Features[k] - mean[k]) * (row.Features[k] - mean[k]));
            // By its values and not by its variance, which rounding may leave a little above 0.
            scale[k] = rows.Rows.All(row => row.Features[k] == rows.Rows[0].Features[k]) ? 1 : Math.Sqrt(variance);
        }
        return (mean, scale);
    }

    private static double[] Scaled(float[] features, double[] mean, double[] scale)
    {
        var values = new double[features.Length];
        for (int k = 0; k < values.Length; k++) values[k] = (features[k] - mean[k]) / scale[k];
        return values;
    }

    private static int Nearest(double[] asked, double[][] stored)
    {
        int nearest = 0;
        double least = double.PositiveInfinity;
        for (int row = 0; row < stored.Length; row++)
        {
            double distance = 0;
            double[] other = stored[row];
            // Ends early where the sum can only grow past the least one.
            for (int k = 0; k < asked.Length && distance < least; k++) distance += (asked[k] - other[k]) * (asked[k] - other[k]);
            if (distance >= least) continue;
            least = distance;
            nearest = row;
        }
        return nearest;
    }
}
