using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using SerPipeline.Onnx;

namespace SerPipeline.Old.Models.MlNet;

/// <summary>A stage of an ML.NET model.</summary>
/// <param name="Loader">The name that ML.NET knows it by, such as <c>OnnxTransform</c>.</param>
/// <param name="Assembly">The assembly that reads it.</param>
/// <param name="Names">The columns it names, and for a vocabulary its terms, in the order of first use.</param>
/// <param name="Onnx">The ONNX graph within, or null.</param>
public sealed record MlNetStage(string Loader, string Assembly, IReadOnlyList<string> Names, OnnxModel? Onnx);

/// <summary>A column of an ML.NET model's input.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type, such as <c>Text</c> or <c>Vector&lt;Single, 40&gt;</c>; no length where any will do.</param>
public sealed record MlNetColumn(string Name, string Type);

/// <summary>What an ML.NET app would find in a zip: read from its streams, with no part of ML.NET.</summary>
/// <param name="InputColumns">The columns of its input schema; empty where it keeps none.</param>
/// <param name="Stages">Its stages, chains within chains opened.</param>
public sealed record MlNetModel(IReadOnlyList<MlNetColumn> InputColumns, IReadOnlyList<MlNetStage> Stages)
{
    private const int MaximumEntryBytes = 1 << 30;

    /// <summary>Reads the ML.NET side of a model zip.</summary>
    /// <param name="source">A seekable stream.</param>
    /// <param name="name">What to call it in messages.</param>
    /// <returns>The model; null for a zip that is no ML.NET model.</returns>
    /// <exception cref="ModelFormatException">The file is no zip, or its streams are damaged.</exception>
    public static MlNetModel? Read(Stream source, string name)
    {
        ArgumentNullException.ThrowIfNull(source);
        try
        {
            using var zip = new ZipArchive(source, ZipArchiveMode.Read, leaveOpen: true);
            // Zips saved on Windows have its separator.
            Dictionary<string, byte[]> entries = zip.Entries
                .Where(e => e.FullName.Replace('\\', '/') is var path && (path.StartsWith(MlNetModelWriter.Folder, StringComparison.Ordinal) || path == MlNetModelWriter.SchemaEntry))
                .ToDictionary(e => e.FullName.Replace('\\', '/'), e => ZipEntries.Content(e, MaximumEntryBytes, name), StringComparer.Ordinal);
            if (!entries.ContainsKey(MlNetModelWriter.Folder + "Model.key")) return null;
            var stages = new List<MlNetStage>();
            AddStages(entries, MlNetModelWriter.Folder, stages);
            return new MlNetModel(entries.TryGetValue(MlNetModelWriter.SchemaEntry, out byte[]? schema) ? IdvReader.Columns(schema) : [], stages);
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or ArgumentException or OverflowException or IndexOutOfRangeException)
        {
            throw new ModelFormatException($"'{name}' is no ML.NET model that can be read: {e.Message}", e);
        }
    }

    private static void AddStages(Dictionary<string, byte[]> entries, string folder, List<MlNetStage> stages)
    {
        if (!entries.TryGetValue(folder + "Model.key", out byte[]? key)) throw new InvalidDataException($"there is no '{folder}Model.key'.");
        (string loader, string assembly, byte[] body, string[] strings) = Parts(key);
        if (loader == "TransformerChain")
        {
            int count = BinaryPrimitives.ReadInt32LittleEndian(body);
            if (count < 0 || body.Length != sizeof(int) * (count + 1L)) throw new InvalidDataException($"'{folder}Model.key' is no chain of {count} stages.");
            for (int i = 0; i < count; i++) AddStages(entries, string.Create(CultureInfo.InvariantCulture, $"{folder}Transform_{i:000}/"), stages);
            return;
        }
        string[] terms = entries.TryGetValue(folder + "Vocabulary/Model.key", out byte[]? vocabulary) ? Parts(vocabulary).Strings : [];
        stages.Add(new MlNetStage(loader, assembly, [.. strings, .. terms], entries.TryGetValue(folder + "OnnxModel", out byte[]? onnx) ? Onnx(onnx) : null));
    }

    private static OnnxModel Onnx(byte[] entry)
    {
        if (entry.Length < sizeof(int) || BinaryPrimitives.ReadInt32LittleEndian(entry) != entry.Length - sizeof(int)) throw new InvalidDataException("the length of the ONNX graph is wrong.");
        return OnnxModel.Read(entry.AsMemory(sizeof(int)));
    }

    private static (string Loader, string Assembly, byte[] Body, string[] Strings) Parts(byte[] key)
    {
        if (key.Length < ModelKeyWriter.HeaderBytes || BinaryPrimitives.ReadUInt64LittleEndian(key) != ModelKeyWriter.Magic) throw new InvalidDataException("a Model.key has no header of one.");
        int At(int offset) => checked((int)BinaryPrimitives.ReadInt64LittleEndian(key.AsSpan(offset)));
        if (At(0x88) != key.Length || BinaryPrimitives.ReadUInt64LittleEndian(key.AsSpan(At(0x80))) != ModelKeyWriter.TailMagic) throw new InvalidDataException("a Model.key is cut short.");
        string loader = Encoding.ASCII.GetString(key, ModelKeyWriter.LoaderAt, ModelKeyWriter.NameBytes).TrimEnd('\0');
        string assembly = Encoding.Unicode.GetString(key, At(0x90), BinaryPrimitives.ReadInt32LittleEndian(key.AsSpan(0x98)));
        var strings = new string[At(0x28) / sizeof(long)];
        for (int i = 0, start = 0; i < strings.Length; i++)
        {
            int end = At(At(0x20) + (sizeof(long) * i));
            strings[i] = Encoding.Unicode.GetString(key, At(0x30) + start, end - start);
            start = end;
        }
        return (loader, assembly, key.AsSpan(At(0x10), At(0x18)).ToArray(), strings);
    }
}
