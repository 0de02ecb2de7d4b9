namespace SerPipeline.Evaluation;

/// <summary>Counts of clips by true class (rows) and predicted class (columns). Members are named as in ML.NET's class.</summary>
public sealed class ConfusionMatrix
{
    internal ConfusionMatrix(IReadOnlyList<string> labels, long[] counts)
    {
        Labels = labels;
        int n = labels.Count;
        Counts = [.. Enumerable.Range(0, n).Select(row => (IReadOnlyList<long>)counts[(row * n)..((row + 1) * n)])];
        Support = [.. Counts.Select(row => row.Sum())];
        PredictedCounts = [.. Enumerable.Range(0, n).Select(column => Counts.Sum(row => row[column]))];
        PerClassRecall = [.. Enumerable.Range(0, n).Select(i => Ratio(Counts[i][i], Support[i]))];
        PerClassPrecision = [.. Enumerable.Range(0, n).Select(i => Ratio(Counts[i][i], PredictedCounts[i]))];
        Total = Support.Sum();
        Trace = Enumerable.Range(0, n).Sum(i => Counts[i][i]);
    }

    /// <summary>The classes, in the order of rows and columns.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>Clips, [truth, prediction].</summary>
    public IReadOnlyList<IReadOnlyList<long>> Counts { get; }

    /// <summary>For each class, the share of clips predicted as it that are of it; 0 when none was predicted as it.</summary>
    public IReadOnlyList<double> PerClassPrecision { get; }

    /// <summary>For each class, the share of its clips that were recognised; 0 when it has none.</summary>
    public IReadOnlyList<double> PerClassRecall { get; }

    /// <summary>Clips of each class.</summary>
    public IReadOnlyList<long> Support { get; }

    /// <summary>Clips predicted as each class.</summary>
    public IReadOnlyList<long> PredictedCounts { get; }

    /// <summary>The number of classes.</summary>
    public int NumberOfClasses => Labels.Count;

    /// <summary>All clips.</summary>
    public long Total { get; }

    /// <summary>Clips recognised: the sum of the diagonal.</summary>
    public long Trace { get; }

    /// <summary>The clips of one true class that were predicted as one class.</summary>
    /// <param name="predictedClassIndicatorIndex">The class predicted.</param>
    /// <param name="actualClassIndicatorIndex">The true class.</param>
    public long GetCountForClassPair(int predictedClassIndicatorIndex, int actualClassIndicatorIndex) =>
        Counts[actualClassIndicatorIndex][predictedClassIndicatorIndex];

    /// <summary>Each row divided by its sum: [truth, prediction], where a row of a class without clips is all 0.</summary>
    public IReadOnlyList<IReadOnlyList<double>> RowNormalized() =>
        [.. Counts.Select((row, i) => (IReadOnlyList<double>)[.. row.Select(count => Ratio(count, Support[i]))])];

    /// <summary>The matrix as a text table with recalls at the right and precisions below.</summary>
    public string GetFormattedConfusionTable()
    {
        int head = Math.Max("Precision".Length, Labels.Max(label => label.Length));
        int cell = Math.Max(6, Math.Max(Labels.Max(label => label.Length), Total.ToString(CultureInfo.InvariantCulture).Length));
        string rule = $"{new string(' ', head)} ||{new string('=', (cell + 3) * NumberOfClasses)}";
        var text = new StringBuilder("Confusion table\n");
        text.Append(rule).Append('\n');
        AppendRow("PREDICTED", Labels, " Recall");
        text.Append("TRUTH".PadRight(rule.IndexOf('|', StringComparison.Ordinal))).Append(rule.TrimStart()).Append('\n');
        for (int i = 0; i < NumberOfClasses; i++)
            AppendRow(Labels[i].PadLeft(head), Counts[i].Select(count => count.ToString(CultureInfo.InvariantCulture)),
                $" {Four(PerClassRecall[i])}");
        text.Append(rule).Append('\n');
        AppendRow("Precision", PerClassPrecision.Select(Four), "");
        return text.ToString();

        void AppendRow(string name, IEnumerable<string> cells, string end)
        {
            text.Append(name.PadRight(head)).Append(" ||");
            foreach (string value in cells) text.Append(' ').Append(value.PadLeft(cell)).Append(" |");
            text.Append(end).Append('\n');
        }
    }

    private static string Four(double value) => value.ToString("0.0000", CultureInfo.InvariantCulture);

    private static double Ratio(long part, long whole) => whole == 0 ? 0 : (double)part / whole;
}
