using System.Diagnostics.CodeAnalysis;
using NLayer;

namespace SerPipeline.Audio;

/// <summary>MPEG audio of layers I to III (ISO/IEC 11172-3, 13818-3), decoded by NLayer frame by frame.</summary>
internal sealed class Mp3Audio : StreamedAudio
{
    // Layer III decoders give what they hear 529 samples late; encoders such as LAME add 576 where they do not say.
    private const int DecoderDelay = 529, UsualEncoderDelay = 576;
    private const int LongestSearch = 1 << 17;

    private readonly Stream _stream;
    private readonly Mp3Frame _first;
    private readonly long _start, _length;

    // As the header states them.
    private readonly long? _frames;

    private Mp3Audio(Stream stream, string name, Mp3Frame first, long start) : base(name)
    {
        (_stream, _first, _start) = (stream, first, start);
        _length = EndOfFrames(stream);
        long? frames = null;
        int delay = UsualEncoderDelay, padding = 0;
        if (first.Layer == MpegLayer.LayerIII && XingHeader(first) is { } header)
        {
            // Joined files: what the first one's header counts is not all.
            bool goesOn = header.Bytes is { } bytes && _start + bytes < _length && Follows(_start + bytes);
            _start += first.FrameLength;
            if (header.Delay is { } known) (delay, padding) = (known, goesOn ? 0 : header.Padding);
            frames = goesOn ? null : header.Frames;
        }
        Skip = first.Layer == MpegLayer.LayerIII ? delay + DecoderDelay : 0;
        // What the decoder still holds at the end is lost where the padding is shorter.
        long? length = frames is { } count && padding > 0
            ? Math.Max(1, (count * first.SampleCount) - delay - DecoderDelay - Math.Max(0, padding - DecoderDelay)) : null;
        Info = new AudioInfo("MP3", first.Layer == MpegLayer.LayerIII ? "MPEG audio layer III" : $"MPEG audio {first.Layer}",
            first.SampleRate, first.Channels, null, length, IsNative: true);
        _frames = frames;
    }

    public override AudioInfo Info { get; }

    protected override long Skip { get; }

    public static new Mp3Audio? Open(Stream stream, string name)
    {
        long origin = stream.Position;
        byte[] head = new byte[10];
        int read = stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        bool tagged = read == head.Length && head.AsSpan().StartsWith("ID3"u8);
        long start = origin + (tagged ? TagLength(head) : 0);
        if (!tagged && Mp3Frame.Header(head) is null) return null;
        stream.Position = Math.Min(start, stream.Length);
        // Behind a tag zeros and the like may precede the first frame.
        byte[] piece = new byte[(int)Math.Min(LongestSearch, stream.Length - stream.Position)];
        stream.ReadExactly(piece);
        int last = tagged ? piece.Length - 4 : 0;
        for (int at = 0; at <= last; at++)
        {
            if (Mp3Frame.Header(piece.AsSpan(at)) is not { } frame) continue;
            int next = at + frame.FrameLength;
            bool ends = start + next >= stream.Length;
            // Two frames in a row are no accident; one alone must fill the file.
            bool goesOn = next + 4 <= piece.Length && Mp3Frame.Header(piece.AsSpan(next)) is { } second && second.Matches(frame);
            if (!ends && !goesOn) continue;
            if (ends && at > 0) continue;
            frame.Take(piece.AsSpan(at, Math.Min(frame.FrameLength, piece.Length - at)));
            return new Mp3Audio(stream, name, frame, start + at);
        }
        return null;
    }

    protected override IEnumerable<float[]> Decode()
    {
        var decoder = new MpegFrameDecoder();
        byte[] bytes = new byte[4096];
        long count = 0, position = _start;
        while (FrameAt(position) is { } frame || Next(ref position, out frame))
        {
            int length = (int)Math.Min(frame.FrameLength, _length - position);
            _stream.Position = position;
            _stream.ReadExactly(bytes, 0, length);
            position += length;
            if (length < frame.FrameLength)
            {
                IsTruncated = true;
                break;
            }
            frame.Take(bytes.AsSpan(0, length));
            // Of a frame whose bits lie before a cut nothing is heard; its time stays.
            var samples = new float[frame.SampleCount * frame.Channels];
            decoder.DecodeFrame(frame, samples);
            count++;
            yield return samples;
        }
        if (count < _frames) IsTruncated = true;
    }

