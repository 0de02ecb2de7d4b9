using System.Runtime.InteropServices;

namespace SerPipeline.Old.Torch.Native;

/// <summary>
/// Sets the threads libtorch computes with. Its stable C interface can only ask; the C++ function <c>at::set_num_threads(int)</c> sets them, and every libtorch
/// exports it under one of two names, by compiler. It holds for the thread that calls it and for threads that have not computed yet, so each thread calls it for itself.
/// </summary>
internal static unsafe class ThreadSetting
{
    // The Itanium C++ ABI of gcc and clang, and that of Microsoft's compiler.
    private static readonly string[] Names = ["_ZN2at15set_num_threadsEi", "?set_num_threads@at@@YAXH@Z"];

    // 0: never set, libtorch's own choice stands.
    private static volatile int _wanted;

    [ThreadStatic]
    private static int _applied;

    private static delegate* unmanaged<int, void> _set;

    /// <summary>Sets the number for this thread now and for every other one at its next operator.</summary>
    /// <param name="library">libtorch.</param>
    /// <param name="count">At least 1.</param>
    public static void Set(nint library, int count)
    {
        foreach (string name in Names)
        {
            if (!NativeLibrary.TryGetExport(library, name, out nint address)) continue;
            _set = (delegate* unmanaged<int, void>)address;
            _wanted = count;
            Apply();
            return;
        }
        throw new TorchException($"This libtorch has no function {string.Join(" or ", Names)}, so its threads cannot be set once it is loaded. Set the environment variable OMP_NUM_THREADS before the program starts.");
    }

    /// <summary>Brings this thread up to date; two reads where nothing has changed.</summary>
    public static void Apply()
    {
        int wanted = _wanted;
        if (wanted == _applied) return;
        _set(wanted);
        _applied = wanted;
    }
}
