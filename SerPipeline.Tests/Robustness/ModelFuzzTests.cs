using System.Diagnostics;
using System.Globalization;
using SerPipeline.Onnx;
using SerPipeline.Prediction;
using SerPipeline.Tests.Prediction;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Robustness;

/// <summary>
/// Models that lie: zips, graphs of ONNX, and chains of ML.NET whose checksums fit. They reach native code, so that they are loaded in
/// processes of their own: one that ends, hangs or takes too much memory fails the test with the case's number.
/// </summary>
public sealed class ModelFuzzTests : IDisposable
{
    private const string Progress = "SER_FUZZ_PROGRESS";
    private const long MemoryLimit = 2L << 30;

    private static readonly TimeSpan Hang = TimeSpan.FromSeconds(90);

    private static readonly Lazy<ModelRecord> ToneRecord = new(() => ToneModel.Record(1, "note"));

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("onnx", 120)]
    [InlineData("zip", 120)]
    public void A_model_that_lies_is_read_or_refused(string target, int count) => RunApart(target, 0, count);

    /// <summary>Ten thousand of each kind and more, in several processes, each with its share.</summary>
    [Theory(Explicit = true)]
    [InlineData("onnx")]
    [InlineData("zip")]
    [InlineData("chain")]
    public void Many_models_that_lie_are_read_or_refused(string target)
    {
        Fuzzing.RequireAsked(target);
        const int Share = 1000;
        for (int first = Fuzzing.First; first < Fuzzing.First + Fuzzing.Variable("SER_FUZZ", 10_000); first += Share)
            RunApart(target, first, Math.Min(Share, Fuzzing.First + Fuzzing.Variable("SER_FUZZ", 10_000) - first));
    }

    /// <summary>What runs in the process apart.</summary>
    [Fact(Explicit = true)]
    public void Part_of_a_run()
    {
        string path = Environment.GetEnvironmentVariable(Progress) ?? "", target = Environment.GetEnvironmentVariable(Fuzzing.Target) ?? "";
        Assert.SkipWhen(path.Length == 0 || target.Length == 0, "started by another test");
        using var progress = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.ReadWrite);
        int number = Fuzzing.First;
        Action<byte[]> tell = _ =>
        {
            progress.Seek(0, SeekOrigin.Begin);
            progress.Write(BitConverter.GetBytes(number++));
            progress.Flush();
        };
        // ML.NET's stages take memory for the counts that they state, most of it untouched; the process is watched.
        Fuzzing.Run(target, Fuzzing.LongCount, Maker(target), bytes =>
        {
            tell(bytes);
            if (target == "onnx") LoadGraph(bytes);
            else Load(bytes);
        }, e => e is ModelFormatException, bytes => target == "chain" ? long.MaxValue : (192L << 20) + (bytes * 32L));
    }

    private static Func<SeededRandom, byte[]> Maker(string target)
    {
        if (target == "onnx")
        {
            byte[] graph = ToneRecord.Value.Scoring!.Value.ToArray();
            return random => OnnxCases.Of(random, graph);
        }
        Dictionary<string, byte[]> entries = ZipCases.Entries(target == "zip" ? ToneModel.Zip(ToneRecord.Value).ToArray()
            : TinyChain.Zip());
        Load(ZipCases.Zip(entries));
        return random => ZipCases.Of(random, entries);
    }

    private static void LoadGraph(byte[] bytes)
    {
        try
        {
            OnnxModelCheck.Problems(OnnxModel.Read(bytes));
        }
        catch (ModelFormatException)
        {
            // The library's own reader knows less than ONNX Runtime does.
        }
        Load(ToneModel.Zip(ToneRecord.Value with { Scoring = bytes }).ToArray());
    }

    private static void Load(byte[] bytes)
    {
        using var model = SerModel.Load(new MemoryStream(bytes), "case");
        EmotionPrediction prediction = model.Predict(ToneModel.Tone(0, 0, 0));
        foreach (float score in prediction.Scores) Assert.InRange(score, -0.001f, 1.001f);
    }

    private void RunApart(string target, int first, int count)
    {
        string progress = _folder.File($"{target}-{first}");
        var start = new ProcessStartInfo(Environment.ProcessPath!)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList =
            {
                "-method", $"{typeof(ModelFuzzTests).FullName}.{nameof(Part_of_a_run)}", "-explicit", "only", "-showLiveOutput", "-noColor",
            },
            Environment =
            {
                [Fuzzing.Target] = target,
                [Progress] = progress,
                ["SER_FUZZ_FIRST"] = first.ToString(CultureInfo.InvariantCulture),
                ["SER_FUZZ"] = count.ToString(CultureInfo.InvariantCulture),
            },
        };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        int last = -1;
        long since = Stopwatch.GetTimestamp(), most = 0;
        while (!process.WaitForExit(250))
        {
            int now = CaseOf(progress);
            if (now != last) (last, since) = (now, Stopwatch.GetTimestamp());
            process.Refresh();
            most = Math.Max(most, process.HasExited ? 0 : process.WorkingSet64);
            if (Stopwatch.GetElapsedTime(since) < Hang && most < MemoryLimit) continue;
            process.Kill(entireProcessTree: true);
            string how = most < MemoryLimit ? "hangs" : $"takes {most >> 20} MiB";
            Assert.Fail($"{target}: case {CaseOf(progress)} of seed {Fuzzing.Seed} {how}");
        }
        string told = output.Result;
        Assert.True(process.ExitCode == 0 && told.Contains("Failed: 0", StringComparison.Ordinal),
            $"{target}: exit code {process.ExitCode} at case {CaseOf(progress)} of seed {Fuzzing.Seed}\n{told}\n{errors.Result}");
        string? outcome = told.Split('\n').FirstOrDefault(line => line.Contains($"{target}, seed", StringComparison.Ordinal));
        Assert.NotNull(outcome);
        TestContext.Current.TestOutputHelper?.WriteLine(FormattableString.Invariant($"{outcome.Trim()}; process {most >> 20} MiB"));
    }

    private static int CaseOf(string progress)
    {
        if (!File.Exists(progress)) return -1;
        using var file = new FileStream(progress, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var number = new byte[4];
        return file.Read(number) == 4 ? BitConverter.ToInt32(number) : -1;
    }
}
