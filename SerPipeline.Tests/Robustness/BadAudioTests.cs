using System.Text;
using SerPipeline.Audio;
using SerPipeline.Corpora;
using SerPipeline.Tests.Audio;
using SerPipeline.Tests.Support;
using SerPipeline.Transforms;
using static SerPipeline.Tests.Audio.AudioBytes;

namespace SerPipeline.Tests.Robustness;

/// <summary>Recordings as users of audio tools reported them; docs/reliability.md names the reports and what is right.</summary>
public sealed class BadAudioTests
{
    private static readonly AudioReadOptions NoFfmpeg = new() { FfmpegPath = null };

    private static readonly short[] Wave = [.. Enumerable.Range(0, 800).Select(i => (short)(8000 * Math.Sin(0.2 * i)))];

    private static readonly byte[] Data = Pcm16(Wave);

    // Every one of them holds the same 800 samples.
    private static readonly Dictionary<string, byte[]> Readable = new()
    {
        ["extensible, speaker mask of 64 bits set"] = Riff(Format(0xFFFE, 1, 16000, 16, null,
            [.. U16(22), .. U16(16), .. U32(uint.MaxValue), .. U16(1), .. Convert.FromHexString("000000001000800000AA00389B71")]),
            Chunk("data", Data)),
        ["RF64 with a ds64 chunk"] = Riff("RF64", uint.MaxValue, Chunk("ds64", LongSizes(Data.Length)), Format(1, 1, 16000, 16),
            Chunk("data", Data, uint.MaxValue)),
        ["BW64 with a ds64 chunk"] = Riff("BW64", uint.MaxValue, Chunk("ds64", LongSizes(Data.Length)), Format(1, 1, 16000, 16),
            Chunk("data", Data, uint.MaxValue)),
        ["written to a pipe, sizes all ones"] = Riff("RIFF", uint.MaxValue, Format(1, 1, 16000, 16), Chunk("data", Data, uint.MaxValue)),
        ["never closed, sizes 0"] = Riff("RIFF", 0, Format(1, 1, 16000, 16), Chunk("data", Data, 0)),
        ["size off by the header's 44 bytes"] = Riff(Format(1, 1, 16000, 16), Chunk("data", Data, (uint)Data.Length + 44)),
        ["data before fmt"] = Riff(Chunk("data", Data), Format(1, 1, 16000, 16)),
        ["LIST of odd size without pad byte before data"] = Riff(Format(1, 1, 16000, 16), Chunk("LIST", new byte[7], null, false),
            Chunk("data", Data)),
        ["chunks behind data"] = Riff(Format(1, 1, 16000, 16), Chunk("data", Data),
            Chunk("LIST", Encoding.ASCII.GetBytes("INFOISFT\u0004\0\0\0tool")), Chunk("id3 ", new byte[300])),
        ["block size 0"] = Riff(Format(1, 1, 16000, 16, 0), Chunk("data", Data)),
        ["byte rate wrong"] = WithByteRate(Wav16(16000, 1, Wave), 12345),
        ["an ID3 tag before RIFF"] = [.. AudioCases.Id3(200), .. Wav16(16000, 1, Wave)],
        ["64 channels alike"] = Riff(Format(1, 64, 16000, 16), Chunk("data", Pcm16([.. Wave.SelectMany(s => Enumerable.Repeat(s, 64))]))),
        ["16 valid bits at the top of 32"] = Riff(Format(0xFFFE, 1, 16000, 32, null, Extensible(1, 16)),
            Chunk("data", [.. Wave.SelectMany(s => BitConverter.GetBytes(s << 16))])),
        ["FLAC of unknown length and without MD5"] = FlacBytes.Stream(16000, 1, 16, 0, new byte[16],
            FlacBytes.Frame(Wave.Length, 0, w => FlacBytes.Verbatim(w, 16,
                [.. Wave.Select(s => (long)s)]))),
    };

    private static readonly Dictionary<string, (byte[] Bytes, string Says)> Refused = new()
    {
        ["nothing"] = ([], "an empty file"),
        ["data chunk of no samples"] = (Riff(Format(1, 1, 16000, 16), Chunk("data", [])), "no samples"),
        ["zero bytes of a failed download"] = (new byte[4096], "zero bytes"),
        ["Git LFS pointer"] = (Encoding.ASCII.GetBytes("version https://git-lfs.github.com/spec/v1\noid sha256:c6f9\nsize 72862\n"),
            "git lfs pull"),
        ["HTML page"] = (Encoding.ASCII.GetBytes("\n<!DOCTYPE html><html><title>404</title></html>"), "HTML page"),
        ["XML of a cloud store"] = (Encoding.ASCII.GetBytes("<?xml version='1.0'?><Error><Code>NoSuchKey</Code></Error>"), "XML"),
        ["rate 0"] = (Riff(Format(1, 1, 0, 16), Chunk("data", Data)), "sample rate"),
        ["0 channels"] = (Riff(Format(1, 0, 16000, 16), Chunk("data", Data)), "channels"),
        ["fmt chunk cut short"] = (Riff(Chunk("fmt ", new byte[8]), Chunk("data", Data)), "fmt"),
        ["no data chunk"] = (Riff(Format(1, 1, 16000, 16)), "data"),
        ["ADPCM without ffmpeg"] = (Riff(Format(0x11, 1, 16000, 4, 256), Chunk("data", new byte[512])), "IMA ADPCM"),
        ["MP3 in WAV without ffmpeg"] = (Riff(Format(0x55, 1, 16000, 0, 1), Chunk("data", new byte[512])), "MPEG audio"),
        ["NaN among the samples"] = (Riff(Format(3, 1, 16000, 32),
            Chunk("data", [.. BitConverter.GetBytes(0.5f), .. BitConverter.GetBytes(float.NaN)])), "NaN"),
        ["NIST SPHERE called .wav, without ffmpeg"] = ([.. "NIST_1A\n   1024\n"u8, .. new byte[1100]], "NIST SPHERE"),
        ["AppleDouble companion"] = ([0, 5, 0x16, 7, 0, 2, 0, 0, .. Encoding.ASCII.GetBytes("Mac OS X        "), .. new byte[100]],
            "AppleDouble"),
    };

