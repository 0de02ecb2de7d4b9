using System.Text.Json;
using System.Text.Json.Serialization;
using SerPipeline.Features;

namespace SerPipeline.Transforms;

/// <summary>Options of stages as model files keep them.</summary>
internal static class StageOptions
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Converters = { new JsonStringEnumConverter() },
        // A setting this version does not know would be ignored in silence; better to say so.
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        IgnoreReadOnlyProperties = true,
        // A member that is missing or null would only fail later, and less clearly.
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    public static JsonElement Write<TOptions>(TOptions options) => JsonSerializer.SerializeToElement(options, Json);

    /// <exception cref="ModelFormatException">The text is no such record.</exception>
    public static TOptions Read<TOptions>(string stage, JsonElement json)
    {
        try
        {
            return json.Deserialize<TOptions>(Json)
                ?? throw new ModelFormatException($"Stage '{stage}' has no options; expected a {typeof(TOptions).Name}.");
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            throw new ModelFormatException($"Stage '{stage}' has options that are no {typeof(TOptions).Name}: {e.Message}", e);
        }
    }

    /// <summary>A stage's options.</summary>
    public static JsonElement Of(RowTransformer stage) => stage switch
    {
        LoadAudioTransformer load => Write(load.Options),
        PrepareWaveformTransformer prepare => Write(prepare.Options),
        LogMelSpectrogramTransformer logMel => Write(logMel.Options),
        SpectrogramImageTransformer image => Write(image.Options),
        UtteranceFeaturesTransformer utterance => Write(utterance.Options),
        PaperMfccTransformer paper => Write(paper.Options),
        _ => throw new InvalidOperationException($"No model file can hold a {stage.GetType().Name}."),
    };

    /// <summary>The stage of a name and options.</summary>
    /// <exception cref="ModelFormatException">There is no such stage, or its options cannot be used.</exception>
    public static RowTransformer Create(string name, string output, string input, JsonElement options)
    {
        try
        {
            return name switch
            {
                LoadAudioTransformer.Name => new LoadAudioTransformer(output, input, Read<LoadAudioOptions>(name, options)),
                PrepareWaveformTransformer.Name => new PrepareWaveformTransformer(output, input, Read<LoadAudioOptions>(name, options)),
                LogMelSpectrogramTransformer.Name => new LogMelSpectrogramTransformer(output, input, Read<LogMelOptions>(name, options)),
                SpectrogramImageTransformer.Name => new SpectrogramImageTransformer(output, input,
                    Read<SpectrogramRendererOptions>(name, options)),
                UtteranceFeaturesTransformer.Name => new UtteranceFeaturesTransformer(output, input,
                    Read<UtteranceFeatureOptions>(name, options)),
                PaperMfccTransformer.Name => new PaperMfccTransformer(output, input, Read<PaperMfccOptions>(name, options)),
                _ => throw new ModelFormatException($"The model holds a stage '{name}', which this version does not know."),
            };
        }
        catch (Exception e) when (e is OptionsException or ArgumentException)
        {
            throw new ModelFormatException($"The model holds a stage '{name}' whose settings cannot be used: {e.Message}", e);
        }
    }
}
