using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace SerPipeline.Tests.Robustness;

/// <summary>Model zips with names, entries and records changed, most of them with the checksums that belong to them.</summary>
internal static class ZipCases
{
    private const string Manifest = "SerPipeline/model.json";

    private static readonly string[] Names =
    [
        "../up.txt", "/etc/passwd", "..\\up.txt", "C:\\x", "a/../../b", "SerPipeline/../x", "SerPipeline/model.json/",
        "TransformerChain/Model.key",
        "TransformerChain/Transform_000/Model.key", "SerPipeline/scoring.onnx", "SerPipeline/MODEL.JSON", ".", "model.zip", "con", "a\0b",
        "Schema", "TrainingInfo/Version.txt",
    ];

    public static Dictionary<string, byte[]> Entries(byte[] model)
    {
        using var zip = new ZipArchive(new MemoryStream(model));
        return zip.Entries.ToDictionary(entry => entry.FullName, entry =>
        {
            using Stream stream = entry.Open();
            using var content = new MemoryStream();
            stream.CopyTo(content);
            return content.ToArray();
        });
    }

    public static byte[] Of(SeededRandom random, Dictionary<string, byte[]> seed)
    {
        var entries = seed.Select(entry => (Name: entry.Key, Content: entry.Value)).ToList();
        bool isHonest = !random.Chance(4);
        for (int changes = random.Next(1, 4); changes > 0; changes--)
        {
            int at = random.Next(entries.Count);
            (string name, byte[] content) = entries[at];
            switch (random.Next(9))
            {
                case 0: entries.RemoveAt(at); break;
                case 1: entries.Add((name, content)); break;
                case 2: entries[at] = (random.Pick(Names), content); break;
                case 3: entries.Add((random.Pick(Names), random.Bytes(random.Next(0, 50)))); break;
                case 4: entries[at] = (name, entries[random.Next(entries.Count)].Content); break;
                case 5 when name == "SerPipeline/scoring.onnx" && seed.TryGetValue(name, out byte[]? graph):
                    entries[at] = (name, OnnxCases.Of(random, graph));
                    break;
                case 6 when random.Chance(20): entries.Add(("SerPipeline/zeros", new byte[48 << 20])); break;
                default:
                    if (name != Manifest && content.Length > 0) entries[at] = (name, random.Damage(content, 3));
                    break;
            }
            if (entries.Count == 0) break;
        }
        int manifest = entries.FindIndex(entry => entry.Name == Manifest);
        if (manifest >= 0)
        {
            byte[] json = isHonest ? Honest(entries[manifest].Content, entries) : entries[manifest].Content;
            if (json is [(byte)'{', ..] && random.Chance(2)) json = TextCases.Json(random, Encoding.UTF8.GetString(json));
            entries[manifest] = (Manifest, json);
        }
        byte[] file = Zip(entries);
        return random.Chance(4) ? random.Damage(file, 3) : file;
    }

    public static byte[] Zip(Dictionary<string, byte[]> entries) => Zip(entries.Select(entry => (entry.Key, entry.Value)));

    public static byte[] Zip(IEnumerable<(string Name, byte[] Content)> entries, CompressionLevel level = CompressionLevel.Fastest)
    {
        using var result = new MemoryStream();
        using (var zip = new ZipArchive(result, ZipArchiveMode.Create, leaveOpen: true))
            foreach ((string name, byte[] content) in entries)
            {
                using Stream stream = zip.CreateEntry(name, level).Open();
                stream.Write(content);
            }
        return result.ToArray();
    }

    // The record vouches for what is there now.
    private static byte[] Honest(byte[] json, List<(string Name, byte[] Content)> entries)
    {
        // Another entry's content may lie under the record's name.
        if (json is not [(byte)'{', ..] || JsonNode.Parse(json) is not JsonObject record) return json;
        record["entries"] = new JsonArray([.. entries.Where(entry => entry.Name != Manifest).Select(entry => new JsonObject
        {
            ["entry"] = entry.Name,
            ["bytes"] = entry.Content.Length,
            ["sha256"] = Convert.ToHexStringLower(SHA256.HashData(entry.Content)),
        })]);
        return Encoding.UTF8.GetBytes(record.ToJsonString());
    }
}
