using System.Runtime.InteropServices;

namespace SerPipeline.Old.Torch.Native;

/// <summary>What the C library does with memory that libtorch frees.</summary>
internal static partial class FreedMemory
{
    // The numbers of glibc's malloc.h.
    private const int TrimThreshold = -1, TopPad = -2, MmapMax = -4;

    /// <summary>
    /// Lets glibc keep it. By default it returns every large block to the kernel, and a training step that asks for the same blocks again has each page
    /// of them cleared anew: about a quarter of the time of a small CNN. Other C libraries are left as they are.
    /// </summary>
    public static void Keep()
    {
        if (!OperatingSystem.IsLinux()) return;
        try
        {
            // A failure leaves the default, which is slower and right.
            _ = SetOption(MmapMax, 0);
            _ = SetOption(TrimThreshold, int.MaxValue);
            _ = SetOption(TopPad, 256 << 20);
        }
        catch (EntryPointNotFoundException)
        {
            // musl has no such settings.
        }
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int SetOption(int option, int value);
}
