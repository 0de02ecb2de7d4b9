using System.Globalization;

namespace SerPipeline.Evaluation;

/// <summary>The units that are drawn or swapped as a whole: speakers, or single clips where speakers cannot serve.</summary>
/// <param name="Name"><c>speaker</c> or <c>clip</c>.</param>
/// <param name="Rows">The rows of each unit.</param>
/// <param name="Caution">Why an interval over them should not be trusted; null when nothing speaks against it.</param>
internal sealed record ResamplingUnits(string Name, IReadOnlyList<int[]> Rows, string? Caution)
{
    public const string Speaker = "speaker", Clip = "clip";

    // Percentile intervals over fewer clusters cover too little (Field and Welsh 2007; Cameron, Gelbach and Miller 2008 show it for 5 and 10).
    private const int FewSpeakers = 10;

    // Of so few, most draws hold but two or three different speakers.
    private const int HardlyAny = 5;

    /// <summary>Finds the units of clips. One speaker says nothing about how speakers differ, so its clips are drawn instead, with a caution.</summary>
    /// <param name="speakers">Each clip's speaker, or null.</param>
    public static ResamplingUnits Of(IReadOnlyList<string?> speakers)
    {
        if (speakers.Any(speaker => speaker is null))
            return Clips(speakers.Count, string.Create(CultureInfo.InvariantCulture, $"The speaker of {speakers.Count(speaker => speaker is null)} of {speakers.Count} clips is not known, so clips were drawn. Clips of one speaker are not independent: the interval is too narrow."));
        int[][] rows = BySpeaker(speakers);
        if (rows.Length == 1)
            return Clips(speakers.Count, "There is 1 speaker only, so clips were drawn: the interval says how sure the score is for this voice, and nothing about other voices.");
        if (rows.Length < HardlyAny)
            return new ResamplingUnits(Speaker, rows, string.Create(CultureInfo.InvariantCulture,
                $"There are {rows.Length} speakers only: the interval is hardly more than the range of their scores and must not be read as one of 95 %."));
        return new ResamplingUnits(Speaker, rows, rows.Length >= FewSpeakers ? null
            : string.Create(CultureInfo.InvariantCulture, $"There are {rows.Length} speakers only: an interval from fewer than {FewSpeakers} is unreliable, and usually too narrow."));
    }

    /// <summary>The rows of each speaker, speakers in ordinal order of their names.</summary>
    public static int[][] BySpeaker(IReadOnlyList<string?> speakers) =>
        [.. Enumerable.Range(0, speakers.Count).GroupBy(i => speakers[i]!, StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal).Select(group => group.ToArray())];

    private static ResamplingUnits Clips(int count, string caution) => new(Clip, [.. Enumerable.Range(0, count).Select(i => new[] { i })], caution);

    /// <summary>Draws as many units as there are, with replacement.</summary>
    public void Draw(SeededRandom random, Action<int> drawn)
    {
        for (int i = 0; i < Rows.Count; i++) drawn(random.Next(Rows.Count));
    }

    /// <summary>The low and high end that leave the same share of the values outside on both sides; linear between neighbours, as numpy.quantile does by default.</summary>
    /// <param name="values">The values; sorted in place.</param>
    /// <param name="confidence">The share between the ends.</param>
    public static IReadOnlyList<double> Interval(double[] values, double confidence)
    {
        Array.Sort(values);
        return [Quantile((1 - confidence) / 2), Quantile((1 + confidence) / 2)];

        double Quantile(double share)
        {
            double place = share * (values.Length - 1);
            int below = (int)Math.Floor(place);
            int above = Math.Min(below + 1, values.Length - 1);
            return values[below] + ((place - below) * (values[above] - values[below]));
        }
    }
}
