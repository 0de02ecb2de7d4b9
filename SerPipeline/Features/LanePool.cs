using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;

namespace SerPipeline.Features;

/// <summary>Vectors rented from the shared pool for the length of one call.</summary>
internal readonly ref struct LanePool : IDisposable
{
    private readonly double[] _rented;

    public LanePool(int lanes)
    {
        _rented = ArrayPool<double>.Shared.Rent(Math.Max(1, lanes) * Vector<double>.Count);
        Lanes = MemoryMarshal.Cast<double, Vector<double>>(_rented.AsSpan(0, lanes * Vector<double>.Count));
        Lanes.Clear();
    }

    /// <summary>The vectors, zero at first.</summary>
    public Span<Vector<double>> Lanes { get; }

    public void Dispose() => ArrayPool<double>.Shared.Return(_rented);
}
