using SerPipeline.Evaluation;

namespace SerPipeline.Trainers;

/// <summary>
/// What is chosen for linear discriminants by folds of the training rows alone: each fold is scored by discriminants that were fitted on
/// the others.
/// </summary>
/// <param name="Shrinkage">k of <see cref="SpeakerAdaptation"/>: of several the one that serves best when ten clips are known.</param>
/// <param name="Temperature">What divides a discriminant's scores so that they are calibrated on unknown voices.</param>
/// <param name="AdaptedTemperature">The same on voices without their offset.</param>
internal sealed record InnerFolds(double Shrinkage, double Temperature, double AdaptedTemperature)
{
    /// <summary>What divides the scores where there are too few speakers to estimate it.</summary>
    public const double DefaultTemperature = 3;

    /// <summary>How many times softer than calibrated the scores are by which a new voice's emotions are guessed: on folds of the training
    /// speakers of EMO-DB better than .4, 1 and 2 with ten clips, on those of RAVDESS within .002 of 6 and 10.</summary>
    public const double Softness = 4;

    private const int Folds = 5;

    /// <summary>Where too few speakers are known, or no fold can be scored.</summary>
    public static InnerFolds Fixed { get; } = new(SpeakerAdaptation.DefaultShrinkage, DefaultTemperature, DefaultTemperature);

    /// <summary>Goes through folds of the speakers where they are known, else of each class's clips. Gives <see cref="Fixed"/> with one
    /// speaker to four (<see cref="SpeakerAdaptation.LeastSpeakers"/> are needed), and where no fold can be scored.</summary>
    /// <param name="rows">Standardised rows; every class has one.</param>
    /// <param name="clips">How many rows are clips; behind them stand their copies, in the same order as often as there are any: in the
    /// same fold, if of speakers of their own.</param>
    /// <param name="classes">How many classes.</param>
    /// <param name="shrinkage">The discriminants'.</param>
    /// <param name="adapts">Whether to look at speakers without their offset too.</param>
    public static InnerFolds Of(FeatureRows rows, int clips, int classes, double shrinkage, bool adapts)
    {
        string[] people = [.. rows.Speakers.Take(clips).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        if (people.Length is > 0 and < SpeakerAdaptation.LeastSpeakers) return Fixed;
        int[] folds = new int[rows.Values.Count], seen = new int[classes];
        for (int i = 0; i < folds.Length; i++)
            folds[i] = i >= clips ? folds[i % clips]
                : (people.Length > 0 ? Array.BinarySearch(people, rows.Speakers[i], StringComparer.Ordinal)
                    : seen[rows.Classes[i]]++) % Folds;
        var trials = new Trials();
        var (plain, adapted) = (new Scored(), new Scored());
        for (int fold = 0; fold < Folds; fold++)
        {
            ILookup<bool, int> parts = Enumerable.Range(0, folds.Length).ToLookup(i => folds[i] == fold);
            FeatureRows others = rows.Select([.. parts[false]]), own = rows.Select([.. parts[true]]);
            // A label of few rows or speakers, or slots that vary in other folds alone.
            if (own.Values.Count == 0 || others.Classes.Distinct().Count() < classes
                || LinearDiscriminant.TryFit(others.Values, others.Classes, classes, shrinkage, out _) is not { } fitted) continue;
            plain.Add(fitted, own.Values, own.Classes);
            if (!adapts) continue;
            SpeakerStatistics statistics = SpeakerStatistics.Of(others);
            // Speakers of one clip have nothing but their offset.
            if (LinearDiscriminant.TryFit(statistics.Centered, others.Classes, classes, shrinkage, out _) is not { } discriminant) continue;
            trials.Add(discriminant, statistics, others.Classes, own);
            // Against the center of those that were learned from.
            adapted.Add(discriminant, SpeakerStatistics.Without(own, Array.ConvertAll(statistics.Center, value => (double)value)),
                own.Classes);
        }
        return plain.Labels.Count == 0 ? Fixed
            : adapted.Labels.Count == 0 ? Fixed with { Temperature = plain.Temperature }
            : new(trials.ShrinkageAt(adapted.Temperature * Softness), plain.Temperature, adapted.Temperature);
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

        private readonly List<Voice> _voices = [];

        /// <summary>Adds held-out speakers. Scores are linear: of the features less the center they are these less the center's.</summary>
        public void Add(LinearDiscriminant discriminant, SpeakerStatistics statistics, IReadOnlyList<int> classes, FeatureRows rows)
        {
            double[] middle = discriminant.Scores(statistics.Center);
            double[] Moved(float[] features) => [.. discriminant.Scores(features).Zip(middle, (score, m) => score - m)];
            double[][] classScores = [.. statistics.ClassMeans(classes).Select(Moved)];
            foreach (IGrouping<string, int> speaker in Enumerable.Range(0, rows.Values.Count).GroupBy(i => rows.Speakers[i],
                StringComparer.Ordinal))
                _voices.Add(new Voice(speaker.Key, [.. speaker.Select(i => Moved(rows.Values[i]))],
                    [.. speaker.Select(i => rows.Classes[i])], middle, classScores));
        }

        /// <summary>The candidate of the highest UAR; of equal ones the most cautious.</summary>
        /// <param name="temperature">What divides the scores by which emotions are guessed.</param>
        public double ShrinkageAt(double temperature)
        {
            int classes = _voices[0].Biases.Length;
            double[] all = new double[classes];
            double[][] right = [.. Candidates.Select(_ => new double[classes])];
            foreach (Voice voice in _voices)
            {
                // Of a speaker of few clips half are heard.
                int heard = Math.Min(Enrolled, voice.Labels.Length / 2);
                if (heard == 0) continue;
                for (int draw = 0; draw < Draws; draw++)
                {
                    int[] dealt = [.. Enumerable.Range(0, voice.Labels.Length)];
                    new SeededRandom(draw).Fork(voice.Name).Shuffle<int>(dealt);
                    foreach (int i in dealt.Skip(heard)) all[voice.Labels[i]]++;
                    double[][] known = [.. dealt.Take(heard).Select(i => voice.Scores[i])];
                    for (int k = 0; k < Candidates.Length; k++)
                        Score(voice, known, dealt.Skip(heard), heard / (heard + Candidates[k]), temperature, right[k]);
                }
            }
            if (all.All(count => count == 0)) return SpeakerAdaptation.DefaultShrinkage;
            double[] uars = Array.ConvertAll(right, one =>
                one.Zip(all).Where(label => label.Second > 0).Average(label => label.First / label.Second));
            return Candidates[Array.IndexOf(uars, uars.Max())];
        }

        private static void Score(Voice voice, double[][] known, IEnumerable<int> rows, double share, double temperature, double[] right)
        {
            double[] emotions = HeardVoice.Emotions(known, voice.Biases, voice.ClassScores, share, temperature);
            double[] offset = HeardVoice.OffsetOf(SpeakerStatistics.Mean(known), emotions, voice.ClassScores, share);
            foreach (int i in rows)
            {
                double[] shifted = [.. voice.Scores[i].Select((score, c) => score + voice.Biases[c] - offset[c])];
                if (Array.IndexOf(shifted, shifted.Max()) == voice.Labels[i]) right[voice.Labels[i]]++;
            }
        }

        private sealed record Voice(string Name, double[][] Scores, int[] Labels, double[] Biases, double[][] ClassScores);
    }
}
