using System.Globalization;
using System.IO.Compression;
using System.Text;
using SerPipeline.Audio;
using SerPipeline.Prediction;
using SerPipeline.Tests.Audio;
using SerPipeline.Tests.Prediction;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Console;

/// <summary>What <c>ser predict</c> takes: patterns, lists, raw audio, long recordings; and what it says of bad input.</summary>
public sealed partial class PredictInputTests(ToneModel tones)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Patterns_and_lists_name_files_in_order_each_once()
    {
        using var folder = new TemporaryFolder();
        foreach (string name in new[] { "a/1.wav", "a/b/2.wav", "a/b/c/3.WAV", "4.wav" }) Copy(folder.File(name));
        Assert.Equal(["a/1.wav", "a/b/2.wav"], await Paths(folder, folder.File("a/**/*.wav")));
        Assert.Equal(["4.wav"], await Paths(folder, folder.File("*.wav")));
        Assert.Equal(["a/b/2.wav"], await Paths(folder, folder.File("*/b/*.wav")));
        Assert.Equal(["4.wav", "a/1.wav", "a/b/2.wav", "a/b/c/3.WAV"], await Paths(folder, folder.File("4.wav"), folder.File("a")));

        string list = $"{folder.File("4.wav")}\n\n{folder.File("a/b/2.wav")}\r\n{folder.File("4.wav")}\n";
        await File.WriteAllTextAsync(folder.File("list.txt"), list, Cancel);
        Assert.Equal(["4.wav", "a/b/2.wav"], await Paths(folder, "--list", folder.File("list.txt")));
        ConsoleRun piped = (await Predict(new MemoryStream(Encoding.UTF8.GetBytes(list)), folder.File("a/1.wav"), "-", "--csv")).Succeeds();
        Assert.Equal(["a/1.wav", "4.wav", "a/b/2.wav"], Fields(piped.Output).Select(f => Path.GetRelativePath(folder.Path, f[0])));

        ConsoleRun none = await Predict(Stream.Null, folder.File("*.mp3"));
        Assert.Equal(1, none.ExitCode);
        Assert.Contains("No file matches the pattern", none.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("65")]
    [InlineData("1000000")]
    public async Task More_channels_than_any_recording_has_are_wrong_usage(string channels)
    {
        ConsoleRun run = await Predict(new MemoryStream(new byte[100]), "--stdin", "--rate", "16000", "--channels", channels);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains($"--channels must be at most 64, got {channels}.", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Raw_audio_on_standard_input_is_predicted_as_a_file_of_it_would_be()
    {
        using SerModel model = SerModel.Load(tones.Path);
        AudioClip clip = AudioFile.Read(tones.Clips[1]).Resample(8000);
        byte[] s16 = Pcm16(clip), f32 = [.. clip.Samples.ToArray().SelectMany(BitConverter.GetBytes)];
        ConsoleRun exact = (await Predict(new MemoryStream(f32), "--stdin", "--rate", "8000", "--encoding", "f32le", "--csv")).Succeeds();
        Assert.Equal(["-", model.Predict(clip).Label!, .. Texts(model.Predict(clip)),
            clip.Duration.TotalSeconds.ToString("R", CultureInfo.InvariantCulture), "resampled", "narrow-band"],
            Fields(exact.Output).Single());
        AudioClip rounded = new([.. clip.Samples.ToArray().Select(s => (short)Math.Round(s * 32768) / 32768f)], 8000);
        ConsoleRun sixteen = (await Predict(new MemoryStream(s16), "--stdin", "--rate", "8000", "--csv")).Succeeds();
        Assert.Equal(Texts(model.Predict(rounded)), Fields(sixteen.Output).Single()[2..^3]);
    }

    [Theory]
    [InlineData("u8", 1, 1)]
    [InlineData("s16le", 2, 2)]
    [InlineData("s24le", 3, 1)]
    [InlineData("s32le", 4, 2)]
    [InlineData("f32le", 4, 2)]
    public async Task Raw_audio_of_every_encoding_is_what_a_wav_file_of_it_holds(string encoding, int bytes, int channels)
    {
        AudioClip clip = AudioFile.Read(tones.Clips[1]);
        // The second channel is the first at half its height.
        byte[] raw = [.. clip.Samples.ToArray().SelectMany(s => channels == 1 ? [s] : new[] { s, s / 2 }).SelectMany(s => Encoded(s))];
        byte[] wav = AudioBytes.Riff(AudioBytes.Format(encoding == "f32le" ? 3 : 1, channels, clip.SampleRateHz, 8 * bytes),
            AudioBytes.Chunk("data", raw));
        using SerModel model = SerModel.Load(tones.Path);
        EmotionPrediction expected = model.Predict(new MemoryStream(wav), "wav");
        ConsoleRun run = (await Predict(new MemoryStream(raw), "--stdin", "--rate", Text(clip.SampleRateHz), "--channels", Text(channels),
            "--encoding", encoding, "--csv")).Succeeds();
        string[] row = Fields(run.Output).Single();
        Assert.Equal(expected.Label, row[1]);
        Assert.Equal(Texts(expected), row[2..^3]);
        Assert.Equal(Text(expected.Duration), row[^3]);

        IEnumerable<byte> Encoded(float sample)
        {
            if (encoding == "f32le") return BitConverter.GetBytes(sample);
            long level = (long)Math.Round(sample * (double)(1L << ((8 * bytes) - 1)));
            return BitConverter.GetBytes(encoding == "u8" ? level + 128 : level)[..bytes];
        }
    }

    [Fact]
    public async Task Streams_of_raw_audio_and_of_files_give_the_librarys_timeline_without_silence()
    {
        using var folder = new TemporaryFolder();
        AudioClip recording = ToneModel.Recording(9);
        byte[] raw = Pcm16(recording);
        WavWriter.Write(folder.File("long.wav"), recording);
        using SerModel model = SerModel.Load(tones.Path);
        EmotionSegment[] expected = [.. model.PredictTimeline(folder.File("long.wav"), new() { WindowSeconds = 1, HopSeconds = 0.5 })];
        Assert.Contains(expected, s => s.IsSilence);
        string[] rows = [.. expected.Where(s => !s.IsSilence)
            .Select(s => string.Join(',', [Text(s.Start), Text(s.End), s.Prediction!.Label!, .. Texts(s.Prediction)]))];

        ConsoleRun live = (await Predict(new MemoryStream(raw), "--stdin", "--rate", "16000", "--stream", "--window", "1", "--hop", "0.5",
            "--csv")).Succeeds();
        ConsoleRun file = (await Predict(Stream.Null, folder.File("long.wav"), "--stream", "--window", "1", "--hop", "0.5", "--csv"))
            .Succeeds();
        Assert.Equal(rows, Fields(live.Output).Select(f => string.Join(',', f[1..^2])));
        Assert.Equal(rows, Fields(file.Output).Select(f => string.Join(',', f[1..^2])));
        Assert.StartsWith("path,start,end,predicted,probability_low", file.Output, StringComparison.Ordinal);
        Assert.Contains($"{rows.Length} windows and {expected.Length - rows.Length} of silence left out", file.Error,
            StringComparison.Ordinal);

        ConsoleRun table = (await Predict(Stream.Null, folder.File("long.wav"), "--stream", "--window", "1", "--hop", "0.5")).Succeeds();
        Assert.Equal(rows.Length + 2, table.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        ConsoleRun all = (await Predict(Stream.Null, folder.File("long.wav"), "--stream", "--window", "1", "--hop", "0.5", "--silence",
            "off", "--json")).Succeeds();
        Assert.Equal(expected.Length, all.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.StartsWith("{\"path\":\"", all.Output, StringComparison.Ordinal);
        Assert.Contains("\"start\":0,\"end\":1,\"predicted\":\"", all.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_microphone_that_is_stopped_leaves_what_was_heard()
    {
        using var stop = new CancellationTokenSource();
        using var microphone = new Microphone(Pcm16(ToneModel.Tone(0, 0, 0, 2.5)), stop);
        ConsoleRun run = await ConsoleRun.Of(microphone, stop.Token, "predict", "--model", tones.Path, "--stdin", "--rate", "16000",
            "--stream", "--window", "1", "--hop", "1", "--csv");
        Assert.Equal(0, run.ExitCode);
        Assert.Equal(["0", "1", "2"], Fields(run.Output).Select(f => f[1]));
        Assert.Equal("2.5", Fields(run.Output)[^1][2]);
    }

    [Fact]
    public async Task A_threshold_abstains_and_short_clips_are_said_to_be_padded()
    {
        using var folder = new TemporaryFolder();
        WavWriter.Write(folder.File("short.wav"), ToneModel.Tone(0, 0, 0, 0.2));
        string[] paths = [folder.File("short.wav"), tones.Clips[0]];
        string[][] csv = Fields((await Predict(Stream.Null, [.. paths, "--csv"])).Succeeds().Output);
        Assert.Equal(["padded", ""], csv.Select(f => f[^2]));
        string[] never = [tones.Clips[0], "--threshold", "1"];
        string[] abstained = Fields((await Predict(Stream.Null, [.. never, "--csv"])).Succeeds().Output).Single();
        Assert.Equal(("", "abstained"), (abstained[1], abstained[^2]));
        Assert.Equal(csv[1][2..^2], abstained[2..^2]);
        ConsoleRun json = (await Predict(Stream.Null, [.. never, "--json"])).Succeeds();
        Assert.Contains("\"predicted\":null,", json.Output, StringComparison.Ordinal);
        Assert.Contains("\"notes\":[\"abstained\"]", json.Output, StringComparison.Ordinal);
        Assert.EndsWith("abstained", (await Predict(Stream.Null, never)).Succeeds().Output.TrimEnd(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(".png", false)]
    [InlineData(".svg", true)]
    public async Task A_figure_is_drawn_of_one_recording(string extension, bool stream)
    {
        using var folder = new TemporaryFolder();
        WavWriter.Write(folder.File("long.wav"), ToneModel.Recording(6));
        string figure = folder.File("out" + extension);
        string[] streaming = stream ? ["--stream", "--window", "2"] : [];
        ConsoleRun run = (await Predict(Stream.Null, [folder.File("long.wav"), "--figure", figure, "--csv", .. streaming])).Succeeds();
        Assert.Contains($"Drew {figure}.", run.Error, StringComparison.Ordinal);
        Assert.Equal(stream ? 5 : 1, Fields(run.Output).Length);
        byte[] bytes = await File.ReadAllBytesAsync(figure, Cancel);
        Assert.StartsWith(stream ? "<svg" : "\u0089PNG", Encoding.Latin1.GetString(bytes).TrimStart(), StringComparison.Ordinal);
        if (stream) Assert.Contains("Probability", Encoding.UTF8.GetString(bytes), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--rate must be a whole number of at least 1, got '0'", "--stdin", "--rate", "0")]
    [InlineData("--rate HZ is needed", "--stdin")]
    [InlineData("leave out paths", "--stdin", "--rate", "8000", "a.wav")]
    [InlineData("nothing to predict is named")]
    [InlineData("--encoding must be s16le", "--stdin", "--rate", "8000", "--encoding", "mp3")]
    [InlineData("--rate is for --stdin", "a.wav", "--rate", "8000")]
    [InlineData("--hop must be at most the window", "a.wav", "--stream", "--window", "1", "--hop", "2")]
    [InlineData("--window is for --stream", "a.wav", "--window", "1")]
    [InlineData("--threshold must be a probability", "a.wav", "--threshold", "1.5")]
    [InlineData("--figure draws one recording", "a.wav", "b.wav", "--figure", "x.png")]
    [InlineData("--figure must end in .png or .svg", "a.wav", "--figure", "x.bmp")]
    [InlineData("--resume needs --output", "a.wav", "--resume")]
    [InlineData("needs --json or --csv", "a.wav", "--output", "x.txt")]
    [InlineData("--json and --csv exclude each other", "a.wav", "--json", "--csv")]
    [InlineData("there is no file", "--list", "nowhere.txt")]
    public async Task Wrong_usage_is_told(string message, params string[] args)
    {
        ConsoleRun run = await Predict(Stream.Null, args);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Bad_files_among_good_ones_are_told_of_and_the_rest_is_done(bool stream)
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.File("text.wav"), "no audio", Cancel);
        Copy(folder.File("good.wav"));
        byte[] wav = WavFloat(0.25f, float.NaN);
        await File.WriteAllBytesAsync(folder.File("nan.wav"), wav, Cancel);
        await File.WriteAllBytesAsync(folder.File("empty.wav"), WavFloat(), Cancel);
        // The rate stands 24 bytes in.
        byte[] still = WavFloat(0.25f, 0.5f);
        still.AsSpan(24, 4).Clear();
        await File.WriteAllBytesAsync(folder.File("still.wav"), still, Cancel);
        string[] streaming = stream ? ["--stream"] : [];
        ConsoleRun run = await Predict(Stream.Null, [folder.Path, "--csv", .. streaming]);
        Assert.Equal(1, run.ExitCode);
        Assert.Equal([folder.File("good.wav")], Fields(run.Output).Select(f => f[0]).Distinct());
        foreach ((string file, string reason) in new[] { ("text.wav", "expected an audio file"), ("nan.wav", "found NaN"),
            ("empty.wav", "no samples"), ("still.wav", "sample rate must be between 1") })
            Assert.Contains(run.Error.Split('\n'), line => line.Contains(file, StringComparison.Ordinal)
                && line.Contains(reason, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Nothing_on_standard_input_and_a_zip_that_is_no_model_are_errors()
    {
        using var folder = new TemporaryFolder();
        foreach (string[] stream in new string[][] { [], ["--stream"] })
        {
            ConsoleRun nothing = await Predict(Stream.Null, ["--stdin", "--rate", "16000", .. stream]);
            Assert.Equal(1, nothing.ExitCode);
            Assert.Contains("nothing to predict", nothing.Error, StringComparison.OrdinalIgnoreCase);
        }
        string zip = folder.File("other.zip");
        using (ZipArchive other = ZipFile.Open(zip, ZipArchiveMode.Create)) other.CreateEntry("readme.txt");
        ConsoleRun run = await ConsoleRun.Of("predict", "--model", zip, tones.Clips[0]);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("is a zip but no SerPipeline model", run.Error, StringComparison.Ordinal);
    }

    private async Task<string[]> Paths(TemporaryFolder folder, params string[] args) =>
        [.. Fields((await Predict(Stream.Null, [.. args, "--csv"])).Succeeds().Output).Select(f => Path.GetRelativePath(folder.Path,
            f[0]))];

    private Task<ConsoleRun> Predict(Stream input, params string[] args) => ConsoleRun.Of(input, Cancel,
        ["predict", "--model", tones.Path, .. args]);

    private static string[][] Fields(string csv) =>
        [.. csv.ReplaceLineEndings("\n").Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(line => line.Split(','))];

    private static IEnumerable<string> Texts(EmotionPrediction prediction) =>
        prediction.Scores.Select(score => float.IsNaN(score) ? "" : score.ToString("R", CultureInfo.InvariantCulture));

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Text(TimeSpan time) => time.TotalSeconds.ToString("R", CultureInfo.InvariantCulture);

    private static byte[] Pcm16(AudioClip clip) =>
        [.. clip.Samples.ToArray().SelectMany(s => BitConverter.GetBytes((short)Math.Clamp(Math.Round(s * 32768), -32768, 32767)))];

    private static byte[] WavFloat(params float[] samples)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write("RIFF"u8);
        writer.Write(36 + (4 * samples.Length));
        writer.Write("WAVEfmt "u8);
        writer.Write(16);
        writer.Write((short)3);
        writer.Write((short)1);
        writer.Write(16000);
        writer.Write(64000);
        writer.Write((short)4);
        writer.Write((short)32);
        writer.Write("data"u8);
        writer.Write(4 * samples.Length);
        foreach (float sample in samples) writer.Write(sample);
        return stream.ToArray();
    }

    private void Copy(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.Copy(tones.Clips[0], path);
    }

    /// <summary>Gives its samples, and then nothing, without an end; somebody presses Ctrl-C.</summary>
    private sealed class Microphone(byte[] bytes, CancellationTokenSource stop) : MemoryStream(bytes)
    {
        private readonly ManualResetEventSlim _never = new();

        public override int Read(byte[] buffer, int offset, int count)
        {
            int read = base.Read(buffer, offset, Math.Min(count, 3001));
            if (read > 0) return read;
            stop.CancelAfter(TimeSpan.FromMilliseconds(100));
            _never.Wait(TimeSpan.FromSeconds(60));
            return 0;
        }

        protected override void Dispose(bool disposing)
        {
            _never.Set();
            base.Dispose(disposing);
        }
    }
}
