using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace SerPipeline.Old.Torch.Native;

/// <summary>
/// One call of an ATen operator through the dispatcher. The arguments are pushed in the order of the operator's schema, defaults too;
/// the call consumes every handle pushed, so each tensor argument is pushed as a second owning handle.
/// </summary>
/// <param name="name">The operator, such as <c>aten::linear</c>: a UTF-8 literal, which the compiler ends with a zero byte.</param>
/// <param name="overload">The overload, such as <c>dim</c>; empty for the plain one.</param>
internal unsafe ref struct OperatorCall(ReadOnlySpan<byte> name, ReadOnlySpan<byte> overload)
{
    // The interface is frozen per version; 2.10 is the oldest this library asks for.
    private const ulong InterfaceVersion = (2UL << 56) | (10UL << 48);

    private readonly ReadOnlySpan<byte> _name = name;
    private readonly ReadOnlySpan<byte> _overload = overload;
    private Slots _slots;
    private int _count;

    public void Push(Tensor tensor) => PushSlot(Own(tensor));

    public void Push(long value) => PushSlot(unchecked((ulong)value));

    public void Push(bool value) => PushSlot(value ? 1UL : 0UL);

    public void Push(double value) => PushSlot(BitConverter.DoubleToUInt64Bits(value));

    public void PushNone() => PushSlot(0);

    public void PushOptional(Tensor? tensor) => PushSlot(tensor is null ? 0 : Box(Own(tensor)));

    public void PushOptional(long value) => PushSlot(Box(unchecked((ulong)value)));

    public void PushOptional(double value) => PushSlot(Box(BitConverter.DoubleToUInt64Bits(value)));

    public void PushOptional(scoped ReadOnlySpan<long> values) => PushSlot(Box(List(values)));

    public void Push(scoped ReadOnlySpan<long> values) => PushSlot(List(values));

    public void Push(IReadOnlyList<Tensor> tensors)
    {
        Check(NativeMethods.NewList((nuint)tensors.Count, out nint list));
        for (int i = 0; i < tensors.Count; i++) Check(NativeMethods.PushBack(list, Own(tensors[i])));
        PushSlot((ulong)list);
    }

    // libtorch 2.10 frees the handle but keeps some 50 bytes of its own for every string argument passed: not for operators called millions of times.
    public void PushString(scoped ReadOnlySpan<byte> text)
    {
        fixed (byte* first = text)
        {
            Check(NativeMethods.NewString(first, (nuint)text.Length, out nint handle));
            PushSlot((ulong)handle);
        }
    }

    /// <summary>Makes the call; the result is one tensor.</summary>
    public Tensor Run()
    {
        RunVoid();
        return Tensor.Adopt((nint)_slots[0]);
    }

    /// <summary>Makes the call; the results are several tensors.</summary>
    public Tensor[] Run(int results)
    {
        RunVoid();
        var tensors = new Tensor[results];
        for (int i = 0; i < results; i++) tensors[i] = Tensor.Adopt((nint)_slots[i]);
        return tensors;
    }

    /// <summary>Makes the call; it has no result, or none that owns anything.</summary>
    public void RunVoid()
    {
        ThreadSetting.Apply();
        fixed (byte* operatorName = _name)
        fixed (byte* overloadName = _overload.IsEmpty ? "\0"u8 : _overload)
        fixed (ulong* stack = &_slots[0])
            Check(NativeMethods.CallDispatcher(operatorName, overloadName, stack, InterfaceVersion));
    }

    private void PushSlot(ulong slot) => _slots[_count++] = slot;

    private readonly ulong Own(Tensor tensor)
    {
        Check(NativeMethods.NewHandle(tensor.Handle, out nint handle));
        return (ulong)handle;
    }

    // The callee frees the cell with C's free, which is what NativeMemory pairs with.
    private static ulong Box(ulong slot)
    {
        ulong* cell = (ulong*)NativeMemory.Alloc(sizeof(ulong));
        *cell = slot;
        return (ulong)cell;
    }

    private readonly ulong List(scoped ReadOnlySpan<long> values)
    {
        Check(NativeMethods.NewList((nuint)values.Length, out nint list));
        foreach (long value in values) Check(NativeMethods.PushBack(list, unchecked((ulong)value)));
        return (ulong)list;
    }

    private readonly void Check(int status)
    {
        if (status != 0)
            throw new TorchException($"{Encoding.UTF8.GetString(_name)}: libtorch refused the call; its own message is on the standard error stream.");
    }

    [InlineArray(24)]
    private struct Slots
    {
        private ulong _first;
    }
}
