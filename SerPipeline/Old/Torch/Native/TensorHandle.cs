using Microsoft.Win32.SafeHandles;

namespace SerPipeline.Old.Torch.Native;

/// <summary>Owns one native tensor handle; its finalizer is the safety net for tensors nobody disposed.</summary>
internal sealed class TensorHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    private static long _live;

    public TensorHandle(nint handle) : base(ownsHandle: true)
    {
        SetHandle(handle);
        Interlocked.Increment(ref _live);
    }

    /// <summary>Handles made and not yet released, in the whole process.</summary>
    public static long Live => Interlocked.Read(ref _live);

    protected override bool ReleaseHandle()
    {
        Interlocked.Decrement(ref _live);
        return NativeMethods.DeleteTensor(handle) == 0;
    }
}