    private bool Follows(long position)
    {
        bool before = IsTruncated, any = FrameAt(position) is not null || Next(ref position, out _);
        IsTruncated = before;
        return any;
    }

    private Mp3Frame? FrameAt(long position)
    {
        byte[] head = new byte[4];
        if (position + head.Length > _length) return null;
        _stream.Position = position;
        _stream.ReadExactly(head);
        return Mp3Frame.Header(head) is { } frame && frame.Matches(_first) ? frame : null;
    }

    // The next frame behind what is none: tags between joined files, or damage. False where none follows.
    private bool Next(ref long position, [NotNullWhen(true)] out Mp3Frame? frame)
    {
        frame = null;
        byte[] piece = new byte[1 << 14];
        // Behind a tag zeros and the like may precede the first frame; what comes later, or behind no tag, is damage.
        long tags = BehindTags(position), farthest = tags == position ? position : tags + piece.Length;
        for (long from = position; from < _length; from += piece.Length - 3)
        {
            _stream.Position = from;
            int read = _stream.ReadAtLeast(piece, (int)Math.Min(piece.Length, _length - from), throwOnEndOfStream: false);
            for (int at = 0; at + 4 <= Math.Min(read, piece.Length); at++)
            {
                if (Mp3Frame.Header(piece.AsSpan(at, 4)) is not { } found || !found.Matches(_first)) continue;
                long behind = from + at + found.FrameLength;
                if (behind != _length && FrameAt(behind) is null) continue;
                IsTruncated |= from + at > farthest;
                (position, frame) = (from + at, found);
                return true;
            }
        }
        return false;
    }

    private long BehindTags(long position)
    {
        byte[] head = new byte[10];
        while (position + head.Length <= _length)
        {
            _stream.Position = position;
            _stream.ReadExactly(head);
            long length = head.AsSpan().StartsWith("ID3"u8) ? TagLength(head) : head.AsSpan().StartsWith("TAG"u8) ? 128 : 0;
            if (length == 0) break;
            position += length;
        }
        return position;
    }

    // An ID3 tag's length is in four bytes of 7 bits (id3.org, ID3v2.4).
    private static long TagLength(byte[] head) => 10 + ((head[5] & 0x10) != 0 ? 10 : 0)
        + head[6..].Aggregate(0, (length, part) => (length << 7) | (part & 0x7F));

    // Tags behind the last frame: ID3v1 of 128 bytes.
    private static long EndOfFrames(Stream stream)
    {
        byte[] tag = new byte[3];
        if (stream.Length < 128) return stream.Length;
        stream.Position = stream.Length - 128;
        stream.ReadExactly(tag);
        return tag.AsSpan().SequenceEqual("TAG"u8) ? stream.Length - 128 : stream.Length;
    }

    // The first frame may hold no sound but the number of frames and, from LAME on, the delays (gabriel.mp3-tech.org, "mp3 info tag").
    private static (long? Frames, long? Bytes, int? Delay, int Padding)? XingHeader(Mp3Frame frame)
    {
        ReadOnlySpan<byte> body = frame.Bytes;
        int at = 4 + (frame.Version == MpegVersion.Version1 ? frame.Channels == 1 ? 17 : 32 : frame.Channels == 1 ? 9 : 17);
        if (body.Length >= 36 + 18 && body[36..].StartsWith("VBRI"u8))
            return (BinaryPrimitives.ReadUInt32BigEndian(body[(36 + 14)..]), null, null, 0);
        if (body.Length < at + 8 || !(body[at..].StartsWith("Xing"u8) || body[at..].StartsWith("Info"u8))) return null;
        uint flags = BinaryPrimitives.ReadUInt32BigEndian(body[(at + 4)..]);
        at += 8;
        long? frames = null, bytes = null;
        if ((flags & 1) != 0 && body.Length >= at + 4) frames = BinaryPrimitives.ReadUInt32BigEndian(body[at..]);
        at += (flags & 1) != 0 ? 4 : 0;
        // From this frame on.
        if ((flags & 2) != 0 && body.Length >= at + 4) bytes = BinaryPrimitives.ReadUInt32BigEndian(body[at..]);
        at += ((flags & 2) != 0 ? 4 : 0) + ((flags & 4) != 0 ? 100 : 0) + ((flags & 8) != 0 ? 4 : 0);
        // Behind the encoder's name and 12 bytes of settings: two numbers of 12 bits.
        if (body.Length < at + 24 || body[at] == 0) return (frames, bytes, null, 0);
        int delay = (body[at + 21] << 4) | (body[at + 22] >> 4), padding = ((body[at + 22] & 15) << 8) | body[at + 23];
        return delay == 0 ? (frames, bytes, null, 0) : (frames, bytes, delay, padding);
    }
}

