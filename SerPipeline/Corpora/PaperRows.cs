namespace SerPipeline.Corpora;

/// <summary>
/// The paper's order of the 1,440 speech clips of RAVDESS, and the 96 clips that it duplicated, both read off its published feature
/// matrices. NumPy's permutation of row numbers has a meaning only over this order.
/// </summary>
internal static class PaperRows
{
    // A letter is one of an actor's 60 takes in ascending order of emotion, intensity, statement and repetition: A is 01-01-01-01, 7 is
    // 08-02-02-02.
    private const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz01234567";

    // The actors in the order they were read, each with the order of the takes.
    private static readonly string[] Actors =
    [
        "07 1i6aIy0RQzcEfGLqKSH4PZxn2AwXj3hFmeYtNWlUuvgDBsVC7OMT5Jporbdk",
        "22 5fmQEIXRCocTdyrUWDthLwOSejg6vZGFJ0xP12niKMAYslupVqb4kaH37NzB",
        "06 esF7wNgUaVtzJYpI02cqZnmx4jBPdfkvWG5iKM63oXhbuyOLSCrE1HTQARlD",
        "17 gJOMDciI1mfsLu3S6r5FQTYZaPb2hk4xwpdeqlEztnAB0XUvNGWHjy7CVKRo",
        "19 Nd6rFZoVDqS5lKkcpfxwiH7vY1jQaJAW3EMGze0gRObLTysX2IPtunUm4BCh",
        "11 odx5kMSbutLXH6FmsqgJvnDPpr7hON4jQaAiWKz31Z0cRwVleUTCI2BYyfGE",
        "10 iAPGlc063SzX47FBNwynHsWuxgkdpmM1JvRQqIfVrTEoY2KaCLhteDObU5jZ",
        "15 Ht6G13l2ZpTirozEAJVDuyCvQXj7fwLeRaYhxnNScO0F5qPgUBWdmMIKksb4",
        "04 Yv5bJs4a2zh3gNiLnFGWTeqmEHStBIVfkXCQPKRU0o7uDMjZwdOcA6rpyx1l",
        "05 LRsDfdehEaSUTlkm6POrxnX05VwqyNgBGZptF1KMIbuACWQJ3icHYoz47vj2",
        "08 fJlsIbwKGARWo1n4BZQShDce56NgFMyTzqPrxOpX0VYdju723EitHaLkmCUv",
        "24 DCWNgnyXQ4ZsilbdruafTvVzRYGLwU61Fkxec3It7BO2mEJAhSoHMpKq5j0P",
        "13 k1LRGOy0VoeCQMDHIwE2YsjqtpbndFgKTxWU7laPBuz5AXf3r4cNiZSJvhm6",
        "23 B0cnxkrdsX5SUyZTNqvCDeWh4ME7GF31IOiwbAfp26QtzRuJoPgaLmVHYjlK",
        "14 OVGoPSqNv7ith6KpJdY43QbXl1Z2wMysAjUu0HRTLzrE5CakxnImfBeFcgWD",
        "09 eHWpMQjSAGF42ly7T6agInPJoqNmBbUKZu5iVvrROcLks0fwDxht1dXY3CEz",
        "18 2wcPdeqYDWV5skOEAMKiIm1nLxbJ7az3GohyCfHZgj4BNltXQFSvuT6rp0RU",
        "21 SonvOfT3ZPVmuitRCFQWrjLbwBc7eXG16IgJlH0KU5qdDzEAYaskp2M4xyhN",
        "01 JiTDqVP4sLvG1WASr5UKeYd7OEBXHfzIZ6t2cRajnwgp0kFuQ3oyMmlNhCbx",
        "12 yjJxEKe5FWLlXVRN1tTPcwvnd3obG2sZkQ4gfHqiSpCz7uaAmYhO0I6BDrUM",
        "02 7zljCKasEhWIcnqkwUXLD1Sgtpie5VMBA2TmyfdxONu6rvYGPJo430FHbQZR",
        "20 TSluqdU6BQMACZFbEstfmrKjYka4I0JHcL7NXWyw2GhR5exVzOPDgpvoi31n",
        "03 RhzZjwd4F17vMXeqIBnAiVxpUKf3PmSkYHWNrlLusOgDECao5bTtc2J0yGQ6",
        "16 qGI0NtJQaxHzXsTUnMuckZ672lPgKwemAd54LSyErY1hCvoOFp3bBVWfjDiR",
    ];

