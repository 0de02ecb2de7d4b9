using SerPipeline.Networks;
using SerPipeline.Splits;
using SerPipeline.Trainers;

namespace SerPipeline.Console.Commands;

/// <summary>The options of <c>ser train</c> beyond its corpus.</summary>
internal static class TrainOptions
{
    public static readonly OptionDefinition Trainer = new(
        "--trainer", "NAMES",
        """
        What to train. On spectrogram images: cnn; resnet18, a larger network that begins with the weights of ImageNet's photographs
        and takes five minutes a fold of RAVDESS. On utterance features: lda, linear discriminant analysis, in seconds; mlp, a
        perceptron; lstm and conv1d, the paper's networks; lbfgs, svm, lightgbm and fasttree, ML.NET's trainers. On both: recipe, the
        recommended mean of lda, mlp, cnn and resnet18 for voices never heard. recipe-medium is its part without resnet18, in half the
        time, recipe-small that without the cnn too, in minutes. May be repeated. Default: lda, cnn and mlp.
        """.ReplaceLineEndings(" "), OptionKind.List)
    { Choices = ConsoleTrainers.Names };

    public static readonly OptionDefinition Protocol = new(
        "--protocol", "NAMES",
        """
        How test clips are chosen. Speakers shared with training: random (a stratified share), paper (numpy's permutation with seed
        42), kfold. New speakers only: speaker (a share of them), speaker-5fold, loso (each in turn). New corpora: cross (train on
        some, test on others). Those for new speakers and corpora with +5, +10 or +20, such as loso+10: the model hears so many
        random clips of each test speaker first, without their emotions, and is not scored on them. All with @telephone, @noise or
        @room, such as loso@telephone or loso+10@room: the test clips are made to sound so. The corpus's own parts: given (folders
        train and test, or a column split). May be repeated. Default: random and speaker.
        """.ReplaceLineEndings(" "), OptionKind.List)
    {
        Choices = [.. ProtocolNames.All, .. ProtocolNames.Qualified],
        Listed = [.. ProtocolNames.All, "a form of them such as loso+10, random@telephone or loso+10@room"],
    };

    public static readonly OptionDefinition TestSpeakers = new("--test-speakers", "SPEAKERS",
        "The speakers to test on under --protocol speaker, such as 2,5,14,15,16. Default: drawn at random.", OptionKind.List);
    public static readonly OptionDefinition TestFraction = new("--test-fraction", "F",
        "The share of clips (random), or of speakers (speaker), to test on. Default: 0.2.");
    public static readonly OptionDefinition Folds = new("--folds", "N", "Number of folds of --protocol kfold. Default: 5.");
    public static readonly OptionDefinition FoldFile = new("--fold-file", "FILE",
        "A file with the folds of a speaker protocol, such as folds.json of a run folder. Default: published folds, or random ones.");
    public static readonly OptionDefinition TrainOn = new("--train-on", "CORPORA",
        "Under --protocol cross, the corpora to train on together. Default: each in turn.", OptionKind.List);
    public static readonly OptionDefinition TestOn = new("--test-on", "CORPORA",
        "Under --protocol cross, the corpora to test on. Default: all that are not trained on.", OptionKind.List);
    public static readonly OptionDefinition ValidationFraction = new("--validation-fraction", "F",
        "The share of training clips (or speakers) held out to choose the epoch; 0 for none. Default: 0; 0.1 with "
            + "--early-stopping N.");
    public static readonly OptionDefinition ClassWeights = new("--class-weights", "none|balanced",
        "balanced weights each class in the loss by the inverse of its frequency. Default: none.")
    { Choices = ["none", "balanced"] };

    public static readonly OptionDefinition Oversample = new(
        "--oversample", "none|minority|all",
        "Repeat training clips of the rarest class (minority), or of all rarer classes (all), up to the size of the largest class. "
            + "Default: none.")
    { Choices = ["none", "minority", "all"] };

