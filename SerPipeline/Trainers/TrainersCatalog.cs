using SerPipeline.Trainers;
using SerPipeline.Transforms;
using static TorchSharp.torch;
using Catalog = Microsoft.ML.MulticlassClassificationCatalog.MulticlassClassificationTrainers;

namespace SerPipeline;

/// <summary>
/// Trainers of networks, on ML.NET's catalog of multiclass trainers. Each learns from a key column (default <c>Label</c>) and adds
/// <c>Score</c>, a Vector&lt;Single, classes&gt; of probabilities whose slot names are the labels, and the key <c>PredictedLabel</c>.
/// </summary>
/// <remarks>
/// A trainer checks its columns in <c>GetOutputSchema</c> and <c>Fit</c>, before it reads a row, and throws
/// <see cref="SchemaException"/> where one is missing or of another type; <see cref="NeuralTrainer.Fit"/> lists what else it throws.
/// </remarks>
public static class TrainersCatalog
{
    /// <summary>
    /// Trains a compact CNN on spectrogram images. By default: column <c>Pixels</c>, 60 epochs of batches of 32, AdamW with a learning rate
    /// of 3e-3 on a one-cycle schedule, label smoothing .1, masks, time roll and mixup, nothing held out: the last epoch is kept.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="options">
    /// Columns, network and training; the defaults when null. The feature column is Vector&lt;Single, 1, height, width&gt; or
    /// Vector&lt;Single, height, width&gt;, levels 0 to 255, as <c>ExtractPixels</c> of one color makes it; every block of the network
    /// (four by default) halves the image.
    /// </param>
    /// <exception cref="ArgumentNullException">The catalog is null.</exception>
    /// <exception cref="OptionsException">An option cannot be used.</exception>
    public static NeuralTrainer ImageClassification(this Catalog catalog, ImageClassificationOptions? options = null) =>
        Create(catalog, options ?? new());

    /// <inheritdoc cref="ImageClassification(Catalog, ImageClassificationOptions?)"/>
    /// <param name="catalog">The catalog.</param>
    /// <param name="labelColumnName">The key column with the truth.</param>
    /// <param name="featureColumnName">The column of pixels [1, height, width] or [height, width], levels 0 to 255.</param>
    public static NeuralTrainer ImageClassification(this Catalog catalog, string labelColumnName, string featureColumnName = "Pixels") =>
        Create(catalog, new ImageClassificationOptions { LabelColumnName = labelColumnName, FeatureColumnName = featureColumnName });

    /// <summary>
    /// Trains a ResNet18 on spectrogram images, beginning with the weights of ML.NET's DnnImageFeaturizer package. By default: column
    /// <c>Pixels</c>, 15 epochs of batches of 32, AdamW with a learning rate of 3e-4 on a one-cycle schedule, label smoothing .1, masks,
    /// time roll and mixup, nothing held out.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="options">Columns, weights and training; the defaults when null. The feature column is as that of
    /// <c>ImageClassification</c>.</param>
    /// <exception cref="ArgumentNullException">The catalog is null.</exception>
    /// <exception cref="OptionsException">An option cannot be used, or the package is absent: the message has the command that brings
    /// it.</exception>
    public static NeuralTrainer ResNet18(this Catalog catalog, ResNet18Options? options = null) => Create(catalog, options ?? new());

    /// <inheritdoc cref="ResNet18(Catalog, ResNet18Options?)"/>
    /// <param name="catalog">The catalog.</param>
    /// <param name="labelColumnName">The key column with the truth.</param>
    /// <param name="featureColumnName">The column of pixels [1, height, width] or [height, width], levels 0 to 255.</param>
    public static NeuralTrainer ResNet18(this Catalog catalog, string labelColumnName, string featureColumnName = "Pixels") =>
        Create(catalog, new ResNet18Options { LabelColumnName = labelColumnName, FeatureColumnName = featureColumnName });

    /// <summary>
    /// Fits linear discriminant analysis with equal priors on vectors, in seconds; standardise them first. By default: column
    /// <c>Features</c>, a shrinkage of .3. Its fitted model is ML.NET's own linear one.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="options">Columns and shrinkage; the defaults when null. The feature column is a Vector&lt;Single&gt; of one
    /// length.</param>
    /// <exception cref="ArgumentNullException">The catalog is null.</exception>
    /// <exception cref="OptionsException">An option cannot be used.</exception>
    public static LinearDiscriminantTrainer LinearDiscriminant(this Catalog catalog, LinearDiscriminantOptions? options = null) =>
        new(MlNetInternals.EnvironmentOf(catalog), options ?? new());

