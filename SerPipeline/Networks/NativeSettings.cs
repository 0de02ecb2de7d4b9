namespace SerPipeline.Networks;

/// <summary>Settings of the C library, which libtorch and its thread pool go by.</summary>
internal static partial class NativeSettings
{
    // mallopt's numbers, from glibc's malloc.h.
    private const int TrimThreshold = -1, TopPad = -2, MmapMax = -4;

    /// <summary>Sets a variable in the C environment, unless the user has set it.</summary>
    public static void SetUnlessSet(string name, string value)
    {
        if (OperatingSystem.IsWindows() || Environment.GetEnvironmentVariable(name) is not null) return;
        // Environment.SetEnvironmentVariable changes .NET's copy alone. A failure leaves the default: slower or noisier, and right.
        _ = SetEnvironment(name, value, overwrite: 0);
    }

    /// <summary>
    /// Lets glibc keep freed memory. By default it returns every large block to the kernel, and the next training step, asking for the
    /// same blocks, has each page of them cleared anew: about a quarter of the time of a small CNN.
    /// </summary>
    public static void KeepFreedMemory() => WithGlibc(() =>
    {
        // A failure leaves the default, which is slower and right.
        _ = SetOption(MmapMax, 0);
        _ = SetOption(TrimThreshold, int.MaxValue);
        _ = SetOption(TopPad, 256 << 20);
    });

    /// <summary>Has glibc return the freed memory that it keeps.</summary>
    public static void ReturnFreedMemory() => WithGlibc(() => _ = Trim(0));

    private static void WithGlibc(Action action)
    {
        if (!OperatingSystem.IsLinux()) return;
        try
        {
            action();
        }
        catch (EntryPointNotFoundException)
        {
            // musl has no such settings.
        }
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int SetOption(int option, int value);

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int Trim(nuint keep);
}
