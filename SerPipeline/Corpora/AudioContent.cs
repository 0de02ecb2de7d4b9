using System.Runtime.InteropServices;
using System.Security.Cryptography;
using SerPipeline.Audio;

namespace SerPipeline.Corpora;

/// <summary>Names decoded audio by its content: a WAV file and the FLAC made of it get the same name, tags and file names play no part.</summary>
public static class AudioContent
{
    /// <summary>The SHA-256 of rate, channels and samples, in lower-case hexadecimal.</summary>
    /// <param name="clip">The decoded audio.</param>
    public static string Hash(AudioClip clip)
    {
        ArgumentNullException.ThrowIfNull(clip);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        ReadOnlySpan<int> header = [clip.SampleRateHz, clip.Channels];
        hash.AppendData(MemoryMarshal.AsBytes(header));
        hash.AppendData(MemoryMarshal.AsBytes(clip.Samples));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
