using System.Text.Json;

namespace SerPipeline.Old.Torch.Native;

/// <summary>One tensor of a safetensors file: its place is counted from the end of the header.</summary>
internal sealed record SafeTensorsEntry(string Name, ScalarType Type, long[] Shape, long Begin, long End);

/// <summary>The JSON header of a safetensors file.</summary>
internal sealed record SafeTensorsHeader(IReadOnlyList<SafeTensorsEntry> Entries, IReadOnlyDictionary<string, string> Metadata)
{
    /// <summary>The format's own limit.</summary>
    public const long MostBytes = 100_000_000;

    private const string MetadataKey = "__metadata__";
    private const int MostDimensions = 64;

    /// <summary>Writes the header of tensors that follow each other; padded with spaces so that the data starts at a multiple of 8.</summary>
    public static byte[] Build(IReadOnlyList<KeyValuePair<string, TensorData>> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            if (metadata is { Count: > 0 }) WriteMetadata(json, metadata);
            long offset = 0;
            foreach ((string name, TensorData data) in tensors)
            {
                if (name == MetadataKey) throw TensorCheck.Fail("SafeTensors", "name", $"another than {MetadataKey}, which the format reserves", name);
                WriteEntry(json, name, data, offset);
                offset += data.Bytes.Length;
            }
            json.WriteEndObject();
        }
        while (buffer.Length % 8 != 0) buffer.WriteByte((byte)' ');
        return buffer.ToArray();
    }

    /// <summary>Reads and checks the header.</summary>
    public static SafeTensorsHeader Parse(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object) throw new ModelFormatException($"safetensors: the header must be a JSON object, got {root.ValueKind}.");
        var entries = new List<SafeTensorsEntry>();
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (JsonProperty property in root.EnumerateObject())
        {
            if (!names.Add(property.Name)) throw new ModelFormatException($"safetensors: the header names '{property.Name}' twice.");
            if (property.Name == MetadataKey) ReadMetadata(property.Value, metadata);
            else entries.Add(ReadEntry(property.Name, property.Value));
        }
        SafeTensorsEntry[] ordered = [.. entries.OrderBy(entry => entry.Begin).ThenBy(entry => entry.End)];
        CheckPlaces(ordered);
        return new SafeTensorsHeader(ordered, metadata);
    }

    private static void WriteMetadata(Utf8JsonWriter json, IReadOnlyDictionary<string, string> metadata)
    {
        json.WriteStartObject(MetadataKey);
        foreach ((string key, string value) in metadata.OrderBy(entry => entry.Key, StringComparer.Ordinal)) json.WriteString(key, value);
        json.WriteEndObject();
    }

    private static void WriteEntry(Utf8JsonWriter json, string name, TensorData data, long offset)
    {
        json.WriteStartObject(name);
        json.WriteString("dtype", TypeName(data.Type));
        json.WriteStartArray("shape");
        foreach (long length in data.Shape) json.WriteNumberValue(length);
        json.WriteEndArray();
        json.WriteStartArray("data_offsets");
        json.WriteNumberValue(offset);
        json.WriteNumberValue(offset + data.Bytes.Length);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static SafeTensorsEntry ReadEntry(string name, JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Object) throw Bad(name, "a JSON object", element.ValueKind.ToString());
        string? typeName = element.TryGetProperty("dtype", out JsonElement dtype) && dtype.ValueKind == JsonValueKind.String ? dtype.GetString() : null;
        ScalarType type = typeName switch
        {
            "F32" => ScalarType.Float32,
            "I64" => ScalarType.Int64,
            "BF16" => ScalarType.BFloat16,
            "BOOL" => ScalarType.Bool,
            _ => throw Bad(name, "of dtype F32, I64, BF16 or BOOL", typeName ?? "none"),
        };
        long[] shape = ReadLengths(name, element, "shape"), place = ReadLengths(name, element, "data_offsets");
        if (shape.Length > MostDimensions) throw Bad(name, $"of at most {MostDimensions} dimensions", $"{shape.Length}");
        if (place.Length != 2 || place[1] < place[0]) throw Bad(name, "placed by data_offsets [begin, end]", $"[{string.Join(", ", place)}]");
        long bytes;
        try
        {
            bytes = checked(Tensor.Count(shape) * type.SizeBytes());
        }
        catch (OverflowException)
        {
            throw Bad(name, "of a shape that fits in memory", $"[{string.Join(", ", shape)}]");
        }
        if (place[1] - place[0] != bytes) throw Bad(name, $"{bytes} bytes long for {Tensor.Describe(type, shape)}", $"{place[1] - place[0]}");
        return new SafeTensorsEntry(name, type, shape, place[0], place[1]);
    }

    private static long[] ReadLengths(string name, JsonElement element, string property)
    {
        if (!element.TryGetProperty(property, out JsonElement list) || list.ValueKind != JsonValueKind.Array) throw Bad(name, $"described with an array '{property}'", "none");
        return [.. list.EnumerateArray().Select(item => item.ValueKind == JsonValueKind.Number && item.TryGetInt64(out long value) && value >= 0
            ? value
            : throw Bad(name, $"described with whole numbers of at least 0 in '{property}'", item.GetRawText()))];
    }

    private static void ReadMetadata(JsonElement element, Dictionary<string, string> metadata)
    {
        if (element.ValueKind != JsonValueKind.Object) throw new ModelFormatException($"safetensors: {MetadataKey} must be a JSON object, got {element.ValueKind}.");
        foreach (JsonProperty property in element.EnumerateObject())
        {
            if (property.Value.ValueKind != JsonValueKind.String) throw new ModelFormatException($"safetensors: {MetadataKey}.{property.Name} must be text, got {property.Value.ValueKind}.");
            metadata[property.Name] = property.Value.GetString()!;
        }
    }

    private static void CheckPlaces(SafeTensorsEntry[] ordered)
    {
        long end = 0;
        foreach (SafeTensorsEntry entry in ordered)
        {
            if (entry.Begin != end) throw Bad(entry.Name, $"placed at {end}, where the tensor before it ends", $"{entry.Begin}");
            end = entry.End;
        }
    }

    private static string TypeName(ScalarType type) => type switch
    {
        ScalarType.Float32 => "F32",
        ScalarType.Int64 => "I64",
        ScalarType.BFloat16 => "BF16",
        _ => "BOOL",
    };

    private static ModelFormatException Bad(string name, string expected, string found) => new($"safetensors: tensor '{name}' must be {expected}, got {found}.");
}
