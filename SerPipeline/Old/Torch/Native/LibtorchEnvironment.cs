using System.Runtime.InteropServices;

namespace SerPipeline.Old.Torch.Native;

/// <summary>Settings of libtorch's thread pool and log, which it reads once, from the C environment, when it is loaded.</summary>
internal static partial class LibtorchEnvironment
{
    /// <summary>
    /// Lets libtorch's threads sleep while they wait for each other, unless the user said otherwise. Spinning, GNU OpenMP's default, is a little
    /// faster on an idle machine and ruinous on a busy one: a small network then spends nearly all its time waiting for a thread that
    /// a spinning one keeps off the processor. Decoding clips beside scoring is enough to make a machine busy.
    /// </summary>
    public static void WaitWithoutSpinning() => SetUnlessSet("OMP_WAIT_POLICY", "PASSIVE");

    /// <summary>
    /// Keeps libtorch's warnings off standard error unless the user set their level: on a processor that NNPACK does not know it warns at every
    /// convolution of a single thread. Errors are raised as exceptions in any case.
    /// </summary>
    public static void WarnOfErrorsOnly() => SetUnlessSet("TORCH_CPP_LOG_LEVEL", "ERROR");

    private static void SetUnlessSet(string name, string value)
    {
        if (!OperatingSystem.IsLinux() || Environment.GetEnvironmentVariable(name) is not null) return;
        // Environment.SetEnvironmentVariable changes .NET's copy only; libtorch reads the C one. A failure leaves the default: slower or noisier, and right.
        _ = SetEnvironment(name, value, overwrite: 0);
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);
}
