using SerPipeline.Audio;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Audio;

/// <summary>Original recordings that break naive readers; the facts were read from the bytes by hand (rate, channels, data bytes, 16-bit
/// samples).</summary>
public sealed class ClipFileTests
{
    [Theory]
    [InlineData("emodb-PAD-chunk.wav", "WAV", 16000, 1, 65910 / 2)]
    [InlineData("ravdess-mono-48k-FLLR-chunk.wav", "WAV", 48000, 1, 317116 / 2)]
    [InlineData("ravdess-stereo-48k.wav", "WAV", 48000, 2, 691888 / 4)]
    [InlineData("tess-24414.wav", "WAV", 24414, 1, 103178 / 2)]
    [InlineData("tess-96k.wav", "WAV", 96000, 1, 290344 / 2)]
    [InlineData("tess-LIST-trailer.wav", "WAV", 24414, 1, 75148 / 2)]
    [InlineData("tess-aiff-named.wav", "AIFF", 24414, 1, (107702 - 8) / 2)]
    public void Original_clips_read_with_their_rate_channels_and_length(string file, string container, int rate, int channels, int length)
    {
        string path = Companions.Require("clips", file);
        AudioClip clip = AudioFile.Read(path);
        Assert.Equal((rate, channels, length), (clip.SampleRateHz, clip.Channels, clip.Length));
        AudioInfo info = AudioFile.Describe(path);
        Assert.Equal(new AudioInfo(container, "PCM 16 bit", rate, channels, 16, length, true), info);
    }

    [Theory]
    [InlineData("emodb-PAD-chunk.wav", 4096, false)]
    [InlineData("ravdess-mono-48k-FLLR-chunk.wav", 4096, false)]
    [InlineData("ravdess-stereo-48k.wav", 4096, false)]
    [InlineData("tess-24414.wav", 44, false)]
    [InlineData("tess-96k.wav", 44, false)]
    [InlineData("tess-LIST-trailer.wav", 44, false)]
    [InlineData("tess-aiff-named.wav", 66, true)]
    public void Samples_equal_the_16_bit_numbers_in_the_file(string file, int dataStart, bool bigEndian)
    {
        string path = Companions.Require("clips", file);
        byte[] bytes = File.ReadAllBytes(path);
        AudioClip clip = AudioFile.Read(path);
        var expected = new float[clip.Samples.Length];
        for (int i = 0; i < expected.Length; i++)
        {
            int low = bytes[dataStart + (2 * i) + (bigEndian ? 1 : 0)], high = (sbyte)bytes[dataStart + (2 * i) + (bigEndian ? 0 : 1)];
            expected[i] = ((high * 256) + low) / 32768f;
        }
        // Exact: a 16-bit number over 2^15 is a float.
        Assert.True(clip.Samples.SequenceEqual(expected));
    }

    [Fact]
    public void Each_original_clip_has_a_FLAC_file_with_the_same_samples()
    {
        foreach ((string file, string folder) in (ReadOnlySpan<(string, string)>)
            [("ravdess-mono-48k-FLLR-chunk.wav", "RAVDESS"), ("ravdess-stereo-48k.wav", "RAVDESS"), ("emodb-PAD-chunk.wav", "EMO-DB")])
        {
            AudioClip clip = AudioFile.Read(Companions.Require("clips", file));
            IEnumerable<string> sameLength =
                Directory.EnumerateFiles(Companions.Require("corpora", folder), "*.flac", SearchOption.AllDirectories)
                .Where(path => HasShape(path, clip));
            Assert.Contains(sameLength, path => AudioFile.Read(path).Samples.SequenceEqual(clip.Samples));
        }
    }

    private static bool HasShape(string path, AudioClip clip)
    {
        AudioInfo info = AudioFile.Describe(path);
        return info.Length == clip.Length && info.Channels == clip.Channels;
    }
}
