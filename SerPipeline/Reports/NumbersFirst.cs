using System.Globalization;

namespace SerPipeline.Reports;

/// <summary>Orders whole numbers by value before all other names, and those ordinally: speakers 2 and 10 stand as people expect.</summary>
internal sealed class NumbersFirst : IComparer<string>
{
    public static readonly NumbersFirst Instance = new();

    public int Compare(string? x, string? y)
    {
        int order = Value(x).CompareTo(Value(y));
        return order != 0 ? order : string.CompareOrdinal(x, y);
    }

    private static long Value(string? name) => long.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out long value) ? value : long.MaxValue;
}
