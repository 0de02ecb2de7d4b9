using System.Buffers.Binary;
using System.Numerics;

namespace SerPipeline;

/// <summary>
/// Reads NumPy's <c>.npy</c> files (NumPy Enhancement Proposal 1, format versions 1.0 to 3.0): little-endian float32, float64, int32 or int64 in C order, of one
/// or two dimensions.
/// </summary>
public static class NpyFile
{
    /// <summary>Reads a file. Floats may be asked for as either float, integers as either integer; doubles are rounded to the nearest float.</summary>
    /// <typeparam name="T"><see cref="float"/>, <see cref="double"/>, <see cref="int"/> or <see cref="long"/>.</typeparam>
    /// <param name="path">The file.</param>
    /// <exception cref="NotSupportedException"><typeparamref name="T"/> is another type.</exception>
    /// <exception cref="FeatureFileException">The file is absent, damaged, of another kind, or holds a value that <typeparamref name="T"/> cannot.</exception>
    public static NpyArray<T> Read<T>(string path) where T : struct, INumber<T>
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        bool isFloat = typeof(T) == typeof(float) || typeof(T) == typeof(double);
        if (!isFloat && typeof(T) != typeof(int) && typeof(T) != typeof(long))
            throw new NotSupportedException($"Arrays are read as float, double, int or long, not as {typeof(T).Name}.");
        byte[] bytes = ReadBytes(path);
        NpyHeader header = NpyHeader.Parse(bytes, path);
        if (header.IsFloat != isFloat)
            throw new FeatureFileException($"'{path}': expected {(isFloat ? "'<f4' or '<f8' (float32 or float64)" : "'<i4' or '<i8' (int32 or int64)")}, found '{header.Descr}'. Save it with .astype(...).");
        ReadOnlySpan<byte> data = bytes.AsSpan(header.DataStart);
        if (data.Length != header.Count * header.ItemBytes)
            throw new FeatureFileException($"'{path}': expected {header.Count * header.ItemBytes} bytes of values for shape ({string.Join(", ", header.Shape)}) of '{header.Descr}', found {data.Length}: the file is "
                + $"{(data.Length < header.Count * header.ItemBytes ? "truncated" : "followed by trailing bytes")}. Save it again.");
        var values = new T[header.Count];
        for (int i = 0; i < values.Length; i++) values[i] = Value<T>(data.Slice(i * header.ItemBytes, header.ItemBytes), header.Descr, i, path);
        return new NpyArray<T>(header.Shape, values);
    }

    private static T Value<T>(ReadOnlySpan<byte> bytes, string descr, int index, string path) where T : struct, INumber<T>
    {
        if (descr == "<f4") return T.CreateChecked(BinaryPrimitives.ReadSingleLittleEndian(bytes));
        if (descr == "<i4") return T.CreateChecked(BinaryPrimitives.ReadInt32LittleEndian(bytes));
        if (descr == "<f8")
        {
            double value = BinaryPrimitives.ReadDoubleLittleEndian(bytes);
            T converted = T.CreateChecked(value);
            return T.IsFinite(converted) || !double.IsFinite(value) ? converted : throw TooLarge(value);
        }
        long whole = BinaryPrimitives.ReadInt64LittleEndian(bytes);
        return typeof(T) == typeof(int) && whole != (int)whole ? throw TooLarge(whole) : T.CreateChecked(whole);

        FeatureFileException TooLarge(IFormattable value) => new(
            $"'{path}': value {index}, counted from 0, is {value.ToString(null, System.Globalization.CultureInfo.InvariantCulture)}, more than a {typeof(T).Name} holds.");
    }

    private static byte[] ReadBytes(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new FeatureFileException($"'{path}': expected a NumPy .npy file, but there is no such file.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FeatureFileException($"'{path}': expected a NumPy .npy file, but it cannot be read: {e.Message}", e);
        }
    }
}
