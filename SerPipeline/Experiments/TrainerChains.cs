using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using SerPipeline.Networks;
using SerPipeline.Trainers;
using SerPipeline.Transforms;
using static Microsoft.ML.Transforms.Image.ImagePixelExtractingEstimator;

namespace SerPipeline.Experiments;

/// <summary>What trains and reads for one seed of a run.</summary>
/// <param name="Ml">ML.NET's context with that seed.</param>
/// <param name="Reading">How clips are read.</param>
/// <param name="Seed">The seed of weights, shuffles, dropout and augmentation.</param>
public sealed record ExperimentContext(MLContext Ml, AudioReading Reading, int Seed)
{
    /// <summary>A context of a seed.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="reading">How clips are read; the defaults when null.</param>
    public static ExperimentContext Create(int seed, AudioReading? reading = null) =>
        new(new MLContext(seed), reading ?? new AudioReading(), seed);
}

/// <summary>A chain ready to be fitted, and its trainer's options.</summary>
/// <param name="Estimator">The stages, from <c>Path</c> to <c>PredictedLabel</c> as text.</param>
/// <param name="Options">The trainer's options.</param>
public sealed record TrainerChain(EstimatorChain<KeyToValueMappingTransformer> Estimator, NeuralTrainerOptions Options);

/// <summary>The chains of <c>ser train</c>, from a clip's path to its label.</summary>
public static class TrainerChains
{
    /// <summary>A CNN over spectrogram images.</summary>
    public const string Cnn = "cnn";

    /// <summary>A perceptron over utterance features.</summary>
    public const string Mlp = "mlp";

    private const string Waveform = "Waveform", Features = "Features", Image = "Image", Pixels = "Pixels";

    /// <summary>The names of the trainers.</summary>
    public static IReadOnlyList<string> Names { get; } = [Cnn, Mlp];

    /// <summary>What a trainer makes, in words for a report.</summary>
    /// <param name="trainer">One of <see cref="Names"/>; another name is given back as it is.</param>
    public static string Describe(string trainer) => trainer switch
    {
        Cnn => "A convolutional network over log-mel spectrogram images",
        Mlp => "A multilayer perceptron over utterance features",
        _ => trainer,
    };

    /// <summary>The options a trainer would train with.</summary>
    /// <param name="trainer">One of <see cref="Names"/>.</param>
    /// <param name="settings">What differs from the trainer's defaults.</param>
    /// <exception cref="OptionsException">A setting cannot be used.</exception>
    public static NeuralTrainerOptions OptionsOf(string trainer, ExperimentSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        NeuralTrainerOptions options = trainer switch
        {
            Cnn => Apply(CnnOf(settings), settings with { Epochs = settings.Epochs ?? settings.CnnEpochs }),
            Mlp => Apply(MlpOf(settings), settings),
            _ => throw new ArgumentOutOfRangeException(nameof(trainer), trainer,
                $"There is no such trainer; there are {string.Join(", ", Names)}."),
        };
        options.Validate();
        return options;
    }

    /// <summary>Builds a chain.</summary>
    /// <param name="context">The context; its seed decides the training.</param>
    /// <param name="trainer">One of <see cref="Names"/>.</param>
    /// <param name="settings">What differs from the trainer's defaults.</param>
    /// <param name="labels">The labels in the order of the scores.</param>
    /// <param name="epochEnded">Called after each epoch with its figures.</param>
    /// <param name="cancellation">Stops the training.</param>
    /// <param name="checkpoint">The file of the training's checkpoint; null for none.</param>
    /// <exception cref="OptionsException">A setting cannot be used.</exception>
    public static TrainerChain Create(
        ExperimentContext context, string trainer, ExperimentSettings settings, IDataView labels, Action<TrainingMetrics> epochEnded,
        CancellationToken cancellation, string? checkpoint = null)
    {
        ArgumentNullException.ThrowIfNull(context);
        NeuralTrainerOptions options = OptionsOf(trainer, settings) with
        {
            Seed = context.Seed,
            MetricsCallback = epochEnded,
            CancellationToken = cancellation,
            CheckpointPath = checkpoint,
        };
        MLContext ml = context.Ml;
        bool images = options is ImageClassificationOptions;
        string? features = options is ImageClassificationOptions { ProsodyColumnName: var prosody } ? prosody : Features;
        EstimatorChain<ITransformer> chain = AudioStages(ml, context.Reading, images, features)
            .Append<ITransformer>(ml.Transforms.Conversion.MapValueToKey("Label", keyData: labels));
        // Pixels are floats from 0 to 255, which ML.NET's transform takes out of the image's red channel: the image is grey.
        if (images) chain = chain.Append<ITransformer>(ml.Transforms.ExtractPixels(Pixels, Image, ColorBits.Red));
        // The features are kept in memory, since normaliser and trainer both read them.
        else chain = chain.AppendCacheCheckpoint(ml);
        if (features is not null) chain = chain.Append<ITransformer>(ml.Transforms.NormalizeMeanVariance(features, fixZero: false));
        return new TrainerChain(
            chain.Append<ITransformer>(TrainerOf(ml, options, settings.Ensemble))
                .Append(ml.Transforms.Conversion.MapKeyToValue("PredictedLabel")), options);
    }

