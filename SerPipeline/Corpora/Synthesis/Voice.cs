namespace SerPipeline.Corpora.Synthesis;

/// <summary>One synthetic speaker: what is the same in all clips.</summary>
/// <param name="BasePitchHz">Neutral mean pitch, Hz.</param>
/// <param name="FormantScale">Factor on all formants: 1 for the mean adult male tract, more for shorter ones.</param>
/// <param name="AccentSemitones">Size of a neutral pitch accent, semitones.</param>
/// <param name="Rate">Factor on the speech rate.</param>
/// <param name="TiltDb">How far the glottal source falls at 3 kHz beyond its natural slope, dB.</param>
/// <param name="BreathDb">Aspiration relative to voicing, dB.</param>
/// <param name="OpenQuotient">Open part of the glottal cycle.</param>
/// <param name="LevelDb">Neutral level, dB relative to full scale.</param>
/// <param name="Emotions">The speaker's own cues for each emotion: <c>[emotion, cue]</c>.</param>
internal sealed record Voice(double BasePitchHz, double FormantScale, double AccentSemitones, double Rate, double TiltDb, double BreathDb,
    double OpenQuotient, double LevelDb, IReadOnlyList<double[]> Emotions)
{
    /// <summary>Draws a voice.</summary>
    /// <param name="number">1 to 24; odd ones are male.</param>
    /// <param name="seed">The corpus seed.</param>
    public static Voice Draw(int number, long seed)
    {
        SeededRandom random = new SeededRandom(seed).Fork("voice", number);
        bool male = number % 2 == 1;
        double Normal(double mean, double deviation) => mean + (deviation * Math.Clamp(random.NextNormal(), -2, 2));
        // Means of men and women, and the ratio of their formants: Peterson and Barney 1952, "Control methods used in a study of the
        // vowels". The draws are made in this order.
        return new Voice(
            BasePitchHz: male ? Normal(118, 16) : Normal(205, 24),
            FormantScale: male ? Normal(1.0, 0.03) : Normal(1.16, 0.03),
            AccentSemitones: Math.Exp(Normal(Math.Log(2.2), 0.2)),
            Rate: Math.Exp(Normal(0, 0.07)),
            TiltDb: Normal(11, 2.5),
            BreathDb: Normal(male ? -26 : -23, 2),
            OpenQuotient: male ? Normal(0.58, 0.04) : Normal(0.66, 0.04),
            LevelDb: Normal(-28, 1.5),
            Emotions: DrawEmotions(Math.Exp(Normal(0, 0.15)), random));
    }

    private static double[][] DrawEmotions(double expressivity, SeededRandom random) =>
        [.. RavdessName.Emotions.Select(emotion => EmotionCues.OfSpeaker(emotion, expressivity, random.Fork(emotion)))];
}

/// <summary>The acoustic cues that an emotion changes, each in a unit in which deviations add.</summary>
internal enum Cue
{
    /// <summary>Mean pitch, semitones.</summary>
    Pitch,

    /// <summary>Size of pitch movements, natural logarithm of a factor.</summary>
    Range,

    /// <summary>Pitch movement over the end of the utterance, semitones; positive rises.</summary>
    Glide,

    /// <summary>Speech rate, natural logarithm of a factor.</summary>
    Rate,

    /// <summary>Level, dB.</summary>
    Level,

    /// <summary>Energy at 3 kHz, dB; positive is brighter.</summary>
    Brightness,

    /// <summary>Cycle-to-cycle perturbation (jitter and shimmer), natural logarithm of a factor.</summary>
    Roughness,

    /// <summary>Aspiration noise, dB.</summary>
    Breath,

    /// <summary>Silence between phrases, seconds.</summary>
    Pause,

    /// <summary>Depth of a 6 Hz pitch tremor, semitones.</summary>
    Tremor,

    /// <summary>Shift of all formants (a smile shortens the tract), natural logarithm of a factor.</summary>
    Formants,
}

