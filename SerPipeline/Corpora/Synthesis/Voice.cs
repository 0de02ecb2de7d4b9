namespace SerPipeline.Corpora.Synthesis;

/// <summary>One synthetic speaker: what stays the same in all his clips.</summary>
internal sealed record Voice
{
    /// <summary>Neutral mean pitch, Hz.</summary>
    public required double BasePitchHz { get; init; }

    /// <summary>Factor on all formants: 1 for the mean adult male tract, more for shorter ones.</summary>
    public required double FormantScale { get; init; }

    /// <summary>Size of a neutral pitch accent, semitones.</summary>
    public required double AccentSemitones { get; init; }

    /// <summary>Factor on the speech rate.</summary>
    public required double Rate { get; init; }

    /// <summary>How far the glottal source falls at 3 kHz beyond its natural slope, dB.</summary>
    public required double TiltDb { get; init; }

    /// <summary>Aspiration relative to voicing, dB.</summary>
    public required double BreathDb { get; init; }

    /// <summary>Open part of the glottal cycle.</summary>
    public required double OpenQuotient { get; init; }

    /// <summary>Neutral level, dB relative to full scale.</summary>
    public required double LevelDb { get; init; }

    /// <summary>The speaker's own cues for each emotion: <c>[emotion, cue]</c>.</summary>
    public required IReadOnlyList<double[]> Emotions { get; init; }

    /// <summary>Draws a voice.</summary>
    /// <param name="number">1 to 24; odd ones are male.</param>
    /// <param name="seed">The corpus seed.</param>
    public static Voice Draw(int number, long seed)
    {
        SeededRandom random = new SeededRandom(seed).Fork("voice", number);
        bool male = number % 2 == 1;
        double Normal(double mean, double deviation) => mean + (deviation * Math.Clamp(random.NextNormal(), -2, 2));
        // Means of men and women, and the ratio of their formants: Peterson and Barney 1952, "Control methods used in a study of the vowels".
        return new Voice
        {
            BasePitchHz = male ? Normal(118, 16) : Normal(205, 24),
            FormantScale = male ? Normal(1.0, 0.03) : Normal(1.16, 0.03),
            AccentSemitones = Math.Exp(Normal(Math.Log(2.2), 0.2)),
            Rate = Math.Exp(Normal(0, 0.07)),
            TiltDb = Normal(11, 2.5),
            BreathDb = Normal(male ? -26 : -23, 2),
            OpenQuotient = male ? Normal(0.58, 0.04) : Normal(0.66, 0.04),
            LevelDb = Normal(-28, 1.5),
            Emotions = DrawEmotions(Math.Exp(Normal(0, 0.15)), random),
        };
    }

    private static double[][] DrawEmotions(double expressivity, SeededRandom random) =>
        [.. RavdessName.Emotions.Select(emotion => EmotionCues.OfSpeaker(emotion, expressivity, random.Fork(emotion)))];
}
