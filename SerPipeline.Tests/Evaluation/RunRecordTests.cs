using System.Text.Json.Nodes;
using SerPipeline.Evaluation;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Evaluation;

public class RunRecordTests
{
    private enum Reduction { Mean }

    private sealed record SomeOptions
    {
        public int MelBands { get; init; } = 64;
        public double ClipNorm { get; init; } = double.PositiveInfinity;
        public Reduction Reduction { get; init; } = Reduction.Mean;
        public string? Device { get; init; }
    }

    [Fact]
    public void The_files_names_are_the_contract_and_it_reads_back()
    {
        using var folder = new TemporaryFolder();
        Record().Write(folder.File("run.json"));
        JsonObject root = JsonNode.Parse(File.ReadAllText(folder.File("run.json")))!.AsObject();
        Assert.Equal(["version", "commandLine", "protocol", "seed", "started", "finished", "environment", "data", "options"],
            root.Select(p => p.Key));
        Assert.Equal(["library", "runtime", "operatingSystem", "architecture", "processorCount", "libTorch", "device", "threads"],
            root["environment"]!.AsObject().Select(p => p.Key));
        Assert.Equal(["sha256", "clips", "content"], root["data"]!["ravdess"]!.AsObject().Select(p => p.Key));
        Assert.Equal("Bytes", (string?)root["data"]!["ravdess"]!["content"]);
        JsonNode options = root["options"]!["LogMelSpectrogram"]!;
        Assert.Equal(64, (int)options["melBands"]!);
        Assert.Equal("Infinity", (string?)options["clipNorm"]);
        Assert.Equal("Mean", (string?)options["reduction"]);

        RunRecord read = RunRecord.Read(folder.File("run.json"));
        Assert.Equal(Record().Started, read.Started);
        Assert.Equal(Record().CommandLine, read.CommandLine);
        Assert.Equal(Record().Data["ravdess"], read.Data["ravdess"]);
        Assert.Equal(Environment.ProcessorCount, read.Environment.ProcessorCount);
        Assert.Equal("2.10.0", read.Environment.LibTorch);
        read.Write(folder.File("again.json"));
        Assert.Equal(File.ReadAllBytes(folder.File("run.json")), File.ReadAllBytes(folder.File("again.json")));
    }

    [Fact]
    public void A_record_without_its_seed_is_refused()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("run.json");
        Record().Write(path);
        JsonNode root = JsonNode.Parse(File.ReadAllText(path))!;
        root.AsObject().Remove("seed");
        File.WriteAllText(path, root.ToJsonString());
        Assert.Contains("'seed'", Assert.Throws<EvaluationException>(() => RunRecord.Read(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_need_different_names() =>
        Assert.Throws<ArgumentException>(() => RunRecord.Describe(("a", new SomeOptions()), ("a", new SomeOptions())));

    internal static RunRecord Record() => new()
    {
        CommandLine = ["ser", "train", "--data", "a folder/ravdess"],
        Protocol = "speaker-independent",
        Seed = 42,
        Started = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
        Finished = new DateTimeOffset(2026, 1, 2, 3, 14, 6, TimeSpan.Zero),
        Environment = RunEnvironment.Current() with { LibTorch = "2.10.0", Device = "cpu", Threads = 2 },
        Data = new Dictionary<string,
            DataFingerprint>
        { ["ravdess"] = new() { Sha256 = new string('a', 64), Clips = 1440, Content = FingerprintContent.Bytes } },
        Options = RunRecord.Describe(("LogMelSpectrogram", new SomeOptions())),
    };
}
