using SerPipeline.Audio;
using SerPipeline.Corpora;

namespace SerPipeline.Splits;

/// <summary>Finds clips of the same recording, so that none is trained on while another is tested.</summary>
public static class LeakCheck
{
    // Windows over one recording share what they overlap, and neighbouring ones touch.
    private const double LeastOverlap = 0.25;

    /// <summary>Compares all clips with each other, once for all splits of a corpus.</summary>
    /// <param name="prints">One per clip, from <see cref="ClipFingerprints"/>.</param>
    /// <param name="clips">The clips, where stretches of one file may be among them: two of one voice that share a quarter of the shorter
    /// repeat each other. Null: none are.</param>
    public static DuplicateIndex Find(IReadOnlyList<ClipFingerprint> prints, IReadOnlyList<CorpusClip>? clips = null)
    {
        ArgumentNullException.ThrowIfNull(prints);
        // Identical clips share a fingerprint: it is compared once, and its matches hold for all of them.
        int[][] groups = [.. Enumerable.Range(0, prints.Count).Where(i => prints[i].Print is not null)
            .GroupBy(i => prints[i].ContentHash ?? $"#{i}").Select(group => group.ToArray())];
        DuplicatePair[] found = NearDuplicateFinder.Find([.. groups.Select(group => prints[group[0]].Print!)]);
        DuplicatePair[] pairs = [.. from pair in found
            from a in groups[pair.A]
            from b in groups[pair.B]
            select new DuplicatePair(Math.Min(a, b), Math.Max(a, b), pair.Similarity)];
        DuplicatePair[] overlaps = clips is null ? [] : [.. Overlaps(clips, i => prints[i].ContentHash is not null)];
        return new DuplicateIndex([.. prints.Select(print => print.ContentHash)],
            [.. pairs.OrderBy(pair => pair.A).ThenBy(pair => pair.B)], overlaps);
    }

    private static IEnumerable<DuplicatePair> Overlaps(IReadOnlyList<CorpusClip> clips, Func<int, bool> isReadable)
    {
        var stretches = new List<(int Clip, string File, double Start, double End)>();
        for (int i = 0; i < clips.Count; i++)
            if (isReadable(i) && AudioSegment.TryParse(clips[i].Path, out string file, out AudioSegment? segment))
                stretches.Add((i, file, segment.Start.TotalSeconds, segment.End?.TotalSeconds ?? double.MaxValue));
        foreach (var recording in stretches.GroupBy(one => (one.File, clips[one.Clip].Speaker)))
        {
            (int Clip, string, double Start, double End)[] order = [.. recording.OrderBy(one => one.Start)];
            for (int i = 0; i < order.Length; i++)
            {
                for (int j = i + 1; j < order.Length && order[j].Start < order[i].End; j++)
                {
                    double shared = Math.Min(order[i].End, order[j].End) - order[j].Start,
                        shorter = Math.Min(order[i].End - order[i].Start, order[j].End - order[j].Start);
                    // The same stretch twice has the same samples, and is counted as that.
                    if (shared >= LeastOverlap * shorter && (order[i].Start, order[i].End) != (order[j].Start, order[j].End))
                        yield return new DuplicatePair(Math.Min(order[i].Clip, order[j].Clip), Math.Max(order[i].Clip, order[j].Clip), 1);
                }
            }
        }
    }
}

/// <summary>
/// Which clips of a corpus are the same recording, from <see cref="LeakCheck.Find"/>; one index checks every split of the corpus.
/// </summary>
public sealed class DuplicateIndex
{
    private readonly string?[] _hashes;
    private readonly ILookup<int, (int Other, double Similarity)> _near;

    // Every fold of a protocol with enrolled clips asks.
    private readonly Lazy<int[]> _recordings;

    internal DuplicateIndex(string?[] hashes, IReadOnlyList<DuplicatePair> alike, IReadOnlyList<DuplicatePair> overlaps)
    {
        DuplicatePair[] pairs = overlaps.Count == 0 ? [.. alike] : [.. alike.Concat(overlaps).GroupBy(pair => (pair.A, pair.B))
            .Select(pair => pair.MaxBy(one => one.Similarity)).OrderBy(pair => pair.A).ThenBy(pair => pair.B)];
        // Windows that each overlap the next are not all one recording.
        (_hashes, NearDuplicates, _recordings) = (hashes, pairs, new(() => Joined(alike)));
        _near = pairs.SelectMany(pair => new[] { (At: pair.A, Other: pair.B, pair.Similarity),
            (At: pair.B, Other: pair.A, pair.Similarity) }).ToLookup(pair => pair.At, pair => (pair.Other, pair.Similarity));
    }

    /// <summary>All pairs of clips that sound alike though their samples differ, or are stretches of one file that overlap, in order of
    /// position.</summary>
    public IReadOnlyList<DuplicatePair> NearDuplicates { get; }

    /// <summary>All pairs of clips with the same samples, in order of position.</summary>
    public IReadOnlyList<DuplicatePair> SameContent =>
        [.. from copies in Enumerable.Range(0, _hashes.Length).Where(i => _hashes[i] is not null)
            .GroupBy(i => _hashes[i])
            from a in copies
            from b in copies
            where a < b
            orderby a, b
            select new DuplicatePair(a, b, 1)];

