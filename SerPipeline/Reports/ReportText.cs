using System.Globalization;

namespace SerPipeline.Reports;

/// <summary>How a report writes numbers.</summary>
internal static class ReportText
{
    public static string Percent(double value) => string.Create(CultureInfo.InvariantCulture, $"{100 * value:0.0} %");

    public static string Three(double value) => value.ToString("0.000", CultureInfo.InvariantCulture);

    public static string Whole(long value) => value.ToString(CultureInfo.InvariantCulture);

    public static string Count(long count, string what) => string.Create(CultureInfo.InvariantCulture, $"{count} {what}{(count == 1 ? "" : "s")}");

    /// <summary>A confidence such as <c>95 %</c>.</summary>
    public static string Level(double confidence) => string.Create(CultureInfo.InvariantCulture, $"{100 * confidence:0.#} %");

    public static string Range(IReadOnlyList<double> interval) => $"{Percent(interval[0])} to {Percent(interval[1])}";

    /// <summary>Some names, and how many more there are.</summary>
    public static string Names(IReadOnlyList<string> names, int shown = 12) =>
        string.Join(", ", names.Take(shown)) + (names.Count > shown ? string.Create(CultureInfo.InvariantCulture, $" and {names.Count - shown} more") : "");
}
