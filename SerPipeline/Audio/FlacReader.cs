namespace SerPipeline.Audio;

/// <summary>Decodes native FLAC streams (RFC 9639) and verifies their checksums.</summary>
internal sealed class FlacReader
{
    // Limits the memory allocated up front for a wrong total in the header; clips that compress better grow while decoding.
    private const int MaxInitialSamplesPerByte = 8;
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
        long initial = Math.Min(info.TotalSamples * info.Channels, (long)byteCount * MaxInitialSamplesPerByte);
        _samples = new float[Math.Min(initial, Array.MaxLength)];
        bool stored = info.Md5.AsSpan().ContainsAnyExcept((byte)0);
#pragma warning disable CA5351 // MD5 is what the format stores; it guards against damage, not against an attacker.
        _md5 = verify && stored ? IncrementalHash.CreateHash(HashAlgorithmName.MD5) : null;
#pragma warning restore CA5351
    }

    /// <summary>Decodes the stream whose <c>fLaC</c> marker is at <paramref name="start"/>.</summary>
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
        // 1. Frames, up to the stated number of samples or the end of the file.
        int position = _info.FirstFrame;
        long frames = 0;
        while (position < bytes.Length && (_info.TotalSamples == 0 || frames < _info.TotalSamples) && !IsTag(bytes[position..]))
            frames += DecodeFrame(bytes, ref position);
        // 2. Length and checksum.
        if (frames == 0) throw new AudioFormatException($"{_name}: this FLAC stream holds no samples.");
        if (_info.TotalSamples != 0 && frames != _info.TotalSamples)
            throw new AudioFormatException($"{_name}: this FLAC stream states {_info.TotalSamples} samples and holds {frames}: "
                + "the file is damaged or cut short; fetch it again.");
        if (_md5 is not null && !_md5.GetHashAndReset().AsSpan().SequenceEqual(_info.Md5))
            throw new AudioFormatException($"{_name}: the decoded samples do not match the MD5 in the FLAC header: the file is damaged; "
                + "fetch it again.");
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
                    // The lowest bit of mid was dropped; it equals that of side.
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
            throw new AudioFormatException($"{_name}: this FLAC stream holds more than {Array.MaxLength} samples, "
                + "the limit of one clip; split it.");
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

/// <summary>Metadata of a FLAC stream (RFC 9639, section 8.2).</summary>
/// <param name="SampleRateHz">Samples per second of each channel.</param>
/// <param name="Channels">1 to 8.</param>
/// <param name="BitsPerSample">4 to 32.</param>
/// <param name="TotalSamples">Samples per channel; 0 if unknown.</param>
/// <param name="Md5">MD5 of the decoded samples; all zero if not computed.</param>
/// <param name="FirstFrame">Offset of the first frame in bytes.</param>
internal sealed record FlacStreamInfo(int SampleRateHz, int Channels, int BitsPerSample, long TotalSamples, byte[] Md5, int FirstFrame)
{
    private const int StreamInfoBytes = 34;

    /// <summary>Reads the metadata blocks after the <c>fLaC</c> marker at <paramref name="start"/>.</summary>
    public static FlacStreamInfo Read(ReadOnlySpan<byte> bytes, int start, string name)
    {
        int position = start + 4;
        FlacStreamInfo? info = null;
        for (bool last = false; !last;)
        {
            if (position + 4 > bytes.Length) throw Cut(name, bytes.Length);
            last = (bytes[position] & 0x80) != 0;
            int type = bytes[position] & 0x7F;
            int length = (int)(BinaryPrimitives.ReadUInt32BigEndian(bytes[position..]) & 0xFFFFFF);
            position += 4;
            if (length > bytes.Length - position) throw Cut(name, bytes.Length);
            if (info is null) info = ReadStreamInfo(bytes.Slice(position, length), type, name);
            position += length;
        }
        return info! with { FirstFrame = position };
    }

    private static FlacStreamInfo ReadStreamInfo(ReadOnlySpan<byte> block, int type, string name)
    {
        if (type != 0 || block.Length < StreamInfoBytes)
            throw new AudioFormatException($"{name}: a FLAC stream must begin with a STREAMINFO block of {StreamInfoBytes} bytes, "
                + $"found block type {type} of {block.Length} bytes.");
        ulong packed = BinaryPrimitives.ReadUInt64BigEndian(block[10..]);
        int rate = (int)(packed >> 44);
        if (rate == 0) throw new AudioFormatException($"{name}: this FLAC stream states a sample rate of 0 Hz, which is not audio.");
        int bits = (int)((packed >> 36) & 31) + 1;
        if (bits < 4) throw new AudioFormatException($"{name}: FLAC samples have 4 to 32 bits, this stream states {bits}.");
        int channels = (int)((packed >> 41) & 7) + 1;
        return new FlacStreamInfo(rate, channels, bits, (long)(packed & 0xFFFFFFFFF), block.Slice(18, 16).ToArray(), 0);
    }

    private static AudioFormatException Cut(string name, int length) =>
        new($"{name}: this FLAC stream ends inside its metadata, at byte {length}: the file is cut short; fetch it again.");
}
