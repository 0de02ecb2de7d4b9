namespace SerPipeline.Evaluation;

/// <summary>What the resampling of a comparison needs of each clip: its class, and who recognised it.</summary>
internal sealed class PairedCounts
{
    private readonly int[] _truth;
    private readonly bool[] _rightA, _rightB;
    private readonly int _classes;

    public PairedCounts(PairedClips clips)
    {
        string[] labels = [.. clips.A.Select(row => row.Label).Distinct(StringComparer.Ordinal)];
        Dictionary<string, int> places = labels.Index().ToDictionary(label => label.Item, label => label.Index, StringComparer.Ordinal);
        _classes = labels.Length;
        _truth = [.. clips.A.Select(row => places[row.Label])];
        _rightA = [.. clips.A.Select(row => row.Predicted == row.Label)];
        _rightB = [.. clips.B.Select(row => row.Predicted == row.Label)];
    }

    /// <summary>Clips that one of the two alone recognised.</summary>
    public long OnlyRight(bool inA) => Enumerable.Range(0, _truth.Length).LongCount(i => _rightA[i] == inA && _rightB[i] == !inA);

    /// <summary>Both systems' scores over some clips.</summary>
    public (ComparedScore A, ComparedScore B) Scores(IEnumerable<int> rows)
    {
        var sums = new Sums(_classes);
        sums.Add(Count([.. rows]));
        return (sums.Score(inA: true), sums.Score(inA: false));
    }

    /// <summary>What each unit adds to the difference in UAR, B - A. The classes' sizes are those of all clips, which swaps do not change.</summary>
    public double[] Parts(IReadOnlyList<int[]> units)
    {
        long[] support = new long[_classes];
        foreach (int c in _truth) support[c]++;
        return [.. units.Select(rows => rows.Sum(i => ((_rightB[i] ? 1.0 : 0) - (_rightA[i] ? 1.0 : 0)) / support[_truth[i]] / _classes))];
    }

    /// <summary>Percentile intervals of the differences; UAR runs over the classes present in a draw.</summary>
    public DifferenceIntervals Intervals(ResamplingUnits units, ComparisonOptions options, SeededRandom random)
    {
        (int Class, long Clips, long RightA, long RightB)[][] added = [.. units.Rows.Select(Count)];
        double[] uar = new double[options.Draws], accuracy = new double[options.Draws];
        var sums = new Sums(_classes);
        for (int draw = 0; draw < options.Draws; draw++)
        {
            sums.Clear();
            units.Draw(random, unit => sums.Add(added[unit]));
            ComparedScore a = sums.Score(inA: true), b = sums.Score(inA: false);
            uar[draw] = b.Uar - a.Uar;
            accuracy[draw] = b.Accuracy - a.Accuracy;
        }
        return new DifferenceIntervals(options.Confidence, units.Name, units.Rows.Count, options.Draws,
            ResamplingUnits.Interval(uar, options.Confidence), ResamplingUnits.Interval(accuracy, options.Confidence), units.Caution);
    }

    private (int Class, long Clips, long RightA, long RightB)[] Count(int[] rows) =>
        [.. rows.GroupBy(i => _truth[i]).Select(group => (group.Key, (long)group.Count(), group.LongCount(i => _rightA[i]), group.LongCount(i => _rightB[i])))];

    /// <summary>Clips, and clips recognised, of each class.</summary>
    private sealed class Sums(int classes)
    {
        private readonly long[] _clips = new long[classes], _rightA = new long[classes], _rightB = new long[classes];

        public void Clear()
        {
            Array.Clear(_clips);
            Array.Clear(_rightA);
            Array.Clear(_rightB);
        }

        public void Add((int Class, long Clips, long RightA, long RightB)[] counts)
        {
            foreach ((int c, long clips, long rightA, long rightB) in counts)
            {
                _clips[c] += clips;
                _rightA[c] += rightA;
                _rightB[c] += rightB;
            }
        }

        public ComparedScore Score(bool inA)
        {
            long[] right = inA ? _rightA : _rightB;
            double recalls = 0;
            long all = 0, recognised = 0;
            int present = 0;
            for (int c = 0; c < _clips.Length; c++)
            {
                if (_clips[c] == 0) continue;
                present++;
                recalls += (double)right[c] / _clips[c];
                all += _clips[c];
                recognised += right[c];
            }
            return new ComparedScore(recalls / present, (double)recognised / all);
        }
    }
}
