using System.IO.Compression;
using System.IO.Hashing;
using System.Text.Json.Serialization;

namespace SerPipeline.Prediction;

/// <summary>
/// The record's place in a zip: <c>SerPipeline/model.json</c> with the SHA-256 of every other entry, <c>SerPipeline/scoring.onnx</c> and
/// attachments under
/// <c>SerPipeline/NAME</c>. ML.NET passes the folder over.
/// </summary>
internal static class ModelZip
{
    public const string Root = "SerPipeline/";
    public const string ManifestEntry = Root + "model.json";
    public const string ScoringEntry = Root + "scoring.onnx";

    private const string ZipSignature = "a zip archive";
    private const int MaximumEntries = 10_000;
    private const int MaximumManifestBytes = 16 << 20;
    private const long MaximumEntryBytes = 1L << 30;

    // Weights hardly compress and texts to a tenth; zeros, made to fill memory, to a thousandth.
    private const long MaximumRatio = 100, RatioFromBytes = 1L << 20;

    // The same model gives the same bytes whenever it is saved; the earliest time that a zip can hold.
    private static readonly DateTimeOffset EntryTime = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Of everything in a model that is read as JSON: nothing that a type needs may be missing or null.</summary>
    public static readonly JsonSerializerOptions Strict = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true
    };

    private static readonly JsonSerializerOptions Json = new(Strict)
    {
        WriteIndented = true,
        NewLine = "\n",
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull
    };

    public static bool HasRecord(string path)
    {
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

    /// <summary>Copies what ML.NET saved, and adds the record.</summary>
    public static void Write(Stream destination, Stream saved, ModelRecord record)
    {
        ModelAttachments.Require(record.Attachments);
        using var source = new ZipArchive(saved, ZipArchiveMode.Read, leaveOpen: true);
        using var zip = new ZipArchive(destination, ZipArchiveMode.Create, leaveOpen: true);
        var entries = new List<FileEntry>();
        // Of a file that has a record already, ML.NET's part alone.
        foreach (ZipArchiveEntry entry in source.Entries.Where(e => !e.FullName.StartsWith(Root, StringComparison.Ordinal)))
        {
            using Stream stream = entry.Open();
            using var content = new MemoryStream();
            stream.CopyTo(content);
            // ML.NET writes the separator of the saving system; every reader takes this one.
            entries.Add(Add(zip, entry.FullName.Replace('\\', '/'), content.GetBuffer().AsSpan(0, (int)content.Length)));
        }
        if (record.Scoring is { } scoring) entries.Add(Add(zip, ScoringEntry, scoring.Span));
        string[] attachments = [.. record.Attachments.Keys.Order(StringComparer.Ordinal)];
        foreach (string name in attachments) entries.Add(Add(zip, Root + name, record.Attachments[name].Span));
        var manifest = new Manifest(
            record.FormatVersion, record.LibraryVersion, record.Stages, record.Labels, record.ScoreColumn, record.ScoringInputs,
                record.Notes, attachments, entries,
            record.SampleRateHz, record.WaveformColumn, record.ScoringProblem);
        Add(zip, ManifestEntry, JsonSerializer.SerializeToUtf8Bytes(manifest, Json));
    }

    public static ModelRecord Read(Stream source, string name)
    {
        try
        {
            using var zip = new ZipArchive(source, ZipArchiveMode.Read, leaveOpen: true);
            return Read(zip, name);
        }
        catch (Exception e) when (e is InvalidDataException or JsonException or EndOfStreamException or NotSupportedException
            or ArgumentException or OverflowException or InvalidOperationException or FormatException)
        {
            throw new ModelFormatException(OtherFile(source, name)
                ?? $"'{name}' is no model that can be read: {e.Message} It may be truncated or damaged; save or download it again.", e);
        }
    }

    // What lies there instead, where its first bytes tell.
    private static string? OtherFile(Stream source, string name)
    {
        source.Position = 0;
        var head = new byte[512];
        var signature = Audio.AudioSignature.Of(head.AsSpan(0, source.ReadAtLeast(head, head.Length, throwOnEndOfStream: false)));
        if (signature.IsMedia || signature.What == ZipSignature) return null;
        string advice = signature.What.StartsWith("a git", StringComparison.OrdinalIgnoreCase) ? signature.Advice!
            : "Download the model again.";
        return $"'{name}' is no model that can be read, it is {signature.What}. {advice}";
    }

    private static ModelRecord Read(ZipArchive zip, string name)
    {
        if (zip.Entries.Count > MaximumEntries)
            throw new ModelFormatException(string.Create(CultureInfo.InvariantCulture,
                $"'{name}' has {zip.Entries.Count} entries, more than the {MaximumEntries} a model may have."));
        // Of two entries with one name every reader takes the one it likes.
        if (zip.Entries.GroupBy(e => e.FullName, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new ModelFormatException($"'{name}' holds '{twice.Key}' twice, so that nobody can tell which one is meant. Save or "
                + $"download it again.");
        if (zip.Entries.FirstOrDefault(e => e.FullName.Split('/', '\\').Contains("..") || Path.IsPathRooted(e.FullName)) is { } outside)
            throw new ModelFormatException($"'{name}' holds '{outside.FullName}', a name that leads out of the folder it is unpacked in: "
                + "it is no model that this library wrote.");
        if (zip.GetEntry(ManifestEntry) is not { } entry) throw new ModelFormatException(Foreign(zip, name));
        byte[] json = Content(entry, MaximumManifestBytes, name);
        return Version(json, name) == ModelRecord.CurrentFormatVersion ? ReadCurrent(zip, json, name)
            : FormatVersion2.Read(zip, json, name);
    }

    private static ModelRecord ReadCurrent(ZipArchive zip, byte[] json, string name)
    {
        Manifest manifest = JsonSerializer.Deserialize<Manifest>(json, Json)
            ?? throw new ModelFormatException($"'{name}' has an empty '{ManifestEntry}'.");
        // The reader refuses null and missing members, but not null items of lists.
        if (manifest.Stages.Any(s => s is null) || manifest.Entries.Any(e => e is null)
            || manifest.Attachments.Concat(manifest.Labels).Concat(manifest.ScoringInputs).Any(t => t is null)
            || manifest.Notes.Values.Any(note => note is null))
            throw new ModelFormatException($"'{name}' has a '{ManifestEntry}' with an empty stage, entry, label or note.");
        if (ModelAttachments.Problem(manifest.Attachments) is { } problem)
            throw new ModelFormatException($"'{name}' has a '{ManifestEntry}' that cannot be: {problem}.");
        Dictionary<string, byte[]> contents = ReadEntries(zip, manifest.Entries, manifest.Attachments, name);
        byte[]? scoring = contents.GetValueOrDefault(ScoringEntry);
        if (scoring is null == manifest.ScoringProblem is null)
            throw new ModelFormatException($"'{name}' has a '{ManifestEntry}' that must have either an entry '{ScoringEntry}' or a "
                + "scoringProblem.");
        return new ModelRecord
        {
            FormatVersion = manifest.FormatVersion,
            LibraryVersion = manifest.LibraryVersion,
            Stages = manifest.Stages,
            Labels = manifest.Labels,
            SampleRateHz = manifest.SampleRateHz,
            WaveformColumn = manifest.WaveformColumn,
            ScoreColumn = manifest.ScoreColumn,
            ScoringInputs = manifest.ScoringInputs,
            ScoringProblem = manifest.ScoringProblem,
            // An array that is null would become an empty memory.
            Scoring = scoring is null ? (ReadOnlyMemory<byte>?)null : scoring,
            Notes = manifest.Notes,
            Attachments = manifest.Attachments.ToDictionary(
                a => a,
                a => (ReadOnlyMemory<byte>)(contents.GetValueOrDefault(Root + a)
                    ?? throw new ModelFormatException($"'{name}' has no checksum of the attachment '{a}'.")),
                StringComparer.Ordinal),
        };
    }

    private static Dictionary<string, byte[]> ReadEntries(
        ZipArchive zip, IReadOnlyList<FileEntry> entries, IReadOnlyList<string> attachments, string name)
    {
        // What nobody vouches for would be read by ML.NET all the same.
        var known = entries.Select(e => e.Entry).Append(ManifestEntry).ToHashSet(StringComparer.Ordinal);
        if (zip.Entries.FirstOrDefault(e => !known.Contains(e.FullName)) is { } stranger)
            throw new ModelFormatException($"'{name}' holds '{stranger.FullName}', which its '{ManifestEntry}' does not list: it was "
                + "changed after it was saved. Save it again.");
        var contents = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        var attached = attachments.Select(a => Root + a).ToHashSet(StringComparer.Ordinal);
        long left = ModelAttachments.MaximumBytes, leftOfAll = MaximumEntryBytes;
        foreach (FileEntry file in entries)
        {
            bool isAttachment = attached.Contains(file.Entry);
            byte[] content = Content(zip, file.Entry, file.Bytes, file.Sha256, name, isAttachment ? Math.Min(left, leftOfAll) : leftOfAll);
            leftOfAll -= content.Length;
            if (isAttachment) left -= content.Length;
            contents[file.Entry] = content;
        }
        return contents;
    }

    /// <summary>An entry that the manifest vouches for.</summary>
    public static byte[] Content(ZipArchive zip, string entry, long bytes, string sha256, string name, long limit = MaximumEntryBytes)
    {
        ZipArchiveEntry file = zip.GetEntry(entry)
            ?? throw new ModelFormatException($"'{name}' lacks '{entry}', which its '{ManifestEntry}' lists.");
        byte[] content = Content(file, limit, name);
        if (content.Length != bytes || Convert.ToHexStringLower(SHA256.HashData(content)) != sha256)
            throw new ModelFormatException($"'{name}' is damaged: '{entry}' is not what '{ManifestEntry}' says it is (length or SHA-256 "
                + "differ).");
        return content;
    }

    private static byte[] Content(ZipArchiveEntry entry, long limit, string name)
    {
        if (entry.Length > limit)
            throw new ModelFormatException(string.Create(CultureInfo.InvariantCulture,
                $"'{name}' claims {entry.Length} bytes for '{entry.FullName}', more than the {limit} a model may have there."));
        if (entry.Length > RatioFromBytes && entry.Length > MaximumRatio * entry.CompressedLength)
            throw new ModelFormatException(string.Create(CultureInfo.InvariantCulture,
                $"'{name}' packs {entry.Length} bytes of '{entry.FullName}' into {entry.CompressedLength}: such content is made to "
                + $"fill memory, and no model's."));
        byte[] bytes = ReadUpTo(entry, entry.Length);
        // ZipArchive compares no checksum when it reads, and the manifest has no other.
        if (bytes.Length != entry.Length || Crc32.HashToUInt32(bytes) != entry.Crc32)
            throw new ModelFormatException($"'{name}' is damaged: '{entry.FullName}' is not what the zip says it is (length or checksum "
                + "differ). Save or download it again.");
        return bytes;
    }

    /// <summary>What an entry holds, read in pieces and no further than the one that exceeds a limit: what it claims to hold may be a lie,
    /// and memory is taken only for what is there.</summary>
    public static byte[] ReadUpTo(ZipArchiveEntry entry, long limit)
    {
        using Stream stream = entry.Open();
        using var content = new MemoryStream();
        var piece = new byte[8192];
        for (int read; content.Length <= limit && (read = stream.Read(piece)) > 0;) content.Write(piece.AsSpan(0, read));
        return content.ToArray();
    }

    // The version is read first and alone: a newer layout may differ in everything else.
    private static int Version(byte[] json, string name)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        if (document.RootElement.ValueKind != JsonValueKind.Object
            || !document.RootElement.TryGetProperty("formatVersion", out JsonElement element)
            || element.ValueKind != JsonValueKind.Number || !element.TryGetInt32(out int version) || version < 1)
            throw new ModelFormatException($"'{name}' has a '{ManifestEntry}' without a format version.");
        string writer = document.RootElement.TryGetProperty("libraryVersion", out JsonElement library) ? library.ToString()
            : "of unknown version";
        if (version == 1)
            throw new ModelFormatException(
                $"'{name}' has format version 1 (written by SerPipeline {writer}): it holds weights, but no graph that this version "
                    + "could run. Train the model again, or load and save it "
                + "with the version that wrote it or one that writes format 2.");
        if (version > ModelRecord.CurrentFormatVersion)
            throw new ModelFormatException(string.Create(CultureInfo.InvariantCulture,
                $"'{name}' has format version {version}, and this library reads up to {ModelRecord.CurrentFormatVersion}. It was "
                    + $"written by SerPipeline {writer}: update to that version or a later one."));
        return version;
    }

    private static string Foreign(ZipArchive zip, string name)
    {
        string[] names = [.. zip.Entries.Select(e => e.FullName.Replace('\\', '/'))];
        if (names.FirstOrDefault(e => e.EndsWith("/" + ManifestEntry, StringComparison.Ordinal)) is { } deeper)
            return $"'{name}' holds a model in its folder '{deeper[..^ManifestEntry.Length]}', because it was unpacked and zipped again "
                + "with the folder: zip what is in that folder, or take the original.";
        if (names.Length <= 10 && names.FirstOrDefault(e => Path.GetExtension(e) is ".zip" or ".mlnet") is { } inner)
            return $"'{name}' is a zip around '{inner}', no model itself: unpack it and give that file.";
        return names.Any(e => e.StartsWith("TransformerChain/", StringComparison.Ordinal))
            ? $"'{name}' is a model of ML.NET without '{ManifestEntry}': open it by ml.Model.Load, or save it by ml.Model.SavePortable."
            : $"'{name}' is a zip but no SerPipeline model: it has no entry '{ManifestEntry}'.";
    }

    private static FileEntry Add(ZipArchive zip, string name, ReadOnlySpan<byte> content)
    {
        ZipArchiveEntry entry = zip.CreateEntry(name, CompressionLevel.Optimal);
        entry.LastWriteTime = EntryTime;
        using (Stream stream = entry.Open()) stream.Write(content);
        return new FileEntry(name, content.Length, Convert.ToHexStringLower(SHA256.HashData(content)));
    }

    private sealed record Manifest(
        int FormatVersion, string LibraryVersion, IReadOnlyList<ModelStage> Stages, IReadOnlyList<string> Labels, string ScoreColumn,
            IReadOnlyList<string> ScoringInputs,
        IReadOnlyDictionary<string, string> Notes, IReadOnlyList<string> Attachments, IReadOnlyList<FileEntry> Entries,
            int? SampleRateHz = null,
        string? WaveformColumn = null, string? ScoringProblem = null);

    private sealed record FileEntry(string Entry, long Bytes, string Sha256);
}
