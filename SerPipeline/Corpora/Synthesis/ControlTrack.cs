namespace SerPipeline.Corpora.Synthesis;

/// <summary>What the synthesiser does, in steps of <see cref="StepSeconds"/>: one value a step in each array, as in Klatt 1980.</summary>
internal sealed class ControlTrack
{
    /// <summary>The time between control values; Klatt 1980 uses 5 ms.</summary>
    public const double StepSeconds = 0.005;

    private const int FormantSmoothingSteps = 7; // 35 ms: the length of a formant transition
    private const int AmplitudeSmoothingSteps = 3;

    private ControlTrack(int steps)
    {
        F1 = new double[steps];
        F2 = new double[steps];
        F3 = new double[steps];
        PitchSemitones = new double[steps];
        Voicing = new double[steps];
        Aspiration = new double[steps];
        Frication = new double[steps];
        FricationHz = new double[steps];
    }

    public int Steps => F1.Length;

    /// <summary>Formants for the mean male tract, Hz.</summary>
    public double[] F1 { get; private set; }

    public double[] F2 { get; private set; }

    public double[] F3 { get; private set; }

    /// <summary>Pitch relative to the speaker's neutral mean.</summary>
    public double[] PitchSemitones { get; }

    /// <summary>Amplitude of the glottal pulses, 0 to 1.</summary>
    public double[] Voicing { get; private set; }

    /// <summary>Amplitude of extra noise at the glottis, 0 to 1.</summary>
    public double[] Aspiration { get; private set; }

    /// <summary>Amplitude of noise at a constriction, 0 to 1, and where in the spectrum it lies.</summary>
    public double[] Frication { get; private set; }

    public double[] FricationHz { get; }

    /// <summary>Lays an utterance out in time.</summary>
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
        ControlTrack track = Fill(segments);
        // 3. Pitch over all of it.
        PitchContour.Fill(track.PitchSemitones, accents, at, voice, cues, random);
        return track;
    }

    private static ControlTrack Fill(List<Segment> segments)
    {
        var track = new ControlTrack(segments.Sum(segment => segment.StepCount));
        int step = 0;
        foreach (Segment segment in segments)
        {
            for (int end = step + segment.StepCount; step < end; step++)
            {
                track.F1[step] = segment.F1;
                track.F2[step] = segment.F2;
                track.F3[step] = segment.F3;
                track.Voicing[step] = segment.Voicing;
                track.Aspiration[step] = segment.Aspiration;
                track.Frication[step] = segment.Frication;
                track.FricationHz[step] = segment.FricationHz;
            }
        }
        track.F1 = Smooth(track.F1, FormantSmoothingSteps);
        track.F2 = Smooth(track.F2, FormantSmoothingSteps);
        track.F3 = Smooth(track.F3, FormantSmoothingSteps);
        track.Voicing = Smooth(track.Voicing, AmplitudeSmoothingSteps);
        track.Aspiration = Smooth(track.Aspiration, AmplitudeSmoothingSteps);
        track.Frication = Smooth(track.Frication, AmplitudeSmoothingSteps);
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
