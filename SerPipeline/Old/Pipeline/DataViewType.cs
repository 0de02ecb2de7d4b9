using SerPipeline.Audio;
using SerPipeline.Features;


namespace SerPipeline.Old.Pipeline;

/// <summary>The type of a column, under ML.NET's names.</summary>
public abstract class DataViewType : IEquatable<DataViewType>
{
    private protected DataViewType(Type rawType) => RawType = rawType;

    /// <summary>The .NET type of one value.</summary>
    public Type RawType { get; }

    /// <inheritdoc/>
    public abstract bool Equals(DataViewType? other);

    /// <inheritdoc/>
    public sealed override bool Equals(object? obj) => Equals(obj as DataViewType);

    /// <inheritdoc/>
    public override int GetHashCode() => RawType.GetHashCode();
}

/// <summary>Text; values are <see cref="string"/>.</summary>
public sealed class TextDataViewType : DataViewType
{
    private TextDataViewType() : base(typeof(string)) { }

    /// <summary>The only instance.</summary>
    public static TextDataViewType Instance { get; } = new();

    /// <inheritdoc/>
    public override bool Equals(DataViewType? other) => other is TextDataViewType;

    /// <inheritdoc/>
    public override string ToString() => "Text";
}

/// <summary>A number; values are of the .NET type it is named after.</summary>
public sealed class NumberDataViewType : DataViewType
{
    private NumberDataViewType(Type rawType) : base(rawType) { }

#pragma warning disable CA1720 // The names are ML.NET's.
    /// <summary>32-bit floating point.</summary>
    public static NumberDataViewType Single { get; } = new(typeof(float));

    /// <summary>64-bit floating point.</summary>
    public static NumberDataViewType Double { get; } = new(typeof(double));

    /// <summary>32-bit whole number.</summary>
    public static NumberDataViewType Int32 { get; } = new(typeof(int));
#pragma warning restore CA1720

    /// <inheritdoc/>
    public override bool Equals(DataViewType? other) => other is NumberDataViewType number && number.RawType == RawType;

    /// <inheritdoc/>
    public override string ToString() => RawType.Name;
}

/// <summary>One of a fixed list of values, as its 1-based position (<see cref="uint"/>); 0 stands for a missing or unknown value, as in ML.NET.</summary>
/// <param name="count">How many values the key has.</param>
public sealed class KeyDataViewType(int count) : DataViewType(typeof(uint))
{
    /// <summary>How many values the key has.</summary>
    public int Count { get; } = count > 0 ? count : throw new ArgumentOutOfRangeException(nameof(count), count, "A key has at least one value.");

    /// <inheritdoc/>
    public override bool Equals(DataViewType? other) => other is KeyDataViewType key && key.Count == Count;

    /// <inheritdoc/>
    public override string ToString() => $"Key<UInt32, 0-{Count - 1}>";
}

/// <summary>A dense vector of floats, row-major when it has several dimensions; values are <see cref="VBuffer{T}"/> of <see cref="float"/>.</summary>
public sealed class VectorDataViewType : DataViewType
{
    /// <summary>Creates the type.</summary>
    /// <param name="dimensions">The shape, such as <c>[bands, frames]</c>; a dimension of 0 differs from row to row.</param>
    public VectorDataViewType(params int[] dimensions) : base(typeof(VBuffer<float>))
    {
        ArgumentNullException.ThrowIfNull(dimensions);
        if (dimensions.Length == 0 || dimensions.Any(d => d < 0))
            throw new ArgumentException("A vector has at least one dimension, and none is negative.", nameof(dimensions));
        Dimensions = [.. dimensions];
    }

    /// <summary>The shape; 0 stands for a dimension that differs from row to row.</summary>
    public IReadOnlyList<int> Dimensions { get; }

    /// <summary>The number of values in each row, or 0 where it differs.</summary>
    public int Size => Dimensions.Aggregate(1, (a, b) => a * b);

    /// <inheritdoc/>
    public override bool Equals(DataViewType? other) => other is VectorDataViewType vector && vector.Dimensions.SequenceEqual(Dimensions);

    /// <inheritdoc/>
    public override string ToString() => $"Vector<Single, {string.Join(", ", Dimensions.Select(d => d == 0 ? "*" : d.ToString(System.Globalization.CultureInfo.InvariantCulture)))}>";
}

/// <summary>A picture of 8-bit grey pixels; values are <see cref="GrayImage"/>.</summary>
/// <param name="height">Rows of pixels.</param>
/// <param name="width">Columns of pixels; 0 when it differs from row to row.</param>
public sealed class ImageDataViewType(int height, int width) : DataViewType(typeof(GrayImage))
{
    /// <summary>Rows of pixels.</summary>
    public int Height { get; } = height;

    /// <summary>Columns of pixels; 0 when it differs from row to row.</summary>
    public int Width { get; } = width;

    /// <inheritdoc/>
    public override bool Equals(DataViewType? other) => other is ImageDataViewType image && image.Height == Height && image.Width == Width;

    /// <inheritdoc/>
    public override string ToString() => $"Image<{Height}, {(Width == 0 ? "*" : Width.ToString(System.Globalization.CultureInfo.InvariantCulture))}>";
}

/// <summary>Mono audio at one rate; values are <see cref="AudioClip"/>.</summary>
/// <param name="sampleRateHz">The rate of every clip.</param>
public sealed class AudioDataViewType(int sampleRateHz) : DataViewType(typeof(AudioClip))
{
    /// <summary>The rate of every clip.</summary>
    public int SampleRateHz { get; } = sampleRateHz;

    /// <inheritdoc/>
    public override bool Equals(DataViewType? other) => other is AudioDataViewType audio && audio.SampleRateHz == SampleRateHz;

    /// <inheritdoc/>
    public override string ToString() => $"Audio<{SampleRateHz} Hz>";
}
