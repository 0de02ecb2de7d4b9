using System.Diagnostics;
using System.Runtime.InteropServices;
using SerPipeline.Old.Torch;
using SerPipeline.Old.Torch.Layers;
using SerPipeline.Old.Torch.Optimizers;

namespace SerPipeline.Tests.Old.Torch;

/// <summary>Counts tensors of the whole process, so nothing else may run beside these tests.</summary>
[CollectionDefinition("Native memory", DisableParallelization = true)]
public sealed class NativeMemoryTestsAlone;

[Collection("Native memory")]
public partial class NativeMemoryTests
{
    [Fact]
    public void Training_and_scoring_leave_no_tensor_behind()
    {
        long before = Settled();
        Train(3);
        Assert.Equal(before, Tensor.LiveCount);
    }

    [Fact]
    public void Scopes_dispose_what_was_made_inside_except_what_is_kept()
    {
        long before = Settled();
        Tensor kept, moved;
        using (TensorScope.New())
        {
            using (var scope = TensorScope.New())
            {
                Tensor made = Tensor.Zeros(3);
                kept = scope.Keep(made.Relu());
                moved = scope.MoveToOuter(made.Exp());
                Assert.Equal(1, scope.Count);
            }
            Assert.False(moved.IsDisposed);
            Assert.Equal(before + 2, Tensor.LiveCount);
        }
        Assert.True(moved.IsDisposed);
        Assert.Equal([0f, 0f, 0f], kept.ToFloats());
        kept.Dispose();
        kept.Dispose();
        Assert.Equal(before, Tensor.LiveCount);
    }

    [Fact]
    public void Failed_checks_leave_no_tensor_behind()
    {
        long before = Settled();
        using (TensorScope.New())
        {
            using var layer = new Linear(3, 2, new SeededRandom(1));
            Assert.Throws<TorchException>(() => layer.Forward(Tensor.Zeros(2, 4)));
            layer.SetPrecision(ComputePrecision.BFloat16);
            Assert.Throws<TorchException>(() => layer.Forward(Tensor.Zeros(2, 4)));
        }
        Assert.Equal(before, Tensor.LiveCount);
    }

    [Fact]
    public void Forgotten_tensors_are_collected()
    {
        long before = Settled();
        Forget();
        Assert.InRange(Settled(), 0, before);

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        static void Forget()
        {
            for (int i = 0; i < 100; i++) Tensor.Zeros(10);
        }
    }

    [Fact]
    public void Memory_stays_flat_over_many_steps()
    {
        // The smallest activation here has 16 KB, most have 32 KB: leaking one of them a step would show as 960 KB or more where the allocator tells
        // the bytes in use, and as 3.2 MB elsewhere, where the working set moves for other reasons too.
        (int steps, long most) = OperatingSystem.IsLinux() ? (60, 480_000L) : (200, 2_400_000L);
        using var network = new Sequential(new Conv2d(2, 4, 3, new SeededRandom(1), padding: 1), new BatchNorm2d(4), new GELU(), new MaxPool2d(2), new Flatten(), new Linear(1024, 4, new SeededRandom(2)));
        void Pass()
        {
            using var scope = TensorScope.New();
            network.ZeroGrad();
            Autograd.Backward(network.Forward(Tensor.Full(0.5f, 2, 2, 32, 32)).CrossEntropy(Tensor.From(new long[2], 2)));
        }
        void Passes(int count)
        {
            for (int i = 0; i < count; i++) Pass();
        }
        AssertFlat(Passes, steps, most);
    }

