namespace SerPipeline.Tests.Old.Pipeline;

/// <summary>Tests that count the tensors alive in the whole process: they run when no other test does.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class TensorCounting
{
    public const string Name = "Live tensors";
}
