using System.Text.Json;
using SerPipeline.Evaluation;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Evaluation;

/// <summary>
/// Stored predictions beside scikit-learn's and statsmodels' values for them; Fixtures/make_fixtures.py makes the file and describes its
/// layout.
/// </summary>
internal static class MetricFixtures
{
    private static readonly Lazy<JsonElement> Root = new(() =>
    {
        using JsonDocument document =
            JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Companions.Repository(), "SerPipeline.Tests", "Evaluation", "Fixtures",
                "metrics.json")));
        return document.RootElement.Clone();
    });

    public static IReadOnlyList<(string Name, PredictionSet Predictions, JsonElement Expected)> Sets =>
        [.. Root.Value.GetProperty("sets").EnumerateArray()
            .Select(set => (set.GetProperty("name").GetString()!, Read(set), set.GetProperty("expected")))];

    public static IReadOnlyList<McNemarTest> McNemar =>
        JsonSerializer.Deserialize<McNemarTest[]>(Root.Value.GetProperty("mcnemar"), JsonSerializerOptions.Web)!;

    private static PredictionSet Read(JsonElement set)
    {
        string[] labels = set.GetProperty("labels").Deserialize<string[]>()!;
        int[] truth = set.GetProperty("truth").Deserialize<int[]>()!, predicted = set.GetProperty("predicted").Deserialize<int[]>()!;
        float[][] probabilities = set.GetProperty("probabilities").Deserialize<float[][]>()!;
        return new PredictionSet(labels,
            [.. truth.Select((t, i) =>
                new ClipPrediction { Path = $"{i}.wav", Label = labels[t], Predicted = labels[predicted[i]],
                    Probabilities = probabilities[i] })]);
    }
}
