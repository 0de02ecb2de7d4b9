using SerPipeline.Tests.ModelBuilder;
using SerPipeline.Tests.Support;
using Xunit.Sdk;
using Xunit.v3;

[assembly: TestCollectionOrderer(typeof(LongestFirst))]

namespace SerPipeline.Tests.Support;

/// <summary>Starts the collections that take longest first, so that none of them is left to run alone at the end.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly string[] Long =
    [
        BuiltProject.Collection, nameof(Console.ProtocolTests), nameof(Experiments.SpeakerEnrolmentTests), nameof(Console.TrainFaultTests),
        nameof(TrainConfigTests), nameof(Onnx.ChainExportTests), nameof(Networks.PublishedProgramTests), nameof(Console.TrainKillTests),
        nameof(Prediction.SavedChainTests), nameof(Console.TrainResumeTests), nameof(Onnx.UtteranceExportTests),
        nameof(Prediction.ChainScorerTests), nameof(Console.FinalTrainingTests), nameof(Console.TrainCheckTests),
        nameof(Experiments.ExperimentRunnerTests), nameof(Console.TrainersTests),
    ];

    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(
        IReadOnlyCollection<TTestCollection> testCollections) where TTestCollection : ITestCollection =>
        [.. testCollections.OrderBy(Rank)];

    private static int Rank<TTestCollection>(TTestCollection collection) where TTestCollection : ITestCollection
    {
        string name = collection.TestCollectionDisplayName;
        int at = Array.FindIndex(Long, one => name == one || name.Contains($".{one} ", StringComparison.Ordinal));
        return at < 0 ? Long.Length : at;
    }
}
