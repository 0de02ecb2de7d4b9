using SerPipeline.Audio;
using SerPipeline.Corpora;
using SerPipeline.Evaluation;
using SerPipeline.Splits;

namespace SerPipeline.Experiments;

/// <summary>One trainer on one data set under one protocol and seed: a training for each fold.</summary>
/// <param name="Data">The data set, its audio read.</param>
/// <param name="Plan">The folds, checked.</param>
/// <param name="Trainer">The trainer's name.</param>
/// <param name="Name">Its folder below the command's; empty when it is the only one.</param>
public sealed record Experiment(OpenedDataset Data, CheckedPlan Plan, string Trainer, string Name)
{
    /// <summary>Whether its test clips come in several parts.</summary>
    public bool HasFolds => Plan.Folds.Count > 1;

    /// <summary>What readers must know of a data set whose clips were copied before the split; null for others.</summary>
    public string? CopiesNote
    {
        get
        {
            if (!Data.LeaksByDesign) return null;
            int touched = Plan.Folds.Sum(fold => fold.Leak.SameContent), tested = Plan.Folds.Sum(fold => fold.Fold.Split.Test.Count);
            return touched > 0
                ? $"Clips of this data set were copied before the split: {touched} of {Format.Count(tested, "test clip")} have a twin "
                    + "in training, so the scores are too high."
                : "Clips of this data set were copied before the split. Under this protocol a clip and its copies stay on one side, but "
                    + "copied clips count more than once in the scores.";
        }
    }

    /// <summary>Its folds as a file; null under protocols that do not part the speakers of one corpus.</summary>
    /// <param name="corpus">The corpus, as it was divided.</param>
    public FoldFile? Folds(Corpus corpus) =>
        SplitProtocol.KeepsSpeakersApart(Plan.Plan.Protocol) && Plan.Plan.Protocol != SplitProtocol.CrossCorpus
            ? FoldFile.From(Plan.Plan, corpus) : null;

    /// <summary>What progress calls it.</summary>
    public string Title => $"{Trainer}, {ProtocolNames.ShortOf(Plan.Protocol)}";
}

/// <summary>A finished experiment, as tables show it.</summary>
/// <param name="Experiment">What was done.</param>
/// <param name="Runs">The scores of each fold, or under cross-corpus of each pair of corpora.</param>
/// <param name="Pooled">The scores of all folds' test clips together; null when there is one fold, or when folds are not to be put
/// together.</param>
/// <param name="Elapsed">How long it took.</param>
public sealed record FinishedExperiment(Experiment Experiment, IReadOnlyList<RunMetrics> Runs, RunMetrics? Pooled, TimeSpan Elapsed)
{
    /// <summary>Whether a model was trained on all clips after the folds; its <c>model.zip</c> lies at the top of the experiment's
    /// folder.</summary>
    public bool HasFinalModel { get; init; }

    /// <summary>The model to go on with: of all clips, or of the only fold; without a final training, that of a fold.</summary>
    /// <param name="runFolder">The run folder.</param>
    /// <param name="fold">The fold's number; null for the first.</param>
    internal string ModelIn(string runFolder, int? fold = null)
    {
        CheckedFold chosen = Experiment.Plan.Folds.FirstOrDefault(one => one.Fold.Number == fold) ?? Experiment.Plan.Folds[0];
        return Path.Combine(runFolder, Experiment.Name, HasFinalModel || !Experiment.HasFolds ? "" : FoldNames.FolderOf(chosen.Fold),
            FoldFolder.ModelName);
    }

    /// <summary>The scores that stand for the whole, or null under cross-corpus, where each pair stands for itself.</summary>
    public RunMetrics? Whole => Pooled ?? (Runs.Count == 1 ? Runs[0] : null);

    /// <summary>What readers must know of test clips that repeat training clips; null when none does.</summary>
    public string? LeakNote => Experiment.Plan.LeakNote;

    /// <summary>Names of experiments such that each gets a folder of its own: only what differs is in them.</summary>
    /// <param name="dataset">The data set's name.</param>
    /// <param name="trainer">The trainer's name.</param>
    /// <param name="protocol">The protocol.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="datasets">How many data sets there are.</param>
    /// <param name="seeds">How many seeds there are.</param>
    internal static string NameOf(string dataset, string trainer, string protocol, int seed, int datasets, int seeds) =>
        (datasets > 1 ? Safe(dataset) + "-" : "") + $"{trainer}-{ProtocolNames.ShortOf(protocol)}"
            + (seeds > 1 ? $"-seed{Format.Whole(seed)}" : "");

    private static string Safe(string name) =>
        string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '+' ? c : '-'));
}

/// <summary>What protocols are called on the command line and in folder names.</summary>
internal static class ProtocolNames
{
    /// <summary>The names on the command line.</summary>
    public static IReadOnlyList<string> All { get; } = [.. SplitProtocol.All.Select(known => known.Short)];

    /// <summary>The protocols that train runs when none is named.</summary>
    public static IReadOnlyList<string> Default { get; } = [SplitProtocol.Random, SplitProtocol.SpeakerIndependent];

    /// <summary>Clips that the model hears of each test speaker, under protocols of their own.</summary>
    private static readonly int[] EnrolledClips = [5, 10, 20];

    /// <summary>The names on the command line with enrolled clips, under conditions, or both, such as <c>loso+10@telephone</c>.</summary>
    public static IReadOnlyList<string> Qualified { get; } =
    [
        .. from condition in Enum.GetValues<RecordingCondition>()
           from known in SplitProtocol.All
           from clips in SplitProtocol.KeepsSpeakersApart(known.Name) ? [0, .. EnrolledClips] : (int[])[0]
           where clips > 0 || condition != default
           select SplitProtocol.NameOf(known.Short, clips, condition),
    ];

    /// <summary>The protocol of a name on the command line.</summary>
    public static string ProtocolOf(string name)
    {
        (string plain, int clips, RecordingCondition condition) = SplitProtocol.Divide(name);
        return SplitProtocol.NameOf(SplitProtocol.All.First(known => known.Short == plain).Name, clips, condition);
    }

    /// <summary>The short name of a protocol.</summary>
    public static string ShortOf(string protocol)
    {
        (string plain, int clips, RecordingCondition condition) = SplitProtocol.Divide(protocol);
        string? name = SplitProtocol.All.FirstOrDefault(known => known.Name == plain).Short;
        return name is null ? protocol : SplitProtocol.NameOf(name, clips, condition);
    }
}