/// <summary>
/// How the eight emotions sound, relative to a speaker's neutral voice, and how much clips and speakers vary around that.
/// </summary>
/// <remarks>
/// Directions follow the reviews of vocal expression: Juslin and Laukka 2003 ("Communication of emotions in vocal expression and music
/// performance: different channels, same code?", Psychological Bulletin 129(5), table of cues), Scherer 2003 ("Vocal communication of
/// emotion: a review of research paradigms", Speech Communication 40) and Banse and Scherer 1996 ("Acoustic profiles in vocal emotion
/// expression", J. Pers. Soc. Psychol. 70(3)). Sizes start from the parameters that listeners recognised in formant synthesis: Burkhardt
/// and Sendlmeier 2000 ("Verification of acoustical correlates of emotional speech using formant-synthesis", ISCA Workshop on Speech and
/// Emotion). Calm is what those studies call tenderness. The deviations are chosen so that neighbours overlap: calm, neutral and sad;
/// happy, angry and surprised; fearful and surprised.
/// </remarks>
internal static class EmotionCues
{
    public static readonly int Count = Enum.GetValues<Cue>().Length;

    // One row an emotion in RAVDESS order; columns in the order of Cue:
    // pitch, range, glide, rate, level, brightness, roughness, breath, pause, tremor, formants.
    private static readonly double[][] Means =
    [
        [0.0, 0.00, -1.0, 0.00, 0.0, 0.0, 0.0, 0.0, 0.00, 0.00, 0.000], // neutral
        [-1.5, -0.40, -1.5, -0.12, -3.5, -5.0, -0.4, 4.0, 0.05, 0.00, 0.000], // calm
        [3.5, 0.50, 1.5, 0.10, 3.0, 3.0, -0.2, 0.0, -0.02, 0.00, 0.045], // happy
        [-1.0, -0.60, -2.5, -0.30, -5.0, -7.0, 0.6, 3.0, 0.12, 0.25, -0.020], // sad
        [3.5, 0.60, -3.0, 0.14, 6.0, 8.0, 0.9, -4.0, -0.03, 0.00, 0.000], // angry
        [5.5, -0.30, 0.5, 0.22, -0.5, 0.0, 0.6, 4.0, 0.02, 0.60, 0.000], // fearful
        [-1.0, 0.25, -4.5, -0.22, -0.5, 3.0, 0.9, -1.0, 0.06, 0.00, -0.045], // disgust
        [6.0, 0.75, 7.0, -0.06, 2.0, 1.0, -0.2, 2.0, 0.00, 0.00, 0.010], // surprised
    ];

    // Standard deviations, columns as above: from clip to clip of one speaker, and from speaker to speaker.
    private static readonly double[] ClipDeviations = [0.6, 0.12, 0.7, 0.04, 1.5, 1.0, 0.15, 1.0, 0.02, 0.06, 0.006];
    private static readonly double[] SpeakerDeviations = [1.7, 0.35, 1.8, 0.10, 2.0, 2.8, 0.35, 2.2, 0.04, 0.15, 0.016];

    /// <summary>An emotion's mean cues, relative to neutral: <c>[Count]</c>.</summary>
    public static double[] Mean(string emotion) => [.. Means[RavdessName.Emotions.ToList().IndexOf(emotion)]];

    /// <summary>
    /// A speaker's cues for an emotion: the mean, scaled by how expressive the speaker is, and a deviation that all the speaker's clips
    /// share.
    /// </summary>
    public static double[] OfSpeaker(string emotion, double expressivity, SeededRandom random)
    {
        double[] cues = Mean(emotion);
        // Neutral speech is what the voice itself was drawn for: it varies half as much.
        double spread = emotion == RavdessName.Emotions[0] ? 0.5 : 1;
        for (int c = 0; c < Count; c++) cues[c] = (cues[c] * expressivity) + (spread * SpeakerDeviations[c] * random.NextNormal());
        return cues;
    }

    /// <summary>One clip's cues: the speaker's, scaled by intensity, and a deviation of its own.</summary>
    public static double[] OfClip(double[] speakerCues, double intensity, SeededRandom random)
    {
        var cues = new double[Count];
        for (int c = 0; c < Count; c++) cues[c] = (speakerCues[c] * intensity) + (ClipDeviations[c] * random.NextNormal());
        return cues;
    }
}
