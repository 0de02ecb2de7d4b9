using System.Diagnostics;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Console;

/// <content>What folders, patterns, links and pipes stand for.</content>
public sealed partial class PredictInputTests
{
    [Fact]
    public async Task Links_lead_to_files_but_folders_are_not_searched_through_them()
    {
        using var folder = new TemporaryFolder();
        Copy(folder.File("t/sub/a.wav"));
        Copy(folder.File("b.wav"));
        Directory.CreateSymbolicLink(folder.File("t/sub/loop"), "..");
        File.CreateSymbolicLink(folder.File("t/link.wav"), folder.File("b.wav"));
        Directory.CreateSymbolicLink(folder.File("linked"), folder.File("t/sub"));
        Assert.Equal(["t/link.wav", "t/sub/a.wav"], await Paths(folder, folder.File("t")));
        Assert.Equal(["t/link.wav", "t/sub/a.wav"], await Paths(folder, folder.File("t/**/*.wav")));
        Assert.Equal(["linked/a.wav"], await Paths(folder, folder.File("linked")));
        Assert.Equal(["linked/a.wav"], await Paths(folder, folder.File("l*/a.wav")));
    }

    [Fact]
    public async Task A_folder_that_cannot_be_read_is_named_and_the_rest_is_done()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess, "Everything can be read here.");
        using var folder = new TemporaryFolder();
        Copy(folder.File("open/a.wav"));
        Copy(folder.File("shut/b.wav"));
#pragma warning disable CA1416 // Not reached on Windows.
        File.SetUnixFileMode(folder.File("shut"), UnixFileMode.None);
        try
        {
            foreach (string path in new[] { folder.Path, folder.File("**/*.wav") })
            {
                ConsoleRun run = await Predict(Stream.Null, path, "--csv");
                Assert.Equal(1, run.ExitCode);
                Assert.Equal([folder.File("open/a.wav")], Fields(run.Output).Select(f => f[0]));
                Assert.Contains($"The folder '{folder.File("shut")}' cannot be searched", run.Error, StringComparison.Ordinal);
            }
        }
        finally
        {
            File.SetUnixFileMode(folder.File("shut"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
#pragma warning restore CA1416
    }

    [Fact]
    public async Task Patterns_pass_hidden_files_over_and_say_what_they_do_not_know()
    {
        using var folder = new TemporaryFolder();
        foreach (string name in new[] { "a1.wav", "a2.wav", "a10.wav", "._a1.wav", ".h/x.wav", "__MACOSX/y.wav", "c.aifc" })
            Copy(folder.File(name));
        Assert.Equal(["a1.wav", "a2.wav"], await Paths(folder, folder.File("a?.wav")));
        Assert.Equal(["a1.wav", "a10.wav", "a2.wav"], await Paths(folder, folder.File("**/*.wav")));
        Assert.Equal(["a1.wav", "a10.wav", "a2.wav", "c.aifc"], await Paths(folder, folder.File("**")));
        Assert.Equal([".h/x.wav"], await Paths(folder, folder.File(".?/*.wav")));
        Assert.Equal(["a1.wav", "a10.wav", "a2.wav", "c.aifc"], await Paths(folder, folder.Path));
        foreach (string brackets in new[] { "a[12].wav", "[ab]*.wav" })
            Assert.Contains("Brackets stand for themselves", (await Predict(Stream.Null, folder.File(brackets))).Error,
                StringComparison.Ordinal);
        ConsoleRun upwards = await Predict(Stream.Null, folder.File("*/../*.wav"));
        Assert.Equal(2, upwards.ExitCode);
        Assert.Contains("has .. behind * or ?", upwards.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_spelt_in_several_ways_is_predicted_once()
    {
        using var folder = new TemporaryFolder();
        Copy(folder.File("x/a.wav"));
        string first = folder.File("x/../x/a.wav");
        string relative = Path.GetRelativePath(Environment.CurrentDirectory, folder.File("x/a.wav"));
        ConsoleRun run = (await Predict(Stream.Null, first, folder.File("x/./a.wav"), folder.File("x/a.wav"), relative, folder.File("x"),
            "--csv")).Succeeds();
        Assert.Equal([first], Fields(run.Output).Select(f => f[0]));
    }

    [Fact]
    public async Task A_name_that_begins_with_an_at_sign_is_a_name()
    {
        ConsoleRun run = await Predict(Stream.Null, "@memo.wav");
        Assert.Contains("There is no file or folder '@memo.wav'.", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pipe_among_files_is_read_to_its_end()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There are no named pipes in folders here.");
        using var folder = new TemporaryFolder();
        string pipe = folder.File("pipe.wav");
        using (Process make = Process.Start("mkfifo", pipe)) await make.WaitForExitAsync(Cancel);
        using var cat = Process.Start("sh", ["-c", "cat \"$0\" > \"$1\"", tones.Clips[1], pipe]);
        ConsoleRun run = (await Predict(Stream.Null, tones.Clips[0], pipe, tones.Clips[2], "--stream", "--csv")).Succeeds();
        await cat.WaitForExitAsync(Cancel);
        ConsoleRun file = (await Predict(Stream.Null, tones.Clips[1], "--stream", "--csv")).Succeeds();
        string[][] rows = Fields(run.Output);
        Assert.Equal([tones.Clips[0], pipe, tones.Clips[2]], rows.Select(f => f[0]));
        Assert.Equal(Fields(file.Output).Single()[1..], rows[1][1..]);
    }
}
