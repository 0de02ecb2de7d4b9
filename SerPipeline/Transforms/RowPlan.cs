using SerPipeline.Audio;

namespace SerPipeline.Transforms;

/// <summary>
/// How to compute the needed columns of one row from the columns of the view under a stack of stages. Computes only what is asked for,
/// each column once, and looks
/// in the feature cache before it computes a column that was asked for.
/// </summary>
internal sealed class RowPlan
{
    private readonly RowStageView[] _stages;
    private readonly int _sourceCount;
    private readonly int[] _computed;
    private readonly int[] _judged;
    private readonly FeatureCache? _cache;

    /// <param name="top">The stack's last stage.</param>
    /// <param name="needed">The columns that will be read.</param>
    public RowPlan(RowStageView top, int[] needed)
    {
        _stages = [.. top.Stack];
        Source = top.Bottom;
        _sourceCount = Source.Schema.Count;
        LoadAudioTransformer[] loaders = [.. LoadersOf(top)];
        Loader = loaders.FirstOrDefault(loader => loader.Reading.BadClipFound is not null) ?? loaders.FirstOrDefault();
        // Without a loader the audio is the caller's own, and so is the error.
        DegreeOfParallelism = loaders.Select(loader => loader.Reading.DegreeOfParallelism)
            .DefaultIfEmpty(new AudioReading().DegreeOfParallelism).Min();
        SkipsBadClips = LeavesRowsOut(top);
        _computed = [.. needed.Where(c => c >= _sourceCount)];
        _judged = !SkipsBadClips ? []
            : [.. Enumerable.Range(_sourceCount, _stages.Length).Where(c => StageOf(c).Transformer.Stage.MayRefuse || IsAloneOnItsPath(c))];
        _cache = loaders.Select(loader => loader.Reading.CacheDirectory).FirstOrDefault(named => named is not null) is { } folder
            ? new FeatureCache(folder) : null;
        int[] read = [.. needed.Concat(_judged).SelectMany(Leaves)];
        SourceColumns = [.. read.Distinct().Order().Select(i => Source.Schema[i])];
    }

    public IDataView Source { get; }

    public int DegreeOfParallelism { get; }

    /// <summary>Whether a row whose clip cannot be read is left out.</summary>
    public bool SkipsBadClips { get; }

    /// <summary>What reports such rows; null without a stage that reads files.</summary>
    public LoadAudioTransformer? Loader { get; }

    /// <summary>The columns of <see cref="Source"/> that are read.</summary>
    public IReadOnlyList<DataViewSchema.Column> SourceColumns { get; }

    /// <summary>Whether there is anything to compute.</summary>
    public bool Computes => _computed.Length + _judged.Length > 0;

    public static bool LeavesRowsOut(RowStageView top) => LoadersOf(top).Any(loader => loader.Reading.BadClips == BadClipRule.Skip);

    /// <summary>Computes one row.</summary>
    /// <param name="source">By column position, what was taken of <see cref="SourceColumns"/>.</param>
    /// <returns>By column position, what stages computed, null what nobody asked for; or the clip that the row is left out for.</returns>
    public (object?[] Values, BadClip? Bad) Evaluate(object?[] source)
    {
        var row = new Row(this, source);
        try
        {
            foreach (int column in _computed) row.Demand(column);
            foreach (int column in _judged) row.Judge(column);
        }
        catch (Exception e) when (SkipsBadClips && AudioReading.IsBadClip(e))
        {
            return ([], new BadClip(row.FileRead(), e.Message));
        }
        // Rows wait to be read: what they were computed from should not.
        for (int column = _sourceCount; column < row.Values.Length; column++)
            if (!_computed.Contains(column)) row.Values[column] = null;
        return (row.Values, null);
    }

    private static IEnumerable<LoadAudioTransformer> LoadersOf(RowStageView top) =>
        top.Stack.Select(s => s.Transformer).OfType<LoadAudioTransformer>();

    private RowStageView StageOf(int column) => _stages[column - _sourceCount];

    // A copy at another speed beside the clip itself is judged with it.
    private bool IsAloneOnItsPath(int column) => StageOf(column) is { Transformer: LoadAudioTransformer } view
        && !_stages.Any(other => other.Input == view.Input && other.Transformer is LoadAudioTransformer { Reading.Speed: 1 });

