using System.Diagnostics;
using SerPipeline.Evaluation;
using SerPipeline.Networks;
using static TorchSharp.torch;

namespace SerPipeline.Trainers;

/// <summary>
/// The one way every network here is trained: seeded mini-batches, a learning-rate schedule over all steps, gradient clipping, a look at
/// the
/// validation part after each epoch, early stopping, and the best epoch's weights put back at the end.
/// </summary>
internal sealed class TrainingLoop
{
    private const int ScoringBatch = 64;

    private readonly nn.Module<Tensor, Tensor> _network;
    private readonly TrainingData _data;
    private readonly ExampleEncoder _encoder;
    private readonly NeuralTrainerOptions _options;
    private readonly SeededRandom _random;
    private readonly int _classes;
    private readonly EarlyStoppingMonitor _monitor;
    private readonly TrainingLossMonitor? _lossMonitor;

    // What an epoch goes over: every training example once, and those that oversampling repeats.
    private readonly int[] _examples;

    public TrainingLoop(nn.Module<Tensor, Tensor> network, TrainingData data, ExampleEncoder encoder, int classes,
        NeuralTrainerOptions options, SeededRandom random)
    {
        _network = network;
        _data = data;
        _encoder = encoder;
        _options = options;
        _random = random;
        _classes = classes;
        _monitor = new EarlyStoppingMonitor(options.EarlyStoppingCriteria);
        _lossMonitor = options.CreateTrainingLossMonitor();
        _examples = [.. data.Train, .. RandomOversampler.Draw(data.Train, data.Store.Labels, _classes, options.Oversampling,
            random.Fork("oversampling"))];
    }

    /// <summary>Positions trained on in each epoch, repetitions included.</summary>
    public IReadOnlyList<int> Examples => _examples;

