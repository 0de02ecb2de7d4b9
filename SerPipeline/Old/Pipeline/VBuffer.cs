namespace SerPipeline.Old.Pipeline;

/// <summary>A vector value, under ML.NET's name. This one is always dense.</summary>
/// <typeparam name="T">The type of its items.</typeparam>
public readonly struct VBuffer<T> : IEquatable<VBuffer<T>>
{
    private readonly T[]? _values;

    /// <summary>Wraps an array without copying it; the caller gives it up.</summary>
    /// <param name="values">The items.</param>
    public VBuffer(T[] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        _values = values;
    }

    /// <summary>The number of items.</summary>
    public int Length => _values?.Length ?? 0;

    /// <summary>The items.</summary>
    public ReadOnlySpan<T> GetValues() => _values;

    /// <summary>The items, one after the other.</summary>
    public IEnumerable<T> DenseValues() => _values ?? [];

    /// <summary>Whether both wrap the same items.</summary>
    /// <param name="other">The other vector.</param>
    public bool Equals(VBuffer<T> other) => GetValues().SequenceEqual(other.GetValues());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is VBuffer<T> other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Length == 0 ? 0 : HashCode.Combine(Length, _values![0]);

    /// <summary>Whether both hold equal items.</summary>
    public static bool operator ==(VBuffer<T> left, VBuffer<T> right) => left.Equals(right);

    /// <summary>Whether the two differ in any item.</summary>
    public static bool operator !=(VBuffer<T> left, VBuffer<T> right) => !left.Equals(right);
}
