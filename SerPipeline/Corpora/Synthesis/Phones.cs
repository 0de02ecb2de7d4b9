namespace SerPipeline.Corpora.Synthesis;

/// <summary>How a consonant is made.</summary>
internal enum ConsonantKind
{
    /// <summary>Closure, burst, a little aspiration.</summary>
    Stop,

    /// <summary>Noise at a constriction.</summary>
    Fricative,

    /// <summary>Voiced, with a weak low first formant.</summary>
    Sonorant,
}

/// <summary>The formants of a vowel for the mean male tract, Hz.</summary>
internal readonly record struct Vowel(double F1, double F2, double F3);

/// <summary>A consonant: where its formants point to, and where its noise lies, Hz for the mean male tract.</summary>
internal readonly record struct Consonant(ConsonantKind Kind, double F1, double F2, double F3, double NoiseHz, bool Voiced);

/// <summary>A consonant and a vowel.</summary>
internal readonly record struct Syllable(Consonant Onset, Vowel Nucleus, bool Stressed, bool PauseAfter = false);

/// <summary>The two utterances of the demo corpus: syllables of no language, which every emotion shares, so that the words tell nothing.</summary>
internal static class Phones
{
    // Vowels: mean male formants of Peterson and Barney 1952, table II.
    private static readonly Vowel Heed = new(270, 2290, 3010);
    private static readonly Vowel Hid = new(390, 1990, 2550);
    private static readonly Vowel Head = new(530, 1840, 2480);
    private static readonly Vowel Had = new(660, 1720, 2410);
    private static readonly Vowel Hod = new(730, 1090, 2440);
    private static readonly Vowel Hawed = new(570, 840, 2410);
    private static readonly Vowel Whod = new(300, 870, 2240);
    private static readonly Vowel Hud = new(640, 1190, 2390);

    // Consonants: loci and noise regions after Klatt 1980, "Software for a cascade/parallel formant synthesizer", table III, rounded.
    private static readonly Consonant B = new(ConsonantKind.Stop, 200, 1100, 2150, 1000, true);
    private static readonly Consonant D = new(ConsonantKind.Stop, 200, 1600, 2600, 3800, true);
    private static readonly Consonant T = new(ConsonantKind.Stop, 400, 1600, 2600, 3900, false);
    private static readonly Consonant K = new(ConsonantKind.Stop, 300, 1990, 2850, 2200, false);
    private static readonly Consonant S = new(ConsonantKind.Fricative, 320, 1390, 2530, 5600, false);
    private static readonly Consonant Sh = new(ConsonantKind.Fricative, 300, 1840, 2750, 3000, false);
    private static readonly Consonant M = new(ConsonantKind.Sonorant, 260, 1270, 2130, 0, true);
    private static readonly Consonant N = new(ConsonantKind.Sonorant, 260, 1340, 2470, 0, true);
    private static readonly Consonant L = new(ConsonantKind.Sonorant, 310, 1050, 2880, 0, true);

    private static readonly Syllable[][] Utterances =
    [
        [new(K, Hod, true), new(S, Hid, false), new(T, Hawed, true, true), new(M, Whod, false), new(L, Had, true), new(D, Hud, false)],
        [new(D, Head, true), new(N, Hod, false), new(Sh, Heed, true), new(B, Hud, false, true), new(L, Hawed, true), new(S, Hid, false)],
    ];

    /// <summary>The syllables of utterance 1 or 2.</summary>
    public static IReadOnlyList<Syllable> Utterance(int number) => Utterances[number - 1];
}
