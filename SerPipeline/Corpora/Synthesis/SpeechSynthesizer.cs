using SerPipeline.Audio;

namespace SerPipeline.Corpora.Synthesis;

/// <summary>
/// A source-filter synthesiser of speech-like clips: glottal pulses and noise through a cascade of five formants, frication beside it
/// (Klatt 1980, "Software for a cascade/parallel formant synthesizer", J. Acoust. Soc. Am. 67(3)). The syllables belong to no language;
/// voice and emotion are drawn.
/// </summary>
public static class SpeechSynthesizer
{
    private static readonly double[] Bandwidths = [70, 95, 140, 220, 280]; // Hz, within the ranges of Klatt 1980, table I
    private const double F4Hz = 3400, F5Hz = 4400;
    private const double NormalIntensity = 0.9, StrongIntensity = 1.25;
    private const double PeakLimit = 0.89; // -1 dB of full scale

    /// <summary>Speaks one clip.</summary>
    /// <param name="name">Who speaks (the actor), which emotion and intensity, which of two utterances, and the take.</param>
    /// <param name="sampleRateHz">The clip's sample rate, from 8000 to 48000 Hz.</param>
    /// <param name="seed">The corpus seed: together with the name it fixes every sample.</param>
    /// <returns>One channel, about 1.2 to 2.2 seconds, never clipped.</returns>
    public static AudioClip Speak(RavdessName name, int sampleRateHz, long seed)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentOutOfRangeException.ThrowIfLessThan(sampleRateHz, 8000);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(sampleRateHz, 48_000);
        return Speak(Voice.Draw(name.Actor, seed), name, sampleRateHz, seed);
    }

    /// <summary>Speaks one clip in a voice drawn before.</summary>
    internal static AudioClip Speak(Voice voice, RavdessName name, int sampleRateHz, long seed)
    {
        SeededRandom random = new SeededRandom(seed).Fork(name.ToString());
        // 1. Who, what and how, into control values every 5 ms.
        int emotion = RavdessName.Emotions.ToList().IndexOf(name.Emotion);
        double intensity = name.Intensity == "strong" ? StrongIntensity : NormalIntensity;
        double[] cues = EmotionCues.OfClip(voice.Emotions[emotion], intensity, random.Fork("cues"));
        ControlTrack track = ControlTrack.Plan(Phones.Utterance(name.Statement), voice, cues, random.Fork("plan"));
        // 2. Control values into samples.
        double[] speech = Render(track, voice, cues, sampleRateHz, random.Fork("source"));
        // 3. The recording: level, background, quantisation-safe peak.
        return Record(speech, voice.LevelDb + cues[(int)Cue.Level], sampleRateHz, random.Fork("recording"));
    }

    private static double[] Render(ControlTrack track, Voice voice, double[] cues, int sampleRateHz, SeededRandom random)
    {
        int stepSamples = (int)Math.Round(sampleRateHz * ControlTrack.StepSeconds);
        var speech = new double[track.Steps * stepSamples];
        var source = new GlottalSource(voice, cues, sampleRateHz, random.Fork("cycles"));
        double scale = voice.FormantScale * Math.Exp(Math.Clamp(cues[(int)Cue.Formants], -0.1, 0.1));
        var formants = new Resonator[Bandwidths.Length];
        var friction = new Resonator();
        // Louder effort drives more air through a constriction too; 0.12 puts [s] some 10 dB below a stressed vowel.
        double frictionGain = 0.12 * Math.Pow(10, 0.6 * cues[(int)Cue.Brightness] / 20), frictionBefore = 0;
        for (int step = 0; step < track.Steps; step++)
        {
            Tune(formants, track, step, scale, sampleRateHz);
            friction.Tune(track.FricationHz[step] * scale, 0.25 * track.FricationHz[step], sampleRateHz);
            double pitchHz = voice.BasePitchHz * Math.Pow(2, Math.Clamp(track.PitchSemitones[step], -14, 20) / 12);
            for (int i = 0; i < stepSamples; i++)
            {
                double noise = random.NextDouble(-1, 1);
                double y = source.Next(pitchHz, track.Voicing[step], track.Aspiration[step], noise);
                for (int f = 0; f < formants.Length; f++) y = formants[f].Next(y);
                // The difference takes the low end off the frication noise.
                double frictionNow = friction.Next(random.NextDouble(-1, 1) * track.Frication[step]);
                speech[(step * stepSamples) + i] = y + (frictionGain * (frictionNow - frictionBefore));
                frictionBefore = frictionNow;
            }
        }
        return speech;
    }

    private static void Tune(Resonator[] formants, ControlTrack track, int step, double scale, int sampleRateHz)
    {
        ReadOnlySpan<double> hz = [track.F1[step], track.F2[step], track.F3[step], F4Hz, F5Hz];
        for (int f = 0; f < formants.Length; f++) formants[f].Tune(hz[f] * scale, Bandwidths[f], sampleRateHz);
    }

    private static AudioClip Record(double[] speech, double levelDb, int sampleRateHz, SeededRandom random)
    {
        // 1. Level: the speaker's, and a random recording gain.
        double rms = Math.Sqrt(speech.Sum(y => y * y) / speech.Length);
        double targetRms = Math.Pow(10, (levelDb + (1.5 * random.NextNormal())) / 20);
        double gain = targetRms / rms;
        // 2. A background 20 to 38 dB below the speech: half white, half rumble.
        double noiseRms = targetRms * Math.Pow(10, -random.NextDouble(20, 38) / 20);
        double rumble = 0, peak = 0;
        for (int i = 0; i < speech.Length; i++)
        {
            double white = random.NextDouble(-1, 1) * Math.Sqrt(3); // uniform with deviation 1
            rumble = (0.95 * rumble) + (0.31 * white); // deviation 1: 0.31^2 = 1 - 0.95^2
            speech[i] = (gain * speech[i]) + (noiseRms * Math.Sqrt(0.5) * (white + rumble));
            peak = Math.Max(peak, Math.Abs(speech[i]));
        }
        // 3. No clipping: a clip above the limit is scaled down.
        double turnDown = peak > PeakLimit ? PeakLimit / peak : 1;
        return new AudioClip([.. speech.Select(y => (float)(y * turnDown))], sampleRateHz);
    }
}

