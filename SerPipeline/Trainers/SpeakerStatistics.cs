namespace SerPipeline.Trainers;

/// <summary>What training rows say of their speakers.</summary>
/// <param name="Center">The mean of the classes' means, [slots].</param>
/// <param name="Centered">The rows, each without its speaker's offset, [rows][slots].</param>
internal sealed record SpeakerStatistics(float[] Center, IReadOnlyList<float[]> Centered)
{
    // Five inner folds, as the published protocols have; fewer speakers than that are not enough to estimate a variance of speakers.
    private const int InnerFolds = 5;

    /// <summary>Takes each speaker's whole offset out.</summary>
    public static SpeakerStatistics Of(FeatureRows rows)
    {
        int slots = rows.Values[0].Length;
        double[] center = Mean([.. Enumerable.Range(0, rows.Classes.Max() + 1).Where(rows.Classes.Contains)
            .Select(c => Mean([.. rows.Values.Where((_, i) => rows.Classes[i] == c).Select(Doubles)], slots))], slots);
        var centered = new float[rows.Values.Count][];
        foreach (IGrouping<string, int> speaker in Enumerable.Range(0, centered.Length).GroupBy(i => rows.Speakers[i],
            StringComparer.Ordinal))
        {
            double[] mean = Mean([.. speaker.Select(i => Doubles(rows.Values[i]))], slots);
            foreach (int i in speaker) centered[i] = [.. rows.Values[i].Select((value, j) => (float)(value - (mean[j] - center[j])))];
        }
        return new SpeakerStatistics(Array.ConvertAll(center, value => (float)value), centered);
    }

    /// <summary>
    /// k = 2 T / B in the space of linear discriminants: each inner fold's speakers are seen through scores that other speakers were fitted
    /// on. The fixed <see cref="SpeakerAdaptation.DefaultShrinkage"/> where there are too few speakers.
    /// </summary>
    /// <param name="rows">Standardised rows; a speaker's copies are speakers of their own, and stay in one fold with it.</param>
    /// <param name="personOf">The person behind a speaker's name.</param>
    /// <param name="classes">How many classes.</param>
    /// <param name="options">The discriminant's options.</param>
    public static double Shrinkage(FeatureRows rows, Func<string, string> personOf, int classes, LinearDiscriminantOptions options)
    {
        string[] people = [.. rows.Speakers.Select(personOf).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        if (people.Length < SpeakerAdaptation.LeastSpeakers) return SpeakerAdaptation.DefaultShrinkage;
        double between = 0, within = 0;
        int speakers = 0, clips = 0;
        for (int fold = 0; fold < InnerFolds; fold++)
        {
            var held = people.Where((_, i) => i % InnerFolds == fold).ToHashSet(StringComparer.Ordinal);
            ILookup<bool, int> parts = Enumerable.Range(0, rows.Values.Count).ToLookup(i => held.Contains(personOf(rows.Speakers[i])));
            FeatureRows learned = rows.Select([.. parts[false]]);
            if (learned.Classes.Distinct().Count() < classes) continue;
            SpeakerStatistics others = Of(learned);
            LinearDiscriminant discriminant = LinearDiscriminant.Fit(others.Centered, learned.Classes, classes, options.Shrinkage);
            double[] center = discriminant.Scores(others.Center);
            foreach (IGrouping<string, int> speaker in parts[true].GroupBy(i => rows.Speakers[i], StringComparer.Ordinal))
            {
                double[][] seen = [.. speaker.Select(i => discriminant.Scores(rows.Values[i]))];
                if (seen.Length < 2) continue;
                double[] mean = Mean(seen, classes);
                double spread = seen.Sum(scores => Distance(scores, mean)) / (seen.Length - 1);
                within += spread * (seen.Length - 1);
                clips += seen.Length - 1;
                // What a mean of so few clips strays by itself is no offset.
                between += Distance(mean, center) - (spread / seen.Length);
                speakers++;
            }
        }
        if (speakers == 0 || clips == 0 || between <= 0) return SpeakerAdaptation.DefaultShrinkage;
        return 2 * (within / clips) / (between / speakers);
    }

    private static double[] Doubles(float[] values) => Array.ConvertAll(values, value => (double)value);

    private static double[] Mean(IReadOnlyList<double[]> rows, int slots)
    {
        var mean = new double[slots];
        foreach (double[] row in rows)
            for (int j = 0; j < slots; j++) mean[j] += row[j] / rows.Count;
        return mean;
    }

    // A common shift of all scores decides nothing.
    private static double Distance(double[] a, double[] b)
    {
        double[] difference = [.. a.Zip(b, (x, y) => x - y)];
        double shift = difference.Average();
        return difference.Sum(value => (value - shift) * (value - shift));
    }
}
