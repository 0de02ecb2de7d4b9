using Microsoft.ML.Runtime;
using SerPipeline.Onnx;
using SerPipeline.Splits;
using SerPipeline.Transforms;

namespace SerPipeline.Trainers;

/// <summary>
/// Trains linear discriminants and networks on the same clips, copies at other speeds included, and averages their probabilities into one
/// network. With a speaker column it does so twice: for unknown voices, and for speakers of whom some clips are known.
/// </summary>
public sealed class VoiceEnsembleTrainer : IEstimator<NeuralModel>
{
    internal const string Stage = "VoiceEnsemble";

    // Between a person's name and the number of the copy.
    private const char CopyMark = '\u0001';

    // What a clip and its copies have in common, and what a validation part holds whole, where no column says it: the clip's number.
    private const string Unit = "Unit";

    private readonly IHostEnvironment _environment;
    private readonly VoiceEnsembleOptions _options;
    private readonly NeuralTrainer[] _trainers;

    internal VoiceEnsembleTrainer(IHostEnvironment environment, VoiceEnsembleOptions options)
    {
        options.Validate();
        _environment = environment;
        int seed = NeuralTrainer.SeedOf(null, environment), networks = 0;
        // Lists of its own: the caller may go on changing his.
        _options = options with
        {
            CopyColumnNames = [.. options.CopyColumnNames],
            Members = [.. options.Members.Select(member => member.Network is { } network
                ? member with { Network = EnsembleOptions.Seeded(options.OfMember(network), networks++, seed).Copied() } : member)],
        };
        _trainers = [.. _options.Networks.Select(network => new NeuralTrainer(environment, network))];
    }

