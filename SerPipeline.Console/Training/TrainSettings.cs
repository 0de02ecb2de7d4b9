using System.Globalization;
using SerPipeline.Console.Data;
using SerPipeline.Console.Hosting;
using SerPipeline.Old.Torch;
using SerPipeline.Splits;
using SerPipeline.Trainers;

namespace SerPipeline.Console.Training;

/// <summary>What a user set for <c>ser train</c> beyond its corpus. A null leaves the trainer's own default.</summary>
internal sealed record TrainSettings
{
    private const int DefaultSeed = 42;

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

    /// <summary>Reads the options.</summary>
    /// <param name="input">The command's settings.</param>
    public static TrainSettings From(CommandInput input)
    {
        IReadOnlyList<string> trainers = input.List(TrainOptions.Trainer), speakers = input.List(TrainOptions.TestSpeakers);
        IReadOnlyList<string> trainOn = input.List(TrainOptions.TrainOn), testOn = input.List(TrainOptions.TestOn);
        string[] named = [.. input.List(TrainOptions.Protocol).Select(ProtocolNames.ProtocolOf)];
        string? foldFile = input.Text(TrainOptions.FoldFile);
        input.Require(speakers.Count == 0 || named.Length == 0 || named.Contains(SplitProtocol.SpeakerIndependent), "--test-speakers needs --protocol speaker: the other protocols choose the speakers themselves.");
        input.Require(foldFile is null || named.Any(SplitProtocol.KeepsSpeakersApart), "--fold-file needs --protocol speaker, speaker-5fold or loso: it lists the speakers of each fold.");
        input.Require(foldFile is null || speakers.Count == 0, "--fold-file and --test-speakers both say who is tested: give one of them.");
        input.Require((trainOn.Count == 0 && testOn.Count == 0) || named.Contains(SplitProtocol.CrossCorpus), "--train-on and --test-on need --protocol cross.");
        double? testFraction = input.Number(TrainOptions.TestFraction, f => f is > 0 and < 1, "a number between 0 and 1");
        bool takesFraction = named.Length == 0 || named.Contains(SplitProtocol.Random) || (named.Contains(SplitProtocol.SpeakerIndependent) && speakers.Count == 0 && foldFile is null);
        input.Require(testFraction is null || takesFraction, "--test-fraction needs --protocol random or speaker, without named test speakers: the other protocols say themselves what is tested.");
        string[] both = [.. trainOn.Intersect(testOn, StringComparer.OrdinalIgnoreCase)];
        input.Require(both.Length == 0, $"--train-on and --test-on both name {string.Join(", ", both)}.");
        int? folds = input.Whole(TrainOptions.Folds, 2);
        input.Require(folds is null || named.Contains(SplitProtocol.KFold), "--folds needs --protocol kfold: the folds of the other protocols follow from the speakers.");
        string? stopping = input.Text(TrainOptions.EarlyStopping);
        bool keepLast = stopping is not null && stopping.Equals("none", StringComparison.OrdinalIgnoreCase);
        double? validation = input.Number(TrainOptions.ValidationFraction, f => f is >= 0 and < 0.9, "a number of at least 0 and below 0.9");
        int? patience = stopping is null || keepLast ? null : input.Whole(TrainOptions.EarlyStopping, 1);
        input.Require(patience is null || validation != 0, "--early-stopping N needs a validation part, but --validation-fraction is 0.");
        var settings = new TrainSettings
        {
            Trainers = trainers.Count == 0 ? TrainOptions.Trainer.Choices : trainers,
            Protocols = named.Length == 0 ? ProtocolNames.Default : named,
            ProtocolsAreNamed = named.Length > 0 || speakers.Count > 0,
            TestSpeakers = speakers,
            Given = input.Given(KeptSettings.Options),
            TestFraction = testFraction ?? 0.2,
            Folds = folds ?? 5,
            FoldFile = foldFile,
            TrainOn = trainOn,
            TestOn = testOn,
            ValidationFraction = validation,
            BalancedClassWeights = input.Text(TrainOptions.ClassWeights) == "balanced",
            Oversampling = input.Text(TrainOptions.Oversample) is { } over ? Enum.Parse<Oversampling>(over, ignoreCase: true) : null,
            FocalGamma = input.Number(TrainOptions.FocalGamma, gamma => gamma is >= 0 and <= 10, "a number from 0 to 10") ?? 0,
            Epochs = input.Whole(TrainOptions.Epochs, 1),
            BatchSize = input.Whole(TrainOptions.BatchSize, 1),
            LearningRate = input.Number(TrainOptions.LearningRate, rate => rate > 0, "a number above 0"),
            SelfAttentionHeads = input.Whole(TrainOptions.SelfAttention, 0) ?? 0,
            Dropout = input.Number(TrainOptions.Dropout, p => p is >= 0 and < 1, "a number of at least 0 and below 1"),
            ChannelDropout = input.Number(TrainOptions.ChannelDropout, p => p is >= 0 and < 1, "a number of at least 0 and below 1"),
            KeepLastEpoch = keepLast,
            EarlyStoppingPatience = patience,
            Augmentation = Enum.Parse<AugmentationLevel>(input.Text(TrainOptions.Augment) ?? "masks", ignoreCase: true),
            Ensemble = input.Whole(TrainOptions.Ensemble, 1) ?? 1,
            Prosody = input.Flag(TrainOptions.Prosody),
            Seeds = SeedsOf(input),
            Precision = Enum.Parse<ComputePrecision>(input.Text(TrainOptions.Precision) ?? "auto", ignoreCase: true),
            Out = input.Text(TrainOptions.Out),
            FeatureCache = CacheFolder.FeaturesOf(input),
            Strict = input.Flag(TrainOptions.Strict),
            Json = input.Flag(TrainOptions.Json),
        };
        bool onlyCnn = settings.SelfAttentionHeads > 0 || settings.ChannelDropout is not null || input.Text(TrainOptions.Augment) is not null || settings.Prosody;
        input.Require(!onlyCnn || settings.Trainers.Contains(TrainerChains.Cnn), "--self-attention, --channel-dropout, --augment and --prosody are options of the CNN: add --trainer cnn.");
        return settings;
    }

    /// <summary>The same with one more setting taken for given.</summary>
    /// <param name="option">The option.</param>
    /// <param name="value">Its value.</param>
    public TrainSettings With(OptionDefinition option, string value) => this with { Given = new Dictionary<string, string>(Given, StringComparer.Ordinal) { [option.Key] = value } };

    private static int[] SeedsOf(CommandInput input)
    {
        IReadOnlyList<string> texts = input.List(TrainOptions.Seed);
        if (texts.Count == 0) return [DefaultSeed];
        var seeds = new List<int>();
        foreach (string text in texts)
        {
            bool whole = int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int seed);
            input.Require(whole, $"--seed must be whole numbers, got '{text}'.");
            if (whole && !seeds.Contains(seed)) seeds.Add(seed);
        }
        return [.. seeds];
    }
}
