namespace SerPipeline.Features;

/// <summary>
/// One vector of fixed length for a whole utterance, for models that take no time axis: statistics of cepstra, mel bands, chroma, spectral shape,
/// level, voice and rhythm. Every number is finite for any clip, silence and a single sample included; what needs voiced frames is 0 without them.
/// Immutable and thread-safe.
/// </summary>
public sealed class UtteranceFeatures
{
    private readonly UtteranceAnalyzer _analyzer;
    private readonly IFunctional[] _functionals;

    /// <summary>Creates the extractor.</summary>
    /// <param name="options">The options; the defaults when null.</param>
    /// <exception cref="OptionsException">One or more options cannot be used; all are listed.</exception>
    public UtteranceFeatures(UtteranceFeatureOptions? options = null)
    {
        Options = options ?? new UtteranceFeatureOptions();
        Options.Validate();
        Plan = new UtterancePlan(Options);
        Contours = ContoursOf(Plan);
        _analyzer = new UtteranceAnalyzer(Plan);
        _functionals = [.. Contours, new VoiceFunctionals(), new RhythmFunctionals()];
        Names = [.. _functionals.SelectMany(functional => functional.Names)];
    }

    /// <summary>The options.</summary>
    public UtteranceFeatureOptions Options { get; }

    /// <summary>One name a number, in order; the same for every clip.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>How the contours are computed.</summary>
    internal UtterancePlan Plan { get; }

    /// <summary>What is taken of contours over all frames, in the order of <see cref="Names"/>; voice and rhythm follow.</summary>
    internal IReadOnlyList<ContourFunctionals> Contours { get; }

    /// <summary>Computes the features of one clip.</summary>
    /// <param name="mono">Samples at <see cref="UtteranceFeatureOptions.SampleRateHz"/>, at least one.</param>
    /// <returns>As many numbers as <see cref="Names"/>.</returns>
    /// <exception cref="ArgumentException">The clip is empty, or holds a sample that is no finite number.</exception>
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
        Statistic[] all = [Statistic.Mean, Statistic.Deviation, Statistic.P10, Statistic.P50, Statistic.P90, Statistic.Range, Statistic.Slope];
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
