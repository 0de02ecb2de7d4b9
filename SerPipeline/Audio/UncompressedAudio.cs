namespace SerPipeline.Audio;

/// <summary>What the head of a WAV or AIFF file says, and where its samples lie.</summary>
/// <param name="Container">The container's name.</param>
/// <param name="Codec">The name of the sample encoding.</param>
/// <param name="Encoding">How samples are stored; null when this library has no decoder for the codec.</param>
/// <param name="SampleRateHz">Frames a second.</param>
/// <param name="Channels">Channels.</param>
/// <param name="BitsPerSample">Bits of each sample that carry meaning; 0 for codecs without a fixed number.</param>
/// <param name="DataStart">The byte where samples begin.</param>
/// <param name="DataLength">Bytes of samples.</param>
internal sealed record UncompressedAudio(
    string Container, string Codec, SampleEncoding? Encoding, int SampleRateHz, int Channels, int BitsPerSample,
    int DataStart, int DataLength)
{
    /// <summary>More than any recording has.</summary>
    public const int MaxChannels = 64;
    private const int MaxRateHz = 16_000_000;

    /// <summary>Samples of each channel; null where the codec is foreign.</summary>
    public long? Length => Encoding is { } encoding ? DataLength / (encoding.Bytes * Channels) : null;

    /// <summary>Decodes the samples.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="name">The file's name, for messages.</param>
    public AudioClip ToClip(ReadOnlySpan<byte> bytes, string name) =>
        Encoding!.Value.ToClip(bytes.Slice(DataStart, DataLength), SampleRateHz, Channels, name);

    /// <summary>Refuses rates and numbers of channels that no recording has.</summary>
    public static void RequireSane(double rateHz, int channels, string name)
    {
        if (!(rateHz is >= 1 and <= MaxRateHz))
        {
            throw new AudioFormatException(string.Create(System.Globalization.CultureInfo.InvariantCulture,
                $"{name}: the sample rate must be between 1 and {MaxRateHz} Hz, the header states {rateHz}: the file is damaged; fetch "
                    + $"it again."));
        }
        if (channels is < 1 or > MaxChannels)
            throw new AudioFormatException($"{name}: a file must have 1 to {MaxChannels} channels, the header states {channels}: the "
                + $"file is damaged; fetch it again.");
    }
}