    private IEnumerable<int> Leaves(int column) => column < _sourceCount ? [column] : Leaves(StageOf(column).Input);

    /// <summary>One row while it is computed.</summary>
    private sealed class Row(RowPlan plan, object?[] source)
    {
        private readonly HashSet<int> _fromCache = [];

        // Of files, by path: what they hold, and their size and time before this row looked into them.
        private readonly Dictionary<string, string> _contents = new(StringComparer.Ordinal);
        private readonly Dictionary<string, ulong> _stamps = new(StringComparer.Ordinal);

        // The column that was looked into last.
        private int _at;

        public object?[] Values { get; } = new object?[plan._sourceCount + plan._stages.Length];

        /// <summary>Makes sure that a column is there: from memory, from the cache, or computed.</summary>
        public void Demand(int column)
        {
            if (Values[column] is not null) return;
            RowStageView view = plan.StageOf(column);
            if (plan._cache is not { } cache || !FeatureCache.Holds(view.Transformer) || KeyOf(column) is not { } key)
            {
                Value(column);
                return;
            }
            if (cache.TryRead(key, view.Stage.Type) is { } value)
            {
                Values[column] = value;
                _fromCache.Add(column);
                return;
            }
            object computed = Value(column);
            // A file that is being written may have been hashed and decoded at two times.
            if (_stamps.All(file => LoadAudioTransformer.Stamp(file.Key) == file.Value)) cache.Write(key, computed);
        }

        /// <summary>
        /// Makes sure that a stage takes the clip, whatever columns are read: else the columns of one view, read apart as a cache of
        /// ML.NET's does, would not have
        /// the same rows.
        /// </summary>
        public void Judge(int column)
        {
            if (Values[column] is not null || IsUnderCached(column)) return;
            if (plan.StageOf(column) is { Transformer: LoadAudioTransformer loader } view
                && loader.IsKnownGood((string)Value(view.Input))) return;
            Value(column);
        }

        /// <summary>The file that was looked into last, for reports; empty where no stage reads one.</summary>
        public string FileRead()
        {
            for (int c = _at; c >= plan._sourceCount; c = plan.StageOf(c).Input)
                if (plan.StageOf(c) is { Transformer: LoadAudioTransformer } view) return (string)Value(view.Input);
            return "";
        }

        private bool IsUnderCached(int column)
        {
            foreach (int cached in _fromCache)
                for (int c = cached; c >= plan._sourceCount; c = plan.StageOf(c).Input)
                    if (c == column) return true;
            return false;
        }

        private object Value(int column)
        {
            if (Values[column] is { } value) return value;
            if (column < plan._sourceCount) return SourceColumn.ForStage(source[column]!);
            RowStageView view = plan.StageOf(column);
            object input = Value(view.Input);
            var loader = view.Transformer as LoadAudioTransformer;
            _at = column;
            if (plan._cache is not null && loader is not null) Exists((string)input);
            object computed = Values[column] = view.Stage.Map(input);
            if (plan.SkipsBadClips) loader?.RememberGood((string)input);
            return computed;
        }

        /// <summary>
        /// The name of a column's value by the file's content and all that was done to it; null when it is not made of a file.
        /// </summary>
        private string? KeyOf(int column)
        {
            var text = new StringBuilder();
            for (int c = column; c >= plan._sourceCount; c = plan.StageOf(c).Input)
            {
                RowStageView view = plan.StageOf(c);
                text.Append(view.Transformer.Stage.Signature).Append('<');
                if (view.Transformer is not LoadAudioTransformer) continue;
                _at = c;
                string path = (string)Value(view.Input);
                // What is wrong with a path is the stage's to say.
                if (!Exists(path)) return null;
                if (!_contents.TryGetValue(path, out string? content))
                    _contents[path] = content = LoadAudioTransformer.ContentKey(path);
                text.Append(content);
                return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
            }
            return null;
        }

        private bool Exists(string path)
        {
            if (!File.Exists(AudioSegment.FileOf(path))) return false;
            if (!_stamps.ContainsKey(path)) _stamps[path] = LoadAudioTransformer.Stamp(path);
            return true;
        }
    }
}
