using SerPipeline.Trainers;

// In the namespace of the grammar, so that one using brings every catalog method.
namespace SerPipeline.Pipeline;

/// <summary>The trainers.</summary>
public static class TrainersCatalogExtensions
{
    /// <summary>Trains a compact CNN on spectrogram images.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="options">Columns, network and training.</param>
    /// <exception cref="OptionsException">An option cannot be used.</exception>
    public static ImageClassificationTrainer ImageClassification(
        this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog, ImageClassificationOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new ImageClassificationTrainer(catalog.Context, options ?? new());
    }

    /// <summary>Trains a multi-layer perceptron on vectors.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="options">Columns, network and training.</param>
    /// <exception cref="OptionsException">An option cannot be used.</exception>
    public static MlpTrainer Mlp(this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog, MlpOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new MlpTrainer(catalog.Context, options ?? new());
    }
}
