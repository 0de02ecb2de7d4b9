namespace SerPipeline.Audio;

/// <summary>Decodes audio files. The format is detected from the content, never from the name: WAV, RF64, RIFX, FLAC, AIFF, AIFF-C, MP3,
/// Ogg Vorbis and Ogg Opus are decoded here, any other media file through ffmpeg if it is installed.</summary>
public static class AudioFile
{
    // Samples usually begin at byte 44, but metadata such as pictures may come first.
    internal const int MinHeadBytes = 1 << 16, MaxHeadBytes = 1 << 24;

    private static readonly AudioReadOptions Defaults = new();

    /// <summary>Decodes all channels of a file, or of a stretch of it, <c>long.wav#t=1.5,3.2</c> from 1.5 to 3.2 seconds.</summary>
    /// <param name="path">An audio file smaller than 2 GiB.</param>
    /// <param name="options">How to decode; null for the defaults.</param>
    /// <returns>A clip with at least one sample per channel, all finite.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="AudioFormatException">The content is not audio that can be decoded, or is damaged; the message says what it is and
    /// what to do.</exception>
    public static AudioClip Read(string path, AudioReadOptions? options = null)
    {
        if (AudioSegment.TryParse(path, out string file, out AudioSegment? segment)) return segment.Read(file, options);
        byte[] bytes = ReadBytes(path);
        return Decode(bytes, path, path, bytes, options);
    }

    /// <summary>Decodes all channels of a file held in memory.</summary>
    /// <param name="bytes">The complete file.</param>
    /// <param name="name">Name of the file in error messages.</param>
    /// <param name="options">How to decode; null for the defaults.</param>
    /// <returns>A clip with at least one sample per channel, all finite.</returns>
    /// <exception cref="AudioFormatException">The content is not audio that can be decoded, or is damaged; the message says what it is and
    /// what to do.</exception>
    public static AudioClip Decode(ReadOnlySpan<byte> bytes, string name, AudioReadOptions? options = null) =>
        Decode(bytes, name, null, null, options);

    /// <summary>Reads a file's header without decoding its samples.</summary>
    /// <param name="path">An audio file of any size, of which no more is read than its header; of Ogg files all.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="AudioFormatException">The content is not audio, or the header is damaged.</exception>
    public static AudioInfo Describe(string path) =>
        (Existing(path) is { Length: > MinHeadBytes } file ? OfHeads(file, path) : null) ?? Describe(ReadBytes(path), path);

    /// <summary>Reads the header of a file held in memory, without decoding its samples.</summary>
    /// <param name="bytes">The complete file.</param>
    /// <param name="name">Name of the file in error messages.</param>
    /// <exception cref="AudioFormatException">The content is not audio, or the header is damaged.</exception>
    public static AudioInfo Describe(ReadOnlySpan<byte> bytes, string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        ReadOnlySpan<byte> file = bytes[AudioSignature.Id3Length(bytes)..];
        return OfHeader(file, file.Length, name) ?? StreamedAudio.Open(bytes, name)?.Info ?? Foreign(bytes, name);
    }

    /// <summary>So many bytes of a file from a place on, or what there is.</summary>
    internal static byte[] Head(FileStream file, long start, int size)
    {
        byte[] head = new byte[Math.Max(0, Math.Min(size, file.Length - start))];
        file.Position = start;
        file.ReadExactly(head);
        return head;
    }

    // By a file's first bytes; null where they do not tell enough.
    private static AudioInfo? OfHeads(FileInfo found, string path)
    {
        using FileStream file = found.OpenRead();
        int start = AudioSignature.Id3Length(Head(file, 0, 10), file.Length);
        for (int size = MinHeadBytes; size <= MaxHeadBytes && size < file.Length - start; size *= 16)
        {
            byte[] head = Head(file, start, size);
            try
            {
                if (OfHeader(head, file.Length - start, path) is { } info) return info;
            }
            catch (AudioFormatException)
            {
                // What is missing may lie behind this head.
                continue;
            }
            file.Position = 0;
            if (StreamedAudio.Open(file, path) is { } streamed) return streamed.Info;
            if (head.AsSpan().ContainsAnyExcept((byte)0)) return Foreign(Head(file, 0, size), path);
        }
        return null;
    }

    // What stands behind a tag; null for other formats than FLAC, WAV and AIFF.
    private static AudioInfo? OfHeader(ReadOnlySpan<byte> head, long length, string name)
    {
        if (head.StartsWith("fLaC"u8))
        {
            FlacStreamInfo flac = FlacStreamInfo.Read(head, 0, name);
            return new AudioInfo("FLAC", $"FLAC {flac.BitsPerSample} bit", flac.SampleRateHz, flac.Channels, flac.BitsPerSample,
                flac.TotalSamples == 0 ? null : flac.TotalSamples, IsNative: true);
        }
        return ReadUncompressedHeader(head, name, length) is { } header
            ? new AudioInfo(header.Container, header.Codec, header.SampleRateHz, header.Channels,
                header.BitsPerSample == 0 ? null : header.BitsPerSample, header.Length, header.Encoding is not null)
            : null;
    }