    /// <summary>Checks the columns and adds the score and predicted-label columns.</summary>
    /// <param name="inputSchema">The columns before the trainer.</param>
    /// <exception cref="SchemaException">A column is missing or of another type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        TrainerColumns.Check(Stage, _options.InputColumnNames, _options.LabelColumnName, _options.SpeakerColumnName, inputSchema);
        foreach (NeuralTrainerOptions network in _options.Networks) TrainerColumns.Check(network, inputSchema);
        return TrainerColumns.WithScores(Stage, inputSchema, _options.LabelColumnName, _options.ScoreColumnName,
            _options.PredictedLabelColumnName);
    }

    /// <summary>Trains every member.</summary>
    /// <param name="input">The rows; those without a label are left out.</param>
    /// <exception cref="SchemaException">A column does not fit, a value is not finite, a class has no row, or no speaker has two
    /// clips.</exception>
    /// <exception cref="CorpusException">The validation part cannot be taken as a member asks.</exception>
    /// <exception cref="TorchException">libtorch or a member's device cannot be used, or a loss is no finite number.</exception>
    /// <exception cref="ResumeException">The checkpoint of a member is damaged, or of another training.</exception>
    /// <exception cref="OperationCanceledException">A member's token was cancelled.</exception>
    public NeuralModel Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        (InputColumn[] inputs, IReadOnlyList<string> labels) = TrainerColumns.Bind(Stage, _options.InputColumnNames,
            _options.LabelColumnName, _options.SpeakerColumnName, input.Schema);
        if (inputs.FirstOrDefault(column => column.Size != inputs[0].Size) is { } odd)
            throw new SchemaException($"{Stage} needs copies of {inputs[0].Size} values, as column '{inputs[0].Name}' has, but column "
                + $"'{odd.Name}' is {odd.Type}.");
        // Before the first member takes its hours.
        TrainerColumns.CheckScoreName(Stage, _options.ScoreColumnName, input.Schema.Select(column => column.Name));
        foreach (NeuralTrainer trainer in _trainers) trainer.CheckInput(input);
        string? apart = _options.SamplingKeyColumnName ?? RowSubsetView.SamplingKeyOf(input.Schema);
        FeatureRows clips = FeatureRows.Read(Stage, input, _options.FeatureColumnName, _options.LabelColumnName,
            _options.SpeakerColumnName ?? RowSubsetView.PeopleKeyOf(input.Schema), apart);
        int people = clips.Speakers.Distinct(StringComparer.Ordinal).Count();
        if (_options.SpeakerColumnName is { } speaker && people == clips.Values.Count)
            throw new SchemaException($"{Stage} takes each speaker's offset out of the features, but in column '{speaker}', its "
                + "SpeakerColumnName, no speaker has more than one clip: speakers of one clip teach nothing about voices. Name a column "
                + "whose speakers have several, or leave SpeakerColumnName at null.");
        if (apart is null) clips = clips with { Parts = [.. Enumerable.Range(0, clips.Values.Count).Select(i => Format.Whole(i))] };
        FeatureRows rows = WithCopies(input, clips);
        VoiceMember[] members = [.. _options.Members.Select(member => apart is null ? HoldingOutClips(member, clips, labels) : member)];
        var trained = new List<TrainedNetwork>();
        try
        {
            // 1. What reads features, for unknown voices and for known speakers; 2. what reads images, once for both.
            var plain = Part.Of(rows);
            SpeakerStatistics? speakers = _options.SpeakerColumnName is null ? null : SpeakerStatistics.Of(rows);
            LinearDiscriminantOptions[] linear = [.. _options.Members.Select(member => member.LinearDiscriminant)
                .OfType<LinearDiscriminantOptions>()];
            // By the shrinkage of whatever is to be calibrated; that of the first guesses a new voice's emotions.
            double shrinkage = (linear.FirstOrDefault() ?? new()).Shrinkage;
            Dictionary<double, InnerFolds> folds = linear.Where(one => one.Temperature is null).Select(one => one.Shrinkage)
                .Concat(speakers is null ? [] : [shrinkage]).Distinct()
                .ToDictionary(one => one, one => InnerFolds.Of(plain.Rows, clips.Values.Count, labels.Count, one, speakers is not null));
            string unit = apart ?? Unit;
            Train(plain, members, labels, one => folds[one].Temperature, unit, "", trained);
            Part? adapted = speakers is null ? null : Part.Of(rows with { Values = speakers.Centered });
            if (adapted is not null) Train(adapted, members, labels, one => folds[one].AdaptedTemperature, unit, ".adapted", trained);
            TrainedNetwork[] images = [.. _options.Networks.Zip(_trainers).Where(one => one.First.ReadsImages)
                .Select(one => Keep(trained, one.Second.Train(input)))];
            var history = HistoryOf(trained, plain, images, clips.Values.Count, apart is not null);
            return NeuralModel.Of(_environment, Stage, labels, _options, Compose(plain, images, labels, inputs[0].Size), history,
                [.. plain.Networks.Concat(images).SelectMany(network => network.Layers)],
                adapted is null ? null : Adapting(adapted, speakers!, folds[shrinkage], shrinkage, people,
                    Compose(adapted, images, labels, inputs[0].Size)));
        }
        finally
        {
            foreach (TrainedNetwork network in trained) network.Dispose();
        }
    }

    private static TrainedNetwork Keep(List<TrainedNetwork> trained, TrainedNetwork network)
    {
        trained.Add(network);
        return network;
    }

    private FeatureRows WithCopies(IDataView input, FeatureRows clips)
    {
        FeatureRows all = clips;
        foreach ((int copy, string column) in _options.CopyColumnNames.Index())
        {
            FeatureRows copies = FeatureRows.Read(Stage, input, column, _options.LabelColumnName);
            // A copy is its clip's by its place alone, so that one row less would part every clip behind it from its copy.
            if (!copies.Classes.SequenceEqual(clips.Classes))
                throw new SchemaException($"{Stage} pairs the rows of column '{column}' with those of '{_options.FeatureColumnName}' by "
                    + $"their place, but read {clips.Values.Count} rows with a label there and {copies.Values.Count} here, or others. Give "
                    + "it rows that are the same at every reading.");
            all = new FeatureRows([.. all.Values, .. copies.Values], [.. all.Classes, .. copies.Classes],
                [.. all.Speakers, .. clips.Speakers.Select(speaker => FormattableString.Invariant($"{speaker}{CopyMark}{copy}"))],
                [.. all.Parts, .. clips.Parts]);
        }
        return all;
    }

    // Where no column tells what belongs together the validation part is of each label's clips, as without copies, and those of the clips
    // that validate are no training rows.
    private static VoiceMember HoldingOutClips(VoiceMember member, FeatureRows clips, IReadOnlyList<string> labels)
    {
        if (member.Network is not { ReadsImages: false, ValidationGroups: null, ValidationSetFraction: > 0 } network) return member;
        ValidationSplit split = ValidationSplits.Create([.. clips.Classes.Select(one => new SplitItem(labels[one], null))],
            new Split { Train = [.. Enumerable.Range(0, clips.Values.Count)], Test = [], Protocol = SplitProtocol.Random },
            network.ValidationSetFraction, network.ValidationSeed!.Value);
        return member with { Network = network with { ValidationGroups = [.. split.Validation.Select(i => clips.Parts[i])] } };
    }

    private void Train(Part part, IReadOnlyList<VoiceMember> members, IReadOnlyList<string> labels, Func<double, double> temperatureAt,
        string unit, string checkpoint, List<TrainedNetwork> trained)
    {
        FeatureRows rows = part.Rows;
        rows.RequireEveryClass(Stage, labels);
        IDataView view = ViewOf(rows, labels, unit);
        foreach (VoiceMember member in members)
        {
            _options.CancellationToken.ThrowIfCancellationRequested();
            if (member.LinearDiscriminant is { } linear)
                part.Members.Add((LinearDiscriminant.Fit(rows.Values, rows.Classes, labels.Count, linear.Shrinkage)
                    .Over(linear.Temperature ?? temperatureAt(linear.Shrinkage)), null));
            else if (member.Network is { ReadsImages: false } network)
                part.Members.Add((null, Keep(trained, new NeuralTrainer(_environment, network with
                {
                    CheckpointPath = network.CheckpointPath is { } path ? path + checkpoint : null,
                    SamplingKeyColumnName = unit,
                }).Train(view))));
        }
    }

    private MemoryView ViewOf(FeatureRows rows, IReadOnlyList<string> labels, string unit)
    {
        List<MemoryView.Column> columns =
        [
            // First, so that it would not hide another of its name.
            MemoryView.Text(unit, [.. rows.Parts]),
            MemoryView.Vector(_options.FeatureColumnName, rows.Values[0].Length, (row, to) => rows.Values[row].CopyTo(to)),
            MemoryView.Of(_options.LabelColumnName, new KeyDataViewType(typeof(uint), labels.Count), row => (uint)rows.Classes[row] + 1,
                Waveform.TextAnnotation("KeyValues", labels)),
        ];
        return new MemoryView(rows.Values.Count, columns);
    }

    private OnnxModel Compose(Part part, TrainedNetwork[] images, IReadOnlyList<string> labels, int slots)
    {
        var graph = new OnnxGraphBuilder();
        var columns = new Dictionary<string, OnnxValue>(StringComparer.Ordinal);
        OnnxValue Column(string name, int size) => columns.TryGetValue(name, out OnnxValue? known) ? known
            : columns[name] = graph.Input(name, OnnxType.Float, "batch", size);
        OnnxValue? standard = part.Members.Count == 0 ? null
            : (Column(_options.FeatureColumnName, slots) - graph.Constant<float>(part.Mean)) * graph.Constant<float>(part.Scale);
        var (vectors, pictures) = (new Queue<(LinearDiscriminant?, TrainedNetwork?)>(part.Members), new Queue<TrainedNetwork>(images));
        OnnxValue? sum = null;
        foreach (VoiceMember member in _options.Members)
        {
            OnnxValue logits;
            if (member.Network is { ReadsImages: true })
            {
                TrainedNetwork picture = pictures.Dequeue();
                logits = graph.Inline(picture.ToModel().Graph, [.. picture.Inputs.Select(input => Column(input.Name, input.Size))])[0];
            }
            else
            {
                (LinearDiscriminant? linear, TrainedNetwork? network) = vectors.Dequeue();
                logits = linear is not null ? Linear(graph, standard!, linear) : graph.Inline(network!.ToModel().Graph, [standard!])[0];
            }
            OnnxValue share = logits.Softmax() * (member.Weight / _options.Members.Sum(one => one.Weight));
            sum = sum is null ? share : sum + share;
        }
        // A mean has no raw scores of its own; these have it as their softmax.
        graph.Output(TrainedNetwork.Logits, sum!.AtLeast(1e-37).One("Log"), "batch", labels.Count);
        return OnnxModel.Of(graph.Build("network"));
    }

    private static OnnxValue Linear(OnnxGraphBuilder graph, OnnxValue features, LinearDiscriminant linear)
    {
        float[] weights = [.. linear.Weights.SelectMany(row => row).Select(value => (float)value)];
        OnnxValue matrix = graph.Constant<float>(weights, [linear.Weights.Length, linear.Weights[0].Length]);
        return features.MatMul(matrix.Transpose(1, 0)) + graph.Constant<float>([.. linear.Biases.Select(value => (float)value)]);
    }

    private SpeakerAdaptation Adapting(Part part, SpeakerStatistics speakers, InnerFolds chosen, double shrinkage, int people,
        OnnxModel network)
    {
        var adaptation = new SpeakerAdaptation
        {
            FeatureColumnName = _options.FeatureColumnName,
            Center = speakers.Center,
            Shrinkage = chosen.Shrinkage,
            Speakers = people,
            Network = network,
        };
        // Whoever has heard few voices guesses the emotions of another too badly to take them out.
        if (people < SpeakerAdaptation.LeastSpeakers) return adaptation;
        // By a discriminant whatever the members are: it is linear, so that a file can hold it and another program use it.
        LinearDiscriminant scores = LinearDiscriminant.Fit(part.Rows.Values, part.Rows.Classes, part.Rows.Classes.Max() + 1, shrinkage)
            .Over(chosen.AdaptedTemperature * InnerFolds.Softness);
        // From standardised features to features less the center.
        float[] center = [.. speakers.Center.Select((value, j) => (value - part.Mean[j]) * part.Scale[j])];
        return adaptation with
        {
            ClassMeans = [.. speakers.ClassMeans(part.Rows.Classes).Select(mean => mean.Zip(speakers.Center, (m, c) => m - c).ToArray())],
            Weights = [.. scores.Weights.Select(row => row.Select((weight, j) => (float)(weight * part.Scale[j])).ToArray())],
            Biases = [.. scores.Scores(center).Select(score => (float)score)],
        };
    }

    private TrainingHistory HistoryOf(List<TrainedNetwork> trained, Part plain, TrainedNetwork[] images, int clips, bool apart)
    {
        // Of the last one trained, which takes longest; without networks there are no epochs.
        TrainingHistory history = trained.Count > 0 ? trained[^1].History : new TrainingHistory
        {
            Epochs = [],
            ChosenEpoch = 0,
            TrainExamples = clips,
            ValidationExamples = 0,
            ValidationGroups = [],
            Parameters = 0,
        };
        // Copies are no clips, and a clip's number is nobody's name.
        int times = images.Length > 0 ? 1 : 1 + _options.CopyColumnNames.Count;
        return history with
        {
            TrainExamples = history.ValidationExamples > 0 ? history.TrainExamples / times : clips,
            ValidationExamples = history.ValidationExamples / times,
            ValidationGroups = apart ? history.ValidationGroups : [],
            Parameters = plain.Members.Sum(member => member.Network?.History.Parameters
                ?? member.Linear!.Weights.Sum(row => row.Length + 1L)) + images.Sum(image => image.History.Parameters),
            Temperature = null,
        };
    }

    /// <summary>The members over features, in their order, and how the features are standardised for them, as <c>Rows</c> are.</summary>
    private sealed record Part(float[] Mean, float[] Scale, FeatureRows Rows)
    {
        public List<(LinearDiscriminant? Linear, TrainedNetwork? Network)> Members { get; } = [];

        public IEnumerable<TrainedNetwork> Networks => Members.Select(member => member.Network).OfType<TrainedNetwork>();

        public static Part Of(FeatureRows rows)
        {
            double[] mean = [.. Enumerable.Range(0, rows.Values[0].Length).Select(j => rows.Values.Average(row => (double)row[j]))];
            double[] deviation = [.. mean.Select((m, j) => Math.Sqrt(rows.Values.Average(row => (row[j] - m) * (row[j] - m))))];
            float[] center = Array.ConvertAll(mean, m => (float)m);
            // A slot that never changes says nothing.
            float[] scale = [.. deviation.Select((d, j) => d <= 1e-9 * (1 + Math.Abs(mean[j])) ? 0 : (float)(1 / d))];
            return new Part(center, scale,
                rows with { Values = [.. rows.Values.Select(row => row.Select((value, j) => (value - center[j]) * scale[j]).ToArray())] });
        }
    }
}
