using Microsoft.ML;
using SerPipeline.Networks;
using SerPipeline.Tests.Support;
using SerPipeline.Trainers;
using TorchSharp;
using static TorchSharp.torch;

namespace SerPipeline.Tests.Trainers;

/// <summary>Trainings that are broken off at an epoch's end and gone on with in another trainer. Alone: TorchSharp's own layers draw from
/// the generator of the process, and so do those that other tests make.</summary>
[Collection("Tensor counts")]
public sealed class CheckpointTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string File => _folder.File("training.checkpoint");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("Mlp", 1)]
    [InlineData("Mlp", 5)]
    [InlineData("MlpClassifier", 3)]
    [InlineData("Lstm", 2)]
    [InlineData("ImageClassification", 1)]
    [InlineData("ImageClassification", 3)]
    [InlineData("ResNet18", 1)]
    [InlineData("TorchSharp dropout", 4)]
    public void A_training_goes_on_to_the_same_bits(string trainer, int brokenAfter)
    {
        TrainingHistory whole = Fit(trainer, null, int.MaxValue, out byte[] expected)!;
        Assert.Null(Fit(trainer, File, brokenAfter, out _));
        var seen = new List<int>();
        TrainingHistory resumed = Fit(trainer, File, int.MaxValue, out byte[] network, seen.Add)!;
        Assert.Equal(expected, network);
        Assert.Equal(Figures(whole), Figures(resumed));
        Assert.Equal(whole.ChosenEpoch, resumed.ChosenEpoch);
        Assert.Equal(whole.Temperature, resumed.Temperature);
        Assert.Equal(Enumerable.Range(1, whole.Epochs.Count), seen);
        // Once more: all is done, and the file still says so.
        Fit(trainer, File, int.MaxValue, out byte[] again);
        Assert.Equal(expected, again);
    }

    [Fact]
    public void A_training_that_early_stopping_has_ended_is_not_gone_on_with()
    {
        MlpOptions options = Stopping(_ => { });
        byte[] Train(Action<TrainingMetrics> callback, out TrainingHistory history)
        {
            using NeuralModel model = TrainingLoopTests.Mlp(options with { MetricsCallback = callback })
                .Fit(Toys.Clouds(60, seed: 3, shuffled: true));
            history = model.History;
            return model.Network.ToBytes();
        }
        byte[] first = Train(_ => { }, out TrainingHistory before);
        Assert.InRange(before.Epochs.Count, 4, 199);
        Assert.Equal(first, Train(_ => { }, out TrainingHistory after));
        // Seconds and all: no epoch was trained again.
        Assert.Equal(before.Epochs, after.Epochs);
    }

    [Fact]
    public void Members_of_an_ensemble_that_are_done_are_not_trained_again()
    {
        EnsembleOptions Ensemble(string? path, Action<TrainingMetrics> callback) => EnsembleOptions.Of(
            new MlpOptions { Epoch = 3, HiddenUnits = [8], Seed = 5, CheckpointPath = path, MetricsCallback = callback }, 3);
        byte[] Train(EnsembleOptions options)
        {
            using NeuralModel model = Toys.Ml.MulticlassClassification.Trainers.Ensemble(options).Fit(Toys.Clouds(60, seed: 1));
            return model.Network.ToBytes();
        }
        byte[] expected = Train(Ensemble(null, _ => { }));
        var trained = new List<TrainingMetrics>();
        Assert.Throws<InvalidOperationException>(() => Train(Ensemble(File, epoch =>
        {
            trained.Add(epoch);
            if (trained.Count == 5) throw new InvalidOperationException("stop");
        })));
        Assert.Equal(["training.checkpoint.1"], Directory.GetFiles(_folder.Path).Select(Path.GetFileName));
        var resumed = new List<TrainingMetrics>();
        Assert.Equal(expected, Train(Ensemble(File, resumed.Add)));
        Assert.Equal(9, resumed.Count);
        Assert.Equal(trained.Take(3), resumed.Take(3));
        Checkpoint.Delete(File);
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void Another_training_is_refused_with_what_differs()
    {
        MlpOptions options = new() { Epoch = 2, ValidationSetFraction = 0.1, HiddenUnits = [8], CheckpointPath = File };
        using (TrainingLoopTests.Mlp(options).Fit(Toys.Clouds(60, seed: 1))) { }
        void Refused(MlpOptions other, IDataView rows, string what)
        {
            string message = Assert.Throws<ResumeException>(() => TrainingLoopTests.Mlp(other).Fit(rows)).Message;
            Assert.Contains(File, message, StringComparison.Ordinal);
            Assert.Contains(what, message, StringComparison.Ordinal);
        }
        Refused(options with { Epoch = 3 }, Toys.Clouds(60, seed: 1), "epoch was 2 and is 3");
        Refused(options with { Seed = 9 }, Toys.Clouds(60, seed: 1), "seed was 1 and is 9");
        Refused(options with { HiddenUnits = [9] }, Toys.Clouds(60, seed: 1), "hiddenUnits");
        Refused(options, Toys.Clouds(60, seed: 2), "rows was");
        Refused(options, Toys.Clouds(63, seed: 1), "trainingRows was 54 and is 57");
        // Where examples lie is no difference.
        using NeuralModel same = TrainingLoopTests.Mlp(options with { MemoryBudgetBytes = 0 }).Fit(Toys.Clouds(60, seed: 1));
        Assert.Equal(2, same.History.Epochs.Count);
    }

    [Fact]
    public void A_file_cut_or_changed_anywhere_is_refused()
    {
        MlpOptions options = new() { Epoch = 1, HiddenUnits = [4], CheckpointPath = File };
        using (TrainingLoopTests.Mlp(options).Fit(Toys.Clouds(30, seed: 1))) { }
        byte[] whole = System.IO.File.ReadAllBytes(File);
        var random = new SeededRandom(1);
        for (int i = 0; i < 60; i++)
        {
            byte[] damaged = i % 3 == 0 ? whole[..random.Next(whole.Length)] : [.. whole];
            // The header is short beside the tensors.
            int place = random.Next(i % 3 == 1 ? 3000 : damaged.Length);
            if (i % 3 != 0) damaged[place] ^= (byte)(1 << random.Next(8));
            System.IO.File.WriteAllBytes(File, damaged);
            var e = Assert.Throws<ResumeException>(() => TrainingLoopTests.Mlp(options).Fit(Toys.Clouds(30, seed: 1)));
            Assert.Contains(File, e.Message, StringComparison.Ordinal);
        }
        System.IO.File.WriteAllBytes(File, whole);
        using (TrainingLoopTests.Mlp(options).Fit(Toys.Clouds(30, seed: 1))) { }
    }

    [Fact]
    public void A_file_that_gets_shorter_while_it_is_read_is_not_whole()
    {
        System.IO.File.WriteAllBytes(File, new byte[100]);
        using var file = new Shortened(File);
        Assert.False(TensorFile.IsWhole(file));
    }

    [Fact]
    public void Checkpoints_leave_no_tensor()
    {
        long Live() => DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        Fit("ImageClassification", null, int.MaxValue, out _);
        long before = Live();
        Fit("ImageClassification", File, 2, out _);
        Fit("ImageClassification", File, int.MaxValue, out _);
        Assert.Equal(before, Live());
    }

    // Processor time, which a busy machine does not stretch; in turn, so that neither has the warm start.
    [Fact(Explicit = true), Trait("Speed", "slow")]
    public void Checkpoints_cost_a_few_per_cent_of_a_training()
    {
        IDataView rows = Toys.Bands(600, seed: 1);
        double Train(string? checkpoint)
        {
            if (checkpoint is not null) System.IO.File.Delete(checkpoint);
            using var self = System.Diagnostics.Process.GetCurrentProcess();
            TimeSpan before = self.TotalProcessorTime;
            var options = new ImageClassificationOptions { Epoch = 40, CheckpointPath = checkpoint, KeepLastEpoch = true };
            using (TrainingLoopTests.Cnn(options).Fit(rows)) { }
            self.Refresh();
            return (self.TotalProcessorTime - before).TotalSeconds;
        }
        Train(null);
        double[] without = new double[4], with = new double[4];
        for (int i = 0; i < 4; i++) (without[i], with[i]) = (Train(null), Train(File));
        TestContext.Current.TestOutputHelper?.WriteLine($"{without.Average():0.00} s without, {with.Average():0.00} s with checkpoints of "
            + $"{new FileInfo(File).Length >> 10} KB");
        Assert.True(with.Average() < 1.1 * without.Average());
    }

    private sealed class Shortened(string path) : FileStream(path, FileMode.Open)
    {
        public override long Length => base.Length + 100;
    }

    private MlpOptions Stopping(Action<TrainingMetrics> callback) => new()
    {
        Epoch = 200,
        LearningRate = 0.1,
        HiddenUnits = [32],
        ValidationSet = Toys.Clouds(60, seed: 4, shuffled: true),
        EarlyStoppingCriteria = new() { Patience = 3 },
        CheckpointPath = File,
        MetricsCallback = callback,
    };

    private static IEnumerable<TrainingMetrics> Figures(TrainingHistory history) =>
        history.Epochs.Select(epoch => epoch with { Seconds = 0, ExamplesPerSecond = 0 });

    // Null where the callback broke it off.
    private static TrainingHistory? Fit(string trainer, string? checkpoint, int epochs, out byte[] network, Action<int>? seen = null)
    {
        void Callback(TrainingMetrics epoch)
        {
            seen?.Invoke(epoch.Epoch);
            if (epoch.Epoch >= epochs) throw new OperationCanceledException();
        }
        T Watched<T>(T options) where T : NeuralTrainerOptions =>
            options with { CheckpointPath = checkpoint, CheckpointEveryEpoch = true, MetricsCallback = Callback };
        var trainers = Toys.Ml.MulticlassClassification.Trainers;
        NeuralTrainer estimator = trainer switch
        {
            "Mlp" => trainers.Mlp(Watched(new MlpOptions { Epoch = 6 })),
            "MlpClassifier" => trainers.MlpClassifier(Watched(new MlpClassifierOptions { Epoch = 6 })),
            "Lstm" => trainers.Lstm(Watched(new LstmOptions { Epoch = 4, ValidationSetFraction = 0.2, KeepLastEpoch = false })),
            "ImageClassification" => TrainingLoopTests.Cnn(Watched(new ImageClassificationOptions { Epoch = 6 })),
            "ResNet18" => trainers.ResNet18(Watched(new ResNet18Options { Pretrained = false, Stages = 1, Epoch = 2 })),
            _ => trainers.TorchModule(
                context => nn.Sequential(("in", nn.Linear(context.Shape[0], 16)), ("drop", nn.Dropout(0.3)),
                    ("norm", nn.BatchNorm1d(16)), ("out", nn.Linear(16, context.Classes))), Watched(new TorchModuleOptions { Epoch = 6 })),
        };
        IDataView rows = trainer is "ImageClassification" or "ResNet18" ? Toys.Bands(60, seed: 1) : Toys.Clouds(60, seed: 1);
        network = [];
        try
        {
            using NeuralModel model = estimator.Fit(rows);
            network = model.Network.ToBytes();
            return model.History;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }
}
