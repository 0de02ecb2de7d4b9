using System.Globalization;
using SerPipeline.Splits;

namespace SerPipeline.Corpora.Fingerprints;

/// <summary>Which clips of a corpus are one recording. Made by <see cref="LeakCheck.Find"/>; checks as many splits of the corpus as there are.</summary>
public sealed class TwinIndex
{
    private readonly string?[] _hashes;
    private readonly ILookup<int, (int Other, double Similarity)> _near;

    internal TwinIndex(string?[] hashes, IReadOnlyList<Twin> pairs)
    {
        (_hashes, NearDuplicates) = (hashes, pairs);
        _near = pairs.SelectMany(twin => new[] { (At: twin.A, Other: twin.B, twin.Similarity), (At: twin.B, Other: twin.A, twin.Similarity) })
            .ToLookup(pair => pair.At, pair => (pair.Other, pair.Similarity));
    }

    /// <summary>All pairs of clips that sound alike though their samples differ, in order of position.</summary>
    public IReadOnlyList<Twin> NearDuplicates { get; }

    /// <summary>All pairs of clips with the same samples, in order of position.</summary>
    public IReadOnlyList<Twin> SameContent =>
        [.. from copies in Enumerable.Range(0, _hashes.Length).Where(i => _hashes[i] is not null).GroupBy(i => _hashes[i], StringComparer.Ordinal)
            from a in copies
            from b in copies
            where a < b
            orderby a, b
            select new Twin(a, b, 1)];

    /// <summary>Looks for recordings on both sides of a split.</summary>
    /// <param name="items">The clips of the corpus, in the order the prints were made; their own hashes are not needed.</param>
    /// <param name="split">The split; validation is part of training here.</param>
    /// <returns>What was found, under the protocols whose promise it does not break.</returns>
    /// <exception cref="CorpusException">As <see cref="SplitCheck.Verify(IReadOnlyList{SplitItem}, Split)"/>, and near-duplicates under a speaker protocol; the pairs are listed.</exception>
    public LeakReport Check(IReadOnlyList<SplitItem> items, Split split)
    {
        ArgumentNullException.ThrowIfNull(items);
        ArgumentNullException.ThrowIfNull(split);
        if (items.Count != _hashes.Length) throw new ArgumentException($"expected the {_hashes.Length} clips that were compared, got {items.Count}", nameof(items));
        SplitItem[] known = [.. items.Select((item, i) => item with { ContentHash = _hashes[i] })];
        SplitReport report = SplitCheck.Verify(known, split, AlikePairs);
        LeakTwin[] same = SamePairs(known, split), near = Alike(known, split);
        return new LeakReport
        {
            TestClipsOfTrainingSpeakers = report.TestClipsOfTrainingSpeakers,
            TestClipsOfUnknownSpeaker = report.TestClipsOfUnknownSpeaker,
            SameContent = report.TestClipsWithTrainingContent,
            NearDuplicates = near.Length,
            Touched = same.Concat(near).Select(twin => twin.Test).Distinct(StringComparer.Ordinal).Count(),
            Examples = [.. same.Concat(near).DistinctBy(twin => twin.Test, StringComparer.Ordinal).OrderByDescending(twin => twin.Similarity)],
            Unreadable = split.Train.Concat(split.Test).Count(i => _hashes[i] is null),
        };
    }

    private IEnumerable<string> AlikePairs(IReadOnlyList<SplitItem> items, Split split) =>
        Alike(items, split).Select(twin => string.Create(CultureInfo.InvariantCulture, $"{twin.Test} ~ {twin.Train} ({twin.Similarity:P0} of their fingerprints' bits agree)"));

    private LeakTwin[] SamePairs(IReadOnlyList<SplitItem> items, Split split)
    {
        var train = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (int i in split.Train)
            if (_hashes[i] is { } hash) train.TryAdd(hash, i);
        return [.. split.Test.Where(i => _hashes[i] is { } hash && train.ContainsKey(hash))
            .Select(i => new LeakTwin(SplitCheck.Name(items, i), SplitCheck.Name(items, train[_hashes[i]!]), LeakTwin.SameContent, 1))];
    }

    // The most similar training clip of every test clip that has one.
    private LeakTwin[] Alike(IReadOnlyList<SplitItem> items, Split split)
    {
        var train = split.Train.ToHashSet();
        return [.. from i in split.Test
            let best = _near[i].Where(pair => train.Contains(pair.Other)).OrderByDescending(pair => pair.Similarity).ThenBy(pair => pair.Other).Take(1)
            from pair in best
            select new LeakTwin(SplitCheck.Name(items, i), SplitCheck.Name(items, pair.Other), LeakTwin.NearDuplicate, pair.Similarity)];
    }
}
