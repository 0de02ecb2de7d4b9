using System.Text.Json.Nodes;

namespace SerPipeline.Console.ModelBuilder;

/// <summary>One training as the run history of a configuration keeps it.</summary>
internal sealed record MbConfigTrial
{
    private const string SchemaName = "_SCHEMA_", FinishedName = "Finished", ByUar = "MacroAccuracy", ByAccuracy = "MicroAccuracy",
        ByLogLoss = "LogLoss";

    /// <summary>The stages of the model, with their options.</summary>
    public required IReadOnlyList<ModelStage> Stages { get; init; }

    /// <summary>Its scores.</summary>
    public required RunMetrics Metrics { get; init; }

    /// <summary>How long it took; null when that is not known.</summary>
    public TimeSpan? Elapsed { get; init; }

    /// <summary>How it was trained.</summary>
    public required TrainingRecord Record { get; init; }

    /// <summary>The model's file.</summary>
    public required string Model { get; init; }

    /// <summary>Checks that a run history can take trials of this program.</summary>
    /// <param name="file">The configuration.</param>
    /// <exception cref="MbConfigException">It is ordered by a metric that is not computed here, or is no run history.</exception>
    public static void RequireHistory(MbConfigFile file)
    {
        if (file.Section(file.Root, "RunHistory") is not { } history) return;
        file.Objects(history, "Trials");
        file.Section(history, "Estimators");
        if (file.Text(history, "MetricName") is { } metric and not (ByUar or ByAccuracy or ByLogLoss))
            throw new MbConfigException($"'{file.Path}' scores its trials by {metric}; a trial of this program has {ByUar} (UAR), "
                + $"{ByAccuracy} (accuracy) or {ByLogLoss}. Change RunHistory.MetricName, or remove RunHistory.");
    }

    /// <summary>Whether a run history holds the trial that ended at a time.</summary>
    /// <param name="file">The configuration.</param>
    /// <param name="finished">The time.</param>
    public static bool IsIn(MbConfigFile file, DateTimeOffset finished) =>
        OwnParts(file).Any(own => file.Text(own, FinishedName) == TextOf(finished));

    /// <summary>Whether a run history holds this very trial: one model may have been scored in several ways.</summary>
    /// <param name="file">The configuration.</param>
    public bool IsIn(MbConfigFile file) => OwnParts(file).Any(own => file.Text(own, FinishedName) == TextOf(Record.Trained)
        && file.Text(own, "Protocol") == Metrics.Protocol && file.Text(own, "Dataset") == Metrics.Dataset
        && file.Whole(own, "Fold") == Metrics.Fold);

    /// <summary>Appends the trial to a configuration, which names its model from then on.</summary>
    /// <param name="file">The configuration.</param>
    public void AppendTo(MbConfigFile file)
    {
        RequireHistory(file);
        JsonObject history = file.Section(file.Root, "RunHistory") ?? NewHistory(file.Root);
        var trials = (JsonArray)(history["Trials"] ??= new JsonArray());
        var estimators = (JsonObject)(history["Estimators"] ??= new JsonObject());
        string metric = file.Text(history, "MetricName") ?? ByUar;
        string[] keys = [.. KeysOf(estimators)];
        string schema = string.Join(" * ", keys);
        var parameter = new JsonObject { [SchemaName] = schema };
        foreach ((string key, ModelStage stage) in keys.Zip(Stages)) parameter[key] = JsonNode.Parse(stage.Options.GetRawText());
        var trial = new JsonObject { ["Version"] = 1, ["Type"] = "Trial", ["TrainerName"] = Trainer, ["Score"] = ScoreBy(metric) };
        if (Elapsed is { } elapsed) trial["RuntimeInSeconds"] = Math.Round(elapsed.TotalSeconds, 1);
        trial["Parameter"] = parameter;
        trial[MbConfigFile.OwnSection] = OwnPart(file);
        trials.Add(trial);
        (history["Schema"], history["MetricName"]) = (schema, metric);
        PointTo(file, Model);
    }