    /// <summary>For each clip the position of the first clip of the same recording: with the same samples, or joined to it by
    /// what they sound like; stretches of one file that overlap are not joined.</summary>
    internal IReadOnlyList<int> Recordings => _recordings.Value;

    private int[] Joined(IReadOnlyList<DuplicatePair> alike)
    {
        int[] first = [.. Enumerable.Range(0, _hashes.Length)];
        int Root(int clip)
        {
            while (first[clip] != clip) clip = first[clip];
            return clip;
        }
        foreach (DuplicatePair pair in SameContent.Concat(alike))
        {
            int a = Root(pair.A), b = Root(pair.B);
            first[Math.Max(a, b)] = Math.Min(a, b);
        }
        return [.. first.Select(Root)];
    }

    /// <summary>Finds recordings that are on both sides of a split.</summary>
    /// <param name="items">The clips of the corpus, in the order of the fingerprints; their own hashes are not needed.</param>
    /// <param name="split">The split; validation is part of training here.</param>
    /// <returns>Duplicates that the protocol permits.</returns>
    /// <exception cref="CorpusException">As <see cref="SplitCheck.Verify(IReadOnlyList{SplitItem}, Split)"/>, and near-duplicates under a
    /// speaker protocol; the pairs are listed.</exception>
    public LeakReport Check(IReadOnlyList<SplitItem> items, Split split)
    {
        ArgumentNullException.ThrowIfNull(items);
        ArgumentNullException.ThrowIfNull(split);
        if (items.Count != _hashes.Length)
            throw new ArgumentException($"expected the {_hashes.Length} clips that were compared, got {items.Count}", nameof(items));
        SplitItem[] known = [.. items.Select((item, i) => item with { ContentHash = _hashes[i] })];
        SplitCheck.Verify(known, split, AlikePairs);
        LeakPair[] same = SamePairs(known, split), near = Alike(known, split);
        return new LeakReport
        {
            SameContent = same.Length,
            NearDuplicates = near.Length,
            Touched = same.Concat(near).Select(pair => pair.Test).Distinct().Count(),
            Examples = [.. same.Concat(near).DistinctBy(pair => pair.Test).OrderByDescending(pair => pair.Similarity)],
            Unreadable = split.Train.Concat(split.Test).Count(i => _hashes[i] is null),
        };
    }

    private IEnumerable<string> AlikePairs(IReadOnlyList<SplitItem> items, Split split) =>
        Alike(items, split).Select(pair => string.Create(CultureInfo.InvariantCulture,
            $"{pair.Test} ~ {pair.Train} ({pair.Similarity:P0} of their fingerprints' bits agree)"));

    private LeakPair[] SamePairs(IReadOnlyList<SplitItem> items, Split split)
    {
        var train = new Dictionary<string, int>();
        foreach (int i in split.Train)
            if (_hashes[i] is { } hash) train.TryAdd(hash, i);
        return [.. split.Test.Where(i => _hashes[i] is { } hash && train.ContainsKey(hash))
            .Select(i => new LeakPair(SplitCheck.Name(items, i), SplitCheck.Name(items, train[_hashes[i]!]), LeakPair.SameContent, 1))];
    }

    // The most similar training clip of every test clip that has one.
    private LeakPair[] Alike(IReadOnlyList<SplitItem> items, Split split)
    {
        var train = split.Train.ToHashSet();
        return [.. from i in split.Test
            let best = _near[i].Where(pair => train.Contains(pair.Other)).OrderByDescending(pair => pair.Similarity)
                .ThenBy(pair => pair.Other).Take(1)
            from pair in best
            select new LeakPair(SplitCheck.Name(items, i), SplitCheck.Name(items, pair.Other), LeakPair.NearDuplicate, pair.Similarity)];
    }
}

/// <summary>A test clip and the training clip that it repeats.</summary>
/// <param name="Test">The test clip's key.</param>
/// <param name="Train">The training clip's key.</param>
/// <param name="Kind"><see cref="SameContent"/> or <see cref="NearDuplicate"/>.</param>
/// <param name="Similarity">1 for the same samples and for stretches that overlap; else the share of fingerprint bits that agree, see
/// <see cref="DuplicatePair"/>.</param>
public sealed record LeakPair(string Test, string Train, string Kind, double Similarity)
{
    /// <summary>The kind of the same samples.</summary>
    public const string SameContent = "same-content";

    /// <summary>The kind of the same recording with other samples, or of stretches of one file that overlap.</summary>
    public const string NearDuplicate = "near-duplicate";
}

/// <summary>How much of a split's test part is also in its training part, validation included.</summary>
public sealed record LeakReport
{
    /// <summary>Test clips whose decoded audio is also a training clip's, sample for sample.</summary>
    public required int SameContent { get; init; }

    /// <summary>
    /// Test clips that sound like a training clip whose samples differ, or overlap one in their file; those that also have an identical
    /// clip there are in both counts.
    /// </summary>
    public required int NearDuplicates { get; init; }

    /// <summary>Test clips that have an identical or similar training clip.</summary>
    public required int Touched { get; init; }

    /// <summary>The best match of each of these test clips, the most similar first.</summary>
    public required IReadOnlyList<LeakPair> Examples { get; init; }

    /// <summary>Clips of either part that could not be decoded, and so not compared.</summary>
    public required int Unreadable { get; init; }
}
