using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using SerPipeline.Prediction;
using SerPipeline.Tests.Robustness;
using SerPipeline.Tests.Support;
using SerPipeline.Transforms;

namespace SerPipeline.Tests.Prediction;

/// <summary>Whatever happens to a file, it is either refused with a <see cref="ModelFormatException"/> or gives exactly what was
/// saved.</summary>
public sealed class DamagedZipTests(ToneModel tones)
{
    private const string Manifest = "SerPipeline/model.json";

    private byte[] Bytes { get; } = File.ReadAllBytes(tones.Path);

    [Fact]
    public void A_file_cut_short_anywhere_is_refused()
    {
        int[] lengths = [.. Enumerable.Range(0, Bytes.Length).Where(l => l % 41 == 0 || l < 64 || l > Bytes.Length - 200)];
        foreach (int length in lengths) Assert.Throws<ModelFormatException>(() => Read(Bytes[..length]));
    }

    [Fact]
    public void A_file_with_any_bit_turned_is_refused_or_still_holds_the_same()
    {
        string whole = Content(Read(Bytes));
        var random = new SeededRandom(2024);
        int refused = 0;
        const int Trials = 2000;
        for (int i = 0; i < Trials; i++)
        {
            byte[] damaged = [.. Bytes];
            int at = random.Next(damaged.Length), bit = random.Next(8);
            damaged[at] ^= (byte)(1 << bit);
            ModelRecord? read = null;
            Exception? error = Record.Exception(() => read = Read(damaged));
            Assert.True(error is null or ModelFormatException, $"byte {at} bit {bit}: {error}");
            if (error is not null) refused++;
            else Assert.True(whole == Content(read!), $"byte {at} bit {bit}: accepted with other content");
        }
        // Only names, times and attributes in the zip's own records may change without harm.
        Assert.InRange(refused, Trials * 8 / 10, Trials);
    }

    [Fact]
    public void Stretches_of_noise_or_zeros_are_refused_or_harmless()
    {
        string whole = Content(Read(Bytes));
        var random = new SeededRandom(5);
        int refused = 0;
        const int Trials = 400;
        for (int i = 0; i < Trials; i++)
        {
            byte[] damaged = [.. Bytes];
            int length = 1 + random.Next(40), at = random.Next(damaged.Length - length);
            for (int j = 0; j < length; j++) damaged[at + j] = (byte)(i % 3 == 0 ? 0 : i % 3 == 1 ? 255 : random.Next(256));
            Exception? error = Record.Exception(() => Assert.Equal(whole, Content(Read(damaged))));
            Assert.True(error is null or ModelFormatException, $"{length} bytes at {at}: {error}");
            if (error is not null) refused++;
        }
        Assert.InRange(refused, Trials * 9 / 10, Trials);
    }

    // Each value of the manifest in turn replaced by other JSON, or gone, in a zip that is whole: the checksums say nothing here, the
    // reader must.
    [Fact]
    public void A_manifest_with_any_value_replaced_is_refused_or_loads()
    {
        string[] paths = [.. Paths(ManifestOf(Bytes))];
        Assert.Contains("/stages/0/options/sampleRateHz", paths);
        Assert.InRange(paths.Length, 40, 400);
        string?[] replacements = [null, "null", "{}", "[]", "[null]", "-1", "0", "1e300", "2147483648", "\"\"", "\"x\"", "true", "[-5]"];
        // A third of the pairs, each value and each replacement among them: the others tell nothing new and take seconds.
        (string Path, string? By)[] pairs = [.. paths.Index().SelectMany(path => replacements.Index()
            .Where(by => (path.Index + by.Index) % 3 == 0).Select(by => (path.Item, by.Item)))];
        int refused = 0;
        foreach ((string path, string? replacement) in pairs)
        {
            byte[] changed = WithManifest(Bytes, manifest => Replace(manifest, path, replacement));
            Exception? error = Record.Exception(() => SerModel.Load(new MemoryStream(changed)).Dispose());
            Assert.True(error is null or ModelFormatException, $"{path} = {replacement ?? "removed"}: {error}");
            if (error is not null) refused++;
        }
        // Some values may be others, such as a name.
        Assert.InRange(refused, pairs.Length * 85 / 100, pairs.Length * 97 / 100);
    }

    [Fact]
    public void Every_stage_without_or_with_wrong_options_is_refused()
    {
        foreach (string stage in new[] { "LoadAudio", "PrepareWaveform", "LogMelSpectrogram", "SpectrogramImage", "UtteranceFeatures",
            "PaperMfcc", "Other" })
            foreach (string options in new[] { "null", "[]", "7", "{\"noSuchOption\":1}" })
                Assert.Throws<ModelFormatException>(() => ClipStage.Create(stage,
                    System.Text.Json.JsonDocument.Parse(options).RootElement));
    }

