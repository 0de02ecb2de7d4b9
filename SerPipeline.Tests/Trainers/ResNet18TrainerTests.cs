using Microsoft.ML;
using SerPipeline.Networks;
using SerPipeline.Tests.Networks;
using SerPipeline.Tests.Support;
using SerPipeline.Trainers;

namespace SerPipeline.Tests.Trainers;

/// <summary>ResNet18 as a trainer: with and without the package's weights.</summary>
public sealed class ResNet18TrainerTests
{
    private static readonly ResNet18Options Random = new() { Pretrained = false, Stages = 1, Epoch = 4, LearningRate = 3e-3 };

    [Fact]
    public void From_random_weights_it_learns_and_repeats_to_the_bit()
    {
        using NeuralModel one = Fit(Random), two = Fit(Random);
        Assert.InRange(Toys.Accuracy(one, Toys.Bands(60, seed: 2)), 0.9, 1);
        Assert.Equal(one.Network.ToBytes(), two.Network.ToBytes());
    }

    [Fact]
    public void Saved_and_loaded_it_scores_the_same()
    {
        IDataView rows = Toys.Bands(24, seed: 3);
        using NeuralModel model = Fit(Random with { Epoch = 1 });
        using var folder = new TemporaryFolder();
        Toys.Ml.Model.Save(model, rows.Schema, folder.File("m.zip"));
        Assert.Equal(Toys.Scores(model, rows), Toys.Scores(new MLContext().Model.Load(folder.File("m.zip"), out _), rows));
    }

    [Fact]
    public void With_the_packages_weights_frozen_it_learns_from_their_features()
    {
        ResNet18Tests.Package();
        ResNet18Options options = new() { Stages = 2, FrozenStages = 2, Epoch = 10, LearningRate = 0.01 };
        using NeuralModel model = Fit(options);
        Assert.InRange(Toys.Accuracy(model, Toys.Bands(60, seed: 2)), 0.9, 1);
        // The last layer alone.
        Assert.Equal((128 * 3) + 3, model.History.Parameters);
    }

    [Fact]
    public void A_package_that_is_not_there_is_told_with_the_command_that_brings_it()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("ResNet18.onnx");
        string message = Assert.Throws<OptionsException>(() =>
            Toys.Ml.MulticlassClassification.Trainers.ResNet18(new ResNet18Options { WeightsPath = path })).Message;
        foreach (string part in new[] { "ResNet18Options.WeightsPath", path, ResNet18.PackageFolder(),
            "dotnet package download Microsoft.ML.DnnImageFeaturizer.ResNet18@0.23.1 --output" })
            Assert.Contains(part, message, StringComparison.Ordinal);
        File.WriteAllText(path, "no model");
        Assert.Throws<ModelFormatException>(() => Fit(new ResNet18Options { WeightsPath = path }));
    }

    [Fact]
    public void The_version_looked_for_is_the_version_downloaded() => Assert.Contains(
        $"<PackageDownload Include=\"{ResNet18.PackageName}\" Version=\"[{ResNet18.PackageVersion}]\" />",
        File.ReadAllText(Path.Combine(Companions.Repository(), "SerPipeline", "SerPipeline.csproj")), StringComparison.Ordinal);

    [Fact]
    public void Numbers_out_of_range_are_listed()
    {
        var options = new ResNet18Options { Pretrained = false, BatchSize = 1, Stages = 5, FrozenStages = 6, Dropout = 1 };
        Assert.Equal(5, Assert.Throws<OptionsException>(options.Validate).Problems.Count);
    }

    [Fact]
    public void It_can_be_a_member_beside_a_discriminant()
    {
        var options = new VoiceEnsembleOptions
        {
            Members = [VoiceMember.Of(new LinearDiscriminantOptions()), VoiceMember.Of(Random with { Epoch = 1 })],
        };
        IDataView rows = Toys.Both(48);
        using NeuralModel model = Toys.Ml.MulticlassClassification.Trainers.VoiceEnsemble(options).Fit(rows);
        Assert.Equal(["Features", "Pixels"], model.FeatureColumnNames.Order(StringComparer.Ordinal));
        Assert.InRange(Toys.Accuracy(model, rows), 0.9, 1);
    }

    private static NeuralModel Fit(ResNet18Options options) =>
        Toys.Ml.MulticlassClassification.Trainers.ResNet18(options).Fit(Toys.Bands(90, seed: 1));
}
