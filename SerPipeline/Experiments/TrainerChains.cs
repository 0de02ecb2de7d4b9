using SerPipeline.Old.Pipeline;
using SerPipeline.Old.Trainers;
using SerPipeline.Old.Transforms;
using SerPipeline.Trainers;

namespace SerPipeline.Experiments;

/// <summary>A chain ready to be fitted, and its trainer's options.</summary>
/// <param name="Estimator">The stages.</param>
/// <param name="Options">The trainer's options.</param>
internal sealed record TrainerChain(EstimatorChain<KeyToValueMappingTransformer> Estimator, NeuralTrainerOptions Options);

/// <summary>The chains that <c>ser train</c> knows, from a file's path to a label.</summary>
internal static class TrainerChains
{
    /// <summary>A CNN over spectrogram images.</summary>
    public const string Cnn = "cnn";

    /// <summary>A perceptron over utterance features.</summary>
    public const string Mlp = "mlp";

    /// <summary>What a trainer makes, for people.</summary>
    /// <param name="trainer">The trainer's name.</param>
    public static string Describe(string trainer) => trainer switch
    {
        Cnn => "A convolutional network over log-mel spectrogram images",
        Mlp => "A multilayer perceptron over utterance features",
        _ => trainer,
    };

    /// <summary>Builds a chain.</summary>
    /// <param name="ser">The context.</param>
    /// <param name="trainer">The trainer's name.</param>
    /// <param name="settings">What the user set.</param>
    /// <param name="epochEnded">Told each epoch's figures.</param>
    /// <param name="cancellation">Stops the training.</param>
    public static TrainerChain Create(SerContext ser, string trainer, ExperimentSettings settings, Action<TrainingMetrics> epochEnded, CancellationToken cancellation) => trainer switch
    {
        Cnn => CreateCnn(ser, settings, Apply(CnnOf(settings), settings with { Epochs = settings.Epochs ?? settings.CnnEpochs }, epochEnded, cancellation)),
        Mlp => CreateMlp(ser, settings, Apply(MlpOf(settings), settings, epochEnded, cancellation)),
        _ => throw new ArgumentOutOfRangeException(nameof(trainer), trainer, "There is no such trainer."),
    };

    private static TrainerChain CreateCnn(SerContext ser, ExperimentSettings settings, ImageClassificationOptions options)
    {
        EstimatorChain<ITransformer> features = ser.Transforms.LoadAudio()
            .Append(ser.Transforms.LogMelSpectrogram())
            .Append<ITransformer>(ser.Transforms.SpectrogramImage());
        if (options.ProsodyColumnName is { } prosody)
            features = features.Append<ITransformer>(ser.Transforms.UtteranceFeatures(outputColumnName: prosody)).Append<ITransformer>(ser.Transforms.NormalizeMeanVariance(prosody));
        return Finish(ser, features, settings, options, ser.MulticlassClassification.Trainers.ImageClassification(options));
    }

    private static TrainerChain CreateMlp(SerContext ser, ExperimentSettings settings, MlpOptions options) => Finish(
        ser,
        ser.Transforms.LoadAudio().Append(ser.Transforms.UtteranceFeatures()).Append<ITransformer>(ser.Transforms.NormalizeMeanVariance("Features")),
        settings, options, ser.MulticlassClassification.Trainers.Mlp(options));

    private static TrainerChain Finish(SerContext ser, EstimatorChain<ITransformer> features, ExperimentSettings settings, NeuralTrainerOptions options, IEstimator<ITransformer> one)
    {
        IEstimator<ITransformer> trainer = settings.Ensemble == 1 ? one : ser.MulticlassClassification.Trainers.Ensemble(EnsembleOptions.Of(options, settings.Ensemble));
        return new TrainerChain(
            features.Append(ser.Transforms.Conversion.MapValueToKey("Label")).Append(trainer).Append(ser.Transforms.Conversion.MapKeyToValue("PredictedLabel")), options);
    }

    private static ImageClassificationOptions CnnOf(ExperimentSettings settings)
    {
        var defaults = new SpectrogramCnnOptions();
        return new ImageClassificationOptions
        {
            ProsodyColumnName = settings.Prosody ? "Features" : null,
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

    private static TOptions Apply<TOptions>(TOptions defaults, ExperimentSettings settings, Action<TrainingMetrics> epochEnded, CancellationToken cancellation)
        where TOptions : NeuralTrainerOptions
    {
        TOptions options = defaults with
        {
            Epoch = settings.Epochs ?? defaults.Epoch,
            BatchSize = settings.BatchSize ?? defaults.BatchSize,
            LearningRate = settings.LearningRate ?? defaults.LearningRate,
            ValidationSetFraction = settings.ValidationFraction ?? defaults.ValidationSetFraction,
            BalancedClassWeights = settings.BalancedClassWeights,
            Oversampling = settings.Oversampling ?? Oversampling.None,
            FocalGamma = settings.FocalGamma,
            KeepLastEpoch = settings.KeepLastEpoch,
            EarlyStoppingCriteria = settings.EarlyStoppingPatience is { } patience ? defaults.EarlyStoppingCriteria with { Patience = patience } : defaults.EarlyStoppingCriteria,
            ValidationGroups = settings.ValidationSpeakers.Count == 0 ? null : settings.ValidationSpeakers,
            Precision = settings.Precision,
            MetricsCallback = epochEnded,
            CancellationToken = cancellation,
        };
        options.Validate();
        return options;
    }
}
