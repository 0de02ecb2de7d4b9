using System.Text.Json.Serialization;
using SerPipeline.Networks;
using SerPipeline.Splits;
using SerPipeline.Trainers;

namespace SerPipeline.Experiments;

/// <summary>What one vector tells of a clip.</summary>
public enum FeatureSet
{
    /// <summary><see cref="SerPipeline.Features.UtteranceFeatures"/>: 743 values.</summary>
    Utterance,

    /// <summary><see cref="SerPipeline.Features.GemapsFeatures"/>: 88 values like those of eGeMAPS.</summary>
    Gemaps,

    /// <summary>Both, in this order.</summary>
    Both,
}

/// <summary>
/// What <see cref="ExperimentRunner"/> trains, and how: every trainer under every protocol with every seed. A null leaves the trainer's
/// own default. run.json records it as the option <c>command</c>.
/// </summary>
public sealed record ExperimentSettings
{
    /// <summary>The trainers, of <see cref="TrainerChains.Names"/> or <see cref="FeatureTrainers"/>, in the order of the runs. Default:
    /// <see cref="TrainerChains.Default"/>.</summary>
    public IReadOnlyList<string> Trainers { get; init; } = TrainerChains.Default;

    /// <summary>Trainers over utterance features that this library does not bring, such as ML.NET's LightGbm. Default: none.</summary>
    [JsonIgnore]
    public IReadOnlyList<FeatureTrainer> FeatureTrainers { get; init; } = [];

    /// <summary>The vector that trainers over features read. Default: utterance features.</summary>
    public FeatureSet Features { get; init; }

    /// <summary>Copies of the training clips to learn from too. Null, the default: the recipes learn from copies at other speeds, other
    /// trainers from none.</summary>
    public IReadOnlyList<TrainingCopy>? Copies { get; init; }

    /// <summary>Train a second model for speakers of whom a few clips are known, see <see cref="SpeakerAdaptation"/>; refused
    /// where a training clip names no speaker. Null: the recipes do where all are named, and every trainer under a protocol with
    /// enrolled clips.</summary>
    public bool? Adapt { get; init; }

    /// <summary>The protocols, by their names in <see cref="SplitProtocol"/>. Default: random and speaker-independent.</summary>
    public IReadOnlyList<string> Protocols { get; init; } = ProtocolNames.Default;

    /// <summary>
    /// True: a protocol that a corpus cannot serve is an error. False, the default: the speaker-independent protocol is skipped, with a
    /// message, for a corpus that does not name its speakers or has only one.
    /// </summary>
    public bool ProtocolsAreNamed { get; init; }

    /// <summary>The speakers to test on under <see cref="SplitProtocol.SpeakerIndependent"/>. Default: empty, drawn at random.</summary>
    public IReadOnlyList<string> TestSpeakers { get; init; } = [];

