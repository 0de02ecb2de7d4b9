using System.Runtime.InteropServices;

namespace SerPipeline.Old.Torch.Native;

/// <summary>
/// libtorch's stable C interface: <c>torch/csrc/stable/c/shim.h</c> and <c>torch/csrc/inductor/aoti_torch/c/shim.h</c> of PyTorch 2.10.
/// Every function returns 0 when it succeeded; otherwise libtorch has written its message to the standard error stream.
/// </summary>
internal static unsafe partial class NativeMethods
{
    private const string Library = "torch_cpu";

    static NativeMethods() => NativeLibrary.SetDllImportResolver(typeof(NativeMethods).Assembly, Resolve);

    private static nint Resolve(string name, System.Reflection.Assembly assembly, DllImportSearchPath? path) =>
        name == Library ? TorchLibrary.Load() : nint.Zero;

    [LibraryImport(Library, EntryPoint = "torch_call_dispatcher")]
    public static partial int CallDispatcher(byte* operatorName, byte* overload, ulong* stack, ulong version);

    [LibraryImport(Library, EntryPoint = "aoti_torch_abi_version")]
    public static partial ulong AbiVersion();

    [LibraryImport(Library, EntryPoint = "torch_get_num_threads")]
    public static partial int GetThreadCount(out uint count);

    [LibraryImport(Library, EntryPoint = "aoti_torch_empty_strided")]
    public static partial int EmptyStrided(long rank, long* sizes, long* strides, int type, int deviceType, int deviceIndex, out nint handle);

    [LibraryImport(Library, EntryPoint = "aoti_torch_new_tensor_handle")]
    public static partial int NewHandle(TensorHandle tensor, out nint handle);

    [LibraryImport(Library, EntryPoint = "aoti_torch_delete_tensor_object")]
    public static partial int DeleteTensor(nint handle);

    [LibraryImport(Library, EntryPoint = "aoti_torch_get_data_ptr")]
    public static partial int GetDataPointer(TensorHandle tensor, out nint pointer);

    [LibraryImport(Library, EntryPoint = "aoti_torch_get_dim")]
    public static partial int GetRank(TensorHandle tensor, out long rank);

    [LibraryImport(Library, EntryPoint = "aoti_torch_get_sizes")]
    public static partial int GetSizes(TensorHandle tensor, out long* sizes);

    [LibraryImport(Library, EntryPoint = "aoti_torch_get_dtype")]
    public static partial int GetScalarType(TensorHandle tensor, out int type);

    [LibraryImport(Library, EntryPoint = "aoti_torch_is_contiguous")]
    public static partial int IsContiguous(TensorHandle tensor, out byte contiguous);

    [LibraryImport(Library, EntryPoint = "aoti_torch_zero_")]
    public static partial int Zero(TensorHandle tensor);

    [LibraryImport(Library, EntryPoint = "aoti_torch_copy_")]
    public static partial int Copy(TensorHandle tensor, TensorHandle source, int nonBlocking);

    [LibraryImport(Library, EntryPoint = "aoti_torch_aten_subtract_Tensor")]
    public static partial int Subtract(TensorHandle left, TensorHandle right, double alpha, out nint result);

    [LibraryImport(Library, EntryPoint = "torch_set_requires_grad")]
    public static partial int SetRequiresGrad(TensorHandle tensor, [MarshalAs(UnmanagedType.U1)] bool requiresGrad);

    [LibraryImport(Library, EntryPoint = "aoti_torch_grad_mode_is_enabled")]
    [return: MarshalAs(UnmanagedType.U1)]
    public static partial bool IsGradModeEnabled();

    [LibraryImport(Library, EntryPoint = "aoti_torch_grad_mode_set_enabled")]
    public static partial void SetGradMode([MarshalAs(UnmanagedType.U1)] bool enabled);

    [LibraryImport(Library, EntryPoint = "torch_new_list_reserve_size")]
    public static partial int NewList(nuint size, out nint list);

    [LibraryImport(Library, EntryPoint = "torch_list_push_back")]
    public static partial int PushBack(nint list, ulong slot);

    [LibraryImport(Library, EntryPoint = "torch_delete_list")]
    public static partial int DeleteList(nint list);

    [LibraryImport(Library, EntryPoint = "torch_new_string_handle")]
    public static partial int NewString(byte* text, nuint length, out nint handle);
}
