using SerPipeline.Tests.Audio;
using static SerPipeline.Tests.Audio.AudioBytes;

namespace SerPipeline.Tests.Robustness;

/// <summary>Audio files that keep to their formats' structure and lie in its fields: sizes, counts, rates, orders, with checksums that
/// fit.</summary>
internal static class AudioCases
{
    public static byte[] Wav(SeededRandom random)
    {
        int channels = random.Chance(8) ? (int)(ushort)random.Edge() : random.Pick(1, 1, 2, 6, 64);
        int rate = random.Chance(8) ? (int)random.Edge() : random.Pick(8000, 16000, 44100, 48000, 192000);
        int bits = random.Chance(8) ? (int)(ushort)random.Edge() : random.Pick(4, 8, 12, 16, 20, 24, 32, 64);
        int tag = random.Pick(1, 1, 1, 3, 3, 6, 7, 2, 0x11, 0x31, 0x55, 0xFFFE, 0xFFFE, random.Next(65536));
        byte[] extension = tag == 0xFFFE ? Extensible(random.Pick(1, 3, 6, 7, 2), random.Next(0, 65)) : random.Bytes(random.Next(0, 4));
        int? align = random.Chance(4) ? random.Next(0, 40) : null;
        var chunks = new List<byte[]> { Format(tag, channels, rate, bits, align, random.Chance(2) ? extension : null) };
        bool isLong = random.Chance(3);
        if (isLong) chunks.Insert(0, Chunk("ds64", [.. LongSizes(random), .. random.Bytes(random.Next(0, 9))]));
        byte[] data = random.Chance(20) ? [] : random.Bytes(random.Next(1, 600));
        chunks.Add(Chunk("data", data, Lie(random, data.Length, isLong), random.Next(3) > 0));
        for (int extra = random.Next(4); extra > 0; extra--)
        {
            byte[] body = random.Bytes(random.Next(0, 30));
            string id = random.Pick("LIST", "fact", "JUNK", "bext", "id3 ", "data", "fmt ", "PEAK", "\0\0\0\0", "cue ");
            chunks.Insert(random.Next(chunks.Count + 1), Chunk(id, body, Lie(random, body.Length, false), random.Next(3) > 0));
        }
        if (random.Chance(6)) random.Shuffle<byte[]>(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(chunks));
        byte[] file = Riff(random.Pick("RIFF", "RIFF", "RIFF", "RF64", "RIFX", "BW64"), random.Chance(3) ? (uint)random.Edge() : null,
            [.. chunks]);
        if (random.Chance(15)) file = [.. Id3(random.Next(0, 30)), .. file];
        return random.Chance(3) ? random.Damage(file) : file;
    }

    public static byte[] Aiff(SeededRandom random)
    {
        string? compression = random.Pick(null, null, "NONE", "sowt", "fl32", "fl64", "FL32", "alaw", "ulaw", "ima4", "twos", "xxxx");
        int channels = random.Chance(6) ? (ushort)random.Edge() : random.Pick(1, 2, 6);
        int frames = random.Chance(4) ? (int)random.Edge() : random.Next(0, 80);
        byte[] rate = random.Chance(4) ? random.Bytes(10) : random.Pick(Rate22050, Rate44100);
        string id = random.Pick("NAME", "COMM", "SSND", "ID3 ", "FVER");
        byte[][] before = random.Chance(2) ? [] : [BigChunk(id, random.Bytes(random.Next(0, 20)))];
        byte[] file = AudioBytes.Aiff(compression, channels, frames, random.Pick(1, 8, 12, 16, 24, 32, 64, random.Next(65536)), rate,
            random.Bytes(random.Next(0, 600)), before);
        return random.Chance(3) ? random.Damage(file) : file;
    }

    /// <summary>FLAC whose frames have the checksums that belong to them, whatever is in them.</summary>
    public static byte[] Flac(SeededRandom random)
    {
        int channels = random.Next(1, 9), bits = random.Pick(8, 12, 16, 20, 24, 32);
        int rate = random.Chance(8) ? random.Next(1 << 20) : random.Pick(8000, 16000, 44100, 655350);
        int blockSize = random.Chance(8) ? random.Next(1, 65537) : random.Next(1, 100);
        bool isTrue = random.Chance(3);
        var frames = new List<byte[]>();
        for (int i = random.Next(1, 4); i > 0; i--)
        {
            int code = isTrue || !random.Chance(4) ? channels - 1 : random.Next(16);
            frames.Add(!isTrue && random.Chance(8)
                ? FlacBytes.Seal([0xFF, (byte)(0xF8 | random.Next(4)), .. random.Bytes(random.Next(3, 12))], w => Noise(random, w))
                : FlacBytes.Frame(blockSize, code, w => Subframes(random, w, blockSize, channels, bits, isTrue), frames.Count,
                    isTrue || !random.Chance(8) ? 0 : random.Next(8)));
        }
        long total = isTrue || !random.Chance(4) ? (long)blockSize * frames.Count : random.Edge() & 0xFFFFFFFFF;
        byte[] md5 = isTrue || !random.Chance(4) ? new byte[16] : random.Bytes(16);
        byte[] file = FlacBytes.Stream(rate, channels, bits, total, md5, [.. frames]);
        if (random.Chance(15)) file = [.. Id3(random.Next(0, 30)), .. file];
        return random.Chance(3) ? random.Damage(file) : file;
    }

    /// <summary>An ID3v2 tag of so many bytes.</summary>
    public static byte[] Id3(int bytes) =>
        [.. "ID3"u8, 3, 0, 0, (byte)(bytes >> 21 & 0x7F), (byte)(bytes >> 14 & 0x7F), (byte)(bytes >> 7 & 0x7F), (byte)(bytes & 0x7F),
            .. new byte[bytes]];

    private static void Subframes(SeededRandom random, BitWriter w, int blockSize, int channels, int bits, bool isTrue)
    {
        for (int i = 0; i < channels; i++)
        {
            int wasted = !isTrue && random.Chance(6) ? random.Next(1, 40) : 0;
            if (blockSize < 100 && random.Chance(3))
                w.Verbatim(bits, [.. Enumerable.Range(0, blockSize).Select(_ => (long)random.Next(8))]);
            else if (isTrue || random.Chance(2)) w.Head(0, wasted).Write(random.Next(16), Math.Max(1, bits - wasted));
            else Noise(random, w.Head(random.Next(64), wasted));
        }
    }

    private static void Noise(SeededRandom random, BitWriter w)
    {
        for (int i = random.Next(1, 120); i > 0; i--) w.Write(random.Chance(4) ? 0 : random.Next(256), 8);
    }

    private static byte[] LongSizes(SeededRandom random) =>
        [.. Enumerable.Range(0, 3).SelectMany(_ => BitConverter.GetBytes(random.Chance(2) ? random.Next(600) : random.Edge()))];

    private static uint? Lie(SeededRandom random, int length, bool isLong) =>
        isLong && random.Chance(2) ? uint.MaxValue : random.Next(6) switch
        {
            0 => (uint)random.Edge(),
            1 => (uint)(length + random.Next(-3, 4)),
            _ => null,
        };
}
