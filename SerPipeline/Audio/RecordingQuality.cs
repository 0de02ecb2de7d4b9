namespace SerPipeline.Audio;

/// <summary>What is wrong with a recording, or was mended.</summary>
[Flags]
public enum QualityNotes
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Nothing but a constant once channels are mixed, to two steps of 16 bits.</summary>
    Silent = 1,

    /// <summary>Never louder than <see cref="QualityRules.NearSilentDb"/>.</summary>
    NearSilent = 2,

    /// <summary>No stretch of it has the marks of a voice: noise, hum, tones, knocks.</summary>
    NoSpeech = 4,

    /// <summary>One short sound and nothing else.</summary>
    OneClick = 8,

    /// <summary>Samples beyond <see cref="QualityRules.LargestPeak"/> that no scale explains.</summary>
    OutOfRange = 16,

    /// <summary>Integers stored as floats, divided by the largest integer to lie from -1 to 1.</summary>
    IntegersAsFloat = 32,

    /// <summary>The file's header promises more samples than there are, or its stream breaks off.</summary>
    Truncated = 64,

    /// <summary>At least <see cref="QualityRules.ClippedShare"/> of the samples are cut off at the largest value.</summary>
    Clipped = 128,

    /// <summary>Shorter than <see cref="QualityRules.ShortestSeconds"/>.</summary>
    TooShort = 256,

    /// <summary>Nothing above <see cref="QualityRules.NarrowBandHz"/>, as over a telephone, whatever its rate.</summary>
    NarrowBand = 512,
}

/// <summary>
/// The rules by which recordings are judged. Thresholds of the speech detector lie between real speech and made-up noise, tones and
/// clicks; docs/reliability.md has the distances and the errors.
/// </summary>
public static class QualityRules
{
    /// <summary>The level, in dB of full scale, that the louder 5 % of frames must reach. Below -70 dB 16 bits leave speech less than
    /// five of them; the quietest clip of RAVDESS reaches -57.</summary>
    public const double NearSilentDb = -70;

    /// <summary>The largest sample that is taken for audio: twice full scale. Decoded mp3 and float recordings exceed 1 by a few
    /// dB.</summary>
    public const double LargestPeak = 2;

    /// <summary>The least peak that is taken for unscaled integers of 16 bits where samples are no whole numbers, as after a
    /// filter.</summary>
    public const double LeastIntegerPeak = 256;

    /// <summary>The share of clipped samples from which a recording is called clipped. Speech 12 dB over full scale loses a
    /// twentieth.</summary>
    public const double ClippedShare = 0.05;

    /// <summary>The frequency that recordings of a narrow band stay below.</summary>
    public const double NarrowBandHz = 4600;

    /// <summary>How far above that frequency a recording's power lies below all of its power, in dB, to be called narrow-band. Of 360
    /// clips of three corpora none lies lower than 28 dB.</summary>
    public const double NarrowBandDb = 50;

    /// <summary>The shortest recording, in seconds, that is judged: about a syllable.</summary>
    public const double ShortestSeconds = 0.2;

    // A stretch of so many frames of 20 ms is judged at a time, the next begins half of it later.
    internal const int StretchFrames = 250;

    // Frames so far below the loud ones of a stretch are pauses.
    internal const double PauseDb = 25;

    // Noise reaches .35 in white and pink, .53 in brown; vowels lie above .7, whispers stay below .5.
    internal const double LeastVoicing = 0.5;
    internal const int LeastVoicedFrames = 6;

    // A predictor of order 10 leaves 1/100 of a voice and 1/1000 or less of a few steady tones. Real speech: at most 18.8.
    internal const double MostGainDb = 25;

    // Mean change of level from frame to frame in dB. Hum, tones and steady noise: at most 0.4; speech 1.2 to 5.6; clicks 8 and more.
    internal const double LeastLevelChangeDb = 0.6, MostLevelChangeDb = 6.5;

    // A voice glides, or changes its spectrum; notes do neither. Mean change of pitch from frame to frame in cents; deviation of the
    // first autocorrelation.
    internal const double LeastGlideCents = 6, MostGlideCents = 300, LeastTiltDeviation = 0.1;
    internal const int LeastGlides = 3;

    // The share of the energy that lies within five frames, 125 ms, of one click.
    internal const double ClickShare = 0.95;
    internal const int ClickFrames = 2;

    internal const QualityNotes Unusable = QualityNotes.Silent | QualityNotes.NearSilent | QualityNotes.NoSpeech | QualityNotes.OneClick
        | QualityNotes.OutOfRange | QualityNotes.TooShort;

    internal const QualityNotes WithoutSpeech = QualityNotes.Silent | QualityNotes.NearSilent | QualityNotes.NoSpeech
        | QualityNotes.OneClick;

    private static readonly (QualityNotes Note, string Word)[] Words =
    {
        (QualityNotes.Silent, "silent"), (QualityNotes.NearSilent, "near-silent"), (QualityNotes.NoSpeech, "no-speech"),
        (QualityNotes.OneClick, "one-click"), (QualityNotes.OutOfRange, "out-of-range"),
        (QualityNotes.IntegersAsFloat, "integers-as-float"), (QualityNotes.Truncated, "truncated"), (QualityNotes.Clipped, "clipped"),
        (QualityNotes.TooShort, "too-short"), (QualityNotes.NarrowBand, "narrow-band"),
    };

