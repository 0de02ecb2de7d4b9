using System.Diagnostics;
using System.Globalization;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Prediction;

/// <summary>A program that only predicts loads neither ML.NET nor libtorch: seen from outside, in the files that its process
/// maps.</summary>
public sealed class ColdPredictionTests(ToneModel tones) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_predicting_process_loads_neither_ML_NET_nor_libtorch()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs /proc of Linux");
        File.Copy(tones.Clips[0], _folder.File("clip.wav"));
        using Process service = Process.Start(new ProcessStartInfo(
            "dotnet", ["exec", InboxServiceTests.Assembly(), "--Emotion:Path", tones.Path, "--Inbox:Folder",
                _folder.Path, "--Inbox:Interval", "00:00:00.05"])
        { RedirectStandardOutput = true })!;
        try
        {
            string? line = await service.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
            Assert.StartsWith("{", line, StringComparison.Ordinal);
            string[] files =
            [
                .. File.ReadLines($"/proc/{service.Id}/maps").Select(map => Path.GetFileName(map.Split(' ')[^1]))
                    .Where(file => file.Length > 0).Distinct(StringComparer.Ordinal),
            ];
            Assert.Contains("SerPipeline.dll", files);
            Assert.Contains(files, file => file.StartsWith("libonnxruntime", StringComparison.Ordinal));
            string[] unwanted = ["libtorch", "libLibTorchSharp", "TorchSharp", "Microsoft.ML.", "libSkiaSharp", "libCpuMathNative"];
            Assert.DoesNotContain(files, file => unwanted.Any(name => file.StartsWith(name, StringComparison.Ordinal))
                && file != "Microsoft.ML.OnnxRuntime.dll");
            string peak = File.ReadLines($"/proc/{service.Id}/status").Single(status => status.StartsWith("VmHWM",
                StringComparison.Ordinal));
            int megabytes = int.Parse(peak.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) / 1024;
            // The host, its configuration and logging included.
            Assert.InRange(megabytes, 0, 170);
        }
        finally
        {
            service.Kill();
            await service.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
    }
}
