using Microsoft.ML;
using Microsoft.ML.Data;
using SerPipeline.Trainers;
using TorchSharp;

namespace SerPipeline.Tests.Trainers;

/// <summary>What trainings leave in libtorch's memory and on disk. Counts what the thread of the test makes, and files of the
/// process.</summary>
[Collection("Tensor counts")]
public sealed class TrainerMemoryTests
{
    [Theory]
    [InlineData("Mlp")]
    [InlineData("MlpClassifier")]
    [InlineData("Conv1d")]
    [InlineData("Lstm")]
    [InlineData("ImageClassification")]
    public void A_training_leaves_no_tensor(string trainer)
    {
        LeavesNothing(() =>
        {
            using NeuralModel model = Fit(trainer, 2, 40, out _);
            Assert.Equal(2, model.History.Epochs.Count);
        });
    }

    [Fact]
    public void Tensors_stay_as_many_over_a_thousand_steps() => Flat(steps: 1200);

    [Fact(Explicit = true), Trait("Category", "Slow")]
    public void Tensors_and_bytes_stay_as_many_over_ten_thousand_steps() => Flat(steps: 10_000);

    // 20 steps an epoch.
    private static void Flat(int steps)
    {
        var watched = new List<(long Live, long Bytes)>();
        using NeuralModel model = TrainingLoopTests.Mlp(new()
        {
            Epoch = steps / 20,
            BatchSize = 2,
            HiddenUnits = [4],
            ValidationSetFraction = 0.2,
            EarlyStoppingCriteria = new() { Patience = 100_000 },
            MetricsCallback = _ => watched.Add((DisposeScopeManager.Statistics.ThreadTotalLiveCount, Environment.WorkingSet)),
        }).Fit(Toys.Clouds(50, seed: 1));
        Assert.Equal(steps / 20, watched.Count);
        // The first epochs make the optimizer's memory and the copy of the best weights.
        Assert.All(watched.Skip(5), now => Assert.InRange(now.Live - watched[5].Live, -8, 8));
        // Of few steps the bytes say nothing. A tensor of 4 KB lost in each of the later half's steps would be more than this.
        long grown = watched[^1].Bytes - watched[watched.Count / 2].Bytes;
        TestContext.Current.TestOutputHelper?.WriteLine($"{steps} steps: {watched[5].Live} to {watched[^1].Live} tensors, {grown >> 10} "
            + "KB more in the later half");
        if (steps >= 10_000) Assert.True(grown < 20_000_000, $"{grown} bytes");
    }

    [Fact]
    public void Cancelling_during_training_leaves_no_tensor_and_no_file() => LeavesNothing(() =>
    {
        using var source = new CancellationTokenSource();
        int epochs = 0;
        var options = new ImageClassificationOptions
        {
            Epoch = 50,
            MemoryBudgetBytes = 0,
            CancellationToken = source.Token,
            MetricsCallback = _ =>
            {
                Assert.NotEmpty(TemporaryFiles());
                if (++epochs == 2) source.Cancel();
            },
        };
        Assert.ThrowsAny<OperationCanceledException>(() => TrainingLoopTests.Cnn(options).Fit(Toys.Bands(30, seed: 1)));
        Assert.Equal(2, epochs);
    });

    [Fact]
    public void Cancelling_while_the_rows_are_read_leaves_no_tensor_and_no_file() => LeavesNothing(() =>
    {
        using var source = new CancellationTokenSource();
        int read = 0;
        bool spilled = false;
        IEnumerable<Toys.Row> Rows()
        {
            foreach (int i in Enumerable.Range(0, 300))
            {
                if (++read == 100)
                {
                    spilled = TemporaryFiles().Length > 0;
                    source.Cancel();
                }
                yield return new Toys.Row { Features = [i, 1, 2, 3, 4, 5], Label = (uint)(i % 3) };
            }
        }
        SchemaDefinition schema = SchemaDefinition.Create(typeof(Toys.Row));
        schema["Features"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, 6);
        schema["Label"].ColumnType = new KeyDataViewType(typeof(uint), 3);
        ReadOnlyMemory<char>[] names = [.. Toys.Classes.Select(label => label.AsMemory())];
        schema["Label"].AddAnnotation("KeyValues", new VBuffer<ReadOnlyMemory<char>>(3, names),
            new VectorDataViewType(TextDataViewType.Instance, 3));
        IDataView rows = Toys.Ml.Data.LoadFromEnumerable(Rows(), schema);
        Assert.ThrowsAny<OperationCanceledException>(() =>
            TrainingLoopTests.Mlp(new() { MemoryBudgetBytes = 0, CancellationToken = source.Token }).Fit(rows));
        Assert.True(spilled);
        Assert.InRange(read, 100, 101);
    });

    [Fact]
    public void A_failing_callback_leaves_no_tensor_and_no_file() => LeavesNothing(() => Assert.Throws<InvalidOperationException>(() =>
        TrainingLoopTests.Cnn(new() { MemoryBudgetBytes = 0, MetricsCallback = _ => throw new InvalidOperationException("stop") })
            .Fit(Toys.Bands(30, seed: 1))));

    // Statistics count what a thread has made and not freed; what only a finalizer would free has leaked.
    private static void LeavesNothing(Action action)
    {
        action();
        string[] files = TemporaryFiles();
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        action();
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        Assert.Equal(files, TemporaryFiles());
        Assert.Empty(files);
    }

    private static NeuralModel Fit(string trainer, int epochs, int examples, out IDataView rows)
    {
        var trainers = Toys.Ml.MulticlassClassification.Trainers;
        rows = trainer == "ImageClassification" ? Toys.Bands(examples, seed: 1) : Toys.Clouds(examples, seed: 1);
        return trainer switch
        {
            "Mlp" => trainers.Mlp(new MlpOptions { Epoch = epochs }).Fit(rows),
            "MlpClassifier" => trainers.MlpClassifier(new MlpClassifierOptions { Epoch = epochs }).Fit(rows),
            "Conv1d" => trainers.Conv1d(new Conv1dOptions { Epoch = epochs, KernelSize = 3 }).Fit(rows),
            "Lstm" => trainers.Lstm(new LstmOptions { Epoch = epochs, ValidationSetFraction = 0.2, KeepLastEpoch = false }).Fit(rows),
            _ => TrainingLoopTests.Cnn(new() { Epoch = epochs }).Fit(rows),
        };
    }

    private static string[] TemporaryFiles() =>
        [.. Directory.GetFiles(Path.GetTempPath(), $"serpipeline-{Environment.ProcessId}-*.examples").Order(StringComparer.Ordinal)];
}
