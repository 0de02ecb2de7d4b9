namespace SerPipeline.Corpora.Synthesis;

/// <summary>The synthesiser's control parameters, one value per step of <see cref="StepSeconds"/>, as in Klatt 1980.</summary>
internal sealed class ControlTrack
{
    /// <summary>The time between control values; Klatt 1980 uses 5 ms.</summary>
    public const double StepSeconds = 0.005;

    private const int FormantSmoothingSteps = 7; // 35 ms: the length of a formant transition
    private const int AmplitudeSmoothingSteps = 3;

    private ControlTrack(List<Segment> segments)
    {
        double[] PerStep(Func<Segment, double> value, int width) =>
            Smooth([.. segments.SelectMany(segment => Enumerable.Repeat(value(segment), segment.StepCount))], width);
        F1 = PerStep(segment => segment.F1, FormantSmoothingSteps);
        F2 = PerStep(segment => segment.F2, FormantSmoothingSteps);
        F3 = PerStep(segment => segment.F3, FormantSmoothingSteps);
        Voicing = PerStep(segment => segment.Voicing, AmplitudeSmoothingSteps);
        Aspiration = PerStep(segment => segment.Aspiration, AmplitudeSmoothingSteps);
        Frication = PerStep(segment => segment.Frication, AmplitudeSmoothingSteps);
        FricationHz = PerStep(segment => segment.FricationHz, 1);
        PitchSemitones = new double[F1.Length];
    }

    public int Steps => F1.Length;

    /// <summary>Formants for the mean male tract, Hz.</summary>
    public double[] F1 { get; }

    public double[] F2 { get; }

    public double[] F3 { get; }

    /// <summary>Pitch relative to the speaker's neutral mean.</summary>
    public double[] PitchSemitones { get; }

    /// <summary>Amplitude of the glottal pulses, 0 to 1.</summary>
    public double[] Voicing { get; }

    /// <summary>Amplitude of extra noise at the glottis, 0 to 1.</summary>
    public double[] Aspiration { get; }

    /// <summary>Amplitude of noise at a constriction, 0 to 1.</summary>
    public double[] Frication { get; }

    /// <summary>Centre of that noise, Hz.</summary>
    public double[] FricationHz { get; }

    /// <summary>Plans an utterance in time.</summary>
    /// <param name="syllables">What is said.</param>
    /// <param name="voice">Who says it.</param>
    /// <param name="cues">How: one value a <see cref="Cue"/>.</param>
    /// <param name="random">Draws durations, accents and drift.</param>
    public static ControlTrack Plan(IReadOnlyList<Syllable> syllables, Voice voice, double[] cues, SeededRandom random)
    {
        // 1. Segments with their durations; slower speech stretches vowels more than consonants.
        double slowness = 1 / (voice.Rate * Math.Exp(Math.Clamp(cues[(int)Cue.Rate], -0.5, 0.5)));
        double pause = Math.Clamp(0.06 + cues[(int)Cue.Pause], 0, 0.35);
        var segments = new List<Segment> { Segment.Silence(random.NextDouble(0.04, 0.10)) };
        var accents = new List<(double Seconds, double Size)>();
        double at = segments[0].Seconds;
        foreach (Syllable syllable in syllables)
        {
            double vowelSeconds = (syllable.Stressed ? 0.150 : 0.100) * slowness * Math.Exp(0.08 * random.NextNormal());
            foreach (Segment segment in Segment.Of(syllable, vowelSeconds, Math.Sqrt(slowness)))
            {
                segments.Add(segment);
                at += segment.Seconds;
            }
            if (syllable.Stressed) accents.Add((at - (vowelSeconds / 2), Math.Exp(0.25 * random.NextNormal())));
            if (!syllable.PauseAfter || pause < StepSeconds) continue;
            segments.Add(Segment.Silence(pause));
            at += pause;
        }
        segments.Add(Segment.Silence(random.NextDouble(0.05, 0.12)));
        // 2. Segments to steps, smoothed into transitions.
        var track = new ControlTrack(segments);
        // 3. Pitch over all of it.
        PitchContour.Fill(track.PitchSemitones, accents, at, voice, cues, random);
        return track;
    }

