using SerPipeline.Old.Torch;


namespace SerPipeline.Tests.Old.Pipeline;

/// <summary>Counts tensors, after those that other tests left to the collector are gone. For tests of <see cref="TensorCounting"/> only.</summary>
internal static class LiveTensors
{
    public static long Count()
    {
        for (int i = 0; i < 2; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        return Tensor.LiveCount;
    }

    /// <summary>Runs the action and requires that it left as many tensors as it found: none waiting for the collector either.</summary>
    public static void MustNotGrow(Action action)
    {
        long before = Count();
        action();
        // Read before any collection: a tensor that only a finalizer would free has leaked.
        Assert.Equal(before, Tensor.LiveCount);
    }
}
