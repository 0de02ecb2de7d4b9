namespace SerPipeline;

/// <summary>The array of a NumPy <c>.npy</c> file, in C order (the last dimension runs fastest).</summary>
/// <typeparam name="T">The type of its values.</typeparam>
public sealed class NpyArray<T> where T : struct
{
    private readonly T[] _values;

    internal NpyArray(IReadOnlyList<int> shape, T[] values)
    {
        Shape = shape;
        _values = values;
    }

    /// <summary>One or two dimensions; a dimension may be 0.</summary>
    public IReadOnlyList<int> Shape { get; }

    /// <summary>All values; as many as the dimensions' product.</summary>
    public ReadOnlySpan<T> Values => _values;

    /// <summary>One row of a matrix.</summary>
    /// <param name="row">The row, from 0.</param>
    /// <exception cref="InvalidOperationException">The array has one dimension.</exception>
    public ReadOnlySpan<T> Row(int row)
    {
        if (Shape.Count != 2) throw new InvalidOperationException($"Only a matrix has rows; this array has {Shape.Count} dimension.");
        ArgumentOutOfRangeException.ThrowIfNegative(row);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, Shape[0]);
        return _values.AsSpan(row * Shape[1], Shape[1]);
    }
}
