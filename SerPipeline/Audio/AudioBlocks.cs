namespace SerPipeline.Audio;

/// <summary>Decodes audio block by block, for recordings too long for memory. WAV files of any size, MP3, Ogg Vorbis, Ogg Opus and
/// headerless samples are streamed. FLAC, AIFF, pipes and anything that needs ffmpeg are decoded completely first and then split into
/// blocks.</summary>
public static class AudioBlocks
{
    // Half a second at 16 kHz: shorter than any analysis window, long enough to make the cost per block small.
    internal const int BlockFrames = 8192;

    /// <summary>The largest supported number of channels, in files and raw streams: 64.</summary>
    public const int MaxChannels = UncompressedAudio.MaxChannels;

    /// <summary>Decodes a file lazily.</summary>
    /// <param name="path">An audio file or pipe.</param>
    /// <param name="options">How to decode; null for the defaults.</param>
    /// <returns>Blocks in order, all with the file's rate and channels, each read on demand; at least one sample in total.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="AudioFormatException">The file is not audio that can be decoded, or is damaged.</exception>
    public static IEnumerable<AudioClip> Read(string path, AudioReadOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return ReadFile(path, options);
    }

    /// <summary>Decodes raw samples without a header, such as a microphone's stream.</summary>
    /// <param name="stream">Interleaved little-endian samples, read as they arrive. Left open.</param>
    /// <param name="sampleRateHz">Samples per second of each channel, in Hz.</param>
    /// <param name="channels">Channels, 1 to 64.</param>
    /// <param name="encoding">Sample format. Default 16-bit signed.</param>
    /// <param name="name">Name of the stream in error messages.</param>
    /// <returns>Blocks in order, each as soon as it arrives; none for an empty stream. An incomplete frame at the end is dropped.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The rate is below 1, or the channels are not 1 to 64.</exception>
    /// <exception cref="AudioFormatException">A sample is NaN or infinite.</exception>
    public static IEnumerable<AudioClip> ReadPcm(Stream stream, int sampleRateHz, int channels = 1,
        PcmEncoding encoding = PcmEncoding.Signed16, string name = "stream")
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentOutOfRangeException.ThrowIfLessThan(sampleRateHz, 1);
        if (channels is < 1 or > MaxChannels)
            throw new ArgumentOutOfRangeException(nameof(channels), channels, $"Audio has 1 to {MaxChannels} channels.");
        SampleEncoding stored = encoding switch
        {
            PcmEncoding.Signed16 => new(SampleKind.SignedInteger, 2),
            PcmEncoding.Signed24 => new(SampleKind.SignedInteger, 3),
            PcmEncoding.Signed32 => new(SampleKind.SignedInteger, 4),
            PcmEncoding.IeeeFloat => new(SampleKind.Float, 4),
            PcmEncoding.Unsigned8 => new(SampleKind.UnsignedInteger, 1),
            _ => throw new ArgumentOutOfRangeException(nameof(encoding), encoding, "Unknown encoding."),
        };
        return Blocks(stream, stored, sampleRateHz, channels, long.MaxValue, name);
    }

    // The header of a natively decodable WAV file, with the file positioned at its first sample; null for any other file.
    private static UncompressedAudio? Wav(FileStream file, int start, string name)
    {
        for (int size = AudioFile.MinHeadBytes; ; size *= 16)
        {
            byte[] head = AudioFile.Head(file, start, size);
            if (!WavReader.IsWav(head)) return null;
            try
            {
                UncompressedAudio audio = WavReader.ReadHeader(head, name, file.Length - start);
                file.Position = start + audio.DataStart;
                // No samples in the whole file: AudioFile.Read reports it.
                return audio is { Encoding: not null, DataLength: > 0 } ? audio : null;
            }
            catch (AudioFormatException) when (head.Length < file.Length - start)
            {
                // The missing chunk may be beyond this head: retry with a longer one.
                if (size >= AudioFile.MaxHeadBytes) return null;
            }
        }
    }

    // Behind a tag may be any file, which AudioFile reads; what looks like mp3 within it counts for nothing.
    private static StreamedAudio? OpenStreamed(FileStream file, int start, string name)
    {
        byte[] head = AudioFile.Head(file, start, 12);
        if (head.AsSpan().StartsWith("fLaC"u8) || WavReader.IsWav(head) || AiffReader.IsAiff(head)) return null;
        file.Position = 0;
        return StreamedAudio.Open(file, name);
    }

    private static IEnumerable<AudioClip> ReadFile(string path, AudioReadOptions? options)
    {
        using (FileStream? file = File.Exists(path) ? File.OpenRead(path) : null)
        {
            if (file is { CanSeek: false })
            {
                // A pipe can be read only once and has no known length.
                using var whole = new MemoryStream();
                file.CopyTo(whole);
                foreach (AudioClip block in Cut(AudioFile.Decode(whole.GetBuffer().AsSpan(0, (int)whole.Length), path, options)))
                    yield return block;
                yield break;
            }
            int start = file is null ? 0 : AudioSignature.Id3Length(AudioFile.Head(file, 0, 10), file.Length);
            if (file is not null && Wav(file, start, path) is { } audio)
            {
                bool any = false;
                foreach (AudioClip block in Blocks(file, audio.Encoding!.Value, audio.SampleRateHz, audio.Channels, audio.DataLength, path,
                    audio.Breaks(audio.DataLength)))
                {
                    any = true;
                    yield return block;
                }
                if (!any) throw new AudioFormatException($"{path}: the file holds no samples.");
                yield break;
            }
            if (file is not null && OpenStreamed(file, start, path) is { } streamed)
            {
                foreach (AudioClip block in streamed.Blocks()) yield return block;
                yield break;
            }
        }
        // Other formats, and all errors.
        foreach (AudioClip block in Cut(AudioFile.Read(path, options))) yield return block;
    }

    private static IEnumerable<AudioClip> Blocks(Stream stream, SampleEncoding encoding, int rate, int channels, long length, string name,
        bool truncated = false)
    {
        int frame = encoding.Bytes * channels, buffered = 0;
        long framesBefore = 0;
        var bytes = new byte[BlockFrames * frame];
        while (length > 0)
        {
            // Decode whatever has arrived: a live stream must not wait until a block is full.
            int read = stream.Read(bytes, buffered, (int)Math.Min(bytes.Length - buffered, length));
            if (read == 0) break;
            (buffered, length) = (buffered + read, length - read);
            int frames = buffered / frame;
            if (frames == 0) continue;
            yield return encoding.ToClip(bytes.AsSpan(0, frames * frame), rate, channels, name, framesBefore, truncated);
            framesBefore += frames;
            bytes.AsSpan(frames * frame, buffered - (frames * frame)).CopyTo(bytes);
            buffered -= frames * frame;
        }
    }

    private static IEnumerable<AudioClip> Cut(AudioClip clip)
    {
        for (int from = 0; from < clip.Length; from += BlockFrames)
        {
            int frames = Math.Min(BlockFrames, clip.Length - from);
            yield return clip.With(clip.Samples.Slice(from * clip.Channels, frames * clip.Channels).ToArray());
        }
    }
}

/// <summary>Sample format of raw audio, always little-endian. The names of <c>ffmpeg</c> and <c>sox</c> in brackets.</summary>
public enum PcmEncoding
{
    /// <summary>16-bit signed integers (<c>s16le</c>).</summary>
    Signed16,

    /// <summary>24-bit signed integers in three bytes (<c>s24le</c>).</summary>
    Signed24,

    /// <summary>32-bit signed integers (<c>s32le</c>).</summary>
    Signed32,

    /// <summary>32-bit floats (<c>f32le</c>).</summary>
    IeeeFloat,

    /// <summary>8-bit unsigned integers (<c>u8</c>).</summary>
    Unsigned8,
}
