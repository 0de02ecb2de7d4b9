using System.CommandLine;
using System.Text.RegularExpressions;
using SerPipeline.Console.Hosting;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Console;

/// <summary>
/// Help is what users read first, so it is kept word for word in Snapshots/. After a wanted change, run these tests with
/// SER_UPDATE_SNAPSHOTS=1 and read the difference.
/// </summary>
public sealed partial class HelpTests
{
    private static readonly (string Path, CommandDefinition Command)[] All =
        [.. ConsoleProgram.Commands.SelectMany(command => WithSubcommands("ser", command))];

    private static readonly string Snapshots = Path.Combine(Companions.Repository(), "SerPipeline.Tests", "Console", "Snapshots");

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
        string path = Path.Combine(Snapshots, $"help-{command.Replace(' ', '-')}.txt");
        string found = Normal(run.Output);
        if (Environment.GetEnvironmentVariable("SER_UPDATE_SNAPSHOTS") == "1")
            await File.WriteAllTextAsync(path, found, TestContext.Current.CancellationToken);
        Assert.True(File.Exists(path), $"There is no snapshot {path}; make it with SER_UPDATE_SNAPSHOTS=1.");
        Assert.Equal(Normal(await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken)), found);
    }

    [Fact]
    public void Every_command_shows_examples_that_parse()
    {
        var tree = new CommandLineTree(ConsoleProgram.Commands);
        foreach ((string path, CommandDefinition command) in All)
        {
            Assert.True(command.Examples.Count > 0, $"{path} has no example");
            foreach ((string line, _) in command.Examples)
            {
                // A shell takes what stands before a pipe and behind an arrow.
                string own = line.Split(" | ")[^1].Split(" > ")[0];
                Assert.StartsWith("ser ", own, StringComparison.Ordinal);
                ParseResult parsed = tree.Parse([.. Words().Matches(own).Skip(1).Select(word => word.Value.Trim('\'', '"'))]);
                Assert.True(parsed.Errors.Count == 0, $"{line}: {string.Join("; ", parsed.Errors)}");
                Assert.StartsWith(path, CommandLineTree.PathOf(parsed.CommandResult.Command), StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void Every_command_is_among_the_snapshots()
    {
        string[] commands = [.. All.Select(one => one.Path)];
        Assert.Contains("ser corpora fetch", commands);
        string[] recorded = [.. Directory.GetFiles(Snapshots, "help-*.txt").Select(path => Path.GetFileNameWithoutExtension(path))];
        Assert.Equal(commands.Select(path => "help-" + path["ser ".Length..].Replace(' ', '-')).Append("help-ser")
            .Order(StringComparer.Ordinal), recorded.Order(StringComparer.Ordinal));
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

    private static IEnumerable<(string Path, CommandDefinition Command)> WithSubcommands(string parent, CommandDefinition command) =>
        command.Subcommands.SelectMany(below => WithSubcommands($"{parent} {command.Name}", below))
            .Prepend(($"{parent} {command.Name}", command));

    // Words as a shell takes them, with their quotes.
    [GeneratedRegex("""(?:'[^']*'|"[^"]*"|[^\s'"])+""")]
    private static partial Regex Words();

    private static string Normal(string text) => string.Join('\n',
        text.ReplaceLineEndings("\n").Split('\n').Select(line => line.TrimEnd()));
}
