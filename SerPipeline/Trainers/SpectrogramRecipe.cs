using Microsoft.ML.Transforms.Image;
using SerPipeline.Features;
using SerPipeline.Networks;
using SerPipeline.Transforms;

namespace SerPipeline.Trainers;

/// <summary>
/// Options of <see cref="SpectrogramRecipe"/>. The defaults were chosen on validation clips inside the training part of the paper's split
/// of RAVDESS.
/// </summary>
public sealed record SpectrogramRecipeOptions
{
    /// <summary>Networks over images whose probabilities are averaged.</summary>
    public int ImageMembers { get; init; } = 5;

    /// <summary>Perceptrons over utterance features that are averaged with them; 0 for none.</summary>
    public int VectorMembers { get; init; } = 3;

    /// <summary>Passes over the training clips of each image member.</summary>
    public int Epoch { get; init; } = 60;

    /// <summary>What is done to training images.</summary>
    public AugmentationLevel Augmentation { get; init; } = AugmentationLevel.Masks;

    /// <summary>Whether the image members read the utterance features as well.</summary>
    public bool Prosody { get; init; }

    /// <summary>Heads of the image members' self-attention; 0 for none.</summary>
    public int SelfAttentionHeads { get; init; }

    /// <summary>Dropout before the image members' last layer.</summary>
    public double Dropout { get; init; } = 0.3;

    /// <summary>Dropout of whole channels after each block of the image members.</summary>
    public double ChannelDropout { get; init; }

    /// <summary>Classes whose training clips are drawn again.</summary>
    public Oversampling Oversampling { get; init; } = Oversampling.None;

    /// <summary>
    /// The share of training clips that chooses the epoch; 0, the default, trains on all of them and keeps the last epoch.
    /// </summary>
    public double ValidationSetFraction { get; init; }

    /// <summary>
    /// Epochs without a better validation loss before a training stops; used only where there is a validation part. Null, the default,
    /// stops at none: of all epochs the one of the least validation loss is kept.
    /// </summary>
    public int? EarlyStoppingPatience { get; init; }

    /// <summary>Members trained at once; see <see cref="EnsembleOptions.MaxDegreeOfParallelism"/>.</summary>
    public int MaxDegreeOfParallelism { get; init; } = 1;

    /// <summary>The arithmetic of training.</summary>
    public ComputePrecision Precision { get; init; } = ComputePrecision.Auto;

    /// <summary>Where the networks are trained.</summary>
    public TorchDevice Device { get; init; } = TorchDevice.Auto;

    /// <summary>Called after each epoch of each member, one call at a time.</summary>
    public Action<TrainingMetrics>? MetricsCallback { get; init; }

    /// <summary>Ends the training after the step under way.</summary>
    public CancellationToken CancellationToken { get; init; }

    /// <summary>Checks the options that the members' own checks do not see.</summary>
    /// <exception cref="OptionsException">Lists every problem.</exception>
    public void Validate() => new OptionsCheck(nameof(SpectrogramRecipeOptions))
        .Require(ImageMembers is >= 0 and <= 100, ImageMembers, "be between 0 and 100")
        .Require(VectorMembers is >= 0 and <= 100, VectorMembers, "be between 0 and 100")
        .Require(ImageMembers + VectorMembers >= 1, ImageMembers + VectorMembers, "be at least one member in all",
        "ImageMembers + VectorMembers")
        .Require(Enum.IsDefined(Augmentation), Augmentation, "be None, Masks or Full")
        .Require(EarlyStoppingPatience is null or >= 1, EarlyStoppingPatience, "be at least 1, or null for none")
        .ThrowIfAny();
}

/// <summary>
/// The strongest chain of this library on RAVDESS, from a file's path to a label, in one place: networks over log-mel images and
/// perceptrons over utterance features,
/// averaged. Every member can also be trained alone, anywhere and in any order, and its scores averaged later: it is the same training as
/// within the ensemble.
/// </summary>
public static class SpectrogramRecipe
{
    private const string Features = "Features";

    // Frames 16 ms apart, 128 of them: the two seconds of the default image at two thirds of its cost.
    private const int HopSamples = 256, Frames = 128;

    /// <summary>
    /// The members' trainings in order: those over images, then those over utterance features. Their seeds are set from one.
    /// </summary>
    /// <param name="seed">Decides everything random.</param>
    /// <param name="options">The recipe; the defaults when null.</param>
    /// <exception cref="OptionsException">An option cannot be used.</exception>
    public static IReadOnlyList<NeuralTrainerOptions> Members(int seed, SpectrogramRecipeOptions? options = null)
    {
        options ??= new();
        options.Validate();
        return
        [
            .. Enumerable.Range(0, options.ImageMembers + options.VectorMembers)
                .Select(i => Member(options, i) with { Seed = EnsembleOptions.MemberSeed(seed, i), ValidationSeed = seed }),
        ];
    }

