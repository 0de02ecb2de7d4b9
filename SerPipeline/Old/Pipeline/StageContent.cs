using System.Text.Json;
using System.Text.Json.Serialization;

namespace SerPipeline.Old.Pipeline;

/// <summary>What a model file keeps of one stage: options as JSON, and named binary parts such as weights.</summary>
/// <param name="stageName">The kind of stage.</param>
public sealed class StageContent(string stageName)
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

    private readonly Dictionary<string, byte[]> _parts = new(StringComparer.Ordinal);

    /// <summary>The kind of stage.</summary>
    public string StageName { get; } = stageName;

    /// <summary>The options, as JSON.</summary>
    public string OptionsJson { get; set; } = "{}";

    /// <summary>The binary parts by name.</summary>
    public IReadOnlyDictionary<string, byte[]> Parts => _parts;

    /// <summary>Writes the options.</summary>
    /// <typeparam name="TOptions">A record of plain properties.</typeparam>
    /// <param name="options">The options.</param>
    public void SetOptions<TOptions>(TOptions options) => OptionsJson = JsonSerializer.Serialize(options, Json);

    /// <summary>Whether the options hold a member, given by its path from the outside in; older models lack what came later.</summary>
    internal bool HasOption(params ReadOnlySpan<string> path)
    {
        using JsonDocument document = JsonDocument.Parse(OptionsJson);
        JsonElement element = document.RootElement;
        foreach (string name in path)
            if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out element)) return false;
        return true;
    }

    /// <summary>Reads the options.</summary>
    /// <typeparam name="TOptions">The record that was written.</typeparam>
    /// <exception cref="ModelFormatException">The text is no such record.</exception>
    public TOptions GetOptions<TOptions>()
    {
        try
        {
            return JsonSerializer.Deserialize<TOptions>(OptionsJson, Json)
                ?? throw new ModelFormatException($"Stage '{StageName}' has no options; expected a {typeof(TOptions).Name}.");
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            throw new ModelFormatException($"Stage '{StageName}' has options that are no {typeof(TOptions).Name}: {e.Message}", e);
        }
    }

    /// <summary>Adds a binary part.</summary>
    /// <param name="name">Its name in this stage.</param>
    /// <param name="content">Its bytes.</param>
    public void AddPart(string name, byte[] content) => _parts.Add(name, content);

    /// <summary>Gives a binary part.</summary>
    /// <param name="name">Its name in this stage.</param>
    /// <exception cref="ModelFormatException">There is no such part.</exception>
    public byte[] GetPart(string name) => _parts.TryGetValue(name, out byte[]? content)
        ? content
        : throw new ModelFormatException($"Stage '{StageName}' has no part '{name}'; it has: {string.Join(", ", _parts.Keys)}.");
}
