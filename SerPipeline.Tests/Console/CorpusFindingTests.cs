using System.Text.Json;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Console;

/// <summary>What is wrong usage, what is found in the data, and that nothing is taken in place of what was asked for.</summary>
public sealed class CorpusFindingTests
{
    private const string Mine =
        """{ "mine": { "description": "d", "corpora": [{ "name": "tess", "format": "tess", "path": "TESS" }] } }""";

    [Fact]
    public async Task A_corpus_without_a_folder_is_never_replaced_by_the_demo()
    {
        using TemporaryFolder folder = Tess();
        ConsoleRun run = await ConsoleRun.Of("corpora", "--corpus", "tess+ravdess", "--data", $"tess={folder.File("TESS")}");
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("--data says nothing about 'ravdess'", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("demo", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Folders_named_twice_or_for_nobody_or_not_there_are_wrong_usage()
    {
        using TemporaryFolder folder = Tess();
        string tess = folder.File("TESS"), own = Own(folder, Mine);
        foreach ((string[] args, string expected) in new (string[], string)[]
        {
            (["--corpus", "tess", "--data", $"tess={tess},TESS=/b"], $"--data says twice where 'tess' lies: {tess} and /b."),
            (["--dataset", "mine", "--datasets", own, "--data", "tess=/nope"],
                "--data says where 'tess' lies, which no data set asked for (mine) takes from there."),
            (["--corpus", "tess", "--data", folder.File("nope")], "--data: there is nothing at "),
            (["--corpus", "manifest", "--data", folder.File("nope.csv")], "--data: there is nothing at "),
            (["--corpus", "tess+emodb", "--data", folder.File("nope")], "--data: there is nothing at "),
        })
        {
            foreach (string command in new[] { "corpora", "train" })
            {
                ConsoleRun run = await ConsoleRun.Of([command, .. args]);
                Assert.Equal(2, run.ExitCode);
                Assert.Contains(expected, run.Error, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task A_data_set_named_twice_is_read_once()
    {
        using TemporaryFolder folder = Tess();
        string own = Own(folder, Mine);
        Assert.Single(await Json("--dataset", "mine,MINE", "--datasets", own));
    }

    [Theory]
    [InlineData("path,mood\nTESS/OAF_back_angry.wav,sad\n", "the header lacks label")]
    [InlineData("path,label,speaker\nno.wav,sad,1\n", "row 2: no file at no.wav")]
    public async Task Errors_of_a_manifest_are_findings_of_a_scan_and_stop_a_training(string manifest, string expected)
    {
        using TemporaryFolder folder = Tess();
        await File.WriteAllTextAsync(folder.File("manifest.csv"), manifest, TestContext.Current.CancellationToken);
        Assert.Contains(expected, (await ConsoleRun.Of("corpora", "--corpus", "manifest", "--data", folder.Path)).Succeeds().Output,
            StringComparison.Ordinal);
        JsonElement scan = Assert.Single(await Json("--corpus", "manifest", "--data", folder.Path));
        Assert.Equal(("corpusUnusable", 0),
            (scan.GetProperty("problems")[0].GetProperty("kind").GetString(), scan.GetProperty("clips").GetArrayLength()));
        Assert.Contains(expected, scan.GetProperty("problems")[0].GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(1, (await ConsoleRun.Of("train", "--corpus", "manifest", "--data", folder.Path, "--out", folder.File("run")))
            .ExitCode);
    }

    [Fact]
    public async Task One_data_set_that_cannot_be_read_keeps_nobody_from_the_others()
    {
        using TemporaryFolder folder = Tess();
        string own = Own(folder, """
            { "empty": { "description": "d", "corpora": [{ "name": "savee", "format": "savee", "path": "TESS" }] },
              "mine": { "description": "d", "corpora": [{ "name": "tess", "format": "tess", "path": "TESS" }] } }
            """);
        Assert.Equal([("empty", 0), ("mine", 1)],
            (await Json("--dataset", "empty,mine", "--datasets", own)).Select(scan => (scan.GetProperty("corpus").GetString()!,
            scan.GetProperty("clips").GetArrayLength())));
    }

    [Fact]
    public async Task The_table_of_speakers_shows_every_sex_that_is_named()
    {
        using TemporaryFolder folder = Tess();
        await File.WriteAllTextAsync(folder.File("b.wav"), "x", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(folder.File("manifest.csv"),
            "path,label,speaker,sex\nTESS/OAF_back_angry.wav,sad,anna,m\nb.wav,sad,anna,f\n", TestContext.Current.CancellationToken);
        ConsoleRun run = (await ConsoleRun.Of("corpora", "--corpus", "manifest", "--data", folder.Path)).Succeeds();
        Assert.Matches(@"(?m)^anna +female/male +2 +2\r?$", run.Output);
        Assert.Matches(@"(?m)^  sex conflicting ", run.Output);
    }

    private static async Task<JsonElement[]> Json(params string[] args)
    {
        using JsonDocument json = JsonDocument.Parse((await ConsoleRun.Of(["corpora", .. args, "--json"])).Succeeds().Output);
        return [.. json.RootElement.Clone().EnumerateArray()];
    }

    private static TemporaryFolder Tess()
    {
        var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.File("TESS"));
        File.WriteAllText(folder.File("TESS/OAF_back_angry.wav"), "no audio");
        return folder;
    }

    private static string Own(TemporaryFolder folder, string datasets)
    {
        File.WriteAllText(folder.File("own.json"), $$"""{ "version": 1, "datasets": {{datasets}} }""");
        return folder.File("own.json");
    }
}
