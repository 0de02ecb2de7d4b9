using SerPipeline.Audio;
using SerPipeline.Features;
using SerPipeline.Onnx;

namespace SerPipeline.Transforms;

/// <summary>
/// What a stage computes of one clip, apart from ML.NET: its transformer and <c>SerModel</c> run the same, and a program that only predicts
/// loads nothing of ML.NET. Any number of threads may compute at once.
/// </summary>
/// <param name="Name">The catalog method that makes it, which messages and model files use.</param>
/// <param name="Revision">Part of every cache key: raise it when the stage comes to give other values.</param>
/// <param name="Options">Its record of options.</param>
/// <param name="SampleRateHz">The rate of the audio that it reads; null where it reads frames.</param>
/// <param name="Map">
/// From samples, or frames <c>[rows, frames]</c> and their rows, to a <see cref="GrayImage"/> or float[]; what it gets it does not change.
/// </param>
/// <param name="AddOnnx">The same as nodes of a graph; for LoadAudio from the waveform at its rate.</param>
internal sealed record ClipStage(
    string Name, int Revision, object Options, int? SampleRateHz, Func<float[], int, object> Map, Func<OnnxColumn, OnnxColumn> AddOnnx)
{
    /// <summary>The slots of the vector that it gives; null where it gives none.</summary>
    public IReadOnlyList<string>? SlotNames { get; init; }

    /// <summary>The rows of the frames that it gives; 0 where it gives none.</summary>
    public int Rows { get; init; }

    /// <summary>Whether <see cref="Map"/> may refuse a clip that has samples.</summary>
    public bool MayRefuse { get; init; }

    /// <summary>The speed at which LoadAudio reads, <see cref="AudioReading.Speed"/>.</summary>
    public double Speed { get; init; } = 1;

    /// <summary>What LoadAudio puts clips through, <see cref="AudioReading.Condition"/>.</summary>
    public RecordingCondition Condition { get; init; }

    /// <summary>
    /// Everything that shapes the output besides the input: part of the cache key, so that a changed parameter never reads a stale feature.
    /// </summary>
    public string Signature => string.Create(CultureInfo.InvariantCulture, $"{Name}.{Revision} {Options}")
        + (Speed == 1 ? "" : FormattableString.Invariant($" x{Speed}")) + (Condition == default ? "" : $" {Condition}.1");

    /// <summary>Its options as model files keep them.</summary>
    public JsonElement Json => StageOptions.Write(Options);

    /// <exception cref="OptionsException">An option cannot be used.</exception>
    public static ClipStage LoadAudio(LoadAudioOptions options) => Audio(nameof(LoadAudio), 3, options) with { MayRefuse = true };

    /// <summary>The second step of LoadAudio, for audio that is no file and has the rate already.</summary>
    /// <exception cref="OptionsException">An option cannot be used.</exception>
    public static ClipStage PrepareWaveform(LoadAudioOptions options) => Audio(nameof(PrepareWaveform), 1, options);

    /// <exception cref="OptionsException">An option cannot be used.</exception>
    public static ClipStage LogMelSpectrogram(LogMelOptions options)
    {
        var extractor = new LogMelExtractor(options with { });
        return new(nameof(LogMelSpectrogram), 1, extractor.Options, options.SampleRateHz, (samples, _) =>
        {
            // Without centring a very short clip has no frame: the clip is at fault then, not the program.
            if (extractor.FrameCount(samples.Length) == 0)
                throw new AudioFormatException(string.Create(CultureInfo.InvariantCulture, $"A clip of {samples.Length} samples is "
                    + $"shorter than one frame of {nameof(LogMelSpectrogram)}: use longer clips, or set Center."));
            return extractor.Extract(samples).Values;
        }, audio => LogMelOnnx.Add(audio, options))
        { Rows = options.MelBands, MayRefuse = !options.Center };
    }

    /// <exception cref="OptionsException">An option cannot be used.</exception>
    public static ClipStage SpectrogramImage(SpectrogramRendererOptions options)
    {
        SpectrogramRendererOptions own = options with { };
        var renderer = new SpectrogramRenderer(own);
        return new(nameof(SpectrogramImage), 1, own, null,
            (frames, rows) => renderer.Render(frames, rows, frames.Length / rows).Image,
            frames => SpectrogramRendererOnnx.Add(frames, own));
    }

    /// <exception cref="OptionsException">An option cannot be used.</exception>
    public static ClipStage UtteranceFeatures(UtteranceFeatureOptions options)
    {
        var extractor = new UtteranceFeatures(options with { });
        return new(nameof(UtteranceFeatures), 2, extractor.Options, options.SampleRateHz, (samples, _) => extractor.Extract(samples),
            audio => new(UtteranceFeaturesOnnx.Add(audio, extractor)))
        { SlotNames = extractor.Names };
    }

    /// <exception cref="OptionsException">An option cannot be used.</exception>
    public static ClipStage GemapsFeatures(GemapsFeatureOptions options)
    {
        var extractor = new GemapsFeatures(options with { });
        return new(nameof(GemapsFeatures), 1, extractor.Options, options.SampleRateHz, (samples, _) => extractor.Extract(samples),
            audio => new(GemapsFeaturesOnnx.Add(audio, extractor)))
        { SlotNames = extractor.Names };
    }

    /// <exception cref="OptionsException">An option cannot be used.</exception>
    public static ClipStage PaperMfcc(PaperMfccOptions options)
    {
        var extractor = new PaperMfcc(options with { });
        return new(nameof(PaperMfcc), 1, extractor.Options, options.SampleRateHz, (samples, _) => extractor.Extract(samples),
            audio => new(PaperMfccOnnx.Add(audio, options)))
        { SlotNames = extractor.Names };
    }

    /// <summary>The stage that a model file names.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="options">Its options as <see cref="StageOptions"/> wrote them.</param>
    /// <param name="owner">What messages call the file.</param>
    /// <exception cref="ModelFormatException">There is no such stage, or its options cannot be used.</exception>
    public static ClipStage Create(string name, JsonElement options, string owner = "The model")
    {
        try
        {
            return name switch
            {
                nameof(LoadAudio) => LoadAudio(Read<LoadAudioOptions>()),
                nameof(PrepareWaveform) => PrepareWaveform(Read<LoadAudioOptions>()),
                nameof(LogMelSpectrogram) => LogMelSpectrogram(Read<LogMelOptions>()),
                nameof(SpectrogramImage) => SpectrogramImage(Read<SpectrogramRendererOptions>()),
                nameof(UtteranceFeatures) => UtteranceFeatures(Read<UtteranceFeatureOptions>() is var own && Names("correlatedCoefficients")
                    // Models of before there were any.
                    ? own : own with { CorrelatedCoefficients = 0 }),
                nameof(GemapsFeatures) => GemapsFeatures(Read<GemapsFeatureOptions>()),
                nameof(PaperMfcc) => PaperMfcc(Read<PaperMfccOptions>()),
                _ => throw new ModelFormatException(
                    "this version does not know it. Update to the version that wrote it or a later one."),
            };
        }
        catch (Exception e) when (e is ModelFormatException or OptionsException or ArgumentException)
        {
            throw new ModelFormatException($"{owner} holds a stage '{name}' that cannot be used: {e.Message}", e);
        }

        TOptions Read<TOptions>() => StageOptions.Read<TOptions>(name, options);

        bool Names(string option) => options.TryGetProperty(option, out _);
    }

    private static ClipStage Audio(string name, int revision, LoadAudioOptions options)
    {
        options.Validate();
        LoadAudioOptions own = options with { };
        return new(name, revision, own, own.SampleRateHz,
            (samples, _) => AudioPreparation.Prepare(new AudioClip(samples, own.SampleRateHz), own).Samples.ToArray(),
            waveform => AudioPreparation.AddOnnx(waveform, own));
    }
}