    /// <summary>Lets a configuration name its model.</summary>
    /// <param name="file">The configuration.</param>
    /// <param name="model">The model's file.</param>
    public static void PointTo(MbConfigFile file, string model) => (file.Section(file.Root, "RunHistory")
        ?? NewHistory(file.Root))["ModelFilePath"] = file.Relative(model);

    /// <summary>Takes a model's file from the trials that name it: another model lies there now.</summary>
    /// <param name="file">The configuration.</param>
    /// <param name="model">The model's file.</param>
    /// <param name="finished">When the training of the model that lies there now ended; null where it does not say.</param>
    public static void Forget(MbConfigFile file, string model, DateTimeOffset? finished)
    {
        foreach (JsonObject own in OwnParts(file))
            if (file.Text(own, nameof(Model)) == file.Relative(model)
                && (finished is null || file.Text(own, FinishedName) != TextOf(finished.Value))) own[nameof(Model)] = null;
    }

    private static IEnumerable<JsonObject> OwnParts(MbConfigFile file) => file.Section(file.Root, "RunHistory") is { } history
        ? file.Objects(history, "Trials").Select(trial => file.Section(trial, MbConfigFile.OwnSection)).OfType<JsonObject>()
        : [];

    private string Trainer => Stages[^1].Name;

    /// <summary>The stages of a trial: the model's own, and its trainer.</summary>
    public static IReadOnlyList<ModelStage> StagesOf(ModelRecord model, TrainingRecord training)
    {
        JsonElement options = training.TrainerOptions ?? JsonDocument.Parse("{}").RootElement;
        string name = options.TryGetProperty("name", out JsonElement own) ? own.ToString().Replace("Options", "", StringComparison.Ordinal)
            : training.Trainer;
        return [.. model.Stages, new ModelStage(name, "", "", options)];
    }

    private static JsonObject NewHistory(JsonObject root)
    {
        var history = new JsonObject { ["Version"] = 3, ["Type"] = "Result" };
        root["RunHistory"] = history;
        return history;
    }

    private double? ScoreBy(string metric) => metric switch
    {
        ByAccuracy => Metrics.Accuracy,
        ByLogLoss => Metrics.LogLoss,
        _ => Metrics.Uar,
    };

    // A score without its protocol says nothing.
    private JsonObject OwnPart(MbConfigFile file)
    {
        var own = new JsonObject
        {
            [nameof(Model)] = file.Relative(Model),
            ["Dataset"] = Metrics.Dataset,
            ["TrainDataset"] = Metrics.TrainDataset ?? Metrics.Dataset,
            ["Protocol"] = Metrics.Protocol,
            ["SpeakersShared"] = Metrics.SharedSpeakers is { } shared ? JsonValue.Create(shared.Count) : null,
            [nameof(Trainer)] = Metrics.Trainer,
            ["Seed"] = Metrics.Seed,
            ["TestClips"] = Metrics.TestClips,
            ["Uar"] = Metrics.Uar,
            ["Accuracy"] = Metrics.Accuracy,
            [FinishedName] = TextOf(Record.Trained),
        };
        if (Metrics.Fold is { } fold) own["Fold"] = fold;
        if (Record.Settings is { } settings)
            own["Train"] = new JsonObject(settings.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value)));
        return own;
    }

    // Trials share one list of estimators: a stage takes the first entry of its name that the trial has not used, or a new one.
    private List<string> KeysOf(JsonObject estimators)
    {
        var keys = new List<string>();
        foreach (ModelStage stage in Stages)
        {
            string? known = estimators.FirstOrDefault(pair => !keys.Contains(pair.Key) && pair.Value is JsonValue value
                && value.TryGetValue(out string? name) && name == stage.Name).Key;
            if (known is null)
            {
                known = Enumerable.Range(0, int.MaxValue).Select(NameOf).First(free => !estimators.ContainsKey(free));
                estimators[known] = stage.Name;
            }
            keys.Add(known);
        }
        return keys;
    }

    private static string TextOf(DateTimeOffset time) => time.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);

    private static string NameOf(int number) => "e" + Format.Whole(number);
}
