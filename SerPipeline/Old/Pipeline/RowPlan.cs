using System.Security.Cryptography;
using System.Text;

namespace SerPipeline.Old.Pipeline;

/// <summary>
/// How to compute the needed columns of one row from the columns of the first view that is no row-wise stage. Computes only what is asked for,
/// each column once, and looks in the feature cache before it computes a column that was asked for.
/// </summary>
internal sealed class RowPlan
{
    private readonly (RowMapper Mapper, int FirstOutput)?[] _producers;
    private readonly int[] _needed;
    private readonly FeatureCache? _cache;
    private readonly HashSet<int> _fileColumns;

    private RowPlan(IDataView source, (RowMapper, int)?[] producers, int[] needed, FeatureCache? cache)
    {
        Source = source;
        _producers = producers;
        _needed = needed;
        _cache = cache;
        _fileColumns = [.. producers.Where(p => p?.Item1 is IReadsFiles).SelectMany(p => p!.Value.Item1.InputColumns)];
        SourceColumns = [.. Leaves(needed).Distinct().Order().Select(i => source.Schema[i])];
    }

    /// <summary>The view under the row-wise stages.</summary>
    public IDataView Source { get; }

    /// <summary>The columns of <see cref="Source"/> that the plan reads.</summary>
    public IReadOnlyList<DataViewSchema.Column> SourceColumns { get; }

    public static RowPlan For(MappedDataView view, IReadOnlyList<DataViewSchema.Column> needed)
    {
        var producers = new (RowMapper, int)?[view.Schema.Count];
        IDataView source = view;
        while (source is MappedDataView mapped)
        {
            // Columns keep their position up the stack: each stage only adds at the end.
            int first = mapped.Source.Schema.Count;
            for (int i = first; i < mapped.Schema.Count; i++) producers[i] = (mapped.Mapper, first);
            source = mapped.Source;
        }
        FeatureCache? cache = view.Context.Options.CacheDirectory is { } folder ? new FeatureCache(folder) : null;
        return new RowPlan(source, producers, [.. needed.Select(c => c.Index)], cache);
    }

    public static bool ReadsFiles(MappedDataView view)
    {
        for (IDataView v = view; v is MappedDataView mapped; v = mapped.Source)
            if (mapped.Mapper is IReadsFiles) return true;
        return false;
    }

    /// <summary>The file that a row is read from, for reports; empty when no stage reads one.</summary>
    /// <param name="sourceValues">The values of <see cref="SourceColumns"/>.</param>
    public string FileOf(object?[] sourceValues)
    {
        for (int i = 0; i < sourceValues.Length; i++)
            if (sourceValues[i] is string path && _fileColumns.Contains(SourceColumns[i].Index)) return path;
        return "";
    }

    /// <summary>Computes one row.</summary>
    /// <param name="sourceValues">The values of <see cref="SourceColumns"/>.</param>
    /// <returns>The values by column position; those that were not needed are null.</returns>
    public object?[] Evaluate(object?[] sourceValues)
    {
        var row = new Row(this, sourceValues);
        foreach (int column in _needed) row.Demand(column);
        return row.Values;
    }

    private IEnumerable<int> Leaves(IEnumerable<int> columns)
    {
        foreach (int column in columns)
        {
            if (_producers[column] is not { } producer) yield return column;
            else foreach (int leaf in Leaves(producer.Mapper.InputColumns)) yield return leaf;
        }
    }

    /// <summary>One row while it is computed.</summary>
    private sealed class Row
    {
        private readonly RowPlan _plan;
        private readonly bool[] _known;
        private readonly Dictionary<RowMapper, string?> _contentKeys = [];

        public Row(RowPlan plan, object?[] sourceValues)
        {
            _plan = plan;
            Values = new object?[plan._producers.Length];
            _known = new bool[Values.Length];
            for (int i = 0; i < sourceValues.Length; i++) Set(plan.SourceColumns[i].Index, sourceValues[i]);
        }

        public object?[] Values { get; }

        /// <summary>Makes sure that a column asked for by the reader is there: from memory, from the cache, or computed.</summary>
        public void Demand(int column)
        {
            if (_known[column]) return;
            (RowMapper mapper, int first) = _plan._producers[column]!.Value;
            if (_plan._cache is not { } cache || mapper.OutputColumns.Count != 1 || !FeatureCache.Holds(mapper.OutputColumns[0].Type) || KeyOf(column) is not { } key)
            {
                Compute(mapper, first);
                return;
            }
            if (cache.TryRead(key, mapper.OutputColumns[0].Type, out object? value))
            {
                Set(column, value);
                return;
            }
            Compute(mapper, first);
            cache.Write(key, Values[column]!);
        }

        private void Compute(RowMapper mapper, int firstOutput)
        {
            object?[] inputs = Inputs(mapper);
            var outputs = new object?[mapper.OutputColumns.Count];
            mapper.Map(inputs, outputs);
            for (int i = 0; i < outputs.Length; i++) Set(firstOutput + i, outputs[i]);
        }

        private object?[] Inputs(RowMapper mapper)
        {
            var inputs = new object?[mapper.InputColumns.Count];
            for (int i = 0; i < inputs.Length; i++)
            {
                int column = mapper.InputColumns[i];
                if (!_known[column])
                {
                    // What a cached stage is made of need not be kept too; what any other stage reads must be, for it is read again and again.
                    if (mapper.CacheSignature is null) Demand(column);
                    else Compute(_plan._producers[column]!.Value.Mapper, _plan._producers[column]!.Value.FirstOutput);
                }
                inputs[i] = Values[column];
            }
            return inputs;
        }

        /// <summary>The name of a column's value by what it is made of, or null when it is not made of file content by stages with a signature.</summary>
        private string? KeyOf(int column)
        {
            var text = new StringBuilder();
            return Describe(column, text)
                ? Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())))
                : null;
        }

        private bool Describe(int column, StringBuilder text)
        {
            if (_plan._producers[column] is not { } producer || producer.Mapper.CacheSignature is not { } signature) return false;
            text.Append(signature).Append('#').Append(column - producer.FirstOutput).Append('(');
            if (producer.Mapper is IReadsFiles && ContentKey(producer.Mapper) is { } content) text.Append(content);
            else if (!producer.Mapper.InputColumns.All(c => Describe(c, text))) return false;
            text.Append(')');
            return true;
        }

        private string? ContentKey(RowMapper mapper)
        {
            if (!_contentKeys.TryGetValue(mapper, out string? key)) _contentKeys[mapper] = key = mapper.ContentKey(Inputs(mapper));
            return key;
        }

        private void Set(int column, object? value)
        {
            Values[column] = value;
            _known[column] = true;
        }
    }
}

/// <summary>Marks a mapper that opens files: its rows may prove unreadable.</summary>
internal interface IReadsFiles;
