using Concentus.Structs;
using NVorbis;

namespace SerPipeline.Audio;

/// <summary>Ogg files of one stream, Vorbis or Opus. Files of several streams, and other codecs, are left to ffmpeg.</summary>
internal static class OggAudio
{
    public static StreamedAudio? Open(Stream stream, string name)
    {
        if (OggFile.Read(stream, name) is not { } file) return null;
        ReadOnlySpan<byte> head = file.FirstPacket;
        if (head.Length >= 19 && head.StartsWith("OpusHead"u8)) return OpusAudio.Of(file, name);
        if (head.Length < 30 || !head.StartsWith("\u0001vorbis"u8)) return null;
        return new VorbisAudio(file, name, head[11], BinaryPrimitives.ReadInt32LittleEndian(head[12..]));
    }
}

/// <summary>Vorbis I, decoded by NVorbis.</summary>
internal sealed class VorbisAudio : StreamedAudio
{
    private readonly OggFile _file;

    public VorbisAudio(OggFile file, string name, int channels, int rate) : base(name)
    {
        UncompressedAudio.RequireSane(rate, channels, name);
        _file = file;
        IsTruncated = file.IsTruncated;
        long? length = Duration() is { } duration ? file.LastGranule - file.StartGranule(headers: 3, duration) : null;
        Info = new AudioInfo("Ogg", "Vorbis", rate, channels, null, length > 0 ? length : null, IsNative: true);
    }

    public override AudioInfo Info { get; }

    protected override long Skip => 0;

    protected override IEnumerable<float[]> Decode()
    {
        byte[][] headers = [.. _file.Packets().Take(3)];
        if (headers.Length < 3) throw Damaged("it lacks headers");
        if (VorbisSetup.Problem(headers[1], headers[2]) is { } problem) throw Damaged(problem);
        using var packets = new VorbisPackets(_file.Packets());
        using var decoder = new StreamDecoder(packets) { ClipSamples = false };
        if (decoder.Channels != Info.Channels || decoder.SampleRate != Info.SampleRateHz)
            throw Damaged("its headers contradict each other");
        var samples = new float[4096 * decoder.Channels];
        while (decoder.Read(samples, 0, samples.Length) is > 0 and int count) yield return samples[..count];
    }

    // Samples that a packet adds to those before it: blocks overlap by a half, so the first adds none (Vorbis I, 4.3.8). Null where the
    // headers do not say.
    private Func<byte[], int>? Duration()
    {
        if (VorbisSetup.LongModes(_file.Packets().ElementAtOrDefault(2) ?? []) is not { } isLong) return null;
        int sizes = _file.FirstPacket[28], modeBits = BitOperations.Log2((uint)isLong.Length - 1) + (isLong.Length > 1 ? 1 : 0), before = 0;
        return packet =>
        {
            int mode = packet.Length == 0 ? 0 : (packet[0] >> 1) & ((1 << modeBits) - 1);
            if (packet.Length == 0 || (packet[0] & 1) != 0 || mode >= isLong.Length) return 0;
            int block = 1 << (isLong[mode] ? sizes >> 4 : sizes & 15), added = before == 0 ? 0 : (before + block) / 4;
            before = block;
            return added;
        };
    }
}

/// <summary>Opus (RFC 6716 in RFC 7845), decoded by Concentus at 48 kHz.</summary>
internal sealed class OpusAudio : StreamedAudio
{
    private const int Rate = 48000, LongestPacket = 5760;

    private readonly OggFile _file;
    private readonly byte[] _head;
    private readonly int _channels;

    private OpusAudio(OggFile file, string name, byte[] head) : base(name)
    {
        (_file, _head, _channels) = (file, head, head[9]);
        Skip = BinaryPrimitives.ReadUInt16LittleEndian(head.AsSpan(10));
        IsTruncated = file.IsTruncated;
        long? length = file.LastGranule > Skip ? file.LastGranule - Skip - file.StartGranule(headers: 2, Duration) : null;
        Info = new AudioInfo("Ogg", "Opus", Rate, _channels, null, length > 0 ? length : null, IsNative: true);
    }

    public override AudioInfo Info { get; }

