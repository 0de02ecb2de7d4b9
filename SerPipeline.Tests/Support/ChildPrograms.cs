using System.Runtime.CompilerServices;

namespace SerPipeline.Tests.Support;

/// <summary>What the programs that tests start inherit.</summary>
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
}
