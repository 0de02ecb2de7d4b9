namespace SerPipeline.Trainers;

/// <summary>What training rows say of their speakers.</summary>
/// <param name="Center">The mean of the classes' means, [slots].</param>
/// <param name="Centered">The rows, each without its speaker's offset, [rows][slots].</param>
internal sealed record SpeakerStatistics(float[] Center, IReadOnlyList<float[]> Centered)
{
    /// <summary>Takes each speaker's whole offset out.</summary>
    public static SpeakerStatistics Of(FeatureRows rows)
    {
        double[] center = Mean([.. rows.Classes.Distinct().Order()
            .Select(c => Mean([.. rows.Values.Where((_, i) => rows.Classes[i] == c)]))]);
        return new SpeakerStatistics(Array.ConvertAll(center, value => (float)value), Without(rows, center));
    }

    /// <summary>The rows, each speaker's mean moved to a center.</summary>
    public static float[][] Without(FeatureRows rows, double[] center)
    {
        var centered = new float[rows.Values.Count][];
        foreach (IGrouping<string, int> speaker in Enumerable.Range(0, centered.Length).GroupBy(i => rows.Speakers[i],
            StringComparer.Ordinal))
        {
            double[] mean = Mean([.. speaker.Select(i => rows.Values[i])]);
            foreach (int i in speaker) centered[i] = [.. rows.Values[i].Select((value, j) => (float)(value - (mean[j] - center[j])))];
        }
        return centered;
    }

    /// <summary>The mean of each class's centered rows, [classes][slots].</summary>
    /// <param name="classes">Each row's class; every class has one.</param>
    public IReadOnlyList<float[]> ClassMeans(IReadOnlyList<int> classes) => [.. classes.Distinct().Order().Select(c =>
        Array.ConvertAll(Mean([.. Centered.Where((_, i) => classes[i] == c)]), value => (float)value))];

    internal static double[] Mean<T>(IReadOnlyList<T[]> rows) where T : INumberBase<T>
    {
        var mean = new double[rows[0].Length];
        foreach (T[] row in rows)
            for (int j = 0; j < mean.Length; j++) mean[j] += double.CreateTruncating(row[j]) / rows.Count;
        return mean;
    }
}
