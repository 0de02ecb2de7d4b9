using System.Diagnostics;
using System.Text;
using SerPipeline.Audio;
using SerPipeline.Tests.Robustness;
using SerPipeline.Tests.Support;
using static SerPipeline.Tests.Audio.AudioBytes;

namespace SerPipeline.Tests.Audio;

public sealed class AudioFileTests
{
    private static readonly AudioReadOptions NoFfmpeg = new() { FfmpegPath = null };

    public static TheoryData<string, byte[]> NotAudio => new()
    {
        { "an empty file", [] },
        { "nothing but zero bytes", new byte[1000] },
        { "an HTML page", Encoding.UTF8.GetBytes("\uFEFF  <!DOCTYPE html><html>404") },
        { "an XML document", "<?xml version='1.0'?>"u8.ToArray() },
        { "a text file", "path,label\na.wav,happy\n"u8.ToArray() },
        { "a zip archive", [0x50, 0x4B, 3, 4, 20, 0] },
        { "a gzip archive", [0x1F, 0x8B, 8, 0] },
        { "Run 'git lfs pull'", "version https://git-lfs.github.com/spec/v1\noid sha256:0\n"u8.ToArray() },
        { "Run 'git annex get'", "/annex/objects/SHA256E-s1--0.wav\n"u8.ToArray() },
        { "a PNG image", [0x89, 0x50, 0x4E, 0x47, 13, 10] },
    };

    [Theory, MemberData(nameof(NotAudio))]
    public void Files_that_are_not_audio_are_identified(string what, byte[] bytes)
    {
        Assert.Contains(what, Refuse(bytes, NoFfmpeg), StringComparison.Ordinal);
        Assert.Throws<AudioFormatException>(() => AudioFile.Describe(bytes, "x"));
    }

    public static TheoryData<string, byte[]> Foreign => new()
    {
        { "an MP3 file", [.. "ID3"u8, 3, 0, 0, 0, 0, 0, 0, 0xFF, 0xFB] },
        { "AAC", [0xFF, 0xF1, 0x50, 0x80, 0, 0] },
        { "Ogg", "OggS\0\u0002"u8.ToArray() },
        { "M4A", [0, 0, 0, 32, .. "ftypM4A "u8] },
        { "WebM", [0x1A, 0x45, 0xDF, 0xA3, 1] },
        { "unknown binary data that begins with 0001020304050607", [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] },
    };

    [Theory, MemberData(nameof(Foreign))]
    public void Formats_for_ffmpeg_are_named_and_say_what_to_install(string what, byte[] bytes)
    {
        string ruledOut = Refuse(bytes, NoFfmpeg), absent = Refuse(bytes, new AudioReadOptions { FfmpegPath = "no-such-ffmpeg-here" });
        foreach (string message in (string[])[ruledOut, absent])
        {
            Assert.Contains(what, message, StringComparison.Ordinal);
            Assert.Contains("Install ffmpeg", message, StringComparison.Ordinal);
        }
        Assert.Contains("no-such-ffmpeg-here", absent, StringComparison.Ordinal);
        Assert.False(AudioFile.Describe(bytes, "x").IsNative);
    }

