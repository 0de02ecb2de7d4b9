using SerPipeline.Console.Hosting;
using SerPipeline.Corpora.Splits;
using SerPipeline.Torch;

namespace SerPipeline.Console.Training;

/// <summary>The options of <c>ser train</c> beyond its corpus. A null leaves the trainer's own default.</summary>
internal sealed record TrainSettings
{
    public static readonly OptionDefinition TrainerOption = new(
        "--trainer", "cnn|mlp", "What to train: cnn, a CNN on spectrogram images, or mlp, a perceptron on utterance features. May be repeated. Default: both.", OptionKind.List)
    { Choices = [TrainerChains.Cnn, TrainerChains.Mlp] };

    public static readonly OptionDefinition ProtocolOption = new(
        "--protocol", "random|speaker",
        "How test clips are chosen: random, whoever speaks, or speaker, so that no test speaker is heard in training. May be repeated. Default: both.", OptionKind.List)
    { Choices = [RandomName, SpeakerName] };

    public static readonly OptionDefinition TestSpeakersOption = new("--test-speakers", "SPEAKERS", "The speakers to test on under --protocol speaker, such as 2,5,14,15,16. Default: drawn.", OptionKind.List);
    public static readonly OptionDefinition TestFractionOption = new("--test-fraction", "F", "The share of clips, or of speakers, to test on. Default: 0.2.");
    public static readonly OptionDefinition ValidationFractionOption = new("--validation-fraction", "F", "The share of training clips that chooses the epoch; 0 for none. Default: the trainer's.");
    public static readonly OptionDefinition EpochsOption = new("--epochs", "N", "At most so many passes over the training clips; early stopping may end before. Default: the trainer's.");
    public static readonly OptionDefinition BatchSizeOption = new("--batch-size", "N", "Clips a step. Default: the trainer's.");
    public static readonly OptionDefinition LearningRateOption = new("--learning-rate", "X", "The highest learning rate of the schedule. Default: the trainer's.");
    public static readonly OptionDefinition SeedOption = new("--seed", "N", "Decides splits, weights, shuffles, dropout and augmentation. Default: 42.");
    public static readonly OptionDefinition PrecisionOption = new("--precision", "auto|float32|bfloat16", "The arithmetic of training. Default: auto, bfloat16 where the processor has it.") { Choices = ["auto", "float32", "bfloat16"] };
    public static readonly OptionDefinition OutOption = new("--out", "DIR", "The run folder to make. Default: runs/TIME-CORPUS.") { Alias = "-o" };
    public static readonly OptionDefinition StrictOption = OptionDefinition.Flag("--strict", "Stop at the first clip that cannot be read, instead of leaving it out.");
    public static readonly OptionDefinition JsonOption = OptionDefinition.Flag("--json", "Write metrics.json to standard output instead of tables.");

    private const string RandomName = "random", SpeakerName = "speaker";
    private const int DefaultSeed = 42;

    public static IReadOnlyList<OptionDefinition> Options { get; } =
    [
        TrainerOption, ProtocolOption, TestSpeakersOption, TestFractionOption, ValidationFractionOption, EpochsOption, BatchSizeOption, LearningRateOption,
        SeedOption, PrecisionOption, OutOption, CacheFolder.Option, CacheFolder.Off, StrictOption, JsonOption,
    ];

    /// <summary>The trainers' names, in order.</summary>
    public required IReadOnlyList<string> Trainers { get; init; }

    /// <summary>The protocols, by their names in <see cref="SplitProtocol"/>.</summary>
    public required IReadOnlyList<string> Protocols { get; init; }

    /// <summary>Whether the user named the protocols; otherwise one that a corpus cannot serve is passed over, with a message.</summary>
    public required bool ProtocolsAreNamed { get; init; }

    /// <summary>The speakers to hold out; empty for drawn ones.</summary>
    public required IReadOnlyList<string> TestSpeakers { get; init; }

    /// <summary>The share to test on.</summary>
    public required double TestFraction { get; init; }

    /// <summary>The share that chooses the epoch.</summary>
    public double? ValidationFraction { get; init; }

    /// <summary>Passes over the training clips.</summary>
    public int? Epochs { get; init; }

    /// <summary>Passes over the training clips for the CNN where <see cref="Epochs"/> is null and the trainer's own number would take too long; null for none.</summary>
    public int? CnnEpochs { get; init; }

    /// <summary>Clips a step.</summary>
    public int? BatchSize { get; init; }

    /// <summary>The highest learning rate.</summary>
    public double? LearningRate { get; init; }

    /// <summary>Decides everything random.</summary>
    public required int Seed { get; init; }

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

    /// <summary>Reads the options.</summary>
    /// <param name="input">The command's settings.</param>
    public static TrainSettings From(CommandInput input)
    {
        IReadOnlyList<string> trainers = input.List(TrainerOption), protocols = input.List(ProtocolOption), speakers = input.List(TestSpeakersOption);
        input.Require(speakers.Count == 0 || protocols.Count == 0 || protocols.Contains(SpeakerName), "--test-speakers needs --protocol speaker: a random split holds out no speakers.");
        return new TrainSettings
        {
            Trainers = trainers.Count == 0 ? TrainerOption.Choices : trainers,
            Protocols = [.. (protocols.Count == 0 ? ProtocolOption.Choices : protocols).Select(p => p == SpeakerName ? SplitProtocol.SpeakerIndependent : SplitProtocol.Random)],
            ProtocolsAreNamed = protocols.Count > 0 || speakers.Count > 0,
            TestSpeakers = speakers,
            TestFraction = input.Number(TestFractionOption, f => f is > 0 and < 1, "a number between 0 and 1") ?? 0.2,
            ValidationFraction = input.Number(ValidationFractionOption, f => f is >= 0 and < 0.9, "a number of at least 0 and below 0.9"),
            Epochs = input.Whole(EpochsOption, 1),
            BatchSize = input.Whole(BatchSizeOption, 1),
            LearningRate = input.Number(LearningRateOption, rate => rate > 0, "a number above 0"),
            Seed = input.Whole(SeedOption, int.MinValue) ?? DefaultSeed,
            Precision = Enum.Parse<ComputePrecision>(input.Text(PrecisionOption) ?? "auto", ignoreCase: true),
            Out = input.Text(OutOption),
            FeatureCache = CacheFolder.FeaturesOf(input),
            Strict = input.Flag(StrictOption),
            Json = input.Flag(JsonOption),
        };
    }

    /// <summary>A protocol's name in folder names: <c>random</c> or <c>speaker</c>.</summary>
    public static string ShortName(string protocol) => protocol == SplitProtocol.SpeakerIndependent ? SpeakerName : protocol;
}
