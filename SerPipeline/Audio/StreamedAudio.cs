namespace SerPipeline.Audio;

/// <summary>A compressed file that is decoded piece by piece: mp3, Ogg Vorbis, Ogg Opus.</summary>
internal abstract class StreamedAudio(string name)
{
    /// <summary>What the header says.</summary>
    public abstract AudioInfo Info { get; }

    /// <summary>Whether the file breaks off or has gaps; true only once it was found.</summary>
    protected bool IsTruncated { get; set; }

    /// <summary>Samples of each channel that encoder and decoder put before the recording.</summary>
    protected abstract long Skip { get; }

    protected string Name => name;

    /// <summary>Whether a file begins as one of these formats, which spares others a copy.</summary>
    public static bool MayBe(ReadOnlySpan<byte> bytes) =>
        bytes.StartsWith("OggS"u8) || bytes.StartsWith("ID3"u8) || Mp3Frame.Header(bytes) is not null;

    /// <summary>The same of a file in memory.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="held">The array that holds these bytes and no more; null to copy them.</param>
    public static StreamedAudio? Open(ReadOnlySpan<byte> bytes, string name, byte[]? held = null) =>
        MayBe(bytes) ? Open(new MemoryStream(held ?? bytes.ToArray(), writable: false), name) : null;

    /// <summary>Opens a file that begins as one of these formats and is whole enough to be decoded here.</summary>
    /// <param name="stream">The file; it must seek. Left open, and where it was if null is returned.</param>
    /// <param name="name">What messages call it.</param>
    /// <returns>Null for all other files, those among them that ffmpeg may know.</returns>
    /// <exception cref="AudioFormatException">The file is damaged.</exception>
    public static StreamedAudio? Open(Stream stream, string name)
    {
        long start = stream.Position;
        if (OggAudio.Open(stream, name) is { } ogg) return ogg;
        stream.Position = start;
        if (Mp3Audio.Open(stream, name) is { } mp3) return mp3;
        stream.Position = start;
        return null;
    }

    /// <summary>The recording in blocks, without what encoder and decoder put around it.</summary>
    /// <exception cref="AudioFormatException">The file is damaged, or holds no samples.</exception>
    public IEnumerable<AudioClip> Blocks()
    {
        int rate = Info.SampleRateHz!.Value, channels = Info.Channels!.Value, held = 0;
        long skip = Skip * channels, left = Info.Length is { } length ? length * channels : long.MaxValue / 2;
        var buffer = new float[AudioBlocks.BlockFrames * channels];
        // The last block says whether the file is cut, which is known once it has been read.
        AudioClip? ready = null;
        foreach (float[] piece in Checked())
        {
            int from = (int)Math.Min(skip, piece.Length);
            skip -= from;
            int end = (int)Math.Min(piece.Length, from + left);
            left -= end - from;
            while (from < end)
            {
                int taken = Math.Min(end - from, buffer.Length - held);
                piece.AsSpan(from, taken).CopyTo(buffer.AsSpan(held));
                (from, held) = (from + taken, held + taken);
                if (held < buffer.Length) continue;
                if (ready is not null) yield return ready;
                ready = new AudioClip(buffer, rate, channels);
                (buffer, held) = (new float[AudioBlocks.BlockFrames * channels], 0);
            }
            if (left == 0) break;
        }
        bool cut = IsTruncated || (Info.Length is not null && left > 0);
        if (held > 0)
        {
            if (ready is not null) yield return ready;
            ready = new AudioClip(buffer[..held], rate, channels) { IsTruncated = cut };
        }
        else if (cut && ready is not null)
        {
            ready = new AudioClip(ready.Samples.ToArray(), rate, channels) { IsTruncated = true };
        }
        yield return ready ?? throw new AudioFormatException($"{name}: this {Info.Container} file holds no samples: it is cut short or "
            + "damaged; fetch it again.");
    }

    /// <summary>The recording as one clip.</summary>
    /// <exception cref="AudioFormatException">The file is damaged, holds no samples, or too many for one clip.</exception>
    public AudioClip ReadAll()
    {
        var blocks = new List<AudioClip>();
        long count = 0;
        foreach (AudioClip block in Blocks())
        {
            blocks.Add(block);
            if ((count += block.Samples.Length) > Array.MaxLength)
                throw new AudioFormatException($"{name}: this {Info.Container} file holds more than {Array.MaxLength} samples, the limit "
                    + "of one clip; split it.");
        }
        var samples = new float[count];
        int at = 0;
        foreach (AudioClip block in blocks)
        {
            block.Samples.CopyTo(samples.AsSpan(at));
            at += block.Samples.Length;
        }
        return new AudioClip(samples, blocks[0].SampleRateHz, blocks[0].Channels) { IsTruncated = blocks[^1].IsTruncated };
    }

    /// <summary>Interleaved samples, a packet at a time.</summary>
    protected abstract IEnumerable<float[]> Decode();

    protected AudioFormatException Damaged(string what, Exception? cause = null) =>
        new($"{name}: this {Info.Container} file is damaged: {what}; fetch it again.", cause);

    // Decoders meet damage with whatever exception their arrays throw.
    private IEnumerable<float[]> Checked()
    {
        using IEnumerator<float[]> pieces = Decode().GetEnumerator();
        while (true)
        {
            try
            {
                if (!pieces.MoveNext()) yield break;
            }
            catch (Exception e) when (e is not (AudioFormatException or IOException or OutOfMemoryException))
            {
                throw Damaged($"its samples cannot be decoded ({e.Message.TrimEnd('.')})", e);
            }
            float[] piece = pieces.Current;
            if (!Finite.All(piece)) throw Damaged("it decodes to samples that are no finite numbers");
            yield return piece;
        }
    }
}
