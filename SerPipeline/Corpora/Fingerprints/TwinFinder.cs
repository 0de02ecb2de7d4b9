namespace SerPipeline.Corpora.Fingerprints;

/// <summary>Two recordings that are one, by how far their fingerprints agree.</summary>
/// <param name="A">The position of one.</param>
/// <param name="B">The position of the other, greater than <paramref name="A"/>.</param>
/// <param name="Similarity">The share of equal fingerprint bits over the frames that sound in both, at the best alignment.</param>
public readonly record struct Twin(int A, int B, double Similarity);

/// <summary>Finds near-duplicates among fingerprints.</summary>
internal static class TwinFinder
{
    /// <summary>
    /// The share of bits that must agree; half agree by chance. Measured on RAVDESS, EMO-DB and TESS: different takes reach 0.823 (two words behind the same carrier
    /// sentence, TESS), versions of one recording stay above 0.875 (level, rate, 8 bits, telephone coding, noise 30 dB below, 300 ms cut at both ends).
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
    public static Twin[] Find(IReadOnlyList<Fingerprint> prints, double minSimilarity = MinSimilarity)
    {
        var index = new FingerprintIndex(prints);
        var found = new List<Twin>[prints.Count];
        Parallel.For(0, prints.Count, a => found[a] = Of(a, index.Candidates(a), prints, minSimilarity));
        // A clip may find another that does not find it: weak bits are those of the one that asks.
        return [.. found.SelectMany(twins => twins).GroupBy(twin => (twin.A, twin.B)).Select(group => group.MaxBy(twin => twin.Similarity))
            .OrderBy(twin => twin.A).ThenBy(twin => twin.B)];
    }

    private static List<Twin> Of(int a, HashSet<(int Clip, int Offset)> candidates, IReadOnlyList<Fingerprint> prints, double minSimilarity)
    {
        var best = new Dictionary<int, double>();
        foreach ((int b, int hit) in candidates)
        {
            if (Similarity(prints[a], prints[b], hit) is not { } first || first < minSimilarity - 0.1) continue;
            for (int offset = hit - Slack; offset <= hit + Slack; offset++)
                if (Similarity(prints[a], prints[b], offset) is { } similarity && similarity >= minSimilarity)
                    best[b] = Math.Max(similarity, best.GetValueOrDefault(b));
        }
        return [.. best.Select(pair => new Twin(Math.Min(a, pair.Key), Math.Max(a, pair.Key), pair.Value))];
    }

    /// <summary>The similarity at an offset; null where too little is compared to tell.</summary>
    public static double? Similarity(Fingerprint a, Fingerprint b, int offset)
    {
        (double similarity, int compared) = a.Compare(b, offset);
        return compared >= Math.Max(MinFrames, MinOverlap * Math.Min(a.Sounding, b.Sounding)) ? similarity : null;
    }
}
