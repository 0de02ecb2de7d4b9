using System.Numerics.Tensors;

namespace SerPipeline.Trainers;

/// <summary>
/// Linear discriminant analysis with equal priors: classes are normal with one covariance, which is shrunk towards a multiple of the
/// identity (Friedman 1989, "Regularized Discriminant Analysis"). The posterior is the softmax of linear scores.
/// </summary>
/// <param name="Weights">[classes][slots].</param>
/// <param name="Biases">[classes].</param>
internal sealed record LinearDiscriminant(double[][] Weights, double[] Biases)
{
    /// <summary>Fits it in double precision.</summary>
    /// <param name="rows">[rows][slots].</param>
    /// <param name="labels">Each row's class, from 0.</param>
    /// <param name="classes">How many classes; each needs a row.</param>
    /// <param name="shrinkage">From 0 to 1.</param>
    /// <exception cref="SchemaException">A class has no row, or the covariance is singular.</exception>
    public static LinearDiscriminant Fit(IReadOnlyList<float[]> rows, IReadOnlyList<int> labels, int classes, double shrinkage) =>
        TryFit(rows, labels, classes, shrinkage, out int singular) ?? throw new SchemaException("LinearDiscriminant cannot invert the "
            + (shrinkage > 0 ? "covariance: no slot of the features varies within a class, as with one row of each. Give more rows."
                : $"covariance: slot {singular} of the features is constant within every class, or follows from the slots before it, or "
                + "there are fewer rows than slots. Set Shrinkage above 0, or leave such slots out."));

    /// <summary>The same, or null with the slot where the covariance is singular.</summary>
    public static LinearDiscriminant? TryFit(IReadOnlyList<float[]> rows, IReadOnlyList<int> labels, int classes, double shrinkage,
        out int singular)
    {
        int slots = rows[0].Length;
        double[][] means = Means(rows, labels, classes, slots, out int[] counts);
        double[][] covariance = Covariance(rows, labels, means, counts);
        // 1. Sigma = (1 - s) S + s tr(S) / d I
        double level = covariance.Select((row, i) => row[i]).Average();
        for (int i = 0; i < slots; i++)
        {
            for (int j = 0; j <= i; j++) covariance[i][j] *= 1 - shrinkage;
            covariance[i][i] += shrinkage * level;
        }
        // 2. w = Sigma^-1 m, b = -m.w / 2: with equal priors the rest of the log density is the same for all classes. The grand mean is
        // taken out first, so that nothing large cancels.
        singular = Factorise(covariance);
        if (singular >= 0) return null;
        double[] grand = [.. Enumerable.Range(0, slots).Select(j => means.Average(mean => mean[j]))];
        double[][] weights = [.. means.Select(mean => Solve(covariance, [.. mean.Zip(grand, (m, g) => m - g)]))];
        double[] biases = [.. means.Zip(weights, (mean, weight) =>
            mean.Select((m, j) => weight[j] * (((m - grand[j]) / 2) + grand[j])).Sum() * -1)];
        return new LinearDiscriminant(weights, biases);
    }

    /// <summary>The same with all scores divided.</summary>
    public LinearDiscriminant Over(double temperature) => new([.. Weights.Select(row => row.Select(w => w / temperature).ToArray())],
        [.. Biases.Select(bias => bias / temperature)]);

    /// <summary>The linear scores of a row, [classes]; their softmax are the posteriors.</summary>
    public double[] Scores(float[] row)
    {
        double[] values = Array.ConvertAll(row, value => (double)value);
        return [.. Weights.Zip(Biases, (weight, bias) => TensorPrimitives.Dot<double>(weight, values) + bias)];
    }

    private static double[][] Means(IReadOnlyList<float[]> rows, IReadOnlyList<int> labels, int classes, int slots, out int[] counts)
    {
        double[][] means = [.. Enumerable.Range(0, classes).Select(_ => new double[slots])];
        counts = new int[classes];
        for (int i = 0; i < rows.Count; i++)
        {
            counts[labels[i]]++;
            double[] mean = means[labels[i]];
            for (int j = 0; j < slots; j++) mean[j] += rows[i][j];
        }
        for (int c = 0; c < classes; c++)
            for (int j = 0; j < slots; j++) means[c][j] /= counts[c];
        return means;
    }

    // The mean of the classes' covariances, each class weighing the same; the lower triangle alone.
    private static double[][] Covariance(IReadOnlyList<float[]> rows, IReadOnlyList<int> labels, double[][] means, int[] counts)
    {
        int slots = rows[0].Length;
        // [slots][rows], so that an element is one product of two runs of memory.
        double[][] columns = [.. Enumerable.Range(0, slots).Select(_ => new double[rows.Count])];
        for (int i = 0; i < rows.Count; i++)
        {
            double weight = Math.Sqrt(1.0 / ((double)counts[labels[i]] * means.Length));
            double[] mean = means[labels[i]];
            for (int j = 0; j < slots; j++) columns[j][i] = (rows[i][j] - mean[j]) * weight;
        }
        var covariance = new double[slots][];
        Parallel.For(0, slots, i =>
            covariance[i] = [.. columns.Take(i + 1).Select(other => TensorPrimitives.Dot<double>(columns[i], other))]);
        return covariance;
    }

    // Cholesky: the lower triangle becomes L with L L' = what it was. Gives the slot that the others determine, or -1.
    private static int Factorise(double[][] matrix)
    {
        double largest = matrix.Select((row, i) => row[i]).Max();
        for (int i = 0; i < matrix.Length; i++)
            for (int j = 0; j <= i; j++)
            {
                double rest = matrix[i][j] - TensorPrimitives.Dot<double>(matrix[i].AsSpan(0, j), matrix[j].AsSpan(0, j));
                if (i != j) matrix[i][j] = rest / matrix[j][j];
                // No more than what rounding leaves.
                else if (!(rest > 1e-12 * largest)) return i;
                else matrix[i][i] = Math.Sqrt(rest);
            }
        return -1;
    }

    private static double[] Solve(double[][] lower, double[] right)
    {
        for (int i = 0; i < right.Length; i++)
            right[i] = (right[i] - TensorPrimitives.Dot<double>(lower[i].AsSpan(0, i), right.AsSpan(0, i))) / lower[i][i];
        for (int i = right.Length - 1; i >= 0; i--)
        {
            right[i] /= lower[i][i];
            Span<double> before = right.AsSpan(0, i);
            TensorPrimitives.MultiplyAdd(lower[i].AsSpan(0, i), -right[i], before, before);
        }
        return right;
    }
}