    /// <summary>Computes what the trainers will read from each file, decoded once, and keeps it in the cache of
    /// <paramref name="reading"/>.</summary>
    /// <param name="clips">The clips.</param>
    /// <param name="reading">How they are read, with a cache.</param>
    /// <param name="settings">Its trainers decide what is computed.</param>
    internal static void FillCache(IDataView clips, AudioReading reading, ExperimentSettings settings)
    {
        var ml = new MLContext();
        bool images = settings.Trainers.Contains(Cnn), features = settings.Prosody || settings.Trainers.Contains(Mlp);
        IDataView view = AudioStages(ml, reading, images, features ? Features : null).Fit(clips).Transform(clips);
        DataViewSchema.Column[] columns = [.. view.Schema.Where(column => column.Name is Image or Features)];
        using DataViewRowCursor cursor = view.GetRowCursor(columns);
        while (cursor.MoveNext()) { }
    }

    // One after the other without a stage of ML.NET between them: so they are computed together, a clip a core.
    private static EstimatorChain<ITransformer> AudioStages(MLContext ml, AudioReading reading, bool images, string? features)
    {
        EstimatorChain<ITransformer> chain = new EstimatorChain<ITransformer>().Append<ITransformer>(ml.Transforms.LoadAudio(Waveform,
            "Path", reading: reading));
        if (images)
            chain = chain.Append<ITransformer>(ml.Transforms.LogMelSpectrogram("Spectrogram", Waveform))
                .Append<ITransformer>(ml.Transforms.SpectrogramImage(Image, "Spectrogram"));
        return features is null ? chain : chain.Append<ITransformer>(ml.Transforms.UtteranceFeatures(features, Waveform));
    }

    private static IEstimator<ITransformer> TrainerOf(MLContext ml, NeuralTrainerOptions options, int networks) => (options,
        networks) switch
    {
        (_, > 1) => ml.MulticlassClassification.Trainers.Ensemble(EnsembleOptions.Of(options, networks)),
        (ImageClassificationOptions image, _) => ml.MulticlassClassification.Trainers.ImageClassification(image),
        (MlpOptions mlp, _) => ml.MulticlassClassification.Trainers.Mlp(mlp),
        _ => throw new ArgumentOutOfRangeException(nameof(options), options.GetType().Name, "No trainer takes these options."),
    };

    private static ImageClassificationOptions CnnOf(ExperimentSettings settings)
    {
        var defaults = new SpectrogramCnnOptions();
        return new ImageClassificationOptions
        {
            FeatureColumnName = Pixels,
            ProsodyColumnName = settings.Prosody ? Features : null,
            Augmentation = SpectrogramAugmentationOptions.Of(settings.Augmentation),
            Architecture = defaults with
            {
                SelfAttentionHeads = settings.SelfAttentionHeads,
                Dropout = settings.Dropout ?? defaults.Dropout,
                ChannelDropout = settings.ChannelDropout ?? defaults.ChannelDropout,
            },
        };
    }

    private static MlpOptions MlpOf(ExperimentSettings settings)
    {
        var defaults = new MlpOptions();
        return defaults with { Dropout = settings.Dropout ?? defaults.Dropout };
    }

    private static TOptions Apply<TOptions>(TOptions defaults, ExperimentSettings settings) where TOptions
        : NeuralTrainerOptions => defaults with
        {
            Epoch = settings.Epochs ?? defaults.Epoch,
            BatchSize = settings.BatchSize ?? defaults.BatchSize,
            LearningRate = settings.LearningRate ?? defaults.LearningRate,
            ValidationSetFraction = settings.ValidationFraction ?? defaults.ValidationSetFraction,
            BalancedClassWeights = settings.BalancedClassWeights,
            Oversampling = settings.Oversampling ?? Oversampling.None,
            FocalGamma = settings.FocalGamma,
            KeepLastEpoch = settings.KeepLastEpoch,
            EarlyStoppingCriteria = settings.EarlyStoppingPatience is { } patience
            ? defaults.EarlyStoppingCriteria with { Patience = patience }
            : defaults.EarlyStoppingCriteria,
            ValidationGroups = settings.ValidationSpeakers.Count == 0 ? null : settings.ValidationSpeakers,
            Precision = settings.Precision,
            Device = settings.Device,
        };
}
