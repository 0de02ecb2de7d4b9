using System.Text.Json.Serialization;

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
}
