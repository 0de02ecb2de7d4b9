using SerPipeline.Features;
using SerPipeline.Old.Transforms;


// In the namespace of the grammar, so that one using brings every catalog method.
namespace SerPipeline.Old.Pipeline;

/// <summary>The stages that turn columns into columns.</summary>
public static class TransformsCatalogExtensions
{
    /// <summary>Reads files as mono audio of one rate, silence trimmed.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="options">What a file becomes.</param>
    /// <param name="outputColumnName">The audio column to add.</param>
    /// <param name="inputColumnName">The text column with the files' paths.</param>
    /// <exception cref="OptionsException">An option cannot be used.</exception>
    public static LoadAudioEstimator LoadAudio(
        this TransformsCatalog catalog, LoadAudioOptions? options = null, string outputColumnName = "Audio", string inputColumnName = "Path") =>
        new(new LoadAudioTransformer(ContextOf(catalog), Settings(outputColumnName, inputColumnName, options ?? new())));

    /// <summary>Turns audio into log-mel frames [bands, frames].</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="options">How the frames are computed.</param>
    /// <param name="outputColumnName">The vector column to add.</param>
    /// <param name="inputColumnName">The audio column.</param>
    /// <exception cref="OptionsException">An option cannot be used.</exception>
    public static LogMelSpectrogramEstimator LogMelSpectrogram(
        this TransformsCatalog catalog, LogMelOptions? options = null, string outputColumnName = "LogMel", string inputColumnName = "Audio") =>
        new(new LogMelSpectrogramTransformer(ContextOf(catalog), Settings(outputColumnName, inputColumnName, options ?? new())));

    /// <summary>Renders frames to a grey image for the network.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="options">How frames become pixels.</param>
    /// <param name="outputColumnName">The image column to add.</param>
    /// <param name="inputColumnName">The vector column of frames [bands, frames].</param>
    /// <exception cref="OptionsException">An option cannot be used.</exception>
    public static SpectrogramImageEstimator SpectrogramImage(
        this TransformsCatalog catalog, SpectrogramRendererOptions? options = null, string outputColumnName = "Image", string inputColumnName = "LogMel") =>
        new(new SpectrogramImageTransformer(ContextOf(catalog), Settings(outputColumnName, inputColumnName, options ?? new())));

    /// <summary>Turns audio into one vector a clip.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="options">What is computed.</param>
    /// <param name="outputColumnName">The vector column to add.</param>
    /// <param name="inputColumnName">The audio column.</param>
    /// <exception cref="OptionsException">An option cannot be used.</exception>
    public static UtteranceFeaturesEstimator UtteranceFeatures(
        this TransformsCatalog catalog, UtteranceFeatureOptions? options = null, string outputColumnName = "Features", string inputColumnName = "Audio") =>
        new(new UtteranceFeaturesTransformer(ContextOf(catalog), Settings(outputColumnName, inputColumnName, options ?? new())));

    /// <summary>
    /// Turns audio into the mean over time of 40 cepstral coefficients, the features of the paper. They match its published matrix after
    /// <c>LoadAudio(LoadAudioOptions.Paper)</c>.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="options">What is computed; the paper's recipe when null.</param>
    /// <param name="outputColumnName">The vector column to add.</param>
    /// <param name="inputColumnName">The audio column.</param>
    /// <exception cref="OptionsException">An option cannot be used.</exception>
    public static PaperMfccEstimator PaperMfcc(
        this TransformsCatalog catalog, PaperMfccOptions? options = null, string outputColumnName = "Features", string inputColumnName = "Audio") =>
        new(new PaperMfccTransformer(ContextOf(catalog), Settings(outputColumnName, inputColumnName, options ?? new())));

    /// <summary>Standardises each slot of a vector by its mean and deviation over the training rows. (ML.NET's default of leaving the mean in, <c>fixZero</c>, is not offered.)</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">The vector column to add.</param>
    /// <param name="inputColumnName">The vector column; null for <paramref name="outputColumnName"/>.</param>
    public static NormalizeMeanVarianceEstimator NormalizeMeanVariance(
        this TransformsCatalog catalog, string outputColumnName = "Features", string? inputColumnName = null) =>
        new(ContextOf(catalog), outputColumnName, inputColumnName);

    /// <summary>Learns the values of a text column and turns each into its 1-based position.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">The key column to add.</param>
    /// <param name="inputColumnName">The text column; null for <paramref name="outputColumnName"/>.</param>
    /// <param name="keyOrdinality">The order of the keys.</param>
    public static ValueToKeyMappingEstimator MapValueToKey(
        this TransformsCatalog.ConversionTransforms catalog, string outputColumnName, string? inputColumnName = null,
        KeyOrdinality keyOrdinality = KeyOrdinality.ByOccurrence) =>
        new(ContextOf(catalog), outputColumnName, inputColumnName, keyOrdinality);

    /// <summary>Turns keys back into the texts they stand for.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">The text column to add.</param>
    /// <param name="inputColumnName">The key column; null for <paramref name="outputColumnName"/>.</param>
    public static KeyToValueMappingEstimator MapKeyToValue(
        this TransformsCatalog.ConversionTransforms catalog, string outputColumnName, string? inputColumnName = null) =>
        new(ContextOf(catalog), outputColumnName, inputColumnName);

    private static SerContext ContextOf(Catalog catalog)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return catalog.Context;
    }

    private static StageSettings<TOptions> Settings<TOptions>(string output, string input, TOptions options)
    {
        ArgumentException.ThrowIfNullOrEmpty(output);
        ArgumentException.ThrowIfNullOrEmpty(input);
        return new StageSettings<TOptions>(output, input, options);
    }
}
