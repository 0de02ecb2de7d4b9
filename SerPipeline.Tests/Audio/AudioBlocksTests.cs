using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using SerPipeline.Audio;
using SerPipeline.Tests.Robustness;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Audio;

public sealed class AudioBlocksTests
{
    [Theory]
    [InlineData(WavEncoding.Pcm16)]
    [InlineData(WavEncoding.Pcm24)]
    [InlineData(WavEncoding.IeeeFloat)]
    public void Blocks_of_a_file_are_the_file(WavEncoding encoding)
    {
        using var folder = new TemporaryFolder();
        AudioClip clip = Noise(20_001, 2);
        WavWriter.Write(folder.File("a.wav"), clip, encoding);
        IReadOnlyList<AudioClip> blocks = [.. AudioBlocks.Read(folder.File("a.wav"))];
        Assert.Equal(AudioFile.Read(folder.File("a.wav")).Samples.ToArray(), Joined(blocks));
        Assert.All(blocks, b => Assert.Equal((clip.SampleRateHz, 2), (b.SampleRateHz, b.Channels)));
        Assert.True(blocks.Count > 2);
    }

    [Fact]
    public void Every_odd_file_beside_the_project_gives_the_same_samples_in_blocks()
    {
        foreach (string path in Directory.GetFiles(Companions.Require("clips")).Order(StringComparer.Ordinal))
            Assert.Equal(AudioFile.Read(path).Samples.ToArray(), Joined(AudioBlocks.Read(path)));
    }

    [Fact]
    public void Wrong_sizes_and_metadata_before_the_samples_are_handled()
    {
        using var folder = new TemporaryFolder();
        var stream = new MemoryStream();
        WavWriter.Write(stream, Noise(50_000, 1));
        byte[] wav = stream.ToArray();
        string path = folder.File("a.wav");
        foreach (uint stated in new[] { 0u, uint.MaxValue, 400u })
        {
            BinaryPrimitives.WriteUInt32LittleEndian(wav.AsSpan(40), stated);
            File.WriteAllBytes(path, wav);
            Assert.Equal(AudioFile.Read(path).Samples.ToArray(), Joined(AudioBlocks.Read(path)));
        }
        // 200 kB of metadata between format and samples: the head is read in growing sizes.
        BinaryPrimitives.WriteUInt32LittleEndian(wav.AsSpan(40), 100_000);
        byte[] note = new byte[200_008];
        "JUNK"u8.CopyTo(note);
        BinaryPrimitives.WriteInt32LittleEndian(note.AsSpan(4), 200_000);
        File.WriteAllBytes(path, [.. wav[..36], .. note, .. wav[36..]]);
        Assert.Equal(50_000, Joined(AudioBlocks.Read(path)).Length);
        Assert.Equal(AudioFile.Read(path).Samples.ToArray(), Joined(AudioBlocks.Read(path)));
    }