    public static readonly OptionDefinition FocalGamma = new("--focal-gamma", "G",
        "Exponent of the focal loss, which weights hard clips more; 0 is plain cross entropy. Default: 0.");
    public static readonly OptionDefinition Epochs = new("--epochs", "N",
        "Maximum number of epochs; early stopping may end sooner. Default: the trainer's.");
    public static readonly OptionDefinition BatchSize = new("--batch-size", "N", "Batch size. Default: the trainer's.");
    public static readonly OptionDefinition LearningRate = new("--learning-rate", "X",
        "Peak learning rate of the schedule. Default: the trainer's.");
    public static readonly OptionDefinition SelfAttention = new("--self-attention", "HEADS",
        "Heads of self-attention over frames before the CNN's pooling; 0 for none. Default: 0.");
    public static readonly OptionDefinition RandomWeights = OptionDefinition.Flag("--random-weights",
        "Let resnet18 begin with random weights instead of ImageNet's, which need the package "
            + "Microsoft.ML.DnnImageFeaturizer.ResNet18 in NuGet's folder; building this project brings it.");
    public static readonly OptionDefinition Stages = new("--stages", "N",
        "Stages of resnet18 that are kept, 1 to 4. Default: 3.");
    public static readonly OptionDefinition FrozenStages = new("--frozen-stages", "N",
        "First stages of resnet18 that keep ImageNet's weights. Default: 0, none.");
    public static readonly OptionDefinition Dropout = new("--dropout", "P",
        "Dropout before the last layer of cnn and resnet18 and after the MLP's hidden layers. Default: the trainer's.");
    public static readonly OptionDefinition ChannelDropout = new("--channel-dropout", "P",
        "Dropout of whole channels after each block of the CNN. Default: the trainer's.");

    public static readonly OptionDefinition EarlyStopping = new(
        "--early-stopping", "N|none",
        "Stop after N epochs without a better validation loss, and keep the best epoch; none: train all epochs and keep the last. "
            + "Default: the trainer's.");

    public static readonly OptionDefinition Augment = new(
        "--augment", "none|masks|full",
        "Augmentation of the training images of cnn and resnet18. masks: time roll, masks and mixup; full: these and speed "
            + "perturbation. Default: masks.")
    { Choices = ["none", "masks", "full"] };

    public static readonly OptionDefinition Ensemble = new("--ensemble", "N",
        "Train N networks with different seeds and average their probabilities. Default: 1.");
    public static readonly OptionDefinition Prosody = OptionDefinition.Flag("--prosody",
        "The CNN's last layer also reads the utterance features: pitch, energy, voice quality, rhythm.");
    public static readonly OptionDefinition Features = new("--features", "utterance|gemaps|both",
        "The vector that trainers over features read: 743 utterance features, 88 values like those of eGeMAPS, or both. Default: "
            + "utterance.")
    { Choices = ["utterance", "gemaps", "both"] };
    public static readonly OptionDefinition Copies = new("--copies", "none|speed|telephone|noise|room",
        "Learn from copies of the training clips too. speed: at 0.9 and 1.1 of their speed, each counted as another voice (lda, mlp, lstm, "
            + "conv1d and the recipes); telephone, noise, room: as they would sound there (these, cnn and resnet18). Several (speed,room) "
            + "add up. Default: speed for the recipes, none for others.", OptionKind.List)
    { Choices = ["none", .. Enum.GetNames<TrainingCopy>().Select(name => name.ToLowerInvariant())] };
    public static readonly OptionDefinition Adapt = OptionDefinition.Flag("--adapt",
        "Train a second model for speakers of whom a few clips are known (ser predict --enroll): lda, mlp, lstm and conv1d. The recipes "
            + "do without it, and every trainer under a protocol with +5, +10 or +20. Every training clip must name its speaker.");
    public static readonly OptionDefinition Seed = new("--seed", "N",
        "Seed of splits, weights, shuffling, dropout and augmentation. Several (42,1,2) repeat everything with each. Default: 42.",
        OptionKind.List);
    public static readonly OptionDefinition Precision = new("--precision", "auto|float32|bfloat16",
        "Precision of training. Default: auto, for cnn and mlp bfloat16 where the processor has it, else float32.")
    { Choices = ["auto", "float32", "bfloat16"] };
    /// <summary>Where networks train.</summary>
    public static readonly OptionDefinition Device = new(
        "--device", "auto|cpu|cuda", "Where networks train. cuda needs a CUDA build of libtorch, named by SER_LIBTORCH. Default: auto, "
            + "CUDA where available, else the CPU.")
    { Choices = ["auto", "cpu", "cuda"] };

    public static readonly OptionDefinition Final = OptionDefinition.Flag("--final",
        "After folds, train once more on all clips, for the median of the epochs that the folds kept, and save that model at the top of "
            + "its folder. The default under protocols with folds.");
    public static readonly OptionDefinition NoFinal = OptionDefinition.Flag("--no-final", "Train the folds' models alone.");
    public static readonly OptionDefinition Config = new("--config", "FILE",
        "An .mbconfig of ser generate or of ML.NET Model Builder: train with its settings, and append the trial to its run history. "
            + "Other options override it.");
    public static readonly OptionDefinition Out = new("--out", "DIR",
        "The run folder to create. Default: runs/TIME-CORPUS.")
    { Alias = "-o" };
    public static readonly OptionDefinition Resume = new("--resume", "RUN",
        "Go on with an interrupted run in its folder, with its own settings, to the very same models: finished folds are not trained "
            + "again. Besides it only --cache, --no-cache and --json may be given.");
    public static readonly OptionDefinition Strict = OptionDefinition.Flag("--strict",
        "Stop at the first clip that cannot be read, instead of leaving it out.");
    public static readonly OptionDefinition Json = OptionDefinition.Flag("--json",
        "Write metrics.json to standard output instead of tables.");

