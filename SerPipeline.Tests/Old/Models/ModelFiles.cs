using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using SerPipeline.Old.Models;
using SerPipeline.Old.Pipeline;
using SerPipeline.Tests.Old.Pipeline;
using SerPipeline.Tests.Support;
using SerPipeline.Tests.Old.Trainers;

namespace SerPipeline.Tests.Old.Models;

/// <summary>A small trained model as a file, and ways to change what is in it.</summary>
public sealed class ModelFiles : IDisposable
{
    private const string Manifest = "SerPipeline/model.json";
    private readonly TemporaryFolder _folder = new();

    public ModelFiles()
    {
        var ser = new SerContext(1);
        Rows = Toys.Clouds(30, seed: 1);
        var chain = ser.Transforms.NormalizeMeanVariance("Features")
            .Append(ser.MulticlassClassification.Trainers.Mlp(new() { Epoch = 2, HiddenUnits = [5] }))
            .Append(ser.Transforms.Conversion.MapKeyToValue("PredictedLabel"));
        using var model = chain.Fit(Rows);
        Scores = RowPrints.Of(model.Transform(Rows), "Score", "PredictedLabel");
        Path = _folder.File("model.zip");
        ser.Model.Save(model, Rows.Schema, Path, Notes, Attachments);
        Bytes = File.ReadAllBytes(Path);
    }

    public static IReadOnlyDictionary<string, string> Notes { get; } = new Dictionary<string, string> { ["protocol"] = "random", ["note"] = "é \"quoted\"" };

    public static IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Attachments { get; } = new Dictionary<string, ReadOnlyMemory<byte>>
    {
        ["README.md"] = Encoding.UTF8.GetBytes("# A card\n\nÜber \"this\" model.\n"),
        ["tables/some scores.csv"] = Encoding.UTF8.GetBytes("a,b\n1,2\n"),
        ["empty"] = ReadOnlyMemory<byte>.Empty,
    };

    internal IDataView Rows { get; }

    public IReadOnlyList<string> Scores { get; }

    public string Path { get; }

    public byte[] Bytes { get; }

    public void Dispose() => _folder.Dispose();

    public string New(byte[] content)
    {
        string path = _folder.File($"{Guid.NewGuid():N}.zip");
        File.WriteAllBytes(path, content);
        return path;
    }

    public string NewName() => _folder.File($"{Guid.NewGuid():N}.zip");

    public string[] Files() => [.. Directory.GetFiles(_folder.Path).Order(StringComparer.Ordinal)];

    /// <summary>The error of loading these bytes; a model that loads fails the test.</summary>
    public ModelFormatException Refused(byte[] content) => Refused(New(content));

    public static ModelFormatException Refused(string path) => Assert.Throws<ModelFormatException>(() => new SerContext().Model.Load(path, out _).Dispose());

    /// <summary>The model with another manifest, in a zip that is whole.</summary>
    public byte[] WithManifest(Action<JsonObject> change) => WithManifest(Bytes, change);

    public static byte[] WithManifest(byte[] model, Action<JsonObject> change)
    {
        JsonObject manifest = ManifestOf(model);
        change(manifest);
        return WithEntries(model, entries => entries[Manifest] = Encoding.UTF8.GetBytes(manifest.ToJsonString()));
    }

    public static JsonObject ManifestOf(byte[] model)
    {
        byte[] json = [];
        WithEntries(model, entries => json = entries[Manifest]);
        return JsonNode.Parse(json)!.AsObject();
    }

    public static byte[] WithEntries(byte[] model, Action<Dictionary<string, byte[]>> change)
    {
        var entries = new Dictionary<string, byte[]>();
        using (var zip = new ZipArchive(new MemoryStream(model)))
            foreach (ZipArchiveEntry entry in zip.Entries)
            {
                using Stream stream = entry.Open();
                var content = new MemoryStream();
                stream.CopyTo(content);
                entries[entry.FullName] = content.ToArray();
            }
        change(entries);
        return Zip(entries);
    }

    public static byte[] Zip(IReadOnlyDictionary<string, byte[]> entries)
    {
        var result = new MemoryStream();
        using (var zip = new ZipArchive(result, ZipArchiveMode.Create, leaveOpen: true))
            foreach ((string name, byte[] content) in entries)
            {
                using Stream stream = zip.CreateEntry(name).Open();
                stream.Write(content);
            }
        return result.ToArray();
    }

    /// <summary>Everything a document holds, as bytes.</summary>
    public static byte[] Canonical(ModelDocument document)
    {
        var stream = new MemoryStream();
        new ZipModelFormat().Write(stream, document);
        return stream.ToArray();
    }
}
