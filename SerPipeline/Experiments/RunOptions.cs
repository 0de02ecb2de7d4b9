using System.Reflection;
using System.Text.Json;
using SerPipeline.Corpora;
using SerPipeline.Evaluation;
using SerPipeline.Old.Models;
using SerPipeline.Old.Pipeline;
using SerPipeline.Old.Torch;
using SerPipeline.Old.Trainers;

namespace SerPipeline.Experiments;

/// <summary>What run.json tells of a run besides its data: every option of every stage, and the machine.</summary>
internal static class RunOptions
{
    /// <summary>Versions and machine, libtorch's included; only after libtorch was used.</summary>
    public static RunEnvironment Environment() => RunEnvironment.Current() with
    {
        LibTorch = TorchLibrary.Version.ToString(),
        Threads = TorchLibrary.ThreadCount,
        Device = "cpu",
    };

    /// <summary>The section with what only one fold has.</summary>
    public const string SplitSection = "split";

    /// <summary>Every option of a training.</summary>
    /// <param name="corpus">The corpus.</param>
    /// <param name="settings">What the user set.</param>
    /// <param name="experiment">What the training belongs to.</param>
    /// <param name="result">The training.</param>
    /// <param name="model">The saved model, which holds the options of every stage.</param>
    public static IReadOnlyDictionary<string, JsonElement> Of(
        Corpus corpus, ExperimentSettings settings, Experiment experiment, TrainingResult result, ModelDocument model)
    {
        var all = new SortedDictionary<string, JsonElement>(StringComparer.Ordinal);
        var split = new SortedDictionary<string, object?>(StringComparer.Ordinal)
        {
            ["protocol"] = experiment.Plan.Plan.Protocol,
            ["origin"] = experiment.Plan.Plan.Origin,
            ["fold"] = result.Fold.Fold.Number,
            ["trainCorpora"] = result.Fold.Fold.TrainCorpora,
            ["heldOutSpeakers"] = result.Fold.Fold.Split.HeldOutSpeakers,
            ["leakCheck"] = result.Metrics[0].LeakCheck,
        };
        foreach ((string name, JsonElement value) in RunRecord.Describe(
            ("corpus", Describe(corpus)), ("command", settings), (SplitSection, split), ("trainer", Plain(result.Options))))
            all.Add(name, value);
        foreach ((int number, StageContent stage) in model.Stages.Index())
        {
            using JsonDocument options = JsonDocument.Parse(stage.OptionsJson);
            all.Add($"stage {number + 1}: {stage.StageName}", options.RootElement.Clone());
        }
        return all;
    }

    /// <summary>What is known of a corpus.</summary>
    public static IReadOnlyDictionary<string, object?> Describe(Corpus corpus) => new SortedDictionary<string, object?>(StringComparer.Ordinal)
    {
        ["name"] = corpus.Name,
        ["root"] = corpus.Root,
        ["clips"] = corpus.Clips.Count,
        ["labels"] = corpus.Labels,
        ["synthetic"] = corpus.IsSynthetic,
        ["licence"] = corpus.Licence,
        ["note"] = corpus.Note,
    };

    // What a user sets, without what only lives in this process: callbacks, tokens and views.
    private static SortedDictionary<string, object?> Plain(NeuralTrainerOptions options)
    {
        var plain = new SortedDictionary<string, object?>(StringComparer.Ordinal)
        {
            ["name"] = options.GetType().Name,
            // What auto meant on the machine of the run.
            ["resolvedPrecision"] = options.Precision.Resolve(),
        };
        foreach (PropertyInfo property in options.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            Type type = property.PropertyType;
            bool lives = typeof(Delegate).IsAssignableFrom(type) || type == typeof(CancellationToken) || typeof(IDataView).IsAssignableFrom(type);
            if (!lives) plain.Add(JsonNamingPolicy.CamelCase.ConvertName(property.Name), property.GetValue(options));
        }
        return plain;
    }
}
