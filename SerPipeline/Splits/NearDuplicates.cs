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
        Parallel.For(0, prints.Count, a => found[a] = Of(a, index.Candidates(prints[a], except: a), prints, minSimilarity));
        // A clip may find another that does not find it: weak bits are those of the one that asks.
        return [.. found.SelectMany(pairs => pairs).GroupBy(pair => (pair.A, pair.B)).Select(group => group.MaxBy(pair => pair.Similarity))
            .OrderBy(pair => pair.A).ThenBy(pair => pair.B)];
    }

    private static List<DuplicatePair> Of(int a, HashSet<(int Clip, int Offset)> candidates, IReadOnlyList<Fingerprint> prints,
        double minSimilarity)
    {
        var best = new Dictionary<int, double>();
        foreach ((int b, int hit) in candidates)
            if (BestAround(prints[a], prints[b], hit, minSimilarity) is { } similarity)
                best[b] = Math.Max(similarity, best.GetValueOrDefault(b));
        return [.. best.Select(pair => new DuplicatePair(Math.Min(a, pair.Key), Math.Max(a, pair.Key), pair.Value))];
    }

    /// <summary>The greatest similarity near an offset; null where it is too little, or too little is compared.</summary>
    internal static double? BestAround(Fingerprint a, Fingerprint b, int hit, double minSimilarity)
    {
        if (Similarity(a, b, hit) is not { } first || first < minSimilarity - 0.1) return null;
        double? best = Enumerable.Range(hit - Slack, (2 * Slack) + 1).Max(offset => Similarity(a, b, offset));
        return best >= minSimilarity ? best : null;
    }

    /// <summary>The similarity at an offset; null where too little is compared to tell.</summary>
    public static double? Similarity(Fingerprint a, Fingerprint b, int offset)
    {
        (double similarity, int compared) = a.Compare(b, offset);
        return compared * b.Every >= Math.Max(MinFrames, MinOverlap * Math.Min(a.Sounding, b.Sounding * b.Every)) ? similarity : null;
    }
}

/// <summary>
/// Finds clips that share a frame, exactly or but for one weak bit: two versions of one recording nearly always share some frame, and few
/// other clips have it. Each match also gives the alignment of the two.
/// </summary>
internal sealed class FingerprintIndex
{
    private readonly uint[] _values;
    private readonly long[] _places; // clip * 2^32 + frame, in the order of the values

    public FingerprintIndex(IReadOnlyList<Fingerprint> prints)
    {
        int count = prints.Sum(print => print.Sounding), n = 0;
        (_values, _places) = (new uint[count], new long[count]);
        for (int clip = 0; clip < prints.Count; clip++)
        {
            Fingerprint print = prints[clip];
            for (int i = 0; i < print.Bits.Length; i++)
            {
                if (!print.IsSounding[i]) continue;
                _values[n] = print.Bits[i];
                _places[n++] = ((long)clip << 32) | (uint)(i * print.Every);
            }
        }
        Array.Sort(_values, _places);
    }

    /// <summary>Every clip with a frame like one of this recording's, and the offsets at which the two are alike there.</summary>
    /// <param name="print">The recording.</param>
    /// <param name="except">The position of a clip that is not asked for: its own.</param>
    public HashSet<(int Clip, int Offset)> Candidates(Fingerprint print, int except = -1)
    {
        var found = new HashSet<(int, int)>();
        for (int frame = 0; frame < print.Frames; frame++)
        {
            if (!print.IsSounding[frame]) continue;
            uint value = print.Bits[frame];
            AddEqual(value, except, frame, found);
            for (uint weak = print.Weak[frame]; weak != 0; weak &= weak - 1)
                AddEqual(value ^ (1u << BitOperations.TrailingZeroCount(weak)), except, frame, found);
        }
        return found;
    }

    private void AddEqual(uint value, int except, int frame, HashSet<(int, int)> found)
    {
        int i = Array.BinarySearch(_values, value);
        while (i > 0 && _values[i - 1] == value) i--;
        for (; i >= 0 && i < _values.Length && _values[i] == value; i++)
            if ((int)(_places[i] >> 32) is var other && other != except) found.Add((other, (int)(uint)_places[i] - frame));
    }
}

