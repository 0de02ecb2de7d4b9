namespace SerPipeline.Audio;

/// <summary>
/// Decodes audio block by block, for recordings too long to be held whole. WAV files of any size and headerless samples are read as they are decoded. FLAC, AIFF, what goes
/// through ffmpeg and what comes out of a pipe is decoded whole first, and its blocks are cut out of that.
/// </summary>
public static class AudioBlocks
{
    // Half a second of 16 kHz: small against any window, large against what a block costs.
    private const int BlockFrames = 8192;

    // The samples of a WAV file usually begin 44 bytes in; metadata before them may be pictures.
    private const int ShortestHead = 1 << 16, LongestHead = 1 << 24;

    /// <summary>The most channels that samples may have, in files and without a header.</summary>
    public const int MaxChannels = UncompressedAudio.MaxChannels;

    /// <summary>Decodes a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">How to decode; null for the defaults.</param>
    /// <returns>Blocks of one rate and number of channels, in order, each read when it is asked for; at least one sample in all.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="AudioFormatException">The bytes are no audio that can be read here, or damaged.</exception>
    public static IEnumerable<AudioClip> Read(string path, AudioReadOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return ReadFile(path, options);
    }

    /// <summary>Decodes samples without a header.</summary>
    /// <param name="stream">The samples, channels interleaved; read as they come, such as a microphone's. Stays open.</param>
    /// <param name="sampleRateHz">Frames a second.</param>
    /// <param name="channels">Channels in each frame, at most 64.</param>
    /// <param name="encoding">How samples are stored.</param>
    /// <param name="name">What messages call the stream.</param>
    /// <returns>Blocks, in order, each as soon as it came; none when the stream is empty. A part of a frame at the end is left out.</returns>
    /// <exception cref="ArgumentOutOfRangeException">Rate or channels are below 1, or there are more channels than 64.</exception>
    /// <exception cref="AudioFormatException">A sample is no finite number.</exception>
    public static IEnumerable<AudioClip> ReadPcm(Stream stream, int sampleRateHz, int channels = 1, PcmEncoding encoding = PcmEncoding.Signed16, string name = "stream")
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentOutOfRangeException.ThrowIfLessThan(sampleRateHz, 1);
        if (channels is < 1 or > MaxChannels) throw new ArgumentOutOfRangeException(nameof(channels), channels, $"Audio has 1 to {MaxChannels} channels.");
        SampleEncoding stored = encoding switch
        {
            PcmEncoding.Signed16 => new(SampleKind.SignedInteger, 2),
            PcmEncoding.Signed24 => new(SampleKind.SignedInteger, 3),
            PcmEncoding.Signed32 => new(SampleKind.SignedInteger, 4),
            PcmEncoding.IeeeFloat => new(SampleKind.Float, 4),
            PcmEncoding.Unsigned8 => new(SampleKind.UnsignedInteger, 1),
            _ => throw new ArgumentOutOfRangeException(nameof(encoding), encoding, "There is no such encoding."),
        };
        return Blocks(stream, stored, sampleRateHz, channels, long.MaxValue, name);
    }

    /// <summary>The head of a WAV file whose samples this library decodes; null for any other file. The file then stands at its first sample.</summary>
    private static (UncompressedAudio Audio, long DataLength)? Head(FileStream file, string name)
    {
        for (int size = ShortestHead; ; size *= 16)
        {
            byte[] head = new byte[Math.Min(size, file.Length)];
            file.Position = 0;
            file.ReadExactly(head);
            if (!WavReader.IsWav(head)) return null;
            bool whole = head.Length == file.Length;
            try
            {
                if (WavReader.ReadHeader(head, name) is { DataLength: > 0 } audio)
                {
                    if (audio.Encoding is null) return null;
                    file.Position = audio.DataStart;
                    return (audio, WavReader.DataLength(head, audio.DataStart, file.Length));
                }
            }
            catch (AudioFormatException) when (!whole)
            {
                // What is missing may stand further on.
            }
            // Whole, and without samples: the reader of whole files says so.
            if (whole || size >= LongestHead) return null;
        }
    }

    private static IEnumerable<AudioClip> ReadFile(string path, AudioReadOptions? options)
    {
        using (FileStream? file = File.Exists(path) ? File.OpenRead(path) : null)
        {
            if (file is { CanSeek: false })
            {
                // A pipe can be read only once, and says nothing of its length.
                using var whole = new MemoryStream();
                file.CopyTo(whole);
                foreach (AudioClip block in Cut(AudioFile.Decode(whole.GetBuffer().AsSpan(0, (int)whole.Length), path, options))) yield return block;
                yield break;
            }
            if (file is not null && Head(file, path) is var (audio, length))
            {
                bool any = false;
                foreach (AudioClip block in Blocks(file, audio.Encoding!.Value, audio.SampleRateHz, audio.Channels, length, path))
                {
                    any = true;
                    yield return block;
                }
                if (!any) throw new AudioFormatException($"{path}: the file holds no samples.");
                yield break;
            }
        }
        // Everything else, and what is wrong with the file.
        foreach (AudioClip block in Cut(AudioFile.Read(path, options))) yield return block;
    }

    private static IEnumerable<AudioClip> Blocks(Stream stream, SampleEncoding encoding, int rate, int channels, long length, string name)
    {
        int frame = encoding.Bytes * channels, held = 0;
        long framesBefore = 0;
        var bytes = new byte[BlockFrames * frame];
        while (length > 0)
        {
            // What has come is used at once: a microphone must not wait until a block is full.
            int read = stream.Read(bytes, held, (int)Math.Min(bytes.Length - held, length));
            if (read == 0) break;
            (held, length) = (held + read, length - read);
            int frames = held / frame;
            if (frames == 0) continue;
            yield return Decode(encoding, bytes.AsSpan(0, frames * frame), rate, channels, framesBefore, name);
            framesBefore += frames;
            bytes.AsSpan(frames * frame, held - (frames * frame)).CopyTo(bytes);
            held -= frames * frame;
        }
    }

    private static AudioClip Decode(SampleEncoding encoding, ReadOnlySpan<byte> bytes, int rate, int channels, long framesBefore, string name)
    {
        var samples = new float[bytes.Length / encoding.Bytes];
        encoding.Decode(bytes, samples);
        for (int i = 0; i < samples.Length; i++)
        {
            if (float.IsFinite(samples[i])) continue;
            throw new AudioFormatException(string.Create(System.Globalization.CultureInfo.InvariantCulture,
                $"{name}: samples must be finite numbers, found {samples[i]} in channel {i % channels} at sample {framesBefore + (i / channels)}. The program that wrote them failed there."));
        }
        return new AudioClip(samples, rate, channels);
    }

    private static IEnumerable<AudioClip> Cut(AudioClip clip)
    {
        for (int from = 0; from < clip.Length; from += BlockFrames)
        {
            int frames = Math.Min(BlockFrames, clip.Length - from);
            yield return new AudioClip(clip.Samples.Slice(from * clip.Channels, frames * clip.Channels).ToArray(), clip.SampleRateHz, clip.Channels);
        }
    }
}
