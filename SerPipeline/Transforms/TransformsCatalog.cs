using SerPipeline.Features;
using SerPipeline.Transforms;

// In the library's own namespace, so that one using brings every catalog method.
namespace SerPipeline;

/// <summary>The stages that turn audio into what classifiers read.</summary>
public static class TransformsCatalogExtensions
{
    /// <summary>Reads files as mono audio of one rate, silence trimmed.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">
    /// The waveform column to add: a vector of Single, <c>[samples]</c>, with the annotation <c>SampleRateHz</c>.
    /// </param>
    /// <param name="inputColumnName">The text column with the files' paths; null for <paramref name="outputColumnName"/>.</param>
    /// <param name="options">What a file becomes.</param>
    /// <param name="reading">Threads, cache and what happens when a clip cannot be read.</param>
    /// <exception cref="OptionsException">An option cannot be used.</exception>
    public static LoadAudioEstimator LoadAudio(
        this TransformsCatalog catalog, string outputColumnName, string? inputColumnName = null, LoadAudioOptions? options = null,
            AudioReading? reading = null) =>
        new(new LoadAudioTransformer(outputColumnName, inputColumnName, options ?? new(), reading, MlNetInternals.EnvironmentOf(catalog)));

    /// <summary>Turns audio into one vector a clip: statistics of spectra, cepstra, pitch and energy over time.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">The vector column to add; its slots are named.</param>
    /// <param name="inputColumnName">The waveform column; null for <paramref name="outputColumnName"/>.</param>
    /// <param name="options">What is computed.</param>
    /// <exception cref="OptionsException">An option cannot be used.</exception>
    public static UtteranceFeaturesEstimator UtteranceFeatures(
        this TransformsCatalog catalog, string outputColumnName, string? inputColumnName = null, UtteranceFeatureOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new(new UtteranceFeaturesTransformer(outputColumnName, inputColumnName, options ?? new()));
    }

    /// <summary>
    /// Turns audio into one vector a clip, <c>[88]</c>: values like those of eGeMAPS (Eyben et al. 2016), pitch, loudness, jitter, shimmer,
    /// formants, spectral balance and timing. docs/features.md has each definition and how it differs from the paper's.
    /// <see cref="UtteranceFeatureOptions.Gemaps"/> gives them and all others in one vector, from one pass over a clip.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">The vector column to add; its slots are named <c>gemaps_f0_semitones_mean</c> and so on.</param>
    /// <param name="inputColumnName">The waveform column; null for <paramref name="outputColumnName"/>.</param>
    /// <param name="options">What is computed.</param>
    /// <exception cref="OptionsException">An option cannot be used.</exception>
    public static GemapsFeaturesEstimator GemapsFeatures(
        this TransformsCatalog catalog, string outputColumnName, string? inputColumnName = null, GemapsFeatureOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new(new GemapsFeaturesTransformer(outputColumnName, inputColumnName, options ?? new()));
    }

    /// <summary>
    /// Turns audio into the mean over time of 40 cepstral coefficients, the features of the paper. They match its published matrix after
    /// <see cref="LoadAudio"/> with
    /// <see cref="LoadAudioOptions.Paper"/>.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">The vector column to add; its slots are named <c>mfcc_00</c> and so on.</param>
    /// <param name="inputColumnName">The waveform column; null for <paramref name="outputColumnName"/>.</param>
    /// <param name="options">What is computed; the paper's recipe when null.</param>
    /// <exception cref="OptionsException">An option cannot be used.</exception>
    public static PaperMfccEstimator PaperMfcc(
        this TransformsCatalog catalog, string outputColumnName, string? inputColumnName = null, PaperMfccOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new(new PaperMfccTransformer(outputColumnName, inputColumnName, options ?? new()));
    }

    /// <summary>Turns audio into log-mel frames.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">The vector column to add, <c>[bands, frames]</c> row-major, in dB.</param>
    /// <param name="inputColumnName">The waveform column; null for <paramref name="outputColumnName"/>.</param>
    /// <param name="options">How the frames are computed.</param>
    /// <exception cref="OptionsException">An option cannot be used.</exception>
    public static LogMelSpectrogramEstimator LogMelSpectrogram(
        this TransformsCatalog catalog, string outputColumnName, string? inputColumnName = null, LogMelOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new(new LogMelSpectrogramTransformer(outputColumnName, inputColumnName, options ?? new()));
    }

    /// <summary>Renders frames to a grey image for a network, or for ML.NET's image stages.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">
    /// The image column to add: height bands, width <see cref="SpectrogramRendererOptions.Width"/>, grey in red, green and blue, opaque.
    /// </param>
    /// <param name="inputColumnName">
    /// The vector column of frames <c>[bands, frames]</c>; null for <paramref name="outputColumnName"/>.
    /// </param>
    /// <param name="options">How frames become pixels.</param>
    /// <exception cref="OptionsException">An option cannot be used.</exception>
    public static SpectrogramImageEstimator SpectrogramImage(
        this TransformsCatalog catalog, string outputColumnName, string? inputColumnName = null, SpectrogramRendererOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new(new SpectrogramImageTransformer(outputColumnName, inputColumnName, options ?? new()));
    }
}
