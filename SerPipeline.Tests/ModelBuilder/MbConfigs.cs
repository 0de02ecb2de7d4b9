using System.Text.Json.Nodes;

namespace SerPipeline.Tests.ModelBuilder;

/// <summary>Configurations as Model Builder writes them.</summary>
internal static class MbConfigs
{
    /// <summary>One of an image classification, version 5, with a trial.</summary>
    public const string Image = """
        {
          "Scenario": "ImageClassification",
          "DataSource": { "Type": "Folder", "Version": 1, "FolderPath": "clips" },
          "Environment": { "Type": "LocalCPU", "Version": 1 },
          "RunHistory": {
            "Version": 3, "Type": "Result",
            "Trials": [ {
              "Version": 1, "Type": "Trial", "TrainerName": "ImageClassificationMulti", "Score": 0.5, "RuntimeInSeconds": 12.25,
              "Parameter": {
                "_SCHEMA_": "e0 * e1 * e2",
                "e0": { "OutputColumnName": "Label", "InputColumnName": "Label", "AddKeyValueAnnotationsAsText": false },
                "e1": { "LabelColumnName": "Label", "ScoreColumnName": "Score", "FeatureColumnName": "ImageSource",
                  "Arch": "ResnetV2101", "BatchSize": 16, "Epoch": 2 },
                "e2": { "OutputColumnName": "PredictedLabel", "InputColumnName": "PredictedLabel" }
              } } ],
            "Estimators": { "e0": "MapValueToKey", "e1": "ImageClassificationMulti", "e2": "MapKeyToValue" },
            "Schema": "e0 * e1 * e2", "MetricName": "MicroAccuracy", "ModelFilePath": "Emotion.mlnet"
          },
          "Type": "TrainingConfig", "Version": 5,
          "TrainingOption": { "Version": 2, "Subsampling": false, "Type": "ClassificationTrainingOption", "TrainingTime": 600,
            "ValidationOption": { "Version": 0, "Type": "TrainValidateSplitValidationOption", "SplitRatio": 0.25 } },
          "OfTheirOwn": { "Kept": true }
        }
        """;

    /// <summary>The trials of a file.</summary>
    public static IReadOnlyList<JsonObject> Trials(string path) =>
        [.. Read(path)["RunHistory"]!["Trials"]!.AsArray().Select(trial => trial!.AsObject())];

    /// <summary>A file's content.</summary>
    public static JsonObject Read(string path) => JsonNode.Parse(File.ReadAllText(path))!.AsObject();

    /// <summary>The image classification with something changed.</summary>
    public static string With(Action<JsonObject> change)
    {
        JsonObject root = JsonNode.Parse(Image)!.AsObject();
        change(root);
        return root.ToJsonString();
    }
}
