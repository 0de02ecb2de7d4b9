using System.Diagnostics;
using System.IO.Compression;
using SerPipeline.Corpora.Synthesis;
using SerPipeline.Evaluation;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Console;

/// <summary>Processes of <c>ser train</c> killed at random moments, and gone on with by <c>--resume</c>.</summary>
public sealed class TrainKillTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public Task Three_kills_change_no_bit() =>
        KilledAndResumed(3, seed: 1, speakers: 2, "--trainer", "mlp", "--protocol", "loso", "--ensemble", "2", "--epochs", "20");

    [Fact(Explicit = true), Trait("Speed", "slow")]
    public Task Twenty_four_kills_change_no_bit_of_any_fold_seed_and_member() => KilledAndResumed(24, seed: 2, speakers: 3, "--trainer",
        "cnn,mlp", "--protocol", "loso", "--seed", "1,2", "--ensemble", "2", "--epochs", "40", "--early-stopping", "30");

    private async Task KilledAndResumed(int kills, int seed, int speakers, params string[] settings)
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        string data = _folder.File("demo"), cache = _folder.File("cache"), whole = _folder.File("whole");
        DemoCorpus.Write(data, new DemoCorpusOptions { Speakers = speakers, ClipsPerEmotion = 1 }, cancellation: cancellation);
        string[] args = ["train", "--corpus", "demo", "--data", data, "--cache", cache, .. settings];
        var watch = Stopwatch.StartNew();
        Succeeds(SerProcess.Run([.. args, "--out", whole]));
        TimeSpan one = watch.Elapsed;

        var random = new SeededRandom(seed);
        int killed = 0, runs = 0, lost = 0, goneOn = 0;
        while (killed < kills)
        {
            string folder = _folder.File($"run-{++runs}");
            bool ended = false;
            while (!ended)
            {
                // Before the first file there is nothing to go on with.
                bool begun = File.Exists(Path.Combine(folder, "resume.json"));
                if (!begun && Directory.Exists(folder)) lost++;
                if (!begun && Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
                using Process process = begun ? SerProcess.Start("train", "--resume", folder)
                    : SerProcess.Start([.. args, "--out", folder]);
                if (begun && Checkpoints(folder).Length > 0) goneOn++;
                try
                {
                    if (killed < kills)
                    {
                        if (killed == 0) await UntilCheckpoint(process, folder, cancellation);
                        else await Moment(process, folder, one, random, cancellation);
                        bool cut = !process.HasExited;
                        process.Kill();
                        await process.WaitForExitAsync(cancellation);
                        ended = process.ExitCode == 0;
                        // Of a run that had not begun nothing is resumed.
                        if (cut && !ended && File.Exists(Path.Combine(folder, "resume.json"))) killed++;
                    }
                    else
                    {
                        await process.WaitForExitAsync(cancellation);
                        Assert.Equal(0, process.ExitCode);
                        ended = true;
                    }
                }
                finally
                {
                    process.Kill(entireProcessTree: true);
                }
            }
            RequireSame(whole, folder);
        }
        TestContext.Current.TestOutputHelper?.WriteLine($"{killed} processes killed in {runs} runs, {lost} of them before the run "
            + $"had begun; {goneOn} went on from a checkpoint; one uninterrupted run takes {one.TotalSeconds:0.0} s");
        Assert.True(goneOn > 0, "no training went on from a checkpoint");
    }

    private static string[] Checkpoints(string folder)
    {
        try
        {
            // A temporary file is none yet.
            return !Directory.Exists(folder) ? [] : [.. Directory.GetFiles(folder, "*.checkpoint*", SearchOption.AllDirectories)
                .Where(file => !file.EndsWith(".tmp", StringComparison.Ordinal))];
        }
        catch (IOException)
        {
            // Gone while it was listed.
            return [];
        }
    }

    // The first is killed in the middle of a training.
    private static async Task UntilCheckpoint(Process process, string folder, CancellationToken cancellation)
    {
        while (!process.HasExited && Checkpoints(folder).Length == 0) await Task.Delay(1, cancellation);
    }

    // Of the others half at any time of a run, half just when something is being written.
    private static async Task Moment(Process process, string folder, TimeSpan one, SeededRandom random, CancellationToken cancellation)
    {
        TimeSpan wait = one * random.NextDouble();
        if (random.Next(2) == 0)
        {
            using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            end.CancelAfter(wait);
            try
            {
                await process.WaitForExitAsync(end.Token);
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested) { }
            return;
        }
        int changes = 1 + random.Next(8);
        string before = "";
        while (!process.HasExited && changes > 0)
        {
            string now = Listing(folder);
            if (now != before) changes--;
            before = now;
            await Task.Delay(1, cancellation);
        }
    }

    private static string Listing(string folder)
    {
        try
        {
            return string.Join('\n', Directory.Exists(folder)
                ? Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
                    .Select(file => file + File.GetLastWriteTimeUtc(file).Ticks)
                : []);
        }
        catch (IOException)
        {
            // Gone while it was listed.
            return Guid.NewGuid().ToString();
        }
    }

    private static void RequireSame(string expected, string actual)
    {
        string[] Files(string folder) => [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(folder, file)).Order(StringComparer.Ordinal)];
        Assert.Equal(Files(expected), Files(actual));
        int models = 0;
        foreach (string file in Files(expected))
        {
            string one = Path.Combine(expected, file), other = Path.Combine(actual, file);
            if (Path.GetFileName(file) is MetricsFile.FileName or PredictionsCsv.FileName)
                Assert.True(File.ReadAllBytes(one).AsSpan().SequenceEqual(File.ReadAllBytes(other)), $"{file} differs");
            if (Path.GetFileName(file) != "model.zip") continue;
            Assert.Equal(Networks(one), Networks(other));
            models++;
        }
        Assert.True(models > 1);
    }

    // Every entry of ML.NET and the scoring graph; the record beside them tells when it was trained.
    private static IEnumerable<(string Name, string Content)> Networks(string path)
    {
        using ZipArchive zip = ZipFile.OpenRead(path);
        return [.. zip.Entries.Where(entry => !entry.FullName.StartsWith("SerPipeline/", StringComparison.Ordinal)
            || entry.Name == "scoring.onnx").Select(entry => (entry.FullName, Hash(entry)))];
    }

    private static string Hash(ZipArchiveEntry entry)
    {
        using Stream stream = entry.Open();
        return Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(stream));
    }

    private static void Succeeds((int ExitCode, string Output) run) => Assert.True(run.ExitCode == 0, run.Output);
}
