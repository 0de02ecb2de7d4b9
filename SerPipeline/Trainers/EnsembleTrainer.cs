using System.Runtime.ExceptionServices;
using Microsoft.ML.Runtime;

namespace SerPipeline.Trainers;

/// <summary>
/// Trains several networks on the same rows and averages the probabilities they give (Hansen and Salamon 1990). They may differ in their
/// seeds alone, or in
/// everything: a CNN over images beside a perceptron over utterance features.
/// </summary>
public sealed class EnsembleTrainer : IEstimator<NeuralModel>
{
    private readonly IHostEnvironment _environment;
    private readonly EnsembleOptions _options;
    private readonly NeuralTrainer[] _trainers;

    internal EnsembleTrainer(IHostEnvironment environment, EnsembleOptions options)
    {
        options.Validate();
        _environment = environment;
        // A copy of the list: the caller may go on changing his own.
        _options = options with { Members = [.. options.Members] };
        var callbacks = new Lock();
        int seed = NeuralTrainer.SeedOf(_options.Seed, environment);
        _trainers = [.. _options.Members.Select((member, i) => new NeuralTrainer(environment, Prepared(member, i, seed, callbacks)))];
    }

    /// <inheritdoc/>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        ForEach(trainer => trainer.GetOutputSchema(inputSchema));
        return TrainerColumns.WithScores("Ensemble", inputSchema, _options.Members[0].LabelColumnName, _options.ScoreColumnName,
            _options.PredictedLabelColumnName);
    }

    /// <summary>
    /// Trains every member. Each is the training that its options alone would give, in whatever order or company they run.
    /// </summary>
    /// <param name="input">The rows; every member reads them.</param>
    /// <exception cref="OperationCanceledException">A member's token was cancelled.</exception>
    public NeuralModel Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        // Before the first member takes its hours.
        TrainerColumns.CheckScoreName("Ensemble", _options.ScoreColumnName, input.Schema.Select(column => column.Name));
        ForEach(trainer => trainer.CheckInput(input));
        var members = new TrainedNetwork?[_trainers.Length];
        try
        {
            Train(input, members);
            return NeuralModel.Of(_environment, [.. members.Select(member => member!)], _options.ScoreColumnName,
                _options.PredictedLabelColumnName);
        }
        finally
        {
            foreach (TrainedNetwork? member in members) member?.Dispose();
        }
    }

    private void Train(IDataView input, TrainedNetwork?[] members)
    {
        if (_options.MaxDegreeOfParallelism == 1)
        {
            for (int i = 0; i < members.Length; i++) members[i] = _trainers[i].Train(input);
            return;
        }
        try
        {
            var parallel = new ParallelOptions { MaxDegreeOfParallelism = _options.MaxDegreeOfParallelism };
            Parallel.For(0, members.Length, parallel, i => members[i] = _trainers[i].Train(input));
        }
        catch (AggregateException e)
        {
            // What one member alone would have thrown; the others' are its like, or follow from it.
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }
    }

    /// <summary>Something done for each member; a column that does not fit is told with the member it does not fit.</summary>
    private void ForEach(Action<NeuralTrainer> action)
    {
        for (int i = 0; i < _trainers.Length; i++)
        {
            try
            {
                action(_trainers[i]);
            }
            catch (SchemaException e)
            {
                throw new SchemaException(FormattableString.Invariant($"Ensemble, member {i + 1} of {_trainers.Length}: {e.Message}"), e);
            }
        }
    }

    private static NeuralTrainerOptions Prepared(NeuralTrainerOptions member, int index, int seed, Lock callbacks) =>
        EnsembleOptions.Seeded(member, index, seed) with
        {
            CheckpointPath = member.CheckpointPath is { } path ? Checkpoint.OfMember(path, index + 1) : null,
            // Members trained at once must not call back at once.
            MetricsCallback = member.MetricsCallback is not { } callback ? null : metrics =>
            {
                lock (callbacks) callback(metrics);
            },
        };
}
