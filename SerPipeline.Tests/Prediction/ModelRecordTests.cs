using System.IO.Compression;
using System.Text;
using SerPipeline.Prediction;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Prediction;

public sealed class ModelRecordTests : IDisposable
{
    private static readonly string Fixtures = Path.Combine(Companions.Repository(), "SerPipeline.Tests", "Prediction", "Fixtures");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_record_is_read_as_it_was_written()
    {
        string path = Write(Sample());
        ModelRecord found = ModelRecord.Read(path);
        Assert.True(ModelRecord.IsIn(path));
        Assert.Equal((3, "Sound", 16000, "Score"), (found.FormatVersion, found.WaveformColumn, found.SampleRateHz, found.ScoreColumn));
        Assert.Equal(["a", "b"], found.Labels);
        Assert.Equal("LogMelSpectrogram", Assert.Single(found.Stages).Name);
        Assert.Equal(64, found.Stages[0].Options.GetProperty("melBands").GetInt32());
        Assert.Equal([1, 2, 3], found.Scoring!.Value.ToArray());
        Assert.Equal("text", Encoding.UTF8.GetString(found.Attachments["docs/README.md"].Span));
        Assert.Equal("deep", found.Notes["trainer"]);
    }

    [Fact]
    public void The_same_record_gives_the_same_bytes() =>
        Assert.Equal(File.ReadAllBytes(Write(Sample(), "a.zip")), File.ReadAllBytes(Write(Sample(), "b.zip")));

    [Fact]
    public void Format_2_is_read_with_its_graph()
    {
        ModelRecord record = ModelRecord.Read(Path.Combine(Fixtures, "model-v2.zip"));
        Assert.Equal((2, true), (record.FormatVersion, record.ScoresWaveform));
        Assert.Equal("LoadAudio", record.Stages[0].Name);
        Assert.NotEmpty(record.Labels);
        using var session = new Microsoft.ML.OnnxRuntime.InferenceSession(record.Scoring!.Value.ToArray());
        Assert.Equal(record.ScoringInputs, session.InputNames);
        Assert.Contains("probabilities", session.OutputNames);
    }

    [Fact]
    public void Format_1_is_refused_with_what_to_do() =>
        Refused(Path.Combine(Fixtures, "model-v1.zip"), "format version 1", "Train the model again");

    [Fact]
    public void A_newer_format_is_refused_with_its_writer()
    {
        string path = Write(Sample() with { FormatVersion = 4, LibraryVersion = "9.8.7" });
        Refused(path, "format version 4", "9.8.7");
    }

    [Fact]
    public void Foreign_zips_and_other_files_are_refused()
    {
        string zip = _folder.File("foreign.zip"), text = _folder.File("text.zip"), ml = _folder.File("ml.zip");
        using (ZipArchive archive = ZipFile.Open(zip, ZipArchiveMode.Create)) archive.CreateEntry("hello.txt");
        using (ZipArchive archive = ZipFile.Open(ml, ZipArchiveMode.Create)) archive.CreateEntry("TransformerChain/Model.key");
        File.WriteAllText(text, "no zip at all");
        Refused(zip, "no SerPipeline model");
        Refused(ml, "ml.Model.Load");
        Refused(text, "no model that can be read");
        Assert.False(ModelRecord.IsIn(text));
        byte[] whole = File.ReadAllBytes(Write(Sample()));
        File.WriteAllBytes(text, whole[..(whole.Length / 2)]);
        Refused(text, "no model that can be read");
    }

    [Theory]
    [InlineData("SerPipeline/scoring.onnx")]
    [InlineData("TransformerChain/Model.key")]
    [InlineData("SerPipeline/docs/README.md")]
    public void Changed_lost_and_added_entries_are_found(string entry)
    {
        string path = Write(Sample());
        Change(path, zip =>
        {
            zip.GetEntry(entry)!.Delete();
            using Stream stream = zip.CreateEntry(entry).Open();
            stream.Write([9, 9, 9]);
        });
        Refused(path, "damaged", entry);
        Change(path, zip => zip.GetEntry(entry)!.Delete());
        Refused(path, "lacks", entry);
        path = Write(Sample());
        Change(path, zip => zip.CreateEntry("TransformerChain/Other.key"));
        Refused(path, "Other.key", "does not list");
    }

    [Fact]
    public void An_entry_that_claims_too_much_is_not_unpacked()
    {
        string path = Write(Sample());
        Change(path, zip =>
        {
            zip.GetEntry("SerPipeline/model.json")!.Delete();
            using Stream stream = zip.CreateEntry("SerPipeline/model.json", CompressionLevel.SmallestSize).Open();
            var zeros = new byte[1 << 20];
            for (int i = 0; i < 17; i++) stream.Write(zeros);
        });
        Refused(path, "claims 17825792 bytes");
    }

    [Theory]
    [InlineData("../up.txt")]
    [InlineData("scoring.onnx")]
    [InlineData("model.json")]
    [InlineData("/root")]
    public void Names_of_attachments_are_checked(string name) =>
        Assert.Contains("attachment",
            Assert.Throws<ModelFormatException>(() => Write(Sample() with
            {
                Attachments = new Dictionary<string, ReadOnlyMemory<byte>> { [name] = new byte[1] },
            })).Message, StringComparison.Ordinal);

    private static void Refused(string path, params string[] words)
    {
        ModelFormatException e = Assert.Throws<ModelFormatException>(() => ModelRecord.Read(path));
        foreach (string word in words.Append(path)) Assert.Contains(word, e.Message, StringComparison.Ordinal);
    }

    private static void Change(string path, Action<ZipArchive> change)
    {
        using ZipArchive zip = ZipFile.Open(path, ZipArchiveMode.Update);
        change(zip);
    }

    private static ModelRecord Sample() => new()
    {
        Stages = [new ModelStage("LogMelSpectrogram", "LogMel", "Sound",
            SerPipeline.Transforms.StageOptions.Write(new SerPipeline.Features.LogMelOptions { MelBands = 64 }))],
        Labels = ["a", "b"],
        SampleRateHz = 16000,
        WaveformColumn = "Sound",
        ScoringInputs = ["LogMel"],
        Scoring = new byte[] { 1, 2, 3 },
        Notes = new Dictionary<string, string> { ["trainer"] = "deep" },
        Attachments = new Dictionary<string, ReadOnlyMemory<byte>> { ["docs/README.md"] = "text"u8.ToArray() },
    };

    private string Write(ModelRecord record, string name = "model.zip")
    {
        using var saved = new MemoryStream();
        using (var zip = new ZipArchive(saved, ZipArchiveMode.Create, leaveOpen: true))
        {
            using Stream stream = zip.CreateEntry("TransformerChain\\Model.key").Open();
            stream.Write([1, 2, 3, 4]);
        }
        string path = _folder.File(name);
        using FileStream file = File.Create(path);
        ModelZip.Write(file, saved, record);
        return path;
    }
}