    public static TheoryData<string> Readables => [.. Readable.Keys];

    public static TheoryData<string> Refusals => [.. Refused.Keys];

    [Theory]
    [MemberData(nameof(Readables))]
    public void It_is_read_to_the_same_samples(string kind)
    {
        AudioClip clip = AudioFile.Decode(Readable[kind], kind, NoFfmpeg).ToMono();
        Assert.Equal(16000, clip.SampleRateHz);
        Assert.Equal(Wave.Select(s => s / 32768f), clip.Samples.ToArray());
        using var folder = new TemporaryFolder();
        string path = folder.File("clip.wav");
        File.WriteAllBytes(path, Readable[kind]);
        Assert.Equal(clip.Samples.ToArray(), AudioBlocks.Read(path, NoFfmpeg).SelectMany(block => block.ToMono().Samples.ToArray()));
    }

    [Theory]
    [MemberData(nameof(Refusals))]
    public void It_is_refused_and_named(string kind)
    {
        (byte[] bytes, string says) = Refused[kind];
        Assert.Contains(says, Assert.Throws<AudioFormatException>(() => AudioFile.Decode(bytes, kind, NoFfmpeg)).Message,
            StringComparison.OrdinalIgnoreCase);
        using var folder = new TemporaryFolder();
        string path = folder.File("clip.wav");
        File.WriteAllBytes(path, bytes);
        Assert.Throws<AudioFormatException>(() => AudioBlocks.Read(path, NoFfmpeg).ToList());
    }

    [Fact]
    public void Eight_bit_samples_have_no_sign()
    {
        AudioClip clip = AudioFile.Decode(Riff(Format(1, 1, 16000, 8), Chunk("data", [0, 64, 128, 192, 255])), "clip");
        Assert.Equal([-1f, -0.5f, 0f, 0.5f, 127 / 128f], clip.Samples.ToArray());
    }

    // A header that is wrong about the rate must not become hours of sound.
    [Theory]
    [InlineData(16)]
    [InlineData(100)]
    [InlineData(999)]
    [InlineData(20_000_000)]
    public void A_rate_that_no_recording_has_is_refused_before_memory_is_taken(int rate)
    {
        byte[] bytes = Riff(Format(1, 1, rate, 16), Chunk("data", new byte[6 << 20]));
        long before = GC.GetAllocatedBytesForCurrentThread();
        var problem = Assert.Throws<AudioFormatException>(() =>
            AudioPreparation.Resample(AudioFile.Decode(bytes, "clip", NoFfmpeg), new LoadAudioOptions()));
        Assert.Contains("rate", problem.Message, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64L << 20);
    }

    [Fact]
    public void A_rate_of_1_MHz_is_resampled_with_a_small_filter()
    {
        const int Rate = 1_000_003;
        var clip = new AudioClip([.. Enumerable.Range(0, Rate).Select(i => (float)(0.5 * Math.Sin(2 * Math.PI * 440.0 * i / Rate)))], Rate);
        AudioClip speech = AudioPreparation.Resample(clip, new LoadAudioOptions());
        Assert.Equal(16000, speech.Length);
        for (int i = 2000; i < 14000; i++) Assert.Equal(0.5 * Math.Sin(2 * Math.PI * 440 * i / 16000.0), speech.Samples[i], 1e-3);
    }

    [Fact]
    public void A_scan_goes_on_past_every_one_of_them()
    {
        using var folder = new TemporaryFolder();
        foreach (string label in new[] { "angry", "sad" }) Directory.CreateDirectory(folder.File(label));
        string[] kinds = [.. Readable.Keys, .. Refused.Keys];
        for (int i = 0; i < kinds.Length; i++)
            File.WriteAllBytes(folder.File(i % 2 == 0 ? "angry" : "sad", $"{i:00}.wav"),
                Readable.TryGetValue(kinds[i], out byte[]? bytes) ? bytes : Refused[kinds[i]].Bytes);
        Corpus corpus = CorpusLoader.Load("folder", folder.Path);
        CorpusScanResult scan = CorpusScan.Run(corpus, cancellation: TestContext.Current.CancellationToken);
        string[] unreadable = [.. scan.Problems.Where(p => p.Kind == CorpusProblemKind.Unreadable).Select(p => p.RelativePath)];
        // ffmpeg, where it is installed, reads the SPHERE header too, but finds no sound in zeros, or does.
        Assert.InRange(unreadable.Length, Refused.Count - 3, Refused.Count);
        Assert.DoesNotContain(unreadable, path => int.Parse(Path.GetFileNameWithoutExtension(path)) < Readable.Count);
    }

    private static byte[] LongSizes(int data) =>
        [.. BitConverter.GetBytes((long)data + 60), .. BitConverter.GetBytes((long)data), .. new byte[12]];

    private static byte[] WithByteRate(byte[] wav, int rate)
    {
        BitConverter.GetBytes(rate).CopyTo(wav, 28);
        return wav;
    }
}
