using System.Globalization;

namespace SerPipeline.Reports.Plots;

/// <summary>The checked counts of a confusion matrix and the scores that follow from them.</summary>
internal sealed class ConfusionGrid
{
    private readonly double[] _rowSums;

    public ConfusionGrid(IReadOnlyList<IReadOnlyList<double>> counts, IReadOnlyList<string> labels)
    {
        ArgumentNullException.ThrowIfNull(counts);
        ArgumentNullException.ThrowIfNull(labels);
        if (labels.Count == 0 || counts.Count != labels.Count)
            throw new ArgumentException($"Expected as many rows of counts as labels, at least one; found {counts.Count} rows and {labels.Count} labels.");
        for (int row = 0; row < counts.Count; row++)
        {
            if (counts[row].Count != labels.Count)
                throw new ArgumentException($"Expected {labels.Count} counts in row {row} ('{labels[row]}'), found {counts[row].Count}.");
            if (counts[row].Any(count => !double.IsFinite(count) || count < 0))
                throw new ArgumentException($"Expected counts that are finite and not negative, found otherwise in row {row} ('{labels[row]}').");
        }
        Counts = counts;
        Labels = labels;
        _rowSums = [.. counts.Select(row => row.Sum())];
    }

    public IReadOnlyList<IReadOnlyList<double>> Counts { get; }

    public IReadOnlyList<string> Labels { get; }

    /// <summary>Accuracy, unweighted average recall over the classes that have clips, and the number of clips.</summary>
    public string Scores
    {
        get
        {
            double total = _rowSums.Sum();
            if (total <= 0) return "no clips";
            double correct = Enumerable.Range(0, Labels.Count).Sum(i => Counts[i][i]);
            double uar = Enumerable.Range(0, Labels.Count).Where(i => _rowSums[i] > 0).Average(i => Share(i, i));
            return string.Create(CultureInfo.InvariantCulture, $"accuracy {correct / total * 100:0.0} %, UAR {uar * 100:0.0} %, n = {total:0.#}");
        }
    }

    /// <summary>The share of a true class that was predicted as a class; 0 where the true class has no clips.</summary>
    public double Share(int row, int column) => _rowSums[row] > 0 ? Counts[row][column] / _rowSums[row] : 0;
}