    // Actor and take of each copy, in the order they were drawn.
    private static readonly string[] Drawn =
    [
        .. "17C 24B 03B 01C 03C 18D 11C 09B 15D 19D 22A 10A 06B 14A 15A 17A 21A 11B 20C 05C 18B 23D 08C 02C".Split(' '),
        .. "20C 03B 03A 21A 09C 01B 21D 04D 02D 02B 02D 16B 23C 19D 03B 23C 11C 22A 13C 13C 04A 22C 16A 13C".Split(' '),
        .. "12A 24B 21A 15B 11B 03B 17D 20C 07A 22A 19C 18C 23A 02C 03A 03B 18A 05A 20C 04A 22D 14B 16D 22B".Split(' '),
        .. "11A 20D 10C 21D 12D 11B 07C 15B 15A 20D 08D 05C 02B 04C 18A 05C 19A 02B 14A 14B 05D 12B 21C 01A".Split(' '),
    ];

    private static readonly string[] TakeCodes = [.. from emotion in Enumerable.Range(1, 8)
        from intensity in Enumerable.Range(1, emotion == 1 ? 1 : 2)
        from statement in Enumerable.Range(1, 2)
        from repetition in Enumerable.Range(1, 2)
        select string.Create(CultureInfo.InvariantCulture, $"{emotion:00}-{intensity:00}-{statement:00}-{repetition:00}")];

    /// <summary>The names of the 1,440 clips without extension, such as <c>03-01-08-01-01-02-07</c>, in the paper's order.</summary>
    public static IReadOnlyList<string> Originals { get; } = [.. from line in Actors from letter in line[3..]
        select Name(line[..2], letter)];

    /// <summary>
    /// The names of the 96 neutral clips that the paper doubled before its split, in the order it drew them, some more than once.
    /// </summary>
    public static IReadOnlyList<string> Copies { get; } = [.. Drawn.Select(drawn => Name(drawn[..2], drawn[2]))];

    /// <summary>The clips of a corpus that the paper doubled, in its order; a clip drawn twice is listed twice.</summary>
    /// <exception cref="CorpusException">The corpus does not have one of them.</exception>
    public static IReadOnlyList<CorpusClip> CopiesOf(Corpus corpus)
    {
        var known = new Dictionary<string, CorpusClip>();
        foreach (CorpusClip clip in corpus.Clips.Where(clip => !OversampledCorpus.IsCopy(clip.RelativePath)))
            if (RavdessName.OfOriginal(clip.RelativePath) is { } name) known.TryAdd(name.SoundOnly(), clip);
        string[] absent = [.. Copies.Where(name => !known.ContainsKey(name)).Distinct()];
        return absent.Length == 0 ? [.. Copies.Select(name => known[name])] : throw new CorpusException(
            $"The paper doubled {Copies.Distinct().Count()} neutral clips of RAVDESS, but the corpus '{corpus.Name}' lacks {absent.Length} "
            + $"of them, such as {absent[0]}. Use the whole of RAVDESS speech, or draw the copies by seed.");
    }

    /// <summary>
    /// Whether a corpus is what the paper divided: the 1,440 speech clips of RAVDESS, each once, and nothing else but copies of them.
    /// </summary>
    public static bool AreOf(Corpus corpus) => Order([.. corpus.Clips.Select(clip => clip.RelativePath)]) is not null;

    /// <summary>Positions of clips in the paper's order: the 1,440 clips, then the copies as they were drawn.</summary>
    /// <param name="keys">The clips' paths.</param>
    /// <returns>Null unless every one of the 1,440 is there once.</returns>
    public static int[]? Order(IReadOnlyList<string?> keys)
    {
        if (keys.Count < Originals.Count || keys.Any(key => RavdessName.OfOriginal(key) is null)) return null;
        int[] copies = [.. Enumerable.Range(0, keys.Count).Where(i => OversampledCorpus.IsCopy(keys[i]!))
            .OrderBy(i => OversampledCorpus.CopyNumber(keys[i]!))];
        if (keys.Count - copies.Length != Originals.Count) return null;
        var positions = new Dictionary<string, int>();
        foreach (int i in Enumerable.Range(0, keys.Count).Except(copies))
            if (!positions.TryAdd(RavdessName.OfOriginal(keys[i])!.SoundOnly(), i)) return null;
        return Originals.All(positions.ContainsKey) ? [.. Originals.Select(name => positions[name]), .. copies] : null;
    }

    private static string Name(string actor, char letter) =>
        $"03-01-{TakeCodes[Letters.IndexOf(letter, StringComparison.Ordinal)]}-{actor}";
}
