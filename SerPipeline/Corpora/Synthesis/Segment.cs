namespace SerPipeline.Corpora.Synthesis;

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
