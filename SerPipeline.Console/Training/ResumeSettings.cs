using SerPipeline.Console.Data;
using SerPipeline.Console.Hosting;
using SerPipeline.Experiments;
using SerPipeline.Reports;

namespace SerPipeline.Console.Training;

/// <summary>
/// The settings of <c>ser train</c> that a model keeps, so that its training can be asked for again: those that were given and that its own trainer and protocol take. Neither places on this
/// machine nor what only a run writes is among them.
/// </summary>
internal static class ResumeSettings
{
    /// <summary>The options that only the CNN takes.</summary>
    public static readonly OptionDefinition[] OfCnn = [TrainOptions.SelfAttention, TrainOptions.ChannelDropout, TrainOptions.Augment, TrainOptions.Prosody];

    // Of the files that were named the name is kept, for a message to tell; the folds themselves ride in the model.
    private static readonly OptionDefinition[] Files = [TrainOptions.FoldFile, CorpusSource.Datasets];

    private static readonly OptionDefinition[] NotKept = [TrainOptions.Config, TrainOptions.Out, CacheFolder.Option, CacheFolder.Off, TrainOptions.Strict, TrainOptions.Json];

    private static readonly Dictionary<string, OptionDefinition[]> OfProtocols = new()
    {
        ["random"] = [TrainOptions.TestFraction],
        ["paper"] = [],
        ["kfold"] = [TrainOptions.Folds],
        ["speaker"] = [TrainOptions.TestSpeakers, TrainOptions.TestFraction, TrainOptions.FoldFile],
        ["speaker-5fold"] = [TrainOptions.FoldFile],
        ["loso"] = [TrainOptions.FoldFile],
        ["cross"] = [TrainOptions.TrainOn, TrainOptions.TestOn],
    };

    /// <summary>The options that are kept where they are given.</summary>
    public static IReadOnlyList<OptionDefinition> Options { get; } =
    [
        CorpusSource.Corpus, CorpusSource.Combine, CorpusSource.Dataset, CorpusSource.Datasets, CorpusSource.Name, CorpusSource.SpeakerPattern, CorpusSource.Labels, .. TrainOptions.All.Except(NotKept),
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
        if (trainer == TrainerChains.Cnn && settings.Epochs is null && settings.CnnEpochs is { } epochs) kept[TrainOptions.Epochs.Key] = Format.Whole(epochs);
        IEnumerable<OptionDefinition> foreign = OfProtocols.Values.SelectMany(options => options).Except(OfProtocols[protocol]);
        foreach (OptionDefinition option in trainer == TrainerChains.Cnn ? foreign : foreign.Concat(OfCnn)) kept.Remove(option.Key);
        foreach (OptionDefinition file in Files)
            if (kept.TryGetValue(file.Key, out string? path)) kept[file.Key] = Path.GetFileName(path);
        return kept;
    }
}
