namespace SerPipeline.Audio;

/// <summary>
/// Decodes audio files. The format is told from the content, never from the name: WAV (and RF64), FLAC, AIFF and AIFF-C are decoded here;
/// anything else that may be audio goes through ffmpeg when there is one.
/// </summary>
public static class AudioFile
{
    private static readonly AudioReadOptions Defaults = new();

    /// <summary>Decodes a file, all its channels.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">How to decode; null for the defaults.</param>
    /// <returns>The clip; it holds at least one sample of each channel, and only finite numbers.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="AudioFormatException">The bytes are no audio that can be read here, or damaged; the message says what they look
    /// like and what to do.</exception>
    public static AudioClip Read(string path, AudioReadOptions? options = null) => Decode(ReadBytes(path), path, path, options);

    /// <summary>Decodes a file held in memory, all its channels.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="options">How to decode; null for the defaults.</param>
    /// <returns>The clip; it holds at least one sample of each channel, and only finite numbers.</returns>
    /// <exception cref="AudioFormatException">The bytes are no audio that can be read here, or damaged; the message says what they look
    /// like and what to do.</exception>
    public static AudioClip Decode(ReadOnlySpan<byte> bytes, string name, AudioReadOptions? options = null) =>
        Decode(bytes, name, null, options);

    /// <summary>Reads a file's header.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="AudioFormatException">The bytes are no audio, or the header is damaged.</exception>
    public static AudioInfo Describe(string path) => Describe(ReadBytes(path), path);

    /// <summary>Reads the header of a file held in memory.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <param name="name">What messages call it.</param>
    /// <exception cref="AudioFormatException">The bytes are no audio, or the header is damaged.</exception>
    public static AudioInfo Describe(ReadOnlySpan<byte> bytes, string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (FindFlac(bytes) is { } start)
        {
            FlacStreamInfo flac = FlacStreamInfo.Read(bytes, start, name);
            return new AudioInfo("FLAC", $"FLAC {flac.BitsPerSample} bit", flac.SampleRateHz, flac.Channels, flac.BitsPerSample,
                flac.TotalSamples == 0 ? null : flac.TotalSamples, IsNative: true);
        }
        if (ReadUncompressedHeader(bytes, name) is { } header)
        {
            return new AudioInfo(header.Container, header.Codec, header.SampleRateHz, header.Channels,
                header.BitsPerSample == 0 ? null : header.BitsPerSample, header.Length, header.Encoding is not null);
        }
        AudioSignature signature = AudioSignature.Of(bytes);
        if (!signature.IsMedia) throw NotAudio(name, signature);
        return new AudioInfo(signature.What, null, null, null, null, null, IsNative: false);
    }

    private static AudioClip Decode(ReadOnlySpan<byte> bytes, string name, string? path, AudioReadOptions? options)
    {
        ArgumentNullException.ThrowIfNull(name);
        options ??= Defaults;
        options.Validate();
        // 1. What is decoded here.
        if (FindFlac(bytes) is { } start) return FlacReader.Read(bytes, start, name, options.VerifyFlacMd5);
        UncompressedAudio? header = ReadUncompressedHeader(bytes, name);
        if (header?.Encoding is not null) return header.ToClip(bytes, name);
        // 2. What cannot be audio.
        AudioSignature signature = header is null
            ? AudioSignature.Of(bytes)
            : new($"{header.Container} with the codec {header.Codec}", IsMedia: true);
        if (!signature.IsMedia) throw NotAudio(name, signature);
        // 3. The rest is ffmpeg's.
        return FfmpegDecoder.Decode(bytes, name, path, signature.What, options);
    }

    private static UncompressedAudio? ReadUncompressedHeader(ReadOnlySpan<byte> bytes, string name)
    {
        if (WavReader.IsWav(bytes)) return WavReader.ReadHeader(bytes, name);
        return AiffReader.IsAiff(bytes) ? AiffReader.ReadHeader(bytes, name) : null;
    }

    private static int? FindFlac(ReadOnlySpan<byte> bytes)
    {
        int start = AudioSignature.Id3Length(bytes);
        return FlacStreamInfo.IsFlac(bytes[start..]) ? start : null;
    }

    private static AudioFormatException NotAudio(string name, AudioSignature signature) =>
        new($"{name}: expected an audio file, found {signature.What}. {signature.Advice}");

    private static byte[] ReadBytes(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var file = new FileInfo(path);
        if (!file.Exists)
        {
            string what = Directory.Exists(path) ? "it is a folder" : "there is no such file";
            string message = $"{path}: expected an audio file, but {what}. Check the path (full path: {file.FullName}).";
            throw new FileNotFoundException(message, path);
        }
        if (file.Length > Array.MaxLength)
            throw new AudioFormatException($"{path}: a file must be smaller than 2 GiB to be read as one clip, this one has "
                + $"{file.Length} bytes. Split it.");
        return File.ReadAllBytes(path);
    }
}
