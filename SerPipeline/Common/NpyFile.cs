namespace SerPipeline;

/// <summary>Reads NumPy's <c>.npy</c> files (NumPy Enhancement Proposal 1, format versions 1.0 to 3.0): little-endian float32, float64,
/// int32 or int64 in C order, with one or two dimensions.</summary>
public static class NpyFile
{
    /// <summary>Reads a file. float32 and float64 convert to <see cref="float"/> (rounded to nearest) or <see cref="double"/>, int32 and
    /// int64 to <see cref="int"/> or <see cref="long"/>.</summary>
    /// <typeparam name="T"><see cref="float"/>, <see cref="double"/>, <see cref="int"/> or <see cref="long"/>.</typeparam>
    /// <param name="path">A <c>.npy</c> file.</param>
    /// <exception cref="NotSupportedException"><typeparamref name="T"/> is another type.</exception>
    /// <exception cref="FeatureFileException">The file is missing, damaged or of another type, or a value does not fit into
    /// <typeparamref name="T"/>.</exception>
    public static NpyArray<T> Read<T>(string path) where T : struct, INumber<T>
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        bool isFloat = typeof(T) == typeof(float) || typeof(T) == typeof(double);
        if (!isFloat && typeof(T) != typeof(int) && typeof(T) != typeof(long))
            throw new NotSupportedException($"Arrays are read as float, double, int or long, not as {typeof(T).Name}.");
        byte[] bytes = ReadBytes(path);
        NpyHeader header = NpyHeader.Parse(bytes, path);
        if (header.IsFloat != isFloat)
            throw new FeatureFileException($"'{path}': expected "
                + $"{(isFloat ? "'<f4' or '<f8' (float32 or float64)" : "'<i4' or '<i8' (int32 or int64)")}, found '{header.Descr}'. "
                + "Save it with .astype(...).");
        ReadOnlySpan<byte> data = bytes.AsSpan(header.DataStart);
        if (data.Length != header.Count * header.ItemBytes)
            throw new FeatureFileException($"'{path}': expected {header.Count * header.ItemBytes} bytes of values for shape "
                + $"({string.Join(", ", header.Shape)}) of '{header.Descr}', found {data.Length}: the file is "
                + $"{(data.Length < header.Count * header.ItemBytes ? "truncated" : "followed by trailing bytes")}. Save it again.");
        var values = new T[header.Count];
        for (int i = 0; i < values.Length; i++)
            values[i] = Value<T>(data.Slice(i * header.ItemBytes, header.ItemBytes), header.Descr, i, path);
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
            $"'{path}': value {index} (from 0) is {value.ToString(null, CultureInfo.InvariantCulture)}, "
                + $"which does not fit into {typeof(T).Name}.");
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

/// <summary>The array of a NumPy <c>.npy</c> file in C order (row-major).</summary>
/// <typeparam name="T">Element type.</typeparam>
public sealed class NpyArray<T> where T : struct
{
    private readonly T[] _values;

    internal NpyArray(IReadOnlyList<int> shape, T[] values)
    {
        Shape = shape;
        _values = values;
    }

    /// <summary>Size of each of the one or two dimensions; may be 0.</summary>
    public IReadOnlyList<int> Shape { get; }

    /// <summary>All values in C order.</summary>
    public ReadOnlySpan<T> Values => _values;

    /// <summary>One row of a two-dimensional array.</summary>
    /// <param name="row">Row, from 0.</param>
    /// <exception cref="InvalidOperationException">The array has one dimension.</exception>
    public ReadOnlySpan<T> Row(int row)
    {
        if (Shape.Count != 2) throw new InvalidOperationException($"Expected two dimensions, this array has {Shape.Count}.");
        ArgumentOutOfRangeException.ThrowIfNegative(row);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, Shape[0]);
        return _values.AsSpan(row * Shape[1], Shape[1]);
    }
}

/// <summary>Header of a <c>.npy</c> file: magic, version, and a Python dictionary of type, order and shape.</summary>
internal sealed partial record NpyHeader(string Descr, IReadOnlyList<int> Shape, int DataStart)
{
    // Magic (6 bytes), version (2), length of the dictionary (2 in version 1.0, 4 in later ones).
    private const int MinPreambleBytes = 10;