    protected override long Skip { get; }

    // Mono and stereo, or up to eight channels with a table; other families are for ffmpeg.
    public static OpusAudio? Of(OggFile file, string name)
    {
        byte[] head = file.FirstPacket;
        int channels = head[9], family = head[18];
        bool known = (head[8] & 0xF0) == 0 && (family == 0 ? channels is 1 or 2
            : family == 1 && channels is >= 1 and <= 8 && head.Length >= 21 + channels);
        return known ? new OpusAudio(file, name, head) : null;
    }

    protected override IEnumerable<float[]> Decode()
    {
        float gain = (float)Math.Pow(10, BinaryPrimitives.ReadInt16LittleEndian(_head.AsSpan(16)) / 5120.0);
        // The managed decoder on every machine: a native one that happens to be there gives other bits.
#pragma warning disable CS0618 // The factory that is recommended prefers the native one.
        Func<byte[], float[], int> decode;
        if (_head[18] == 0)
        {
            var decoder = new OpusDecoder(Rate, _channels);
            decode = (packet, samples) => decoder.Decode(packet, samples, LongestPacket, false);
        }
        else
        {
            var decoder = new OpusMSDecoder(Rate, _channels, _head[19], _head[20], _head[21..(21 + _channels)]);
            decode = (packet, samples) => decoder.DecodeMultistream(packet, samples, LongestPacket, false);
        }
#pragma warning restore CS0618
        var buffer = new float[LongestPacket * _channels];
        foreach (byte[] packet in _file.Packets().Skip(2))
        {
            if (packet.Length == 0) throw Damaged("it holds an empty packet");
            int count = decode(packet, buffer) * _channels;
            if (count <= 0) throw Damaged("a packet decodes to nothing");
            float[] samples = buffer[..count];
            if (gain != 1)
                for (int i = 0; i < samples.Length; i++) samples[i] *= gain;
            yield return samples;
        }
    }

    // Samples of a packet at 48 kHz, by its first bytes (RFC 6716, 3.1).
    private static int Duration(byte[] packet)
    {
        if (packet.Length == 0) return 0;
        int config = packet[0] >> 3, frame = config < 12 ? (480 << (config & 3)) switch { 3840 => 2880, var n => n }
            : config < 16 ? 480 << (config & 1) : 120 << (config & 3);
        return frame * ((packet[0] & 3) switch { 0 => 1, 3 => packet.Length > 1 ? packet[1] & 63 : 0, _ => 2 });
    }
}

/// <summary>The pages and packets of an Ogg file (RFC 3533) that holds one stream.</summary>
internal sealed class OggFile
{
    private const int HeaderBytes = 27;

    // Twenty years at 48 kHz.
    private const long BeyondAllTime = 1L << 45;

    private static readonly uint[] Crc = [.. FlacCrc.Build(0x04C11DB7, 32)];

    private readonly long _start;
    private readonly string _name;

    private OggFile(Stream stream, string name) => (Stream, _start, _name) = (stream, stream.Position, name);

    public Stream Stream { get; }

    public byte[] FirstPacket { get; private set; } = [];

    /// <summary>The last page's place in samples; -1 where no page says.</summary>
    public long LastGranule { get; private set; } = -1;

    /// <summary>Whether the stream ends without its last page.</summary>
    public bool IsTruncated { get; private set; }

    /// <summary>Reads all pages and checks them.</summary>
    /// <returns>Null where the file is no Ogg file or holds several streams.</returns>
    /// <exception cref="AudioFormatException">A page is damaged or missing.</exception>
    public static OggFile? Read(Stream stream, string name)
    {
        var file = new OggFile(stream, name);
        bool first = true, ended = false, continues = false;
        uint serial = 0, sequence = 0;
        foreach (Page page in file.Pages(verify: true))
        {
            // Codecs' first packets are short and alone on their page (RFC 3533).
            if (first) (serial, sequence, file.FirstPacket) = (page.Serial, page.Sequence, page.Body);
            else if (page.Serial != serial || ended) return null;
            else if (page.Sequence != ++sequence)
                throw new AudioFormatException($"{name}: this Ogg file is damaged: page {sequence} is missing; fetch it again.");
            // A decoder may look for the missing part of a packet without end.
            if (page.Continues != continues || (page.IsFirst && !first))
                throw new AudioFormatException($"{name}: this Ogg file is damaged: page {page.Sequence} does not continue the one before; "
                    + "fetch it again.");
            if (page.Lacing.Length > 0) continues = page.Lacing[^1] == 255;
            if (page.Granule is >= 0 and < BeyondAllTime) file.LastGranule = page.Granule;
            (first, ended) = (false, page.IsLast);
        }
        if (first) return null;
        file.IsTruncated = !ended;
        return file;
    }

