namespace SerPipeline.Audio;

/// <summary>Decodes audio files. The format is detected from the content, never from the name: WAV, RF64, RIFX, FLAC, AIFF, AIFF-C, MP3,
/// Ogg Vorbis and Ogg Opus are decoded here, any other media file through ffmpeg if it is installed.</summary>
public static class AudioFile
{
    private static readonly AudioReadOptions Defaults = new();

    /// <summary>Decodes all channels of a file, or of a stretch of it, <c>long.wav#t=1.5,3.2</c> from 1.5 to 3.2 seconds.</summary>
    /// <param name="path">An audio file smaller than 2 GiB.</param>
    /// <param name="options">How to decode; null for the defaults.</param>
    /// <returns>A clip with at least one sample per channel, all finite.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="AudioFormatException">The content is not audio that can be decoded, or is damaged; the message says what it is and
    /// what to do.</exception>
    public static AudioClip Read(string path, AudioReadOptions? options = null) =>
        AudioSegment.TryParse(path, out string file, out AudioSegment? segment) ? segment.Read(file, options)
            : Decode(ReadBytes(path), path, path, options);

    /// <summary>Decodes all channels of a file held in memory.</summary>
    /// <param name="bytes">The complete file.</param>
    /// <param name="name">Name of the file in error messages.</param>
    /// <param name="options">How to decode; null for the defaults.</param>
    /// <returns>A clip with at least one sample per channel, all finite.</returns>
    /// <exception cref="AudioFormatException">The content is not audio that can be decoded, or is damaged; the message says what it is and
    /// what to do.</exception>
    public static AudioClip Decode(ReadOnlySpan<byte> bytes, string name, AudioReadOptions? options = null) =>
        Decode(bytes, name, null, options);

    /// <summary>Reads a file's header without decoding its samples.</summary>
    /// <param name="path">An audio file smaller than 2 GiB.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="AudioFormatException">The content is not audio, or the header is damaged.</exception>
    public static AudioInfo Describe(string path) => Describe(ReadBytes(path), path);

    /// <summary>Reads the header of a file held in memory, without decoding its samples.</summary>
    /// <param name="bytes">The complete file.</param>
    /// <param name="name">Name of the file in error messages.</param>
    /// <exception cref="AudioFormatException">The content is not audio, or the header is damaged.</exception>
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
        if (StreamedAudio.Open(bytes, name) is { } streamed) return streamed.Info;
        AudioSignature signature = AudioSignature.Of(bytes);
        if (!signature.IsMedia) throw NotAudio(name, signature);
        return new AudioInfo(signature.What, null, null, null, null, null, IsNative: false);
    }

    private static AudioClip Decode(ReadOnlySpan<byte> bytes, string name, string? path, AudioReadOptions? options)
    {
        ArgumentNullException.ThrowIfNull(name);
        options ??= Defaults;
        options.Validate();
        // 1. Native formats.
        if (FindFlac(bytes) is { } start) return FlacReader.Read(bytes, start, name, options.VerifyFlacMd5);
        UncompressedAudio? header = ReadUncompressedHeader(bytes, name);
        if (header?.Encoding is not null) return header.ToClip(bytes, name);
        if (header is null && StreamedAudio.Open(bytes, name) is { } streamed) return streamed.ReadAll();
        // 2. Content that is certainly not audio.
        AudioSignature signature = header is null
            ? AudioSignature.Of(bytes)
            : new($"{header.Container} with the codec {header.Codec}", IsMedia: true);
        if (!signature.IsMedia) throw NotAudio(name, signature);
        // 3. Anything else is left to ffmpeg.
        return FfmpegDecoder.Decode(bytes, name, path, signature.What, options);
    }

    private static UncompressedAudio? ReadUncompressedHeader(ReadOnlySpan<byte> bytes, string name)
    {
        // Some programs put a tag before any file.
        int start = AudioSignature.Id3Length(bytes);
        ReadOnlySpan<byte> file = bytes[start..];
        UncompressedAudio? header = WavReader.IsWav(file) ? WavReader.ReadHeader(file, name)
            : AiffReader.IsAiff(file) ? AiffReader.ReadHeader(file, name) : null;
        return header is null ? null : header with { DataStart = header.DataStart + start };
    }

    private static int? FindFlac(ReadOnlySpan<byte> bytes)
    {
        int start = AudioSignature.Id3Length(bytes);
        return bytes[start..].StartsWith("fLaC"u8) ? start : null;
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
            throw new AudioFormatException($"{path}: a file must be smaller than 2 GiB to be read as one clip, "
                + $"this one has {file.Length} bytes. Split it.");
        return File.ReadAllBytes(path);
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
/// <param name="Container"><c>WAV</c>, <c>FLAC</c>, <c>AIFF</c>, <c>AIFF-C</c>, or a description of a foreign format.</param>
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