    // What ML.NET would run and what SerModel runs must be of one model.
    [Fact]
    public void A_zip_put_together_of_two_models_is_refused()
    {
        using var folder = new TemporaryFolder();
        byte[] one = File.ReadAllBytes(TinyModels.Mlp(folder.File("mlp.zip"))),
            other = File.ReadAllBytes(TinyModels.Lbfgs(folder.File("lbfgs.zip")));
        Dictionary<string, byte[]> theirs = ZipCases.Entries(other);
        string[] chain = [.. ZipCases.Entries(one).Where(e => e.Key.StartsWith("TransformerChain/", StringComparison.Ordinal)
            && theirs.TryGetValue(e.Key, out byte[]? content) && !content.AsSpan().SequenceEqual(e.Value)).Select(e => e.Key)];
        Assert.NotEmpty(chain);
        foreach (string[] taken in new string[][] { chain, ["SerPipeline/scoring.onnx"], [chain[^1]] })
            Assert.Contains("is damaged", Refused(ZipCases.Zip(WithTaken(taken))).Message, StringComparison.Ordinal);

        Dictionary<string, byte[]> WithTaken(string[] taken)
        {
            Dictionary<string, byte[]> mixed = ZipCases.Entries(one);
            foreach (string name in taken) mixed[name] = theirs[name];
            return mixed;
        }
    }

    [Fact]
    public void A_graph_of_other_labels_or_of_no_known_labels_is_refused()
    {
        foreach (string labels in new[] { """["low","middle"]""", """["low","middle","high","more"]""", "[]" })
            Assert.Throws<ModelFormatException>(() =>
                SerModel.Load(new MemoryStream(WithManifest(Bytes, m => m["labels"] = JsonNode.Parse(labels)))));
    }