    /// <summary>The options of <c>ser train</c> that were given, by their keys in configuration; no paths of this machine. Default:
    /// none.</summary>
    public IReadOnlyDictionary<string, string> Given { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// The settings that a model records so that its training can be repeated, from trainer, short name of the protocol and seed.
    /// Default: null, none.
    /// </summary>
    [JsonIgnore]
    public Func<string, string, int, IReadOnlyDictionary<string, string>>? SettingsOfModel { get; init; }

    /// <summary>The share of clips (random) or of speakers (speaker-independent) to test on, between 0 and 1. Default: 0.2.</summary>
    public double TestFraction { get; init; } = 0.2;

    /// <summary>The number of folds of <see cref="SplitProtocol.KFold"/>, at least 2. Default: 5.</summary>
    public int Folds { get; init; } = 5;

    /// <summary>A folds.json with the folds of a speaker protocol. Default: null, published folds or random ones.</summary>
    public string? FoldFile { get; init; }

    /// <summary>The corpora to train on together under <see cref="SplitProtocol.CrossCorpus"/>. Default: empty, each in turn.</summary>
    public IReadOnlyList<string> TrainOn { get; init; } = [];

    /// <summary>The corpora to test on under <see cref="SplitProtocol.CrossCorpus"/>. Default: empty, all that are not trained
    /// on.</summary>
    public IReadOnlyList<string> TestOn { get; init; } = [];

    /// <summary>The share of training clips, or of training speakers under speaker protocols, held out to choose the epoch; 0 for
    /// none.</summary>
    public double? ValidationFraction { get; init; }

    // Set for each fold: the speakers that its fold file names, or the part that the corpus gives; empty draws them.
    internal IReadOnlyList<string> ValidationSpeakers { get; init; } = [];

    /// <summary>Weight each class in the loss by the inverse of its frequency. Default: false.</summary>
    public bool BalancedClassWeights { get; init; }

    /// <summary>Which classes are repeated inside the training part; null leaves it to the data set.</summary>
    public Oversampling? Oversampling { get; init; }

    /// <summary>Exponent of the focal loss (Lin et al. 2017), from 0 to 10. Default: 0, plain cross entropy.</summary>
    public double FocalGamma { get; init; }

    /// <summary>Maximum number of epochs.</summary>
    public int? Epochs { get; init; }

    /// <summary>Maximum number of epochs of the CNN where <see cref="Epochs"/> is null, for demos that must be quick. Default:
    /// null.</summary>
    public int? CnnEpochs { get; init; }

    /// <summary>Batch size, in clips.</summary>
    public int? BatchSize { get; init; }

    /// <summary>Peak learning rate of the schedule.</summary>
    public double? LearningRate { get; init; }

    /// <summary>Heads of the CNN's self-attention over frames. Default: 0, none.</summary>
    public int SelfAttentionHeads { get; init; }

    /// <summary>Dropout before the last layer of the networks over images and after the MLP's hidden layers.</summary>
    public double? Dropout { get; init; }

    /// <summary>Dropout of whole channels after each block of the CNN.</summary>
    public double? ChannelDropout { get; init; }

    /// <summary>Let ResNet18 begin with random weights instead of ImageNet's. Default: false.</summary>
    public bool RandomWeights { get; init; }

    /// <summary>Stages of ResNet18 that are kept, 1 to 4.</summary>
    public int? Stages { get; init; }

    /// <summary>First stages of ResNet18 that keep their weights.</summary>
    public int? FrozenStages { get; init; }

    /// <summary>Train all epochs and keep the last, whatever the validation part says. Default: false.</summary>
    public bool KeepLastEpoch { get; init; }

    /// <summary>Epochs without a better validation loss after which training stops.</summary>
    public int? EarlyStoppingPatience { get; init; }

    /// <summary>Augmentation of training images. Default: time roll, masks and mixup.</summary>
    public AugmentationLevel Augmentation { get; init; } = AugmentationLevel.Masks;

    /// <summary>Networks with different seeds whose probabilities are averaged. Default: 1.</summary>
    public int Ensemble { get; init; } = 1;

    /// <summary>Let the CNN's last layer read the utterance features as well. Default: false.</summary>
    public bool Prosody { get; init; }

    /// <summary>The seeds; each decides splits, weights, shuffling, dropout and augmentation of its runs. Default: 42.</summary>
    public IReadOnlyList<int> Seeds { get; init; } = [42];

    /// <summary>After folds, train once more on all clips, for the median of the epochs that the folds kept, and save that model at the top
    /// of the experiment's folder. Default: true.</summary>
    public bool Final { get; init; } = true;

    /// <summary>Numeric precision of training. Default: bfloat16 where the processor has it, else float32.</summary>
    public ComputePrecision Precision { get; init; } = ComputePrecision.Auto;

    /// <summary>Where networks train. Default: CUDA where available, else the CPU.</summary>
    public TorchDevice Device { get; init; } = TorchDevice.Auto;

    /// <summary>The folder that keeps computed features between runs. Default: null, a temporary one for each run.</summary>
    public string? FeatureCache { get; init; }

    /// <summary>Keep clips that make scores wrong, see <see cref="Corpora.CorpusTrouble"/>. Default: false, they are left out and
    /// listed.</summary>
    public bool KeepDoubtful { get; init; }

    /// <summary>True: a clip that cannot be read, or would be left out, ends the run. False, the default: it is left out and
    /// reported.</summary>
    public bool Strict { get; init; }
}
