using System.Buffers;

namespace SerPipeline.Features;

/// <summary>Options of features of voices: <see cref="UtteranceFeatures"/> and <see cref="GemapsFeatures"/>. Spectra are of windows of
/// 25 ms with a hop of 10 ms. Frames of level and zero crossings are as long as the FFT, the next power of two samples (32 ms at 8 and
/// 16 kHz, 46 ms at 22.05 and 44.1 kHz); pitch frames the next from 64 ms on (64 ms at 8 and 16 kHz, 93 ms at 22.05 and 44.1
/// kHz).</summary>
public abstract record VoiceFeatureOptions
{
    /// <summary>Sample rate of the input, 8000 to 192000 Hz. Default 16000 Hz.</summary>
    public int SampleRateHz { get; init; } = 16000;

    /// <summary>Lowest detected pitch in Hz, at least 40. Default 65.</summary>
    public double PitchLowHz { get; init; } = 65;

    /// <summary>Highest detected pitch in Hz, at most 2000. Default 500.</summary>
    public double PitchHighHz { get; init; } = 500;

    /// <summary>A frame that is not a pause is voiced if its aperiodicity is below this, above 0 and at most 1. Default 0.25.</summary>
    public double VoicedBelow { get; init; } = 0.25;

    /// <summary>A frame is a pause if it is at least this many dB below the clip's loudest frame. Default 30.</summary>
    public double PauseDb { get; init; } = 30;

    internal int HopSamples => (int)Math.Round(SampleRateHz * 0.010);

    /// <summary>Checks all options.</summary>
    /// <exception cref="OptionsException">An option is invalid; the message lists all problems.</exception>
    public void Validate() => Check(new OptionsCheck(GetType().Name)).ThrowIfAny();

    internal virtual OptionsCheck Check(OptionsCheck check) => check
        .Require(SampleRateHz is >= 8000 and <= 192_000, SampleRateHz, "be between 8000 and 192000 Hz")
        .Require(PitchLowHz >= 40 && 1.5 * PitchLowHz <= PitchHighHz, PitchLowHz, "be at least 40 Hz and at most two thirds of PitchHighHz")
        .Require(PitchHighHz <= 2000, PitchHighHz, "be at most 2000 Hz")
        .Require(VoicedBelow is > 0 and <= 1, VoicedBelow, "be above 0 and at most 1")
        .Require(PauseDb > 0 && double.IsFinite(PauseDb), PauseDb, "be above 0 dB");
}

/// <summary>Options of <see cref="UtteranceFeatures"/>.</summary>
public sealed record UtteranceFeatureOptions : VoiceFeatureOptions
{
    /// <summary>Number of mel bands, <see cref="MfccCoefficients"/> to 128. Default 64.</summary>
    public int MelBands { get; init; } = 64;

    /// <summary>Number of MFCCs including the 0th, 1 to <see cref="MelBands"/>. Default 40.</summary>
    public int MfccCoefficients { get; init; } = 40;

    /// <summary>
    /// How many of the first MFCCs are correlated with each other and with their deltas over time, 0 (none) to 128, all where there are
    /// fewer; n give n (2n - 1) values. Default 10.
    /// </summary>
    public int CorrelatedCoefficients { get; init; } = 10;

    /// <summary>Whether the 88 values of <see cref="GemapsFeatures"/> follow, from the same pass over the clip. Default false.</summary>
    public bool Gemaps { get; init; }

    internal override OptionsCheck Check(OptionsCheck check) => base.Check(check)
        .Require(MelBands is >= 1 and <= 128, MelBands, "be between 1 and 128")
        .Require(MfccCoefficients >= 1 && MfccCoefficients <= MelBands, MfccCoefficients, "be between 1 and MelBands")
        .Require(CorrelatedCoefficients is >= 0 and <= 128, CorrelatedCoefficients, "be between 0 and 128");
}

/// <summary>A vector of fixed length per utterance, for models without a time axis: statistics of MFCCs, mel bands, chroma, spectral shape,
/// level, voice and rhythm, and what moves together. All values are finite for any clip, even silence or a single sample; without voiced
/// frames the values that need them are 0. Immutable and thread-safe.</summary>
public sealed class UtteranceFeatures
{
    private readonly UtteranceAnalyzer _analyzer;
    private readonly IFunctional[] _functionals;

