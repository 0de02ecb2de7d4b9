using SerPipeline.Audio;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Audio;

/// <summary>The ffmpeg of this machine, where it has one: lossless codecs in foreign containers must decode to the same samples.</summary>
public sealed class InstalledFfmpegTests
{
    [Theory]
    [InlineData("ogg", "flac")]
    [InlineData("matroska", "flac")]
    [InlineData("mov", "alac")]
    [InlineData("caf", "pcm_s16be")]
    [InlineData("au", "pcm_s16be")]
    public void Lossless_foreign_files_decode_to_their_samples(string format, string codec)
    {
        using var folder = new TemporaryFolder();
        var random = new SeededRandom(2);
        float[] samples = [.. Enumerable.Range(0, 40_000).Select(_ => random.Next(-20_000, 20_000) / 32768f)];
        WavWriter.Write(folder.File("in.wav"), new AudioClip(samples, 22050, 2));
        string encoded = folder.File("out.wav");
        Ffmpeg.Run(orSkip: false, "-i", folder.File("in.wav"), "-c:a", codec, "-f", format, encoded);

        // From a path, and from memory: a MOV file keeps its index at the end, which a pipe cannot seek to.
        foreach (AudioClip clip in (AudioClip[])[AudioFile.Read(encoded), AudioFile.Decode(File.ReadAllBytes(encoded), "bytes")])
        {
            Assert.Equal((22050, 2), (clip.SampleRateHz, clip.Channels));
            Assert.True(clip.Samples.SequenceEqual(samples));
        }
    }

    [Fact]
    public void Compressed_speech_decodes_to_nearly_the_same_signal()
    {
        using var folder = new TemporaryFolder();
        float[] samples = [.. Enumerable.Range(0, 32_000).Select(i => (float)(0.5 * Math.Sin(2 * Math.PI * 440 * i / 16000)))];
        WavWriter.Write(folder.File("in.wav"), new AudioClip(samples, 16000));
        Ffmpeg.Run(orSkip: false, "-i", folder.File("in.wav"), "-c:a", "aac", "-f", "mp4", folder.File("out.m4a"));
        AudioClip clip = AudioFile.Read(folder.File("out.m4a"));
        Assert.Equal(16000, clip.SampleRateHz);
        // AAC works in frames of 1024; the level of a steady tone survives within a fraction of a decibel.
        Assert.InRange(clip.Length, 30_000, 36_000);
        Assert.Equal(Loudness.IntegratedLufs(new AudioClip(samples, 16000)), Loudness.IntegratedLufs(clip), 0.3);
    }
}
