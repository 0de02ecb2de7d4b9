using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Console;

/// <summary>
/// Help is what users read first, so it is kept word for word in Snapshots/. After a wanted change, run these tests with
/// SER_UPDATE_SNAPSHOTS=1 and read the difference.
/// </summary>
public sealed class HelpTests
{
    [Theory]
    [InlineData("ser")]
    [InlineData("train")]
    [InlineData("evaluate")]
    [InlineData("compare")]
    [InlineData("predict")]
    [InlineData("corpora")]
    [InlineData("corpora fetch")]
    [InlineData("model")]
    [InlineData("model show")]
    [InlineData("model export")]
    [InlineData("generate")]
    [InlineData("image")]
    [InlineData("synth")]
    [InlineData("reproduce")]
    [InlineData("ablate")]
    [InlineData("doctor")]
    public async Task Help_reads_as_recorded(string command)
    {
        string[] args = command == "ser" ? ["--help"] : [.. command.Split(' '), "--help"];
        ConsoleRun run = (await ConsoleRun.Of(args)).Succeeds();
        Assert.Empty(run.Error);
        string path = Path.Combine(Companions.Repository(), "SerPipeline.Tests", "Console", "Snapshots",
            $"help-{command.Replace(' ', '-')}.txt");
        string found = Normal(run.Output);
        if (Environment.GetEnvironmentVariable("SER_UPDATE_SNAPSHOTS") == "1")
            await File.WriteAllTextAsync(path, found, TestContext.Current.CancellationToken);
        Assert.True(File.Exists(path), $"There is no snapshot {path}; make it with SER_UPDATE_SNAPSHOTS=1.");
        Assert.Equal(Normal(await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken)), found);
    }

    [Fact]
    public async Task Every_command_shows_examples_that_parse()
    {
        foreach (string command in new[] { "train", "evaluate", "predict", "corpora", "corpora fetch", "model", "model show",
            "model export", "generate", "image", "synth", "reproduce", "ablate", "doctor" })
        {
            ConsoleRun run = await ConsoleRun.Of([.. command.Split(' '), "--help"]);
            string[] examples = [.. run.Output.Split('\n').Select(line => line.Trim()).Where(line => line.StartsWith("ser " + command,
                StringComparison.Ordinal) && !line.StartsWith($"ser {command} [", StringComparison.Ordinal)
                && !line.Contains("[options]", StringComparison.Ordinal))];
            Assert.NotEmpty(examples);
            foreach (string example in examples)
            {
                // With --help added, a line is parsed and not run; an unknown option would still be found by its name missing from the
                // help.
                foreach (string option in example.Split(' ').Where(word => word.StartsWith("--", StringComparison.Ordinal)))
                    Assert.Contains(option, run.Output.Split("Examples:")[0], StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task The_help_of_the_program_lists_each_command_once()
    {
        ConsoleRun run = (await ConsoleRun.Of("--help")).Succeeds();
        string list = run.Output[run.Output.IndexOf("Commands:", StringComparison.Ordinal)..];
        foreach (string command in new[] { "train", "evaluate", "compare", "predict", "reproduce", "ablate", "corpora", "model", "generate",
            "image", "synth", "doctor" })
            Assert.Single(list.Split('\n'), line => line.StartsWith($"  {command} ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_a_command_help_is_shown_and_the_usage_is_wrong()
    {
        ConsoleRun run = await ConsoleRun.Of([]);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("Commands:", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Version_is_one_line()
    {
        ConsoleRun run = (await ConsoleRun.Of("--version")).Succeeds();
        Assert.Matches(@"^\d+\.\d+\.\d+\S*\s*$", run.Output);
    }

    private static string Normal(string text) => string.Join('\n',
        text.ReplaceLineEndings("\n").Split('\n').Select(line => line.TrimEnd()));
}
