using System.Text.Json.Nodes;
using SerPipeline.Console.Commands;

namespace SerPipeline.Console.ModelBuilder;

/// <summary>The configuration of a model that has none yet: Model Builder's fields, and in a section of its own what they have no room
/// for.</summary>
internal static class NewMbConfig
{
    private const int DefaultFolds = 5;
    private const double DefaultTestFraction = 0.2;

    /// <summary>Makes a configuration that names no data and has no trial in it.</summary>
    /// <param name="path">Where it will be written.</param>
    /// <param name="readsImages">Whether the classifier reads images.</param>
    /// <param name="record">How the model was trained; null where it does not say.</param>
    /// <param name="foldFile">The name of the file of its folds beside the configuration; null without one.</param>
    public static MbConfigFile Create(string path, bool readsImages, TrainingRecord? record, string? foldFile)
    {
        JsonObject settings = SettingsOf(record, foldFile);
        string source = settings[CorpusSource.Corpus.Key]?.ToString() == "manifest"
            ? """{ "Type": "TabularFile", "Version": 3, "FilePath": "", "Delimiter": ",", "HasHeader": true }"""
            : """{ "Type": "Folder", "Version": 1, "FolderPath": "" }""";
        // No limit of time: epochs decide. Parsed, for values made here would know their own types alone.
        return new MbConfigFile(path, JsonNode.Parse($$"""
            {
              "Scenario": "{{(readsImages ? "ImageClassification" : "Classification")}}",
              "DataSource": {{source}},
              "Environment": { "Type": "LocalCPU", "Version": 1 },
              "Type": "TrainingConfig",
              "Version": {{MbConfigFile.Version}},
              "TrainingOption": {
                "Version": 2,
                "Subsampling": false,
                "Type": "ClassificationTrainingOption",
                "TrainingTime": 0,
                "ValidationOption": {{ValidationOf(record, settings).ToJsonString()}}
              },
              "{{MbConfigFile.OwnSection}}": { "Train": {{settings.ToJsonString()}} }
            }
            """)!.AsObject());
    }

    private static JsonObject SettingsOf(TrainingRecord? record, string? foldFile)
    {
        var settings = new JsonObject();
        foreach ((string key, string value) in record?.Settings ?? new Dictionary<string, string>()) settings[key] = value;
        // Folds that the user chose, and not those that the seed gives.
        if (settings.ContainsKey(TrainOptions.FoldFile.Key)) settings[TrainOptions.FoldFile.Key] = foldFile;
        return settings;
    }

    private static JsonObject ValidationOf(TrainingRecord? record, JsonObject settings)
    {
        string? protocol = record is null ? null : ProtocolNames.ShortOf(record.Protocol);
        if (MbConfigSettings.DividesIntoFolds(protocol))
        {
            var folds = new JsonObject { ["Version"] = 0, ["Type"] = MbConfigSettings.FoldsOption };
            // How many leave-one-speaker-out has is for the speakers to say.
            if (protocol != "loso") folds["NumberOfFolds"] = settings[TrainOptions.Folds.Key] is { } count
                ? int.Parse(count.ToString(), CultureInfo.InvariantCulture) : DefaultFolds;
            return folds;
        }
        double fraction = settings[TrainOptions.TestFraction.Key] is { } text ? double.Parse(text.ToString(), CultureInfo.InvariantCulture)
            : DefaultTestFraction;
        return new JsonObject { ["Version"] = 0, ["Type"] = MbConfigSettings.SplitOption, ["SplitRatio"] = fraction };
    }

    /// <summary>Says where the data lie.</summary>
    /// <param name="file">The configuration.</param>
    /// <param name="data">The place, as <c>--data</c> takes it.</param>
    /// <exception cref="MbConfigException">The configuration has no data source.</exception>
    public static void SetSource(MbConfigFile file, string data)
    {
        JsonObject source = file.Section(file.Root, "DataSource") ?? throw new MbConfigException($"'{file.Path}' has no DataSource.");
        source[file.Text(source, "Type") == "TabularFile" ? "FilePath" : "FolderPath"] = DataFolders.Parse(data).ToText(file.Relative);
        // It would count more than the source.
        if (file.Section(file.Root, MbConfigFile.OwnSection) is { } own && file.Section(own, "Train") is { } train)
            foreach (string key in train.Select(pair => pair.Key).Where(key => key.Equals(CorpusSource.Data.Key,
                StringComparison.OrdinalIgnoreCase)).ToArray()) train.Remove(key);
    }
}
