using SerPipeline.Evaluation;

namespace SerPipeline.Reports;

/// <summary>A data set as a model card names it.</summary>
/// <param name="Name">Its name for people.</param>
/// <param name="Licence">Its licence, or null when unknown.</param>
/// <param name="Use">What for, such as <c>training and test</c>.</param>
/// <param name="Clips">Its clips, or null when not counted.</param>
/// <param name="Speakers">Its speakers, or null when unknown.</param>
public sealed record ModelCardData(string Name, string? Licence, string Use, long? Clips = null, int? Speakers = null);

/// <summary>What a model card cannot know from the metrics.</summary>
public sealed record ModelCardFacts
{
    /// <summary>What the model is, such as <c>multilayer perceptron on utterance statistics</c>.</summary>
    public required string Model { get; init; }

    /// <summary>The data sets used.</summary>
    public required IReadOnlyList<ModelCardData> Data { get; init; }

    /// <summary>Facts of the training by name, in order: parameters, epochs, options that matter.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Training { get; init; } = [];

    /// <summary>Intended uses beyond the general ones, a sentence each.</summary>
    public IReadOnlyList<string> IntendedUse { get; init; } = [];

    /// <summary>Uses to keep away from beyond the general ones, a sentence each.</summary>
    public IReadOnlyList<string> OutOfScope { get; init; } = [];
}

/// <summary>A model card after Mitchell et al. 2019, "Model Cards for Model Reporting" (FAT*): what a model is, what it is for, and where it fails.</summary>
public sealed record ModelCard
{
    /// <summary>What the model is.</summary>
    public required string Model { get; init; }

    /// <summary>The classes it tells apart.</summary>
    public required IReadOnlyList<string> Labels { get; init; }

    /// <summary>The data sets used, with their licences.</summary>
    public required IReadOnlyList<ModelCardData> Data { get; init; }

    /// <summary>Facts of the training by name.</summary>
    public required IReadOnlyList<KeyValuePair<string, string>> Training { get; init; }

    /// <summary>What it may be used for, a sentence each.</summary>
    public required IReadOnlyList<string> IntendedUse { get; init; }

    /// <summary>What it must not be used for, a sentence each.</summary>
    public required IReadOnlyList<string> OutOfScope { get; init; }

    /// <summary>Where it fails, computed from the metrics, a sentence each.</summary>
    public required IReadOnlyList<string> KnownFailures { get; init; }

    /// <summary>Joins facts with what the metrics show.</summary>
    /// <param name="metrics">The metrics of the run, or of all folds together.</param>
    /// <param name="facts">What the metrics do not tell.</param>
    public static ModelCard From(RunMetrics metrics, ModelCardFacts facts)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        ArgumentNullException.ThrowIfNull(facts);
        return new ModelCard
        {
            Model = facts.Model,
            Labels = metrics.Labels,
            Data = facts.Data,
            Training = facts.Training,
            IntendedUse = [.. General.IntendedUse(metrics), .. facts.IntendedUse],
            OutOfScope = [.. General.OutOfScope(metrics), .. facts.OutOfScope],
            KnownFailures = KnownFailureText.Of(metrics),
        };
    }

    private static class General
    {
        public static IEnumerable<string> IntendedUse(RunMetrics metrics)
        {
            yield return "Research and teaching: comparing methods of speech emotion recognition on the same data under the same protocol.";
            yield return metrics.Synthetic ? "Trying out training, prediction and deployment: synthetic clips are good for nothing else."
                : "Labelling expressions like those recorded in the data sets above, where a person checks the result.";
        }

        public static IEnumerable<string> OutOfScope(RunMetrics metrics)
        {
            yield return "Decisions about people, such as hiring, schooling, policing, insurance, health or credit: the model recognises how a voice sounds, not what a person feels or will do.";
            yield return "Watching people who have not agreed to it. Some laws forbid inferring emotions, for instance at work and in schools.";
            yield return "Languages, ages, recording conditions and ways of speaking that the data does not hold; acted emotions are stronger and cleaner than those of everyday speech.";
            if (metrics.Synthetic) yield return "Any conclusion about human speech: the clips were made by a program.";
            if (metrics.SharesSpeakers) yield return "Speakers it was not trained on, as far as these scores go: they were measured on speakers of the training part.";
        }
    }
}
