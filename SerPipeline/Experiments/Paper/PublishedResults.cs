using SerPipeline.Corpora;

namespace SerPipeline.Experiments.Paper;

/// <summary>The accuracies that the paper prints; what it prints for other cells is not known.</summary>
internal static class PublishedResults
{
    private static readonly Dictionary<(string Model, string Set), double> Accuracies = new()
    {
        [("cnn", PaperFeatures.Original)] = 0.51,
        [("cnn", PaperFeatures.Over)] = 0.54,
        [("cnn", PaperFeatures.New)] = 0.94,
        [("mlp", PaperFeatures.Original)] = 0.48,
    };

    /// <summary>The accuracy printed, or null.</summary>
    public static double? Accuracy(string model, string set) => Accuracies.TryGetValue((model, set), out double value) ? value : null;
}