    /// <inheritdoc cref="LinearDiscriminant(Catalog, LinearDiscriminantOptions?)"/>
    /// <param name="catalog">The catalog.</param>
    /// <param name="labelColumnName">The key column with the truth.</param>
    /// <param name="featureColumnName">The vector column to learn from.</param>
    public static LinearDiscriminantTrainer LinearDiscriminant(this Catalog catalog, string labelColumnName,
        string featureColumnName = "Features") =>
        LinearDiscriminant(catalog, new LinearDiscriminantOptions
        {
            LabelColumnName = labelColumnName,
            FeatureColumnName = featureColumnName
        });

    /// <summary>
    /// Trains a multi-layer perceptron on vectors; standardise them first. By default: column <c>Features</c>, hidden layers of 256 and 128
    /// units with dropout of .4, 25 epochs of batches of 32, AdamW with a learning rate of 1e-3 on a one-cycle schedule, label smoothing
    /// .1, nothing held out: the last epoch is kept.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="options">
    /// Columns, network and training; the defaults when null. The feature column is a Vector&lt;Single&gt; of one length.
    /// </param>
    /// <exception cref="ArgumentNullException">The catalog is null.</exception>
    /// <exception cref="OptionsException">An option cannot be used.</exception>
    public static NeuralTrainer Mlp(this Catalog catalog, MlpOptions? options = null) => Create(catalog, options ?? new());

    /// <inheritdoc cref="Mlp(Catalog, MlpOptions?)"/>
    /// <param name="catalog">The catalog.</param>
    /// <param name="labelColumnName">The key column with the truth.</param>
    /// <param name="featureColumnName">The vector column to learn from.</param>
    public static NeuralTrainer Mlp(this Catalog catalog, string labelColumnName, string featureColumnName = "Features") =>
        Create(catalog, new MlpOptions { LabelColumnName = labelColumnName, FeatureColumnName = featureColumnName });

    /// <summary>
    /// Trains a multi-layer perceptron of ReLU layers as scikit-learn's MLPClassifier: Adam (Kingma and Ba 2015) on shuffled mini-batches,
    /// an L2 term in the loss, ended by the training loss. First weights and biases are uniform within the Glorot bound of their layer. By
    /// default: column <c>Features</c>, one hidden layer of 100 units, at most 200 epochs of batches of 200, a learning rate of 1e-3, no
    /// row held out.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="options">
    /// Columns, network and training; the defaults when null. The feature column is a Vector&lt;Single&gt; of one length.
    /// </param>
    /// <exception cref="ArgumentNullException">The catalog is null.</exception>
    /// <exception cref="OptionsException">An option cannot be used.</exception>
    public static NeuralTrainer MlpClassifier(this Catalog catalog, MlpClassifierOptions? options = null) =>
        Create(catalog, options ?? new());

    /// <inheritdoc cref="MlpClassifier(Catalog, MlpClassifierOptions?)"/>
    /// <param name="catalog">The catalog.</param>
    /// <param name="labelColumnName">The key column with the truth.</param>
    /// <param name="featureColumnName">The vector column to learn from.</param>
    public static NeuralTrainer MlpClassifier(this Catalog catalog, string labelColumnName, string featureColumnName = "Features") =>
        Create(catalog, new MlpClassifierOptions { LabelColumnName = labelColumnName, FeatureColumnName = featureColumnName });

    /// <summary>
    /// Trains a CNN of one-dimensional convolutions along a vector's values, then batch normalisation and a dense layer with softmax. First
    /// weights are drawn as in Keras: Glorot uniform kernels, biases 0. Batch normalisation has Keras' epsilon of 1e-3 and its momentum of
    /// .99, which is .01 as PyTorch counts. By default: column <c>Features</c>, 16, 8 and 8 filters of 5 points, 100 epochs of batches of
    /// 50, Adam with a learning rate of 1e-3, no row held out.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="options">
    /// Columns, network and training; the defaults when null. The feature column is a Vector&lt;Single&gt; of one length; by default of at
    /// least 9 values, for each convolution behind the first shortens it by 4.
    /// </param>
    /// <exception cref="ArgumentNullException">The catalog is null.</exception>
    /// <exception cref="OptionsException">An option cannot be used.</exception>
    public static NeuralTrainer Conv1d(this Catalog catalog, Conv1dOptions? options = null) => Create(catalog, options ?? new());

    /// <inheritdoc cref="Conv1d(Catalog, Conv1dOptions?)"/>
    /// <param name="catalog">The catalog.</param>
    /// <param name="labelColumnName">The key column with the truth.</param>
    /// <param name="featureColumnName">The vector column to learn from.</param>
    public static NeuralTrainer Conv1d(this Catalog catalog, string labelColumnName, string featureColumnName = "Features") =>
        Create(catalog, new Conv1dOptions { LabelColumnName = labelColumnName, FeatureColumnName = featureColumnName });