    /// <summary>Trains the network in place, on the options' device, and leaves it there in evaluation mode and float32.</summary>
    /// <exception cref="OperationCanceledException">The options' token was cancelled.</exception>
    /// <exception cref="TorchException">The loss became NaN or infinite, or the engine computes wrong on this processor.</exception>
    public TrainingHistory Run()
    {
        TorchEngine.Check();
        if (!_network.parameters().Any(parameter => parameter.requires_grad))
            throw new TorchException($"{_options.Stage}: the network has nothing to learn: none of its parameters requires a gradient. "
                + "Register its layers (RegisterComponents), or leave some of them unfrozen.");
        Device device = TorchEngine.Resolve(_options.Device);
        using DisposeScope scope = NewDisposeScope();
        _network.to(device);
        _network.SetPrecision(_options.Precision.Resolve(device));
        IReadOnlyList<SeededRandom> draws = _network.SeedDropout(_random.Fork("dropout"));
        using var optimizer = new NetworkOptimizer(_network, _options);
        var loss = new ClassificationLoss(ClassWeights(), _options.LabelSmoothing, _options.FocalGamma, device);
        BatchReader reader = new(_data.Store, _encoder, _classes, device);
        BatchReader validating = new(_data.ValidationStore, _encoder, _classes, device);
        int stepsPerEpoch = (_examples.Length + _options.BatchSize - 1) / _options.BatchSize;
        Checkpoint? checkpoint = _options.CheckpointPath is { } path
            ? new Checkpoint(path, _options, _data, _network, optimizer, draws) : null;
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
                _options.MetricsCallback?.Invoke(epoch);
            }
            for (int epoch = epochs.Count + 1; epoch <= _options.Epoch && !stop; epoch++)
            {
                var watch = Stopwatch.StartNew();
                (double trainLoss, double trainAccuracy) = TrainEpoch(epoch, optimizer, loss, reader, stepsPerEpoch);
                ValidationFigures? validation = _data.Validation.Length > 0 ? Validate(validating) : null;
                (bool isBest, stop) = Judge(trainLoss, validation);
                // Where the last epoch is kept as it is, no copy is needed.
                if (isBest && validation is not null && !_options.KeepLastEpoch)
                {
                    best?.Dispose();
                    best = NetworkState.Of(_network);
                }
                epochs.Add(Figures(epoch, trainLoss, trainAccuracy, validation, optimizer.LearningRate, watch.Elapsed, isBest));
                checkpoint?.Save(epochs, best, last: stop || epoch == _options.Epoch);
                _options.MetricsCallback?.Invoke(epochs[^1]);
            }
            chosen = epochs.FindLast(epoch => epoch.IsBest)?.Epoch ?? 0;
            if (chosen == 0)
                throw new TorchException($"{_options.Stage}: the validation {_options.EarlyStoppingCriteria.Metric} was no finite "
                    + "number in any epoch, so no epoch can be chosen. "
                    + "Look for features of the validation part that are not finite, or lower LearningRate.");
            best?.Restore(_network);
        }
        finally
        {
            best?.Dispose();
        }
        _network.eval();
        _network.SetPrecision(ComputePrecision.Float32);
        return new TrainingHistory
        {
            Epochs = epochs,
            ChosenEpoch = chosen,
            TrainExamples = _data.Train.Length,
            OversampledExamples = _examples.Length - _data.Train.Length,
            Temperature = Temperature(validating),
            ValidationExamples = _data.Validation.Length,
            ValidationGroups = _data.ValidationGroups,
            Parameters = _network.TrainableParameters(),
        };
    }

    // Whether an epoch is the best so far, and whether the training ends with it.
    private (bool IsBest, bool Stop) Judge(double trainLoss, ValidationFigures? validation)
    {
        bool ended = _lossMonitor?.Observe(trainLoss) == true;
        if (validation is null || _options.KeepLastEpoch) return (true, ended);
        (bool isBest, bool stop) = _monitor.Observe(validation.Loss, validation.Accuracy, validation.Uar);
        return (isBest, stop || ended);
    }

    private (double Loss, double Accuracy) TrainEpoch(int epoch, NetworkOptimizer optimizer, ClassificationLoss loss, BatchReader reader,
        int stepsPerEpoch)
    {
        _network.train();
        int[] order = [.. _examples];
        _random.Fork("shuffle", epoch).Shuffle<int>(order);
        SeededRandom augmentation = _random.Fork("augmentation", epoch);
        double lossSum = 0;
        int right = 0, seen = 0, step = (epoch - 1) * stepsPerEpoch;
        foreach (Range part in Parts(order.Length))
        {
            _options.CancellationToken.ThrowIfCancellationRequested();
            using DisposeScope scope = NewDisposeScope();
            Batch batch = reader.ReadAugmented(order.AsSpan(part), augmentation);
            optimizer.LearningRate = LearningRates.At(_options.LearningRateSchedule, _options.LearningRate, step++,
                stepsPerEpoch * _options.Epoch);
            Tensor scores = Forward(batch.Input);
            Tensor value = optimizer.Backward(loss.Of(scores, batch), batch.Labels.Length);
            optimizer.Step();
            float current = value.Number();
            if (!float.IsFinite(current))
                throw new TorchException($"{_options.Stage}: the training loss became {current} in epoch {epoch}. "
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
        foreach ((string name, Tensor buffer) in _network.named_buffers())
            if (name.EndsWith("running_var", StringComparison.Ordinal) && buffer.isfinite().all().Number() == 0)
                throw new TorchException($"{_options.Stage}: the batch normalisation of '{name}' got a step of one example, which has no "
                    + "variance. Train on at least two rows, with a BatchSize and a MinimumBatchSize of 2 or more.");
    }

    // A network of the caller's own may return anything.
    private Tensor Forward(Tensor input)
    {
        Tensor scores;
        try
        {
            scores = _network.call(input);
        }
        catch (ExternalException e)
        {
            // Behind the first line libtorch lists its own stack.
            throw new TorchException($"{_options.Stage}: the network failed on an input [{string.Join(", ", input.shape)}] of "
                + $"{input.dtype}: {e.Message.Split('\n')[0]}.", e);
        }
        long[] shape = scores.shape;
        return shape.Length == 2 && shape[0] == input.shape[0] && shape[1] == _classes
            ? scores
            : throw new TorchException($"{_options.Stage}: the network must return raw scores [batch, classes] = [{input.shape[0]}, "
            + $"{_classes}] "
                + $"for an input [{string.Join(", ", input.shape)}], but returned [{string.Join(", ", shape)}].");
    }

    private ValidationFigures Validate(BatchReader reader)
    {
        List<(float[] Logs, int Label)> scores = ScoreValidation(reader);
        // NaN is no answer, and would count as one of the first class.
        if (scores.Any(one => one.Logs.Any(float.IsNaN))) return new ValidationFigures(double.NaN, double.NaN, double.NaN);
        double lossSum = 0;
        var right = new int[_classes];
        var total = new int[_classes];
        foreach ((float[] logs, int label) in scores)
        {
            lossSum -= logs[label];
            total[label]++;
            if (ArgMax(logs) == label) right[label]++;
        }
        double uar = Enumerable.Range(0, _classes).Where(c => total[c] > 0).Average(c => (double)right[c] / total[c]);
        return new ValidationFigures(lossSum / _data.Validation.Length, (double)right.Sum() / _data.Validation.Length, uar);
    }

    // In float32, as the model will score.
    private double? Temperature(BatchReader reader)
    {
        if (_data.Validation.Length == 0) return null;
        (float[] Logs, int Label)[] scores = [.. ScoreValidation(reader)];
        return scores.All(s => s.Logs.All(float.IsFinite))
            ? TemperatureScaling.Fit([.. scores.Select(s => s.Logs)], [.. scores.Select(s => s.Label)]) : null;
    }

    // The validation part's log-probabilities and classes, without augmentation and dropout.
    private List<(float[] Logs, int Label)> ScoreValidation(BatchReader reader)
    {
        _network.eval();
        var scores = new List<(float[], int)>(_data.Validation.Length);
        foreach (int[] part in _data.Validation.Chunk(ScoringBatch))
        {
            _options.CancellationToken.ThrowIfCancellationRequested();
            using DisposeScope scope = NewDisposeScope();
            using IDisposable noGrad = no_grad();
            Batch batch = reader.Read(part);
            scores.AddRange(Floats(Forward(batch.Input).to_type(ScalarType.Float32).log_softmax(1)).Chunk(_classes).Zip(batch.Labels));
        }
        return scores;
    }

    // A last mini-batch of one example would leave batch normalisation without a variance: it joins the one before.
    private IEnumerable<Range> Parts(int count)
    {
        for (int start = 0; start < count;)
        {
            int end = Math.Min(start + _options.BatchSize, count);
            if (count - end == 1) end = count;
            yield return start..end;
            start = end;
        }
    }

    private float[] ClassWeights() =>
        _options.BalancedClassWeights ? ClassificationLoss.BalancedWeights([.. _examples.Select(i => _data.Store.Labels[i])], _classes)
            : [];

    private TrainingMetrics Figures(
        int epoch, double loss, double accuracy, ValidationFigures? validation, double learningRate, TimeSpan elapsed, bool isBest) => new()
        {
            Epoch = epoch,
            Epochs = _options.Epoch,
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
            if (ArgMax(values.AsSpan(i * _classes, _classes)) == labels[i]) right++;
        return right;
    }

    private static float[] Floats(Tensor values) => values.cpu().contiguous().data<float>().ToArray();

    private static int ArgMax(ReadOnlySpan<float> values)
    {
        int best = 0;
        for (int i = 1; i < values.Length; i++)
            if (values[i] > values[best]) best = i;
        return best;
    }

    private sealed record ValidationFigures(double Loss, double Accuracy, double Uar)
    {
        public static ValidationFigures? Of(TrainingMetrics epoch) =>
            epoch is { ValidationLoss: { } loss, ValidationAccuracy: { } accuracy, ValidationUar: { } uar }
                ? new(loss, accuracy, uar) : null;
    }
}
