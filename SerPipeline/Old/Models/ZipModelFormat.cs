using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using SerPipeline.Old.Models.MlNet;
using SerPipeline.Old.Pipeline;
using SerPipeline.Onnx;

namespace SerPipeline.Old.Models;

/// <summary>
/// A model as a zip: <c>SerPipeline/model.json</c> names versions, columns and stages, and gives the SHA-256 of each binary part; the parts lie
/// beside it under <c>SerPipeline/stages/NN-STAGE/PART</c>, attachments under <c>SerPipeline/NAME</c>. Where the document has an ONNX model, the entries beside the folder make the zip a model of ML.NET, see
/// <see cref="MlNetModelWriter"/>; the manifest gives their SHA-256 too, and the graph's weights must be those of the stages.
/// </summary>
public sealed class ZipModelFormat : IModelFormat
{
    private const string Root = "SerPipeline/";
    private const string ManifestEntry = Root + "model.json";
    /// <summary>The entry that holds the ONNX graph for ML.NET: its length in 4 bytes, little-endian, and then the graph.</summary>
    public const string OnnxEntry = MlNetModelWriter.OnnxEntry;

    private const int FirstWithOnnx = 2;
    private const int MaximumManifestBytes = 16 << 20;
    private const long MaximumPartBytes = 1L << 30;

