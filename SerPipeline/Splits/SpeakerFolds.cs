using SerPipeline.Corpora;

namespace SerPipeline.Splits;

/// <summary>
/// The five speaker-independent folds of a corpus: those published for RAVDESS, else speakers assigned by
/// <see cref="SpeakerFoldBalancer"/>.
/// </summary>
public static class SpeakerFolds
{
    internal const int Count = 5;

    /// <summary>
    /// The actors that published studies of RAVDESS test in each of five folds (Luna-Jimenez et al. 2021, "Multimodal Emotion Recognition
    /// on RAVDESS Dataset Using Transfer Learning", Sensors 21(22), 7665, and the studies that compare with it).
    /// </summary>
    public static IReadOnlyList<IReadOnlyList<int>> PublishedActors { get; } =
        [[2, 5, 14, 15, 16], [3, 6, 7, 13, 18], [10, 11, 12, 19, 20], [8, 17, 21, 23, 24], [1, 4, 9, 22]];

    // Actor 18 sang no songs.
    private const int ActorWithoutSongs = 18;

    /// <summary>Divides the clips into five folds.</summary>
    /// <param name="items">The clips; every one needs a speaker.</param>
    /// <param name="seed">Decides the folds where none are published.</param>
    /// <param name="synthetic">Whether the clips only bear the names of RAVDESS, as synthetic ones do: the published folds are not for
    /// them.</param>
    /// <returns>The folds, and where they come from in words.</returns>
    /// <exception cref="CorpusException">A clip without speaker, or fewer than five speakers.</exception>
    public static (IReadOnlyList<Split> Folds, string Origin) Create(IReadOnlyList<SplitItem> items, long seed = 42, bool synthetic = false)
    {
        ArgumentNullException.ThrowIfNull(items);
        string[] speakers = SplitItems.RequireSpeakers(items, SplitItems.All(items), "Speaker-independent cross-validation");
        if (!synthetic && AreRavdess(items) && Published(speakers) is { } published)
        {
            string without = speakers.Length < RavdessName.Actors ? "; actor 18 has no songs" : "";
            return ([.. published.Select(held => SpeakerSplit.Divide(items, held, SplitProtocol.SpeakerFolds))],
                $"the five published folds of RAVDESS (actors {Show(published)}{without})");
        }
        bool sexes = SpeakerSplit.SexOfEach(items, SplitItems.All(items)).Count == speakers.Length;
        return (SpeakerSplit.Folds(items, Count, seed),
            string.Create(CultureInfo.InvariantCulture, $"speakers assigned by seed {seed}, balanced by label{(sexes ? " and sex" : "")}"));
    }

    // By the clips' names: a data set of any name may hold RAVDESS.
    private static bool AreRavdess(IReadOnlyList<SplitItem> items) =>
        items.Count > 0 && items.All(item => RavdessName.OfOriginal(item.Key) is { } name && name.Speaker == item.Speaker);

    // Null unless all actors are there: the published folds are of the whole corpus.
    private static string[][]? Published(string[] speakers)
    {
        string[] actors = [.. Enumerable.Range(1, RavdessName.Actors).Select(Speaker)];
        string[] absent = [.. actors.Except(speakers)];
        if (absent.Length > 0 && !absent.SequenceEqual([Speaker(ActorWithoutSongs)])) return null;
        return [.. PublishedActors.Select(fold => fold.Select(Speaker).Except(absent).ToArray())];
    }

    private static string Speaker(int actor) => actor.ToString("00", CultureInfo.InvariantCulture);

    private static string Show(string[][] folds) =>
        string.Join(" ", folds.Select(fold => $"{{{string.Join(',', fold.Select(actor => actor.TrimStart('0')))}}}"));
}

/// <summary>
/// Assigns speakers to folds so that the folds resemble each other: a greedy choice, the speakers with most clips first, then exchanges of
/// two speakers as long as one helps. It minimises the sum of squared relative deviations from equal shares, over the clips of each label
/// and the speakers of each sex.
/// </summary>
internal sealed class SpeakerFoldBalancer
{
    private const double Improvement = 1e-9;
    private const int MaxRounds = 100;
    private readonly string[] _speakers;
    private readonly double[][] _amounts; // [speaker][feature], in units of a fold's equal share
    private readonly double[][] _sums;    // [fold][feature]
    private readonly int[] _fold;         // [speaker]
    private readonly int _folds;

    private SpeakerFoldBalancer(IReadOnlyList<SplitItem> items, string[] speakers, int folds)
    {
        (_speakers, _folds) = (speakers, folds);
        _amounts = Amounts(items, speakers, folds);
        _sums = [.. Enumerable.Range(0, folds).Select(_ => new double[_amounts[0].Length])];
        _fold = new int[speakers.Length];
    }

