namespace SerPipeline.Features;

/// <summary>Options of <see cref="GemapsFeatures"/>.</summary>
public sealed record GemapsFeatureOptions : VoiceFeatureOptions;

/// <summary>
/// 88 values of a clip like those of eGeMAPS, the extended Geneva Minimalistic Acoustic Parameter Set (Eyben et al. 2016, IEEE Transactions
/// on Affective Computing 7): pitch, loudness, jitter, shimmer, harmonics-to-noise ratio, formants, spectral balance and slopes, harmonic
/// differences, MFCCs 1 to 4 and timing. Every definition and its difference from the paper's stands in docs/features.md. All values are
/// finite for any clip; without voiced frames those that need them are 0. Immutable and thread-safe.
/// </summary>
public sealed class GemapsFeatures
{
    private static readonly GemapsFunctionals Functionals = new();
    private readonly UtteranceAnalyzer _analyzer;

    /// <summary>Creates the extractor.</summary>
    /// <param name="options">Options; null for the defaults.</param>
    /// <exception cref="OptionsException">An option is invalid; the message lists all problems.</exception>
    public GemapsFeatures(GemapsFeatureOptions? options = null)
    {
        Options = options ?? new GemapsFeatureOptions();
        Options.Validate();
        Plan = new UtterancePlan(new UtteranceFeatureOptions
        {
            SampleRateHz = Options.SampleRateHz,
            PitchLowHz = Options.PitchLowHz,
            PitchHighHz = Options.PitchHighHz,
            VoicedBelow = Options.VoicedBelow,
            PauseDb = Options.PauseDb,
            Gemaps = true,
        }, isGeneral: false);
        _analyzer = new UtteranceAnalyzer(Plan);
    }

    /// <summary>The options in effect.</summary>
    public GemapsFeatureOptions Options { get; }

    /// <summary>Name of each value, in order; all begin with <c>gemaps_</c>.</summary>
    public IReadOnlyList<string> Names { get; } = Functionals.Names;

    internal UtterancePlan Plan { get; }

    /// <summary>Computes the values of a clip.</summary>
    /// <param name="mono">Samples at <see cref="VoiceFeatureOptions.SampleRateHz"/>, at least one.</param>
    /// <returns>88 values, one per name in <see cref="Names"/>.</returns>
    /// <exception cref="ArgumentException">The clip is empty, or a sample is NaN or infinite.</exception>
    public float[] Extract(ReadOnlySpan<float> mono)
    {
        var values = new float[Names.Count];
        Functionals.Compute(_analyzer.Analyze(mono), values);
        return values;
    }
}

/// <summary>The frames that a value is taken over.</summary>
internal enum GemapsFrames
{
    All,
    Voiced,

    /// <summary>All others, pauses too: where eGeMAPS has no pitch.</summary>
    Unvoiced,
}

/// <summary>A contour whose mean is a value, and over <see cref="GemapsFrames.All"/> and <see cref="GemapsFrames.Voiced"/> frames its
/// spread too.</summary>
internal readonly record struct GemapsContour(string Name, Contour Contour, int Band, GemapsFrames Over, Statistic Spread)
{
    public Statistic[] Statistics => Over == GemapsFrames.Unvoiced ? [Statistic.Mean] : [Statistic.Mean, Spread];
}

/// <summary>The values of <see cref="GemapsFeatures"/>. Contours are averaged over three frames first, as far as those count.</summary>
internal sealed class GemapsFunctionals : IFunctional
{
    /// <summary>A rise or fall is at least this share of the contour's range, and at least the contour's own least step.</summary>
    internal const double LeastShare = 0.1;
    internal const double LeastSemitones = 0.1, LeastLoudness = 0.01;

    /// <summary>Pitch that moves further from one frame to the next, faster than a voice can (Xu and Sun 2002, "Maximum speed of pitch
    /// change"), has leapt to another harmonic, and does not rise or fall there.</summary>
    internal const float LeapSemitones = 1;
    internal static readonly Statistic[] Levels = [Statistic.Mean, Statistic.Variation, Statistic.P20, Statistic.P50, Statistic.P80];
    internal static readonly Statistic[] Moments = [Statistic.Mean, Statistic.Deviation];

