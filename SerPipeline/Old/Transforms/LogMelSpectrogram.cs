using System.Globalization;
using SerPipeline.Audio;
using SerPipeline.Features;
using SerPipeline.Old.Pipeline;

namespace SerPipeline.Old.Transforms;

/// <summary>Turns audio into log-mel frames [bands, frames].</summary>
public sealed class LogMelSpectrogramEstimator : TrivialEstimator<LogMelSpectrogramTransformer>
{
    internal LogMelSpectrogramEstimator(LogMelSpectrogramTransformer transformer) : base(transformer) { }

    /// <inheritdoc/>
    public override SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        inputSchema.Require(LogMelSpectrogramTransformer.Name, Transformer.Settings.Input, ColumnKind.Audio);
        return inputSchema.With(new SchemaShape.Column(Transformer.Settings.Output, ColumnKind.Vector));
    }
}

/// <summary>Turns audio into log-mel frames [bands, frames].</summary>
public sealed class LogMelSpectrogramTransformer : RowTransformer
{
    internal const string Name = "LogMelSpectrogram";

    // Part of every cache key: raise it when the extractor comes to give other values.
    private const int Revision = 1;

    private readonly LogMelExtractor _extractor;

    internal LogMelSpectrogramTransformer(SerContext context, StageSettings<LogMelOptions> settings) : base(context)
    {
        Settings = settings;
        _extractor = new LogMelExtractor(settings.Options);
    }

    /// <inheritdoc/>
    public override string StageName => Name;

    /// <summary>How the frames are computed.</summary>
    public LogMelOptions Options => Settings.Options;

    internal StageSettings<LogMelOptions> Settings { get; }

    /// <inheritdoc/>
    public override void Save(StageContent stage)
    {
        ArgumentNullException.ThrowIfNull(stage);
        stage.SetOptions(Settings);
    }

    internal static LogMelSpectrogramTransformer Load(StageContent stage, SerContext context) =>
        new(context, stage.GetOptions<StageSettings<LogMelOptions>>());

    /// <inheritdoc/>
    public override void Export(OnnxExport onnx)
    {
        ArgumentNullException.ThrowIfNull(onnx);
        onnx.Set(Settings.Output, LogMelExport.Add(onnx.Get(Name, Settings.Input), Options));
    }

    /// <inheritdoc/>
    protected internal override RowMapper Bind(DataViewSchema schema)
    {
        (int index, AudioDataViewType audio) = Find<AudioDataViewType>(schema, Settings.Input);
        RateCheck.Require(Name, Settings.Input, audio, Options.SampleRateHz);
        var column = new DataViewSchema.DetachedColumn(Settings.Output, new VectorDataViewType(Options.MelBands, 0));
        return RowMapper.Create<AudioClip, VBuffer<float>>(
            index, column, Extract,
            string.Create(CultureInfo.InvariantCulture, $"{Name}.{Revision} {Options}"));
    }

    private VBuffer<float> Extract(AudioClip clip)
    {
        // Without centring a very short clip has no frame: the clip is at fault then, not the program.
        if (_extractor.FrameCount(clip.Length) == 0)
            throw new AudioFormatException($"A clip of {clip.Length} samples is shorter than one frame of {Name}: use longer clips, or set Center.");
        return new VBuffer<float>(_extractor.Extract(clip.Samples).Values);
    }
}

/// <summary>Features are computed for one rate.</summary>
internal static class RateCheck
{
    public static void Require(string stage, string column, AudioDataViewType audio, int sampleRateHz)
    {
        if (audio.SampleRateHz != sampleRateHz)
            throw new SchemaException(string.Create(CultureInfo.InvariantCulture,
                $"{stage} is set to {sampleRateHz} Hz, but column '{column}' holds audio of {audio.SampleRateHz} Hz. Give LoadAudio and {stage} the same SampleRateHz."));
    }
}
