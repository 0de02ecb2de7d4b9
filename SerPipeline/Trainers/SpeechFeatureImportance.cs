using Microsoft.ML.Transforms;
using Microsoft.ML.Transforms.Image;

namespace SerPipeline.Trainers;

/// <summary>How much worse a model gets when one slot of its features, or a group of them, says nothing any more.</summary>
/// <param name="Name">The slot's name, or the group's.</param>
/// <param name="Slots">The slots, from 0.</param>
/// <param name="UarDrop">The mean over repetitions of the drop in UAR; below 0 where the model got better.</param>
/// <param name="UarDeviation">Its standard deviation over repetitions; 0 for one repetition.</param>
/// <param name="AccuracyDrop">The mean over repetitions of the drop in accuracy.</param>
/// <param name="AccuracyDeviation">Its standard deviation over repetitions.</param>
public sealed record FeatureImportance(
    string Name, IReadOnlyList<int> Slots, double UarDrop, double UarDeviation, double AccuracyDrop, double AccuracyDeviation);

/// <summary>Options of <see cref="SpeechFeatureImportance"/>.</summary>
public sealed record FeatureImportanceOptions
{
    /// <summary>The vector column to permute; it must exist after the stages that make it.</summary>
    public string FeatureColumnName { get; init; } = "Features";

    /// <summary>The key column with the truth.</summary>
    public string LabelColumnName { get; init; } = "Label";

    /// <summary>The column of one probability a class.</summary>
    public string ScoreColumnName { get; init; } = "Score";

    /// <summary>Permutations of each slot or group.</summary>
    public int Repetitions { get; init; } = 5;

    /// <summary>Decides the permutations.</summary>
    public int Seed { get; init; } = 42;

    /// <summary>
    /// Gives the group of a slot by its name: slots of one group are permuted together, so that the rest of a group cannot stand in for one
    /// of it. Null permutes each alone.
    /// </summary>
    public Func<string, string>? GroupOf { get; init; }

    internal void Validate() => new OptionsCheck(nameof(FeatureImportanceOptions))
        .Require(!string.IsNullOrWhiteSpace(FeatureColumnName), FeatureColumnName, "name a column")
        .Require(!string.IsNullOrWhiteSpace(LabelColumnName), LabelColumnName, "name a column")
        .Require(!string.IsNullOrWhiteSpace(ScoreColumnName), ScoreColumnName, "name a column")
        .Require(Repetitions is >= 1 and <= 10_000, Repetitions, "be between 1 and 10000")
        .ThrowIfAny();
}

/// <summary>
/// Permutation importance (Breiman 2001; Fisher, Rudin and Dominici 2019) of the slots of a feature column, for any chain of transformers:
/// the values of a slot are
/// dealt anew over the rows, the stages after the column score these rows, and the drop in UAR and accuracy is what the slot was worth.
/// </summary>
public static class SpeechFeatureImportance
{
    /// <summary>Measures every slot.</summary>
    /// <param name="ml">The context.</param>
    /// <param name="model">The fitted chain, or its last stage alone.</param>
    /// <param name="data">The rows, as the chain takes them. They are read once: features, labels and the other columns that the scores are
    /// computed from, such as the pixels of an ensemble, are held in memory.</param>
    /// <param name="options">Columns, repetitions, groups; the defaults when null.</param>
    /// <returns>The greatest drop in UAR first.</returns>
    /// <exception cref="SchemaException">A column is missing or of another type, or the rows are none.</exception>
    /// <exception cref="OptionsException">An option cannot be used.</exception>
    public static IReadOnlyList<FeatureImportance> Measure(MLContext ml, ITransformer model, IDataView data,
        FeatureImportanceOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(ml);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(data);
        options ??= new();
        options.Validate();
        (IDataView rows, ITransformer[] after) = SplitAt(model, data, options.FeatureColumnName);
        (rows, after) = Ahead(rows, after, options.FeatureColumnName);
        var table = PermutedRows.Read(Held(ml, rows, after, options), options.FeatureColumnName, options.LabelColumnName);
        Accuracy plain = Score(table, after, options);
        var random = new SeededRandom(options.Seed);
        return [.. Groups(table.SlotNames, options.GroupOf)
            .Select(group => Drop(group.Name, group.Slots, plain, [.. Enumerable.Range(0, options.Repetitions).Select(i =>
            {
                // A stream of its own for each slot: another's presence does not change what this one gets.
                table.Permute(group.Slots, random.Fork(group.Name).Fork("repetition", i));
                return Score(table, after, options);
            })]))
            .OrderByDescending(importance => importance.UarDrop)];
    }

