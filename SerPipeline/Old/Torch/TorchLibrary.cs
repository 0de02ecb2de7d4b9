using System.Reflection;
using System.Runtime.InteropServices;
using SerPipeline.Networks;
using SerPipeline.Old.Torch.Native;

namespace SerPipeline.Old.Torch;

/// <summary>Finds and loads libtorch 2.10 or later. It is loaded by the first tensor made; nothing needs to be called beforehand.</summary>
public static class TorchLibrary
{
    private static readonly Lock Gate = new();
    private static nint _handle;
    private static string? _folder;

    private const int MaxThreads = 1024;

    /// <summary>The environment variable that names the folder of another libtorch: the folder of its library files, or the one above their <c>lib</c>.</summary>
    public const string FolderVariable = "SER_LIBTORCH";

    /// <summary>The folder libtorch was loaded from; loads it when it is not loaded yet.</summary>
    /// <exception cref="TorchException">libtorch was found nowhere; the message lists each place and why it failed.</exception>
    public static string Folder
    {
        get
        {
            Load();
            return _folder!;
        }
    }

    /// <summary>
    /// The threads libtorch computes one operator with, at least 1: as many as there are cores unless the environment variable OMP_NUM_THREADS says otherwise. A number
    /// set here holds for the whole program from each thread's next operator on. Small networks, those of one vector a clip among them, are often faster with 1: two of
    /// them trained side by side, each on a thread of its own, then keep two cores busy. Results of another number of threads may differ in their last bits.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is below 1 or above 1024.</exception>
    /// <exception cref="TorchException">libtorch was not found, or is one whose threads cannot be set once it is loaded.</exception>
    public static int ThreadCount
    {
        get
        {
            ThreadSetting.Apply();
            if (NativeMethods.GetThreadCount(out uint count) != 0) throw new TorchException("libtorch did not tell its number of threads.");
            return checked((int)count);
        }
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, MaxThreads);
            ThreadSetting.Set(Load(), value);
        }
    }

    /// <summary>The version of libtorch, such as 2.10.0.</summary>
    public static Version Version
    {
        get
        {
            // Byte 7 is the major number, byte 6 the minor, byte 5 the patch.
            ulong version = NativeMethods.AbiVersion();
            return new Version((int)(version >> 56), (int)(version >> 48 & 0xFF), (int)(version >> 40 & 0xFF));
        }
    }

    /// <summary>
    /// Lets the process keep the memory that libtorch frees, for the next training step: a training is then up to a quarter faster, and the process
    /// stays as large as it ever was. Has an effect with glibc (most Linux distributions) alone; nothing else changes.
    /// </summary>
    public static void KeepFreedMemory() => FreedMemory.Keep();

    internal static nint Load()
    {
        lock (Gate)
        {
            if (_handle != 0) return _handle;
            LibtorchEnvironment.WaitWithoutSpinning();
            LibtorchEnvironment.WarnOfErrorsOnly();
            (_handle, _folder) = LoadFrom(TorchLocation.OfThisMachine(), LoadFile);
            LibTorch.Silence(NativeLibrary.Load(Path.Combine(_folder, LibTorch.FileName("c10"))), _handle);
            return _handle;
        }
    }

    private static nint LoadFile(string file)
    {
        nint handle = NativeLibrary.Load(file);
        if (NativeLibrary.TryGetExport(handle, "torch_call_dispatcher", out _)) return handle;
        NativeLibrary.Free(handle);
        throw new DllNotFoundException("it has no function torch_call_dispatcher, so it is older than libtorch 2.10");
    }

    /// <summary>Tries the places in order. A place marked as the user's explicit choice is the only one tried.</summary>
    internal static (nint Handle, string Folder) LoadFrom(IReadOnlyList<TorchLocation> locations, Func<string, nint> load)
    {
        var failures = new List<string>();
        foreach (TorchLocation location in locations)
        {
            if (location.TryLoad(load, out nint handle, out string found)) return (handle, found);
            failures.Add($"  {location.Origin}: {found}");
            if (location.IsExplicit) break;
        }
        string tried = string.Join(Environment.NewLine, failures);
        throw new TorchException(
            $"libtorch 2.10 or later ({TorchLocation.FileName}) could not be loaded. Looked in:{Environment.NewLine}{tried}{Environment.NewLine}"
            + $"Restore the package {TorchLocation.PackageName}, or set {FolderVariable} to the folder of a libtorch for this machine.");
    }

    internal static string? RecordedFolder() => typeof(TorchLibrary).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .FirstOrDefault(attribute => attribute.Key == "LibTorchFolder")?.Value;
}
