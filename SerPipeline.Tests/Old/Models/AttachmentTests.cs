using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using SerPipeline.Old.Models;
using SerPipeline.Old.Pipeline;
using SerPipeline.Tests.Old.Pipeline;

namespace SerPipeline.Tests.Old.Models;

/// <summary>Files that travel with a model: whole, by name, and never in the way of the model.</summary>
public sealed class AttachmentTests(ModelFiles model) : IClassFixture<ModelFiles>
{
    private const string Card = "SerPipeline/README.md";

    [Fact]
    public void Attachments_come_back_as_they_were_and_lie_under_their_names()
    {
        ModelDocument document = new SerContext().Model.ReadDocument(model.Path);
        Assert.Equal(ModelFiles.Attachments.Keys.Order(StringComparer.Ordinal), document.Attachments.Keys.Order(StringComparer.Ordinal));
        Assert.All(ModelFiles.Attachments, a => Assert.Equal(a.Value.ToArray(), document.Attachments[a.Key].ToArray()));
        JsonObject entry = ModelFiles.ManifestOf(model.Bytes)["attachments"]!.AsArray().Select(a => a!.AsObject()).Single(a => a["name"]!.GetValue<string>() == "README.md");
        byte[] card = ModelFiles.Attachments["README.md"].ToArray();
        Assert.Equal((Card, card.Length), (entry["entry"]!.GetValue<string>(), entry["bytes"]!.GetValue<int>()));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(card)), entry["sha256"]!.GetValue<string>());
        using ZipArchive zip = ZipFile.OpenRead(model.Path);
        using var text = new StreamReader(zip.GetEntry(Card)!.Open());
        Assert.StartsWith("# A card", text.ReadToEnd(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_order_they_are_given_in_does_not_change_the_file()
    {
        ModelDocument document = new SerContext().Model.ReadDocument(model.Path);
        var turned = ModelFiles.Attachments.Reverse().ToDictionary(a => a.Key, a => a.Value);
        Assert.Equal(model.Bytes, ModelFiles.Canonical(document with { Attachments = turned }));
    }

    // A library that knows of none ignores the member, so the format's version stays; without attachments the manifest is what it was.
    [Fact]
    public void A_model_without_attachments_names_none_and_scores_the_same()
    {
        var ser = new SerContext();
        ModelDocument document = ser.Model.ReadDocument(model.Path);
        string path = model.NewName();
        ser.Model.Save(document with { Attachments = new Dictionary<string, ReadOnlyMemory<byte>>() }, path);
        Assert.False(ModelFiles.ManifestOf(File.ReadAllBytes(path)).ContainsKey("attachments"));
        Assert.Empty(ser.Model.ReadDocument(path).Attachments);
        using TransformerChain<ITransformer> loaded = ser.Model.Load(path, out _);
        Assert.Equal(model.Scores, RowPrints.Of(loaded.Transform(model.Rows), "Score", "PredictedLabel"));
    }

    [Fact]
    public void An_attachment_that_is_missing_changed_or_of_another_length_is_named()
    {
        Action<Dictionary<string, byte[]>>[] damages = [e => e.Remove(Card), e => e[Card][3] ^= 1, e => e[Card] = e[Card][..^1], e => e[Card] = [.. e[Card], 0]];
        Assert.All(damages, damage => Assert.Contains(Card, model.Refused(ModelFiles.WithEntries(model.Bytes, damage)).Message, StringComparison.Ordinal));
    }

    public static TheoryData<string> BadNames { get; } =
    [
        "", "/etc/passwd", "../up.txt", "a/../b", "a//b", "a/", ".", "..", "a/.", "C:\\temp", "a\\b", "c:x", "tab\t", "new\nline", "nul\0", "dot.", "space ", "model.json", "Model.JSON",
        "stages", "stages/00-Mlp/weights.safetensors", "STAGES/x", "quo\"te", "\ud800", new string('a', 201),
    ];

    [Theory]
    [MemberData(nameof(BadNames))]
    public void A_name_that_could_leave_the_folder_or_hide_a_part_is_neither_written_nor_read(string name)
    {
        Assert.Contains("attachment", Refused(new() { [name] = new byte[] { 1 } }), StringComparison.Ordinal);
        byte[] file = ModelFiles.WithEntries(
            model.WithManifest(m => m["attachments"] = new JsonArray(Part(name, "SerPipeline/" + name))), e => e.TryAdd("SerPipeline/" + name, [1]));
        Assert.Contains("attachment", model.Refused(file).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_attachments_that_would_be_one_file_are_neither_written_nor_read()
    {
        foreach ((string one, string other) in new[] { ("README.md", "readme.MD"), ("a", "a/b"), ("x/y", "x/y/z") })
        {
            Assert.Contains(one, Refused(new() { [one] = new byte[] { 1 }, [other] = new byte[] { 1 } }), StringComparison.Ordinal);
            byte[] file = ModelFiles.WithEntries(
                model.WithManifest(m => m["attachments"] = new JsonArray(Part(one, "SerPipeline/" + one), Part(other, "SerPipeline/" + other))),
                e => e["SerPipeline/" + one] = e["SerPipeline/" + other] = [1]);
            Assert.Contains(one, model.Refused(file).Message, StringComparison.Ordinal);
        }
        string twice = model.Refused(model.WithManifest(m => m["attachments"] = new JsonArray(Part("same", "SerPipeline/same"), Part("same", "SerPipeline/same")))).Message;
        Assert.Contains("'same'", twice, StringComparison.Ordinal);
    }

    [Fact]
    public void An_attachment_that_lies_elsewhere_than_its_name_says_is_refused()
    {
        byte[] file = ModelFiles.WithEntries(model.WithManifest(m => m["attachments"] = new JsonArray(Part("x", "TransformerChain/x"))), e => e["TransformerChain/x"] = [1]);
        Assert.Contains("TransformerChain/x", model.Refused(file).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_zip_with_two_entries_of_one_name_is_refused()
    {
        var stream = new MemoryStream();
        stream.Write(model.Bytes);
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Update, leaveOpen: true))
        using (Stream second = zip.CreateEntry(Card).Open())
            second.Write("another card"u8);
        Assert.Contains($"'{Card}' twice", model.Refused(stream.ToArray()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Attachments_larger_than_allowed_together_are_neither_written_nor_read()
    {
        var half = new byte[(ModelAttachments.MaximumBytes / 2) + 1];
        string[] before = model.Files();
        Assert.Contains("67108866 bytes", Refused(new() { ["a"] = half, ["b"] = half }), StringComparison.Ordinal);
        Assert.Equal(before, model.Files());
        byte[] file = ModelFiles.WithEntries(
            model.WithManifest(m => m["attachments"] = new JsonArray(Part("a", "SerPipeline/a", half), Part("b", "SerPipeline/b", half))),
            e => e["SerPipeline/a"] = e["SerPipeline/b"] = half);
        Assert.InRange(file.Length, 0, 1 << 20);
        Assert.Contains("'SerPipeline/b', more than", model.Refused(file).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_a_model_is_told_by_its_entry_alone()
    {
        Assert.True(ZipModelFormat.IsModel(model.Path));
        Assert.False(ZipModelFormat.IsModel(model.New(ModelFiles.Zip(new Dictionary<string, byte[]> { ["Schema"] = [1] }))));
        Assert.False(ZipModelFormat.IsModel(model.New(Encoding.UTF8.GetBytes("no zip at all"))));
        Assert.Throws<FileNotFoundException>(() => ZipModelFormat.IsModel(model.NewName()));
    }

    private string Refused(Dictionary<string, ReadOnlyMemory<byte>> attachments)
    {
        string path = model.NewName();
        var ser = new SerContext();
        ModelDocument document = ser.Model.ReadDocument(model.Path) with { Attachments = attachments };
        string message = Assert.Throws<ModelFormatException>(() => ser.Model.Save(document, path)).Message;
        Assert.False(File.Exists(path));
        return message;
    }

    private static JsonObject Part(string name, string entry, byte[]? content = null) => new()
    {
        ["name"] = name,
        ["entry"] = entry,
        ["bytes"] = content?.Length ?? 1,
        ["sha256"] = Convert.ToHexStringLower(SHA256.HashData(content ?? [1])),
    };
}