    [Fact]
    public void Missing_files_and_folders_are_not_format_errors()
    {
        using var folder = new TemporaryFolder();
        Assert.Contains("no such file", Assert.Throws<FileNotFoundException>(() => AudioFile.Read(folder.File("a.wav"))).Message,
            StringComparison.Ordinal);
        Assert.Contains("a folder", Assert.Throws<FileNotFoundException>(() => AudioFile.Read(folder.Path)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_header_is_read_without_the_file_behind_it()
    {
        using var folder = new TemporaryFolder();
        byte[] wav = Riff("RIFF", uint.MaxValue, Chunk("JUNK", new byte[200_001]), Format(1, 2, 8000, 16),
            Chunk("data", [], uint.MaxValue));
        File.WriteAllBytes(folder.File("a.wav"), wav);
        const long Frames = 600_000_000;
        using (FileStream file = File.OpenWrite(folder.File("a.wav"))) file.SetLength(wav.Length + (4 * Frames));
        Assert.Equal(new AudioInfo("WAV", "PCM 16 bit", 8000, 2, 16, Frames, true), AudioFile.Describe(folder.File("a.wav")));
        byte[] aiff = Aiff(null, 1, 100_000, 16, Rate44100, new byte[200_000], BigChunk("NAME", new byte[80_001]));
        foreach (byte[] bytes in (byte[][])[aiff, [.. AudioCases.Id3(70_000), .. aiff], new byte[70_000], [0, 1, .. new byte[70_000]]])
        {
            File.WriteAllBytes(folder.File("b"), bytes);
            Assert.Equal(Description(() => AudioFile.Describe(bytes, folder.File("b"))),
                Description(() => AudioFile.Describe(folder.File("b"))));
        }

        static string Description(Func<AudioInfo> describe)
        {
            try
            {
                return $"{describe()}";
            }
            catch (AudioFormatException e)
            {
                return e.Message;
            }
        }
    }

    [Fact]
    public void The_file_name_does_not_matter()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("song.mp3"), Wav16(8000, 1, 16384));
        Assert.Equal([0.5f], AudioFile.Read(folder.File("song.mp3")).Samples.ToArray());
    }

    [Fact]
    public void Options_out_of_range_are_listed_together()
    {
        var error = Assert.Throws<OptionsException>(() =>
            AudioFile.Decode(Wav16(8000, 1, 1), "x", new AudioReadOptions { FfmpegPath = " ", FfmpegTimeout = TimeSpan.Zero }));
        Assert.Equal(2, error.Problems.Count);
    }

    [Fact]
    public void Ffmpeg_gets_the_file_and_its_samples_come_back()
    {
        using var folder = new TemporaryFolder();
        byte[] wav = Riff("RIFF", uint.MaxValue, Format(3, 1, 32000, 32), Chunk("data", BitConverter.GetBytes(0.25f), uint.MaxValue));
        File.WriteAllBytes(folder.File("answer.wav"), wav);
        // More on stderr than a pipe holds, before anything on stdout: a reader that drains one pipe at a time would hang here.
        AudioReadOptions options = Script(folder, "head -c 300000 /dev/zero | tr '\\0' 'e' >&2\nprintf '%s\\n' \"$@\" > "
            + $"'{folder.File("arguments")}'\ncat '{folder.File("answer.wav")}'");
        string odd = folder.File("a b; $(touch x) 'c'.ogg");
        File.WriteAllBytes(odd, "OggS rest"u8.ToArray());
        AudioClip clip = AudioFile.Read(odd, options);
        Assert.Equal([0.25f], clip.Samples.ToArray());
        Assert.Equal(32000, clip.SampleRateHz);
        // No shell saw the name: it arrives as one argument.
        Assert.Contains("file:" + odd, File.ReadAllLines(folder.File("arguments")));
    }

    [Fact]
    public void Ffmpeg_reads_bytes_from_a_temporary_file_that_is_deleted()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("answer.wav"), Wav16(8000, 1, 1, 2, 3));
        AudioReadOptions options = Script(folder, $"for a in \"$@\"; do case \"$a\" in file:*) echo \"${{a#file:}}\" > "
            + $"'{folder.File("path")}'; cp \"${{a#file:}}\" '{folder.File("copy")}';; esac; done\ncat '{folder.File("answer.wav")}'");
        byte[] bytes = [.. "OggS"u8, 1, 2, 3];
        Assert.Equal(3, AudioFile.Decode(bytes, "x", options).Length);
        Assert.Equal(bytes, File.ReadAllBytes(folder.File("copy")));
        Assert.False(File.Exists(File.ReadAllText(folder.File("path")).Trim()));
    }

    [Theory]
    [InlineData("echo 'Invalid data found' >&2; exit 3", "exit code 3): Invalid data found")]
    [InlineData("exit 1", "no error message")]
    [InlineData("echo hello", "a text file")]
    [InlineData("true", "an empty file")]
    public void Ffmpeg_errors_are_reported(string script, string reason)
    {
        using var folder = new TemporaryFolder();
        Assert.Contains(reason, Refuse("OggS"u8.ToArray(), Script(folder, script)), StringComparison.Ordinal);
    }

    [Fact]
    public void Ffmpeg_that_hangs_is_stopped()
    {
        using var folder = new TemporaryFolder();
        AudioReadOptions slow = Script(folder, $"sleep 2; touch '{folder.File("flag")}'");
        string message = Refuse("OggS"u8.ToArray(), slow with { FfmpegTimeout = TimeSpan.FromSeconds(0.2) });
        Assert.Contains("took longer than 0.2 s", message, StringComparison.Ordinal);
        // The script was killed before it could create the file.
        Thread.Sleep(2300);
        Assert.False(File.Exists(folder.File("flag")));
    }

    [Fact]
    public void Ffmpeg_that_writes_without_end_is_stopped()
    {
        using var folder = new TemporaryFolder();
        AudioReadOptions options = Script(folder, "cat /dev/zero") with { FfmpegTimeout = TimeSpan.FromSeconds(30) };
        var watch = Stopwatch.StartNew();
        string message = Assert.Throws<AudioFormatException>(() =>
            FfmpegDecoder.Decode("OggS"u8, "x", null, "Ogg", options, maxBytes: 100_000)).Message;
        Assert.Contains("the decoded audio is larger than 100000 bytes", message, StringComparison.Ordinal);
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 20);
    }

    private static AudioReadOptions Script(TemporaryFolder folder, string body)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "the stand-in for ffmpeg is a shell script");
        string path = folder.File("ffmpeg");
        File.WriteAllText(path, "#!/bin/sh\n" + body + "\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return new AudioReadOptions { FfmpegPath = path };
    }

    private static string Refuse(byte[] bytes, AudioReadOptions options) =>
        Assert.Throws<AudioFormatException>(() => AudioFile.Decode(bytes, "x", options)).Message;
}
