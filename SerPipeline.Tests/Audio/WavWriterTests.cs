using SerPipeline.Audio;
using SerPipeline.Tests.Support;
using static SerPipeline.Tests.Audio.AudioBytes;

namespace SerPipeline.Tests.Audio;

public sealed class WavWriterTests
{
    private static byte[] Write(AudioClip clip, WavEncoding encoding)
    {
        using var stream = new MemoryStream();
        WavWriter.Write(stream, clip, encoding);
        return stream.ToArray();
    }

    [Fact]
    public void Bytes_are_those_of_the_format()
    {
        var clip = new AudioClip([0.5f, -1f, 1f], 16000);
        Assert.Equal(Wav16(16000, 1, 16384, -32768, 32767), Write(clip, WavEncoding.Pcm16));
        Assert.Equal(Riff(Format(1, 1, 16000, 24), Chunk("data", Convert.FromHexString("000040" + "000080" + "FFFF7F"))),
            Write(clip, WavEncoding.Pcm24));
        Assert.Equal(Riff(Format(3, 1, 16000, 32, null, [0, 0]), Chunk("fact", U32(3)),
            Chunk("data", Convert.FromHexString("0000003F" + "000080BF" + "0000803F"))),
            Write(clip, WavEncoding.IeeeFloat));
    }

    [Theory]
    [InlineData(WavEncoding.Pcm16, 32768)]
    [InlineData(WavEncoding.Pcm24, 8388608)]
    [InlineData(WavEncoding.IeeeFloat, 0)]
    public void What_is_written_reads_back_within_half_a_step(WavEncoding encoding, int steps)
    {
        var random = new SeededRandom(1);
        // Longer than one block of the writer, and two channels.
        float[] samples = [.. Enumerable.Range(0, 50_000).Select(_ => (float)random.NextDouble(-1, 0.9999))];
        AudioClip back = AudioFile.Decode(Write(new AudioClip(samples, 44100, 2), encoding), "x");
        Assert.Equal((44100, 2, 25_000), (back.SampleRateHz, back.Channels, back.Length));
        for (int i = 0; i < samples.Length; i++) Assert.InRange(Math.Abs(back.Samples[i] - samples[i]), 0, steps == 0 ? 0 : 0.5001 / steps);
        // Writing what was read changes no bit.
        Assert.Equal(Write(new AudioClip(samples, 44100, 2), encoding), Write(back, encoding));
    }

    [Fact]
    public void Integers_clip_and_floats_do_not()
    {
        var clip = new AudioClip([3f, -3f], 8000);
        Assert.Equal([32767 / 32768f, -1f], AudioFile.Decode(Write(clip, WavEncoding.Pcm16), "x").Samples.ToArray());
        Assert.Equal([3f, -3f], AudioFile.Decode(Write(clip, WavEncoding.IeeeFloat), "x").Samples.ToArray());
    }

    [Fact]
    public void A_failed_write_leaves_the_old_file()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("sub", "a.wav");
        WavWriter.Write(path, new AudioClip([0.5f], 8000));
        byte[] old = File.ReadAllBytes(path);
        Assert.Throws<AudioFormatException>(() => WavWriter.Write(path, new AudioClip([0, float.NaN], 8000)));
        Assert.Equal(old, File.ReadAllBytes(path));
        Assert.Single(Directory.GetFiles(folder.File("sub")));
    }
}