    /// <summary>The speakers of each fold in ordinal order; their numbers differ by at most one.</summary>
    /// <param name="items">The clips, each with a speaker.</param>
    /// <param name="speakers">The speakers in ordinal order, at least as many as folds.</param>
    /// <param name="folds">How many folds.</param>
    /// <param name="random">Decides between speakers who are alike.</param>
    public static string[][] Assign(IReadOnlyList<SplitItem> items, string[] speakers, int folds, SeededRandom random)
    {
        var balancer = new SpeakerFoldBalancer(items, speakers, folds);
        balancer.AssignGreedily(random);
        for (int round = 0; round < MaxRounds && balancer.Exchange(); round++) { }
        return [.. Enumerable.Range(0, folds).Select(f => speakers.Where((_, s) => balancer._fold[s] == f).ToArray())];
    }

    /// <summary>
    /// The sum of squared relative deviations of given folds: 0 when every fold has the same number of clips of each label and speakers of
    /// each sex.
    /// </summary>
    internal static double Imbalance(IReadOnlyList<SplitItem> items, IReadOnlyList<IReadOnlyCollection<string>> folds)
    {
        string[] speakers = [.. folds.SelectMany(fold => fold).Order(StringComparer.Ordinal)];
        double[][] amounts = Amounts(items, speakers, folds.Count);
        return folds.Sum(fold => Enumerable.Range(0, amounts[0].Length)
            .Sum(k => Square(fold.Sum(name => amounts[Array.IndexOf(speakers, name)][k]) - 1)));
    }

    private void AssignGreedily(SeededRandom random)
    {
        int[] order = [.. Enumerable.Range(0, _speakers.Length)];
        random.Shuffle<int>(order);
        var members = new int[_folds];
        int assigned = 0;
        foreach (int s in order.OrderByDescending(s => Math.Round(_amounts[s].Sum(), 9)))
        {
            // Only the folds with fewest speakers may take the next, so that their numbers stay within one of each other.
            int fewest = assigned++ / _folds;
            int best = Enumerable.Range(0, _folds).Where(f => members[f] == fewest)
                .MinBy(f => Math.Round(CostWith(f, _amounts[s]) - CostWith(f, null), 9));
            members[best]++;
            _fold[s] = best;
            Add(_sums[best], _amounts[s], 1);
        }
    }

    // One pass over all pairs of speakers; true when an exchange helped.
    private bool Exchange()
    {
        bool helped = false;
        for (int a = 0; a < _speakers.Length; a++)
        {
            for (int b = a + 1; b < _speakers.Length; b++)
            {
                (int fa, int fb) = (_fold[a], _fold[b]);
                if (fa == fb) continue;
                double[] difference = [.. _amounts[b].Zip(_amounts[a], (x, y) => x - y)], back = [.. difference.Select(x => -x)];
                if (CostWith(fa, difference) + CostWith(fb, back) >= CostWith(fa, null) + CostWith(fb, null) - Improvement) continue;
                Add(_sums[fa], difference, 1);
                Add(_sums[fb], difference, -1);
                (_fold[a], _fold[b]) = (fb, fa);
                helped = true;
            }
        }
        return helped;
    }

    private double CostWith(int fold, double[]? more)
    {
        double cost = 0;
        for (int k = 0; k < _sums[fold].Length; k++) cost += Square(_sums[fold][k] + (more?[k] ?? 0) - 1);
        return cost;
    }

    private static void Add(double[] sums, double[] amounts, int sign)
    {
        for (int k = 0; k < sums.Length; k++) sums[k] += sign * amounts[k];
    }

    private static double[][] Amounts(IReadOnlyList<SplitItem> items, string[] speakers, int folds)
    {
        string[] labels = [.. items.Select(item => item.Label).Distinct().Order(StringComparer.Ordinal)];
        Dictionary<string, string> sexes = SpeakerSplit.SexOfEach(items, SplitItems.All(items));
        // Where sex is known of some speakers only, it would bias the folds.
        string[] sex = sexes.Count < speakers.Length ? [] : [.. sexes.Values.Distinct().Order(StringComparer.Ordinal)];
        var index = new Dictionary<string, int>();
        for (int s = 0; s < speakers.Length; s++) index.Add(speakers[s], s);
        double[][] amounts = [.. speakers.Select(_ => new double[labels.Length + sex.Length])];
        foreach (SplitItem item in items) amounts[index[item.Speaker!]][Array.IndexOf(labels, item.Label)]++;
        for (int s = 0; s < speakers.Length && sex.Length > 0; s++) amounts[s][labels.Length + Array.IndexOf(sex, sexes[speakers[s]])] = 1;
        for (int k = 0; k < labels.Length + sex.Length; k++)
        {
            double share = amounts.Sum(row => row[k]) / folds;
            foreach (double[] row in amounts) row[k] /= share;
        }
        return amounts;
    }

    private static double Square(double x) => x * x;
}