    /// <summary>A centred moving average; the ends repeat.</summary>
    private static double[] Smooth(double[] values, int width)
    {
        var smooth = new double[values.Length];
        int half = width / 2;
        for (int i = 0; i < values.Length; i++)
        {
            double sum = 0;
            for (int k = -half; k <= half; k++) sum += values[Math.Clamp(i + k, 0, values.Length - 1)];
            smooth[i] = sum / width;
        }
        return smooth;
    }
}

/// <summary>The melody: declination, an accent on each stressed vowel, a movement at the end, tremor and slow drift.</summary>
internal static class PitchContour
{
    private const double DeclinationSemitones = 2.0; // over a neutral utterance
    private const double AccentWidthSeconds = 0.07;
    private const double TremorHz = 6;

    /// <summary>Fills in the pitch of each step, in semitones above the speaker's neutral mean.</summary>
    public static void Fill(
        double[] pitch, IReadOnlyList<(double Seconds, double Size)> accents, double endSeconds, Voice voice, double[] cues,
        SeededRandom random)
    {
        double range = Math.Exp(Math.Clamp(cues[(int)Cue.Range], -1.5, 1.2));
        double tremor = Math.Max(0, cues[(int)Cue.Tremor]), tremorPhase = random.NextDouble(0, 2 * Math.PI), drift = 0;
        for (int step = 0; step < pitch.Length; step++)
        {
            double t = step * ControlTrack.StepSeconds, position = Math.Clamp(t / endSeconds, 0, 1);
            double accent = 0;
            foreach ((double seconds, double size) in accents)
                accent += size * Math.Exp(-0.5 * Math.Pow((t - seconds) / AccentWidthSeconds, 2));
            double glide = cues[(int)Cue.Glide] * SmoothStep((position - 0.7) / 0.3);
            drift = (0.97 * drift) + (0.08 * random.NextNormal());
            pitch[step] = cues[(int)Cue.Pitch] + (range * ((voice.AccentSemitones * accent) - (DeclinationSemitones * (position - 0.5))))
                + glide + (tremor * Math.Sin((2 * Math.PI * TremorHz * t) + tremorPhase)) + drift;
        }
    }

    private static double SmoothStep(double x)
    {
        double t = Math.Clamp(x, 0, 1);
        return t * t * (3 - (2 * t));
    }
}

/// <summary>A stretch of time in which the synthesiser aims at one set of values.</summary>
internal readonly record struct Segment(
    double Seconds, double F1, double F2, double F3, double Voicing, double Aspiration, double Frication, double FricationHz)
{
    private const double NeutralF1 = 500, NeutralF2 = 1500, NeutralF3 = 2500; // the neutral tract's odd quarter waves

    public int StepCount => Math.Max(1, (int)Math.Round(Seconds / ControlTrack.StepSeconds));

    public static Segment Silence(double seconds) => new(seconds, NeutralF1, NeutralF2, NeutralF3, 0, 0, 0, 3000);

    /// <summary>The segments of a syllable.</summary>
    /// <param name="syllable">Consonant and vowel.</param>
    /// <param name="vowelSeconds">The vowel's length.</param>
    /// <param name="stretch">Factor on the consonant's length.</param>
    public static IEnumerable<Segment> Of(Syllable syllable, double vowelSeconds, double stretch)
    {
        Consonant c = syllable.Onset;
        switch (c.Kind)
        {
            case ConsonantKind.Stop:
                yield return new(0.045 * stretch, c.F1, c.F2, c.F3, c.Voiced ? 0.12 : 0, 0, 0, c.NoiseHz);
                yield return new(0.012, c.F1, c.F2, c.F3, 0, 0.1, 0.7, c.NoiseHz);
                if (!c.Voiced) yield return new(0.025, c.F1, c.F2, c.F3, 0, 0.6, 0, c.NoiseHz);
                break;
            case ConsonantKind.Fricative:
                yield return new(0.085 * stretch, c.F1, c.F2, c.F3, 0, 0.05, 0.6, c.NoiseHz);
                break;
            default:
                yield return new(0.065 * stretch, c.F1, c.F2, c.F3, 0.4, 0, 0, 3000);
                break;
        }
        Vowel v = syllable.Nucleus;
        yield return new(vowelSeconds, v.F1, v.F2, v.F3, syllable.Stressed ? 1 : 0.75, 0, 0, 3000);
    }
}

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

/// <summary>The two utterances of the demo corpus: syllables of no language, shared by all emotions, so that words give no cue.</summary>
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
