namespace SerPipeline.Trainers;

/// <summary>One epoch's figures, given to <see cref="NeuralTrainerOptions.MetricsCallback"/> and kept with the model.</summary>
public sealed record TrainingMetrics
{
    /// <summary>The epoch, from 1.</summary>
    public required int Epoch { get; init; }

    /// <summary>The epochs that were asked for; early stopping may end before.</summary>
    public required int Epochs { get; init; }

    /// <summary>
    /// The mean training loss over the epoch's mini-batches, as optimised: with augmentation, label smoothing and dropout.
    /// </summary>
    public required double TrainLoss { get; init; }

    /// <summary>The share of training examples classed right during the epoch; of a mixed example, its larger part counts.</summary>
    public required double TrainAccuracy { get; init; }

    /// <summary>
    /// Cross entropy over the validation part after the epoch, without augmentation, smoothing and dropout; null without such a part.
    /// </summary>
    public double? ValidationLoss { get; init; }

    /// <summary>Accuracy over the validation part; null without one.</summary>
    public double? ValidationAccuracy { get; init; }

    /// <summary>UAR over the validation part; null without one.</summary>
    public double? ValidationUar { get; init; }

    /// <summary>The learning rate at the epoch's end.</summary>
    public required double LearningRate { get; init; }

    /// <summary>How long the epoch took, validation included.</summary>
    public required double Seconds { get; init; }

    /// <summary>Training examples a second over the epoch.</summary>
    public required double ExamplesPerSecond { get; init; }

    /// <summary>Whether this epoch's weights are the best so far by the early-stopping criteria.</summary>
    public bool IsBest { get; init; }
}

/// <summary>How a training went.</summary>
public sealed record TrainingHistory
{
    /// <summary>The epochs in order.</summary>
    public required IReadOnlyList<TrainingMetrics> Epochs { get; init; }

    /// <summary>The epoch, from 1, whose weights the model has.</summary>
    public required int ChosenEpoch { get; init; }

    /// <summary>Different examples trained on.</summary>
    public required int TrainExamples { get; init; }

    /// <summary>
    /// Examples that oversampling added to every epoch, each a repetition of one of <see cref="TrainExamples"/>; 0 without it.
    /// </summary>
    public int OversampledExamples { get; init; }

    /// <summary>Examples of the validation part.</summary>
    public required int ValidationExamples { get; init; }

    /// <summary>The groups (speakers) of the validation part when it was held out by group; empty otherwise.</summary>
    public required IReadOnlyList<string> ValidationGroups { get; init; }

    /// <summary>
    /// The temperature that calibrates the model's scores best on the validation part (<see cref="Evaluation.TemperatureScaling"/>), fitted
    /// after training
    /// on the chosen epoch's weights. The model's scores stay as they are. Null without a validation part, when its scores are not all
    /// finite, and in models saved before there was one.
    /// </summary>
    public double? Temperature { get; init; }

    /// <summary>Trainable parameters of the network.</summary>
    public required long Parameters { get; init; }
}