    /// <summary>
    /// The whole chain, from column <c>Path</c> and text column <c>Label</c> on: all members as one stage, which adds their mean
    /// probabilities.
    /// </summary>
    /// <param name="ml">The context; its seed decides everything random, <see cref="NeuralTrainerOptions.DefaultSeed"/> where it has
    /// none.</param>
    /// <param name="options">The recipe; the defaults when null.</param>
    /// <param name="reading">How clips are read.</param>
    /// <exception cref="OptionsException">An option cannot be used.</exception>
    public static IEstimator<ITransformer> Create(MLContext ml, SpectrogramRecipeOptions? options = null, AudioReading? reading = null)
    {
        ArgumentNullException.ThrowIfNull(ml);
        options ??= new();
        return Create(ml, options, Members(NeuralTrainer.SeedOf(null, ml), options), reading);
    }

    /// <summary>The chain of one member alone.</summary>
    /// <param name="ml">The context; the same seed as the ensemble's.</param>
    /// <param name="member">The member's place among <see cref="Members"/>, from 0.</param>
    /// <param name="options">The recipe; the defaults when null.</param>
    /// <param name="reading">How clips are read.</param>
    /// <exception cref="OptionsException">An option cannot be used.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such member.</exception>
    public static IEstimator<ITransformer> CreateMember(MLContext ml, int member, SpectrogramRecipeOptions? options = null,
        AudioReading? reading = null)
    {
        ArgumentNullException.ThrowIfNull(ml);
        options ??= new();
        IReadOnlyList<NeuralTrainerOptions> members = Members(NeuralTrainer.SeedOf(null, ml), options);
        ArgumentOutOfRangeException.ThrowIfNegative(member);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(member, members.Count);
        return Create(ml, options, [members[member]], reading);
    }

    private static EstimatorChain<ITransformer> Create(MLContext ml, SpectrogramRecipeOptions options,
        IReadOnlyList<NeuralTrainerOptions> members, AudioReading? reading)
    {
        bool images = members.Any(member => member is ImageClassificationOptions), vectors = options.Prosody
            || members.Any(member => member is MlpOptions);
        EstimatorChain<ITransformer> chain = new EstimatorChain<ITransformer>()
            .Append<ITransformer>(ml.Transforms.LoadAudio("Waveform", "Path", reading: reading))
            .Append<ITransformer>(ml.Transforms.Conversion.MapValueToKey("Label"));
        if (images)
            chain = chain.Append<ITransformer>(ml.Transforms.LogMelSpectrogram("Spectrogram", "Waveform",
                new LogMelOptions { HopSamples = HopSamples }))
                .Append<ITransformer>(ml.Transforms.SpectrogramImage("Image", "Spectrogram",
                new SpectrogramRendererOptions { Width = Frames }))
                .Append<ITransformer>(ml.Transforms.ExtractPixels("Pixels", "Image", ImagePixelExtractingEstimator.ColorBits.Red));
        // fixZero would leave the mean where it is.
        if (vectors)
            chain = chain.Append<ITransformer>(ml.Transforms.UtteranceFeatures(Features, "Waveform"))
                .Append<ITransformer>(ml.Transforms.NormalizeMeanVariance(Features, fixZero: false));
        var ensemble = new EnsembleOptions { Members = members, MaxDegreeOfParallelism = options.MaxDegreeOfParallelism };
        return chain.Append<ITransformer>(ml.MulticlassClassification.Trainers.Ensemble(ensemble))
            .Append<ITransformer>(ml.Transforms.Conversion.MapKeyToValue("PredictedLabel"));
    }

    internal static NeuralTrainerOptions Member(SpectrogramRecipeOptions options, int index)
    {
        NeuralTrainerOptions own = index < options.ImageMembers ? Image(options)
            : new MlpOptions { Epoch = 120, HiddenUnits = [512, 256], Dropout = 0.5 };
        return own with
        {
            Oversampling = options.Oversampling,
            ValidationSetFraction = options.ValidationSetFraction,
            KeepLastEpoch = options.EarlyStoppingPatience is null && options.ValidationSetFraction == 0,
            EarlyStoppingCriteria = new EarlyStoppingCriteria { Patience = options.EarlyStoppingPatience ?? int.MaxValue },
            Precision = options.Precision,
            Device = options.Device,
            MetricsCallback = options.MetricsCallback,
            CancellationToken = options.CancellationToken,
        };
    }

    private static ImageClassificationOptions Image(SpectrogramRecipeOptions options) => new()
    {
        Epoch = options.Epoch,
        BatchSize = 16,
        LabelSmoothing = 0.05,
        ProsodyColumnName = options.Prosody ? Features : null,
        Architecture = new SpectrogramCnnOptions
        {
            SelfAttentionHeads = options.SelfAttentionHeads,
            Dropout = options.Dropout,
            ChannelDropout = options.ChannelDropout
        },
        Augmentation = Augmentation(options.Augmentation),
    };

    // Lighter than the trainer's own: a random split leaves a clip's second take in training, and a network that fits closely finds it.
    private static SpectrogramAugmentationOptions Augmentation(AugmentationLevel level) => level == AugmentationLevel.None
        ? SpectrogramAugmentationOptions.None : new()
        {
            TimeRollFrames = 8,
            FrequencyMaskBands = 5,
            TimeMaskFrames = 10,
            MixupAlpha = 0,
            SpeedPerturbation = level == AugmentationLevel.Full ? 0.08 : 0,
        };
}
