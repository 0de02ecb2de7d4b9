using SerPipeline.Console.Data;
using SerPipeline.Console.Hosting;
using SerPipeline.Experiments;

namespace SerPipeline.Console.Training;

/// <summary>The options of <c>ser train</c> beyond its corpus.</summary>
internal static class TrainOptions
{
    public static readonly OptionDefinition Trainer = new(
        "--trainer", "cnn|mlp", "What to train: cnn, a CNN on spectrogram images, or mlp, a perceptron on utterance features. May be repeated. Default: both.", OptionKind.List)
    { Choices = [TrainerChains.Cnn, TrainerChains.Mlp] };

    public static readonly OptionDefinition Protocol = new(
        "--protocol", string.Join('|', ProtocolNames.All),
        """
        How test clips are chosen. Speakers shared with training: random (a stratified share), paper (numpy's permutation with seed 42), kfold. New speakers only:
        speaker (a share of them), speaker-5fold, loso (each in turn). New corpora: cross (train on some, test on others). May be repeated. Default: random and speaker.
        """.ReplaceLineEndings(" "), OptionKind.List)
    { Choices = ProtocolNames.All };

    public static readonly OptionDefinition TestSpeakers = new("--test-speakers", "SPEAKERS", "The speakers to test on under --protocol speaker, such as 2,5,14,15,16. Default: drawn.", OptionKind.List);
    public static readonly OptionDefinition TestFraction = new("--test-fraction", "F", "The share of clips (random), or of speakers (speaker), to test on. Default: 0.2.");
    public static readonly OptionDefinition Folds = new("--folds", "N", "How many folds --protocol kfold has. Default: 5.");
    public static readonly OptionDefinition FoldFile = new("--fold-file", "FILE", "The folds of a speaker protocol, as folds.json of a run folder lists them. Default: published folds, or drawn.");
    public static readonly OptionDefinition TrainOn = new("--train-on", "CORPORA", "Under --protocol cross, the corpora to train on together. Default: each in turn.", OptionKind.List);
    public static readonly OptionDefinition TestOn = new("--test-on", "CORPORA", "Under --protocol cross, the corpora to test on. Default: all that are not trained on.", OptionKind.List);
    public static readonly OptionDefinition ValidationFraction = new("--validation-fraction", "F", "The share of training clips, or speakers, that chooses the epoch; 0 for none. Default: the trainer's.");
    public static readonly OptionDefinition ClassWeights = new("--class-weights", "none|balanced", "Whether each class weighs in the loss by the inverse of its frequency. Default: none.") { Choices = ["none", "balanced"] };

    public static readonly OptionDefinition Oversample = new(
        "--oversample", "none|minority|all", "Repeat clips of the rarest class, or of all rarer ones, until they are as many as the most frequent; inside training only. Default: none.")
    { Choices = ["none", "minority", "all"] };

    public static readonly OptionDefinition FocalGamma = new("--focal-gamma", "G", "The focal loss's exponent: hard clips count more; 0 is plain cross entropy. Default: 0.");
    public static readonly OptionDefinition Epochs = new("--epochs", "N", "At most so many passes over the training clips; early stopping may end before. Default: the trainer's.");
    public static readonly OptionDefinition BatchSize = new("--batch-size", "N", "Clips a step. Default: the trainer's.");
    public static readonly OptionDefinition LearningRate = new("--learning-rate", "X", "The highest learning rate of the schedule. Default: the trainer's.");
    public static readonly OptionDefinition SelfAttention = new("--self-attention", "HEADS", "Self-attention over frames in so many heads before the CNN's pooling; 0 for none. Default: 0.");
    public static readonly OptionDefinition Dropout = new("--dropout", "P", "The dropout before the CNN's last layer, and after the MLP's hidden layers. Default: the trainer's.");
    public static readonly OptionDefinition ChannelDropout = new("--channel-dropout", "P", "The dropout of whole channels after each block of the CNN. Default: the trainer's.");

    public static readonly OptionDefinition EarlyStopping = new(
        "--early-stopping", "N|none", "Stop after N epochs without a better validation loss, and keep the best epoch; none: train all epochs and keep the last. Default: the trainer's.");

    public static readonly OptionDefinition Augment = new(
        "--augment", "none|masks|full", "What is done to the CNN's training images: nothing; time roll, masks and mixup; or these and speed perturbation. Default: masks.")
    { Choices = ["none", "masks", "full"] };

    public static readonly OptionDefinition Ensemble = new("--ensemble", "N", "Train N networks that differ in their seeds, and average their probabilities. Default: 1.");
    public static readonly OptionDefinition Prosody = OptionDefinition.Flag("--prosody", "The CNN's last layer also reads the utterance features: pitch, energy, voice quality, rhythm.");
    public static readonly OptionDefinition Seed = new("--seed", "N", "Decides splits, weights, shuffles, dropout and augmentation. Several (42,1,2) repeat everything with each. Default: 42.", OptionKind.List);
    public static readonly OptionDefinition Precision = new("--precision", "auto|float32|bfloat16", "The arithmetic of training. Default: auto, bfloat16 where the processor has it.") { Choices = ["auto", "float32", "bfloat16"] };
    public static readonly OptionDefinition Config = new("--config", "FILE", "An .mbconfig of ser generate or of ML.NET Model Builder: train what it says, and append the trial to its run history. Options given beside it count more.");
    public static readonly OptionDefinition Out = new("--out", "DIR", "The run folder to make. Default: runs/TIME-CORPUS.") { Alias = "-o" };
    public static readonly OptionDefinition Strict = OptionDefinition.Flag("--strict", "Stop at the first clip that cannot be read, instead of leaving it out.");
    public static readonly OptionDefinition Json = OptionDefinition.Flag("--json", "Write metrics.json to standard output instead of tables.");

    /// <summary>All of them, in the order help lists them.</summary>
    public static IReadOnlyList<OptionDefinition> All { get; } =
    [
        Trainer, Protocol, TestSpeakers, TestFraction, Folds, FoldFile, TrainOn, TestOn, ValidationFraction, ClassWeights, Oversample, FocalGamma,
        Epochs, BatchSize, LearningRate, SelfAttention, Dropout, ChannelDropout, EarlyStopping, Augment, Ensemble, Prosody, Seed, Precision, Config, Out, CacheFolder.Option, CacheFolder.Off, Strict, Json,
    ];
}
