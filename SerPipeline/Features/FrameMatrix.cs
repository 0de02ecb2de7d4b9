namespace SerPipeline.Features;

/// <summary>Features over time, row-major <c>[bands, frames]</c>.</summary>
public sealed class FrameMatrix
{
    private readonly float[] _values;

    /// <summary>Creates a matrix of zeros.</summary>
    /// <param name="bands">Rows, at least 1.</param>
    /// <param name="frames">Columns, at least 0.</param>
    public FrameMatrix(int bands, int frames)
        // What is negative is refused there.
        : this(bands, frames, new float[bands < 1 || frames < 0 ? 0 : checked(bands * frames)]) { }

    /// <summary>Wraps an array without copying it.</summary>
    /// <param name="bands">Rows, at least 1.</param>
    /// <param name="frames">Columns, at least 0.</param>
    /// <param name="values">Row-major <c>[bands, frames]</c>.</param>
    /// <exception cref="ArgumentException">The length of <paramref name="values"/> is not bands times frames.</exception>
    public FrameMatrix(int bands, int frames, float[] values)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bands, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(frames);
        ArgumentNullException.ThrowIfNull(values);
        if (values.Length != (long)bands * frames)
            throw new ArgumentException($"Expected {bands} x {frames} = {(long)bands * frames} values, got {values.Length}.",
                nameof(values));
        Bands = bands;
        Frames = frames;
        _values = values;
    }

    /// <summary>Number of rows.</summary>
    public int Bands { get; }

    /// <summary>Number of columns.</summary>
    public int Frames { get; }

#pragma warning disable CA1819 // Exposes the array itself, so that tensors and images need no copy.
    /// <summary>The array itself, not a copy: band <c>b</c> of frame <c>t</c> is at <c>b * Frames + t</c>.</summary>
    public float[] Values => _values;
#pragma warning restore CA1819

    /// <summary>Gets or sets one value.</summary>
    /// <param name="band">Row, from 0.</param>
    /// <param name="frame">Column, from 0.</param>
    public float this[int band, int frame]
    {
        get => Row(band)[frame];
        set => Row(band)[frame] = value;
    }

    /// <summary>A writable view of one band over all frames.</summary>
    /// <param name="band">Row, from 0.</param>
    public Span<float> Row(int band)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(band);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(band, Bands);
        return _values.AsSpan(band * Frames, Frames);
    }
}
