using System.Diagnostics;

namespace SerPipeline.Tests.Audio;

/// <summary>The ffmpeg of this machine, where it has one.</summary>
internal static class Ffmpeg
{
    /// <summary>Runs it; skips the running test where there is none.</summary>
    /// <param name="orSkip">Whether an error skips too, as where an encoder is no part of it.</param>
    /// <param name="arguments">The arguments.</param>
    public static void Run(bool orSkip, params string[] arguments)
    {
        string path = Environment.GetEnvironmentVariable("PATH") ?? "";
        Assert.SkipUnless(path.Split(Path.PathSeparator)
            .Any(f => File.Exists(Path.Combine(f, OperatingSystem.IsWindows() ? "ffmpeg.exe" : "ffmpeg"))),
            "needs ffmpeg on the PATH");
        using Process process = Process.Start("ffmpeg", ["-v", "error", "-nostdin", "-y", .. arguments]);
        Assert.True(process.WaitForExit(TimeSpan.FromSeconds(60)));
        Assert.SkipWhen(orSkip && process.ExitCode != 0, "needs an ffmpeg with this encoder");
        Assert.Equal(0, process.ExitCode);
    }
}
