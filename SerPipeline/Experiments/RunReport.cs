using System.Reflection;
using SerPipeline.Corpora;
using SerPipeline.Evaluation;
using SerPipeline.Networks;
using SerPipeline.Prediction;
using SerPipeline.Reports;
using SerPipeline.Splits;
using SerPipeline.Trainers;

namespace SerPipeline.Experiments;

/// <summary>Writes report.html and the figures of a run.</summary>
internal static class RunReport
{
    private const int ProblemsOfAKind = 10;

    /// <summary>Writes the page and, as files of their own, its figures.</summary>
    /// <param name="folder">The run folder.</param>
    /// <param name="corpus">The clips.</param>
    /// <param name="content">What to show; clips and their licence are added.</param>
    public static void Write(string folder, Corpus corpus, ReportContent content)
    {
        Dictionary<string, string> files = corpus.Clips.ToDictionary(clip => clip.RelativePath, clip => clip.Path, StringComparer.Ordinal);
        ReportContent whole = content with
        {
            Clips = content.Predictions is null ? []
                : ConfidentMistakes.Collect(content.Predictions, row => files.GetValueOrDefault(row.Path)),
            ClipLicence = corpus.Licence,
            EmbedsSound = AllowsChangedCopies(corpus),
        };
        HtmlReport.Write(Path.Combine(folder, HtmlReport.FileName), whole);
        ReportFigures.Write(folder, whole);
    }

    // A combined corpus has the names and licences of its parts in its own, and a user's corpus may have any name: both are looked at.
    private static bool AllowsChangedCopies(Corpus corpus) => !CorpusFacts.All.Any(facts => facts.AllowsChangedCopies == false
        && (corpus.Name.Split('+').Contains(facts.Name, StringComparer.OrdinalIgnoreCase)
        || corpus.Licence?.Contains(facts.Licence, StringComparison.Ordinal) == true));

    /// <summary>What is wrong with a corpus, as sentences of a page: how many of each kind, and the first of them.</summary>
    /// <param name="corpus">The corpus.</param>
    public static IEnumerable<string> Trouble(Corpus corpus)
    {
        foreach (string remark in LabelNames.Remarks(corpus).Concat(corpus.Remarks)) yield return remark;
        if (corpus.Problems.Count == 0) yield break;
        yield return $"Trouble in the data: {CorpusTrouble.Summary(corpus.Problems)}";
        foreach (IGrouping<CorpusProblemKind, CorpusProblem> kind in corpus.Problems.GroupBy(problem => problem.Kind))
        {
            string more = kind.Count() > ProblemsOfAKind
                ? string.Create(CultureInfo.InvariantCulture, $"; and {kind.Count() - ProblemsOfAKind} more, in run.json") : "";
            yield return $"{CorpusTrouble.Words(kind.Key)}: "
                + string.Join("; ", kind.Take(ProblemsOfAKind).Select(problem => $"{problem.RelativePath}: {problem.Message}")) + more;
        }
    }

    /// <summary>A corpus as a model card names it.</summary>
    /// <param name="corpus">The corpus.</param>
    /// <param name="use">What for.</param>
    public static ModelCardData CardOf(Corpus corpus, string use) =>
        new(corpus.DisplayName, corpus.Licence, use, corpus.Clips.Count, corpus.Speakers.Count == 0 ? null : corpus.Speakers.Count);
}

/// <summary>Writes an experiment's report.html and figures.</summary>
/// <param name="experiment">What was done.</param>
/// <param name="data">Its clips.</param>
internal sealed class ExperimentReport(Experiment experiment, CorpusData data)
{
    /// <summary>Writes the page.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="folds">The folds.</param>
    /// <param name="clips">What the models said about the test clips.</param>
    /// <param name="pooled">The scores of all folds together, or null.</param>
    /// <param name="record">How to repeat it.</param>
    /// <param name="final">The model trained on all clips, or null.</param>
    public void Write(string folder, IReadOnlyList<FoldOutcome> folds, PredictionSet clips, RunMetrics? pooled, RunRecord record,
        FinalModel? final)
    {
        RunMetrics[] runs = [.. folds.SelectMany(fold => fold.Metrics)];
        bool cross = experiment.Plan.Plan.Protocol == SplitProtocol.CrossCorpus;
        RunReport.Write(folder, data.Corpus, new ReportContent
        {
            Title = $"{experiment.Trainer} on {data.Corpus.DisplayName}, {experiment.Plan.Protocol}",
            Runs = runs,
            Pooled = pooled is null ? [] : [pooled],
            // Across corpora several models judge one clip: no list of mistakes is theirs together.
            Predictions = cross ? null : clips,
            Curves = [.. folds.Where(fold => fold.Curves.TrainLoss.Count > 0).Select(fold => new ReportCurves(fold.Name, fold.Curves))],
            Card = cross ? null : ModelCard.From(pooled ?? runs[0], Facts(folds)),
            Run = record,
            Warnings = experiment.CopiesNote is { } copies ? [copies] : [],
            Notes = [.. final is null ? Array.Empty<string>() : [final.Note], .. Notes(folds)],
        });
    }

