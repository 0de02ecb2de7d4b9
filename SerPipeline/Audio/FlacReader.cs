using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace SerPipeline.Audio;

/// <summary>Decodes native FLAC streams (RFC 9639) and checks them against their own checksums.</summary>
internal sealed class FlacReader
{
    // A block of 65,535 samples of silence takes a few bytes, so a header's total is believed only up to this many samples a byte;
    // longer clips grow as their frames arrive.
    private const int BelievedSamplesPerByte = 8;
    private const int MaxBlock = 65536;

    private readonly FlacStreamInfo _info;
    private readonly string _name;
    private readonly long[][] _channels;
    private readonly IncrementalHash? _md5;
    private readonly float _scale;
    private float[] _samples;
    private int _count;

    private FlacReader(FlacStreamInfo info, int byteCount, string name, bool verify)
    {
        _info = info;
        _name = name;
        _channels = new long[info.Channels][];
        for (int c = 0; c < info.Channels; c++) _channels[c] = [];
        _scale = 1f / (1L << (info.BitsPerSample - 1));
        long believed = Math.Min(info.TotalSamples * info.Channels, (long)byteCount * BelievedSamplesPerByte);
        _samples = new float[Math.Min(believed, Array.MaxLength)];
        bool stored = info.Md5.AsSpan().ContainsAnyExcept((byte)0);
#pragma warning disable CA5351 // MD5 is what the format stores; it guards against damage, not against an attacker.
        _md5 = verify && stored ? IncrementalHash.CreateHash(HashAlgorithmName.MD5) : null;
#pragma warning restore CA5351
    }

    /// <summary>Decodes a stream.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="start">Where <c>fLaC</c> stands.</param>
    /// <param name="name">The file's name, for messages.</param>
    /// <param name="verifyMd5">Whether the decoded samples are checked against the MD5 in the header, where it has one.</param>
    public static AudioClip Read(ReadOnlySpan<byte> bytes, int start, string name, bool verifyMd5 = true)
    {
        FlacStreamInfo info = FlacStreamInfo.Read(bytes, start, name);
        var reader = new FlacReader(info, bytes.Length, name, verifyMd5);
        try
        {
            return reader.Decode(bytes);
        }
        finally
        {
            reader._md5?.Dispose();
        }
    }

    private AudioClip Decode(ReadOnlySpan<byte> bytes)
    {
        // 1. Frames, until the stated number of samples or, where none is stated, the end of the file.
        int position = _info.FirstFrame;
        long frames = 0;
        while (position < bytes.Length && (_info.TotalSamples == 0 || frames < _info.TotalSamples) && !IsTag(bytes[position..]))
            frames += DecodeFrame(bytes, ref position);
        // 2. Length and checksum.
        if (frames == 0) throw new AudioFormatException($"{_name}: this FLAC stream holds no samples.");
        if (_info.TotalSamples != 0 && frames != _info.TotalSamples)
            throw new AudioFormatException($"{_name}: this FLAC stream states {_info.TotalSamples} samples and holds {frames}: the file "
                + $"is damaged or cut short; fetch it again.");
        if (_md5 is not null && !_md5.GetHashAndReset().AsSpan().SequenceEqual(_info.Md5))
            throw new AudioFormatException($"{_name}: the decoded samples do not match the MD5 in the FLAC header: the file is damaged; "
                + $"fetch it again.");
        Array.Resize(ref _samples, _count);
        return new AudioClip(_samples, _info.SampleRateHz, _info.Channels);
    }

    // Some taggers append an ID3v1 tag.
    private static bool IsTag(ReadOnlySpan<byte> rest) => rest.Length == 128 && rest.StartsWith("TAG"u8);

