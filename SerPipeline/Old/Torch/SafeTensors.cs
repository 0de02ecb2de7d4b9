using System.Buffers.Binary;
using System.Text.Json;
using SerPipeline.Old.Torch.Native;

namespace SerPipeline.Old.Torch;

/// <summary>
/// Reads and writes named tensors in the safetensors format (github.com/huggingface/safetensors): the header's length as 8 bytes little-endian,
/// a JSON header with type, shape and place of every tensor, then the raw elements, little-endian, row-major, without gaps.
/// </summary>
public static class SafeTensors
{
    /// <summary>Writes named tensors; the same content always gives the same bytes.</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="tensors">The tensors by name.</param>
    /// <param name="metadata">Text to keep with them, or null.</param>
    public static void Write(Stream stream, IReadOnlyDictionary<string, TensorData> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(tensors);
        // Widest elements first keeps every tensor aligned to its element size; names order the rest.
        KeyValuePair<string, TensorData>[] ordered = [.. tensors.OrderByDescending(entry => entry.Value.Type.SizeBytes()).ThenBy(entry => entry.Key, StringComparer.Ordinal)];
        byte[] header = SafeTensorsHeader.Build(ordered, metadata);
        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
        stream.Write(length);
        stream.Write(header);
        foreach ((string _, TensorData data) in ordered) stream.Write(data.Bytes.Span);
    }

    /// <summary>Reads named tensors.</summary>
    /// <param name="stream">Where from; read to its end.</param>
    /// <exception cref="ModelFormatException">The stream holds something else, is cut short, or goes on after the last tensor.</exception>
    public static IReadOnlyDictionary<string, TensorData> Read(Stream stream) => Read(stream, out _);

    /// <summary>Reads named tensors and the text kept with them.</summary>
    /// <param name="stream">Where from; read to its end.</param>
    /// <param name="metadata">The text kept with them; empty when there is none.</param>
    /// <exception cref="ModelFormatException">The stream holds something else, is cut short, or goes on after the last tensor.</exception>
    public static IReadOnlyDictionary<string, TensorData> Read(Stream stream, out IReadOnlyDictionary<string, string> metadata)
    {
        ArgumentNullException.ThrowIfNull(stream);
        // 1. Header.
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(ReadExactly(stream, 8, "the header's length"));
        if (length is < 2 or > SafeTensorsHeader.MostBytes)
            throw new ModelFormatException($"safetensors: the header's length must be 2 to {SafeTensorsHeader.MostBytes} bytes, got {length}: this is no safetensors file.");
        SafeTensorsHeader header = Parse(ReadExactly(stream, (long)length, "the header"));
        // 2. Data, in the order of the places, which leave no gap.
        var tensors = new Dictionary<string, TensorData>(StringComparer.Ordinal);
        foreach (SafeTensorsEntry entry in header.Entries)
            tensors.Add(entry.Name, new TensorData(entry.Type, entry.Shape, ReadExactly(stream, entry.End - entry.Begin, $"tensor '{entry.Name}'")));
        // 3. Nothing may follow.
        if (stream.ReadByte() >= 0) throw new ModelFormatException("safetensors: bytes follow the last tensor; the file is damaged or was written by something else.");
        metadata = header.Metadata;
        return tensors;
    }

    private static SafeTensorsHeader Parse(byte[] json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return SafeTensorsHeader.Parse(document.RootElement);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException) // the latter for names that are no valid UTF-8 or UTF-16
        {
            throw new ModelFormatException($"safetensors: the header is no JSON: {error.Message}", error);
        }
    }

    // Reads in pieces, so that a damaged length does not allocate what the stream does not hold.
    private static byte[] ReadExactly(Stream stream, long count, string what)
    {
        const int piece = 1 << 24;
        if (count > Array.MaxLength) throw new ModelFormatException($"safetensors: {what} must be at most {Array.MaxLength} bytes, got {count}.");
        byte[] bytes = new byte[Math.Min(count, piece)];
        int filled = 0;
        while (filled < count)
        {
            if (filled == bytes.Length) Array.Resize(ref bytes, (int)Math.Min(count, 2L * bytes.Length));
            int read = stream.Read(bytes, filled, bytes.Length - filled);
            if (read == 0) throw new ModelFormatException($"safetensors: {what} must be {count} bytes, but the file ends after {filled}; it was cut short.");
            filled += read;
        }
        return bytes;
    }
}
