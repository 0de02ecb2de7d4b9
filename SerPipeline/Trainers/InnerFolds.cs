using SerPipeline.Evaluation;

namespace SerPipeline.Trainers;

/// <summary>
/// What is chosen for linear discriminants by folds of the training speakers alone: each fold's speakers are scored by discriminants that
/// were fitted on the others.
/// </summary>
/// <param name="Shrinkage">k of <see cref="SpeakerAdaptation"/>: of several the one that serves best when ten clips are known.</param>
/// <param name="Temperature">What divides a discriminant's scores so that they are calibrated on unknown voices.</param>
/// <param name="AdaptedTemperature">The same on voices without their offset.</param>
internal sealed record InnerFolds(double Shrinkage, double Temperature, double AdaptedTemperature)
{
    /// <summary>What divides the scores where there are too few speakers to estimate it.</summary>
    public const double DefaultTemperature = 3;

    private const int Folds = 5;

    /// <summary>Where too few speakers are known.</summary>
    public static InnerFolds Fixed { get; } = new(SpeakerAdaptation.DefaultShrinkage, DefaultTemperature, DefaultTemperature);

    /// <summary>The temperature of one discriminant: by folds of the speakers where they are known, else of each class's clips.</summary>
    /// <param name="rows">Standardised rows; every class has one.</param>
    /// <param name="clips">How many rows are clips; behind them stand their copies, in the same order as often as there are any.</param>
    /// <param name="classes">How many classes.</param>
    /// <param name="shrinkage">The discriminant's.</param>
    public static double TemperatureOf(FeatureRows rows, int clips, int classes, double shrinkage)
    {
        string[] people = [.. rows.Speakers.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        if (people.Length is > 0 and < SpeakerAdaptation.LeastSpeakers) return DefaultTemperature;
        int[] folds = new int[rows.Values.Count], seen = new int[classes];
        for (int i = 0; i < folds.Length; i++)
            folds[i] = i >= clips ? folds[i % clips]
                : (people.Length > 0 ? Array.BinarySearch(people, rows.Speakers[i], StringComparer.Ordinal) : seen[rows.Classes[i]]++) % Folds;
        var scored = new Scored();
        for (int fold = 0; fold < Folds; fold++)
        {
            ILookup<bool, int> parts = Enumerable.Range(0, folds.Length).ToLookup(i => folds[i] == fold);
            FeatureRows others = rows.Select([.. parts[false]]), own = rows.Select([.. parts[true]]);
            // A label of few rows, or slots that vary in other folds alone.
            if (own.Values.Count > 0 && others.Classes.Distinct().Count() == classes
                && LinearDiscriminant.TryFit(others.Values, others.Classes, classes, shrinkage, out _) is { } fitted)
                scored.Add(fitted, own.Values, own.Classes);
        }
        return scored.Labels.Count == 0 ? 1 : scored.Temperature;
    }

    /// <summary>Goes through the folds; gives <see cref="Fixed"/> with fewer than <see cref="SpeakerAdaptation.LeastSpeakers"/>
    /// speakers.</summary>
    /// <param name="rows">Standardised rows; a speaker's copies are speakers of their own, and stay in one fold with it.</param>
    /// <param name="personOf">The person behind a speaker's name.</param>
    /// <param name="classes">How many classes.</param>
    /// <param name="options">The discriminant's options.</param>
    public static InnerFolds Of(FeatureRows rows, Func<string, string> personOf, int classes, LinearDiscriminantOptions options)
    {
        string[] people = [.. rows.Speakers.Select(personOf).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        if (people.Length < SpeakerAdaptation.LeastSpeakers) return Fixed;
        var trials = new Trials();
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
            trials.Add(discriminant, statistics.Center, own, classes);
            adapted.Add(discriminant, Centered(own, statistics.Center), own.Classes);
        }
        return plain.Labels.Count == 0 ? Fixed : new(trials.Shrinkage, plain.Temperature, adapted.Temperature);
    }

    // Each held-out speaker's offset taken out against the center of those that were learned from.
    private static float[][] Centered(FeatureRows rows, float[] center)
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

    /// <summary>How well each shrinkage would have served speakers of whom ten clips are known.</summary>
    private sealed class Trials
    {
        private const int Draws = 5, Enrolled = 10;

        // In steps of 2, the most cautious first.
        private static readonly double[] Candidates = [16, 8, 4, 2, 1, 0.5];

        private readonly double[][] _right = Array.ConvertAll(Candidates, _ => Array.Empty<double>());
        private double[] _all = [];

        /// <summary>The candidate of the highest UAR; of equal ones the most cautious.</summary>
        public double Shrinkage
        {
            get
            {
                if (_all.All(count => count == 0)) return SpeakerAdaptation.DefaultShrinkage;
                double[] uars = Array.ConvertAll(_right, right =>
                    right.Zip(_all).Where(label => label.Second > 0).Average(label => label.First / label.Second));
                return Candidates[Array.IndexOf(uars, uars.Max())];
            }
        }

        // Scores are linear: a share of the offset taken out of the features takes the same share of its scores out.
        public void Add(LinearDiscriminant discriminant, float[] center, FeatureRows rows, int classes)
        {
            if (_all.Length == 0)
            {
                _all = new double[classes];
                for (int k = 0; k < _right.Length; k++) _right[k] = new double[classes];
            }
            double[] middle = discriminant.Scores(center);
            foreach (IGrouping<string, int> speaker in Enumerable.Range(0, rows.Values.Count).GroupBy(i => rows.Speakers[i],
                StringComparer.Ordinal))
            {
                int[] own = [.. speaker];
                double[][] scores = [.. own.Select(i => discriminant.Scores(rows.Values[i]))];
                // Of a speaker of few clips half are heard.
                int heard = Math.Min(Enrolled, own.Length / 2);
                if (heard == 0) continue;
                for (int draw = 0; draw < Draws; draw++)
                {
                    int[] dealt = [.. Enumerable.Range(0, own.Length)];
                    new SeededRandom(draw).Fork(speaker.Key).Shuffle<int>(dealt);
                    double[] mean = SpeakerStatistics.Mean<double>([.. dealt.Take(heard).Select(i => scores[i])]);
                    double[] offset = [.. mean.Zip(middle, (m, c) => m - c)];
                    foreach (int i in dealt.Skip(heard)) Score(scores[i], offset, heard, rows.Classes[own[i]]);
                }
            }
        }

        private void Score(double[] scores, double[] offset, int heard, int truth)
        {
            _all[truth]++;
            for (int k = 0; k < Candidates.Length; k++)
            {
                double share = heard / (heard + Candidates[k]);
                double[] shifted = [.. scores.Zip(offset, (score, o) => score - (share * o))];
                if (Array.IndexOf(shifted, shifted.Max()) == truth) _right[k][truth]++;
            }
        }
    }
}
