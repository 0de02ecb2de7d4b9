using SerPipeline.Splits;
using SerPipeline.Transforms;

namespace SerPipeline.Trainers;

/// <summary>The rows of a view as training examples: what a trainer learns from, and the part it watches itself on.</summary>
internal sealed class TrainingData(
    ExampleStore store, ExampleStore? ownValidation, int[] train, int[] validation, IReadOnlyList<string> validationGroups) : IDisposable
{
    /// <summary>Where the training examples lie.</summary>
    public ExampleStore Store => store;

    /// <summary>Where the validation examples lie.</summary>
    public ExampleStore ValidationStore => ownValidation ?? store;

    /// <summary>Positions in <see cref="Store"/> to learn from.</summary>
    public int[] Train => train;

    /// <summary>Positions in <see cref="ValidationStore"/> to watch; empty for none.</summary>
    public int[] Validation => validation;

    /// <summary>The groups of the validation part when it was held out by group.</summary>
    public IReadOnlyList<string> ValidationGroups => validationGroups;

    /// <summary>Reads a view once, in its order.</summary>
    /// <param name="input">The rows.</param>
    /// <param name="options">Columns and the validation part.</param>
    /// <param name="encoder">How an example is kept.</param>
    /// <param name="labels">What the classes are called.</param>
    /// <param name="seed">Decides the validation part.</param>
    /// <exception cref="SchemaException">A column does not fit, no row is left, or the column that a split keeps apart is gone.</exception>
    public static TrainingData Read(IDataView input, NeuralTrainerOptions options, ExampleEncoder encoder, IReadOnlyList<string> labels,
        int seed)
    {
        string? key = SamplingKeyOf(input, options);
        ExampleStore store = Collect(input, options, encoder, key, options.TrainingOnlyColumnNames);
        try
        {
            if (store.Count == 0)
                throw new SchemaException($"{options.Stage}: there is no row to train on: no row has a label among "
                    + $"{string.Join(", ", labels)}.");
            encoder.CheckPacked(options.Stage);
            return options.ValidationSet is { } given
                ? WithValidationSet(store, given, options, encoder, key, labels)
                : HoldOut(store, options, key, labels, seed);
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        store.Dispose();
        ownValidation?.Dispose();
    }

    /// <summary>The column whose equal values stay on one side of training and validation; null for none.</summary>
    /// <exception cref="SchemaException">A split marked one that is gone, or groups are named and there is none.</exception>
    public static string? SamplingKeyOf(IDataView input, NeuralTrainerOptions options)
    {
        if ((options.SamplingKeyColumnName ?? RowSubsetView.SamplingKeyOf(input.Schema)) is { } key) return key;
        if (options.ValidationGroups is not null)
            throw new SchemaException($"{options.Stage}: ValidationGroups needs to know which column it names values of: set "
                + "SamplingKeyColumnName, or train on a speaker-independent split.");
        if (options.ValidationSet is not null || options.ValidationSetFraction == 0) return null;
        // Without the column the validation part would be drawn at random, and nobody told.
        for (IDataView? view = input; view is not null; view = MlNetInternals.SourceOf(view))
            if (RowSubsetView.SamplingKeyOf(view.Schema) is { } lost)
                throw new SchemaException($"{options.Stage}: the rows come from a split that keeps the values of column '{lost}' apart, "
                    + "but SelectColumns, DropColumns or the like took that column away behind it, so that the validation part would share "
                    + $"them with training. Keep '{lost}' up to the trainer, name another column as SamplingKeyColumnName, give a "
                    + "ValidationSet, or hold nothing out (ValidationSetFraction = 0).");
        return null;
    }

    private static TrainingData WithValidationSet(
        ExampleStore store, IDataView given, NeuralTrainerOptions options, ExampleEncoder encoder, string? key,
            IReadOnlyList<string> labels)
    {
        if (key is not null && given.Schema.GetColumnOrNull(key) is null)
            throw new SchemaException($"{options.Stage}: ValidationSet needs a column '{key}', whose values the split of the training "
                + "rows keeps apart: without it "
                + $"nobody can tell whether the two share any. Its columns are: "
                + $"{string.Join(", ", given.Schema.Where(c => !c.IsHidden).Select(c => c.Name))}.");
        ExampleStore own = Collect(given, options, encoder, key, []);
        try
        {
            if (own.Count == 0)
                throw new SchemaException($"{options.Stage}: ValidationSet has no row with a label among {string.Join(", ", labels)}.");
            encoder.CheckPacked($"{options.Stage}: ValidationSet");
            string[] shared = key is null ? []
                : [.. store.Groups.Intersect(own.Groups, StringComparer.Ordinal).Order(StringComparer.Ordinal)];
            if (shared.Length > 0)
                throw new CorpusException($"{options.Stage}: ValidationSet shares {shared.Length} values of '{key}' with the training rows "
                    + $"({string.Join(", ", shared.Take(5))}), which the split of the training rows keeps apart. "
                    + "Take them out of one side.");
            return new TrainingData(store, own, [.. Enumerable.Range(0, store.Count)], [.. Enumerable.Range(0, own.Count)], []);
        }
        catch
        {
            own.Dispose();
            throw;
        }
    }

    private static TrainingData HoldOut(ExampleStore store, NeuralTrainerOptions options, string? key, IReadOnlyList<string> labels,
        int seed)
    {
        int[] all = [.. Enumerable.Range(0, store.Count)];
        if (options.ValidationGroups is { } named) return HoldOutNamed(store, named, key!);
        if (options.ValidationSetFraction == 0) return new TrainingData(store, null, all, [], []);
        ValidationSplit split = ValidationSplits.Create(
            [.. store.Labels.Select((l, i) => new SplitItem(labels[l], key is null ? null : store.Groups[i]))],
            new Split { Train = all, Test = [], Protocol = key is null ? SplitProtocol.Random : SplitProtocol.SpeakerIndependent },
            options.ValidationSetFraction, seed);
        return new TrainingData(store, null, [.. split.Train], [.. split.Validation], split.ValidationSpeakers);
    }

    private static TrainingData HoldOutNamed(ExampleStore store, IReadOnlyList<string> named, string key)
    {
        string[] known = [.. store.Groups.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        string[] chosen = [.. named.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        string[] unknown = [.. chosen.Except(known, StringComparer.Ordinal)];
        if (unknown.Length > 0)
            throw new CorpusException($"ValidationGroups names {string.Join(", ", unknown)}, but no usable training row has that value "
                + $"in '{key}'. "
                + $"Its values are: {string.Join(", ", known.Take(50))}.");
        if (chosen.Length == known.Length)
            throw new CorpusException($"ValidationGroups names all {known.Length} values of '{key}', so nothing is left to train on. "
                + "Leave some out.");
        var apart = chosen.ToHashSet(StringComparer.Ordinal);
        ILookup<bool, int> parts = Enumerable.Range(0, store.Count).ToLookup(i => apart.Contains(store.Groups[i]));
        return new TrainingData(store, null, [.. parts[false]], [.. parts[true]], chosen);
    }

    private static ExampleStore Collect(IDataView input, NeuralTrainerOptions options, ExampleEncoder encoder, string? groupColumn,
        IReadOnlyList<string> copies)
    {
        DataViewSchema.Column label = input.Schema[options.LabelColumnName];
        DataViewSchema.Column[] features = [.. options.InputColumnNames.Concat(copies).Select(name => input.Schema[name])];
        DataViewSchema.Column[] groups = groupColumn is null ? [] : [input.Schema[groupColumn]];
        using DataViewRowCursor cursor = input.GetRowCursor([label, .. features, .. groups]);
        Func<ulong> getLabel = RowValues.Key(cursor, label);
        Func<string>? getGroup = groups.Length == 0 ? null : RowValues.Text(options.Stage, cursor, groups[0]);
        ValueGetter<VBuffer<float>>[] getFeatures = [.. features.Select(cursor.GetGetter<VBuffer<float>>)];
        float[][] values = [.. features.Select(feature => new float[((VectorDataViewType)feature.Type).Size])];
        var row = new byte[encoder.RowBytes];
        VBuffer<float> buffer = default;
        var store = new ExampleStore(encoder.RowBytes, options.MemoryBudgetBytes);
        try
        {
            while (cursor.MoveNext())
            {
                options.CancellationToken.ThrowIfCancellationRequested();
                // A label the chain was not fitted on is missing (0): such a row of a validation set teaches nothing.
                ulong key = getLabel();
                if (key == 0) continue;
                for (int i = 0; i < values.Length; i++)
                {
                    getFeatures[i](ref buffer);
                    buffer.CopyTo(values[i]);
                    encoder.Pack(i, values[i], row);
                }
                store.Add(row, (int)(key - 1), getGroup?.Invoke() ?? "");
            }
            return store;
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }
}
