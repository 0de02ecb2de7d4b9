using System.Globalization;
using System.Text;

namespace SerPipeline.Evaluation;

/// <summary>Lays a report out as scikit-learn's classification_report does: right-aligned names, columns of width 9, an empty line around the classes.</summary>
internal static class ClassificationReportText
{
    private const string LastHeading = "weighted avg";

    public static string Write(ClassificationReport report, int digits)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(digits);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(digits, 10);
        int width = Math.Max(Math.Max(LastHeading.Length, digits), report.Labels.Max(label => label.Length));
        string format = $"F{digits}";
        var text = new StringBuilder();
        text.Append(Row(width, "", "precision", "recall", "f1-score", "support")).Append('\n');
        foreach (ClassMetrics c in report.Classes)
            text.Append(Row(width, c.Label, Number(c.Precision), Number(c.Recall), Number(c.F1), Whole(c.Support)));
        text.Append('\n');
        text.Append(Row(width, "accuracy", "", "", Number(report.Accuracy), Whole(report.Support)));
        text.Append(Average("macro avg", report.Macro));
        text.Append(Average(LastHeading, report.Weighted));
        return text.ToString();

        string Number(double value) => value.ToString(format, CultureInfo.InvariantCulture);
        string Average(string name, AverageMetrics a) => Row(width, name, Number(a.Precision), Number(a.Recall), Number(a.F1), Whole(report.Support));
    }

    private static string Row(int width, string name, params ReadOnlySpan<string> cells)
    {
        var row = new StringBuilder(name.PadLeft(width)).Append(' ');
        foreach (string cell in cells) row.Append(' ').Append(cell.PadLeft(9));
        return row.Append('\n').ToString();
    }

    private static string Whole(long value) => value.ToString(CultureInfo.InvariantCulture);
}
