using Microsoft.ML.Trainers;
using SerPipeline.Networks;
using SerPipeline.Trainers;

namespace SerPipeline.Experiments;

/// <summary>
/// A trainer of the caller's own over utterance features, standardised, beside those of <see cref="TrainerChains.Names"/>: any of ML.NET's.
/// </summary>
/// <param name="Name">What <see cref="ExperimentSettings.Trainers"/> calls it, such as <c>lightgbm</c>.</param>
/// <param name="Description">What it makes, in words for a report.</param>
/// <param name="Create">Makes it, from columns <c>Features</c> and <c>Label</c> (a key) to <c>Score</c> and <c>PredictedLabel</c>; the
/// context has the run's seed.</param>
/// <param name="Settings">What differs from its defaults, for the run's record.</param>
public sealed record FeatureTrainer(string Name, string Description, Func<MLContext, IEstimator<ITransformer>> Create,
    IReadOnlyDictionary<string, object?>? Settings = null);

/// <summary>One trainer of <c>ser train</c>.</summary>
internal sealed record TrainerKind(string Name, string Description, Func<ExperimentSettings, object> Options,
    Func<MLContext, object, ExperimentSettings, IEstimator<ITransformer>> Create)
{
    // What early stopping watches where the trainer holds nothing out by itself.
    private const double StoppingFraction = 0.1;

    private static readonly TrainerKind[] Kinds =
    [
        new(TrainerChains.Lda, "Linear discriminant analysis over utterance features", _ => new LinearDiscriminantOptions(), Own)
        { CanAdapt = true },
        new(TrainerChains.Cnn, "A convolutional network over log-mel spectrogram images",
            settings => Apply(CnnOf(settings), settings with { Epochs = settings.Epochs ?? settings.CnnEpochs }), Own)
        { ReadsImages = true, ReadsFeatures = false },
        new(TrainerChains.ResNet18, "A ResNet18 with ImageNet's weights, trained on over log-mel spectrogram images",
            settings => Apply(ResNet18Of(settings), settings), Own)
        { ReadsImages = true, ReadsFeatures = false },
        new(TrainerChains.Mlp, "A multilayer perceptron over utterance features", settings => Apply(MlpOf(settings), settings), Own)
        { CanAdapt = true },
        new("lstm", "The paper's LSTM over utterance features", settings => Apply(new LstmOptions(), settings), Own) { CanAdapt = true },
        new("conv1d", "The paper's 1-D convolutional network over utterance features",
            settings => Apply(new Conv1dOptions(), settings), Own)
        { CanAdapt = true },
        Of(new FeatureTrainer("lbfgs", "Maximum entropy (ML.NET's LbfgsMaximumEntropy) over utterance features",
            ml => ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy())),
        Of(new FeatureTrainer("svm", "Linear support vector machines, one a label, Platt-calibrated (ML.NET's OneVersusAll of LinearSvm), "
            + "over utterance features", ml => ml.MulticlassClassification.Trainers.OneVersusAll(
                ml.BinaryClassification.Trainers.LinearSvm(new LinearSvmTrainer.Options { NumberOfIterations = SvmPasses })),
            new Dictionary<string, object?> { ["numberOfIterations"] = SvmPasses })),
        new(TrainerChains.Recipe, "The mean of linear discriminant analysis, a perceptron, a convolutional network and a ResNet18 with "
            + "ImageNet's weights", settings => Recipe(settings, RecipeCnn(settings), RecipeResNet18(settings)), Own)
        { ReadsImages = true, CanAdapt = true, Adapts = true },
        new("recipe-medium", "The mean of linear discriminant analysis, a perceptron and a convolutional network",
            settings => Recipe(settings, RecipeCnn(settings)), Own)
        { ReadsImages = true, CanAdapt = true, Adapts = true },
        new("recipe-small", "The mean of linear discriminant analysis and a perceptron", settings => Recipe(settings), Own)
        { CanAdapt = true, Adapts = true },
    ];

    // ML.NET's default of one pass leaves the weights near where they began.
    private const int SvmPasses = 20;

    public static IReadOnlyList<TrainerKind> All => Kinds;

    /// <summary>Whether it reads spectrogram images.</summary>
    public bool ReadsImages { get; init; }

    /// <summary>Whether it reads utterance features.</summary>
    public bool ReadsFeatures { get; init; } = true;

    /// <summary>Whether its features can have a speaker's offset taken out.</summary>
    public bool CanAdapt { get; init; }

    /// <summary>Whether it does so, and learns from copies at other speeds, unless told otherwise.</summary>
    public bool Adapts { get; init; }

    /// <summary>The trainer of a name.</summary>
    public static TrainerKind Of(string name, ExperimentSettings settings) =>
        Kinds.Concat(settings.FeatureTrainers.Select(Of)).FirstOrDefault(kind => kind.Name == name)
            ?? throw new ArgumentOutOfRangeException(nameof(name), name, "There is no such trainer; there are "
                + $"{string.Join(", ", Kinds.Select(kind => kind.Name).Concat(settings.FeatureTrainers.Select(one => one.Name)))}.");

    /// <summary>The epochs at most of each network, in the order in which they are trained.</summary>
    public static IReadOnlyList<int> EpochsOf(object options, int ensemble) => options switch
    {
        NeuralTrainerOptions network => [.. Enumerable.Repeat(network.Epoch, ensemble)],
        VoiceEnsembleOptions voices => [.. voices.NetworksInOrder.Select(network => network.Epoch)],
        _ => [],
    };

    private static TrainerKind Of(FeatureTrainer trainer) => new(trainer.Name, trainer.Description,
        _ => trainer.Settings ?? new Dictionary<string, object?>(), (ml, _, _) => trainer.Create(ml));

    private static IEstimator<ITransformer> Own(MLContext ml, object options, ExperimentSettings settings) => (options,
        settings.Ensemble) switch
    {
        (VoiceEnsembleOptions voices, _) => ml.MulticlassClassification.Trainers.VoiceEnsemble(voices),
        (LinearDiscriminantOptions linear, _) => ml.MulticlassClassification.Trainers.LinearDiscriminant(linear),
        (NeuralTrainerOptions network, > 1) => ml.MulticlassClassification.Trainers.Ensemble(EnsembleOptions.Of(network,
            settings.Ensemble)),
        (ImageClassificationOptions image, _) => ml.MulticlassClassification.Trainers.ImageClassification(image),
        (ResNet18Options network, _) => ml.MulticlassClassification.Trainers.ResNet18(network),
        (MlpOptions mlp, _) => ml.MulticlassClassification.Trainers.Mlp(mlp),
        (LstmOptions lstm, _) => ml.MulticlassClassification.Trainers.Lstm(lstm),
        (Conv1dOptions conv, _) => ml.MulticlassClassification.Trainers.Conv1d(conv),
        _ => throw new ArgumentOutOfRangeException(nameof(options), options.GetType().Name, "No trainer takes these options."),
    };

    // Fixed beforehand, nothing of it tuned on a test part: each member has the same weight, every network its last epoch.
    private static VoiceEnsembleOptions Recipe(ExperimentSettings settings, params NeuralTrainerOptions[] images)
    {
        ExperimentSettings schedule = Fixed(settings);
        return new VoiceEnsembleOptions
        {
            Members = [VoiceMember.Of(new LinearDiscriminantOptions()), VoiceMember.Of(Apply(MlpOf(settings), schedule)),
                .. images.Select(image => VoiceMember.Of(image))],
        };
    }

    private static ImageClassificationOptions RecipeCnn(ExperimentSettings settings) => Apply(
        CnnOf(Fixed(settings) with { Augmentation = AugmentationLevel.Full }),
        Fixed(settings) with { Epochs = settings.Epochs ?? settings.CnnEpochs });

    private static ResNet18Options RecipeResNet18(ExperimentSettings settings) => Apply(ResNet18Of(Fixed(settings)), Fixed(settings));

    // What only some trainers read is for those that stand beside a recipe.
    private static ExperimentSettings Fixed(ExperimentSettings settings) => settings with
    {
        ValidationFraction = 0,
        KeepLastEpoch = true,
        EarlyStoppingPatience = null,
        Augmentation = AugmentationLevel.Masks,
        SelfAttentionHeads = 0,
        ChannelDropout = null,
        RandomWeights = false,
        Stages = null,
        FrozenStages = null,
        Prosody = false,
    };

    private static ImageClassificationOptions CnnOf(ExperimentSettings settings)
    {
        var defaults = new SpectrogramCnnOptions();
        return new ImageClassificationOptions
        {
            FeatureColumnName = "Pixels",
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

    private static ResNet18Options ResNet18Of(ExperimentSettings settings)
    {
        var defaults = new ResNet18Options();
        return defaults with
        {
            Pretrained = !settings.RandomWeights,
            Stages = settings.Stages ?? defaults.Stages,
            FrozenStages = settings.FrozenStages ?? defaults.FrozenStages,
            Dropout = settings.Dropout ?? defaults.Dropout,
            Augmentation = SpectrogramAugmentationOptions.Of(settings.Augmentation),
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
            // Stopping early is asked for, and something must say when.
            ValidationSetFraction = settings.ValidationFraction ?? (settings.EarlyStoppingPatience is null
                ? defaults.ValidationSetFraction : StoppingFraction),
            BalancedClassWeights = settings.BalancedClassWeights,
            Oversampling = settings.Oversampling ?? Oversampling.None,
            FocalGamma = settings.FocalGamma,
            KeepLastEpoch = settings.KeepLastEpoch || (defaults.KeepLastEpoch && settings.EarlyStoppingPatience is null),
            EarlyStoppingCriteria = settings.EarlyStoppingPatience is { } patience
            ? defaults.EarlyStoppingCriteria with { Patience = patience }
            : defaults.EarlyStoppingCriteria,
            ValidationGroups = settings.ValidationSpeakers.Count == 0 || settings.ValidationFraction == 0 ? null
                : settings.ValidationSpeakers,
            Precision = settings.Precision == ComputePrecision.Auto ? defaults.Precision : settings.Precision,
            Device = settings.Device,
        };
}
