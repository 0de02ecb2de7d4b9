namespace SerPipeline.Networks;

/// <summary>Where a network is trained.</summary>
public enum TorchDevice
{
    /// <summary>CUDA where the loaded libtorch has it and a GPU answers, else the CPU.</summary>
    Auto,

    /// <summary>The CPU.</summary>
    Cpu,

    /// <summary>The first CUDA GPU; an error where there is none.</summary>
    Cuda,
}
