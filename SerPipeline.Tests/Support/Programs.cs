using System.Diagnostics;

namespace SerPipeline.Tests.Support;

/// <summary>Other programs, run to their end.</summary>
internal static class Programs
{
    /// <summary>Runs a program to its end.</summary>
    /// <returns>Its exit code, and standard output followed by standard error.</returns>
    public static (int ExitCode, string Output) Run(string program, params string[] arguments)
    {
        (int code, string output, string error) = RunApart(program, arguments);
        return (code, output + error);
    }

    /// <summary>Runs a program to its end, with standard error apart.</summary>
    public static (int ExitCode, string Output, string Error) RunApart(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true
        })!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.Result);
    }

    /// <summary>Whether a program is there and ends well.</summary>
    public static bool Succeeds(string program, params string[] arguments)
    {
        try
        {
            return Run(program, arguments).ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