    [Fact]
    public void A_file_that_breaks_off_says_so_in_blocks_and_behind_every_step()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("a.aiff");
        File.WriteAllBytes(path, AudioBytes.Aiff(null, 2, 40_000, 16, AudioBytes.Rate44100, new byte[80_000])[..^4]);
        Assert.True(AudioBlocks.Read(path).Last().IsTruncated);
        AudioClip clip = AudioFile.Read(path);
        Assert.All([clip, clip.ToMono(), clip.Resample(16_000), AudioFile.Read(path + "#t=0.2")], step => Assert.True(step.IsTruncated));
        Assert.False(AudioFile.Read(path + "#t=0.1,0.2").IsTruncated);
    }

    [Fact]
    public void What_looks_like_mp3_within_another_file_behind_a_tag_counts_for_nothing()
    {
        using var folder = new TemporaryFolder();
        byte[] mp3 = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Audio", "Fixtures", "chirp-untagged.mp3"))[..2000];
        byte[] flac = FlacBytes.Stream(8000, 1, 16, 3, new byte[16], FlacBytes.Frame(3, 0, w => w.Verbatim(16, 7, 8, 9)));
        // The application's block goes behind the first, which is no longer the last.
        flac = [.. flac[..4], 0, .. flac[5..42], 0x82, 0, (byte)(mp3.Length >> 8), (byte)mp3.Length, .. mp3, .. flac[42..]];
        byte[] wav = AudioBytes.Riff(AudioBytes.Format(1, 1, 8000, 16), AudioBytes.Chunk("JUNK", mp3),
            AudioBytes.Chunk("data", AudioBytes.Pcm16(7, 8, 9)));
        byte[] aiff = AudioBytes.Aiff(null, 1, 3, 16, AudioBytes.Rate44100, [0, 7, 0, 8, 0, 9], AudioBytes.BigChunk("APPL", mp3));
        foreach (byte[] bytes in (byte[][])[flac, wav, aiff])
        {
            File.WriteAllBytes(folder.File("a"), [.. AudioCases.Id3(300), .. bytes]);
            Assert.Equal([7 / 32768f, 8 / 32768f, 9 / 32768f], AudioFile.Read(folder.File("a")).Samples.ToArray());
            Assert.Equal([7 / 32768f, 8 / 32768f, 9 / 32768f], Joined(AudioBlocks.Read(folder.File("a"))));
        }
    }

    [Fact]
    public void Segments_of_several_files_take_one_decoding_of_each_which_is_given_up_when_nobody_reads()
    {
        using var folder = new TemporaryFolder();
        string[] paths = [.. Enumerable.Range(0, 3).Select(i => folder.File($"{i}.wav"))];
        foreach (string path in paths) WavWriter.Write(path, Noise(1000 + path.Length, 1));
        var decoded = new ConcurrentDictionary<(string, AudioClip), bool>();
        Parallel.For(0, 60, i => decoded[(paths[i % 3], AudioSegment.Whole(paths[i % 3], null))] = true);
        Assert.Equal(3, decoded.Count);
        WeakReference whole = Decoded(folder.File("0.wav"));
        decoded.Clear();
        Assert.Equal(441, AudioFile.Read(paths[1] + "#t=0.02,0.04").Length);
        AudioSegment.Release();
        GC.Collect();
        Assert.False(whole.IsAlive);

        [MethodImpl(MethodImplOptions.NoInlining)]
        static WeakReference Decoded(string path) => new(AudioSegment.Whole(path, null));
    }

    [Fact]
    public void Bad_files_are_refused_as_by_AudioFile()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("a.wav");
        var stream = new MemoryStream();
        WavWriter.Write(stream, Noise(40_000, 1), WavEncoding.IeeeFloat);
        byte[] wav = stream.ToArray();
        BinaryPrimitives.WriteSingleLittleEndian(wav.AsSpan(wav.Length - 400), float.NaN);
        File.WriteAllBytes(path, wav);
        Assert.Contains("NaN in channel 0 at sample 39900",
            Assert.Throws<AudioFormatException>(() => Joined(AudioBlocks.Read(path))).Message, StringComparison.Ordinal);
        stream.SetLength(0);
        WavWriter.Write(stream, Noise(1, 1));
        File.WriteAllBytes(path, stream.ToArray()[..44]);
        Assert.Contains("no samples", Assert.Throws<AudioFormatException>(() => Joined(AudioBlocks.Read(path))).Message,
            StringComparison.Ordinal);
        File.WriteAllBytes(path, []);
        Assert.Throws<AudioFormatException>(() => Joined(AudioBlocks.Read(path)));
        Assert.Throws<FileNotFoundException>(() => Joined(AudioBlocks.Read(folder.File("absent.wav"))));
    }

    [Fact]
    public void Raw_samples_are_read_from_a_stream_in_odd_pieces()
    {
        byte[] bytes = [.. Enumerable.Range(0, 100_001).Select(i => (byte)(i * 37))];
        foreach ((PcmEncoding encoding, int width) in new[] { (PcmEncoding.Signed16, 2), (PcmEncoding.Signed24, 3),
            (PcmEncoding.Signed32, 4), (PcmEncoding.Unsigned8, 1) })
        {
            float[] found = Joined(AudioBlocks.ReadPcm(new Trickle(bytes), 16000, 2, encoding));
            // A frame that is cut off at the end is left out.
            Assert.Equal(100_001 / (2 * width) * 2, found.Length);
            Assert.Equal(Joined(AudioBlocks.ReadPcm(new MemoryStream(bytes), 16000, 2, encoding)), found);
            if (width == 2)
                Assert.Equal([.. Enumerable.Range(0, 100)
                    .Select(i => BinaryPrimitives.ReadInt16LittleEndian(bytes.AsSpan(2 * i)) / 32768f)], found[..100]);
        }
        Assert.Empty(AudioBlocks.ReadPcm(new MemoryStream(), 16000));
        Assert.Throws<ArgumentOutOfRangeException>(() => AudioBlocks.ReadPcm(new MemoryStream(), 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => AudioBlocks.ReadPcm(new MemoryStream(), 16000, 65));
        Assert.Throws<ArgumentOutOfRangeException>(() => AudioBlocks.ReadPcm(new MemoryStream(), 16000, 1_000_000));
        Assert.Equal(64, Assert.Single(AudioBlocks.ReadPcm(new MemoryStream(new byte[128]), 16000, 64)).Channels);
        Assert.Throws<AudioFormatException>(() =>
            Joined(AudioBlocks.ReadPcm(new MemoryStream([0, 0, 0xC0, 0x7F]), 16000, 1, PcmEncoding.IeeeFloat)));
    }

    private static AudioClip Noise(int length, int channels)
    {
        var random = new SeededRandom(length);
        return new AudioClip([.. Enumerable.Range(0, length * channels).Select(_ => (float)random.NextDouble(-1, 1))], 22050, channels);
    }

    private static float[] Joined(IEnumerable<AudioClip> blocks) => [.. blocks.SelectMany(b => b.Samples.ToArray())];

    /// <summary>Gives a few bytes at a time, of numbers that no sample's width divides.</summary>
    private sealed class Trickle(byte[] bytes) : MemoryStream(bytes)
    {
        private int _reads;

        public override int Read(byte[] buffer, int offset, int count) =>
            base.Read(buffer, offset, Math.Min(count, 1 + (_reads++ * 7 % 1013)));
    }
}