/// <summary>
/// What the clips of a training sound like, kept in its model: an evaluation recognises them where they were saved anew, as MP3, at
/// another rate or louder, when their samples are others.
/// </summary>
internal sealed class HeardRecordings
{
    public const string FileName = "prints.bin";

    // Of frames whose windows overlap by 94 % one in four tells the recording as well, in a quarter of the room. Of very many hours fewer
    // are kept, and of more than some 1,100 none: a model's attachments have 64 MiB together.
    private const int LeastStep = 4, GreatestStep = 32, MostBytes = 32 << 20;
    private const int Version = 1;

    private readonly Fingerprint[] _prints;
    private readonly FingerprintIndex _index;

    private HeardRecordings(Fingerprint[] prints) => (_prints, _index) = (prints, new FingerprintIndex(prints));

    /// <summary>
    /// The file, of little-endian 32-bit numbers: 1, the step in frames, how many clips there are; then of each how many frames were kept
    /// and their bits, 0 for one that is silent.
    /// </summary>
    /// <param name="prints">The clips.</param>
    /// <param name="mostBytes">How large it may be.</param>
    /// <returns>Null where it would be larger.</returns>
    public static byte[]? ToBytes(IEnumerable<Fingerprint> prints, long mostBytes = MostBytes)
    {
        Fingerprint[] all = [.. prints];
        int step = LeastStep;
        while (Bytes() > mostBytes && step < GreatestStep) step *= 2;
        if (Bytes() > mostBytes) return null;
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        writer.Write(Version);
        writer.Write(step);
        writer.Write(all.Length);
        foreach (Fingerprint print in all)
        {
            writer.Write((print.Frames + step - 1) / step);
            for (int frame = 0; frame < print.Frames; frame += step) writer.Write(print.IsSounding[frame] ? print.Bits[frame] : 0);
        }
        writer.Flush();
        return bytes.ToArray();

        long Bytes() => sizeof(int) * (3 + all.Sum(print => 1 + ((print.Frames + step - 1L) / step)));
    }

    /// <summary>Reads them out of a model; null for one that was saved before they were kept.</summary>
    /// <param name="attachments">The model's attachments.</param>
    /// <param name="name">Its file, for messages.</param>
    /// <exception cref="ModelFormatException">They are damaged.</exception>
    public static HeardRecordings? Find(IReadOnlyDictionary<string, ReadOnlyMemory<byte>> attachments, string name)
    {
        if (!attachments.TryGetValue(FileName, out ReadOnlyMemory<byte> content)) return null;
        int[] words = MemoryMarshal.Cast<byte, int>(content.Span).ToArray();
        int at = 3;
        if (content.Length % sizeof(int) != 0 || words is not [Version, > 0 and <= GreatestStep, >= 0, ..]) throw Damaged();
        int every = words[1];
        var prints = new List<Fingerprint>();
        for (int clip = 0; clip < words[2]; clip++)
        {
            if (at == words.Length || words[at] < 0 || words[at] > words.Length - at - 1) throw Damaged();
            prints.Add(Fingerprint.Thinned(MemoryMarshal.Cast<int, uint>(words.AsSpan(at + 1, words[at])), every));
            at += words[at] + 1;
        }
        return at == words.Length ? new HeardRecordings([.. prints]) : throw Damaged();

        ModelFormatException Damaged() => new($"'{name}' has a {FileName} that cannot be read: it is damaged.");
    }

    /// <summary>Whether one of them is another version of this recording; the two must share 60 % of the shorter.</summary>
    /// <param name="print">The recording.</param>
    public bool Hold(Fingerprint print) => _index.Candidates(print)
        .Any(hit => NearDuplicateFinder.BestAround(print, _prints[hit.Clip], hit.Offset, NearDuplicateFinder.MinSimilarity) is not null);
}
