namespace SerPipeline.Audio;

/// <summary>
/// Looks through the comments and codebooks of Vorbis headers ("Vorbis I specification", 3.2.1, 4.2.4 and 5) before a decoder takes
/// memory for what they claim: a few bytes may ask for gigabytes.
/// </summary>
internal static class VorbisSetup
{
    // Encoders' largest books have 60 thousand values, and a file some forty books.
    private const long MaximumValues = 1 << 20, MaximumOfAll = 1 << 22;
    private const int Sync = 0x564342, HeaderBytes = 7;

    /// <summary>What is wrong; null for nothing.</summary>
    /// <param name="comments">The second packet of the stream.</param>
    /// <param name="setup">The third.</param>
    public static string? Problem(byte[] comments, byte[] setup) => OfComments(comments) ?? OfSetup(setup);

    /// <summary>Which modes have the long block; null where none are found. They end the packet, so they are read from there, as ffmpeg
    /// and liboggz do.</summary>
    /// <param name="setup">The third packet of the stream.</param>
    public static bool[]? LongModes(byte[] setup)
    {
        const int ModeBits = 41, MostModes = 64;
        var bits = new Bits(setup, HeaderBytes);
        // Behind the modes comes a one, then zeros.
        long end = 8L * setup.Length;
        do end--;
        while (end >= 8 * HeaderBytes && bits.At(end).Read(1) == 0);
        var modes = new List<bool>();
        bool[]? found = null;
        while (modes.Count < MostModes && (end -= ModeBits) >= (8 * HeaderBytes) + 6)
        {
            // The block, two numbers that are 0, and a mapping; the modes' number stands before the first.
            bool isLong = bits.At(end).Read(1) == 1;
            if (bits.Read(32) != 0 || bits.Read(8) >= MostModes) break;
            modes.Insert(0, isLong);
            if (bits.At(end - 6).Read(6) + 1 == modes.Count) found = [.. modes];
        }
        return found;
    }

    // The encoder's name, then a number of texts; each with its length before it.
    private static string? OfComments(byte[] packet)
    {
        if (packet.Length <= HeaderBytes || !packet.AsSpan().StartsWith("\u0003vorbis"u8)) return "its second packet holds no comments";
        var bits = new Bits(packet, HeaderBytes);
        bits.Skip(8 * bits.Read(32));
        for (long texts = bits.Read(32); texts > 0 && !bits.AtEnd; texts--) bits.Skip(8 * bits.Read(32));
        return bits.AtEnd ? "its comments end behind their packet" : null;
    }

    private static string? OfSetup(byte[] packet)
    {
        if (packet.Length <= HeaderBytes || !packet.AsSpan().StartsWith("\u0005vorbis"u8)) return "its third packet is no setup header";
        var bits = new Bits(packet, HeaderBytes);
        long left = MaximumOfAll;
        for (long books = bits.Read(8) + 1; books > 0 && !bits.AtEnd; books--)
        {
            if (bits.Read(24) != Sync) return "a codebook does not begin where it should";
            long dimensions = bits.Read(16), entries = bits.Read(24);
            if (entries * dimensions > MaximumValues || (left -= entries * Math.Max(1, dimensions)) < 0)
                return FormattableString.Invariant($"a codebook claims {entries} entries of {dimensions} values");
            SkipLengths(bits, entries);
            long kind = bits.Read(4);
            if (kind > 2) return "a codebook is of an unknown kind";
            if (kind == 0) continue;
            bits.Skip(64);
            long width = bits.Read(4) + 1;
            bits.Skip(1);
            bits.Skip(width * (kind == 2 ? entries * dimensions : PerDimension(entries, dimensions)));
        }
        return bits.AtEnd ? "its setup header is cut short" : null;
    }

    private static void SkipLengths(Bits bits, long entries)
    {
        if (bits.Read(1) == 1)
        {
            bits.Skip(5);
            for (long at = 0; at < entries && !bits.AtEnd;) at += bits.Read(BitLength(entries - at));
            return;
        }
        bool isSparse = bits.Read(1) == 1;
        for (long i = 0; i < entries && !bits.AtEnd; i++)
            if (!isSparse || bits.Read(1) == 1) bits.Skip(5);
    }

    // The greatest number whose power of so many dimensions is not above the entries.
    private static long PerDimension(long entries, long dimensions)
    {
        if (dimensions == 0) return 0;
        long values = (long)Math.Floor(Math.Pow(entries, 1.0 / dimensions)) + 1;
        while (values > 0 && Math.Pow(values, dimensions) > entries) values--;
        return values;
    }

    private static int BitLength(long value) => 64 - System.Numerics.BitOperations.LeadingZeroCount((ulong)value);

    /// <summary>Numbers of any width, lowest bit first; zeros behind the end.</summary>
    private sealed class Bits(byte[] bytes, int start)
    {
        private long _bit = 8L * start;

        public bool AtEnd => _bit > 8L * bytes.Length;

        public long Read(int width)
        {
            long value = 0;
            for (int i = 0; i < width; i++, _bit++)
                if (_bit < 8L * bytes.Length) value |= (long)((bytes[_bit >> 3] >> (int)(_bit & 7)) & 1) << i;
            return value;
        }

        public void Skip(long width) => _bit += width;

        public Bits At(long bit)
        {
            _bit = bit;
            return this;
        }
    }
}