    // The same model gives the same bytes whenever it is saved; the earliest time that a zip can hold.
    private static readonly DateTimeOffset EntryTime = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        NewLine = "\n",
        Converters = { new JsonStringEnumConverter() },
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>Whether a file is a zip with a model of this library in it; whether the model is whole only reading it tells.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static bool IsModel(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            using ZipArchive zip = ZipFile.OpenRead(path);
            return zip.GetEntry(ManifestEntry) is not null;
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public void Write(Stream destination, ModelDocument model)
    {
        ArgumentNullException.ThrowIfNull(destination);
        ArgumentNullException.ThrowIfNull(model);
        ModelAttachments.Require(model.Attachments);
        using var zip = new ZipArchive(destination, ZipArchiveMode.Create, leaveOpen: true);
        var stages = new List<StageEntry>();
        for (int i = 0; i < model.Stages.Count; i++)
        {
            StageContent stage = model.Stages[i];
            var parts = new List<PartEntry>();
            foreach ((string name, byte[] content) in stage.Parts.OrderBy(p => p.Key, StringComparer.Ordinal))
            {
                parts.Add(AddPart(zip, name, $"{Root}stages/{OnnxExporter.NameOf(i, stage.StageName)}/{name}", content));
            }
            stages.Add(new StageEntry(stage.StageName, JsonDocument.Parse(stage.OptionsJson).RootElement, parts));
        }
        PartEntry[]? mlNet = model.Onnx is { } bytes ? WriteMlNet(zip, bytes) : null;
        PartEntry[] attachments = [.. model.Attachments.OrderBy(a => a.Key, StringComparer.Ordinal).Select(a => AddPart(zip, a.Key, Root + a.Key, a.Value.Span))];
        var manifest = new Manifest(
            model.FormatVersion, model.LibraryVersion, model.InputColumns, stages, model.Notes, mlNet, model.OnnxProblem, attachments.Length == 0 ? null : attachments);
        Add(zip, ManifestEntry, JsonSerializer.SerializeToUtf8Bytes(manifest, Json));
    }

    /// <inheritdoc/>
    public ModelDocument Read(Stream source, string name)
    {
        ArgumentNullException.ThrowIfNull(source);
        try
        {
            using var zip = new ZipArchive(source, ZipArchiveMode.Read, leaveOpen: true);
            return Read(zip, name);
        }
        catch (Exception e) when (e is InvalidDataException or JsonException or EndOfStreamException or NotSupportedException or ArgumentException or OverflowException)
        {
            throw new ModelFormatException($"'{name}' is no model that can be read: {e.Message} It may be truncated or damaged; save or download it again.", e);
        }
    }

    private static ModelDocument Read(ZipArchive zip, string name)
    {
        // Of two entries with one name every reader takes the one it likes.
        if (zip.Entries.GroupBy(e => e.FullName, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new ModelFormatException($"'{name}' holds '{twice.Key}' twice, so that nobody can tell which one is meant. Save or download it again.");
        if (zip.GetEntry(ManifestEntry) is not { } entry)
            throw new ModelFormatException($"'{name}' is a zip but no SerPipeline model: it has no entry '{ManifestEntry}'.");
        byte[] json = ZipEntries.Content(entry, MaximumManifestBytes, name);
        CheckVersion(json, name);
        Manifest manifest = JsonSerializer.Deserialize<Manifest>(json, Json) ?? throw new ModelFormatException($"'{name}' has an empty '{ManifestEntry}'.");
        // The reader above refuses null and missing members, but not null items of lists.
        if (manifest.Stages.Any(s => s is null || s.Parts.Any(p => p is null)) || manifest.InputColumns.Any(c => c is null) || manifest.MlNet?.Any(p => p is null) == true
            || manifest.Attachments?.Any(p => p is null) == true)
            throw new ModelFormatException($"'{name}' has a '{ManifestEntry}' with an empty stage, part or column.");
        if (manifest.FormatVersion >= FirstWithOnnx && manifest.MlNet is null == manifest.OnnxProblem is null)
            throw new ModelFormatException($"'{name}' has a '{ManifestEntry}' that must have either mlNet or onnxProblem.");
        var document = new ModelDocument
        {
            FormatVersion = manifest.FormatVersion,
            LibraryVersion = manifest.LibraryVersion,
            InputColumns = manifest.InputColumns,
            Stages = [.. manifest.Stages.Select(s => ReadStage(zip, s, name))],
            Notes = manifest.Notes ?? new Dictionary<string, string>(),
            OnnxProblem = manifest.OnnxProblem,
            Attachments = ReadAttachments(zip, manifest.Attachments ?? [], name),
        };
        return manifest.MlNet is null ? document : document with { Onnx = ReadMlNet(zip, manifest.MlNet, document, name) };
    }

    private static PartEntry[] WriteMlNet(ZipArchive zip, ReadOnlyMemory<byte> bytes)
    {
        OnnxModel onnx = OnnxModel.Read(bytes);
        return [.. MlNetModelWriter.Entries(onnx, bytes, OnnxExporter.LabelsOf(onnx)).Select(e => AddPart(zip, e.Entry, e.Entry, e.Content))];
    }

    // What ML.NET would read must be what was written, and the graph within must be of the same weights as the stages.
    private static ReadOnlyMemory<byte> ReadMlNet(ZipArchive zip, IReadOnlyList<PartEntry> parts, ModelDocument document, string name)
    {
        Dictionary<string, byte[]> entries = parts.ToDictionary(p => p.Entry, p => ReadPart(zip, p, "ML.NET side", name), StringComparer.Ordinal);
        if (!entries.TryGetValue(MlNetModelWriter.OnnxEntry, out byte[]? entry) || entry.Length < sizeof(int)) throw new ModelFormatException($"'{name}' lacks '{MlNetModelWriter.OnnxEntry}'.");
        ReadOnlyMemory<byte> bytes = entry.AsMemory(sizeof(int));
        OnnxModel onnx = OnnxModel.Read(bytes);
        if (OnnxModelCheck.Problems(onnx) is { Count: > 0 } problems) throw new ModelFormatException($"'{name}' holds an ONNX graph that nothing could run: {problems[0]}");
        OnnxAgreement.RequireWeights(document, onnx, name);
        return bytes;
    }

    // The version is read first and alone: a newer layout may differ in everything else.
    private static void CheckVersion(byte[] json, string name)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        if (document.RootElement.ValueKind != JsonValueKind.Object
            || !document.RootElement.TryGetProperty("formatVersion", out JsonElement element) || element.ValueKind != JsonValueKind.Number || !element.TryGetInt32(out int version) || version < 1)
            throw new ModelFormatException($"'{name}' has a '{ManifestEntry}' without a format version.");
        if (version <= ModelDocument.CurrentFormatVersion) return;
        string writer = document.RootElement.TryGetProperty("libraryVersion", out JsonElement library) ? library.ToString() : "a newer version";
        throw new ModelFormatException(string.Create(CultureInfo.InvariantCulture,
            $"'{name}' has format version {version}, and this library reads up to {ModelDocument.CurrentFormatVersion}. It was written by SerPipeline {writer}: update to that version or a later one."));
    }

    private static StageContent ReadStage(ZipArchive zip, StageEntry entry, string name)
    {
        var stage = new StageContent(entry.Name) { OptionsJson = entry.Options.GetRawText() };
        foreach (PartEntry part in entry.Parts)
        {
            stage.AddPart(part.Name, ReadPart(zip, part, $"stage '{entry.Name}'", name));
        }
        return stage;
    }

    private static Dictionary<string, ReadOnlyMemory<byte>> ReadAttachments(ZipArchive zip, IReadOnlyList<PartEntry> parts, string name)
    {
        string? problem = ModelAttachments.Problem([.. parts.Select(p => p.Name)]) ?? parts.Where(p => p.Entry != Root + p.Name).Select(p => $"the attachment '{p.Name}' lies at '{p.Entry}'").FirstOrDefault();
        if (problem is not null) throw new ModelFormatException($"'{name}' has a '{ManifestEntry}' that cannot be: {problem}.");
        var attachments = new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal);
        long left = ModelAttachments.MaximumBytes;
        foreach (PartEntry part in parts)
        {
            byte[] content = ReadPart(zip, part, "attachments", name, left);
            attachments.Add(part.Name, content);
            left -= content.Length;
        }
        return attachments;
    }

    private static byte[] ReadPart(ZipArchive zip, PartEntry part, string owner, string name, long limit = MaximumPartBytes)
    {
        ZipArchiveEntry file = zip.GetEntry(part.Entry) ?? throw new ModelFormatException($"'{name}' lacks '{part.Entry}', a part of its {owner}.");
        byte[] content = ZipEntries.Content(file, limit, name);
        if (content.Length != part.Bytes || Convert.ToHexStringLower(SHA256.HashData(content)) != part.Sha256)
            throw new ModelFormatException($"'{name}' is damaged: '{part.Entry}' is not what '{ManifestEntry}' says it is (length or SHA-256 differ).");
        return content;
    }

    private static PartEntry AddPart(ZipArchive zip, string name, string entry, ReadOnlySpan<byte> content)
    {
        Add(zip, entry, content);
        return new PartEntry(name, entry, content.Length, Convert.ToHexStringLower(SHA256.HashData(content)));
    }

    private static void Add(ZipArchive zip, string name, ReadOnlySpan<byte> content)
    {
        ZipArchiveEntry entry = zip.CreateEntry(name, CompressionLevel.Optimal);
        entry.LastWriteTime = EntryTime;
        using Stream stream = entry.Open();
        stream.Write(content);
    }

    private sealed record Manifest(
        int FormatVersion, string LibraryVersion, IReadOnlyList<ModelColumn> InputColumns, IReadOnlyList<StageEntry> Stages, IReadOnlyDictionary<string, string>? Notes,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<PartEntry>? MlNet = null,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? OnnxProblem = null,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<PartEntry>? Attachments = null);

    private sealed record StageEntry(string Name, JsonElement Options, IReadOnlyList<PartEntry> Parts);

    private sealed record PartEntry(string Name, string Entry, long Bytes, string Sha256);
}
