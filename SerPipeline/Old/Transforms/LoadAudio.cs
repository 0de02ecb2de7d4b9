using System.Globalization;
using System.Security.Cryptography;
using SerPipeline.Audio;
using SerPipeline.Features;
using SerPipeline.Old.Pipeline;
using SerPipeline.Onnx;

namespace SerPipeline.Old.Transforms;

/// <summary>What a file becomes when it is loaded.</summary>
public sealed record LoadAudioOptions
{
    /// <summary>
    /// Whole clips as the paper's feature matrices saw them: 22,050 Hz through resampy's <c>kaiser_fast</c> filter, nothing trimmed, no level changed. For
    /// <c>PaperMfcc</c>.
    /// </summary>
    public static LoadAudioOptions Paper { get; } = new() { SampleRateHz = 22050, Trim = null, Resampler = ResamplerOptions.KaiserFast, MinimumSeconds = 0 };

    /// <summary>The rate that every clip is resampled to.</summary>
    public int SampleRateHz { get; init; } = 16000;

    /// <summary>The filter that clips of another rate go through; null, the default, takes that of <see cref="ResamplerOptions"/>.</summary>
    public ResamplerOptions? Resampler { get; init; }

    /// <summary>What counts as silence and is cut at both ends; null keeps all. The default cuts what stays below 1 % of the clip's peak.</summary>
    public SilenceTrimOptions? Trim { get; init; } = new() { Mode = SilenceMode.PeakFraction, PeakFraction = 0.01 };

    /// <summary>The level that clips are brought to; null, the default, leaves loudness as it was recorded.</summary>
    public NormalizationOptions? Normalization { get; init; }

    /// <summary>
    /// The least time that a clip lasts, in seconds: one that is shorter once its silence is trimmed gets silence around it, in equal parts, where image stages put clips that are narrower than the image.
    /// Default: 0.5; 0 pads nothing.
    /// </summary>
    public double MinimumSeconds { get; init; } = 0.5;

    /// <summary>The same in samples.</summary>
    internal int MinimumSamples => (int)Math.Ceiling(MinimumSeconds * SampleRateHz);

    /// <summary>Checks every option.</summary>
    /// <exception cref="OptionsException">Lists every problem, also of the records within.</exception>
    public void Validate()
    {
        var check = new OptionsCheck(nameof(LoadAudioOptions));
        check.Require(SampleRateHz is >= 1000 and <= 768_000, SampleRateHz, "be between 1000 and 768000")
            .Require(MinimumSeconds is >= 0 and <= 60, MinimumSeconds, "be between 0 and 60 seconds");
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
    /// <exception cref="AudioFormatException">Samples are too large to be resampled.</exception>
    public AudioClip Prepare(AudioClip clip) => Pad(Level(clip), Options.MinimumSamples);

    /// <summary>The same without padding.</summary>
    internal AudioClip Level(AudioClip clip)
    {
        ArgumentNullException.ThrowIfNull(clip);
        AudioClip mono = clip.ToMono().Resample(Options.SampleRateHz, Options.Resampler);
        // The filter overshoots: samples near a float's limit leave it.
        if (!Finite.All(mono.Samples)) throw new AudioFormatException("The clip holds samples near the largest number there is: they should lie from -1 to 1. Scale them down.");
        if (Options.Trim is { } trim) mono = Silence.Trim(mono, trim);
        return Options.Normalization is { } level ? Normalization.Apply(mono, level) : mono;
    }

    /// <summary>A clip of at least so many samples, silence around it; itself where it is as long.</summary>
    internal static AudioClip Pad(AudioClip mono, int length)
    {
        if (mono.Length >= length) return mono;
        var padded = new float[length];
        mono.Samples.CopyTo(padded.AsSpan((length - mono.Length) / 2));
        return new AudioClip(padded, mono.SampleRateHz);
    }

    internal static LoadAudioTransformer Load(StageContent stage, SerContext context)
    {
        StageSettings<LoadAudioOptions> settings = stage.GetOptions<StageSettings<LoadAudioOptions>>();
        // Models from before clips were padded here must hear what they always heard.
        return new LoadAudioTransformer(context, stage.HasOption("options", "minimumSeconds") ? settings : settings with { Options = settings.Options with { MinimumSeconds = 0 } });
    }

    /// <inheritdoc/>
    public override void Export(OnnxExport onnx)
    {
        ArgumentNullException.ThrowIfNull(onnx);
        OnnxValue waveform = onnx.StartFromWaveform(Options.SampleRateHz);
        OnnxColumn audio = Options.Trim is { } trim
            ? TrimExport.Add(waveform, trim, Options.SampleRateHz)
            : new OnnxColumn(waveform, waveform.Length(1).Expand(waveform.Length(0).Unsqueeze(0)));
        if (Options.Normalization is { } level) audio = LevelExport.Add(audio, level, Options.SampleRateHz);
        if (Options.MinimumSamples > 0) audio = PadExport.Add(audio, Options.MinimumSamples);
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
