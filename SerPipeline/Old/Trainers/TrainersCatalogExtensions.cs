using SerPipeline.Old.Trainers;


// In the namespace of the grammar, so that one using brings every catalog method.
namespace SerPipeline.Old.Pipeline;

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

    /// <summary>Trains several networks on the same rows and averages their probabilities.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="options">The members and the columns.</param>
    /// <exception cref="OptionsException">An option cannot be used.</exception>
    public static EnsembleTrainer Ensemble(this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog, EnsembleOptions options)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(options);
        return new EnsembleTrainer(catalog.Context, options);
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

    /// <summary>Trains a multi-layer perceptron on vectors, as scikit-learn's MLPClassifier does.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="options">Columns, network and training.</param>
    /// <exception cref="OptionsException">An option cannot be used.</exception>
    public static MlpClassifierTrainer MlpClassifier(
        this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog, MlpClassifierOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new MlpClassifierTrainer(catalog.Context, options ?? new());
    }

    /// <summary>Trains a CNN of one-dimensional convolutions along a vector's values.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="options">Columns, network and training.</param>
    /// <exception cref="OptionsException">An option cannot be used.</exception>
    public static Conv1dClassificationTrainer Conv1dClassification(
        this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog, Conv1dClassificationOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new Conv1dClassificationTrainer(catalog.Context, options ?? new());
    }

    /// <summary>Trains an LSTM that reads a vector's values one after another.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="options">Columns, network and training.</param>
    /// <exception cref="OptionsException">An option cannot be used.</exception>
    public static LstmClassificationTrainer LstmClassification(
        this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog, LstmClassificationOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new LstmClassificationTrainer(catalog.Context, options ?? new());
    }
}
