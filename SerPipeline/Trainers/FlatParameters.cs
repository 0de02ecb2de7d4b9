using static TorchSharp.torch;

namespace SerPipeline.Trainers;

/// <summary>
/// Parameters of one type side by side in one tensor, of which they become views, and their gradients in another: what changes all of them
/// is then one operation instead of one a parameter, whose call from .NET costs more than its arithmetic where networks are small.
/// </summary>
internal sealed class FlatParameters : IDisposable
{
    // libtorch's products round by how their memory is aligned, and are fastest at multiples of 64 bytes. What fills up stays 0.
    private const long Alignment = 64;

    private readonly Parameter[] _parameters;
    private readonly List<Tensor> _views = [];

    /// <param name="parameters">At least one, all of one type and on one device.</param>
    public FlatParameters(IReadOnlyList<Parameter> parameters)
    {
        _parameters = [.. parameters];
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        Values = zeros(_parameters.Sum(Room), dtype: _parameters[0].dtype, device: _parameters[0].device).DetachFromDisposeScope();
        Gradients = zeros_like(Values).DetachFromDisposeScope();
        long start = 0;
        foreach (Parameter parameter in _parameters)
        {
            Tensor own = Values.narrow(0, start, parameter.numel()).view(parameter.shape);
            own.copy_(parameter);
            parameter.set_(own);
            // Backward adds to a gradient that is there, in place.
            Tensor gradient = Gradients.narrow(0, start, parameter.numel()).view(parameter.shape).DetachFromDisposeScope();
            parameter.grad = gradient;
            _views.Add(gradient);
            start += Room(parameter);
        }
    }

    /// <summary>[length], fillings between parameters included.</summary>
    public Tensor Values { get; }

    /// <summary>[length].</summary>
    public Tensor Gradients { get; }

    /// <summary>Lets go of the gradients; the parameters keep their values.</summary>
    public void Dispose()
    {
        foreach (Parameter parameter in _parameters) parameter.grad = null;
        foreach (Tensor tensor in (IEnumerable<Tensor>)[.. _views, Values, Gradients]) tensor.Dispose();
    }

    private static long Room(Parameter parameter)
    {
        long block = Alignment / parameter.element_size();
        return (parameter.numel() + block - 1) / block * block;
    }
}
