using System.Globalization;
using System.Text.Json;
using SerPipeline.Old.Pipeline;
using SerPipeline.Old.Torch.Layers;
using SerPipeline.Onnx;
using SerPipeline.Trainers;

namespace SerPipeline.Old.Trainers;

/// <summary>Several trained networks as one stage: adds their mean probability of each class, and the class of the highest mean. Dispose it to free their native memory.</summary>
public sealed class EnsembleModel : RowTransformer, IClassificationModel, IDisposable
{
    internal const string Name = "Ensemble";

    private readonly string _score, _predictedLabel;

    internal EnsembleModel(SerContext context, string score, string predictedLabel, IReadOnlyList<NeuralModel> members) : base(context)
    {
        (_score, _predictedLabel, Members) = (score, predictedLabel, members);
    }

    /// <inheritdoc/>
    public override string StageName => Name;

    /// <summary>The trained networks, in the order of the options.</summary>
    public IReadOnlyList<NeuralModel> Members { get; }

    /// <inheritdoc/>
    public IReadOnlyList<string> Labels => Members[0].Labels;

    /// <summary>How the first member's training went, with the parameters of all members together and no temperature; <see cref="Members"/> tells each member's own.</summary>
    public TrainingHistory History => Members.Count == 1
        ? Members[0].History
        : Members[0].History with { Parameters = Members.Sum(member => member.History.Parameters), Temperature = null };

    /// <summary>The layers of every member, under <c>member1.</c>, <c>member2.</c> and so on.</summary>
    public IReadOnlyList<LayerDescription> Describe() =>
    [
        .. Members.SelectMany((member, i) => member.Describe().Select(layer => layer with
        {
            Name = Prefix(i) + layer.Name,
            ParameterNames = [.. layer.ParameterNames.Select(name => Prefix(i) + name)],
        })),
    ];

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (NeuralModel member in Members) member.Dispose();
    }

    /// <inheritdoc/>
    public override void Save(StageContent stage)
    {
        ArgumentNullException.ThrowIfNull(stage);
        var members = new List<Member>();
        foreach ((int i, NeuralModel model) in Members.Index())
        {
            var content = new StageContent(model.StageName);
            model.Save(content);
            members.Add(new Member(model.StageName, JsonDocument.Parse(content.OptionsJson).RootElement));
            foreach ((string name, byte[] part) in content.Parts) stage.AddPart(Prefix(i) + name, part);
        }
        stage.SetOptions(new Settings(_score, _predictedLabel, members));
    }

    internal static EnsembleModel Load(StageContent stage, SerContext context)
    {
        Settings settings = stage.GetOptions<Settings>();
        if (settings.Members.Count == 0 || settings.Members.Any(member => member is null) || string.IsNullOrEmpty(settings.Score) || string.IsNullOrEmpty(settings.PredictedLabel))
            throw new ModelFormatException($"Stage '{Name}' must name its columns and list at least one member, none of them empty.");
        var members = new List<NeuralModel>();
        try
        {
            for (int i = 0; i < settings.Members.Count; i++) members.Add(LoadMember(stage, settings.Members[i], Prefix(i), context));
            if (members.Any(member => !member.Labels.SequenceEqual(members[0].Labels, StringComparer.Ordinal)))
                throw new ModelFormatException($"Stage '{Name}' must have members of the same labels, in the same order.");
            return new EnsembleModel(context, settings.Score, settings.PredictedLabel, members);
        }
        catch
        {
            foreach (NeuralModel member in members) member.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    protected internal override RowMapper Bind(DataViewSchema schema)
    {
        RowMapper[] members = ForEach(Members, member => member.Bind(schema));
        return new MeanMapper(members, [.. members.SelectMany(member => member.InputColumns).Distinct()], NeuralModel.ScoreColumns(_score, _predictedLabel, Labels));
    }

    /// <summary>Something done for each member; a column that does not fit is told with the member it does not fit.</summary>
    internal static TResult[] ForEach<TMember, TResult>(IReadOnlyList<TMember> members, Func<TMember, TResult> action)
    {
        var results = new TResult[members.Count];
        for (int i = 0; i < results.Length; i++)
        {
            try
            {
                results[i] = action(members[i]);
            }
            catch (SchemaException e)
            {
                throw new SchemaException(string.Create(CultureInfo.InvariantCulture, $"{Name}, member {i + 1} of {results.Length}: {e.Message}"), e);
            }
        }
        return results;
    }

    /// <inheritdoc/>
    public override void Export(OnnxExport onnx)
    {
        ArgumentNullException.ThrowIfNull(onnx);
        OnnxValue[] members = [.. Members.Select((member, i) =>
        {
            using IDisposable part = onnx.Enter(Prefix(i).TrimEnd('.'));
            member.Export(onnx);
            return onnx.Scores!.Probabilities;
        })];
        OnnxValue mean = members.Aggregate((sum, next) => sum + next) / members.Length;
        // A mean of probabilities has no logits of its own; these have it as their softmax.
        onnx.SetScores(_score, _predictedLabel, new OnnxScores(mean.AtLeast(1e-37).One("Log"), mean, Labels));
    }

    private static NeuralModel LoadMember(StageContent stage, Member member, string prefix, SerContext context)
    {
        var content = new StageContent(member.Stage) { OptionsJson = member.Options.GetRawText() };
        foreach ((string name, byte[] part) in stage.Parts.Where(part => part.Key.StartsWith(prefix, StringComparison.Ordinal))) content.AddPart(name[prefix.Length..], part);
        return member.Stage switch
        {
            ImageClassificationModel.Name => ImageClassificationModel.Load(content, context),
            MlpModel.Name => MlpModel.Load(content, context),
            MlpClassifierModel.Name => MlpClassifierModel.Load(content, context),
            Conv1dClassificationModel.Name => Conv1dClassificationModel.Load(content, context),
            LstmClassificationModel.Name => LstmClassificationModel.Load(content, context),
            _ => throw new ModelFormatException($"Stage '{Name}' holds a member '{member.Stage}', which this version does not know."),
        };
    }

    private static string Prefix(int index) => string.Create(CultureInfo.InvariantCulture, $"member{index + 1}.");

    private sealed record Settings(string Score, string PredictedLabel, IReadOnlyList<Member> Members);

    private sealed record Member(string Stage, JsonElement Options);

    private sealed class MeanMapper(RowMapper[] members, int[] columns, DataViewSchema.DetachedColumn[] outputs) : RowMapper(columns, outputs)
    {
        // Where each member's inputs lie among all.
        private readonly int[][] _inputs = [.. members.Select(member => member.InputColumns.Select(column => Array.IndexOf(columns, column)).ToArray())];

        public override void Map(ReadOnlySpan<object?> inputs, Span<object?> outputs)
        {
            var one = new object?[2];
            double[]? sum = null;
            for (int m = 0; m < members.Length; m++)
            {
                var own = new object?[_inputs[m].Length];
                for (int i = 0; i < own.Length; i++) own[i] = inputs[_inputs[m][i]];
                members[m].Map(own, one);
                ReadOnlySpan<float> scores = ((VBuffer<float>)one[0]!).GetValues();
                sum ??= new double[scores.Length];
                for (int c = 0; c < sum.Length; c++) sum[c] += scores[c];
            }
            NeuralModel.SetScores(outputs, [.. sum!.Select(value => (float)(value / members.Length))]);
        }
    }
}
