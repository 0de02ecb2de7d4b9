using System.Runtime.InteropServices;
using SerPipeline.Features;
using SerPipeline.Old.Pipeline;
using SerPipeline.Splits;
using SerPipeline.Trainers;

namespace SerPipeline.Old.Trainers;

/// <summary>The rows of a view as training examples: what a trainer learns from, and the part it watches itself on.</summary>
internal sealed class TrainingData : IDisposable
{
    private TrainingData(ExampleStore store, ExampleStore? ownValidation, int[] train, int[] validation, IReadOnlyList<string> validationGroups, IReadOnlyList<string> labels)
    {
        Store = store;
        ValidationStore = ownValidation ?? store;
        _ownValidation = ownValidation;
        Train = train;
        Validation = validation;
        ValidationGroups = validationGroups;
        Labels = labels;
    }

    private readonly ExampleStore? _ownValidation;

    /// <summary>Where the training examples lie.</summary>
    public ExampleStore Store { get; }

    /// <summary>Where the validation examples lie.</summary>
    public ExampleStore ValidationStore { get; }

    /// <summary>Positions in <see cref="Store"/> to learn from.</summary>
    public int[] Train { get; }

    /// <summary>Positions in <see cref="ValidationStore"/> to watch; empty for none.</summary>
    public int[] Validation { get; }

    /// <summary>The groups of the validation part when it was held out by group.</summary>
    public IReadOnlyList<string> ValidationGroups { get; }

