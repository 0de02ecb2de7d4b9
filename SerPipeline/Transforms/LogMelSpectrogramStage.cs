using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using SerPipeline.Features;
using SerPipeline.Onnx;

namespace SerPipeline.Transforms;

/// <summary>Turns audio into log-mel frames; see <see cref="TransformsCatalogExtensions.LogMelSpectrogram"/>.</summary>
public sealed class LogMelSpectrogramEstimator : RowEstimator<LogMelSpectrogramTransformer>
{
    internal LogMelSpectrogramEstimator(LogMelSpectrogramTransformer transformer) : base(transformer) { }
}

/// <summary>Turns audio into log-mel frames, <c>[bands, frames]</c> row-major, in dB.</summary>
public sealed class LogMelSpectrogramTransformer : RowTransformer
{
    internal const string Name = "LogMelSpectrogram";

    // Part of every cache key: raise it when the extractor comes to give other values.
    private const int Revision = 1;

    private readonly LogMelExtractor _extractor;

    internal LogMelSpectrogramTransformer(string outputColumnName, string? inputColumnName, LogMelOptions options)
        : base(outputColumnName, inputColumnName)
    {
        ArgumentNullException.ThrowIfNull(options);
        _extractor = new LogMelExtractor(options with { });
    }

    /// <summary>How the frames are computed.</summary>
    public LogMelOptions Options => _extractor.Options;

    internal override string StageName => Name;

    internal override string Signature => string.Create(CultureInfo.InvariantCulture, $"{Name}.{Revision} {Options}");

    internal override bool MayRefuse => !Options.Center;

    internal override SchemaShape.Column OutputShape =>
        MlNetInternals.ShapeColumn(OutputColumnName, SchemaShape.Column.VectorKind.VariableVector, NumberDataViewType.Single, false, null);

    internal override BoundStage Bind(DataViewSchema.Column input)
    {
        RequireRate(input, Options.SampleRateHz);
        return new(new VectorDataViewType(NumberDataViewType.Single, Options.MelBands, 0), null, samples => Extract((float[])samples));
    }

    internal override OnnxColumn AddOnnx(OnnxColumn input) => LogMelOnnx.Add(input, Options);

    private float[] Extract(float[] samples)
    {
        // Without centring a very short clip has no frame: the clip is at fault then, not the program.
        if (_extractor.FrameCount(samples.Length) == 0)
            throw new AudioFormatException(string.Create(CultureInfo.InvariantCulture,
                $"A clip of {samples.Length} samples is shorter than one frame of {Name}: use longer clips, or set Center."));
        return _extractor.Extract(samples).Values;
    }
}
