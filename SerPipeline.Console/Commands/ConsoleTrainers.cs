using Microsoft.ML;

namespace SerPipeline.Console.Commands;

/// <summary>The trainers of <c>ser train</c>: the library's, and those of packages that the console alone brings.</summary>
internal static class ConsoleTrainers
{
    public static IReadOnlyList<FeatureTrainer> All { get; } =
    [
        new("lightgbm", "Boosted trees (LightGBM) over utterance features", ml => ml.MulticlassClassification.Trainers.LightGbm()),
        new("fasttree", "Boosted trees (ML.NET's FastTree), one set a label, over utterance features",
            ml => ml.MulticlassClassification.Trainers.OneVersusAll(ml.BinaryClassification.Trainers.FastTree())),
    ];

    public static IReadOnlyList<string> Names { get; } = [.. TrainerChains.Names, .. All.Select(trainer => trainer.Name)];
}
