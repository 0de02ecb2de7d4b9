using SerPipeline.Audio;

namespace SerPipeline.Corpora.Synthesis;

/// <summary>
/// A source-filter synthesiser of speech-like clips: glottal pulses and noise through a cascade of five formants, frication beside it (Klatt 1980,
/// "Software for a cascade/parallel formant synthesizer", J. Acoust. Soc. Am. 67(3)). The syllables belong to no language; voice and emotion are drawn.
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
        formants[0].Tune(track.F1[step] * scale, Bandwidths[0], sampleRateHz);
        formants[1].Tune(track.F2[step] * scale, Bandwidths[1], sampleRateHz);
        formants[2].Tune(track.F3[step] * scale, Bandwidths[2], sampleRateHz);
        formants[3].Tune(F4Hz * scale, Bandwidths[3], sampleRateHz);
        formants[4].Tune(F5Hz * scale, Bandwidths[4], sampleRateHz);
    }

    private static AudioClip Record(double[] speech, double levelDb, int sampleRateHz, SeededRandom random)
    {
        // 1. Level: the speaker's, and the gain of the day.
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
        // 3. No clipping: what would go over is turned down as a whole.
        double turnDown = peak > PeakLimit ? PeakLimit / peak : 1;
        return new AudioClip([.. speech.Select(y => (float)(y * turnDown))], sampleRateHz);
    }
}
