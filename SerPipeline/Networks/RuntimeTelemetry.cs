using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace SerPipeline.Networks;

/// <summary>
/// ONNX Runtime 1.29 and later sends data on its use to its maker, on Linux and macOS as well, and keeps an identifier of the machine
/// below the home folder. Who opens recordings of people expects neither.
/// </summary>
internal static class RuntimeTelemetry
{
    /// <summary>The variable by which ONNX Runtime sends and keeps nothing; read once, when a process first uses it.</summary>
    public const string Variable = "ORT_DISABLE_TELEMETRY";

    // ML.NET opens sessions by itself, so no call of this library's is certain to come first.
    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "The variable must be set before anything else in the process uses ONNX Runtime.")]
    internal static void Disable() => NativeSettings.SetUnlessSet(Variable, "1");
}