    /// <summary>What the classes 0, 1, ... are called.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>Reads a view.</summary>
    /// <param name="input">The rows.</param>
    /// <param name="options">Columns and the validation part.</param>
    /// <param name="rowBytes">The size of each example.</param>
    /// <param name="seed">Decides the validation part.</param>
    /// <exception cref="SchemaException">A column does not fit, or no row is left.</exception>
    public static TrainingData Read(IDataView input, NeuralTrainerOptions options, int rowBytes, int seed)
    {
        DataViewSchema.Column label = input.Schema[options.LabelColumnName];
        IReadOnlyList<string> labels = label.Annotations.KeyValues ?? throw new ArgumentException($"Column '{label.Name}' carries no key values.", nameof(input));
        string? key = options.SamplingKeyColumnName ?? input.Schema.FirstOrDefault(c => !c.IsHidden && c.Annotations.IsSamplingKey)?.Name;
        ExampleStore store = Collect(input, options, rowBytes, key);
        try
        {
            if (store.Count == 0)
                throw new SchemaException($"There is no row to train on: no row has both a readable clip and a label among {string.Join(", ", labels)}.");
            return options.ValidationSet is { } given
                ? WithValidationSet(store, given, options, rowBytes, key, labels)
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
        Store.Dispose();
        _ownValidation?.Dispose();
    }

    private static TrainingData WithValidationSet(
        ExampleStore store, IDataView given, NeuralTrainerOptions options, int rowBytes, string? key, IReadOnlyList<string> labels)
    {
        if (key is not null && given.Schema.GetColumnOrNull(key) is null)
            throw new SchemaException($"ValidationSet needs a column '{key}', whose values the split of the training rows keeps apart: without it nobody can tell whether the two share any. "
                + $"Its columns are: {given.Schema}.");
        ExampleStore own = Collect(given, options, rowBytes, key);
        try
        {
            if (own.Count == 0)
                throw new SchemaException($"ValidationSet has no row with both a readable clip and a label among {string.Join(", ", labels)}.");
            string[] shared = key is null ? [] : [.. store.Groups.Intersect(own.Groups, StringComparer.Ordinal).Order(StringComparer.Ordinal)];
            if (shared.Length > 0)
                throw new CorpusException($"ValidationSet shares {shared.Length} values of '{key}' with the training rows ({string.Join(", ", shared.Take(5))}), "
                    + "which the split of the training rows keeps apart. Take them out of one side.");
            return new TrainingData(store, own, [.. Enumerable.Range(0, store.Count)], [.. Enumerable.Range(0, own.Count)], [], labels);
        }
        catch
        {
            own.Dispose();
            throw;
        }
    }

    private static TrainingData HoldOut(ExampleStore store, NeuralTrainerOptions options, string? key, IReadOnlyList<string> labels, int seed)
    {
        int[] all = [.. Enumerable.Range(0, store.Count)];
        if (options.ValidationGroups is { } named) return HoldOutNamed(store, named, key, labels);
        if (options.ValidationSetFraction == 0) return new TrainingData(store, null, all, [], [], labels);
        ValidationSplit split = ValidationSplits.Create(
            [.. store.Labels.Select((l, i) => new SplitItem(labels[l], key is null ? null : store.Groups[i]))],
            new Split { Train = all, Test = [], Protocol = key is null ? SplitProtocol.Random : SplitProtocol.SpeakerIndependent },
            options.ValidationSetFraction, seed);
        return new TrainingData(store, null, [.. split.Train], [.. split.Validation], split.ValidationSpeakers, labels);
    }

    private static TrainingData HoldOutNamed(ExampleStore store, IReadOnlyList<string> named, string? key, IReadOnlyList<string> labels)
    {
        if (key is null)
            throw new SchemaException("ValidationGroups needs to know which column it names values of: set SamplingKeyColumnName, or train on a speaker-independent split.");
        string[] known = [.. store.Groups.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        string[] chosen = [.. named.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        string[] unknown = [.. chosen.Except(known, StringComparer.Ordinal)];
        if (unknown.Length > 0)
            throw new CorpusException($"ValidationGroups names {string.Join(", ", unknown)}, but no usable training row has that value in '{key}'. Its values are: {string.Join(", ", known.Take(50))}.");
        if (chosen.Length == known.Length)
            throw new CorpusException($"ValidationGroups names all {known.Length} values of '{key}', so nothing is left to train on. Leave some out.");
        var apart = chosen.ToHashSet(StringComparer.Ordinal);
        ILookup<bool, int> parts = Enumerable.Range(0, store.Count).ToLookup(i => apart.Contains(store.Groups[i]));
        return new TrainingData(store, null, [.. parts[false]], [.. parts[true]], chosen, labels);
    }

    private static ExampleStore Collect(IDataView input, NeuralTrainerOptions options, int rowBytes, string? groupColumn)
    {
        DataViewSchema.Column label = input.Schema[options.LabelColumnName];
        DataViewSchema.Column[] features = [.. options.InputColumnNames.Select(name => input.Schema[name])];
        DataViewSchema.Column? group = groupColumn is null ? null : input.Schema[groupColumn];
        using DataViewRowCursor cursor = input.GetRowCursor(group is null ? [label, .. features] : [label, .. features, group]);
        ValueGetter<uint> getLabel = cursor.GetGetter<uint>(label);
        Func<byte[]>[] getFeatures = [.. features.Select(feature => FeatureReader(cursor, feature))];
        ValueGetter<string>? getGroup = group is null ? null : cursor.GetGetter<string>(group);
        var store = new ExampleStore(rowBytes, options.MemoryBudgetBytes);
        uint key = 0;
        string name = "";
        try
        {
            while (cursor.MoveNext())
            {
                options.CancellationToken.ThrowIfCancellationRequested();
                getLabel(ref key);
                getGroup?.Invoke(ref name);
                // A label the chain was not fitted on is missing (0): such a row of a validation set teaches nothing.
                if (key > 0) store.Add(getFeatures.Length == 1 ? getFeatures[0]() : [.. getFeatures.SelectMany(get => get())], (int)key - 1, name);
            }
            return store;
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    private static Func<byte[]> FeatureReader(DataViewRowCursor cursor, DataViewSchema.Column feature)
    {
        if (feature.Type is ImageDataViewType)
        {
            ValueGetter<GrayImage> getter = cursor.GetGetter<GrayImage>(feature);
            GrayImage image = null!;
            return () =>
            {
                getter(ref image);
                return image.Pixels.ToArray();
            };
        }
        ValueGetter<VBuffer<float>> vectors = cursor.GetGetter<VBuffer<float>>(feature);
        VBuffer<float> vector = default;
        return () =>
        {
            vectors(ref vector);
            return MemoryMarshal.AsBytes(vector.GetValues()).ToArray();
        };
    }
}
