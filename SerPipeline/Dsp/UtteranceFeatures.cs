namespace SerPipeline.Dsp;

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
        _analyzer = new UtteranceAnalyzer(Options);
        _functionals = Functionals(Options, _analyzer.ContrastBands);
        Names = [.. _functionals.SelectMany(functional => functional.Names)];
    }

    /// <summary>The options.</summary>
    public UtteranceFeatureOptions Options { get; }

    /// <summary>One name a number, in order; the same for every clip.</summary>
    public IReadOnlyList<string> Names { get; }

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

    private static IFunctional[] Functionals(UtteranceFeatureOptions options, int contrastBands)
    {
        Statistic[] all = [Statistic.Mean, Statistic.Deviation, Statistic.P10, Statistic.P50, Statistic.P90, Statistic.Range, Statistic.Slope];
        Statistic[] cepstral = [Statistic.Mean, Statistic.Deviation, Statistic.P10, Statistic.P50, Statistic.P90];
        Statistic[] moments = [Statistic.Mean, Statistic.Deviation];
        int mfcc = options.MfccCoefficients;
        return
        [
            new ContourFunctionals(ContourFunctionals.Numbered("mfcc", mfcc), f => f.Mfcc, cepstral),
            new ContourFunctionals(ContourFunctionals.Numbered("mfcc_delta", mfcc), f => f.MfccDelta, Statistic.Deviation),
            new ContourFunctionals(ContourFunctionals.Numbered("mfcc_delta_delta", mfcc), f => f.MfccDeltaDelta, Statistic.Deviation),
            new ContourFunctionals(ContourFunctionals.Numbered("logmel", options.MelBands), f => f.LogMel, moments),
            new ContourFunctionals(ContourFunctionals.Numbered("chroma", 12), f => f.Chroma, moments),
            new ContourFunctionals(ContourFunctionals.Numbered("contrast", contrastBands), f => f.Contrast, moments),
            new ContourFunctionals(["level_db"], f => f.LevelDb, all),
            new ContourFunctionals(["zcr"], f => f.ZeroCrossings, all),
            new ContourFunctionals(["centroid_hz"], f => f.Centroid, all),
            new ContourFunctionals(["bandwidth_hz"], f => f.Bandwidth, all),
            new ContourFunctionals(["rolloff_hz"], f => f.RollOff, all),
            new ContourFunctionals(["flatness"], f => f.Flatness, all),
            new ContourFunctionals(["alpha_ratio_db", "hammarberg_db"], f => f.Balance, all),
            new VoiceFunctionals(),
            new RhythmFunctionals(),
        ];
    }
}
