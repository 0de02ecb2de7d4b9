using System.Text.Json;
using System.Text.Json.Nodes;
using SerPipeline.Evaluation;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Evaluation;

public class MetricsFileTests
{
    [Fact]
    public void The_files_names_are_the_contract()
    {
        using var folder = new TemporaryFolder();
        MetricsFile.From([Run(fold: 1, seed: 1), Run(fold: 2, seed: 2)]).Write(folder.File("metrics.json"));
        JsonObject root = JsonNode.Parse(File.ReadAllText(folder.File("metrics.json")))!.AsObject();
        Assert.Equal(["version", "runs", "pooled", "summary"], Names(root));
        Assert.Equal(1, (int)root["version"]!);
        JsonObject run = root["runs"]![0]!.AsObject();
        Assert.Equal(
            ["dataset", "trainer", "protocol", "fold", "seed", "synthetic", "trainClips", "validationClips", "heldOutSpeakers",
                "sharedSpeakers",
             "trainDataset", "leakCheck", "testClips", "adaptation", "accuracy", "uar", "macroF1", "weightedF1", "top2", "logLoss",
                 "majorityBaseline",
                 "chanceBaseline", "labels", "confusion", "classes",
             "intervals", "calibration", "bySpeaker", "bySex", "people"], Names(run));
        Assert.Equal(["label", "precision", "recall", "f1", "support"], Names(run["classes"]![0]!.AsObject()));
        JsonObject summary = root["summary"]![0]!.AsObject();
        Assert.Equal(["dataset", "trainer", "protocol", "trainDataset", "runs", "folds", "seeds", "testClips", "accuracy", "uar", "macroF1",
            "logLoss"], Names(summary));
        Assert.Equal(["count", "mean", "deviation", "interval", "confidence", "min", "max"], Names(summary["uar"]!.AsObject()));
        Assert.Equal(2, summary["uar"]!["interval"]!.AsArray().Count);
    }

    [Fact]
    public void A_file_reads_back_as_it_was_written()
    {
        using var folder = new TemporaryFolder();
        MetricsFile written =
            MetricsFile.From([Run(fold: 1, seed: 1), Run(fold: 2, seed: 1),
                Run(fold: null, seed: 3) with { Dataset = "emo-db: \"Wut\" <ö>" }]);
        written.Write(folder.File("a.json"));
        MetricsFile.Read(folder.File("a.json")).Write(folder.File("b.json"));
        // Doubles are written so that they read back as the same bits: the copy equals the file byte for byte.
        Assert.Equal(File.ReadAllBytes(folder.File("a.json")), File.ReadAllBytes(folder.File("b.json")));
        MetricsFile read = MetricsFile.Read(folder.File("b.json"));
        Assert.Equal("emo-db: \"Wut\" <ö>", read.Runs[2].Dataset);
        Assert.Null(read.Runs[2].Fold);
        Assert.Equal(written.Runs[0].LogLoss, read.Runs[0].LogLoss);
        Assert.Equal(written.Summary[0].Uar.Interval, read.Summary[0].Uar.Interval);
        Assert.Single(read.Summary);
    }

