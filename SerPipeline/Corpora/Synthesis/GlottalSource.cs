namespace SerPipeline.Corpora.Synthesis;

/// <summary>
/// The voice source: the derivative of a Rosenberg pulse (Rosenberg 1971, "Effect of glottal pulse shape on the quality of natural vowels"; the polynomial
/// form of Klatt and Klatt 1990, "Analysis, synthesis, and perception of voice quality variations"), with jitter, shimmer, a spectral tilt and aspiration.
/// </summary>
internal sealed class GlottalSource
{
    // Healthy modal voices: about half a per cent of jitter and some per cent of shimmer (Klatt and Klatt 1990; Titze 1994).
    private const double BaseJitter = 0.006, BaseShimmer = 0.04, MaximumRoughness = 5;
    private const double TiltReferenceHz = 3000;

    private readonly SeededRandom _random;
    private readonly double _sampleRateHz, _openQuotient, _jitter, _shimmer, _aspiration, _tilt;
    private double _phase, _cyclePitch = 1, _cycleAmplitude = 1, _low;

    public GlottalSource(Voice voice, double[] cues, double sampleRateHz, SeededRandom random)
    {
        _random = random;
        _sampleRateHz = sampleRateHz;
        double brightness = cues[(int)Cue.Brightness];
        // A brighter voice closes the glottis faster: a smaller open quotient goes with less tilt.
        _openQuotient = Math.Clamp(voice.OpenQuotient - (0.01 * brightness), 0.35, 0.85);
        double roughness = Math.Min(MaximumRoughness, Math.Exp(cues[(int)Cue.Roughness]));
        _jitter = BaseJitter * roughness;
        _shimmer = BaseShimmer * roughness;
        _aspiration = Math.Pow(10, Math.Clamp(voice.BreathDb + cues[(int)Cue.Breath], -45, -8) / 20);
        // One pole that takes tiltDb off at 3 kHz: |H|^2 = 1 / (1 + (f / fc)^2).
        double tiltDb = Math.Clamp(voice.TiltDb - brightness, 0.5, 24);
        double cutoffHz = TiltReferenceHz / Math.Sqrt(Math.Pow(10, tiltDb / 10) - 1);
        _tilt = 1 - Math.Exp(-2 * Math.PI * cutoffHz / sampleRateHz);
    }

    /// <summary>The next sample of flow derivative and noise.</summary>
    /// <param name="pitchHz">The pitch now.</param>
    /// <param name="voicing">Amplitude of the pulses.</param>
    /// <param name="aspiration">Amplitude of noise beyond the voice's own breath.</param>
    /// <param name="noise">A noise sample in [-1, 1).</param>
    public double Next(double pitchHz, double voicing, double aspiration, double noise)
    {
        _phase += pitchHz * _cyclePitch / _sampleRateHz;
        if (_phase >= 1)
        {
            _phase -= 1;
            _cyclePitch = 1 + (_jitter * _random.NextNormal());
            _cycleAmplitude = Math.Max(0.2, 1 + (_shimmer * _random.NextNormal()));
        }
        double x = _phase / _openQuotient;
        bool open = x < 1;
        double pulse = open ? (2 * x) - (3 * x * x) : 0;
        _low += _tilt * ((voicing * _cycleAmplitude * pulse) - _low);
        // Breath flows while the glottis is open; the leak of the closed phase is half of it (Klatt and Klatt 1990).
        double breath = ((voicing * _aspiration) + (0.12 * aspiration)) * (open ? 1 : 0.5);
        return _low + (breath * noise);
    }
}