    /// <summary>The rows where the last stage that makes the feature column has worked, and the stages after it.</summary>
    private static (IDataView Rows, ITransformer[] After) SplitAt(ITransformer model, IDataView data, string column)
    {
        ITransformer[] stages = [.. Flat(model)];
        IDataView rows = data;
        IDataView? made = data.Schema.GetColumnOrNull(column) is null ? null : data;
        int after = 0;
        for (int i = 0; i < stages.Length; i++)
        {
            DataViewSchema before = rows.Schema;
            rows = stages[i].Transform(rows);
            // A column of the same name made anew lies at another place.
            if (rows.Schema.GetColumnOrNull(column) is { } now
                && (before.GetColumnOrNull(column) is not { } then || now.Index != then.Index || !now.Type.Equals(then.Type)))
                (made, after) = (rows, i + 1);
        }
        return made is null
            ? throw InputColumn.Missing(nameof(SpeechFeatureImportance), column, rows.Schema)
            : (made, stages[after..]);
    }

    /// <summary>Stages that do not depend on the features work once, and not for every permutation.</summary>
    private static (IDataView Rows, ITransformer[] After) Ahead(IDataView rows, ITransformer[] after, string column)
    {
        var builder = new DataViewSchema.Builder();
        foreach (DataViewSchema.Column other in rows.Schema.Where(c => !c.IsHidden && c.Name != column))
            builder.AddColumn(other.Name, other.Type, other.Annotations);
        DataViewSchema without = builder.ToSchema();
        var left = new List<ITransformer>();
        foreach (ITransformer stage in after)
        {
            // One that takes columns away or overwrites them must not do so before those that read them.
            if (OutputOf(stage, without) is { } output && stage is not ColumnSelectingTransformer && !output.Any(c => c.IsHidden))
                (rows, without) = (stage.Transform(rows), output);
            else left.Add(stage);
        }
        return (rows, [.. left]);
    }

    private static DataViewSchema? OutputOf(ITransformer stage, DataViewSchema schema)
    {
        try
        {
            return stage.GetOutputSchema(schema);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or SchemaException)
        {
            return null;
        }
    }

    /// <summary>The rows in memory, where all that the scores need of them can lie there: ML.NET holds no images.</summary>
    private static IDataView Held(MLContext ml, IDataView rows, ITransformer[] after, FeatureImportanceOptions options)
    {
        ITransformer chain = new TransformerChain<ITransformer>(after);
        DataViewSchema scored = chain.GetOutputSchema(rows.Schema);
        DataViewSchema.Column score = scored.GetColumnOrNull(options.ScoreColumnName)
            ?? throw InputColumn.Missing(nameof(SpeechFeatureImportance), options.ScoreColumnName, scored);
        if (!chain.IsRowToRowMapper) return rows;
        DataViewSchema.Column[] needed = [.. chain.GetRowToRowMapper(rows.Schema).GetDependencies([score])];
        return needed.Any(column => column.Type is ImageDataViewType) ? rows
            : ml.Data.Cache(rows, [.. needed.Select(column => column.Name).Append(options.FeatureColumnName).Distinct()]);
    }

    private static IEnumerable<ITransformer> Flat(ITransformer model) =>
        model is IEnumerable<ITransformer> chain ? chain.SelectMany(Flat) : [model];

    private static IEnumerable<(string Name, int[] Slots)> Groups(IReadOnlyList<string> names, Func<string, string>? groupOf) =>
        names.Select((name, slot) => (Name: groupOf is null ? name : groupOf(name), Slot: slot))
            .GroupBy(slot => slot.Name, StringComparer.Ordinal).Select(group => (group.Key, group.Select(slot => slot.Slot).ToArray()));

    private static Accuracy Score(PermutedRows table, ITransformer[] stages, FeatureImportanceOptions options)
    {
        IDataView scored = stages.Aggregate((IDataView)table, (rows, stage) => stage.Transform(rows));
        DataViewSchema.Column column = scored.Schema[options.ScoreColumnName];
        using DataViewRowCursor cursor = scored.GetRowCursor([column]);
        ValueGetter<VBuffer<float>> getter = cursor.GetGetter<VBuffer<float>>(column);
        VBuffer<float> scores = default;
        var (right, total) = (new Dictionary<ulong, int>(), new Dictionary<ulong, int>());
        for (int row = 0; cursor.MoveNext(); row++)
        {
            getter(ref scores);
            float[] values = [.. scores.DenseValues()];
            ulong label = table.Labels[row];
            total[label] = total.GetValueOrDefault(label) + 1;
            right[label] = right.GetValueOrDefault(label) + ((ulong)Array.IndexOf(values, values.Max()) + 1 == label ? 1 : 0);
        }
        return new Accuracy(total.Keys.Average(label => (double)right[label] / total[label]),
            (double)right.Values.Sum() / total.Values.Sum());
    }

    private static FeatureImportance Drop(string name, int[] slots, Accuracy plain, Accuracy[] permuted)
    {
        double[] uar = [.. permuted.Select(p => plain.Uar - p.Uar)], accuracy = [.. permuted.Select(p => plain.Share - p.Share)];
        return new FeatureImportance(name, slots, uar.Average(), Deviation(uar), accuracy.Average(), Deviation(accuracy));
    }

    private static double Deviation(double[] values) =>
        values.Length == 1 ? 0 : Math.Sqrt(values.Sum(v => (v - values.Average()) * (v - values.Average())) / (values.Length - 1));

    private sealed record Accuracy(double Uar, double Share);
}
