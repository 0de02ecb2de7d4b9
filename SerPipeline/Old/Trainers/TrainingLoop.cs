using System.Diagnostics;
using SerPipeline.Evaluation;
using SerPipeline.Old.Torch;
using SerPipeline.Old.Torch.Layers;
using SerPipeline.Old.Torch.Optimizers;
using SerPipeline.Trainers;

namespace SerPipeline.Old.Trainers;

/// <summary>
/// The one way every network here is trained: seeded mini-batches, a learning-rate schedule over all steps, gradient clipping, a look at the
/// validation part after each epoch, early stopping, and the best epoch's weights put back at the end.
/// </summary>
internal sealed class TrainingLoop
{
    private const int ScoringBatch = 64;

    private readonly Module _network;
    private readonly TrainingData _data;
    private readonly ExampleEncoder _encoder;
    private readonly NeuralTrainerOptions _options;
    private readonly SeededRandom _random;
    private readonly int _classes;

    // What an epoch goes over: every training example once, and those that oversampling repeats.
    private readonly int[] _examples;

    public TrainingLoop(Module network, TrainingData data, ExampleEncoder encoder, NeuralTrainerOptions options, SeededRandom random)
    {
        _network = network;
        _data = data;
        _encoder = encoder;
        _options = options;
        _random = random;
        _classes = data.Labels.Count;
        _examples = [.. data.Train, .. RandomOversampler.Draw(data.Train, data.Store.Labels, _classes, options.Oversampling, random.Fork("oversampling"))];
    }

    /// <summary>Positions trained on in each epoch, repetitions included.</summary>
    public IReadOnlyList<int> Examples => _examples;

    /// <summary>Trains the network in place.</summary>
    /// <exception cref="OperationCanceledException">The options' token was cancelled.</exception>
    /// <exception cref="TorchException">The loss became NaN or infinite, or the engine computes wrong on this processor.</exception>
    public TrainingHistory Run()
    {
        EngineCheck.Require();
        using TensorScope scope = TensorScope.New();
        _network.SetPrecision(_options.Precision.Resolve());
        _network.SeedDropout(_random.Fork("dropout"));
        using AdamW optimizer = _options.CreateOptimizer(_network);
        using var crossEntropy = new CrossEntropyLoss(ClassWeights(), _options.LabelSmoothing);
        Func<Tensor, Tensor, Tensor> loss = _options.FocalGamma == 0
            ? crossEntropy.Forward
            : new FocalLoss(_options.FocalGamma, ClassWeights(), _options.LabelSmoothing).Forward;
        int stepsPerEpoch = (_examples.Length + _options.BatchSize - 1) / _options.BatchSize;
        LearningRateSchedule schedule = Schedules.Create(_options, stepsPerEpoch * _options.Epoch);
        var monitor = new EarlyStoppingMonitor(_options.EarlyStoppingCriteria);
        TrainingLossMonitor? lossMonitor = _options.CreateTrainingLossMonitor();
        var epochs = new List<TrainingMetrics>();
        IReadOnlyDictionary<string, TensorData>? best = null;
        int chosen = 0;
        for (int epoch = 1; epoch <= _options.Epoch; epoch++)
        {
            var watch = Stopwatch.StartNew();
            (double trainLoss, double trainAccuracy) = TrainEpoch(epoch, optimizer, loss, schedule, (epoch - 1) * stepsPerEpoch);
            ValidationFigures? validation = _data.Validation.Length > 0 ? Validate() : null;
            (bool isBest, bool stop) = validation is null || _options.KeepLastEpoch ? (true, false) : monitor.Observe(validation.Loss, validation.Accuracy, validation.Uar);
            if (isBest)
            {
                chosen = epoch;
                // Where the last epoch is kept as it is, no copy is needed.
                if (validation is not null && !_options.KeepLastEpoch) best = _network.StateDict();
            }
            TrainingMetrics metrics = Figures(epoch, trainLoss, trainAccuracy, validation, optimizer.LearningRate, watch.Elapsed, isBest);
            epochs.Add(metrics);
            _options.MetricsCallback?.Invoke(metrics);
            if (lossMonitor?.Observe(trainLoss) == true || stop) break;
        }
        if (best is not null) _network.LoadStateDict(best);
        else if (chosen == 0)
            throw new TorchException($"The validation {_options.EarlyStoppingCriteria.Metric} was no finite number in any epoch, so no epoch can be chosen. Look for features of the validation part that are not finite, or lower LearningRate.");
        _network.Eval();
        return new TrainingHistory
        {
            Epochs = epochs,
            ChosenEpoch = chosen,
            TrainExamples = _data.Train.Length,
            OversampledExamples = _examples.Length - _data.Train.Length,
            Temperature = Temperature(),
            ValidationExamples = _data.Validation.Length,
            ValidationGroups = _data.ValidationGroups,
            Parameters = _network.Parameters().Where(p => p.RequiresGrad).Sum(p => p.Value.ElementCount),
        };
    }