    /// <summary>Creates the extractor.</summary>
    /// <param name="options">Options; null for the defaults.</param>
    /// <exception cref="OptionsException">An option is invalid; the message lists all problems.</exception>
    public UtteranceFeatures(UtteranceFeatureOptions? options = null)
    {
        Options = options ?? new UtteranceFeatureOptions();
        Options.Validate();
        Plan = new UtterancePlan(Options);
        Contours = ContoursOf(Plan);
        _analyzer = new UtteranceAnalyzer(Plan);
        Coordination = new CoordinationFunctionals(Math.Min(Options.CorrelatedCoefficients, Options.MfccCoefficients));
        _functionals = [.. Contours, new VoiceFunctionals(), new RhythmFunctionals(), Coordination,
            .. Options.Gemaps ? (IFunctional[])[new GemapsFunctionals()] : []];
        Names = [.. _functionals.SelectMany(functional => functional.Names)];
    }

    /// <summary>The options in effect.</summary>
    public UtteranceFeatureOptions Options { get; }

    /// <summary>Name of each value, in order.</summary>
    public IReadOnlyList<string> Names { get; }

    internal UtterancePlan Plan { get; }

    /// <summary>The first functionals of <see cref="Names"/>; voice, rhythm and coordination follow.</summary>
    internal IReadOnlyList<ContourFunctionals> Contours { get; }

    internal CoordinationFunctionals Coordination { get; }

    /// <summary>Computes the features of a clip.</summary>
    /// <param name="mono">Samples at <see cref="VoiceFeatureOptions.SampleRateHz"/>, at least one.</param>
    /// <returns>One value per name in <see cref="Names"/>.</returns>
    /// <exception cref="ArgumentException">The clip is empty, or a sample is NaN or infinite.</exception>
    public float[] Extract(ReadOnlySpan<float> mono)
    {
        UtteranceFrames frames = _analyzer.Analyze(mono);
        var values = new float[Names.Count];
        Span<float> rest = values;
        foreach (IFunctional functional in _functionals)
        {
            functional.Compute(frames, rest[..functional.Names.Count]);
            rest = rest[functional.Names.Count..];
        }
        return values;
    }

    private static ContourFunctionals[] ContoursOf(UtterancePlan plan)
    {
        Statistic[] all =
            [Statistic.Mean, Statistic.Deviation, Statistic.P10, Statistic.P50, Statistic.P90, Statistic.Range, Statistic.Slope];
        Statistic[] cepstral = [Statistic.Mean, Statistic.Deviation, Statistic.P10, Statistic.P50, Statistic.P90];
        Statistic[] moments = [Statistic.Mean, Statistic.Deviation];
        int mfcc = plan.Options.MfccCoefficients;
        return
        [
            new ContourFunctionals(ContourFunctionals.Numbered("mfcc", mfcc), Contour.Mfcc, cepstral),
            new ContourFunctionals(ContourFunctionals.Numbered("mfcc_delta", mfcc), Contour.MfccDelta, Statistic.Deviation),
            new ContourFunctionals(ContourFunctionals.Numbered("mfcc_delta_delta", mfcc), Contour.MfccDeltaDelta, Statistic.Deviation),
            new ContourFunctionals(ContourFunctionals.Numbered("logmel", plan.Mel.MelBands), Contour.LogMel, moments),
            new ContourFunctionals(ContourFunctionals.Numbered("chroma", 12), Contour.Chroma, moments),
            new ContourFunctionals(ContourFunctionals.Numbered("contrast", plan.ContrastBands), Contour.Contrast, moments),
            new ContourFunctionals(["level_db"], Contour.LevelDb, all),
            new ContourFunctionals(["zcr"], Contour.ZeroCrossings, all),
            new ContourFunctionals(["centroid_hz"], Contour.Centroid, all),
            new ContourFunctionals(["bandwidth_hz"], Contour.Bandwidth, all),
            new ContourFunctionals(["rolloff_hz"], Contour.RollOff, all),
            new ContourFunctionals(["flatness"], Contour.Flatness, all),
            new ContourFunctionals(["alpha_ratio_db", "hammarberg_db"], Contour.Balance, all),
        ];
    }
}

/// <summary>Options of each contour, derived from <see cref="UtteranceFeatureOptions"/>. All contours have the same hop and so the same
/// frames.</summary>
internal sealed class UtterancePlan
{
    /// <summary>Lower limit of levels in dB.</summary>
    public const float QuietestDb = -100;

    /// <summary>A clip that is never louder than this is all pause: 16-bit audio has its last bit at -90 dB.</summary>
    public const float AudibleDb = -80;

