using static TorchSharp.torch;

namespace SerPipeline.Networks;

/// <summary>A copy of a network's parameters and buffers, in memory: the best epoch while training goes on. Dispose it to free
/// it.</summary>
public sealed class NetworkState : IDisposable
{
    private readonly Dictionary<string, Tensor> _values = new(StringComparer.Ordinal);

    private NetworkState() { }

    /// <summary>Copies them.</summary>
    /// <param name="network">The network.</param>
    public static NetworkState Of(nn.Module network)
    {
        ArgumentNullException.ThrowIfNull(network);
        var state = new NetworkState();
        using IDisposable noGrad = no_grad();
        foreach ((string name, Tensor value) in Values(network)) state._values.Add(name, value.clone().DetachFromDisposeScope());
        return state;
    }

    /// <summary>The parameters and buffers of a network by name, themselves and not copies.</summary>
    internal static IEnumerable<(string Name, Tensor Value)> Values(nn.Module network) =>
        [.. network.named_parameters().Select(p => (p.name, (Tensor)p.parameter)), .. network.named_buffers().Select(b =>
            (b.name, b.buffer))];

    /// <summary>The copies by name.</summary>
    internal IEnumerable<(string Name, Tensor Value)> Copies => _values.Select(pair => (pair.Key, pair.Value));

    /// <summary>Writes them back.</summary>
    /// <param name="network">The network they were copied from, or one of the same names and shapes.</param>
    /// <exception cref="ArgumentException">The network has others.</exception>
    public void Restore(nn.Module network)
    {
        ArgumentNullException.ThrowIfNull(network);
        Dictionary<string, Tensor> targets = Values(network).ToDictionary(v => v.Name, v => v.Value, StringComparer.Ordinal);
        if (targets.Count != _values.Count || !targets.All(t =>
            _values.TryGetValue(t.Key, out Tensor? value) && value.shape.SequenceEqual(t.Value.shape)))
            throw new ArgumentException(
                $"{network.GetName()} has other parameters or buffers than the network this state was copied from.", nameof(network));
        using IDisposable noGrad = no_grad();
        foreach ((string name, Tensor target) in targets) target.copy_(_values[name]);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Tensor value in _values.Values) value.Dispose();
    }
}