    /// <summary>
    /// Trains an LSTM (Hochreiter and Schmidhuber 1997) that reads a vector's values one after another, then a dense ReLU layer, dropout
    /// and a dense layer with softmax. First weights are drawn as in Keras: Glorot uniform kernels, orthogonal recurrent kernels, biases 0
    /// but 1 for the forget gate; one bias a gate is trained. By default: column <c>Features</c>, LSTM layers of 64 and 32 units, a dense
    /// layer of 32, 100 epochs of batches of 32, Adam with a learning rate of 1e-3, no row held out.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="options">
    /// Columns, network and training; the defaults when null. The feature column is a Vector&lt;Single&gt; of one length.
    /// </param>
    /// <exception cref="ArgumentNullException">The catalog is null.</exception>
    /// <exception cref="OptionsException">An option cannot be used.</exception>
    public static NeuralTrainer Lstm(this Catalog catalog, LstmOptions? options = null) => Create(catalog, options ?? new());

    /// <inheritdoc cref="Lstm(Catalog, LstmOptions?)"/>
    /// <param name="catalog">The catalog.</param>
    /// <param name="labelColumnName">The key column with the truth.</param>
    /// <param name="featureColumnName">The vector column to learn from.</param>
    public static NeuralTrainer Lstm(this Catalog catalog, string labelColumnName, string featureColumnName = "Features") =>
        Create(catalog, new LstmOptions { LabelColumnName = labelColumnName, FeatureColumnName = featureColumnName });

    /// <summary>
    /// Trains a network of the caller's own, made of TorchSharp's layers or this library's. By default: column <c>Features</c>, 60 epochs
    /// of batches of 32, AdamW with a learning rate of 1e-3 on a one-cycle schedule, a tenth of the rows held out to choose the epoch.
    /// </summary>
    /// <remarks>
    /// libtorch is started before the function is called. First weights of TorchSharp's own layers are decided by the trainer's seed; its
    /// dropout layers draw from the generator of the whole process: use <see cref="Networks.DropoutLayer"/> for trainings that can be
    /// repeated to the bit. Layers without a form in ONNX implement <see cref="Networks.IOnnxModule"/>, or have a converter among
    /// <see cref="TorchModuleOptions.OnnxConverters"/>.
    /// </remarks>
    /// <param name="catalog">The catalog.</param>
    /// <param name="network">
    /// Makes the network, once a training: from [batch, ..shape], the dimensions of the feature column, to raw scores [batch, classes]. The
    /// trainer disposes it.
    /// </param>
    /// <param name="options">
    /// Columns and training; the defaults when null. The feature column is a Vector&lt;Single&gt; of one length.
    /// </param>
    /// <exception cref="ArgumentNullException">The catalog or the function is null.</exception>
    /// <exception cref="OptionsException">An option cannot be used.</exception>
    public static NeuralTrainer TorchModule(
        this Catalog catalog, Func<NetworkContext, nn.Module<Tensor, Tensor>> network, TorchModuleOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        return Create(catalog, TorchModuleOptions.Of(network, options));
    }

    /// <summary>Trains several networks on the same rows, by default one after another, and averages their probabilities.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="options">The members, each with the columns that it reads as its own trainer says, and the columns to add.</param>
    /// <exception cref="ArgumentNullException">The catalog or the options are null.</exception>
    /// <exception cref="OptionsException">An option cannot be used.</exception>
    public static EnsembleTrainer Ensemble(this Catalog catalog, EnsembleOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new EnsembleTrainer(MlNetInternals.EnvironmentOf(catalog), options);
    }

    /// <summary>
    /// Trains linear discriminants and networks over utterance features, and networks over images, and averages their probabilities; with
    /// a speaker column once more for speakers of whom some clips are known.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="options">The members and the columns. The feature column is a Vector&lt;Single&gt; of one length, as
    /// <c>UtteranceFeatures</c> makes it.</param>
    /// <exception cref="ArgumentNullException">The catalog or the options are null.</exception>
    /// <exception cref="OptionsException">An option cannot be used.</exception>
    public static VoiceEnsembleTrainer VoiceEnsemble(this Catalog catalog, VoiceEnsembleOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new VoiceEnsembleTrainer(MlNetInternals.EnvironmentOf(catalog), options);
    }

    private static NeuralTrainer Create(Catalog catalog, NeuralTrainerOptions options) =>
        new(MlNetInternals.EnvironmentOf(catalog), options);
}