    /// <param name="options">Options of the features.</param>
    /// <param name="isGeneral">Whether there are the contours that only <see cref="UtteranceFeatures"/> needs.</param>
    public UtterancePlan(UtteranceFeatureOptions options, bool isGeneral = true)
    {
        (Options, IsGeneral) = (options, isGeneral);
        int rate = options.SampleRateHz, hop = options.HopSamples, window = (int)Math.Round(rate * 0.025), fft = PowerOfTwo(window);
        Mel = new LogMelOptions
        {
            SampleRateHz = rate,
            FftLength = fft,
            WindowSamples = window,
            HopSamples = hop,
            MelBands = options.MelBands,
            HighHz = Math.Min(7600, rate / 2.0),
        };
        // Octaves that begin below the Nyquist frequency: at 200, 400 .. 3200 Hz, and with rates from 16 kHz also at 6400 Hz.
        Shape = new SpectralOptions
        {
            SampleRateHz = rate,
            FftLength = fft,
            WindowSamples = window,
            HopSamples = hop,
            ContrastOctaves = rate >= 16000 ? 6 : 5,
        };
        Auditory = Mel with
        {
            MelBands = 26,
            LowHz = 20,
            HighHz = Math.Min(8000, rate / 2.0),
            MelScale = MelScale.Htk,
            MelNormalization = MelNormalization.None,
            Compression = LogCompression.NaturalLog,
            TopDb = null,
        };
        Yin = new YinOptions
        {
            SampleRateHz = rate,
            LowHz = options.PitchLowHz,
            HighHz = options.PitchHighHz,
            FrameSamples = PowerOfTwo((int)(rate * 0.064)),
            HopSamples = hop,
        };
        Mel.Validate();
        Shape.Validate();
    }

    public UtteranceFeatureOptions Options { get; }

    public bool IsGeneral { get; }

    public LogMelOptions Mel { get; }

    /// <summary>The mel bands behind loudness, spectral flux and MFCCs of <see cref="GemapsFeatures"/>, of the same spectra.</summary>
    public LogMelOptions Auditory { get; }

    /// <summary>Of the same spectra as <see cref="Mel"/>.</summary>
    public SpectralOptions Shape { get; }

    public YinOptions Yin { get; }

    /// <summary>Samples per frame of level and zero crossings: those of the FFT, not of the window.</summary>
    public int FrameSamples => Mel.FftLength;

    public int ContrastBands => Shape.ContrastOctaves + 1;

    public double SecondsPerFrame => (double)Options.HopSamples / Options.SampleRateHz;

    private static int PowerOfTwo(int atLeast) => (int)BitOperations.RoundUpToPowerOf2((uint)atLeast);
}

/// <summary>A group of utterance features. Immutable and thread-safe.</summary>
internal interface IFunctional
{
    public IReadOnlyList<string> Names { get; }

    /// <summary>Writes one value per name.</summary>
    public void Compute(UtteranceFrames frames, Span<float> values);
}

/// <summary>Statistics of every band of one contour over all frames.</summary>
/// <param name="names">One per band.</param>
/// <param name="contour">Its statistics are computed.</param>
/// <param name="statistics">Computed for each band.</param>
internal sealed class ContourFunctionals(IReadOnlyList<string> names, Contour contour, params Statistic[] statistics) : IFunctional
{
    public IReadOnlyList<string> Names { get; } =
        [.. names.SelectMany(name => statistics.Select(statistic => $"{name}_{Statistics.Suffix(statistic)}"))];

    public Contour Contour => contour;

    public int Bands { get; } = names.Count;

    public IReadOnlyList<Statistic> Taken => statistics;

    /// <summary>Names of bands: <c>mfcc0</c>, <c>mfcc1</c>, ...</summary>
    public static IReadOnlyList<string> Numbered(string name, int bands) =>
        [.. Enumerable.Range(0, bands).Select(b => string.Create(CultureInfo.InvariantCulture, $"{name}{b}"))];

    public void Compute(UtteranceFrames frames, Span<float> values)
    {
        FrameMatrix matrix = frames.Of[contour];
        float[] sorted = ArrayPool<float>.Shared.Rent(matrix.Frames);
        for (int band = 0; band < Bands; band++)
            Statistics.Compute(matrix.Row(band), frames.SecondsPerFrame, statistics, sorted,
                values.Slice(band * statistics.Length, statistics.Length));
        ArrayPool<float>.Shared.Return(sorted);
    }
}
