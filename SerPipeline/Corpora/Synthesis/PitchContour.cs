namespace SerPipeline.Corpora.Synthesis;

/// <summary>The melody: declination, an accent on each stressed vowel, a movement at the end, tremor and slow drift.</summary>
internal static class PitchContour
{
    private const double DeclinationSemitones = 2.0; // over a neutral utterance
    private const double AccentWidthSeconds = 0.07;
    private const double TremorHz = 6;

    /// <summary>Fills in the pitch of each step, in semitones above the speaker's neutral mean.</summary>
    public static void Fill(
        double[] pitch, IReadOnlyList<(double Seconds, double Size)> accents, double endSeconds, Voice voice, double[] cues, SeededRandom random)
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