    public bool IsFloat => Descr[1] == 'f';

    public int ItemBytes => Descr[2] - '0';

    public long Count => Shape.Aggregate(1L, (a, b) => a * b);

    public static NpyHeader Parse(ReadOnlySpan<byte> bytes, string path)
    {
        if (bytes.Length < MinPreambleBytes || bytes[0] != 0x93 || !bytes[1..6].SequenceEqual("NUMPY"u8))
            throw new FeatureFileException($"'{path}': expected a NumPy .npy file, which starts with the bytes 93 'NUMPY', "
                + $"found {(bytes.IsEmpty ? "an empty file" : Convert.ToHexString(bytes[..Math.Min(6, bytes.Length)]))}.");
        (byte major, byte minor) = (bytes[6], bytes[7]);
        if (major is < 1 or > 3 || minor != 0)
            throw new FeatureFileException($"'{path}': expected .npy format version 1.0, 2.0 or 3.0, found {major}.{minor}.");
        int start = major == 1 ? 10 : 12;
        long length = bytes.Length < start ? long.MaxValue
            : major == 1 ? BinaryPrimitives.ReadUInt16LittleEndian(bytes[8..])
            : BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]);
        if (length > bytes.Length - start)
            throw new FeatureFileException($"'{path}': the file ends within its header; it is truncated. Save it again.");
        string text = (major == 3 ? Encoding.UTF8 : Encoding.Latin1).GetString(bytes.Slice(start, (int)length));
        return FromDictionary(text, start + (int)length, path);
    }

    private static NpyHeader FromDictionary(string text, int dataStart, string path)
    {
        Match match = Dictionary().Match(text);
        string[] keys = [.. match.Groups["key"].Captures.Select(c => c.Value)];
        string[] values = [.. match.Groups["value"].Captures.Select(c => c.Value)];
        if (!match.Success || !keys.Order(StringComparer.Ordinal).SequenceEqual(["descr", "fortran_order", "shape"]))
            throw new FeatureFileException($"'{path}': expected a header with 'descr', 'fortran_order' and 'shape', "
                + $"found {Shorten(text)}.");
        string Value(string key) => values[Array.IndexOf(keys, key)];
        string descr = Value("descr").Trim('\'');
        if (descr is not ("<f4" or "<f8" or "<i4" or "<i8"))
            throw new FeatureFileException($"'{path}': expected dtype '<f4', '<f8', '<i4' or '<i8', found {Shorten(Value("descr"))}. "
                + "Save it with .astype(...).");
        if (Value("fortran_order") != "False")
            throw new FeatureFileException($"'{path}': expected fortran_order False (C order), found {Shorten(Value("fortran_order"))}. "
                + "Save numpy.ascontiguousarray(...) of it.");
        return new NpyHeader(descr, ShapeOf(Value("shape"), path), dataStart);
    }

    private static List<int> ShapeOf(string text, string path)
    {
        var shape = new List<int>();
        bool isTuple = Tuple().IsMatch(text);
        foreach (string part in text.Trim('(', ')').Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (!int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int size)) isTuple = false;
            shape.Add(size);
        }
        if (!isTuple || shape.Count is < 1 or > 2 || shape.Aggregate(1L, (a, b) => a * b) > Array.MaxLength)
            throw new FeatureFileException($"'{path}': expected a shape of one or two dimensions, "
                + $"with at most {Array.MaxLength} values, found {Shorten(text)}.");
        return shape;
    }

    private static string Shorten(string text) => text.Length <= 80 ? text.Trim() : $"{text[..80]}...";

    [GeneratedRegex(@"^\s*\{(?:\s*'(?<key>[a-z_]+)'\s*:\s*(?<value>'[^']*'|\([^()]*\)|\[[^\]]*\]|True|False)\s*(?:,|(?=\})))*\s*\}\s*$")]
    private static partial Regex Dictionary();

    [GeneratedRegex(@"^\((?:\s*\d+\s*,)*(?:\s*\d+\s*)?\)$")]
    private static partial Regex Tuple();
}