/// <summary>One frame of MPEG audio, for NLayer's decoder.</summary>
internal sealed class Mp3Frame : IMpegFrame
{
    private static readonly short[][] BitRates =
    [
        [0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
        [0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
        [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
        [0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
        [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
    ];

    private static readonly int[] Rates = [44100, 48000, 32000];

    private readonly uint _head;
    private byte[] _bytes = [];
    private int _bit;

    private Mp3Frame(uint head) => _head = head;

    public MpegVersion Version => ((_head >> 19) & 3) switch
    {
        3 => MpegVersion.Version1,
        2 => MpegVersion.Version2,
        _ => MpegVersion.Version25,
    };

    public MpegLayer Layer => ((_head >> 17) & 3) switch
    {
        3 => MpegLayer.LayerI,
        2 => MpegLayer.LayerII,
        _ => MpegLayer.LayerIII,
    };

    public int SampleRateIndex => (int)((_head >> 10) & 3);

    public int SampleRate => Rates[SampleRateIndex] / (Version == MpegVersion.Version1 ? 1 : Version == MpegVersion.Version2 ? 2 : 4);

    public int BitRateIndex => (int)((_head >> 12) & 15);

    public int BitRate => 1000 * BitRates[Version == MpegVersion.Version1 ? Row : Row == 0 ? 3 : 4][BitRateIndex];

    public MpegChannelMode ChannelMode => (MpegChannelMode)((_head >> 6) & 3);

    public int ChannelModeExtension => (int)((_head >> 4) & 3);

    public int Channels => ChannelMode == MpegChannelMode.Mono ? 1 : 2;

    public bool IsCopyrighted => (_head & 8) != 0;

    public bool HasCrc => (_head & 0x10000) == 0;

    public bool IsCorrupted => false;

    public int SampleCount => Layer == MpegLayer.LayerI ? 384
        : Layer == MpegLayer.LayerIII && Version != MpegVersion.Version1 ? 576 : 1152;

    public int FrameLength => Layer == MpegLayer.LayerI ? ((12 * BitRate / SampleRate) + Padding) * 4
        : (SampleCount / 8 * BitRate / SampleRate) + Padding;

    public ReadOnlySpan<byte> Bytes => _bytes;

    private int Padding => (int)((_head >> 9) & 1);

    private int Row => Layer == MpegLayer.LayerI ? 0 : Layer == MpegLayer.LayerII ? 1 : 2;

    /// <summary>The frame that four bytes begin; null where they do not, or its length is not stated (free format).</summary>
    public static Mp3Frame? Header(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 4) return null;
        uint head = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        bool valid = head >> 21 == 0x7FF && ((head >> 19) & 3) != 1 && ((head >> 17) & 3) != 0
            && ((head >> 12) & 15) is not (0 or 15) && ((head >> 10) & 3) != 3;
        return valid ? new Mp3Frame(head) : null;
    }

    /// <summary>Whether two frames can stand in one stream.</summary>
    public bool Matches(Mp3Frame other) => Version == other.Version && Layer == other.Layer && SampleRate == other.SampleRate
        && Channels == other.Channels;

    public void Take(ReadOnlySpan<byte> bytes)
    {
        _bytes = bytes.ToArray();
        Reset();
    }

    /// <inheritdoc/>
    public void Reset() => _bit = 8 * (HasCrc ? 6 : 4);

    /// <inheritdoc/>
    public int ReadBits(int bitCount)
    {
        if (_bit + bitCount > 8 * _bytes.Length) return -1;
        int value = 0;
        for (int i = 0; i < bitCount; i++, _bit++) value = (value << 1) | ((_bytes[_bit >> 3] >> (7 - (_bit & 7))) & 1);
        return value;
    }
}
