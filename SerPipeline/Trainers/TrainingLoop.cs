using System.Diagnostics;
using SerPipeline.Evaluation;
using SerPipeline.Networks;
using static TorchSharp.torch;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace SerPipeline.Trainers;

/// <summary>
/// The one way every network here is trained: seeded mini-batches, a learning-rate schedule over all steps, gradient clipping, a look at
/// the validation part after each epoch, early stopping, and the best epoch's weights put back at the end.
/// </summary>
internal sealed class TrainingLoop(nn.Module<Tensor, Tensor> network, TrainingData data, ExampleEncoder encoder, int classes,
    NeuralTrainerOptions options, SeededRandom random)
{
    private const int ScoringBatch = 64;

    private readonly EarlyStoppingMonitor _monitor = new(options.EarlyStoppingCriteria);
    private readonly TrainingLossMonitor? _lossMonitor = options.CreateTrainingLossMonitor();

    // What an epoch goes over: every training example once, and those that oversampling repeats.
    private readonly int[] _examples = [.. data.Train, .. RandomOversampler.Draw(data.Train, data.Store.Labels, classes,
        options.Oversampling, random.Fork("oversampling"))];

    /// <summary>Positions trained on in each epoch, repetitions included.</summary>
    public IReadOnlyList<int> Examples => _examples;

    /// <summary>Trains the network in place, on the options' device, and leaves it there in evaluation mode and float32.</summary>
    /// <exception cref="OperationCanceledException">The options' token was cancelled.</exception>
    /// <exception cref="TorchException">The loss became NaN or infinite, or the engine computes wrong on this processor.</exception>
    public TrainingHistory Run()
    {
        TorchEngine.Check();
        if (!network.parameters().Any(parameter => parameter.requires_grad))
            throw new TorchException($"{options.Stage}: the network has nothing to learn: none of its parameters requires a gradient. "
                + "Register its layers (RegisterComponents), or leave some of them unfrozen.");
        Device device = TorchEngine.Resolve(options.Device);
        using DisposeScope scope = NewDisposeScope();
        network.to(device);
        network.SetPrecision(options.Precision.Resolve(device));
        IReadOnlyList<SeededRandom> draws = network.SeedDropout(random.Fork("dropout"));
        using var optimizer = new NetworkOptimizer(network, options);
        var loss = new ClassificationLoss(ClassWeights(), options.LabelSmoothing, options.FocalGamma, device);
        BatchReader reader = new(data.Store, encoder, classes, device);
        BatchReader validating = new(data.ValidationStore, encoder, classes, device);
        int stepsPerEpoch = (_examples.Length + options.BatchSize - 1) / options.BatchSize;
        Checkpoint? checkpoint = options.CheckpointPath is { } path
            ? new Checkpoint(path, options, data, network, optimizer, draws) : null;
        NetworkState? best = null;
        var epochs = new List<TrainingMetrics>();
        int chosen;
        try
        {
            bool stop = false;
            foreach (TrainingMetrics epoch in checkpoint?.Load(out best) ?? [])
            {
                stop = Judge(epoch.TrainLoss, ValidationFigures.Of(epoch)).Stop;
                epochs.Add(epoch);
                options.MetricsCallback?.Invoke(epoch);
            }
            for (int epoch = epochs.Count + 1; epoch <= options.Epoch && !stop; epoch++)
            {
                var watch = Stopwatch.StartNew();
                (double trainLoss, double trainAccuracy) = TrainEpoch(epoch, optimizer, loss, reader, stepsPerEpoch);
                ValidationFigures? validation = data.Validation.Length > 0 ? Validate(validating) : null;
                (bool isBest, stop) = Judge(trainLoss, validation);
                // Where the last epoch is kept as it is, no copy is needed.
                if (isBest && validation is not null && !options.KeepLastEpoch)
                {
                    best?.Dispose();
                    best = NetworkState.Of(network);
                }
                epochs.Add(Figures(epoch, trainLoss, trainAccuracy, validation, optimizer.LearningRate, watch.Elapsed, isBest));
                checkpoint?.Save(epochs, best, last: stop || epoch == options.Epoch);
                options.MetricsCallback?.Invoke(epochs[^1]);
            }
            chosen = epochs.FindLast(epoch => epoch.IsBest)?.Epoch ?? 0;
            if (chosen == 0)
                throw new TorchException($"{options.Stage}: the validation {options.EarlyStoppingCriteria.Metric} was no finite "
                    + "number in any epoch, so no epoch can be chosen. "
                    + "Look for features of the validation part that are not finite, or lower LearningRate.");
            best?.Restore(network);
        }
        finally
        {
            best?.Dispose();
        }
        network.eval();
        network.SetPrecision(ComputePrecision.Float32);
        return new TrainingHistory
        {
            Epochs = epochs,
            ChosenEpoch = chosen,
            TrainExamples = data.Train.Length,
            OversampledExamples = _examples.Length - data.Train.Length,
            Temperature = Temperature(validating),
            ValidationExamples = data.Validation.Length,
            ValidationGroups = data.ValidationGroups,
            Parameters = network.TrainableParameters(),
        };
    }

    // Whether an epoch is the best so far, and whether the training ends with it.
    private (bool IsBest, bool Stop) Judge(double trainLoss, ValidationFigures? validation)
    {
        bool ended = _lossMonitor?.Observe(trainLoss) == true;
        if (validation is null || options.KeepLastEpoch) return (true, ended);
        (bool isBest, bool stop) = _monitor.Observe(validation.Loss, validation.Accuracy, validation.Uar);
        return (isBest, stop || ended);
    }

    private (double Loss, double Accuracy) TrainEpoch(int epoch, NetworkOptimizer optimizer, ClassificationLoss loss, BatchReader reader,
        int stepsPerEpoch)
    {
        network.train();
        int[] order = [.. _examples];
        random.Fork("shuffle", epoch).Shuffle<int>(order);
        SeededRandom augmentation = random.Fork("augmentation", epoch);
        double lossSum = 0;
        int right = 0, seen = 0, step = (epoch - 1) * stepsPerEpoch;
        foreach (Range part in Parts(order.Length))
        {
            options.CancellationToken.ThrowIfCancellationRequested();
            using DisposeScope scope = NewDisposeScope();
            Batch batch = reader.ReadAugmented(order.AsSpan(part), augmentation);
            optimizer.LearningRate = LearningRates.At(options.LearningRateSchedule, options.LearningRate, step++,
                stepsPerEpoch * options.Epoch);
            Tensor scores = Forward(batch.Input);
            Tensor value = optimizer.Backward(loss.Of(scores, batch), batch.Labels.Length);
            optimizer.Step();
            float current = value.Number();
            if (!float.IsFinite(current))
                throw new TorchException($"{options.Stage}: the training loss became {current} in epoch {epoch}. "
                    + "Lower LearningRate, set GradientClipNorm, or look for features that are not finite.");
            if (batch.Labels.Length == 1) RequireVariance();
            lossSum += (double)current * batch.Labels.Length;
            right += Right(scores, batch.Labels);
            seen += batch.Labels.Length;
        }
        return (lossSum / seen, (double)right / seen);
    }

    // Of one value a channel batch normalisation has no variance: libtorch divides by 0 for the running one, without an error.
    private void RequireVariance()
    {
        foreach ((string name, Tensor buffer) in network.named_buffers())
            if (name.EndsWith("running_var", StringComparison.Ordinal) && buffer.isfinite().all().Number() == 0)
                throw new TorchException($"{options.Stage}: the batch normalisation of '{name}' got a step of one example, which has no "
                    + "variance. Train on at least two rows, with a BatchSize and a MinimumBatchSize of 2 or more.");
    }

    // A network of the caller's own may return anything.
    private Tensor Forward(Tensor input)
    {
        Tensor scores;
        try
        {
            scores = network.call(input);
        }
        catch (ExternalException e)
        {
            // Behind the first line libtorch lists its own stack.
            throw new TorchException($"{options.Stage}: the network failed on an input [{string.Join(", ", input.shape)}] of "
                + $"{input.dtype}: {e.Message.Split('\n')[0]}.", e);
        }
        long[] shape = scores.shape;
        return shape.Length == 2 && shape[0] == input.shape[0] && shape[1] == classes
            ? scores
            : throw new TorchException($"{options.Stage}: the network must return raw scores [batch, classes] = [{input.shape[0]}, "
            + $"{classes}] "
                + $"for an input [{string.Join(", ", input.shape)}], but returned [{string.Join(", ", shape)}].");
    }

    private ValidationFigures Validate(BatchReader reader)
    {
        List<(float[] Logs, int Label)> scores = ScoreValidation(reader);
        // NaN is no answer, and would count as one of the first class.
        if (scores.Any(one => one.Logs.Any(float.IsNaN))) return new ValidationFigures(double.NaN, double.NaN, double.NaN);
        double lossSum = 0;
        var right = new int[classes];
        var total = new int[classes];
        foreach ((float[] logs, int label) in scores)
        {
            lossSum -= logs[label];
            total[label]++;
            if (TensorPrimitives.IndexOfMax<float>(logs) == label) right[label]++;
        }
        double uar = Enumerable.Range(0, classes).Where(c => total[c] > 0).Average(c => (double)right[c] / total[c]);
        return new ValidationFigures(lossSum / data.Validation.Length, (double)right.Sum() / data.Validation.Length, uar);
    }

    // In float32, as the model will score.
    private double? Temperature(BatchReader reader)
    {
        if (data.Validation.Length == 0) return null;
        (float[] Logs, int Label)[] scores = [.. ScoreValidation(reader)];
        return scores.All(s => s.Logs.All(float.IsFinite))
            ? TemperatureScaling.Fit([.. scores.Select(s => s.Logs)], [.. scores.Select(s => s.Label)]) : null;
    }

    // The validation part's log-probabilities and classes, without augmentation and dropout.
    private List<(float[] Logs, int Label)> ScoreValidation(BatchReader reader)
    {
        network.eval();
        var scores = new List<(float[], int)>(data.Validation.Length);
        foreach (int[] part in data.Validation.Chunk(ScoringBatch))
        {
            options.CancellationToken.ThrowIfCancellationRequested();
            using DisposeScope scope = NewDisposeScope();
            using IDisposable noGrad = no_grad();
            Batch batch = reader.Read(part);
            scores.AddRange(Floats(Forward(batch.Input).to_type(ScalarType.Float32).log_softmax(1)).Chunk(classes).Zip(batch.Labels));
        }
        return scores;
    }

    // A last mini-batch of one example would leave batch normalisation without a variance: it joins the one before.
    private IEnumerable<Range> Parts(int count)
    {
        for (int start = 0; start < count;)
        {
            int end = Math.Min(start + options.BatchSize, count);
            if (count - end == 1) end = count;
            yield return start..end;
            start = end;
        }
    }

    private float[] ClassWeights() =>
        options.BalancedClassWeights ? ClassificationLoss.BalancedWeights([.. _examples.Select(i => data.Store.Labels[i])], classes)
            : [];

    private TrainingMetrics Figures(
        int epoch, double loss, double accuracy, ValidationFigures? validation, double learningRate, TimeSpan elapsed, bool isBest) => new()
        {
            Epoch = epoch,
            Epochs = options.Epoch,
            TrainLoss = loss,
            TrainAccuracy = accuracy,
            ValidationLoss = validation?.Loss,
            ValidationAccuracy = validation?.Accuracy,
            ValidationUar = validation?.Uar,
            LearningRate = learningRate,
            Seconds = elapsed.TotalSeconds,
            ExamplesPerSecond = _examples.Length / elapsed.TotalSeconds,
            IsBest = isBest,
        };

    private int Right(Tensor scores, int[] labels)
    {
        float[] values = Floats(scores.detach().to_type(ScalarType.Float32));
        int right = 0;
        for (int i = 0; i < labels.Length; i++)
            if (TensorPrimitives.IndexOfMax<float>(values.AsSpan(i * classes, classes)) == labels[i]) right++;
        return right;
    }

    private static float[] Floats(Tensor values) => values.cpu().contiguous().data<float>().ToArray();

    private sealed record ValidationFigures(double Loss, double Accuracy, double Uar)
    {
        public static ValidationFigures? Of(TrainingMetrics epoch) =>
            epoch is { ValidationLoss: { } loss, ValidationAccuracy: { } accuracy, ValidationUar: { } uar }
                ? new(loss, accuracy, uar) : null;
    }
}