    private ModelCardFacts Facts(IReadOnlyList<FoldOutcome> folds)
    {
        string epochs = string.Join(", ", folds.Select(fold => Format.Whole(fold.Curves.BestEpoch ?? fold.Curves.TrainLoss.Count)));
        return new ModelCardFacts
        {
            Model = TrainerChains.Describe(experiment.Trainer),
            Data = [RunReport.CardOf(data.Corpus, "training and test")],
            Training =
            [
                new("parts", experiment.Plan.Plan.Origin),
                new("parameters", Format.Whole(folds[0].Parameters)),
                .. folds.All(fold => fold.Curves.TrainLoss.Count == 0) ? []
                    : (KeyValuePair<string, string>[])[new(folds.Count == 1 ? "epoch chosen" : "epochs chosen, by fold", epochs)],
                new("seed", Format.Whole(experiment.Plan.Seed)),
            ],
        };
    }

    private IEnumerable<string> Notes(IReadOnlyList<FoldOutcome> folds)
    {
        yield return $"Parts: {experiment.Plan.Plan.Origin}.";
        if (Licences.Caution(data.Corpus) is { } caution) yield return caution;
        if (experiment.Plan.LeakNote is { } note) yield return note;
        foreach (FoldOutcome fold in folds) yield return fold.Note;
        foreach (string trouble in RunReport.Trouble(data.Corpus)) yield return trouble;
    }
}

/// <summary>What run.json tells of a run besides its data: every option of every stage, and the machine.</summary>
internal static class RunOptions
{
    /// <summary>Versions and machine of a training, libtorch's included.</summary>
    /// <param name="device">Where it trained.</param>
    public static RunEnvironment Environment(string device = "cpu") => RunEnvironment.Current() with
    { LibTorch = TorchSharp.torch.__version__, Threads = TorchSharp.torch.get_num_threads(), Device = device };

    /// <summary>The section with what only one fold has.</summary>
    public const string SplitSection = "split";

    /// <summary>Every option of a training.</summary>
    /// <param name="corpus">The corpus.</param>
    /// <param name="settings">What the user set.</param>
    /// <param name="experiment">What the training belongs to.</param>
    /// <param name="result">The training.</param>
    /// <param name="model">The saved model, which holds the options of every stage.</param>
    public static IReadOnlyDictionary<string, JsonElement> Of(
        Corpus corpus, ExperimentSettings settings, Experiment experiment, TrainingResult result, ModelRecord model)
    {
        var all = new SortedDictionary<string, JsonElement>(StringComparer.Ordinal);
        var split = new SortedDictionary<string, object?>(StringComparer.Ordinal)
        {
            ["protocol"] = experiment.Plan.Protocol,
            ["origin"] = experiment.Plan.Plan.Origin,
            ["fold"] = result.Fold.Fold.Number,
            ["trainCorpora"] = result.Fold.Fold.TrainCorpora,
            ["heldOutSpeakers"] = result.Fold.Fold.Split.HeldOutSpeakers,
            ["leakCheck"] = result.Metrics[0].LeakCheck,
        };
        foreach ((string name, JsonElement value) in RunRecord.Describe(
            ("corpus", Describe(corpus)), ("command", settings), (SplitSection, split), ("trainer", Plain(result.Options))))
            all.Add(name, value);
        foreach ((int number, ModelStage stage) in model.Stages.Index()) all.Add($"stage {number + 1}: {stage.Name}", stage.Options);
        return all;
    }

    /// <summary>Where a trainer's networks train; the CPU where it has none.</summary>
    public static TorchDevice DeviceOf(object options) => options switch
    {
        NeuralTrainerOptions network => network.Device,
        VoiceEnsembleOptions voices => voices.Members.Select(member => member.Network).OfType<NeuralTrainerOptions>().FirstOrDefault()
            ?.Device ?? TorchDevice.Cpu,
        _ => TorchDevice.Cpu,
    };

    /// <summary>What is known of a corpus.</summary>
    public static IReadOnlyDictionary<string, object?> Describe(Corpus corpus) => new SortedDictionary<string,
        object?>(StringComparer.Ordinal)
    {
        ["name"] = corpus.Name,
        ["root"] = corpus.Root,
        ["clips"] = corpus.Clips.Count,
        ["labels"] = corpus.Labels,
        ["synthetic"] = corpus.IsSynthetic,
        ["licence"] = corpus.Licence,
        ["note"] = corpus.Note,
        ["remarks"] = LabelNames.Remarks(corpus).Concat(corpus.Remarks).ToArray(),
        ["problems"] = corpus.Problems,
    };

    // What a user sets, without what only lives in this process: callbacks, tokens and views.
    internal static SortedDictionary<string, object?> Plain(object options)
    {
        if (options is IReadOnlyDictionary<string, object?> given) return new(given.ToDictionary(), StringComparer.Ordinal);
        if (options is NeuralTrainerOptions network) return network.Plain();
        var plain = new SortedDictionary<string, object?>(StringComparer.Ordinal) { ["name"] = options.GetType().Name };
        if (options is VoiceEnsembleOptions voices)
        {
            foreach ((int i, VoiceMember member) in voices.Members.Index())
                plain[FormattableString.Invariant($"member{i + 1}")] = Plain((object?)member.LinearDiscriminant ?? member.Network!);
            plain["weights"] = voices.Members.Select(member => member.Weight).ToArray();
            plain["copyColumnNames"] = voices.CopyColumnNames;
            plain["speakerColumnName"] = voices.SpeakerColumnName;
            return plain;
        }
        foreach (PropertyInfo property in options.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance))
            plain.Add(JsonNamingPolicy.CamelCase.ConvertName(property.Name), property.GetValue(options));
        return plain;
    }
}