    /// <summary>In the order of their values, behind those of pitch and loudness.</summary>
    internal static IReadOnlyList<GemapsContour> Contours { get; } =
    [
        One("flux", Contour.Flux, 0, GemapsFrames.All, Statistic.Variation), .. Mfcc("mfcc", GemapsFrames.All),
        Voiced("jitter", Contour.Cycles, 0, Statistic.Variation), Voiced("shimmer_db", Contour.Cycles, 1, Statistic.Variation),
        Voiced("hnr_db", Contour.Cycles, 2), Voiced("h1_h2_db", Contour.Harmonics, 0), Voiced("h1_a3_db", Contour.Harmonics, 1),
        .. Formant(1), .. Formant(2), .. Formant(3),
        .. Balance("", GemapsFrames.Voiced),
        One("voiced_flux", Contour.Flux, 0, GemapsFrames.Voiced, Statistic.Variation), .. Mfcc("voiced_mfcc", GemapsFrames.Voiced),
        .. Balance("unvoiced_", GemapsFrames.Unvoiced),
        One("unvoiced_flux", Contour.Flux, 0, GemapsFrames.Unvoiced, Statistic.Variation),
    ];

    public IReadOnlyList<string> Names { get; } = [.. ((string[])
    [
        .. Moving("f0_semitones"), .. Moving("loudness"),
        .. Contours.SelectMany(contour => contour.Statistics.Select(statistic => $"{contour.Name}_{Statistics.Suffix(statistic)}")),
        "loudness_peaks_per_second", "voiced_segments_per_second", "voiced_segment_seconds_mean", "voiced_segment_seconds_std",
        "unvoiced_segment_seconds_mean", "unvoiced_segment_seconds_std", "equivalent_level_db",
    ]).Select(name => $"gemaps_{name}")];

    public void Compute(UtteranceFrames frames, Span<float> values)
    {
        bool[] all = new bool[frames.Frames], unvoiced = Array.ConvertAll(frames.Voiced, voiced => !voiced);
        all.AsSpan().Fill(true);
        double seconds = frames.Frames * frames.SecondsPerFrame;
        var writer = new StatisticsWriter(values, frames.SecondsPerFrame);
        // 1. Pitch and loudness.
        AddMoving(ref writer, frames, Smooth(frames.Of[Contour.Semitones].Values, frames.Voiced), LeastSemitones, LeapSemitones);
        int peaks = AddMoving(ref writer, frames, Smooth(frames.Of[Contour.Loudness].Values, all), LeastLoudness, float.PositiveInfinity);
        // 2. Mean and spread.
        foreach (GemapsContour contour in Contours)
        {
            bool[] mask = contour.Over switch
            {
                GemapsFrames.All => all,
                GemapsFrames.Voiced => frames.Voiced,
                _ => unvoiced,
            };
            List<float> smooth = Kept(Smooth(frames.Of[contour.Contour].Row(contour.Band), mask));
            writer.Add(smooth, contour.Statistics);
        }
        // 3. Timing and level.
        writer.Add((float)(peaks / seconds));
        List<float> voicedSeconds = Segments.Lengths(frames.Voiced, value: true, frames.SecondsPerFrame);
        writer.Add((float)(voicedSeconds.Count / seconds));
        writer.Add(voicedSeconds, Moments);
        writer.Add(Segments.Lengths(frames.Voiced, value: false, frames.SecondsPerFrame), Moments);
        double power = 0;
        foreach (float db in frames.Of[Contour.LevelDb].Values) power += Math.Exp(db * Math.Log(10) / 10);
        writer.Add((float)(10 * Math.Log10(power / frames.Frames)));
    }

    // Percentiles, and slopes of rising and falling parts; the number of peaks between them.
    private static int AddMoving(ref StatisticsWriter writer, UtteranceFrames frames, float[] contour, double least, float leap)
    {
        List<float> kept = Kept(contour), rises = [], falls = [];
        var levels = new float[Levels.Length];
        Statistics.Compute(CollectionsMarshal.AsSpan(kept), frames.SecondsPerFrame, Levels, new float[kept.Count], levels);
        foreach (float level in levels) writer.Add(level);
        writer.Add(levels[^1] - levels[^3]);
        float range = kept.Count == 0 ? 0 : kept.Max() - kept.Min();
        float[] steady = [.. contour.Select((value, t) => t > 0 && Math.Abs(value - contour[t - 1]) > leap ? float.NaN : value)];
        int peaks = Parts(steady, Math.Max(LeastShare * range, least), frames.SecondsPerFrame, rises, falls);
        writer.Add(rises, Moments);
        writer.Add(falls, Moments);
        return peaks;
    }

