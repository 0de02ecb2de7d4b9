namespace SerPipeline.Audio;

/// <summary>The companding laws of telephony (ITU-T G.711), widened to 16 bits: A-law's 13-bit values times 8, mu-law's 14-bit values times
/// 4.</summary>
internal static class G711
{
    private static readonly short[] ALaw = Table(ExpandALaw);
    private static readonly short[] MuLaw = Table(ExpandMuLaw);

    public static short DecodeALaw(byte code) => ALaw[code];

    public static short DecodeMuLaw(byte code) => MuLaw[code];

    private static short[] Table(Func<int, int> expand)
    {
        var table = new short[256];
        for (int code = 0; code < 256; code++) table[code] = (short)expand(code);
        return table;
    }

    // Even bits are sent inverted. Sign, 3 bits of segment, 4 bits of place in the segment; each value is the middle of its interval.
    private static int ExpandALaw(int code)
    {
        code ^= 0x55;
        int segment = (code >> 4) & 7, place = ((code & 15) << 4) + 8;
        int magnitude = segment == 0 ? place : (place + 256) << (segment - 1);
        return (code & 0x80) != 0 ? magnitude : -magnitude;
    }

    // All bits are sent inverted. The bias of 33 (132 at 16 bits) makes each segment twice the one before.
    private static int ExpandMuLaw(int code)
    {
        code = ~code & 0xFF;
        int segment = (code >> 4) & 7;
        int magnitude = ((((code & 15) << 3) + 132) << segment) - 132;
        return (code & 0x80) != 0 ? -magnitude : magnitude;
    }
}