    [Fact]
    public void A_zip_with_two_entries_of_one_name_is_refused()
    {
        var stream = new MemoryStream();
        stream.Write(Bytes);
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Update, leaveOpen: true))
        using (Stream second = zip.CreateEntry("SerPipeline/README.md").Open())
            second.Write("another card"u8);
        Assert.Contains("'SerPipeline/README.md' twice", Refused(stream.ToArray()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_entry_that_claims_a_size_it_has_not_is_refused_without_taking_that_much_memory()
    {
        byte[] patched = [.. Bytes];
        // The uncompressed size in every central directory record (signature PK\1\2, size at 24).
        int records = 0;
        for (int i = 0; i < patched.Length - 28; i++)
            if (BinaryPrimitives.ReadUInt32LittleEndian(patched.AsSpan(i)) == 0x02014b50)
            {
                BinaryPrimitives.WriteUInt32LittleEndian(patched.AsSpan(i + 24), 15 << 20);
                records++;
            }
        Assert.True(records >= 3);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<ModelFormatException>(() => Read(patched));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 << 20);
    }

    [Fact]
    public void Two_attachments_that_would_be_one_file_are_neither_written_nor_read()
    {
        ModelRecord record = Read(Bytes);
        foreach ((string one, string other) in new[] { ("README.md", "readme.MD"), ("a", "a/b"), ("x/y", "x/y/z") })
        {
            var both = new Dictionary<string, ReadOnlyMemory<byte>> { [one] = new byte[] { 1 }, [other] = new byte[] { 1 } };
            Assert.Contains(one, Assert.Throws<ModelFormatException>(() => ToneModel.Zip(record with { Attachments = both })).Message,
                StringComparison.Ordinal);
            byte[] file = WithManifest(Bytes, m => m["attachments"] = new JsonArray(one, other));
            Assert.Contains(one, Refused(file).Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("/etc/passwd")]
    [InlineData("a/../b")]
    [InlineData("a//b")]
    [InlineData("a/.")]
    [InlineData("C:\\temp")]
    [InlineData("a\\b")]
    [InlineData("tab\t")]
    [InlineData("dot.")]
    [InlineData("Model.JSON")]
    [InlineData("stages/00-Mlp/weights")]
    public void A_name_that_could_leave_the_folder_or_hide_a_part_is_neither_written_nor_read(string name)
    {
        var attachments = new Dictionary<string, ReadOnlyMemory<byte>> { [name] = new byte[] { 1 } };
        Assert.Contains("attachment",
            Assert.Throws<ModelFormatException>(() => ToneModel.Zip(Read(Bytes) with { Attachments = attachments })).Message,
            StringComparison.Ordinal);
        Assert.Contains("attachment", Refused(WithManifest(Bytes, m => m["attachments"] = new JsonArray(name))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Attachments_larger_than_allowed_together_are_neither_written_nor_read()
    {
        var half = new byte[(ModelAttachments.MaximumBytes / 2) + 1];
        // Zeros would be refused as made to fill memory.
        System.Security.Cryptography.RandomNumberGenerator.Fill(half);
        var both = new Dictionary<string, ReadOnlyMemory<byte>> { ["a"] = half, ["b"] = half };
        Assert.Contains("67108866 bytes", Assert.Throws<ModelFormatException>(() => ToneModel.Zip(Read(Bytes) with { Attachments = both }))
            .Message, StringComparison.Ordinal);
        JsonObject Entry(string name) => new()
        {
            ["entry"] = name,
            ["bytes"] = half.Length,
            ["sha256"] = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(half)),
        };
        Dictionary<string, byte[]> entries = ZipCases.Entries(WithManifest(Bytes, m =>
        {
            m["attachments"] = new JsonArray("a", "b");
            m["entries"]!.AsArray().Add(Entry("SerPipeline/a"));
            m["entries"]!.AsArray().Add(Entry("SerPipeline/b"));
        }));
        entries["SerPipeline/a"] = entries["SerPipeline/b"] = half;
        Assert.Contains("'SerPipeline/b', more than", Refused(ZipCases.Zip(entries)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Saving_is_whole_or_not_at_all_and_repeats_to_the_byte()
    {
        using var folder = new TemporaryFolder();
        using var chain = Onnx.ExportedChains.Utterance();
        Microsoft.ML.MLContext ml = new();
        string path = folder.File("model.zip"), again = folder.File("again.zip");
        ml.Model.SavePortable(chain, Onnx.ExportedChains.Paths, path);
        ml.Model.SavePortable(chain, Onnx.ExportedChains.Paths, again);
        byte[] whole = File.ReadAllBytes(path);
        Assert.Equal(whole, File.ReadAllBytes(again));
        using var unfit = Onnx.ExportedChains.WithoutForm();
        Assert.Throws<ModelExportException>(() => ml.Model.SavePortable(unfit, Onnx.ExportedChains.Paths, path));
        Assert.Throws<ModelFormatException>(() => ml.Model.SavePortable(
            chain, Onnx.ExportedChains.Paths, path, attachments: new Dictionary<string, ReadOnlyMemory<byte>> { ["../up"] = new byte[1] }));
        Assert.Equal(whole, File.ReadAllBytes(path));
        Assert.Equal(2, Directory.GetFileSystemEntries(folder.Path).Length);
    }

    private static ModelRecord Read(byte[] zip) => ModelRecord.Read(new MemoryStream(zip), "zip");

    private static ModelFormatException Refused(byte[] zip) => Assert.Throws<ModelFormatException>(() => Read(zip));

    private static string Content(ModelRecord record) => Convert.ToBase64String(ToneModel.Zip(record).ToArray());

    private static byte[] WithManifest(byte[] zip, Action<JsonObject> change)
    {
        Dictionary<string, byte[]> entries = ZipCases.Entries(zip);
        JsonObject manifest = ManifestOf(zip);
        change(manifest);
        entries[Manifest] = Encoding.UTF8.GetBytes(manifest.ToJsonString());
        return ZipCases.Zip(entries);
    }

    private static JsonObject ManifestOf(byte[] zip) => JsonNode.Parse(ZipCases.Entries(zip)[Manifest])!.AsObject();

    private static IEnumerable<string> Paths(JsonNode node) => node switch
    {
        JsonObject o => o.SelectMany(p => p.Value is null ? [$"/{p.Key}"]
            : Paths(p.Value).Select(below => $"/{p.Key}{below}").Prepend($"/{p.Key}")),
        JsonArray a => a.SelectMany((v, i) => v is null ? [$"/{i}"] : Paths(v).Select(below => $"/{i}{below}").Prepend($"/{i}")),
        _ => [],
    };

    private static void Replace(JsonNode root, string path, string? replacement)
    {
        string[] steps = path.Split('/')[1..];
        JsonNode parent = root;
        foreach (string step in steps[..^1]) parent = parent is JsonArray a ? a[int.Parse(step)]! : parent[step]!;
        JsonNode? value = replacement is null ? null : JsonNode.Parse(replacement);
        if (parent is JsonArray array)
        {
            if (replacement is null) array.RemoveAt(int.Parse(steps[^1]));
            else array[int.Parse(steps[^1])] = value;
        }
        else if (replacement is null)
        {
            parent.AsObject().Remove(steps[^1]);
        }
        else
        {
            parent[steps[^1]] = value;
        }
    }
}
