using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace SerPipeline.Networks;

/// <summary>A module that draws while it trains, from a generator of its own.</summary>
public interface INeedsSeed
{
    /// <summary>Restarts its draws.</summary>
    /// <param name="random">Its own stream from now on: draw from this very object, whose state a checkpoint keeps.</param>
    void Seed(SeededRandom random);
}

/// <summary>A module that can multiply in bfloat16.</summary>
public interface IComputesInPrecision
{
    /// <summary>What it multiplies in; float32 unless set. Weights, gradients and sums are float32 always.</summary>
    ComputePrecision Precision { get; set; }
}

/// <summary>What a training asks of a network as a whole.</summary>
public static class NetworkExtensions
{
    /// <summary>Chooses what every layer inside that can, multiplies in. TorchSharp's own layers compute in what they are given.</summary>
    /// <param name="network">The network.</param>
    /// <param name="precision">The precision; auto is what suits the device that the network lies on.</param>
    public static void SetPrecision(this Module network, ComputePrecision precision)
    {
        ArgumentNullException.ThrowIfNull(network);
        ComputePrecision resolved = precision.Resolve(network.parameters().FirstOrDefault()?.device);
        foreach (Module module in network.modules().Prepend(network))
            if (module is IComputesInPrecision layer) layer.Precision = resolved;
    }

    /// <summary>Restarts the draws of every <see cref="INeedsSeed"/> inside; each gets its own stream, named by its path.</summary>
    /// <param name="network">The network.</param>
    /// <param name="random">Where the streams come from.</param>
    /// <returns>The generators handed out, whose states a checkpoint keeps.</returns>
    public static IReadOnlyList<SeededRandom> SeedDropout(this Module network, SeededRandom random)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(random);
        var draws = new List<SeededRandom>();
        Seed(network, random, "", draws);
        return draws;
    }

    /// <summary>How many numbers training changes.</summary>
    /// <param name="network">The network.</param>
    public static long TrainableParameters(this Module network)
    {
        ArgumentNullException.ThrowIfNull(network);
        return network.parameters().Where(p => p.requires_grad).Sum(p => p.numel());
    }

    /// <summary>
    /// An operation of a tensor and a number. TorchSharp gives libtorch the address of a copy of the number and holds it no longer: a
    /// collection on another thread can free it before it is read, and then it is none ("Unknown scalar type"), or another. Once in 36
    /// trainings, two at a time, that ended a run. Here the copy lives until the operation is done.
    /// </summary>
    internal static Tensor With(this Tensor tensor, double number, Func<Tensor, Scalar, Tensor> operation)
    {
        using Scalar scalar = number;
        return operation(tensor, scalar);
    }

    /// <summary>The one element of a tensor of any type, as float32, read where it lies: TorchSharp's <c>item</c> goes through such a copy
    /// too.</summary>
    internal static float Number(this Tensor tensor)
    {
        using Tensor number = tensor.to_type(ScalarType.Float32), here = number.cpu();
        return MemoryMarshal.Read<float>(here.bytes);
    }

    internal static ScalarType TypeFor(this ComputePrecision precision, Tensor input) =>
        (precision == ComputePrecision.Auto ? precision.Resolve(input.device) : precision) == ComputePrecision.BFloat16
            ? ScalarType.BFloat16 : ScalarType.Float32;

    /// <summary>The tensor itself where it has the type already.</summary>
    internal static Tensor As(this Tensor tensor, ScalarType type) => tensor.dtype == type ? tensor : tensor.to(type);

    private static void Seed(Module module, SeededRandom random, string path, List<SeededRandom> draws)
    {
        if (module is INeedsSeed layer)
        {
            draws.Add(random.Fork("dropout " + path));
            layer.Seed(draws[^1]);
        }
        foreach ((string name, Module child) in module.named_children()) Seed(child, random, $"{path}.{name}", draws);
    }
}

/// <summary>The name of a module about to be made, once libtorch is there to make it with.</summary>
internal static class Started
{
    /// <exception cref="TorchException">libtorch was not found.</exception>
    public static string As(string name)
    {
        TorchEngine.Start();
        return name;
    }
}
