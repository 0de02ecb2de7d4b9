using System.Text.Json;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Console;

public sealed class DoctorTests
{
    [Fact]
    public async Task Each_thing_has_a_state_and_a_remedy_where_it_is_not_well()
    {
        using var folder = new TemporaryFolder();
        ConsoleRun run = await ConsoleRun.Of("doctor", "--json", "--out", folder.File("runs"), "--cache", folder.File("cache"));
        JsonElement root = JsonDocument.Parse(run.Output).RootElement;
        JsonElement[] checks = [.. root.GetProperty("checks").EnumerateArray()];
        string[] names = [.. checks.Select(check => check.GetProperty("name").GetString()!)];
        foreach (string name in new[] { ".NET runtime", ".NET SDK", "processor", "libtorch", "ONNX Runtime", "decoders", "ffmpeg",
            "run folder", "cache folder", "fonts" }) Assert.Contains(name, names);
        foreach (JsonElement check in checks)
        {
            string state = check.GetProperty("state").GetString()!;
            Assert.Contains(state, new[] { "ok", "warning", "missing" });
            Assert.Equal(state != "ok", check.GetProperty("remedy").GetString() is { Length: > 10 });
        }
        bool ok = checks.All(check => check.GetProperty("state").GetString() != "missing");
        Assert.Equal((ok, ok ? 0 : 1), (root.GetProperty("ok").GetBoolean(), run.ExitCode));
        // What the tests themselves need is there.
        Assert.Equal("ok", State("libtorch"));
        Assert.Equal("ok", State("convolution check"));
        Assert.Equal("ok", State("decoders"));
        Assert.Equal("ok", State("run folder"));
        // Nothing is left behind.
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));

        string State(string name) => checks.Single(check => check.GetProperty("name").GetString() == name).GetProperty("state")
            .GetString()!;
    }

    [Fact]
    public async Task A_folder_that_cannot_be_written_is_missing_and_the_exit_code_says_so()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.File("file"), "no folder", TestContext.Current.CancellationToken);
        ConsoleRun run = await ConsoleRun.Of("doctor", "--out", folder.File("file", "runs"), "--cache", folder.File("cache"));
        Assert.Equal(1, run.ExitCode);
        string[] lines = run.Output.Split('\n', StringSplitOptions.TrimEntries);
        int at = Array.FindIndex(lines, line => line.StartsWith("missing  run folder", StringComparison.Ordinal));
        Assert.True(at >= 0, run.Output);
        Assert.StartsWith("-> name another with --out", lines[at + 1], StringComparison.Ordinal);
        Assert.Contains("1 thing missing", run.Output, StringComparison.Ordinal);
    }
}
