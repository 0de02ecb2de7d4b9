using SerPipeline.Corpora;
using SerPipeline.Corpora.Synthesis;
using SerPipeline.Evaluation;
using SerPipeline.Prediction;
using SerPipeline.Reports;
using SerPipeline.Splits;
using SerPipeline.Trainers;

namespace SerPipeline.Experiments;

/// <summary>Collects what the card of a fold's model tells; every figure is the run's.</summary>
/// <param name="experiment">What the fold belongs to.</param>
/// <param name="data">The clips.</param>
internal sealed class FoldCard(Experiment experiment, CorpusData data)
{
    /// <summary>The card.</summary>
    /// <param name="result">The training.</param>
    /// <param name="saved">The model.</param>
    /// <param name="record">How to repeat the run.</param>
    /// <param name="note">How the training went, in sentences.</param>
    public CardContent Of(TrainingResult result, PortableModel saved, RunRecord record, string note)
    {
        IReadOnlyList<TrainingSource> sources = TrainingSource.Of(data, result.Fold.Fold.Split);
        var facts = new ModelCardFacts
        {
            Model = TrainerChains.Describe(experiment.Trainer),
            Data = [.. sources.SelectMany(source => source.Parts)],
            Training = [.. Facts(result, record)],
            OutOfScope = [.. OtherLanguages(sources)],
        };
        return new CardContent
        {
            Title = $"Speech emotion recognition: {experiment.Trainer} trained on {Trained(result)}",
            Runs = result.Metrics,
            Cards = [.. result.Metrics.Select(run => ModelCard.From(run, facts))],
            Sources = sources,
            FoldNote = FoldNote(result),
            Warnings = [.. Warnings(result)],
            TrainingNote = note,
            SampleRateHz = saved.Record.SampleRateHz ?? 0,
            Model = saved.Record,
            Packages = saved.Packages,
        };
    }

    private static IEnumerable<string> OtherLanguages(IReadOnlyList<TrainingSource> sources)
    {
        TrainingSource[] heard = [.. sources.Where(source => source.Trains)];
        if (heard.All(source => source.Facts is not null))
            yield return "Speech in another language than "
                + $"{string.Join(" or ", heard.Select(source => source.Facts!.Language).Distinct(StringComparer.Ordinal))}: the model "
                + "heard no other.";
    }

    private string Trained(TrainingResult result) => result.Fold.Fold.TrainCorpora is { } corpora
        ? corpora + (data.Corpus.IsSynthetic ? " (synthetic)" : "") : data.Corpus.DisplayName;

    private string? FoldNote(TrainingResult result)
    {
        if (!experiment.HasFolds) return null;
        return result.Fold.Fold.TrainCorpora is { } corpora
            ? $"This is one of {Format.Whole(experiment.Plan.Folds.Count)} models, each trained on other corpora: this one on "
                + $"{corpora}. The scores below are its own."
            : $"This is the model of {FoldNames.Of(result.Fold.Fold, experiment.Plan.Folds.Count)}; each fold's model was trained on "
                + "other parts of the data. The scores below are its own, on its own test clips; those of all folds together, which vary "
                + "less, are in the run's report.";
    }

    private IEnumerable<string> Warnings(TrainingResult result)
    {
        // Of this fold alone: the note of the experiment counts the copies of all folds.
        if (experiment.Data.LeaksByDesign)
            yield return result.Fold.Leak.SameContent > 0
                ? "Clips of this data set were copied before the split, so that some test clips have a twin in training."
                : "Clips of this data set were copied before the split. None of these test clips has a copy in training, but copied "
                    + "clips count more than once in the scores.";
        foreach (RunMetrics run in result.Metrics)
            if (run.LeakCheck is { Touched: > 0 } leak)
                yield return $"{Format.Whole(leak.Touched)} of {Format.Count(run.TestClips, "test clip")} of {run.Dataset} repeat a "
                    + "training clip, the same samples or the same take at another level, length or coding. Scores on such clips are "
                    + "too high.";
    }

    private IEnumerable<KeyValuePair<string, string>> Facts(TrainingResult result, RunRecord record)
    {
        TrainingHistory history = result.History;
        yield return new("trainer", experiment.Trainer);
        yield return new("protocol", $"{record.Protocol}; parts: {experiment.Plan.Plan.Origin}");
        if (result.Fold.Fold.TrainCorpora is { } corpora) yield return new("trained on", corpora);
        else if (experiment.HasFolds) yield return new("fold", FoldNames.Of(result.Fold.Fold, experiment.Plan.Folds.Count));
        yield return new("seed", Format.Whole(record.Seed));
        yield return new("clips learned from", Format.Whole(history.TrainExamples));
        yield return new("validation clips", Format.Whole(history.ValidationExamples));
        if (history.ValidationGroups.Count > 0 && result.Fold.Fold.Split.Validation.Count == 0)
            yield return new("validation speakers", Format.Names(history.ValidationGroups));
        yield return new("epoch kept", $"{Format.Whole(history.ChosenEpoch)} of {Format.Whole(history.Epochs.Count)}");
        yield return new("parameters", Format.Whole(history.Parameters));
        yield return new("trained", record.Finished.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) + " UTC");
        yield return new("versions", $"SerPipeline {record.Environment.Library}, {record.Environment.Runtime}, libtorch "
            + $"{record.Environment.LibTorch}, {record.Environment.Device}");
        foreach ((string name, DataFingerprint print) in record.Data)
            yield return new("data fingerprint", $"SHA-256 {print.Sha256} over {Format.Count(print.Clips, "clip")} of {name}");
    }
}