    /// <summary>All of them, in the order help lists them.</summary>
    public static IReadOnlyList<OptionDefinition> All { get; } =
    [
        Trainer, Protocol, TestSpeakers, TestFraction, Folds, FoldFile, TrainOn, TestOn, ValidationFraction, ClassWeights, Oversample,
        FocalGamma, Epochs, BatchSize, LearningRate, SelfAttention, Dropout, ChannelDropout, EarlyStopping, Augment, Ensemble, Prosody,
        RandomWeights, Stages, FrozenStages,
        Features, Copies, Adapt, Seed, Precision, Device, Final, NoFinal, Config, Out, Resume, CacheFolder.Option, CacheFolder.Off,
        Strict, Json,
    ];

    /// <summary>Reads the options.</summary>
    /// <param name="input">The command's settings.</param>
    public static ExperimentSettings Read(CommandInput input)
    {
        IReadOnlyList<string> trainers = input.List(Trainer), speakers = input.List(TestSpeakers);
        IReadOnlyList<string> trainOn = input.List(TrainOn), testOn = input.List(TestOn);
        string[] protocols = [.. input.List(Protocol).Select(ProtocolNames.ProtocolOf)];
        string[] named = [.. protocols.Select(protocol => SplitProtocol.Divide(protocol).Protocol).Distinct()];
        string? foldFile = input.Text(FoldFile);
        input.Require(speakers.Count == 0 || named.Length == 0 || named.Contains(SplitProtocol.SpeakerIndependent),
            "--test-speakers needs --protocol speaker: the other protocols choose the speakers themselves.");
        input.Require(foldFile is null || named.Any(SplitProtocol.KeepsSpeakersApart),
            "--fold-file needs --protocol speaker, speaker-5fold or loso: it lists the speakers of each fold.");
        input.Require(foldFile is null || speakers.Count == 0, "--fold-file and --test-speakers both say who is tested: give one of them.");
        input.Require((trainOn.Count == 0 && testOn.Count == 0) || named.Contains(SplitProtocol.CrossCorpus),
            "--train-on and --test-on need --protocol cross.");
        double? testFraction = input.Number(TestFraction, f => f is > 0 and < 1, "a number between 0 and 1");
        bool takesFraction = named.Length == 0 || named.Contains(SplitProtocol.Random)
            || (named.Contains(SplitProtocol.SpeakerIndependent) && speakers.Count == 0 && foldFile is null);
        input.Require(testFraction is null || takesFraction,
            "--test-fraction needs --protocol random or speaker, without named test speakers: the other protocols say themselves what "
                + "is tested.");
        string[] both = [.. trainOn.Intersect(testOn, StringComparer.OrdinalIgnoreCase)];
        input.Require(both.Length == 0, $"--train-on and --test-on both name {string.Join(", ", both)}.");
        int? folds = input.Whole(Folds, 2);
        input.Require(folds is null || named.Contains(SplitProtocol.KFold),
            "--folds needs --protocol kfold: the folds of the other protocols follow from the speakers.");
        IReadOnlyList<string> copies = input.List(Copies);
        input.Require(!copies.Contains("none") || copies.Count == 1, "--copies none stands alone: none are none.");
        string? stopping = input.Text(EarlyStopping);
        bool keepLast = stopping is not null && stopping.Equals("none", StringComparison.OrdinalIgnoreCase);
        double? validation = input.Number(ValidationFraction, f => f is >= 0 and < 0.9, "a number of at least 0 and below 0.9");
        int? patience = stopping is null || keepLast ? null : input.Whole(EarlyStopping, 1);
        input.Require(patience is null || validation != 0, "--early-stopping N needs a validation part, but --validation-fraction is 0.");
        input.Require(!input.Flag(Final) || !input.Flag(NoFinal), "--final and --no-final contradict each other: give one of them.");
        var defaults = new ExperimentSettings();
        ExperimentSettings settings = defaults with
        {
            Trainers = trainers.Count == 0 ? defaults.Trainers : trainers,
            FeatureTrainers = ConsoleTrainers.All,
            Features = input.Choice<FeatureSet>(Features) ?? defaults.Features,
            Copies = copies.Count == 0 ? null
                : [.. copies.Where(copy => copy != "none").Select(copy => Enum.Parse<TrainingCopy>(copy, ignoreCase: true))],
            Adapt = input.Flag(Adapt) ? true : null,
            Protocols = named.Length == 0 ? defaults.Protocols : protocols,
            ProtocolsAreNamed = named.Length > 0 || speakers.Count > 0,
            TestSpeakers = speakers,
            Given = input.Given(ResumeSettings.Options),
            TestFraction = testFraction ?? defaults.TestFraction,
            Folds = folds ?? defaults.Folds,
            FoldFile = foldFile,
            TrainOn = trainOn,
            TestOn = testOn,
            ValidationFraction = validation,
            BalancedClassWeights = input.Text(ClassWeights) == "balanced",
            Oversampling = input.Choice<Oversampling>(Oversample),
            FocalGamma = input.Number(FocalGamma, gamma => gamma is >= 0 and <= 10, "a number from 0 to 10") ?? defaults.FocalGamma,
            Epochs = input.Whole(Epochs, 1),
            BatchSize = input.Whole(BatchSize, 1),
            LearningRate = input.Number(LearningRate, rate => rate > 0, "a number above 0"),
            SelfAttentionHeads = input.Whole(SelfAttention, 0) ?? defaults.SelfAttentionHeads,
            Dropout = input.Number(Dropout, p => p is >= 0 and < 1, "a number of at least 0 and below 1"),
            ChannelDropout = input.Number(ChannelDropout, p => p is >= 0 and < 1, "a number of at least 0 and below 1"),
            RandomWeights = input.Flag(RandomWeights),
            Stages = input.Whole(Stages, 1),
            FrozenStages = input.Whole(FrozenStages, 0),
            KeepLastEpoch = keepLast,
            EarlyStoppingPatience = patience,
            Augmentation = input.Choice<AugmentationLevel>(Augment) ?? defaults.Augmentation,
            Ensemble = input.Whole(Ensemble, 1) ?? defaults.Ensemble,
            Prosody = input.Flag(Prosody),
            Seeds = input.Wholes(Seed, int.MinValue).Distinct().ToArray() is { Length: > 0 } seeds ? seeds : defaults.Seeds,
            Precision = input.Choice<ComputePrecision>(Precision) ?? defaults.Precision,
            Device = input.Choice<TorchDevice>(Device) ?? defaults.Device,
            Final = !input.Flag(NoFinal),
            FeatureCache = CacheFolder.FeaturesOf(input),
            Strict = input.Flag(Strict),
        };
        RequireUse(input, settings);
        bool enrols = protocols.Any(protocol => SplitProtocol.Divide(protocol).Clips > 0);
        string[] unable = [.. settings.Trainers.Where(trainer => !TrainerChains.CanAdapt(trainer))];
        input.Require(unable.Length == 0 || !(enrols || settings.Adapt == true),
            "Protocols with enrolled clips and --adapt work with lda, mlp, lstm, conv1d and the recipes, not with "
                + $"{string.Join(", ", unable)}: name the trainers.");
        foreach (TrainingCopy copy in settings.Copies ?? [])
        {
            string[] without = [.. settings.Trainers.Where(trainer => !TrainerChains.CanLearnFrom(trainer, copy))];
            input.Require(without.Length == 0, $"--copies {copy.ToString().ToLowerInvariant()} is nothing that "
                + $"{string.Join(" or ", without)} can learn from{(copy == TrainingCopy.Speed ? "; --augment full changes the speed of "
                + "training images" : "")}: name the trainers.");
        }
        return settings;
    }

    /// <summary>The same settings with one more that counts as given.</summary>
    public static ExperimentSettings With(ExperimentSettings settings, OptionDefinition option, string value) =>
        settings with { Given = new Dictionary<string, string>(settings.Given, StringComparer.Ordinal) { [option.Key] = value } };

    // An option that no trainer reads would be a setting that the user only believes in.
    private static void RequireUse(CommandInput input, ExperimentSettings settings)
    {
        OptionDefinition[] given = [.. TrainOptions.All.Where(option => settings.Given.ContainsKey(option.Key))];
        if (settings.ValidationFraction == 0) given = [.. given.Except([ValidationFraction])];
        if (settings.KeepLastEpoch) given = [.. given.Except([EarlyStopping])];
        bool Reads(string trainer, OptionDefinition option) => TrainerUse.Reads(trainer, option, settings.Prosody);
        foreach (OptionDefinition option in given.Where(option => settings.Trainers.All(trainer => !Reads(trainer, option))))
            input.Require(false, $"{option.Name} is nothing that {string.Join(" or ", settings.Trainers)} can use: leave it out, or add "
                + $"--trainer {string.Join(" or ", ConsoleTrainers.Names.Where(trainer => Reads(trainer, option)))}.");
    }
}
