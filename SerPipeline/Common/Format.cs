namespace SerPipeline;

/// <summary>Numbers as people read them, the same in every culture.</summary>
internal static class Format
{
    /// <summary>A score from 0 to 1, three digits.</summary>
    public static string Score(double value) => value.ToString("0.000", CultureInfo.InvariantCulture);

    /// <summary>The same, or a dash where there is none.</summary>
    public static string ScoreOrDash(double? value) => value is { } number ? Score(number) : "–";

    /// <summary>A share in per cent: <c>62.5 %</c>.</summary>
    public static string Percent(double value) => (100 * value).ToString("0.0", CultureInfo.InvariantCulture) + " %";

    /// <summary>A confidence such as <c>95 %</c>.</summary>
    public static string Level(double confidence) => string.Create(CultureInfo.InvariantCulture, $"{100 * confidence:0.#} %");

    /// <summary>The ends of an interval, as shares in per cent unless said otherwise.</summary>
    public static string Range(IReadOnlyList<double> interval, Func<double, string>? format = null) =>
        $"{(format ?? Percent)(interval[0])} to {(format ?? Percent)(interval[1])}";

    /// <summary>A whole number.</summary>
    public static string Whole(long value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>A whole number and what it counts: <c>1 clip</c>, <c>2 clips</c>.</summary>
    public static string Count(long value, string what) => $"{Whole(value)} {what}{(value == 1 ? "" : "s")}";

    /// <summary>A time span: <c>8.2 s</c>, <c>2 min 05 s</c>, <c>1 h 03 min</c>.</summary>
    public static string Duration(TimeSpan span) => span switch
    {
        { TotalSeconds: < 59.95 } => span.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture) + " s",
        // Too long for the first, which would round it, and cut off by the next.
        { TotalSeconds: < 60 } => "1 min 00 s",
        { TotalMinutes: < 60 } => string.Create(CultureInfo.InvariantCulture, $"{(int)span.TotalMinutes} min {span.Seconds:00} s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{(int)span.TotalHours} h {span.Minutes:00} min"),
    };

    /// <summary>Hours with two digits.</summary>
    public static string Hours(double hours) => hours.ToString("0.00", CultureInfo.InvariantCulture);

    /// <summary>A few names, and how many more there are.</summary>
    public static string Names(IReadOnlyList<string> names, int shown = 12) =>
        string.Join(", ", names.Take(shown)) + (names.Count > shown ? $" and {Whole(names.Count - shown)} more" : "");

    /// <summary>A field of a CSV file, quoted where RFC 4180 needs it.</summary>
    public static string CsvField(string text) =>
        text.AsSpan().IndexOfAny("\",\r\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}

/// <summary>Orders whole numbers by value before all other names, and those ordinally: speakers 2 and 10 stand as people expect.</summary>
internal static class NumbersFirst
{
    public static readonly IComparer<string> Instance = Comparer<string>.Create((x, y) =>
        Value(x).CompareTo(Value(y)) is var order && order != 0 ? order : string.CompareOrdinal(x, y));

    private static long Value(string name) =>
        long.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out long value) ? value : long.MaxValue;
}
