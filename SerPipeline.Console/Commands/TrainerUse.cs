using SerPipeline.Splits;
using SerPipeline.Trainers;

namespace SerPipeline.Console.Commands;

/// <summary>Which options of <c>ser train</c> a trainer reads.</summary>
internal static class TrainerUse
{
    private static readonly OptionDefinition[] OfCnn = [TrainOptions.SelfAttention, TrainOptions.ChannelDropout, TrainOptions.Prosody],
        OfResNet18 = [TrainOptions.RandomWeights, TrainOptions.Stages, TrainOptions.FrozenStages],
        OfImages = [TrainOptions.Augment, .. OfCnn, .. OfResNet18];

    // A recipe has a fixed schedule and members of its own.
    private static readonly OptionDefinition[] OfSingleNetworks = [TrainOptions.ValidationFraction, TrainOptions.EarlyStopping,
        TrainOptions.Ensemble];

    private static readonly OptionDefinition[] OfNetworks = [TrainOptions.Epochs, TrainOptions.BatchSize, TrainOptions.LearningRate,
        TrainOptions.Dropout, TrainOptions.ClassWeights, TrainOptions.Oversample, TrainOptions.FocalGamma, TrainOptions.Precision,
        TrainOptions.Device];

    private static readonly ExperimentSettings Defaults = new() { FeatureTrainers = ConsoleTrainers.All };

    /// <summary>The options that a trainer does not read, of those that only some trainers do.</summary>
    /// <param name="trainer">A trainer's name.</param>
    /// <param name="prosody">Whether a CNN reads the features too.</param>
    public static IEnumerable<OptionDefinition> UnreadBy(string trainer, bool prosody) => TrainerChains.OptionsOf(trainer, Defaults) switch
    {
        ImageClassificationOptions => prosody ? OfResNet18 : [.. OfResNet18, TrainOptions.Features],
        ResNet18Options => [.. OfCnn, TrainOptions.Features],
        LstmOptions or Conv1dOptions => [.. OfImages, TrainOptions.Dropout],
        NeuralTrainerOptions => OfImages,
        VoiceEnsembleOptions => [.. OfImages, .. OfSingleNetworks],
        _ => [.. OfImages, .. OfSingleNetworks, .. OfNetworks],
    };

    /// <summary>Whether a trainer reads an option.</summary>
    /// <param name="trainer">The trainer's name.</param>
    /// <param name="option">The option.</param>
    /// <param name="prosody">Whether a CNN reads the features too.</param>
    public static bool Reads(string trainer, OptionDefinition option, bool prosody) => !UnreadBy(trainer, prosody).Contains(option);
}

/// <summary>
/// The settings of <c>ser train</c> that a model records so that its training can be repeated: those that were given and apply to its
/// trainer and protocol. Paths of this machine and options of the run alone are left out.
/// </summary>
internal static class ResumeSettings
{
    // Of the files that were named the name is kept, for a message to tell; the folds themselves ride in the model.
    private static readonly OptionDefinition[] Files = [TrainOptions.FoldFile, CorpusSource.Datasets];

    private static readonly OptionDefinition[] NotKept = [TrainOptions.Final, TrainOptions.NoFinal, TrainOptions.Config, TrainOptions.Out,
        TrainOptions.Resume, CacheFolder.Option, CacheFolder.Off, TrainOptions.Strict, TrainOptions.Json];

    private static readonly Dictionary<string, OptionDefinition[]> OfProtocols = new()
    {
        ["random"] = [TrainOptions.TestFraction],
        ["paper"] = [],
        ["kfold"] = [TrainOptions.Folds],
        ["speaker"] = [TrainOptions.TestSpeakers, TrainOptions.TestFraction, TrainOptions.FoldFile],
        ["speaker-5fold"] = [TrainOptions.FoldFile],
        ["loso"] = [TrainOptions.FoldFile],
        ["cross"] = [TrainOptions.TrainOn, TrainOptions.TestOn],
        ["given"] = [],
    };

    /// <summary>The options that are kept where they are given.</summary>
    public static IReadOnlyList<OptionDefinition> Options { get; } =
    [
        CorpusSource.Corpus, CorpusSource.Combine, CorpusSource.Dataset, CorpusSource.Datasets, CorpusSource.Name,
        CorpusSource.SpeakerPattern, CorpusSource.Map, CorpusSource.Labels, CorpusSource.KeepDoubtful, .. TrainOptions.All.Except(NotKept),
    ];

    /// <summary>The settings of one model of an experiment.</summary>
    /// <param name="settings">What was given, to all experiments.</param>
    /// <param name="trainer">Its trainer.</param>
    /// <param name="protocol">Its protocol's short name.</param>
    /// <param name="seed">Its seed.</param>
    public static IReadOnlyDictionary<string, string> Of(ExperimentSettings settings, string trainer, string protocol, int seed)
    {
        var kept = new SortedDictionary<string, string>(settings.Given.ToDictionary(), StringComparer.Ordinal)
        {
            [TrainOptions.Trainer.Key] = trainer,
            [TrainOptions.Protocol.Key] = protocol,
            [TrainOptions.Seed.Key] = Format.Whole(seed),
        };
        if (trainer == TrainerChains.Cnn && settings.Epochs is null && settings.CnnEpochs is { } epochs)
            kept[TrainOptions.Epochs.Key] = Format.Whole(epochs);
        IEnumerable<OptionDefinition> foreign = OfProtocols.Values.SelectMany(options => options).Except(
            OfProtocols[SplitProtocol.Divide(protocol).Protocol]);
        foreach (OptionDefinition option in foreign.Concat(TrainerUse.UnreadBy(trainer, settings.Prosody))) kept.Remove(option.Key);
        foreach (OptionDefinition file in Files)
            if (kept.TryGetValue(file.Key, out string? path)) kept[file.Key] = Path.GetFileName(path);
        return kept;
    }
}