    /// <summary>Finds the parts over which a contour rises or falls, which end where it has turned by <paramref name="step"/> or where
    /// there is no value (NaN), and adds their slopes, per second, without sign.</summary>
    /// <returns>The number of rises that ended in a turn.</returns>
    internal static int Parts(ReadOnlySpan<float> contour, double step, double secondsPerFrame, List<float> rises, List<float> falls)
    {
        int direction = 0, peaks = 0, lowAt = 0, highAt = 0;
        bool hasValue = false;
        float low = 0, high = 0;
        for (int t = 0; t <= contour.Length; t++)
        {
            float value = t < contour.Length ? contour[t] : float.NaN;
            bool had = hasValue;
            hasValue = !float.IsNaN(value);
            if (!hasValue || !had)
            {
                if (had) End(rises, falls);
                direction = 0;
                (low, high, lowAt, highAt) = (value, value, t, t);
                continue;
            }
            // 1. Go on rising or falling.
            if (direction >= 0 && value > high) (high, highAt) = (value, t);
            if (direction <= 0 && value < low) (low, lowAt) = (value, t);
            // 2. Or turn.
            if (direction >= 0 && (double)high - value >= step)
            {
                End(rises, falls);
                if (direction > 0) peaks++;
                direction = -1;
                (low, lowAt) = (value, t);
            }
            else if (direction <= 0 && (double)value - low >= step)
            {
                End(rises, falls);
                direction = 1;
                (high, highAt) = (value, t);
            }
        }
        return peaks;

        void End(List<float> rises, List<float> falls)
        {
            if (direction == 0) return;
            (direction > 0 ? rises : falls).Add((float)(((double)high - low) / (Math.Abs(highAt - lowAt) * secondsPerFrame)));
        }
    }

    // The mean of each frame and its neighbours as far as they are in the mask and have a value; NaN for the others.
    private static float[] Smooth(ReadOnlySpan<float> contour, bool[] mask)
    {
        var smooth = new float[mask.Length];
        for (int t = 0; t < smooth.Length; t++)
        {
            double sum = 0;
            int count = 0;
            for (int i = Math.Max(0, t - 1); i <= Math.Min(mask.Length - 1, t + 1); i++)
            {
                if (!mask[i] || float.IsNaN(contour[i])) continue;
                sum += contour[i];
                count++;
            }
            smooth[t] = mask[t] && !float.IsNaN(contour[t]) ? (float)(sum / count) : float.NaN;
        }
        return smooth;
    }

    private static List<float> Kept(float[] contour) => [.. contour.Where(value => !float.IsNaN(value))];

    private static GemapsContour One(string name, Contour contour, int band, GemapsFrames over, Statistic spread) =>
        new(name, contour, band, over, spread);

    private static GemapsContour Voiced(string name, Contour contour, int band, Statistic spread = Statistic.Deviation) =>
        new(name, contour, band, GemapsFrames.Voiced, spread);

    private static IEnumerable<GemapsContour> Mfcc(string name, GemapsFrames over) => Enumerable.Range(1, Auditory.Coefficients - 1)
        .Select(i => new GemapsContour(FormattableString.Invariant($"{name}{i}"), Contour.AuditoryMfcc, i, over, Statistic.Deviation));

    private static GemapsContour[] Formant(int number)
    {
        string name = FormattableString.Invariant($"f{number}");
        return
        [
            Voiced($"{name}_hz", Contour.Formants, 2 * (number - 1), Statistic.Variation),
            Voiced($"{name}_bandwidth_hz", Contour.Formants, (2 * (number - 1)) + 1, Statistic.Variation),
            Voiced($"{name}_amplitude_db", Contour.Harmonics, 1 + number),
        ];
    }

    private static GemapsContour[] Balance(string prefix, GemapsFrames over) =>
    [
        new($"{prefix}alpha_ratio_db", Contour.Balance, 0, over, Statistic.Deviation),
        new($"{prefix}hammarberg_db", Contour.Balance, 1, over, Statistic.Deviation),
        new($"{prefix}slope_0_500", Contour.Slopes, 0, over, Statistic.Deviation),
        new($"{prefix}slope_500_1500", Contour.Slopes, 1, over, Statistic.Deviation),
    ];

    private static IEnumerable<string> Moving(string name) =>
    [
        .. Levels.Select(level => $"{name}_{Statistics.Suffix(level)}"), $"{name}_p20_p80",
        $"{name}_rise_mean", $"{name}_rise_std", $"{name}_fall_mean", $"{name}_fall_std",
    ];
}
