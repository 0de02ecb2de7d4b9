using System.Diagnostics;
using SerPipeline.Networks;
using SerPipeline.Trainers;
using static TorchSharp.torch;

namespace SerPipeline.Tests.Trainers;

/// <summary>Runs alone: the number of threads is the program's, and results of another number may differ in their last bits.</summary>
[Collection("Tensor counts")]
public sealed class ThreadCountTests : IDisposable
{
    private readonly int _before = Threads();

    [Theory]
    [InlineData(1, ComputePrecision.Float32)]
    [InlineData(2, ComputePrecision.Float32)]
    [InlineData(2, ComputePrecision.BFloat16)]
    public void The_same_seed_gives_the_same_bits_with_any_number_of_threads(int threads, ComputePrecision precision)
    {
        set_num_threads(threads);
        byte[] Network(int seed)
        {
            // Wide enough that libtorch divides the sums and products of a step among its threads.
            using NeuralModel model = Toys.Ml.MulticlassClassification.Trainers
                .Mlp(new MlpOptions { Epoch = 2, HiddenUnits = [512, 256], Seed = seed, Precision = precision })
                .Fit(Toys.Clouds(90, seed: 1));
            using NeuralModel cnn = TrainingLoopTests.Cnn(new() { Epoch = 1, Seed = seed, Precision = precision })
                .Fit(Toys.Bands(40, seed: 1));
            return [.. model.Network.ToBytes(), .. cnn.Network.ToBytes()];
        }
        byte[] network = Network(3);
        Assert.Equal(network, Network(3));
        Assert.NotEqual(network, Network(4));
    }

    [Fact]
    public void With_one_thread_products_take_no_more_processor_time_than_wall_time()
    {
        Assert.SkipWhen(Environment.ProcessorCount < 2, "needs two cores to tell one thread from two");
        set_num_threads(1);
        using Tensor values = ones(512, 512);
        // Whatever else this program does beside only adds to a reading, so one low reading is proof.
        Assert.Contains(Enumerable.Range(0, 30).Select(_ => Share(values)), share => share < 1.4);
    }

    public void Dispose() => set_num_threads(_before);

    private static int Threads()
    {
        TorchEngine.Start();
        return get_num_threads();
    }

    private static double Share(Tensor values)
    {
        using Process process = Process.GetCurrentProcess();
        TimeSpan start = process.TotalProcessorTime;
        var watch = Stopwatch.StartNew();
        while (watch.Elapsed < TimeSpan.FromMilliseconds(300)) values.matmul(values).Dispose();
        process.Refresh();
        return (process.TotalProcessorTime - start) / watch.Elapsed;
    }
}
