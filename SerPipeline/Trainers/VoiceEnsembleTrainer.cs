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

    // What a clip and its copies have in common, and what a validation part holds whole: the value of the division's own column, such as
    // the speaker, or the clip.
    private const string Unit = "Unit";

    private readonly IHostEnvironment _environment;
    private readonly VoiceEnsembleOptions _options;

    internal VoiceEnsembleTrainer(IHostEnvironment environment, VoiceEnsembleOptions options)
    {
        options.Validate();
        foreach (VoiceMember member in options.Members) member.Network?.RequireFiles();
        (_environment, _options) = (environment, options with { Members = [.. options.Members] });
    }

    /// <summary>Checks the columns and adds the score and predicted-label columns.</summary>
    /// <param name="inputSchema">The columns before the trainer.</param>
    /// <exception cref="SchemaException">A column is missing or of another type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        TrainerColumns.Check(Stage, _options.InputColumnNames, _options.LabelColumnName, _options.SpeakerColumnName, inputSchema);
        foreach (VoiceMember member in _options.Members)
            if (member.Network is { ReadsImages: true } image) TrainerColumns.Check(image, inputSchema);
        return TrainerColumns.WithScores(Stage, inputSchema, _options.LabelColumnName, _options.ScoreColumnName,
            _options.PredictedLabelColumnName);
    }

    /// <summary>Trains every member.</summary>
    /// <param name="input">The rows; those without a label are left out.</param>
    /// <exception cref="SchemaException">A column does not fit, a value is not finite, or a class has no row.</exception>
    /// <exception cref="OperationCanceledException">A member's token was cancelled.</exception>
    public NeuralModel Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        (InputColumn[] inputs, IReadOnlyList<string> labels) = TrainerColumns.Bind(Stage, _options.InputColumnNames,
            _options.LabelColumnName, _options.SpeakerColumnName, input.Schema);
        if (inputs.FirstOrDefault(column => column.Size != inputs[0].Size) is { } odd)
            throw new SchemaException($"{Stage} needs copies of {inputs[0].Size} values, as column '{inputs[0].Name}' has, but column "
                + $"'{odd.Name}' is {odd.Type}.");
        string? apart = RowSubsetView.SamplingKeyOf(input.Schema);
        FeatureRows clips = FeatureRows.Read(Stage, input, _options.FeatureColumnName, _options.LabelColumnName,
            _options.SpeakerColumnName ?? RowSubsetView.PeopleKeyOf(input.Schema), apart);
        if (apart is null) clips = clips with { Parts = [.. Enumerable.Range(0, clips.Values.Count).Select(i => Format.Whole(i))] };
        FeatureRows rows = WithCopies(input, clips);
        VoiceMember[] members = [.. _options.Members.Select(member => apart is null ? HoldingOutClips(member, clips, labels) : member)];
        var trained = new List<TrainedNetwork>();
        try
        {
            // 1. What reads features, for unknown voices and for known speakers; 2. what reads images, once for both.
            LinearDiscriminantOptions? linear = _options.Members.Select(member => member.LinearDiscriminant)
                .FirstOrDefault(options => options is not null);
            var plain = Part.Of(rows);
            double shrinkage = (linear ?? new()).Shrinkage;
            InnerFolds chosen = _options.SpeakerColumnName is not null ? InnerFolds.Of(plain.Rows, PersonOf, labels.Count, shrinkage)
                : linear is { Temperature: null } ? InnerFolds.Fixed with
                {
                    Temperature = InnerFolds.TemperatureOf(plain.Rows, clips.Values.Count, labels.Count, shrinkage),
                }
                : InnerFolds.Fixed;
            Train(plain, members, labels, chosen.Temperature, "", trained);
            SpeakerStatistics? speakers = _options.SpeakerColumnName is null ? null : SpeakerStatistics.Of(rows);
            Part? adapted = speakers is null ? null : Part.Of(rows with { Values = speakers.Centered });
            if (adapted is not null) Train(adapted, members, labels, chosen.AdaptedTemperature, ".adapted", trained);
            TrainedNetwork[] images = [.. _options.Members.Select(member => member.Network).OfType<NeuralTrainerOptions>()
                .Where(options => options.ReadsImages)
                .Select(options => Keep(trained, new NeuralTrainer(_environment, options).Train(input)))];
            var history = HistoryOf(trained, plain, images, clips.Values.Count, apart is not null);
            return NeuralModel.Of(_environment, Stage, labels, _options, Compose(plain, images, labels, inputs[0].Size), history,
                [.. plain.Networks.Concat(images).SelectMany(network => network.Layers)],
                adapted is null ? null : Adapting(adapted, speakers!, chosen, shrinkage,
                    clips.Speakers.Distinct(StringComparer.Ordinal).Count(), Compose(adapted, images, labels, inputs[0].Size)));
        }
        finally
        {
            foreach (TrainedNetwork network in trained) network.Dispose();
        }
    }

    private static string PersonOf(string speaker) => speaker.Split(CopyMark)[0];

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
            all = new FeatureRows([.. all.Values, .. copies.Values], [.. all.Classes, .. copies.Classes],
                [.. all.Speakers, .. clips.Speakers.Select(speaker => FormattableString.Invariant($"{speaker}{CopyMark}{copy}"))],
                [.. all.Parts, .. clips.Parts]);
        }
        return all;
    }

    // Where no column tells what belongs together the validation part is of each label's clips, as without copies, and those of the clips
    // that validate are no training rows.
    private VoiceMember HoldingOutClips(VoiceMember member, FeatureRows clips, IReadOnlyList<string> labels)
    {
        if (member.Network is not { ReadsImages: false, ValidationGroups: null, ValidationSetFraction: > 0 } network) return member;
        ValidationSplit split = ValidationSplits.Create([.. clips.Classes.Select(one => new SplitItem(labels[one], null))],
            new Split { Train = [.. Enumerable.Range(0, clips.Values.Count)], Test = [], Protocol = SplitProtocol.Random },
            network.ValidationSetFraction, network.ValidationSeed ?? NeuralTrainer.SeedOf(network, _environment));
        return member with { Network = network with { ValidationGroups = [.. split.Validation.Select(i => clips.Parts[i])] } };
    }

    private void Train(Part part, IReadOnlyList<VoiceMember> members, IReadOnlyList<string> labels, double temperature, string checkpoint,
        List<TrainedNetwork> trained)
    {
        FeatureRows rows = part.Rows;
        rows.RequireEveryClass(Stage, labels);
        IDataView view = ViewOf(rows, labels);
        foreach (VoiceMember member in members)
        {
            _options.CancellationToken.ThrowIfCancellationRequested();
            if (member.LinearDiscriminant is { } linear)
                part.Members.Add((LinearDiscriminant.Fit(rows.Values, rows.Classes, labels.Count, linear.Shrinkage)
                    .Over(linear.Temperature ?? temperature), null));
            else if (member.Network is { ReadsImages: false } network)
                part.Members.Add((null, Keep(trained, new NeuralTrainer(_environment, network with
                {
                    FeatureColumnName = _options.FeatureColumnName,
                    LabelColumnName = _options.LabelColumnName,
                    CheckpointPath = network.CheckpointPath is { } path ? path + checkpoint : null,
                    SamplingKeyColumnName = Unit,
                }).Train(view))));
        }
    }

    private MemoryView ViewOf(FeatureRows rows, IReadOnlyList<string> labels)
    {
        List<MemoryView.Column> columns =
        [
            MemoryView.Vector(_options.FeatureColumnName, rows.Values[0].Length, (row, to) => rows.Values[row].CopyTo(to)),
            MemoryView.Of(_options.LabelColumnName, new KeyDataViewType(typeof(uint), labels.Count), row => (uint)rows.Classes[row] + 1,
                Waveform.TextAnnotation("KeyValues", labels)),
            MemoryView.Text(Unit, [.. rows.Parts]),
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
