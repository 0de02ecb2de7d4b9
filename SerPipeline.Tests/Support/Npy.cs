using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;

namespace SerPipeline.Tests.Support;

/// <summary>An array of a NumPy <c>.npy</c> file: little-endian float32 in C order (format 1.0 to 3.0).</summary>
internal sealed partial record Npy(int[] Shape, float[] Values)
{
    public static Npy Read(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        if (bytes.Length < 12 || bytes[0] != 0x93 || !bytes.AsSpan(1, 5).SequenceEqual("NUMPY"u8))
            throw new InvalidDataException($"{path}: not a NumPy array");
        bool small = bytes[6] == 1;
        int length = small ? BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(8)) : BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(8));
        int start = small ? 10 : 12;
        string header = Encoding.UTF8.GetString(bytes, start, length);
        if (!header.Contains("'<f4'", StringComparison.Ordinal) || !header.Contains("'fortran_order': False", StringComparison.Ordinal))
            throw new InvalidDataException($"{path}: expected little-endian float32 in C order, got {header}");
        int[] shape = [.. ShapePattern().Match(header).Groups[1].Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(n => int.Parse(n, CultureInfo.InvariantCulture))];
        float[] values = MemoryMarshal.Cast<byte, float>(bytes.AsSpan(start + length)).ToArray();
        if (values.Length != shape.Aggregate(1, (a, b) => a * b)) throw new InvalidDataException($"{path}: {values.Length} values for shape [{string.Join(", ", shape)}]");
        return new Npy(shape, values);
    }

    [GeneratedRegex(@"'shape': \(([^)]*)\)")]
    private static partial Regex ShapePattern();
}