/// <summary>
/// The voice source: the derivative of a Rosenberg pulse (Rosenberg 1971, "Effect of glottal pulse shape on the quality of natural vowels";
/// the polynomial form of Klatt and Klatt 1990, "Analysis, synthesis, and perception of voice quality variations"), with jitter, shimmer, a
/// spectral tilt and aspiration.
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

/// <summary>
/// A second-order resonance with gain 1 at 0 Hz: <c>y[n] = A x[n] + B y[n-1] + C y[n-2]</c> with <c>C = -exp(-2 pi BW T)</c>, <c>B = 2
/// exp(-pi BW T) cos(2 pi F T)</c>, <c>A = 1 - B - C</c> (Klatt 1980, equations 1 and 2).
/// </summary>
internal struct Resonator
{
    private double _a, _b, _c, _y1, _y2;

    /// <summary>Changes the resonance and keeps its state.</summary>
    public void Tune(double frequencyHz, double bandwidthHz, double sampleRateHz)
    {
        // A resonance above the Nyquist frequency would fold back into the band.
        double frequency = Math.Min(frequencyHz, 0.48 * sampleRateHz);
        double radius = Math.Exp(-Math.PI * bandwidthHz / sampleRateHz);
        _c = -radius * radius;
        _b = 2 * radius * Math.Cos(2 * Math.PI * frequency / sampleRateHz);
        _a = 1 - _b - _c;
    }

    /// <summary>The next output sample.</summary>
    public double Next(double x)
    {
        double y = (_a * x) + (_b * _y1) + (_c * _y2);
        _y2 = _y1;
        _y1 = y;
        return y;
    }
}
