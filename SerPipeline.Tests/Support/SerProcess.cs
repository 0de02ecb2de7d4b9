using System.Diagnostics;

namespace SerPipeline.Tests.Support;

/// <summary>The built program <c>ser</c> as a process of its own, which can be killed, starved or given another user.</summary>
internal static class SerProcess
{
    /// <summary>The program's file, built with the tests.</summary>
    public static string Path { get; } = System.IO.Path.Combine(
        [Companions.Repository(), "SerPipeline.Console", "bin",
            .. AppContext.BaseDirectory.TrimEnd(System.IO.Path.DirectorySeparatorChar).Split(System.IO.Path.DirectorySeparatorChar)[^2..],
            OperatingSystem.IsWindows() ? "ser.exe" : "ser"]);

    /// <summary>Starts it, its streams swallowed.</summary>
    public static Process Start(params string[] arguments)
    {
        var process = Process.Start(new ProcessStartInfo(Path, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        return process;
    }

    /// <summary>Runs it to its end under another program, such as <c>prlimit</c>.</summary>
    public static (int ExitCode, string Output) Under(string[] wrapper, params string[] arguments) =>
        Programs.Run(wrapper[0], [.. wrapper[1..], Path, .. arguments]);

    /// <summary>Runs it to its end.</summary>
    public static (int ExitCode, string Output) Run(params string[] arguments) => Programs.Run(Path, arguments);
}
