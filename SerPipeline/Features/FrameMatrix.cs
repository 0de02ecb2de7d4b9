namespace SerPipeline.Features;

/// <summary>Features over time, <c>[bands, frames]</c>: one row a band, one column a frame, stored row after row.</summary>
public sealed class FrameMatrix
{
    private readonly float[] _values;

    /// <summary>Creates a matrix of zeros.</summary>
    /// <param name="bands">Rows, at least 1.</param>
    /// <param name="frames">Columns, at least 0.</param>
    public FrameMatrix(int bands, int frames)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bands, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(frames);
        Bands = bands;
        Frames = frames;
        _values = new float[checked(bands * frames)];
    }

    /// <summary>Wraps values without copying them; the caller gives them up.</summary>
    /// <param name="bands">Rows, at least 1.</param>
    /// <param name="frames">Columns, at least 0.</param>
    /// <param name="values">Row-major <c>[bands, frames]</c>.</param>
    /// <exception cref="ArgumentException"><paramref name="values"/> has another length than bands times frames.</exception>
    public FrameMatrix(int bands, int frames, float[] values)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bands, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(frames);
        ArgumentNullException.ThrowIfNull(values);
        if (values.Length != (long)bands * frames)
            throw new ArgumentException($"A [{bands}, {frames}] matrix holds {(long)bands * frames} values, got {values.Length}.", nameof(values));
        Bands = bands;
        Frames = frames;
        _values = values;
    }

    /// <summary>Rows.</summary>
    public int Bands { get; }

    /// <summary>Columns.</summary>
    public int Frames { get; }

#pragma warning disable CA1819 // The array itself is the product: it goes to tensors and images without a copy.
    /// <summary>The values, row-major <c>[bands, frames]</c>: band <c>b</c> of frame <c>t</c> is at <c>b * Frames + t</c>. Not a copy.</summary>
    public float[] Values => _values;
#pragma warning restore CA1819

    /// <summary>One value.</summary>
    /// <param name="band">The row.</param>
    /// <param name="frame">The column.</param>
    public float this[int band, int frame]
    {
        get => Row(band)[frame];
        set => Row(band)[frame] = value;
    }

    /// <summary>One band over all frames; writing to it writes to the matrix.</summary>
    /// <param name="band">The row.</param>
    public Span<float> Row(int band)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(band);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(band, Bands);
        return _values.AsSpan(band * Frames, Frames);
    }
}
