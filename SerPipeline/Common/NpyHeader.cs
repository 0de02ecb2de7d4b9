using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace SerPipeline;

/// <summary>What stands before the values of a <c>.npy</c> file: magic, version, and a Python dictionary of type, order and shape.</summary>
internal sealed partial record NpyHeader(string Descr, IReadOnlyList<int> Shape, int DataStart)
{
    // Magic (6 bytes), version (2), length of the dictionary (2 in version 1.0, 4 later).
    private const int ShortestPreamble = 10;

    public bool IsFloat => Descr[1] == 'f';

    public int ItemBytes => Descr[2] - '0';

    /// <summary>Values in all.</summary>
    public long Count => Shape.Aggregate(1L, (a, b) => a * b);

    public static NpyHeader Parse(ReadOnlySpan<byte> bytes, string path)
    {
        if (bytes.Length < ShortestPreamble || bytes[0] != 0x93 || !bytes[1..6].SequenceEqual("NUMPY"u8))
            throw new FeatureFileException($"'{path}': expected a NumPy .npy file, which starts with the bytes 93 'NUMPY', found {(bytes.IsEmpty ? "an empty file" : Convert.ToHexString(bytes[..Math.Min(6, bytes.Length)]))}.");
        (byte major, byte minor) = (bytes[6], bytes[7]);
        if (major is < 1 or > 3 || minor != 0) throw new FeatureFileException($"'{path}': expected .npy format version 1.0, 2.0 or 3.0, found {major}.{minor}.");
        int start = major == 1 ? 10 : 12;
        long length = major == 1 ? BinaryPrimitives.ReadUInt16LittleEndian(bytes[8..]) : bytes.Length < start ? long.MaxValue : BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]);
        if (length > bytes.Length - start) throw new FeatureFileException($"'{path}': the file ends within its header; it is truncated. Save it again.");
        string text = (major == 3 ? Encoding.UTF8 : Encoding.Latin1).GetString(bytes.Slice(start, (int)length));
        return FromDictionary(text, start + (int)length, path);
    }

    private static NpyHeader FromDictionary(string text, int dataStart, string path)
    {
        Match match = Dictionary().Match(text);
        string[] keys = [.. match.Groups["key"].Captures.Select(c => c.Value)], values = [.. match.Groups["value"].Captures.Select(c => c.Value)];
        if (!match.Success || !keys.Order(StringComparer.Ordinal).SequenceEqual(["descr", "fortran_order", "shape"]))
            throw new FeatureFileException($"'{path}': expected a header with 'descr', 'fortran_order' and 'shape', found {Shorten(text)}.");
        string Value(string key) => values[Array.IndexOf(keys, key)];
        string descr = Value("descr").Trim('\'');
        if (descr is not ("<f4" or "<f8" or "<i4" or "<i8"))
            throw new FeatureFileException($"'{path}': expected dtype '<f4', '<f8', '<i4' or '<i8', found {Shorten(Value("descr"))}. Save it with .astype(...).");
        if (Value("fortran_order") != "False")
            throw new FeatureFileException($"'{path}': expected fortran_order False (C order), found {Shorten(Value("fortran_order"))}. Save numpy.ascontiguousarray(...) of it.");
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
            throw new FeatureFileException($"'{path}': expected a shape of one or two dimensions, with at most {Array.MaxLength} values, found {Shorten(text)}.");
        return shape;
    }

    private static string Shorten(string text) => text.Length <= 80 ? text.Trim() : $"{text[..80]}...";

    [GeneratedRegex(@"^\s*\{(?:\s*'(?<key>[a-z_]+)'\s*:\s*(?<value>'[^']*'|\([^()]*\)|\[[^\]]*\]|True|False)\s*(?:,|(?=\})))*\s*\}\s*$")]
    private static partial Regex Dictionary();

    [GeneratedRegex(@"^\((?:\s*\d+\s*,)*(?:\s*\d+\s*)?\)$")]
    private static partial Regex Tuple();
}