    [Fact]
    public void Arguments_of_every_kind_are_freed_by_the_call()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "asks glibc for the bytes in use");
        // Lists, optional lists, optional numbers, tensor lists, several results: each is a native object, and glibc gives out no less than 32 bytes,
        // so 1,500 leaks of one of them are at least 48 KB.
        using var kept = Tensor.Full(1, 1, 2, 2);
        using var lstm = new LSTM(2, 1, new SeededRandom(1));
        void Calls(int count)
        {
            for (int i = 0; i < count; i++)
            {
                using var scope = TensorScope.New();
                kept.Reshape(2, 2);
                kept.Sum([0]);
                kept.ArgMax(0);
                Tensor.Cat([kept, kept], 0);
                lstm.Forward(kept);
            }
        }
        AssertFlat(Calls, 1_500, 30_000);
    }

    [Fact]
    public void Refused_arguments_are_freed_too()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "asks glibc for the bytes in use");
        // A leaked handle of an argument takes 32 bytes at least: one each in 1,000 rounds of five calls would be 160 KB.
        using var kept = Tensor.Full(1, 1, 2, 2);
        using var bias = Tensor.Full(1, 2);
        Tensor gone = Tensor.Full(1, 2, 2), kernel = Tensor.Full(1, 2, 2, 1), vector = Tensor.Full(1, 2);
        // Used once before, so that their types and shapes are known.
        kept.MatMul(gone).Dispose();
        kept.Conv1d(kernel, vector).Dispose();
        foreach (Tensor tensor in (Tensor[])[gone, kernel, vector]) tensor.Dispose();
        Action[] calls =
        [
            () => kept.MatMul(gone), () => kept.Linear(gone, null), () => kept.Conv1d(kernel, bias), () => Tensor.Cat([kept, gone], 0),
            () => kept.BatchNorm(null, null, bias, vector, training: false),
        ];
        void Calls(int count)
        {
            for (int i = 0; i < count; i++)
                foreach (Action call in calls) Assert.Throws<ObjectDisposedException>(call);
        }
        AssertFlat(Calls, 1_000, 80_000);
    }

    [Fact]
    public void Scopes_ended_on_another_thread_collect_no_more()
    {
        using var scope = TensorScope.New();
        TensorScope lost = TensorScope.New();
        Tensor inside = Tensor.Zeros(1);
        Assert.IsType<InvalidOperationException>(OnAnotherThread(lost.Dispose));
        // The thread goes on in the scope around the lost one.
        Tensor later = Tensor.Zeros(1);
        Assert.Equal((1, 1), (lost.Count, scope.Count));
        using (var inner = TensorScope.New()) Tensor.Zeros(1);
        Assert.Equal((1, 1), (lost.Count, scope.Count));
        // Its own thread can still free what it holds.
        lost.Dispose();
        Assert.True(inside.IsDisposed);
        scope.Dispose();
        Assert.True(later.IsDisposed);
    }

    private static Exception? OnAnotherThread(Action action)
    {
        Exception? error = null;
        var thread = new Thread(() => error = Record.Exception(action));
        thread.Start();
        thread.Join();
        return error;
    }

    [Fact]
    public void Scopes_and_modes_belong_to_their_thread()
    {
        using var scope = TensorScope.New();
        Tensor.Zeros(1);
        Assert.Null(OnAnotherThread(() => Tensor.Zeros(1).Dispose()));
        Assert.Equal(1, scope.Count);
        using var weight = new Parameter(Tensor.From([3f], 1));
        void Backward()
        {
            using var inner = TensorScope.New();
            Autograd.Backward(weight.Value.Square().Sum());
        }
        using (var noGrad = NoGrad.New())
        {
            // Nothing is recorded here, while another thread records and gets 2 w.
            Assert.Throws<TorchException>(Backward);
            Assert.Null(OnAnotherThread(Backward));
            Assert.Equal([6f], weight.Gradient.ToFloats());
            Assert.IsType<InvalidOperationException>(OnAnotherThread(noGrad.Dispose));
            Assert.Throws<TorchException>(Backward);
        }
        Backward();
        Assert.Equal([12f], weight.Gradient.ToFloats());
    }

    private static void Train(int steps)
    {
        var random = new SeededRandom(1);
        using var network = new Sequential(new Conv1d(2, 4, 3, random), new BatchNorm1d(4), new SiLU(), new MaxPool1d(2), new Dropout(0.2, random), new AdaptiveAvgPool1d(1), new Flatten(), new Linear(4, 3, random));
        network.SetPrecision(ComputePrecision.BFloat16);
        using var optimizer = new AdamW(ParameterGroup.Split(network, 0.1));
        using var loss = new CrossEntropyLoss([1, 1, 2]);
        for (int step = 0; step < steps; step++)
        {
            using var scope = TensorScope.New();
            Tensor value = loss.Forward(network.Forward(Tensor.From(Draw.Normal(step, 4 * 2 * 9), 4, 2, 9)), Tensor.From([0L, 1, 2, 1], 4));
            optimizer.ZeroGrad();
            Autograd.Backward(value);
            optimizer.ClipGradientNorm(1);
            optimizer.Step();
        }
        network.LoadStateDict(network.StateDict());
        optimizer.LoadStateDict(optimizer.StateDict());
    }

    private static long Settled()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return Tensor.LiveCount;
    }

    // A leak grows every window by more than the bound. The just-in-time compiler and the rest of the process take and give back megabytes of the same heap
    // at times of their own, sometimes over several windows, so two quiet windows out of many are the evidence.
    private static void AssertFlat(Action<int> work, int count, long most)
    {
        work(count);
        var growth = new List<long>();
        while (growth.Count < 25 && growth.Count(g => g <= most) < 2)
        {
            long before = UsedBytes();
            work(count);
            growth.Add(UsedBytes() - before);
        }
        Assert.True(growth.Count(g => g <= most) >= 2, $"memory grew by more than {most} bytes in all but one of {growth.Count} windows: {string.Join(", ", growth)}");
    }

    [LibraryImport("libc", EntryPoint = "mallinfo2")]
    private static partial Allocator AllocatorInfo();

    // What the C allocator has given out, where it tells; else all memory of the process.
    private static long UsedBytes()
    {
        Settled();
        if (OperatingSystem.IsLinux()) return AllocatorInfo().BytesInUse;
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }

    // struct mallinfo2 of malloc.h: ten size_t, the eighth of which counts the bytes in use.
    [StructLayout(LayoutKind.Explicit, Size = 80)]
    private struct Allocator
    {
        [FieldOffset(56)]
        public long BytesInUse;
    }
}
