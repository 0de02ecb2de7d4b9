using System.Runtime.CompilerServices;

namespace SerPipeline.Tests.Support;

/// <summary>What the tests run in, and the programs that they start inherit.</summary>
internal static class ChildPrograms
{
    /// <summary>They live for seconds: most of their time is compiling, which profiles for later and pages mapped twice make
    /// longer.</summary>
    [ModuleInitializer]
    internal static void StartFaster()
    {
        Environment.SetEnvironmentVariable("DOTNET_TieredPGO", "0");
        Environment.SetEnvironmentVariable("DOTNET_EnableWriteXorExecute", "0");
    }

    /// <summary>A command that is given no folder for its cache would make one among the user's own files.</summary>
    [ModuleInitializer]
    internal static void CacheForAWhile()
    {
        string cache = Path.Combine(Path.GetTempPath(), $"ser-test-cache-{Environment.ProcessId}");
        Environment.SetEnvironmentVariable("SER_CACHE", cache);
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            try
            {
                if (Directory.Exists(cache)) Directory.Delete(cache, recursive: true);
            }
            catch (IOException)
            {
                // A program that a test left behind still writes there; the tests' own result stands.
            }
        };
    }
}