    public void Rewind() => Stream.Position = _start;

    /// <summary>Where the stream begins in samples: 0, or more where it was cut out of a longer one.</summary>
    /// <param name="headers">Packets before those of audio.</param>
    /// <param name="duration">Samples of a packet, asked in order.</param>
    public long StartGranule(int headers, Func<byte[], int> duration)
    {
        long samples = 0;
        foreach ((byte[] packet, long granule) in Packed().Skip(headers))
        {
            samples += duration(packet);
            // A first page that is the last one too may end before its packets do.
            if (granule >= 0) return Math.Max(0, granule - samples);
        }
        return 0;
    }

    public IEnumerable<byte[]> Packets() => Packed().Select(packed => packed.Packet);

    private IEnumerable<(byte[] Packet, long Granule)> Packed()
    {
        Rewind();
        var begun = new List<byte>();
        foreach (Page page in Pages(verify: false))
        {
            int at = 0, last = Array.FindLastIndex(page.Lacing, lace => lace < 255), from = 0;
            for (int i = 0; i < page.Lacing.Length; i++)
            {
                at += page.Lacing[i];
                if (page.Lacing[i] == 255) continue;
                begun.AddRange(page.Body.AsSpan(from, at - from));
                yield return ([.. begun], i == last ? page.Granule : -1);
                begun.Clear();
                from = at;
            }
            begun.AddRange(page.Body.AsSpan(from));
        }
    }

    private IEnumerable<Page> Pages(bool verify)
    {
        byte[] head = new byte[HeaderBytes];
        while (true)
        {
            int read = Stream.ReadAtLeast(head, HeaderBytes, throwOnEndOfStream: false);
            if (read < HeaderBytes || !head.AsSpan().StartsWith("OggS"u8))
            {
                // At the very beginning: no Ogg file. A part of a page: the file is cut. Else junk, such as a tag, behind the end.
                yield break;
            }
            byte[] lacing = new byte[head[26]];
            if (Stream.ReadAtLeast(lacing, lacing.Length, throwOnEndOfStream: false) < lacing.Length) yield break;
            byte[] body = new byte[lacing.Sum(lace => lace)];
            if (Stream.ReadAtLeast(body, body.Length, throwOnEndOfStream: false) < body.Length) yield break;
            var page = new Page(head[5], BinaryPrimitives.ReadInt64LittleEndian(head.AsSpan(6)),
                BinaryPrimitives.ReadUInt32LittleEndian(head.AsSpan(14)), BinaryPrimitives.ReadUInt32LittleEndian(head.AsSpan(18)),
                lacing, body);
            uint stated = BinaryPrimitives.ReadUInt32LittleEndian(head.AsSpan(22));
            head.AsSpan(22, 4).Clear();
            if (verify && Sum(Sum(Sum(0, head), lacing), body) != stated)
                throw new AudioFormatException($"{_name}: this Ogg file is damaged: the checksum of page {page.Sequence} does not match; "
                    + "fetch it again.");
            yield return page;
        }
    }

    private static uint Sum(uint crc, byte[] bytes)
    {
        foreach (byte b in bytes) crc = (crc << 8) ^ Crc[(crc >> 24) ^ b];
        return crc;
    }

    private sealed record Page(byte Flags, long Granule, uint Serial, uint Sequence, byte[] Lacing, byte[] Body)
    {
        public bool Continues => (Flags & 1) != 0;

        public bool IsFirst => (Flags & 2) != 0;

        public bool IsLast => (Flags & 4) != 0;
    }
}
