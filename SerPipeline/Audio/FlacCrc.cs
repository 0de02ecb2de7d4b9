namespace SerPipeline.Audio;

/// <summary>The two checksums of FLAC frames (RFC 9639, sections 9.1.8 and 9.3): CRC-8 with x^8+x^2+x+1, CRC-16 with x^16+x^15+x^2+1, both
/// from zero.</summary>
internal static class FlacCrc
{
    private static readonly byte[] Table8 = Build(0x07, 8).Select(v => (byte)v).ToArray();
    private static readonly ushort[] Table16 = Build(0x8005, 16).Select(v => (ushort)v).ToArray();

    public static byte Crc8(ReadOnlySpan<byte> data)
    {
        byte crc = 0;
        foreach (byte b in data) crc = Table8[crc ^ b];
        return crc;
    }

    public static ushort Crc16(ReadOnlySpan<byte> data)
    {
        uint crc = 0;
        ushort[] table = Table16;
        foreach (byte b in data) crc = ((crc << 8) & 0xFFFF) ^ table[(byte)(crc >> 8) ^ b];
        return (ushort)crc;
    }

    private static IEnumerable<uint> Build(uint polynomial, int width)
    {
        uint top = 1u << (width - 1), mask = (1u << (width - 1) << 1) - 1;
        for (uint value = 0; value < 256; value++)
        {
            uint crc = value << (width - 8);
            for (int bit = 0; bit < 8; bit++) crc = (crc & top) != 0 ? ((crc << 1) ^ polynomial) & mask : (crc << 1) & mask;
            yield return crc;
        }
    }
}
