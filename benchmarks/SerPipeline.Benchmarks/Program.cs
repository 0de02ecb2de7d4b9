using System.Globalization;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Perfolizer.Horology;
using SerPipeline.Benchmarks;

// dotnet run -c Release [-- FILE]: measures, and appends a line a measurement to FILE: name|unit, tab, operations a second.
// In this process, because the checkout to measure is chosen at build time and BenchmarkDotNet would build its own program without it.
Job job = Job.Default.WithToolchain(InProcessEmitToolchain.Instance).WithWarmupCount(3).WithIterationCount(8)
    .WithIterationTime(TimeInterval.FromMilliseconds(250));
ManualConfig config = ManualConfig.Create(DefaultConfig.Instance).AddJob(job)
    .WithArtifactsPath(Path.Combine(AppContext.BaseDirectory, "BenchmarkDotNet.Artifacts"));
List<Type> types = [typeof(FeatureBenchmarks), typeof(SignalBenchmarks)];
if (Clips.Recordings() is null)
    Console.Error.WriteLine("Skipped: FLAC to log-mel needs ../shared/corpora/RAVDESS, or the folder that SER_SHARED names.");
else
    types.Add(typeof(RecordingBenchmarks));

Summary[] summaries = BenchmarkRunner.Run([.. types], config);
bool failed = false;
foreach (BenchmarkReport report in summaries.SelectMany(summary => summary.Reports))
{
    string name = report.BenchmarkCase.Descriptor.WorkloadMethodDisplayInfo.Trim('\'');
    if (!report.Success || report.ResultStatistics is not { } statistics)
    {
        Console.Error.WriteLine($"{name} failed; BenchmarkDotNet's log above says why.");
        failed = true;
        continue;
    }
    double unit = name.EndsWith("|thousand/s", StringComparison.Ordinal) ? 1000 : 1, rate = 1e9 / statistics.Median / unit;
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}\t{rate:g6}"));
    if (args.Length > 0) File.AppendAllText(args[0], string.Create(CultureInfo.InvariantCulture, $"{name}\t{rate:g6}\n"));
}
return failed ? 1 : 0;
