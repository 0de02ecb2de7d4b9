using System.Buffers.Binary;

namespace SerPipeline.Tests.Robustness;

/// <summary>Damage to bytes that knows nothing of their format.</summary>
internal static class Mutations
{
    private static readonly long[] Edges =
        [0, 1, 2, 7, 8, 15, 16, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, -1, long.MinValue];

    public static T Pick<T>(this SeededRandom random, params ReadOnlySpan<T> choices) => choices[random.Next(choices.Length)];

    public static bool Chance(this SeededRandom random, int oneIn) => random.Next(oneIn) == 0;

    public static byte[] Bytes(this SeededRandom random, int length)
    {
        var bytes = new byte[length];
        foreach (ref byte b in bytes.AsSpan()) b = (byte)random.Next(256);
        return bytes;
    }

    /// <summary>A number at or near a limit of its type, or any.</summary>
    public static long Edge(this SeededRandom random) =>
        random.Chance(4) ? (long)random.NextUInt64() : random.Pick(Edges) + random.Next(-1, 2);

    /// <summary>The bytes with a few changes, the first hundred more often than others, since headers lie there.</summary>
    public static byte[] Damage(this SeededRandom random, byte[] bytes, int most = 6)
    {
        byte[] result = [.. bytes];
        for (int changes = random.Next(1, most + 1); changes > 0 && result.Length > 0; changes--) result = Once(random, result);
        return result;
    }

    private static byte[] Once(SeededRandom random, byte[] bytes)
    {
        int at = random.Next(random.Chance(2) ? Math.Min(bytes.Length, 100) : bytes.Length);
        int length = random.Next(1, Math.Min(bytes.Length - at, 40) + 1);
        switch (random.Next(8))
        {
            case 0: return bytes[..at];
            case 1: return [.. bytes[..at], .. bytes[(at + length)..]];
            case 2: return [.. bytes[..(at + length)], .. bytes[at..]];
            case 3: return [.. bytes[..at], .. random.Bytes(length), .. bytes[at..]];
            case 4: bytes[at] ^= (byte)(1 << random.Next(8)); return bytes;
            case 5: bytes.AsSpan(at, length).Fill(random.Pick<byte>(0, 0xFF, 0x20)); return bytes;
            case 6 when bytes.Length - at >= 8: WriteEdge(random, bytes.AsSpan(at)); return bytes;
            default: bytes[at] = (byte)random.Next(256); return bytes;
        }
    }

    private static void WriteEdge(SeededRandom random, Span<byte> at)
    {
        long value = random.Edge();
        switch (random.Next(4))
        {
            case 0: BinaryPrimitives.WriteInt64LittleEndian(at, value); break;
            case 1: BinaryPrimitives.WriteUInt32LittleEndian(at, (uint)value); break;
            case 2: BinaryPrimitives.WriteUInt32BigEndian(at, (uint)value); break;
            default: BinaryPrimitives.WriteUInt16LittleEndian(at, (ushort)value); break;
        }
    }
}