    [Fact]
    public void The_content_kept_in_memory_is_the_files_and_is_checked_as_strictly()
    {
        using var folder = new TemporaryFolder();
        MetricsFile written = MetricsFile.From([Run(fold: 1, seed: 1), Run(fold: 2, seed: 1)]);
        written.Write(folder.File("a.json"));
        Assert.Equal(File.ReadAllBytes(folder.File("a.json")), written.ToBytes());
        Assert.Equal(written.ToBytes(), MetricsFile.Parse(written.ToBytes(), "kept").ToBytes());
        foreach (byte[] damaged in new byte[][] { [], [0xff], [.. "null"u8], [.. "{}"u8], written.ToBytes()[..^20] })
            Assert.Contains("kept", Assert.Throws<EvaluationException>(() => MetricsFile.Parse(damaged, "kept")).Message,
                StringComparison.Ordinal);
        RunMetrics contradicting = written.Runs[0] with { Uar = 0.99 };
        Assert.Contains("'uar'", Assert.Throws<EvaluationException>(() => MetricsFile.From([contradicting]).ToBytes()).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Metrics_that_are_not_numbers_become_null()
    {
        using var folder = new TemporaryFolder();
        ClassificationReport report = Predictions.Set(Predictions.Emotions, [0, 1, 2], [0, 1, 1]).ToReport();
        MetricsFile.From([RunMetrics.From(Protocol(null, 1), report)]).Write(folder.File("metrics.json"));
        using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(folder.File("metrics.json")));
        JsonElement run = json.RootElement.GetProperty("runs")[0];
        Assert.Equal(JsonValueKind.Null, run.GetProperty("logLoss").ValueKind);
        Assert.Equal(JsonValueKind.Null, run.GetProperty("top2").ValueKind);
        Assert.Null(MetricsFile.Read(folder.File("metrics.json")).Runs[0].LogLoss);
    }

    [Fact]
    public void Infinite_figures_are_never_written()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("metrics.json");
        Assert.Throws<EvaluationException>(() => MetricsFile.From([Run(1, 1) with { LogLoss = double.PositiveInfinity }]).Write(path));
        Assert.Throws<EvaluationException>(() => MetricsFile.From([Run(1, 1) with { MajorityBaseline = double.NaN }]).Write(path));
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    [Theory]
    [InlineData("accuracy", "0.123", "'accuracy' does not follow")]
    [InlineData("uar", "0.123", "'uar' does not follow")]
    [InlineData("macroF1", "1", "'macroF1' does not follow")]
    [InlineData("testClips", "3", "'testClips'")]
    [InlineData("trainClips", "-1", "negative")]
    [InlineData("trainClips", "9223372036854775807", "too large")]
    [InlineData("confusion", "[[9223372036854775807,1,0,0],[0,0,0,0],[0,0,0,0],[0,0,0,0]]", "too large")]
    [InlineData("leakCheck", "{\"ofTrainingSpeakers\":0,\"sameContent\":0,\"nearDuplicates\":0,\"touched\":9223372036854775807}",
        "too large")]
    [InlineData("logLoss", "-0.5", "'logLoss'")]
    [InlineData("top2", "1.5", "'top2'")]
    [InlineData("labels", "[\"a\",\"a\"]", "'labels'")]
    [InlineData("confusion", "[[1,2]]", "'confusion'")]
    [InlineData("classes", "[]", "'classes'")]
    [InlineData("seed", "\"1\"", "seed")]
    [InlineData("accuracy", "null", "accuracy")]
    [InlineData("labels", "null", "labels")]
    [InlineData("labels", "[null]", "runs[0].labels[0]")]
    [InlineData("confusion", "[null]", "runs[0].confusion[0]")]
    [InlineData("confusion", "[[1.5]]", "confusion")]
    [InlineData("classes", "[null]", "runs[0].classes[0]")]
    public void A_file_that_contradicts_itself_is_refused(string field, string json, string message)
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("metrics.json");
        MetricsFile.From([Run(1, 1)]).Write(path);
        JsonNode root = JsonNode.Parse(File.ReadAllText(path))!;
        root["runs"]![0]![field] = JsonNode.Parse(json);
        File.WriteAllText(path, root.ToJsonString());
        var error = Assert.Throws<EvaluationException>(() => MetricsFile.Read(path));
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("dataset")]
    [InlineData("fold")]
    [InlineData("seed")]
    [InlineData("uar")]
    [InlineData("confusion")]
    [InlineData("classes")]
    public void A_missing_field_is_named(string field)
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("metrics.json");
        MetricsFile.From([Run(1, 1)]).Write(path);
        JsonNode root = JsonNode.Parse(File.ReadAllText(path))!;
        root["runs"]![0]!.AsObject().Remove(field);
        File.WriteAllText(path, root.ToJsonString());
        Assert.Contains($"'{field}'", Assert.Throws<EvaluationException>(() => MetricsFile.Read(path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "line 1")]
    [InlineData("{ \"version\": 1,\n \"runs\": [", "line 2")]
    [InlineData("[]", "object")]
    [InlineData("{ \"runs\": [] }", "'version'")]
    [InlineData("{ \"version\": \"1\", \"runs\": [] }", "'version'")]
    [InlineData("{ \"version\": 2, \"runs\": [] }", "version 2")]
    [InlineData("{ \"version\": 1, \"runs\": [] }", "at least one run")]
    [InlineData("{ \"version\": 1 }", "'runs'")]
    [InlineData("{ \"version\": 1, \"\\ud800\": 1 }", "something else")]
    [InlineData("{ \"version\": 1, \"runs\": null }", "runs")]
    [InlineData("{ \"version\": 1, \"runs\": [null] }", "runs[0]")]
    [InlineData("{ \"version\": 1, \"runs\": [], \"runs\": [] }", "runs")]
    public void Other_content_is_refused_with_its_place(string content, string message)
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("metrics.json");
        File.WriteAllText(path, content);
        Assert.Contains(message, Assert.Throws<EvaluationException>(() => MetricsFile.Read(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_absent_file_is_named() =>
        Assert.Contains("nowhere.json", Assert.Throws<EvaluationException>(() => MetricsFile.Read("/nowhere.json")).Message,
            StringComparison.Ordinal);

    [Fact]
    public void Fields_this_version_does_not_know_are_passed_over()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("metrics.json");
        MetricsFile.From([Run(1, 1)]).Write(path);
        JsonNode root = JsonNode.Parse(File.ReadAllText(path))!;
        root["runs"]![0]!["laterAddition"] = 1;
        File.WriteAllText(path, root.ToJsonString());
        Assert.Single(MetricsFile.Read(path).Runs);
    }

    internal static RunProtocol Protocol(int? fold, long seed) => new()
    {
        Dataset = "ravdess",
        Trainer = "ImageClassification",
        Protocol = "speaker-independent",
        Fold = fold,
        Seed = seed,
        TrainClips = 100,
        ValidationClips = 20,
        HeldOutSpeakers = ["01", "02"],
        SharedSpeakers = [],
    };

    internal static RunMetrics Run(int? fold, long seed) =>
        RunMetrics.From(Protocol(fold, seed), Predictions.Random(seed, 50, 4).ToReport());

    private static string[] Names(JsonObject json) => [.. json.Select(property => property.Key)];
}
