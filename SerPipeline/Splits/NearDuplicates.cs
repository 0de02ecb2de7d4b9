namespace SerPipeline.Splits;

/// <summary>Two clips of one recording.</summary>
/// <param name="A">The position of the first clip.</param>
/// <param name="B">The position of the second clip, greater than <paramref name="A"/>.</param>
/// <param name="Similarity">0.5 by chance to 1 for the same samples: the share of equal fingerprint bits over the frames that sound in
/// both, at the best alignment.</param>
public readonly record struct DuplicatePair(int A, int B, double Similarity);

/// <summary>Finds near-duplicates among fingerprints.</summary>
internal static class NearDuplicateFinder
{
    /// <summary>
    /// The share of bits that must agree; half agree by chance. Measured on RAVDESS, EMO-DB and TESS: different takes reach 0.823 (two
    /// words behind the same carrier sentence, TESS), versions of one recording stay above 0.875 (level, rate, 8 bits, telephone coding,
    /// noise 30 dB below, 300 ms cut at both ends).
    /// </summary>
    public const double MinSimilarity = 0.86;

    /// <summary>Frames that must be compared: 0.5 s.</summary>
    public const int MinFrames = 32;

    /// <summary>The part of the shorter clip's sounding frames that must be compared.</summary>
    public const double MinOverlap = 0.6;

    // A hit may be a frame or two off the best alignment.
    private const int Slack = 2;

    /// <summary>All pairs, in order of position.</summary>
    /// <param name="prints">The fingerprints.</param>
    /// <param name="minSimilarity">Bits that must agree.</param>
    public static DuplicatePair[] Find(IReadOnlyList<Fingerprint> prints, double minSimilarity = MinSimilarity)
    {
        var index = new FingerprintIndex(prints);
        var found = new List<DuplicatePair>[prints.Count];
        Parallel.For(0, prints.Count, a => found[a] = Of(a, index.Candidates(a), prints, minSimilarity));
        // A clip may find another that does not find it: weak bits are those of the one that asks.
        return [.. found.SelectMany(pairs => pairs).GroupBy(pair => (pair.A, pair.B)).Select(group => group.MaxBy(pair => pair.Similarity))
            .OrderBy(pair => pair.A).ThenBy(pair => pair.B)];
    }

    private static List<DuplicatePair> Of(int a, HashSet<(int Clip, int Offset)> candidates, IReadOnlyList<Fingerprint> prints,
        double minSimilarity)
    {
        var best = new Dictionary<int, double>();
        foreach ((int b, int hit) in candidates)
        {
            if (Similarity(prints[a], prints[b], hit) is not { } first || first < minSimilarity - 0.1) continue;
            for (int offset = hit - Slack; offset <= hit + Slack; offset++)
                if (Similarity(prints[a], prints[b], offset) is { } similarity && similarity >= minSimilarity)
                    best[b] = Math.Max(similarity, best.GetValueOrDefault(b));
        }
        return [.. best.Select(pair => new DuplicatePair(Math.Min(a, pair.Key), Math.Max(a, pair.Key), pair.Value))];
    }

    /// <summary>The similarity at an offset; null where too little is compared to tell.</summary>
    public static double? Similarity(Fingerprint a, Fingerprint b, int offset)
    {
        (double similarity, int compared) = a.Compare(b, offset);
        return compared >= Math.Max(MinFrames, MinOverlap * Math.Min(a.Sounding, b.Sounding)) ? similarity : null;
    }
}

/// <summary>
/// Finds clips that share a frame, exactly or but for one weak bit: two versions of one recording nearly always share some frame, and few
/// other clips have it. Each match also gives the alignment of the two.
/// </summary>
internal sealed class FingerprintIndex
{
    private readonly IReadOnlyList<Fingerprint> _prints;
    private readonly uint[] _values;
    private readonly long[] _places; // clip * 2^32 + frame, in the order of the values

    public FingerprintIndex(IReadOnlyList<Fingerprint> prints)
    {
        _prints = prints;
        int count = prints.Sum(print => print.Sounding), n = 0;
        (_values, _places) = (new uint[count], new long[count]);
        for (int clip = 0; clip < prints.Count; clip++)
        {
            for (int frame = 0; frame < prints[clip].Frames; frame++)
            {
                if (!prints[clip].IsSounding[frame]) continue;
                _values[n] = prints[clip].Bits[frame];
                _places[n++] = ((long)clip << 32) | (uint)frame;
            }
        }
        Array.Sort(_values, _places);
    }

    /// <summary>Every other clip with a frame like one of this clip's, and the offsets at which the two are alike there.</summary>
    /// <param name="clip">The clip's position.</param>
    public HashSet<(int Clip, int Offset)> Candidates(int clip)
    {
        var found = new HashSet<(int, int)>();
        Fingerprint print = _prints[clip];
        for (int frame = 0; frame < print.Frames; frame++)
        {
            if (!print.IsSounding[frame]) continue;
            uint value = print.Bits[frame];
            AddEqual(value, clip, frame, found);
            for (uint weak = print.Weak[frame]; weak != 0; weak &= weak - 1)
                AddEqual(value ^ (1u << BitOperations.TrailingZeroCount(weak)), clip, frame, found);
        }
        return found;
    }

    private void AddEqual(uint value, int clip, int frame, HashSet<(int, int)> found)
    {
        int i = Array.BinarySearch(_values, value);
        while (i > 0 && _values[i - 1] == value) i--;
        for (; i >= 0 && i < _values.Length && _values[i] == value; i++)
            if ((int)(_places[i] >> 32) is var other && other != clip) found.Add((other, (int)(uint)_places[i] - frame));
    }
}
