using System.Text;
using SerPipeline.Console.Hosting;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Console;

/// <summary><c>ser reproduce</c> and <c>ser ablate</c>. They run alone: they compute with one thread of libtorch, which is a setting of the
/// whole program.</summary>
[CollectionDefinition(nameof(ReproduceTests), DisableParallelization = true)]
[Collection(nameof(ReproduceTests))]
public sealed class ReproduceTests
{
    [Fact]
    public async Task The_smoke_version_writes_the_page_and_does_no_training_twice()
    {
        string features = Companions.Require("golden", "paper");
        using var folder = new TemporaryFolder();
        string[] args = ["reproduce", "--features", features, "--quick", "--out", folder.File("page"), "--work", folder.File("kept")];
        (await ConsoleRun.Of(args)).Succeeds();
        string page = await File.ReadAllTextAsync(folder.File("page/paper.md"), TestContext.Current.CancellationToken);
        Assert.Contains("This is the smoke version", page, StringComparison.Ordinal);
        Assert.Contains("| `over` | 308 | 32 |", page, StringComparison.Ordinal);
        Assert.Contains("| `original` | 288 | 1 |", page, StringComparison.Ordinal);
        // The nearest row's accuracies, as computed apart: random split, then speakers held out.
        Assert.Contains("| `original` | nearest row | .670 |", page, StringComparison.Ordinal);
        Assert.Contains("| `new` | nearest row | .972 |", page, StringComparison.Ordinal);
        foreach (string line in page.Split('\n').Where(line => line.StartsWith("![", StringComparison.Ordinal)))
            Assert.True(File.Exists(folder.File("page/" + line[(line.LastIndexOf('(') + 1)..^1])), line);

        // One outcome is lost, one damaged: these two trainings are done again, and to the same outcome.
        string[] kept = [.. Directory.GetFiles(folder.File("kept")).Order(StringComparer.Ordinal)];
        string lost = await File.ReadAllTextAsync(kept[0], TestContext.Current.CancellationToken);
        File.Delete(kept[0]);
        // Defaults are part of what an outcome is kept under: a later version may have others.
        Assert.Contains("weightDecay", lost, StringComparison.Ordinal);
        await File.WriteAllTextAsync(kept[1], "{ \"version\": 1", TestContext.Current.CancellationToken);
        ConsoleRun again = (await ConsoleRun.Of(args)).Succeeds();
        Assert.Contains($"{kept.Length - 2} of them kept", again.Error, StringComparison.Ordinal);
        Assert.Contains("2 to do", again.Error, StringComparison.Ordinal);
        Assert.Equal(WithoutSeconds(lost), WithoutSeconds(await File.ReadAllTextAsync(kept[0], TestContext.Current.CancellationToken)));
        Assert.Equal(WithoutMinutes(page),
            WithoutMinutes(await File.ReadAllTextAsync(folder.File("page/paper.md"), TestContext.Current.CancellationToken)));
    }

    [Fact]
    public async Task A_folder_of_outcomes_that_cannot_be_made_is_told_before_the_first_training()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.File("file"), "no folder", TestContext.Current.CancellationToken);
        ConsoleRun run = await ConsoleRun.Of("reproduce", "--features", Companions.Require("golden", "paper"), "--quick", "--out",
            folder.File("page"), "--work", folder.File("file"));
        Assert.Equal(1, run.ExitCode);
        Assert.Contains(folder.File("file"), run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("mistake in the program", run.Error, StringComparison.Ordinal);
    }

    // Two trainings at once may fail at once.
    [Fact]
    public void Of_errors_that_came_together_one_is_told()
    {
        Exception io = new IOException("full"), other = new ModelFormatException("bad"), stop = new OperationCanceledException(),
            mistake = new NotSupportedException();
        Assert.Same(io, ConsoleProgram.Shown(new AggregateException(io, other)));
        Assert.Same(other, ConsoleProgram.Shown(new AggregateException(stop, new AggregateException(other))));
        Assert.Same(stop, ConsoleProgram.Shown(new AggregateException(stop, stop)));
        Assert.Same(mistake, ConsoleProgram.Shown(new AggregateException(io, mistake)));
        Assert.Same(io, ConsoleProgram.Shown(io));
        // ML.NET's cache wraps what its reading thread threw.
        Assert.Same(stop, ConsoleProgram.Shown(new InvalidOperationException("waited on", stop)));
        Assert.Same(io, ConsoleProgram.Shown(new AggregateException(new InvalidOperationException("waited on", io))));
        var unknown = new InvalidOperationException("waited on", mistake);
        Assert.Same(unknown, ConsoleProgram.Shown(unknown));
    }

    [Fact]
    public async Task A_missing_or_malformed_matrix_is_named_with_what_was_expected()
    {
        using var folder = new TemporaryFolder();
        ConsoleRun absent = await ConsoleRun.Of("reproduce", "--features", folder.File("nowhere"), "--work", folder.File("kept"));
        Assert.Equal(1, absent.ExitCode);
        Assert.Contains("nowhere", absent.Error, StringComparison.Ordinal);
        Assert.Contains("original_X.npy", absent.Error, StringComparison.Ordinal);

        Directory.CreateDirectory(folder.File("paper"));
        foreach (string name in new[] { "original_X.npy", "original_y.npy", "original_rows.csv" })
            await File.WriteAllBytesAsync(folder.File("paper/" + name), Encoding.ASCII.GetBytes("no matrix"),
                TestContext.Current.CancellationToken);
        ConsoleRun malformed = await ConsoleRun.Of("reproduce", "--features", folder.File("paper"), "--work", folder.File("kept"));
        Assert.Equal(1, malformed.ExitCode);
        Assert.Contains("original_X.npy", malformed.Error, StringComparison.Ordinal);
        Assert.Contains("expected", malformed.Error, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Nothing_to_start_from_is_wrong_usage()
    {
        ConsoleRun run = await ConsoleRun.Of("reproduce");
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("--features", run.Error, StringComparison.Ordinal);
        ConsoleRun data = await ConsoleRun.Of("reproduce", "--features", "x", "--data", "y");
        Assert.Equal(2, data.ExitCode);
        Assert.Contains("--corpus", data.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("reproduce", "--corpus", "ravdess")]
    [InlineData("ablate")]
    public async Task Part_of_the_corpus_is_refused_because_the_split_is_over_all_of_it(params string[] command)
    {
        using var folder = new TemporaryFolder();
        (await ConsoleRun.Of("synth", "--out", folder.File("demo"), "--speakers", "2", "--clips", "2")).Succeeds();
        ConsoleRun run = await ConsoleRun.Of([.. command, "--data", folder.File("demo"), "--work", folder.File("kept"), "--no-cache"]);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("1440", run.Error, StringComparison.Ordinal);
    }

    private static string WithoutSeconds(string json) => System.Text.RegularExpressions.Regex.Replace(json, "\"seconds\":[0-9.E+-]+", "");

    private static string WithoutMinutes(string page) => System.Text.RegularExpressions.Regex.Replace(page, "took [0-9]+ minutes", "");
}
