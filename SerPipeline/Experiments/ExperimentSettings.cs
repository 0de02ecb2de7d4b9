using System.Text.Json.Serialization;
using SerPipeline.Old.Torch;
using SerPipeline.Splits;
using SerPipeline.Trainers;

namespace SerPipeline.Experiments;

/// <summary>What a user set for <c>ser train</c> beyond its corpus. A null leaves the trainer's own default.</summary>
internal sealed record ExperimentSettings
{
    /// <summary>The trainers' names, in order.</summary>
    public required IReadOnlyList<string> Trainers { get; init; }

    /// <summary>The protocols, by their names in <see cref="SplitProtocol"/>.</summary>
    public required IReadOnlyList<string> Protocols { get; init; }

    /// <summary>Whether the user named the protocols; otherwise one that a corpus cannot serve is passed over, with a message.</summary>
    public required bool ProtocolsAreNamed { get; init; }

    /// <summary>The speakers to hold out; empty for drawn ones.</summary>
    public required IReadOnlyList<string> TestSpeakers { get; init; }

    /// <summary>The settings that were given, by their names in configuration; places on this machine are none of them.</summary>
    public IReadOnlyDictionary<string, string> Given { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// What a model's record keeps of the settings, so that its training can be asked for again, by trainer, protocol's short name and seed. Default: null, nothing.
    /// </summary>
    [JsonIgnore]
    public Func<string, string, int, IReadOnlyDictionary<string, string>>? SettingsOfModel { get; init; }

    /// <summary>The share to test on.</summary>
    public required double TestFraction { get; init; }

    /// <summary>The folds of <see cref="SplitProtocol.KFold"/>.</summary>
    public required int Folds { get; init; }

    /// <summary>The file with the folds of a speaker protocol, or null.</summary>
    public string? FoldFile { get; init; }

    /// <summary>The corpora to train on under <see cref="SplitProtocol.CrossCorpus"/>.</summary>
    public required IReadOnlyList<string> TrainOn { get; init; }

    /// <summary>The corpora to test on under <see cref="SplitProtocol.CrossCorpus"/>.</summary>
    public required IReadOnlyList<string> TestOn { get; init; }

    /// <summary>The share that chooses the epoch.</summary>
    public double? ValidationFraction { get; init; }

    /// <summary>The speakers of the validation part, where a fold file names them; empty for drawn ones.</summary>
    public IReadOnlyList<string> ValidationSpeakers { get; init; } = [];

    /// <summary>Whether classes weigh by the inverse of their frequency.</summary>
    public required bool BalancedClassWeights { get; init; }

    /// <summary>Which classes are drawn again inside training; null leaves it to the data set.</summary>
    public Oversampling? Oversampling { get; init; }

    /// <summary>The focal loss's exponent.</summary>
    public required double FocalGamma { get; init; }

    /// <summary>Passes over the training clips.</summary>
    public int? Epochs { get; init; }

    /// <summary>Passes over the training clips for the CNN where <see cref="Epochs"/> is null and the trainer's own number would take too long; null for none.</summary>
    public int? CnnEpochs { get; init; }

    /// <summary>Clips a step.</summary>
    public int? BatchSize { get; init; }

    /// <summary>The highest learning rate.</summary>
    public double? LearningRate { get; init; }

    /// <summary>Heads of the CNN's self-attention; 0 for none.</summary>
    public int SelfAttentionHeads { get; init; }

    /// <summary>The dropout before the CNN's last layer, and after the MLP's hidden ones.</summary>
    public double? Dropout { get; init; }

    /// <summary>The dropout of whole channels of the CNN.</summary>
    public double? ChannelDropout { get; init; }

    /// <summary>Whether the last epoch is kept, whatever the validation part says.</summary>
    public bool KeepLastEpoch { get; init; }

    /// <summary>Epochs without a better validation loss before a training stops.</summary>
    public int? EarlyStoppingPatience { get; init; }

    /// <summary>What is done to the CNN's training images.</summary>
    public AugmentationLevel Augmentation { get; init; } = AugmentationLevel.Masks;

    /// <summary>Networks whose probabilities are averaged.</summary>
    public int Ensemble { get; init; } = 1;

    /// <summary>Whether the CNN reads the utterance features as well.</summary>
    public bool Prosody { get; init; }

    /// <summary>The seeds; each decides everything random of its runs.</summary>
    public required IReadOnlyList<int> Seeds { get; init; }

    /// <summary>The arithmetic of training.</summary>
    public required ComputePrecision Precision { get; init; }

    /// <summary>The run folder, or null for one named by time and corpus.</summary>
    public string? Out { get; init; }

    /// <summary>The feature cache, or null for none.</summary>
    public string? FeatureCache { get; init; }

    /// <summary>Whether a bad clip ends the run.</summary>
    public required bool Strict { get; init; }

    /// <summary>Whether standard output gets JSON.</summary>
    public required bool Json { get; init; }
}
