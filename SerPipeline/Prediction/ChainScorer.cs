using Microsoft.ML.Transforms.Onnx;
using SerPipeline.Audio;
using SerPipeline.Transforms;

namespace SerPipeline.Prediction;

/// <summary>
/// Scores through the zip's own chain in ML.NET, for classifiers that have no scoring graph, such as LightGBM. Where the chain begins with
/// a graph of nothing but the
/// audio stages, they are computed in C# in its place; else the graph runs, slower, and a clip of minutes takes hundreds of megabytes.
/// </summary>
internal sealed class ChainScorer : IClipScorer
{
    private readonly ITransformer _chain;
    private readonly IRowToRowMapper _mapper;
    private readonly DataViewSchema.Column _score;
    private readonly AudioFeatures _features;
    private readonly int _classes;
    private readonly bool _fromWaveform;

    // Getters keep state, so that each call has a row of its own.
    private readonly ConcurrentBag<ScoredRow> _rows = [];

    private ChainScorer(ITransformer chain, IRowToRowMapper mapper, DataViewSchema.Column score, AudioFeatures features, bool fromWaveform,
        int classes) =>
        (_chain, _mapper, _score, _features, _fromWaveform, _classes) = (chain, mapper, score, features, fromWaveform, classes);

    public LoadAudioOptions Loading => _features.Loading;

    /// <summary>Loads the chain.</summary>
    /// <param name="record">A record without a scoring graph.</param>
    /// <param name="zip">The whole zip; it must seek.</param>
    /// <param name="name">The model's file, for messages.</param>
    /// <exception cref="ModelFormatException">ML.NET cannot load the chain, or it does not score a waveform.</exception>
    public static ChainScorer Create(ModelRecord record, Stream zip, string name)
    {
        var features = new AudioFeatures(record.Stages, name);
        if (record.WaveformColumn is not { } waveform)
            throw new ModelFormatException($"'{name}' does not predict from audio: its chain starts from features.");
        ITransformer? chain = null;
        try
        {
            ChainAssemblies.Require(zip, name);
            chain = TemporaryGraphs.Load(zip).Model;
            var input = new DataViewSchema.Builder();
            input.AddColumn(waveform, Waveform.Type, Waveform.Annotations(features.Loading.SampleRateHz));
            DataViewSchema schema = input.ToSchema();
            bool fromWaveform = true;
            ITransformer scoring = chain;
            if (BehindStages(chain, schema, features) is { } behind) (scoring, schema, fromWaveform) = (behind.Chain, behind.Schema, false);
            if (!fromWaveform) features.Keep([.. schema.Select(column => column.Name)]);
            IRowToRowMapper mapper = scoring.GetRowToRowMapper(schema);
            if (mapper.OutputSchema.GetColumnOrNull(record.ScoreColumn)
                is not { Type: VectorDataViewType { ItemType: NumberDataViewType { RawType: var raw } } } score
                || raw != typeof(float))
                throw new ModelFormatException($"'{name}' holds a chain without a vector column '{record.ScoreColumn}' of scores.");
            return new ChainScorer(chain, mapper, score, features, fromWaveform, record.Labels.Count);
        }
        catch (Exception e)
        {
            (chain as IDisposable)?.Dispose();
            // ML.NET throws whatever the stage that fails throws, and takes arrays of whatever length a stage states.
            if (e is ModelFormatException) throw;
            throw new ModelFormatException($"'{name}' holds a chain that ML.NET cannot load: {e.Message}", e);
        }
    }

    /// <inheritdoc/>
    public float[] Score(AudioClip mono, AudioClip prepared)
    {
        if (!_rows.TryTake(out ScoredRow? row)) row = NewRow();
        row.Source.MoveTo(_fromWaveform ? [mono.Samples.ToArray()]
            : [.. _features.Compute(prepared, _mapper.InputSchema.Select(column => column.Name)).Select(value => value.Values)]);
        VBuffer<float> buffer = default;
        row.Getter(ref buffer);
        float[] scores = [.. buffer.DenseValues()];
        // A row that failed is not used again.
        _rows.Add(row);
        if (scores.Length != _classes)
            throw new ModelFormatException($"The model's chain gave {scores.Length} scores for one clip of {_classes} labels.");
        return ClipCheck.RequireProbabilities(scores);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        while (_rows.TryTake(out ScoredRow? row)) row.Row.Dispose();
        (_chain as IDisposable)?.Dispose();
    }

    private ScoredRow NewRow()
    {
        var source = new VectorRow(_mapper.InputSchema);
        DataViewRow row = _mapper.GetRow(source, [_score]);
        return new ScoredRow(source, row, row.GetGetter<VBuffer<float>>(_score));
    }

    // The chain behind its first graph, where that gives out columns of the audio stages and nothing else.
    private static (ITransformer Chain, DataViewSchema Schema)? BehindStages(ITransformer chain, DataViewSchema schema,
        AudioFeatures features)
    {
        if (chain is not IEnumerable<ITransformer> stages) return null;
        ITransformer[] all = [.. stages];
        for (int i = 0; i < all.Length; i++)
        {
            DataViewSchema output = all[i].GetOutputSchema(schema);
            if (all[i] is OnnxTransformer)
            {
                DataViewSchema.Column[] added = [.. output.Skip(schema.Count)];
                if (added.Any(column => column.Type is not VectorDataViewType || !features.Computes(column.Name))) return null;
                var columns = new DataViewSchema.Builder();
                columns.AddColumns(added);
                return (new TransformerChain<ITransformer>(all[(i + 1)..]), columns.ToSchema());
            }
            schema = output;
        }
        return null;
    }

    private sealed record ScoredRow(VectorRow Source, DataViewRow Row, ValueGetter<VBuffer<float>> Getter);

    private sealed class VectorRow(DataViewSchema schema) : DataViewRow
    {
        private float[][] _values = [];
        private long _position = -1;

        public override DataViewSchema Schema => schema;

        // Stages keep what they computed for a position.
        public override long Position => _position;

        public override long Batch => 0;

        public void MoveTo(float[][] values) => (_values, _position) = (values, _position + 1);

        public override bool IsColumnActive(DataViewSchema.Column column) => true;

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            int index = column.Index;
            return (ValueGetter<TValue>)(object)(ValueGetter<VBuffer<float>>)Get;

            // A copy: stages such as normalisers compute in the buffer that they are given, and others read the same column.
            void Get(ref VBuffer<float> value)
            {
                VBufferEditor<float> editor = VBufferEditor.Create(ref value, _values[index].Length);
                _values[index].CopyTo(editor.Values);
                value = editor.Commit();
            }
        }

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = new DataViewRowId((ulong)_position, 0);
    }
}
