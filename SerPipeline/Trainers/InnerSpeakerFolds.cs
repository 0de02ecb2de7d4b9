using SerPipeline.Evaluation;

namespace SerPipeline.Trainers;

/// <summary>
/// What is chosen for linear discriminants by folds of the training speakers alone: each fold's speakers are scored by discriminants that
/// were fitted on the others.
/// </summary>
/// <param name="Shrinkage">k = 2 T / B of <see cref="SpeakerAdaptation"/>.</param>
/// <param name="Temperature">What divides a discriminant's scores so that they are calibrated on unknown voices.</param>
/// <param name="AdaptedTemperature">The same on voices without their offset.</param>
internal sealed record InnerSpeakerFolds(double Shrinkage, double Temperature, double AdaptedTemperature)
{
    /// <summary>What divides the scores where there are too few speakers to estimate it.</summary>
    public const double DefaultTemperature = 3;

    private const int Folds = 5;

    /// <summary>Where too few speakers are known.</summary>
    public static InnerSpeakerFolds Fixed { get; } = new(SpeakerAdaptation.DefaultShrinkage, DefaultTemperature, DefaultTemperature);

    /// <summary>Goes through the folds; gives <see cref="Fixed"/> with fewer than <see cref="SpeakerAdaptation.LeastSpeakers"/>
    /// speakers.</summary>
    /// <param name="rows">Standardised rows; a speaker's copies are speakers of their own, and stay in one fold with it.</param>
    /// <param name="personOf">The person behind a speaker's name.</param>
    /// <param name="classes">How many classes.</param>
    /// <param name="options">The discriminant's options.</param>
    public static InnerSpeakerFolds Of(FeatureRows rows, Func<string, string> personOf, int classes, LinearDiscriminantOptions options)
    {
        string[] people = [.. rows.Speakers.Select(personOf).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        if (people.Length < SpeakerAdaptation.LeastSpeakers) return Fixed;
        var spread = new Spread();
        var (plain, adapted) = (new Scored(), new Scored());
        for (int fold = 0; fold < Folds; fold++)
        {
            var held = people.Where((_, i) => i % Folds == fold).ToHashSet(StringComparer.Ordinal);
            ILookup<bool, int> parts = Enumerable.Range(0, rows.Values.Count).ToLookup(i => held.Contains(personOf(rows.Speakers[i])));
            FeatureRows others = rows.Select([.. parts[false]]), own = rows.Select([.. parts[true]]);
            // A label that only some speakers have.
            if (others.Classes.Distinct().Count() < classes) continue;
            plain.Add(LinearDiscriminant.Fit(others.Values, others.Classes, classes, options.Shrinkage), own.Values, own.Classes);
            SpeakerStatistics statistics = SpeakerStatistics.Of(others);
            var discriminant = LinearDiscriminant.Fit(statistics.Centered, others.Classes, classes, options.Shrinkage);
            spread.Add(discriminant, statistics.Center, own);
            adapted.Add(discriminant, Centered(own, statistics.Center), own.Classes);
        }
        return plain.Labels.Count == 0 ? Fixed : new(spread.Shrinkage, plain.Temperature, adapted.Temperature);
    }

    // Each held-out speaker's offset taken out against the center of those that were learned from.
    private static IReadOnlyList<float[]> Centered(FeatureRows rows, float[] center)
    {
        var centered = new float[rows.Values.Count][];
        foreach (IGrouping<string, int> speaker in Enumerable.Range(0, centered.Length).GroupBy(i => rows.Speakers[i],
            StringComparer.Ordinal))
        {
            float[] offset = SpeakerAdaptation.OffsetOf([.. speaker.Select(i => rows.Values[i])], center, 0);
            foreach (int i in speaker) centered[i] = [.. rows.Values[i].Zip(offset, (value, o) => value - o)];
        }
        return centered;
    }

    /// <summary>Scores of speakers that the discriminants had not heard.</summary>
    private sealed class Scored
    {
        private readonly List<float[]> _logits = [];

        public List<int> Labels { get; } = [];

        public double Temperature => TemperatureScaling.Fit(_logits, Labels);

        public void Add(LinearDiscriminant discriminant, IReadOnlyList<float[]> rows, IReadOnlyList<int> labels)
        {
            _logits.AddRange(rows.Select(row => Array.ConvertAll(discriminant.Scores(row), score => (float)score)));
            Labels.AddRange(labels);
        }
    }

    /// <summary>The variance of speakers' offsets, and that of clips about their speaker's mean, over all discriminants.</summary>
    private sealed class Spread
    {
        private double _between, _within;
        private int _speakers, _clips;

        public double Shrinkage => _speakers == 0 || _clips == 0 || _between <= 0 ? SpeakerAdaptation.DefaultShrinkage
            : 2 * (_within / _clips) / (_between / _speakers);

        public void Add(LinearDiscriminant discriminant, float[] center, FeatureRows rows)
        {
            double[] middle = discriminant.Scores(center);
            foreach (IGrouping<string, int> speaker in Enumerable.Range(0, rows.Values.Count).GroupBy(i => rows.Speakers[i],
                StringComparer.Ordinal))
            {
                double[][] seen = [.. speaker.Select(i => discriminant.Scores(rows.Values[i]))];
                if (seen.Length < 2) continue;
                double[] mean = SpeakerStatistics.Mean(seen);
                double spread = seen.Sum(scores => Distance(scores, mean)) / (seen.Length - 1);
                _within += spread * (seen.Length - 1);
                _clips += seen.Length - 1;
                // What a mean of so few clips strays by itself is no offset.
                _between += Distance(mean, middle) - (spread / seen.Length);
                _speakers++;
            }
        }

        // A common shift of all scores decides nothing.
        private static double Distance(double[] a, double[] b)
        {
            double[] difference = [.. a.Zip(b, (x, y) => x - y)];
            double shift = difference.Average();
            return difference.Sum(value => (value - shift) * (value - shift));
        }
    }
}
