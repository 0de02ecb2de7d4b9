using SerPipeline.Console.Output;
using SerPipeline.Evaluation;
using SerPipeline.Pipeline;
using SerPipeline.Trainers;
using SerPipeline.Transforms;

namespace SerPipeline.Console.Training;

/// <summary>A trained model, what it said about the test clips, and how it came about. Dispose it to free the network.</summary>
/// <param name="Trainer">The trainer's name.</param>
/// <param name="Options">The trainer's options.</param>
/// <param name="Model">The fitted chain.</param>
/// <param name="InputSchema">The columns it was fitted on.</param>
/// <param name="History">How the training went.</param>
/// <param name="Split">The parts.</param>
/// <param name="Predictions">What the model said about the test clips.</param>
/// <param name="Metrics">The scores.</param>
/// <param name="Started">When the run began.</param>
/// <param name="Finished">When it ended.</param>
internal sealed record TrainingResult(
    string Trainer, NeuralTrainerOptions Options, TransformerChain<KeyToValueMappingTransformer> Model, DataViewSchema InputSchema, TrainingHistory History,
    CheckedSplit Split, PredictionSet Predictions, RunMetrics Metrics, DateTimeOffset Started, DateTimeOffset Finished) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose() => Model.Dispose();
}

/// <summary>One trainer under one protocol: fits the chain on the training part and scores the test part.</summary>
/// <param name="ser">The context.</param>
/// <param name="data">The clips.</param>
/// <param name="settings">What the user set.</param>
/// <param name="time">The clock.</param>
internal sealed class TrainingRun(SerContext ser, CorpusData data, TrainSettings settings, TimeProvider time)
{
    /// <summary>Runs it.</summary>
    /// <param name="trainer">The trainer's name.</param>
    /// <param name="split">The parts.</param>
    /// <param name="progress">Where progress shows.</param>
    /// <param name="cancellation">Stops it.</param>
    public TrainingResult Run(string trainer, CheckedSplit split, IProgressScope progress, CancellationToken cancellation)
    {
        DateTimeOffset started = time.GetUtcNow();
        string name = $"{trainer}, {TrainSettings.ShortName(split.Split.Protocol)}";
        IDataView clips = ser.Data.LoadCorpus(data.Corpus);
        TrainTestData parts = ser.Data.ApplySplit(clips, split.Split);

        // 1. Train: the first reading of the clips fills the feature cache, then the epochs follow.
        var stages = new TrainingStages(progress, name, split.Split.Train.Count);
        TrainerChain chain = TrainerChains.Create(ser, trainer, settings, stages.EpochEnded, cancellation);
        TransformerChain<KeyToValueMappingTransformer> model = chain.Estimator.Fit(
            new WatchedDataView(parts.TrainSet, "Path", done => stages.ClipsRead(done, chain.Options.Epoch), cancellation));
        stages.Complete();
        try
        {
            // 2. Score the test part.
            IProgressStage testing = progress.Start($"{name}: test clips", split.Split.Test.Count, ProgressUnits.Clips);
            PredictionSet predictions = ser.MulticlassClassification.Predictions(model.Transform(
                new WatchedDataView(parts.TestSet, "Path", done => testing.Report(done), cancellation)));
            testing.Complete();
            TrainingHistory history = model.Transformers.OfType<NeuralModel>().Single().History;
            RunMetrics metrics = RunMetrics.From(Protocol(trainer, split, history), predictions.ToReport());
            return new TrainingResult(trainer, chain.Options, model, clips.Schema, history, split, predictions, metrics, started, time.GetUtcNow());
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private RunProtocol Protocol(string trainer, CheckedSplit split, TrainingHistory history)
    {
        string[] tested = [.. split.Split.Test.Select(i => data.Corpus.Clips[i].Speaker).OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        bool speakersKnown = split.Report.TestClipsOfUnknownSpeaker == 0 && split.Split.Train.All(i => data.Corpus.Clips[i].Speaker is not null);
        return new RunProtocol
        {
            Dataset = data.Corpus.Name,
            Trainer = trainer,
            Protocol = split.Split.Protocol,
            Seed = settings.Seed,
            TrainClips = history.TrainExamples,
            ValidationClips = history.ValidationExamples,
            HeldOutSpeakers = speakersKnown ? [.. tested.Except(split.Report.SharedSpeakers, StringComparer.Ordinal)] : [],
            SharedSpeakers = speakersKnown ? split.Report.SharedSpeakers : null,
            Synthetic = data.Corpus.IsSynthetic,
        };
    }
}