/// <summary>What the card of one saved model tells.</summary>
internal sealed record CardContent
{
    /// <summary>The card's title.</summary>
    public required string Title { get; init; }

    /// <summary>The scores; under cross-corpus an entry for each corpus tested.</summary>
    public required IReadOnlyList<RunMetrics> Runs { get; init; }

    /// <summary>What the model is, is for and where it fails, beside each of the scores.</summary>
    public required IReadOnlyList<ModelCard> Cards { get; init; }

    /// <summary>The corpora it was trained and tested on.</summary>
    public required IReadOnlyList<TrainingSource> Sources { get; init; }

    /// <summary>Which of several models of its evaluation it is; null when it is the only one.</summary>
    public string? FoldNote { get; init; }

    /// <summary>What must be known besides what the scores tell, such as copied clips.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>How the training went, in sentences.</summary>
    public required string TrainingNote { get; init; }

    /// <summary>The rate that the model works at.</summary>
    public required int SampleRateHz { get; init; }

    /// <summary>The model: its stages, and whether it has a graph.</summary>
    public required ModelRecord Model { get; init; }

    /// <summary>The packages by which ML.NET opens it.</summary>
    public required IReadOnlyList<string> Packages { get; init; }
}

/// <summary>One corpus that a fold's model was trained or tested on.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Licence">Its licence, or null when not known.</param>
/// <param name="Facts">What is published about it; null for others' recordings and for synthetic clips.</param>
/// <param name="Parts">What of it was used for what.</param>
/// <param name="Trains">Whether the model learned from it.</param>
/// <param name="Synthetic">Whether its clips were made by a program.</param>
internal sealed record TrainingSource(string Name, string? Licence, CorpusFacts? Facts, IReadOnlyList<ModelCardData> Parts, bool Trains,
    bool Synthetic)
{
    /// <summary>The corpora of a fold in the order of their names; clips that cannot be read were not used and are not counted.</summary>
    /// <param name="data">The clips.</param>
    /// <param name="split">The parts.</param>
    public static IReadOnlyList<TrainingSource> Of(CorpusData data, Split split)
    {
        CorpusClip[] train = Used(data, split.Train), test = Used(data, split.Test);
        string[] names = [.. train.Concat(test).Select(clip => clip.Corpus).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        bool alone = data.Corpus.Clips.All(clip => clip.Corpus == names[0]);
        return [.. names.Select(name =>
        {
            // A corpus by itself knows whether its clips are the published ones; of the parts of a combination whom they recorded tells,
            // for a part may have a name of its own, and a folder of somebody's that of a published corpus.
            string? group = data.Corpus.Clips.First(clip => clip.Corpus == name).SpeakerGroup;
            CorpusFacts? facts = alone ? data.Corpus.Facts : group is null ? null
                : CorpusFacts.Find(name) is { } named && named.Speakers == group ? named
                : CorpusFacts.All.FirstOrDefault(one => one.Speakers == group);
            bool synthetic = alone ? data.Corpus.IsSynthetic : name == DemoCorpus.Name;
            string? licence = alone ? data.Corpus.Licence : synthetic ? DemoCorpus.Licence : facts?.Licence;
            CorpusClip[] learned = Of(train, name), tested = Of(test, name);
            ModelCardData[] parts = [Part(name, licence, "training and validation", learned), Part(name, licence, "test", tested)];
            parts = [.. parts.Where(part => part.Clips > 0)];
            return new TrainingSource(name, licence, facts, parts, learned.Length > 0, synthetic);
        })];
    }

    private static CorpusClip[] Used(CorpusData data, IEnumerable<int> positions) =>
        [.. positions.Where(i => data.Hashes[i] is not null).Select(i => data.Corpus.Clips[i])];

    private static CorpusClip[] Of(CorpusClip[] clips, string corpus) => [.. clips.Where(clip => clip.Corpus == corpus)];

    private static ModelCardData Part(string name, string? licence, string use, CorpusClip[] clips)
    {
        string?[] speakers = [.. clips.Select(clip => clip.Speaker).Distinct(StringComparer.Ordinal)];
        return new ModelCardData(name, licence, use, clips.Length, speakers.Contains(null) ? null : speakers.Length);
    }
}