    private int DecodeFrame(ReadOnlySpan<byte> bytes, ref int position)
    {
        int start = position;
        var reader = new FlacBitReader(bytes, position, _name);
        FlacFrameHeader header = FlacFrameHeader.Read(ref reader, bytes, _info, _name);
        int n = header.BlockSize;
        for (int c = 0; c < _channels.Length; c++)
        {
            if (_channels[c].Length < n) _channels[c] = new long[Math.Min(MaxBlock, Math.Max(n, 4096))];
            bool side = header.Decorrelation switch
            {
                FlacDecorrelation.LeftSide or FlacDecorrelation.MidSide => c == 1,
                FlacDecorrelation.SideRight => c == 0,
                _ => false,
            };
            FlacSubframe.Decode(ref reader, _channels[c].AsSpan(0, n), _info.BitsPerSample + (side ? 1 : 0), _name);
        }
        reader.AlignToByte();
        int end = reader.BytePosition;
        if (reader.Read(16) != FlacCrc.Crc16(bytes[start..end])) throw FlacFrameHeader.Damaged(_name, start, "its checksum does not match");
        position = end + 2;
        Recorrelate(header.Decorrelation, n);
        Append(n);
        return n;
    }

    private void Recorrelate(FlacDecorrelation decorrelation, int n)
    {
        if (decorrelation == FlacDecorrelation.Independent) return;
        Span<long> first = _channels[0].AsSpan(0, n), second = _channels[1].AsSpan(0, n);
        for (int i = 0; i < n; i++)
        {
            long a = first[i], b = second[i];
            switch (decorrelation)
            {
                case FlacDecorrelation.LeftSide:
                    second[i] = a - b;
                    break;
                case FlacDecorrelation.SideRight:
                    first[i] = a + b;
                    break;
                default:
                    // Mid lost its lowest bit, which is the side's.
                    long mid = (a << 1) | (b & 1);
                    first[i] = (mid + b) >> 1;
                    second[i] = (mid - b) >> 1;
                    break;
            }
        }
    }

    private void Append(int n)
    {
        int channels = _channels.Length, added = n * channels;
        if ((long)_count + added > Array.MaxLength)
            throw new AudioFormatException($"{_name}: this FLAC stream holds more than {Array.MaxLength} samples, more than one clip "
                + $"can; split it.");
        if (_count + added > _samples.Length)
            Array.Resize(ref _samples, (int)Math.Min(Array.MaxLength, Math.Max((long)_count + added, _samples.Length * 2L)));
        Span<float> target = _samples.AsSpan(_count, added);
        for (int c = 0; c < channels; c++)
        {
            ReadOnlySpan<long> source = _channels[c].AsSpan(0, n);
            for (int i = 0, t = c; i < source.Length; i++, t += channels) target[t] = source[i] * _scale;
        }
        _count += added;
        if (_md5 is not null) Hash(n);
    }

    // The MD5 is over interleaved little-endian samples, each in the fewest whole bytes (RFC 9639, section 8.2).
    private void Hash(int n)
    {
        int width = (_info.BitsPerSample + 7) / 8, channels = _channels.Length;
        byte[] buffer = System.Buffers.ArrayPool<byte>.Shared.Rent((n * channels * width) + 8);
        int position = 0;
        if (width == 2)
        {
            Span<short> target = MemoryMarshal.Cast<byte, short>(buffer.AsSpan());
            for (int c = 0; c < channels; c++)
            {
                ReadOnlySpan<long> source = _channels[c].AsSpan(0, n);
                for (int i = 0, t = c; i < source.Length; i++, t += channels)
                    target[t] = BitConverter.IsLittleEndian ? (short)source[i] : BinaryPrimitives.ReverseEndianness((short)source[i]);
            }
            position = n * channels * 2;
        }
        else
        {
            for (int i = 0; i < n; i++)
            {
                for (int c = 0; c < channels; c++, position += width)
                    BinaryPrimitives.WriteInt64LittleEndian(buffer.AsSpan(position), _channels[c][i]);
            }
        }
        _md5!.AppendData(buffer, 0, position);
        System.Buffers.ArrayPool<byte>.Shared.Return(buffer);
    }
}
