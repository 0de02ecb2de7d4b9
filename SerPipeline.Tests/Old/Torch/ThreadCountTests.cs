using System.Diagnostics;
using SerPipeline.Old.Torch;

namespace SerPipeline.Tests.Old.Torch;

/// <summary>Runs alone: the setting is the program's, and results of another number of threads may differ in their last bits.</summary>
[CollectionDefinition(nameof(ThreadCountTests), DisableParallelization = true)]
[Collection(nameof(ThreadCountTests))]
public sealed class ThreadCountTests : IDisposable
{
    private readonly int _before = TorchLibrary.ThreadCount;

    [Fact]
    public void A_number_holds_for_threads_that_have_computed_and_for_new_ones()
    {
        using var computed = new ManualResetEventSlim();
        using var changed = new ManualResetEventSlim();
        int early = 0, afterwards = 0;
        var old = new Thread(() =>
        {
            Compute(64);
            early = TorchLibrary.ThreadCount;
            computed.Set();
            changed.Wait(TestContext.Current.CancellationToken);
            afterwards = TorchLibrary.ThreadCount;
        });
        old.Start();
        computed.Wait(TestContext.Current.CancellationToken);
        foreach (int count in new[] { 3, 1 })
        {
            TorchLibrary.ThreadCount = count;
            Assert.Equal(count, TorchLibrary.ThreadCount);
            int seen = 0;
            var young = new Thread(() => seen = TorchLibrary.ThreadCount);
            young.Start();
            young.Join();
            Assert.Equal(count, seen);
        }
        changed.Set();
        old.Join();
        Assert.Equal((_before, 1), (early, afterwards));
    }

    [Fact]
    public void With_one_thread_a_program_takes_no_more_processor_time_than_wall_time()
    {
        Assert.SkipWhen(Environment.ProcessorCount < 2, "needs two cores to tell one thread from two");
        // Made once: a matrix a product would keep the garbage collector's threads busy beside.
        using TensorScope scope = TensorScope.New();
        Tensor values = Tensor.From(new float[512 * 512], 512, 512);
        // A thread that has computed with all cores must obey too, at its next operator and without asking first.
        TorchLibrary.ThreadCount = 2;
        double two = Share(values);
        TorchLibrary.ThreadCount = 1;
        // Whatever else this program does beside, such as compiling and collecting, only adds to a reading: the least of several is nearest to libtorch's own.
        double share = Enumerable.Range(0, 5).Min(_ => Share(values));
        TestContext.Current.TestOutputHelper?.WriteLine($"{two:0.00} of a core with two threads, {share:0.00} with one");
        // Two threads take near 2 of an idle machine; the runtime's own threads a little.
        Assert.True(share < 1.4, $"{share} of a core");
    }

    [Fact]
    public void Numbers_that_are_none_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => TorchLibrary.ThreadCount = 0);
        Assert.Throws<ArgumentOutOfRangeException>(() => TorchLibrary.ThreadCount = 1025);
        Assert.Equal(_before, TorchLibrary.ThreadCount);
    }

    public void Dispose() => TorchLibrary.ThreadCount = _before;

    private static double Share(Tensor values)
    {
        using Process process = Process.GetCurrentProcess();
        TimeSpan start = process.TotalProcessorTime;
        var watch = Stopwatch.StartNew();
        while (watch.Elapsed < TimeSpan.FromMilliseconds(300)) values.MatMul(values).Dispose();
        process.Refresh();
        return (process.TotalProcessorTime - start) / watch.Elapsed;
    }

    private static void Compute(int size)
    {
        using TensorScope scope = TensorScope.New();
        Tensor values = Tensor.From(new float[size * size], size, size);
        _ = values.MatMul(values);
    }
}
