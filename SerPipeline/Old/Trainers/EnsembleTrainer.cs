using SerPipeline.Old.Pipeline;


namespace SerPipeline.Old.Trainers;

/// <summary>
/// Trains several networks on the same rows and averages the probabilities they give (Hansen and Salamon 1990). They may differ in their seeds alone, or in
/// everything: a CNN over images beside a perceptron over utterance features.
/// </summary>
public sealed class EnsembleTrainer : IEstimator<EnsembleModel>
{
    private readonly SerContext _context;
    private readonly EnsembleOptions _options;
    private readonly IEstimator<NeuralModel>[] _trainers;

    internal EnsembleTrainer(SerContext context, EnsembleOptions options)
    {
        options.Validate();
        _context = context;
        // A copy of the list: the caller may go on changing his own.
        _options = options with { Members = [.. options.Members] };
        var callbacks = new Lock();
        _trainers = [.. _options.Members.Select((member, i) => Trainer(Prepared(member, i, callbacks)))];
    }

    /// <inheritdoc/>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        EnsembleModel.ForEach(_trainers, trainer => trainer.GetOutputSchema(inputSchema));
        return inputSchema.With(
            new SchemaShape.Column(_options.ScoreColumnName, ColumnKind.Vector), new SchemaShape.Column(_options.PredictedLabelColumnName, ColumnKind.Key));
    }

    /// <summary>Trains every member. Each is the training that its options alone would give, in whatever order or company they run.</summary>
    /// <param name="input">The rows.</param>
    /// <exception cref="OperationCanceledException">A member's token was cancelled.</exception>
    public EnsembleModel Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        GetOutputSchema(SchemaShape.Create(input.Schema));
        var members = new NeuralModel?[_trainers.Length];
        try
        {
            Train(input, members);
            return new EnsembleModel(_context, _options.ScoreColumnName, _options.PredictedLabelColumnName, [.. members.Select(member => member!)]);
        }
        catch
        {
            foreach (NeuralModel? member in members) member?.Dispose();
            throw;
        }
    }

    private void Train(IDataView input, NeuralModel?[] members)
    {
        if (_options.MaxDegreeOfParallelism == 1)
        {
            for (int i = 0; i < members.Length; i++) members[i] = _trainers[i].Fit(input);
            return;
        }
        try
        {
            Parallel.For(0, members.Length, new ParallelOptions { MaxDegreeOfParallelism = _options.MaxDegreeOfParallelism }, i => members[i] = _trainers[i].Fit(input));
        }
        catch (AggregateException e)
        {
            // What one member alone would have thrown; the others' are its like, or follow from it.
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }
    }

    private NeuralTrainerOptions Prepared(NeuralTrainerOptions member, int index, Lock callbacks) => member with
    {
        Seed = member.Seed ?? EnsembleOptions.MemberSeed(_context.Seed, index),
        // All members are watched on the same rows, whatever their seeds.
        ValidationSeed = member.ValidationSeed ?? _context.Seed,
        // Members trained at once must not call back at once.
        MetricsCallback = member.MetricsCallback is not { } callback ? null : metrics =>
        {
            lock (callbacks) callback(metrics);
        },
    };

    private IEstimator<NeuralModel> Trainer(NeuralTrainerOptions member) => member switch
    {
        ImageClassificationOptions options => new ImageClassificationTrainer(_context, options),
        MlpOptions options => new MlpTrainer(_context, options),
        MlpClassifierOptions options => new MlpClassifierTrainer(_context, options),
        Conv1dClassificationOptions options => new Conv1dClassificationTrainer(_context, options),
        LstmClassificationOptions options => new LstmClassificationTrainer(_context, options),
        _ => throw new OptionsException([$"{nameof(EnsembleOptions)}.{nameof(EnsembleOptions.Members)} holds a {member.GetType().Name}, which no trainer of this version takes."]),
    };
}
