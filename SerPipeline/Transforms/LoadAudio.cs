using System.Globalization;
using System.Security.Cryptography;
using SerPipeline.Audio;
using SerPipeline.Onnx;
using SerPipeline.Pipeline;
using SerPipeline.Transforms.Export;

namespace SerPipeline.Transforms;

/// <summary>What a file becomes when it is loaded.</summary>
public sealed record LoadAudioOptions
{
    /// <summary>
    /// Whole clips as the paper's feature matrices saw them: 22,050 Hz through resampy's <c>kaiser_fast</c> filter, nothing trimmed, no level changed. For
    /// <c>PaperMfcc</c>.
    /// </summary>
    public static LoadAudioOptions Paper { get; } = new() { SampleRateHz = 22050, Trim = null, Resampler = ResamplerOptions.KaiserFast };

    /// <summary>The rate that every clip is resampled to.</summary>
    public int SampleRateHz { get; init; } = 16000;

    /// <summary>The filter that clips of another rate go through; null, the default, takes that of <see cref="ResamplerOptions"/>.</summary>
    public ResamplerOptions? Resampler { get; init; }

    /// <summary>What counts as silence and is cut at both ends; null keeps all. The default cuts what stays below 1 % of the clip's peak.</summary>
    public SilenceTrimOptions? Trim { get; init; } = new() { Mode = SilenceMode.PeakFraction, PeakFraction = 0.01 };

    /// <summary>The level that clips are brought to; null, the default, leaves loudness as it was recorded.</summary>
    public NormalizationOptions? Normalization { get; init; }

    /// <summary>Checks every option.</summary>
    /// <exception cref="OptionsException">Lists every problem, also of the records within.</exception>
    public void Validate()
    {
        var check = new OptionsCheck(nameof(LoadAudioOptions));
        check.Require(SampleRateHz is >= 1000 and <= 768_000, SampleRateHz, "be between 1000 and 768000");
        string[] problems = [.. check.Problems, .. ProblemsOf(Resampler is null ? null : Resampler.Validate), .. ProblemsOf(Trim is null ? null : Trim.Validate), .. ProblemsOf(Normalization is null ? null : Normalization.Validate)];
        if (problems.Length > 0) throw new OptionsException(problems);
    }

    private static IReadOnlyList<string> ProblemsOf(Action? validate)
    {
        try
        {
            validate?.Invoke();
            return [];
        }
        catch (OptionsException e)
        {
            return e.Problems;
        }
    }
}

/// <summary>Reads files as mono audio of one rate, silence trimmed.</summary>
public sealed class LoadAudioEstimator : TrivialEstimator<LoadAudioTransformer>
{
    internal LoadAudioEstimator(LoadAudioTransformer transformer) : base(transformer) { }

    /// <inheritdoc/>
    public override SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        inputSchema.Require(LoadAudioTransformer.Name, Transformer.Settings.Input, ColumnKind.Text);
        return inputSchema.With(new SchemaShape.Column(Transformer.Settings.Output, ColumnKind.Audio));
    }
}

/// <summary>Reads files as mono audio of one rate, silence trimmed.</summary>
public sealed class LoadAudioTransformer : RowTransformer
{
    internal const string Name = "LoadAudio";

    // Part of every cache key: raise it when decoding, resampling or trimming come to give other samples.
    private const int Revision = 2;

    internal LoadAudioTransformer(SerContext context, StageSettings<LoadAudioOptions> settings) : base(context)
    {
        settings.Options.Validate();
        Settings = settings;
    }

    /// <inheritdoc/>
    public override string StageName => Name;

    /// <summary>What a file becomes.</summary>
    public LoadAudioOptions Options => Settings.Options;

    internal StageSettings<LoadAudioOptions> Settings { get; }

    /// <inheritdoc/>
    public override void Save(StageContent stage)
    {
        ArgumentNullException.ThrowIfNull(stage);
        stage.SetOptions(Settings);
    }

    /// <summary>What the stage makes of decoded audio; the way of a clip that is no file.</summary>
    /// <param name="clip">Audio of any rate and number of channels.</param>
    public AudioClip Prepare(AudioClip clip)
    {
        ArgumentNullException.ThrowIfNull(clip);
        AudioClip mono = clip.ToMono().Resample(Options.SampleRateHz, Options.Resampler);
        if (Options.Trim is { } trim) mono = Silence.Trim(mono, trim);
        return Options.Normalization is { } level ? Normalization.Apply(mono, level) : mono;
    }

    internal static LoadAudioTransformer Load(StageContent stage, SerContext context) =>
        new(context, stage.GetOptions<StageSettings<LoadAudioOptions>>());

    /// <inheritdoc/>
    public override void Export(OnnxExport onnx)
    {
        ArgumentNullException.ThrowIfNull(onnx);
        OnnxValue waveform = onnx.StartFromWaveform(Options.SampleRateHz);
        OnnxColumn audio = Options.Trim is { } trim
            ? TrimExport.Add(waveform, trim, Options.SampleRateHz)
            : new OnnxColumn(waveform, waveform.Length(1).Expand(waveform.Length(0).Unsqueeze(0)));
        if (Options.Normalization is { } level) audio = LevelExport.Add(audio, level, Options.SampleRateHz);
        onnx.Set(Settings.Output, audio);
    }

    /// <inheritdoc/>
    protected internal override RowMapper Bind(DataViewSchema schema)
    {
        (int index, _) = Find<TextDataViewType>(schema, Settings.Input);
        return new Mapper(this, index);
    }

    private sealed class Mapper(LoadAudioTransformer stage, int input)
        : RowMapper([input], [new DataViewSchema.DetachedColumn(stage.Settings.Output, new AudioDataViewType(stage.Options.SampleRateHz))]), IReadsFiles
    {
        public override string CacheSignature { get; } = string.Create(CultureInfo.InvariantCulture, $"{Name}.{Revision} {stage.Options}");

        public override string ContentKey(ReadOnlySpan<object?> inputs)
        {
            using FileStream file = File.OpenRead((string)inputs[0]!);
            return Convert.ToHexStringLower(SHA256.HashData(file));
        }

        public override void Map(ReadOnlySpan<object?> inputs, Span<object?> outputs) => outputs[0] = stage.Prepare(AudioFile.Read((string)inputs[0]!));
    }
}
