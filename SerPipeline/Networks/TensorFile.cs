using System.IO.Hashing;
using System.Text.Json.Serialization;
using static TorchSharp.torch;

namespace SerPipeline.Networks;

/// <summary>
/// Named tensors and texts in one file, in the safetensors layout: eight bytes with the length of a JSON header, the header, the data. The
/// last tensor, <c>checksum</c>, is the XxHash128 of everything before its own bytes.
/// </summary>
internal sealed class TensorFile
{
    private const string Texts = "__metadata__", Checksum = "checksum";
    private const int ChecksumBytes = 16;

    private static readonly Dictionary<ScalarType, string> TypeNames = new()
    {
        [ScalarType.Float32] = "F32",
        [ScalarType.Float64] = "F64",
        [ScalarType.Float16] = "F16",
        [ScalarType.BFloat16] = "BF16",
        [ScalarType.Int64] = "I64",
        [ScalarType.Int32] = "I32",
        [ScalarType.Int16] = "I16",
        [ScalarType.Int8] = "I8",
        [ScalarType.Byte] = "U8",
        [ScalarType.Bool] = "BOOL",
    };

    private readonly string _path;
    private readonly long _start;
    private readonly Dictionary<string, Entry> _entries;

    private TensorFile(string path, long start, Dictionary<string, Entry> entries, IReadOnlyDictionary<string, string> metadata) =>
        (_path, _start, _entries, Metadata) = (path, start, entries, metadata);

    /// <summary>The texts.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>The names of the tensors.</summary>
    public IEnumerable<string> Names => _entries.Keys;

    /// <summary>Writes a file, whole or not at all.</summary>
    public static void Write(string path, IReadOnlyDictionary<string, string> metadata, IReadOnlyList<(string Name, Tensor Value)> tensors)
    {
        var header = new Dictionary<string, object> { [Texts] = metadata };
        long end = 0;
        foreach ((string name, Tensor value) in tensors)
        {
            long start = end;
            end += value.numel() * value.element_size();
            header.Add(name, new Entry(TypeNames[value.dtype], value.shape, [start, end]));
        }
        header.Add(Checksum, new Entry("U8", [ChecksumBytes], [end, end + ChecksumBytes]));
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(header);
        var length = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(length, json.Length);
        AtomicFile.Write(path, stream =>
        {
            var hash = new XxHash128();
            Put(length);
            Put(json);
            foreach ((_, Tensor value) in tensors)
            {
                using Tensor plain = value.detach().cpu().contiguous();
                Put(plain.bytes);
            }
            stream.Write(hash.GetHashAndReset());

            void Put(ReadOnlySpan<byte> bytes)
            {
                hash.Append(bytes);
                stream.Write(bytes);
            }
        });
    }

    /// <summary>Reads the header.</summary>
    /// <exception cref="ResumeException">The file is damaged, or none of these.</exception>
    public static TensorFile Open(string path)
    {
        using FileStream stream = File.OpenRead(path);
        if (stream.Length <= sizeof(long) + ChecksumBytes || !IsWhole(stream))
            throw new ResumeException($"The checkpoint '{path}' is damaged: its checksum differs. Delete it to train from the start.");
        var length = new byte[sizeof(long)];
        stream.ReadExactly(length);
        var json = new byte[BinaryPrimitives.ReadInt64LittleEndian(length)];
        stream.ReadExactly(json);
        Dictionary<string, JsonElement> all = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(json)!;
        all.Remove(Texts, out JsonElement texts);
        all.Remove(Checksum);
        return new TensorFile(path, sizeof(long) + json.Length,
            all.ToDictionary(pair => pair.Key, pair => pair.Value.Deserialize<Entry>()!, StringComparer.Ordinal),
            texts.Deserialize<Dictionary<string, string>>()!);
    }

    /// <summary>Reads the data into tensors that are there, of the same names, types and shapes.</summary>
    /// <exception cref="ResumeException">The file has others.</exception>
    public void CopyTo(IReadOnlyList<(string Name, Tensor Value)> targets)
    {
        using IDisposable noGrad = no_grad();
        Dictionary<string, Tensor> wanted = targets.ToDictionary(t => t.Name, t => t.Value, StringComparer.Ordinal);
        if (wanted.Count != _entries.Count
            || wanted.Any(pair => !_entries.TryGetValue(pair.Key, out Entry? entry) || !Fits(entry, pair.Value)))
            throw new ResumeException($"The checkpoint '{_path}' is of a network of other layers. Delete it to train from the start.");
        using FileStream stream = File.OpenRead(_path);
        stream.Position = _start;
        foreach ((string name, Entry entry) in _entries)
        {
            using Tensor read = empty(entry.Shape, dtype: wanted[name].dtype);
            try
            {
                stream.ReadExactly(read.bytes);
            }
            catch (EndOfStreamException e)
            {
                throw new ResumeException($"The checkpoint '{_path}' was cut while it was read. Delete it to train from the start.", e);
            }
            wanted[name].copy_(read);
        }
    }

    /// <summary>Whether a file ends with the checksum of everything before it.</summary>
    internal static bool IsWhole(FileStream stream)
    {
        var hash = new XxHash128();
        var piece = new byte[1 << 16];
        try
        {
            for (long left = stream.Length - ChecksumBytes; left > 0; left -= piece.Length)
            {
                Span<byte> part = piece.AsSpan(0, (int)Math.Min(left, piece.Length));
                stream.ReadExactly(part);
                hash.Append(part);
            }
            stream.ReadExactly(piece, 0, ChecksumBytes);
        }
        // It got shorter meanwhile.
        catch (EndOfStreamException)
        {
            return false;
        }
        stream.Position = 0;
        return hash.GetHashAndReset().AsSpan().SequenceEqual(piece.AsSpan(0, ChecksumBytes));
    }

    private static bool Fits(Entry entry, Tensor target) =>
        entry.Type == TypeNames[target.dtype] && entry.Shape.SequenceEqual(target.shape)
        && entry.Offsets[1] - entry.Offsets[0] == target.numel() * target.element_size();

    private sealed record Entry(
        [property: JsonPropertyName("dtype")] string Type, [property: JsonPropertyName("shape")] long[] Shape,
        [property: JsonPropertyName("data_offsets")] long[] Offsets);
}
