namespace SerPipeline.Audio;

/// <summary>What a file's header says.</summary>
/// <param name="Container">The container: <c>WAV</c>, <c>FLAC</c>, <c>AIFF</c>, <c>AIFF-C</c>, or what the bytes look like.</param>
/// <param name="Codec">The sample encoding, such as <c>PCM 16 bit</c>; null where only ffmpeg could tell.</param>
/// <param name="SampleRateHz">Frames a second; null where only ffmpeg could tell.</param>
/// <param name="Channels">Channels; null where only ffmpeg could tell.</param>
/// <param name="BitsPerSample">Bits a sample; null where the codec has no fixed number or only ffmpeg could tell.</param>
/// <param name="Length">Samples of each channel; null where the header does not say.</param>
/// <param name="IsNative">Whether this library decodes it without ffmpeg.</param>
public sealed record AudioInfo(
    string Container, string? Codec, int? SampleRateHz, int? Channels, int? BitsPerSample, long? Length, bool IsNative)
{
    /// <summary>How long the audio plays; null where the header does not say.</summary>
    public TimeSpan? Duration => Length is { } length && SampleRateHz is { } rate ? TimeSpan.FromSeconds((double)length / rate) : null;
}