    /// <summary>One word a note, as files and tables write them, such as <c>near-silent</c>.</summary>
    /// <param name="notes">The notes.</param>
    public static IReadOnlyList<string> WordsOf(QualityNotes notes) =>
        Words.Where(word => (notes & word.Note) != 0).Select(word => word.Word).ToArray();

    // Whether frames [from, to) have the marks of a voice.
    internal static bool IsSpeech(IReadOnlyList<SpeechFrame> frames, int from, int to, out int voiced)
    {
        double loud = LoudDb(frames, from, to), levels = 0, glides = 0, tilt = 0, tiltSquared = 0;
        int active = 0, changes = 0, glided = 0;
        var gains = new List<float>();
        for (int i = from; i < to; i++)
        {
            bool sounds = frames[i].LevelDb > loud - PauseDb, voice = sounds && frames[i].Voicing >= LeastVoicing;
            if (voice) gains.Add(frames[i].GainDb);
            if (sounds)
            {
                active++;
                tilt += frames[i].Tilt;
                tiltSquared += (double)frames[i].Tilt * frames[i].Tilt;
            }
            if (i == from) continue;
            bool sounded = frames[i - 1].LevelDb > loud - PauseDb;
            if (sounds || sounded)
            {
                double floor = loud - 40;
                levels += Math.Abs(Math.Max(frames[i].LevelDb, floor) - Math.Max(frames[i - 1].LevelDb, floor));
                changes++;
            }
            double cents = Math.Abs(1200 * Math.Log(frames[i].PitchHz / frames[i - 1].PitchHz, 2));
            if (!voice || !sounded || frames[i - 1].Voicing < LeastVoicing || !(cents <= MostGlideCents)) continue;
            glides += cents;
            glided++;
        }
        voiced = gains.Count;
        if (voiced < LeastVoicedFrames || changes == 0) return false;
        gains.Sort();
        double change = levels / changes, mean = tilt / active;
        double deviation = Math.Sqrt(Math.Max(0, (tiltSquared / active) - (mean * mean)));
        return gains[gains.Count / 2] <= MostGainDb && change >= LeastLevelChangeDb && change <= MostLevelChangeDb
            && ((glided >= LeastGlides && glides / glided >= LeastGlideCents) || deviation >= LeastTiltDeviation);
    }

    // The level that the louder 5 % of the frames reach.
    internal static double LoudDb(IReadOnlyList<SpeechFrame> frames, int from, int to)
    {
        if (to <= from) return -200;
        var levels = new float[to - from];
        for (int i = from; i < to; i++) levels[i - from] = frames[i].LevelDb;
        Array.Sort(levels);
        return levels[(int)(0.95 * (levels.Length - 1))];
    }
}

/// <summary>Recognises samples that are integers stored as floats.</summary>
internal struct SampleRange
{
    private bool _broken;

    /// <summary>The largest absolute sample.</summary>
    public double Peak { get; private set; }

    /// <summary>What samples are to be multiplied by to lie from -1 to 1; 1 for audio as it should be.</summary>
    public readonly float Scale
    {
        get
        {
            if (!(Peak > QualityRules.LargestPeak) || (_broken && Peak < QualityRules.LeastIntegerPeak)) return 1;
            // A quarter over full scale, for filters overshoot.
            if (Peak <= 40960) return 1f / 32768;
            return _broken ? 1 : Peak <= 8388608 ? 1f / 8388608 : Peak <= 2147483648 ? 1f / 2147483648 : 1;
        }
    }

    public void Push(ReadOnlySpan<float> mono)
    {
        foreach (float sample in mono)
        {
            double size = Math.Abs(sample);
            Peak = Math.Max(Peak, size);
            // Halves: two channels of whole numbers were averaged.
            _broken = _broken || size * 2 != Math.Floor(size * 2);
        }
    }
}

/// <summary>The verdict on one recording.</summary>
public sealed partial record RecordingQuality
{
    internal RecordingQuality(QualityNotes notes, TimeSpan duration, double peakDb, double loudDb, double voicedSeconds,
        double clippedShare, float scale)
    {
        (Notes, Duration, PeakDb, LoudDb) = (notes, duration, peakDb, loudDb);
        (VoicedSeconds, ClippedShare, Scale) = (voicedSeconds, clippedShare, scale);
    }

    /// <summary>What is wrong or was mended.</summary>
    public QualityNotes Notes { get; }

    /// <summary>How long it plays.</summary>
    public TimeSpan Duration { get; }

    /// <summary>The largest sample of the mixed channels in dB of full scale; negative infinity for zeros alone.</summary>
    public double PeakDb { get; }

    /// <summary>The level in dB of full scale that the louder 5 % of frames reach, in the loudest stretch of 5 s; -200 for
    /// silence.</summary>
    public double LoudDb { get; }

    /// <summary>Seconds of voice in the stretches that hold speech, about.</summary>
    public double VoicedSeconds { get; }

    /// <summary>The share of samples cut off at the largest value, 0 to 1.</summary>
    public double ClippedShare { get; }

    /// <summary>What the samples are to be multiplied by to lie from -1 to 1: 1, or 1/32768 and the like where integers were stored as
    /// floats.</summary>
    public float Scale { get; }

    /// <summary>Whether a voice is heard.</summary>
    public bool HasSpeech => (Notes & (QualityRules.WithoutSpeech | QualityNotes.TooShort)) == 0;

    /// <summary>Whether an emotion may be told from it: speech, within range.</summary>
    public bool IsUsable => (Notes & QualityRules.Unusable) == 0;
}
