using System.Buffers.Binary;
using SerPipeline.Audio;

namespace SerPipeline.Tests.Robustness;

/// <summary>MP3 frames and Ogg pages changed one by one, with the checksums that belong to them, so that the decoders behind see the
/// damage.</summary>
internal static class CompressedCases
{
    /// <summary>Frames with header bits and data changed; dropped, doubled, swapped; tags and junk between them.</summary>
    public static byte[] Mp3(SeededRandom random, byte[] seed)
    {
        List<byte[]> parts = Frames(seed);
        for (int changes = random.Next(1, 6); changes > 0 && parts.Count > 0; changes--)
        {
            // The first frame tells how many follow and how much of them is the recording.
            int at = random.Next(random.Chance(3) ? 1 : parts.Count);
            byte[] frame = [.. parts[at]];
            switch (random.Next(9))
            {
                case 0: parts.RemoveAt(at); break;
                case 1: parts.Insert(at, frame); break;
                case 2: (parts[at], parts[^1]) = (parts[^1], parts[at]); break;
                case 3:
                    parts.Insert(at, random.Pick<byte[]>(random.Bytes(random.Next(0, 300)), AudioCases.Id3(random.Next(0, 60)),
                        new byte[100]));
                    break;
                case 4 when frame.Length > 4: frame[random.Next(1, 4)] ^= (byte)(1 << random.Next(8)); parts[at] = frame; break;
                case 5 when frame.Length > 40: random.Bytes(random.Next(1, 30)).CopyTo(frame, random.Next(4, 10)); parts[at] = frame; break;
                case 6: parts.Add([.. "TAG"u8, .. random.Bytes(125)]); break;
                case 7: parts[at] = frame[..random.Next(frame.Length + 1)]; break;
                default:
                    for (int i = random.Next(1, 20); i > 0 && frame.Length > 4; i--)
                        frame[random.Next(4, frame.Length)] = (byte)random.Next(256);
                    parts[at] = frame;
                    break;
            }
        }
        byte[] file = [.. random.Chance(4) ? AudioCases.Id3(random.Next(0, 200)) : [], .. parts.SelectMany(part => part)];
        return random.Chance(6) ? random.Damage(file, 3) : file;
    }

    /// <summary>Pages with packets, places, numbers and lengths changed; dropped, doubled, swapped.</summary>
    public static byte[] Ogg(SeededRandom random, byte[] seed)
    {
        List<byte[]> pages = Pages(seed);
        for (int changes = random.Next(1, 5); changes > 0 && pages.Count > 0; changes--)
        {
            int at = random.Next(random.Chance(3) ? Math.Min(2, pages.Count) : pages.Count);
            byte[] page = [.. pages[at]];
            int body = 27 + page[26];
            switch (random.Next(9))
            {
                case 0: pages.RemoveAt(at); break;
                case 1: pages.Insert(at, page); break;
                case 2: (pages[at], pages[^1]) = (pages[^1], pages[at]); break;
                case 3:
                    BinaryPrimitives.WriteInt64LittleEndian(page.AsSpan(6), random.Chance(2) ? random.Edge() : random.Next(40_000));
                    break;
                case 4: page[5] = (byte)random.Next(8); break;
                case 5: page = Laced(random, page); break;
                case 6 when page.Length > body: page[random.Next(body, Math.Min(page.Length, body + 40))] = (byte)random.Next(256); break;
                default:
                    for (int i = random.Next(1, 20); i > 0 && page.Length > body; i--)
                        page[random.Next(body, page.Length)] = (byte)random.Next(256);
                    break;
            }
            if (at < pages.Count) pages[at] = page;
        }
        bool isNumbered = !random.Chance(10);
        foreach ((int number, byte[] page) in pages.Index())
        {
            if (isNumbered) BinaryPrimitives.WriteInt32LittleEndian(page.AsSpan(18), number);
            Seal(page);
        }
        byte[] file = [.. pages.SelectMany(page => page)];
        return random.Chance(10) ? random.Damage(file, 3) : file;
    }

    private static List<byte[]> Frames(byte[] file)
    {
        var frames = new List<byte[]>();
        for (int at = AudioSignature.Id3Length(file); at < file.Length;)
        {
            int length = Math.Min(Mp3Frame.Header(file.AsSpan(at))?.FrameLength ?? file.Length, file.Length - at);
            frames.Add(file[at..(at + length)]);
            at += length;
        }
        return frames;
    }

    private static List<byte[]> Pages(byte[] file)
    {
        var pages = new List<byte[]>();
        for (int at = 0; at < file.Length;)
        {
            int lacing = file[at + 26], length = 27 + lacing + file.AsSpan(at + 27, lacing).ToArray().Sum(lace => lace);
            pages.Add(file[at..(at + length)]);
            at += length;
        }
        return pages;
    }

    // The same bytes in other packets, or a packet longer or shorter than it was.
    private static byte[] Laced(SeededRandom random, byte[] page)
    {
        byte[] head = page[..27], body = page[(27 + page[26])..];
        var lacing = new List<byte>();
        int left = random.Chance(3) ? body.Length + random.Next(-3, 4) : body.Length;
        while (left > 0 && lacing.Count < 255)
        {
            byte lace = (byte)Math.Min(left, random.Chance(3) ? 255 : random.Next(0, 256));
            lacing.Add(lace);
            left -= lace;
        }
        head[26] = (byte)lacing.Count;
        return [.. head, .. lacing, .. body];
    }

    // The checksum of RFC 3533, bit by bit.
    private static void Seal(byte[] page)
    {
        page.AsSpan(22, 4).Clear();
        uint crc = 0;
        foreach (byte b in page)
        {
            crc ^= (uint)b << 24;
            for (int i = 0; i < 8; i++) crc = (crc << 1) ^ ((crc & 0x80000000) != 0 ? 0x04C11DB7 : 0u);
        }
        BinaryPrimitives.WriteUInt32LittleEndian(page.AsSpan(22), crc);
    }
}
