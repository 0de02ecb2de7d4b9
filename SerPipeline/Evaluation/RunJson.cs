using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using System.Text.Unicode;

namespace SerPipeline.Evaluation;

/// <summary>
/// Reads and writes the JSON files of a run's folder: camelCase, strict about what is missing, repeated or of another type, lenient about
/// fields it does not know.
/// </summary>
internal static class RunJson
{
    /// <summary>The version this library writes, and the only one it reads.</summary>
    public const int Version = 1;

    /// <summary>For the files' own records: numbers must be finite.</summary>
    public static readonly JsonSerializerOptions Strict = Create(JsonNumberHandling.Strict);

    /// <summary>
    /// For options of any kind: NaN and infinities become the strings "NaN", "Infinity" and "-Infinity", which is valid JSON.
    /// </summary>
    public static readonly JsonSerializerOptions Options = Create(JsonNumberHandling.AllowNamedFloatingPointLiterals);

    public static void Write<T>(string path, T content) => AtomicFile.WriteAllBytes(path, ToBytes(content, path));

    /// <summary>The content of a file that messages call <paramref name="path"/>.</summary>
    public static byte[] ToBytes<T>(T content, string path)
    {
        try
        {
            return [.. JsonSerializer.SerializeToUtf8Bytes(content, Strict), (byte)'\n'];
        }
        catch (ArgumentException cause)
        {
            throw new EvaluationException(
                $"Expected finite numbers for {path}; one is not a number or infinite. Use null where a metric is unknown.", cause);
        }
    }

    /// <summary>
    /// Reads a file; <paramref name="nullItems"/> says whether lists may hold null, which the types alone cannot tell the serializer.
    /// </summary>
    public static T Read<T>(string path, string kind, bool nullItems)
    {
        byte[] json;
        try
        {
            json = File.ReadAllBytes(path);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new EvaluationException($"Expected {kind} at {path}; it cannot be read: {cause.Message}", cause);
        }
        return Parse<T>(json, path, kind, nullItems);
    }

    /// <summary>Reads the content of a file that messages call <paramref name="path"/>.</summary>
    public static T Parse<T>(byte[] json, string path, string kind, bool nullItems)
    {
        try
        {
            CheckDocument(json, path, kind, nullItems);
            return JsonSerializer.Deserialize<T>(json, Strict) ?? throw new JsonException("The file holds null.");
        }
        // Half a surrogate pair written as an escape is an InvalidOperationException.
        catch (Exception cause) when (cause is JsonException or InvalidOperationException)
        {
            string place = (cause as JsonException)?.LineNumber is { } line
                ? string.Create(CultureInfo.InvariantCulture, $" in line {line + 1}") : "";
            throw new EvaluationException(
                $"Expected {kind} at {path}; found something else{place}: {cause.Message} Restore the file or repeat the run.", cause);
        }
    }

    private static void CheckDocument(byte[] json, string path, string kind, bool nullItems)
    {
        if (!Utf8.IsValid(json)) throw new JsonException("The file is not UTF-8.");
        using JsonDocument document = JsonDocument.Parse(json);
        if (document.RootElement.ValueKind != JsonValueKind.Object) throw new JsonException("The file does not hold an object.");
        if (!document.RootElement.TryGetProperty("version", out JsonElement version) || version.ValueKind != JsonValueKind.Number
            || !version.TryGetInt32(out int found))
            throw new EvaluationException(
                $"Expected {kind} with a whole number 'version' at {path}; it has none. The file was not written by this library.");
        if (found != Version)
            throw new EvaluationException(string.Create(CultureInfo.InvariantCulture,
                $"Expected version {Version} of {kind} at {path}; found version {found}. "
                    + $"Read it with the library that wrote it, or update this one."));
        if (!nullItems) RefuseNullItems(document.RootElement, "");
    }

    private static void RefuseNullItems(JsonElement element, string place)
    {
        if (element.ValueKind == JsonValueKind.Object)
            foreach (JsonProperty property in element.EnumerateObject())
                RefuseNullItems(property.Value, place.Length == 0 ? property.Name : $"{place}.{property.Name}");
        if (element.ValueKind != JsonValueKind.Array) return;
        int index = 0;
        foreach (JsonElement item in element.EnumerateArray())
        {
            string here = string.Create(CultureInfo.InvariantCulture, $"{place}[{index++}]");
            if (item.ValueKind == JsonValueKind.Null) throw new JsonException($"{here} is null.");
            RefuseNullItems(item, here);
        }
    }

    private static JsonSerializerOptions Create(JsonNumberHandling numbers)
    {
        var options = new JsonSerializerOptions
        {
            PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
            WriteIndented = true,
            NewLine = "\n",
            NumberHandling = numbers,
            AllowDuplicateProperties = false,
            RespectNullableAnnotations = true,
            RespectRequiredConstructorParameters = true,
            // Letters of every script, and signs such as + in versions, stay readable. These files are never pasted into HTML.
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            Converters = { new JsonStringEnumConverter() },
            TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { InheritedFirst } },
        };
        options.MakeReadOnly();
        return options;
    }

    // What was evaluated stands before its figures.
    private static void InheritedFirst(JsonTypeInfo info)
    {
        foreach (JsonPropertyInfo property in info.Properties)
            if (property.AttributeProvider is MemberInfo member && member.DeclaringType != info.Type) property.Order = -1;
    }
}