    private (double Loss, double Accuracy) TrainEpoch(int epoch, AdamW optimizer, Func<Tensor, Tensor, Tensor> loss, LearningRateSchedule schedule, int firstStep)
    {
        _network.Train();
        var reader = new BatchReader(_data.Store, _encoder, _classes);
        int[] order = [.. _examples];
        _random.Fork("shuffle", epoch).Shuffle<int>(order);
        SeededRandom augmentation = _random.Fork("augmentation", epoch);
        double lossSum = 0;
        int right = 0, seen = 0, step = firstStep;
        foreach (Range part in Parts(order.Length))
        {
            _options.CancellationToken.ThrowIfCancellationRequested();
            using TensorScope scope = TensorScope.New();
            Batch batch = reader.ReadAugmented(order.AsSpan(part), augmentation);
            optimizer.LearningRate = schedule.At(step++);
            optimizer.ZeroGrad();
            Tensor scores = _network.Forward(batch.Input);
            Tensor value = WithPenalty(loss(scores, batch.Target), batch.Labels.Length);
            Autograd.Backward(value);
            if (_options.GradientClipNorm > 0) optimizer.ClipGradientNorm(_options.GradientClipNorm);
            optimizer.Step();
            float current = value.ToSingle();
            if (!float.IsFinite(current))
                throw new TorchException($"The training loss became {current} in epoch {epoch}. Lower LearningRate, set GradientClipNorm, or look for features that are not finite.");
            lossSum += (double)current * batch.Labels.Length;
            right += Right(scores, batch.Labels);
            seen += batch.Labels.Length;
        }
        return (lossSum / seen, (double)right / seen);
    }

    private Tensor WithPenalty(Tensor loss, int examples)
    {
        if (_options.L2Penalty == 0) return loss;
        float half = (float)(_options.L2Penalty / (2.0 * examples));
        return _network.Parameters().Where(p => p.Value.Rank > 1).Aggregate(loss, (sum, p) => sum + (p.Value.Square().Sum() * half));
    }

    private ValidationFigures Validate()
    {
        double lossSum = 0;
        var right = new int[_classes];
        var total = new int[_classes];
        foreach ((float[] logs, int label) in ScoreValidation())
        {
            lossSum -= logs[label];
            total[label]++;
            if (ArgMax(logs) == label) right[label]++;
        }
        double uar = Enumerable.Range(0, _classes).Where(c => total[c] > 0).Average(c => (double)right[c] / total[c]);
        return new ValidationFigures(lossSum / _data.Validation.Length, (double)right.Sum() / _data.Validation.Length, uar);
    }

    // In float32, as the model will score.
    private double? Temperature()
    {
        if (_data.Validation.Length == 0) return null;
        _network.SetPrecision(ComputePrecision.Float32);
        (float[] Logs, int Label)[] scores = [.. ScoreValidation()];
        return scores.All(s => s.Logs.All(float.IsFinite)) ? TemperatureScaling.Fit([.. scores.Select(s => s.Logs)], [.. scores.Select(s => s.Label)]) : null;
    }

    // The validation part's log-probabilities and classes, without augmentation and dropout.
    private List<(float[] Logs, int Label)> ScoreValidation()
    {
        _network.Eval();
        var reader = new BatchReader(_data.ValidationStore, _encoder, _classes);
        var scores = new List<(float[], int)>(_data.Validation.Length);
        foreach (int[] part in _data.Validation.Chunk(ScoringBatch))
        {
            _options.CancellationToken.ThrowIfCancellationRequested();
            using TensorScope scope = TensorScope.New();
            using NoGrad noGrad = NoGrad.New();
            Batch batch = reader.Read(part);
            float[][] rows = [.. _network.Forward(batch.Input).LogSoftmax().ToFloats().Chunk(_classes)];
            scores.AddRange(rows.Zip(batch.Labels));
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

    private float[] ClassWeights() => _options.BalancedClassWeights ? BalancedWeights([.. _examples.Select(i => _data.Store.Labels[i])], _classes) : [];

    /// <summary>scikit-learn's "balanced": n / (classes * count). A class without an example has no loss to weigh.</summary>
    internal static float[] BalancedWeights(IReadOnlyCollection<int> labels, int classes)
    {
        var counts = new int[classes];
        foreach (int label in labels) counts[label]++;
        return [.. counts.Select(c => c == 0 ? 0f : (float)labels.Count / (classes * (float)c))];
    }

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
        float[] values = scores.Detach().ToFloats();
        int right = 0;
        for (int i = 0; i < labels.Length; i++)
            if (ArgMax(values.AsSpan(i * _classes, _classes)) == labels[i]) right++;
        return right;
    }

    internal static int ArgMax(ReadOnlySpan<float> values)
    {
        int best = 0;
        for (int i = 1; i < values.Length; i++)
            if (values[i] > values[best]) best = i;
        return best;
    }

    private sealed record ValidationFigures(double Loss, double Accuracy, double Uar);
}