    private static AudioInfo Foreign(ReadOnlySpan<byte> bytes, string name)
    {
        AudioSignature signature = AudioSignature.Of(bytes);
        if (!signature.IsMedia) throw NotAudio(name, signature);
        return new AudioInfo(signature.What, null, null, null, null, null, IsNative: false);
    }

    private static AudioClip Decode(ReadOnlySpan<byte> bytes, string name, string? path, byte[]? held, AudioReadOptions? options)
    {
        ArgumentNullException.ThrowIfNull(name);
        options ??= Defaults;
        options.Validate();
        // 1. Native formats.
        // Some programs put a tag before any file.
        int start = AudioSignature.Id3Length(bytes);
        ReadOnlySpan<byte> file = bytes[start..];
        if (file.StartsWith("fLaC"u8)) return FlacReader.Read(bytes, start, name, options.VerifyFlacMd5);
        UncompressedAudio? header = ReadUncompressedHeader(file, name);
        if (header?.Encoding is not null) return header.ToClip(file, name);
        if (header is null && StreamedAudio.Open(bytes, name, held) is { } streamed) return streamed.ReadAll();
        // 2. Content that is certainly not audio.
        AudioSignature signature = header is null
            ? AudioSignature.Of(bytes)
            : new($"{header.Container} with the codec {header.Codec}", IsMedia: true);
        if (!signature.IsMedia) throw NotAudio(name, signature);
        // 3. Anything else is left to ffmpeg.
        return FfmpegDecoder.Decode(bytes, name, path, signature.What, options);
    }

    private static UncompressedAudio? ReadUncompressedHeader(ReadOnlySpan<byte> file, string name, long? length = null) =>
        WavReader.IsWav(file) ? WavReader.ReadHeader(file, name, length)
            : AiffReader.IsAiff(file) ? AiffReader.ReadHeader(file, name, length) : null;

    private static AudioFormatException NotAudio(string name, AudioSignature signature) =>
        new($"{name}: expected an audio file, found {signature.What}. {signature.Advice}");

    private static byte[] ReadBytes(string path)
    {
        long length = Existing(path).Length;
        if (length > Array.MaxLength)
            throw new AudioFormatException($"{path}: a file must be smaller than 2 GiB to be read as one clip, "
                + $"this one has {length} bytes. Split it.");
        return File.ReadAllBytes(path);
    }

    private static FileInfo Existing(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var file = new FileInfo(path);
        if (!file.Exists)
        {
            string what = Directory.Exists(path) ? "it is a folder" : "there is no such file";
            string message = $"{path}: expected an audio file, but {what}. Check the path (full path: {file.FullName}).";
            throw new FileNotFoundException(message, path);
        }
        return file;
    }
}

/// <summary>Options of <see cref="AudioFile"/> and <see cref="AudioBlocks"/>.</summary>
public sealed record AudioReadOptions
{
    /// <summary>Whether decoded FLAC samples are checked against the MD5 in the header, if present. Frame checksums are always checked.
    /// Default true.</summary>
    public bool VerifyFlacMd5 { get; init; } = true;

    /// <summary>The ffmpeg program for formats without a native decoder: a path, or a name looked up on the <c>PATH</c>. Null rejects such
    /// files. Default <c>ffmpeg</c>.</summary>
    public string? FfmpegPath { get; init; } = "ffmpeg";

    /// <summary>Time limit for one run of ffmpeg, after which it is killed and the file rejected; below one day. Default 60 s.</summary>
    public TimeSpan FfmpegTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Checks all options.</summary>
    /// <exception cref="OptionsException">An option is invalid; the message lists all problems.</exception>
    public void Validate() => new OptionsCheck(nameof(AudioReadOptions))
        .Require(FfmpegPath is null || FfmpegPath.Trim().Length > 0, FfmpegPath, "be a program's path or name, or null")
        .Require(FfmpegTimeout > TimeSpan.Zero && FfmpegTimeout < TimeSpan.FromDays(1), FfmpegTimeout, "be positive and shorter than a day")
        .ThrowIfAny();
}

/// <summary>Format of an audio file, read from its header.</summary>
/// <param name="Container"><c>WAV</c>, <c>FLAC</c>, <c>AIFF</c>, <c>AIFF-C</c>, <c>MP3</c>, <c>Ogg</c>, or a description of a foreign
/// format.</param>
/// <param name="Codec">The sample encoding, such as <c>PCM 16 bit</c>; null for formats without a native reader.</param>
/// <param name="SampleRateHz">Samples per second of each channel; null for formats without a native reader.</param>
/// <param name="Channels">Number of channels; null for formats without a native reader.</param>
/// <param name="BitsPerSample">Bits per sample; null if the codec has no fixed number or the format has no native reader.</param>
/// <param name="Length">Samples per channel; null if the header does not say.</param>
/// <param name="IsNative">Whether the file is decoded without ffmpeg.</param>
public sealed record AudioInfo(
    string Container, string? Codec, int? SampleRateHz, int? Channels, int? BitsPerSample, long? Length, bool IsNative)
{
    /// <summary>Length in time; null if the header does not say.</summary>
    public TimeSpan? Duration => Length is { } length && SampleRateHz is { } rate ? TimeSpan.FromSeconds((double)length / rate) : null;
}
