using System.Diagnostics;
using SerPipeline.Evaluation;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Console;

/// <summary>Disks, folders and data that fail under a training, most in a process of its own: a clear error or the right result.</summary>
public sealed class TrainFaultTests(TrainedDemo demo) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_full_disk_is_told_leaves_no_half_file_and_the_run_goes_on_with_room()
    {
        string disk = Directory.CreateDirectory(_folder.File("disk")).FullName, kept = _folder.File("kept");
        string[] apart = ["unshare", "--user", "--map-root-user", "--mount", "bash", "-c"];
        Assert.SkipUnless(OperatingSystem.IsLinux()
            && Programs.Succeeds(apart[0], [.. apart[1..], $"mount -t tmpfs -o size=1m none {disk}"]),
            "needs a small disk of its own: unshare and mount");
        // A disk that the second training fills; then one of the same files with more room.
        const string Script = """
            disk=$1; kept=$2; shift 2
            mount -t tmpfs -o size=4m none $disk
            "$0" "$@" --out $disk/run; echo "exit code $?"
            find $disk -name '*.tmp' | sed 's/^/left behind: /'
            mount -o remount,size=100m $disk
            "$0" train --resume $disk/run || "$0" "$@" --out $disk/run; echo "exit code $?"
            cp -r $disk/run $kept
            """;
        (int code, string output) = Programs.Run(apart[0], [.. apart[1..], Script, SerProcess.Path, disk, kept, .. await Args()]);
        Assert.True(code == 0, output);
        Assert.Matches(@"error: .*No space left on device", output);
        Assert.Contains("exit code 1", output, StringComparison.Ordinal);
        Assert.Contains("exit code 0", output, StringComparison.Ordinal);
        Assert.DoesNotContain("mistake in the program", output, StringComparison.Ordinal);
        Assert.DoesNotContain("left behind", output, StringComparison.Ordinal);
        RequireSame(await demo.Runs, kept);
    }

    [Fact]
    public async Task A_limit_of_the_size_of_files_is_told()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "limits the size of files with bash");
        // 300 KB, which a network's weights exceed. The runtime's own memory counts as a file where it is mapped twice.
        (int code, string output) = SerProcess.Under(["env", "DOTNET_EnableWriteXorExecute=0", "bash", "-c",
            "trap '' XFSZ; ulimit -f 300; exec \"$0\" \"$@\""], [.. await Args(), "--out", _folder.File("run")]);
        Assert.True(code == 1, output);
        Assert.Matches("error: '.*training.checkpoint' cannot be written", output);
        Assert.Empty(Files(_folder.Path, "*"));
    }

    [Fact]
    public async Task Folders_that_cannot_be_written_are_told_before_the_training()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "nobody, root neither, makes a folder in /proc");
        ConsoleRun run = await ConsoleRun.Of([.. await Args(), "--out", "/proc/ser-run"]);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("nothing can be written in /proc", run.Error, StringComparison.Ordinal);
        string file = _folder.File("file");
        await File.WriteAllTextAsync(file, "in the way", TestContext.Current.CancellationToken);
        run = await ConsoleRun.Of([.. await Args(), "--out", Path.Combine(file, "run")]);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("error: ", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("mistake in the program", run.Error, StringComparison.Ordinal);
        // A cache that was named is not another one.
        run = await ConsoleRun.Of([.. await Args("/proc/ser-cache"), "--out", _folder.File("run")]);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("/proc/ser-cache", run.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.File("run")));
    }

    [Fact]
    public async Task Folders_closed_by_their_rights_are_told_and_a_closed_home_is_gone_round()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "rights of Unix");
        string closed = Directory.CreateDirectory(_folder.File("closed")).FullName, run = _folder.File("run");
        string temporary = Directory.CreateDirectory(_folder.File("tmp")).FullName;
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(closed, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        // Root without the right to pass over rights is a user like any other.
        string[] user = Environment.UserName == "root"
            ? ["setpriv", "--bounding-set=-dac_override", "--inh-caps=-dac_override"] : ["env"];
        Assert.SkipUnless(Programs.Succeeds(user[0], [.. user[1..], "true"])
            && !Programs.Succeeds(user[0], [.. user[1..], "mkdir", Path.Combine(closed, "x")]), "rights hold for nobody here");
        string[] under = ["env", "-u", "XDG_DATA_HOME", "-u", "SER_CACHE", $"HOME={closed}", $"TMPDIR={temporary}",
            $"NUGET_PACKAGES={Packages()}", .. user];
        (int code, string output) = SerProcess.Under(under, [.. await Args(null), "--out", Path.Combine(closed, "run")]);
        Assert.Equal(1, code);
        Assert.Contains($"nothing can be written in {closed}", output, StringComparison.Ordinal);
        (code, output) = SerProcess.Under(under, [.. await Args(null), .. Speaker, "--out", run]);
        Assert.True(code == 0, output);
        Assert.Single(output.Split('\n'), line => line.StartsWith("warning: The cache is in ", StringComparison.Ordinal)
            && line.Contains(temporary, StringComparison.Ordinal));
        Assert.NotEmpty(Files(temporary, "*.bin"));
        RequireSameOfSpeakers(await demo.Runs, run);
    }

    [Fact]
    public async Task A_second_run_in_one_folder_is_refused_and_the_first_unharmed()
    {
        string run = _folder.File("run");
        using Process first = SerProcess.Start([.. await Args(_folder.File("cache")), .. Speaker, "--out", run]);
        try
        {
            while (!File.Exists(Path.Combine(run, "resume.json")) && !first.HasExited)
                await Task.Delay(5, TestContext.Current.CancellationToken);
            ConsoleRun second = await ConsoleRun.Of("train", "--resume", run);
            ConsoleRun third = await ConsoleRun.Of([.. await Args(), "--out", run]);
            Assert.False(first.HasExited, "the first run was over before the second began");
            Assert.Equal((1, 1), (second.ExitCode, third.ExitCode));
            Assert.Contains("Another run writes into", second.Error, StringComparison.Ordinal);
            Assert.Contains("holds an unfinished run", third.Error, StringComparison.Ordinal);
            await first.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Equal(0, first.ExitCode);
            RequireSameOfSpeakers(await demo.Runs, run);
        }
        finally
        {
            // Where something failed it would go on, into a folder that is being deleted.
            first.Kill(entireProcessTree: true);
        }
    }

    [Fact]
    public async Task Damaged_cache_files_change_nothing()
    {
        await demo.Runs;
        string cache = _folder.File("cache");
        Folders.Copy(demo.Cache, cache);
        string[] entries = Files(cache, "*.bin");
        Assert.NotEmpty(entries);
        var random = new SeededRandom(3);
        foreach (string entry in entries)
        {
            byte[] bytes = await File.ReadAllBytesAsync(entry, TestContext.Current.CancellationToken);
            if (random.Next(2) == 0) bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            else bytes = bytes[..random.Next(bytes.Length)];
            await File.WriteAllBytesAsync(entry, bytes, TestContext.Current.CancellationToken);
        }
        (await ConsoleRun.Of([.. await Args(cache), .. Speaker, "--out", _folder.File("run")])).Succeeds();
        RequireSameOfSpeakers(await demo.Runs, _folder.File("run"));
    }

    // One of the two protocols, where one will do.
    private static readonly string[] Speaker = ["--protocol", "speaker"];

    private Task<string[]> Args() => Args(demo.Cache);

    // The fixture's own training, whose result is known.
    private async Task<string[]> Args(string? cache)
    {
        await demo.Runs;
        string[] cached = cache is null ? [] : ["--cache", cache];
        return ["train", "--corpus", "demo", "--data", await demo.Corpus, .. TrainedDemo.Settings, .. cached];
    }

    // Where libtorch lies, which is found by the home else.
    private static string Packages() => Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } named ? named
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    private static string[] Files(string folder, string pattern) =>
        Directory.Exists(folder) ? Directory.GetFiles(folder, pattern, SearchOption.AllDirectories) : [];

    private static void RequireSame(string expected, string actual)
    {
        Same(Path.Combine(expected, MetricsFile.FileName), Path.Combine(actual, MetricsFile.FileName));
        Same(Path.Combine(expected, "mlp-random", PredictionsCsv.FileName), Path.Combine(actual, "mlp-random", PredictionsCsv.FileName));
        RequireSameOfSpeakers(expected, Path.Combine(actual, "mlp-speaker"));
        RequireEnded(actual);
    }

    private static void RequireSameOfSpeakers(string expected, string actual)
    {
        foreach (string file in new[] { PredictionsCsv.FileName, MetricsFile.FileName })
            Same(Path.Combine(expected, "mlp-speaker", file), Path.Combine(actual, file));
        RequireEnded(actual);
    }

    private static void Same(string expected, string actual) =>
        Assert.True(File.ReadAllBytes(expected).AsSpan().SequenceEqual(File.ReadAllBytes(actual)), $"{actual} differs");

    private static void RequireEnded(string run)
    {
        Assert.False(File.Exists(Path.Combine(run, "resume.json")));
        Assert.Empty(Directory.GetFiles(run, "*.checkpoint*", SearchOption.AllDirectories));
    }
}
