namespace SerPipeline.Corpora.Synthesis;

/// <summary>The acoustic cues an emotion moves. Each is in a unit in which deviations add up.</summary>
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
/// Directions follow the reviews of vocal expression: Juslin and Laukka 2003 ("Communication of emotions in vocal expression and music performance: different
/// channels, same code?", Psychological Bulletin 129(5), table of cues), Scherer 2003 ("Vocal communication of emotion: a review of research paradigms", Speech
/// Communication 40) and Banse and Scherer 1996 ("Acoustic profiles in vocal emotion expression", J. Pers. Soc. Psychol. 70(3)). Sizes start from the
/// parameters that listeners recognised in formant synthesis: Burkhardt and Sendlmeier 2000 ("Verification of acoustical correlates of emotional speech using
/// formant-synthesis", ISCA Workshop on Speech and Emotion). Calm is what those studies call tenderness.
/// The deviations are chosen so that neighbours overlap: calm, neutral and sad; happy, angry and surprised; fearful and surprised.
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

    // Standard deviations, columns as above: from clip to clip of one speaker, and of a speaker's own way with one emotion.
    private static readonly double[] ClipDeviations = [0.6, 0.12, 0.7, 0.04, 1.5, 1.0, 0.15, 1.0, 0.02, 0.06, 0.006];
    private static readonly double[] SpeakerDeviations = [1.7, 0.35, 1.8, 0.10, 2.0, 2.8, 0.35, 2.2, 0.04, 0.15, 0.016];

    /// <summary>An emotion's mean cues, relative to neutral: <c>[Count]</c>.</summary>
    public static double[] Mean(string emotion) => [.. Means[RavdessName.Emotions.ToList().IndexOf(emotion)]];

    /// <summary>A speaker's own way with an emotion: the mean, scaled by how expressive the speaker is, and a deviation that is the same in all his clips.</summary>
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
