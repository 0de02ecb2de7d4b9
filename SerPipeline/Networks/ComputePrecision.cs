using System.Diagnostics.CodeAnalysis;
using System.Runtime.Intrinsics.X86;
using static TorchSharp.torch;

namespace SerPipeline.Networks;

/// <summary>What convolutions and matrix products compute in. Parameters, gradients and optimizer state are float32 always.</summary>
[SuppressMessage("Naming", "CA1720:Identifier contains type name",
    Justification = "The precisions are named after what they compute in, as in PyTorch.")]
public enum ComputePrecision
{
    /// <summary>On the CPU bfloat16 where the processor has instructions for it, else float32; on other devices float32.</summary>
    Auto,

    /// <summary>float32 throughout.</summary>
    Float32,

    /// <summary>bfloat16 products with float32 sums: about twice as fast on processors with AVX512-BF16 or AMX, slower on others.</summary>
    BFloat16,
}

/// <summary>What <see cref="ComputePrecision.Auto"/> means on a device.</summary>
public static class ComputePrecisions
{
    /// <summary>Whether the processor multiplies bfloat16 numbers itself (AVX512-BF16 or AMX-BF16).</summary>
    public static bool HasBFloat16Instructions { get; } = DetectBFloat16();

    /// <summary>Replaces <see cref="ComputePrecision.Auto"/> by what it means on a device.</summary>
    /// <param name="precision">The precision asked for.</param>
    /// <param name="device">Where the network computes; null for the CPU.</param>
    public static ComputePrecision Resolve(this ComputePrecision precision, Device? device = null) => precision switch
    {
        // What the processor can do says nothing about a GPU. There libtorch's convolutions take tensor cores in float32 too (TF32).
        ComputePrecision.Auto when device is { type: not DeviceType.CPU } => ComputePrecision.Float32,
        ComputePrecision.Auto => HasBFloat16Instructions ? ComputePrecision.BFloat16 : ComputePrecision.Float32,
        _ => precision,
    };

    // Intel 64 and IA-32 Architectures Software Developer's Manual, CPUID leaf 7: subleaf 1 EAX bit 5 is AVX512_BF16, subleaf 0 EDX bit
    // 22 is AMX-BF16.
    private static bool DetectBFloat16()
    {
        if (!X86Base.IsSupported || X86Base.CpuId(0, 0).Eax < 7) return false;
        (int subleaves, int _, int _, int features) = X86Base.CpuId(7, 0);
        bool amx = (features & (1 << 22)) != 0;
        bool avx512 = Avx512F.IsSupported && subleaves >= 1 && (X86Base.CpuId(7, 1).Eax & (1 << 5)) != 0;
        return amx || avx512;
    }
}
