using SerPipeline.Features;

namespace SerPipeline.Transforms;

/// <summary>Turns audio into log-mel frames; see <see cref="TransformsCatalogExtensions.LogMelSpectrogram"/>.</summary>
public sealed class LogMelSpectrogramEstimator : RowEstimator<LogMelSpectrogramTransformer>
{
    internal LogMelSpectrogramEstimator(LogMelSpectrogramTransformer transformer) : base(transformer) { }
}

/// <summary>Turns audio into log-mel frames, <c>[bands, frames]</c> row-major, in dB.</summary>
public sealed class LogMelSpectrogramTransformer : RowTransformer
{
    internal LogMelSpectrogramTransformer(string outputColumnName, string? inputColumnName, LogMelOptions options)
        : base(outputColumnName, inputColumnName, ClipStage.LogMelSpectrogram(options)) { }

    /// <summary>How the frames are computed.</summary>
    public LogMelOptions Options => (LogMelOptions)Stage.Options;
}

/// <summary>Turns audio into one vector a clip; see <see cref="TransformsCatalogExtensions.UtteranceFeatures"/>.</summary>
public sealed class UtteranceFeaturesEstimator : RowEstimator<UtteranceFeaturesTransformer>
{
    internal UtteranceFeaturesEstimator(UtteranceFeaturesTransformer transformer) : base(transformer) { }
}

/// <summary>Turns audio into one vector a clip, statistics of spectra, cepstra, pitch and energy over time; its slots are named.</summary>
public sealed class UtteranceFeaturesTransformer : RowTransformer
{
    internal UtteranceFeaturesTransformer(string outputColumnName, string? inputColumnName, UtteranceFeatureOptions options)
        : base(outputColumnName, inputColumnName, ClipStage.UtteranceFeatures(options)) { }

    /// <summary>What is computed.</summary>
    public UtteranceFeatureOptions Options => (UtteranceFeatureOptions)Stage.Options;
}

/// <summary>Turns audio into one vector a clip; see <see cref="TransformsCatalogExtensions.GemapsFeatures"/>.</summary>
public sealed class GemapsFeaturesEstimator : RowEstimator<GemapsFeaturesTransformer>
{
    internal GemapsFeaturesEstimator(GemapsFeaturesTransformer transformer) : base(transformer) { }
}

/// <summary>Turns audio into one vector a clip, 88 values like those of eGeMAPS; its slots are named.</summary>
public sealed class GemapsFeaturesTransformer : RowTransformer
{
    internal GemapsFeaturesTransformer(string outputColumnName, string? inputColumnName, GemapsFeatureOptions options)
        : base(outputColumnName, inputColumnName, ClipStage.GemapsFeatures(options)) { }

    /// <summary>What is computed.</summary>
    public GemapsFeatureOptions Options => (GemapsFeatureOptions)Stage.Options;
}

/// <summary>
/// Turns audio into the mean over time of each of its cepstral coefficients; see <see cref="TransformsCatalogExtensions.PaperMfcc"/>.
/// </summary>
public sealed class PaperMfccEstimator : RowEstimator<PaperMfccTransformer>
{
    internal PaperMfccEstimator(PaperMfccTransformer transformer) : base(transformer) { }
}

/// <summary>
/// Turns audio into the mean over time of each of its cepstral coefficients, as in the paper; the slots are named <c>mfcc_00</c> and so on.
/// </summary>
public sealed class PaperMfccTransformer : RowTransformer
{
    internal PaperMfccTransformer(string outputColumnName, string? inputColumnName, PaperMfccOptions options)
        : base(outputColumnName, inputColumnName, ClipStage.PaperMfcc(options)) { }

    /// <summary>What is computed.</summary>
    public PaperMfccOptions Options => (PaperMfccOptions)Stage.Options;
}
