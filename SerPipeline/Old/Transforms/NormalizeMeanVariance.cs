using System.Runtime.InteropServices;
using SerPipeline.Old.Pipeline;
using SerPipeline.Onnx;

namespace SerPipeline.Old.Transforms;

/// <summary>
/// Learns each slot's mean and deviation over the rows, and gives (x - mean) / deviation: scikit-learn's StandardScaler. A slot that never varies
/// becomes 0.
/// </summary>
public sealed class NormalizeMeanVarianceEstimator : IEstimator<NormalizeMeanVarianceTransformer>
{
    private const string Stage = NormalizeMeanVarianceTransformer.Name;

    private readonly SerContext _context;
    private readonly string _output;
    private readonly string _input;

    internal NormalizeMeanVarianceEstimator(SerContext context, string outputColumnName, string? inputColumnName)
    {
        ArgumentException.ThrowIfNullOrEmpty(outputColumnName);
        _context = context;
        _output = outputColumnName;
        _input = inputColumnName ?? outputColumnName;
    }

    /// <inheritdoc/>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        inputSchema.Require(Stage, _input, ColumnKind.Vector);
        return inputSchema.With(new SchemaShape.Column(_output, ColumnKind.Vector));
    }

    /// <inheritdoc/>
    /// <exception cref="SchemaException">The vectors differ in length, or there is none.</exception>
    public NormalizeMeanVarianceTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        GetOutputSchema(SchemaShape.Create(input.Schema));
        int size = ((VectorDataViewType)input.Schema[_input].Type).Size;
        if (size == 0) throw new SchemaException($"{Stage} needs column '{_input}' to have one length for all rows, but it is {input.Schema[_input].Type}.");
        // Welford's running mean and squared deviation: one pass, and no loss of digits where a mean is far from zero.
        var mean = new double[size];
        var squares = new double[size];
        long rows = 0;
        foreach (VBuffer<float> row in input.GetColumn<VBuffer<float>>(_input))
        {
            rows++;
            ReadOnlySpan<float> values = row.GetValues();
            for (int i = 0; i < size; i++)
            {
                double delta = values[i] - mean[i];
                mean[i] += delta / rows;
                squares[i] += delta * (values[i] - mean[i]);
            }
        }
        if (rows == 0) throw new SchemaException($"{Stage} found no row to learn from in column '{_input}'.");
        return new NormalizeMeanVarianceTransformer(_context, _output, _input, [.. mean.Select(m => (float)m)], Scales(mean, squares, rows));
    }

    private static float[] Scales(double[] mean, double[] squares, long rows)
    {
        var scale = new float[mean.Length];
        for (int i = 0; i < scale.Length; i++)
        {
            double deviation = Math.Sqrt(squares[i] / rows);
            // Below the resolution of a float around the mean there is only rounding left, which must not be blown up to unit variance.
            scale[i] = deviation <= 1e-6 * Math.Abs(mean[i]) || deviation == 0 ? 0 : (float)(1 / deviation);
        }
        return scale;
    }
}

/// <summary>Standardises vectors with learned means and deviations.</summary>
public sealed class NormalizeMeanVarianceTransformer : RowTransformer
{
    internal const string Name = "NormalizeMeanVariance";

    private readonly string _output;
    private readonly string _input;
    private readonly float[] _mean;
    private readonly float[] _scale;

    internal NormalizeMeanVarianceTransformer(SerContext context, string output, string input, float[] mean, float[] scale) : base(context)
    {
        _output = ColumnNames.Require(output, nameof(output));
        _input = ColumnNames.Require(input, nameof(input));
        _mean = mean;
        _scale = scale;
    }

    /// <inheritdoc/>
    public override string StageName => Name;

    /// <summary>The learned mean of each slot.</summary>
    public IReadOnlyList<float> Mean => _mean;

    /// <summary>What each slot is multiplied with: 1 / deviation, or 0 where the slot never varied.</summary>
    public IReadOnlyList<float> Scale => _scale;

    /// <inheritdoc/>
    public override void Save(StageContent stage)
    {
        ArgumentNullException.ThrowIfNull(stage);
        stage.SetOptions(new ColumnPair(_output, _input));
        stage.AddPart("mean", MemoryMarshal.AsBytes(_mean.AsSpan()).ToArray());
        stage.AddPart("scale", MemoryMarshal.AsBytes(_scale.AsSpan()).ToArray());
    }

    internal static NormalizeMeanVarianceTransformer Load(StageContent stage, SerContext context)
    {
        var columns = stage.GetOptions<ColumnPair>();
        float[] mean = Floats(stage, "mean"), scale = Floats(stage, "scale");
        if (mean.Length != scale.Length || mean.Length == 0)
            throw new ModelFormatException($"Stage '{Name}' must hold one mean and one scale a slot, got {mean.Length} and {scale.Length}.");
        return new NormalizeMeanVarianceTransformer(context, columns.Output, columns.Input, mean, scale);
    }

    /// <inheritdoc/>
    public override void Export(OnnxExport onnx)
    {
        ArgumentNullException.ThrowIfNull(onnx);
        OnnxValue values = onnx.Get(Name, _input).Values;
        onnx.Set(_output, new OnnxColumn((values - Weight(onnx, "mean", _mean)) * Weight(onnx, "scale", _scale)));
    }

    /// <inheritdoc/>
    protected internal override RowMapper Bind(DataViewSchema schema)
    {
        (int index, VectorDataViewType type) = Find<VectorDataViewType>(schema, _input);
        if (type.Size != _mean.Length)
            throw new SchemaException($"{Name} was fitted on vectors of {_mean.Length}, but column '{_input}' is {type}.");
        var column = new DataViewSchema.DetachedColumn(_output, type, schema[index].Annotations);
        return RowMapper.Create<VBuffer<float>, VBuffer<float>>(index, column, Standardise);
    }

    private static OnnxValue Weight(OnnxExport onnx, string name, float[] values) =>
        onnx.Graph.Weight(OnnxTensor.From<float>($"{onnx.Path}.{name}", [values.Length], values));

    private VBuffer<float> Standardise(VBuffer<float> row)
    {
        ReadOnlySpan<float> values = row.GetValues();
        var result = new float[values.Length];
        for (int i = 0; i < result.Length; i++) result[i] = (values[i] - _mean[i]) * _scale[i];
        return new VBuffer<float>(result);
    }

    private static float[] Floats(StageContent stage, string part)
    {
        byte[] bytes = stage.GetPart(part);
        if (bytes.Length % sizeof(float) != 0) throw new ModelFormatException($"Stage '{Name}' has a part '{part}' of {bytes.Length} bytes: no whole number of floats.");
        return MemoryMarshal.Cast<byte, float>(bytes).ToArray();
    }
}
