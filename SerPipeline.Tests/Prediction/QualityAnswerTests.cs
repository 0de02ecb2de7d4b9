using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using SerPipeline.Audio;
using SerPipeline.Prediction;
using SerPipeline.Tests.Audio;
using SerPipeline.Tests.Console;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Prediction;

/// <summary>What a model says of recordings that hold no speech, or something wrong: in <c>SerModel</c>, timelines and
/// <c>ser predict</c>. The files are those that people brought, made by the tests' own bytes.</summary>
public sealed class QualityAnswerTests(ToneModel tones)
{
    private const int Rate = ToneModel.SampleRateHz;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string, QualityNotes, bool> Inputs => new()
    {
        { "silent", QualityNotes.Silent, false },
        { "antiphase", QualityNotes.Silent, false },
        { "noise", QualityNotes.NearSilent, false },
        { "click", QualityNotes.OneClick, false },
        { "wild", QualityNotes.OutOfRange, false },
        { "integers", QualityNotes.IntegersAsFloat, true },
        { "half", QualityNotes.Truncated, true },
        { "good", QualityNotes.None, true },
    };

    [Theory]
    [MemberData(nameof(Inputs))]
    public void Without_speech_there_is_no_label(string input, QualityNotes notes, bool answered)
    {
        using var folder = new TemporaryFolder();
        string path = Write(folder, input);
        using SerModel model = SerModel.Load(tones.Path), anyway = SerModel.Load(tones.Path, new() { AnswerAnyway = true });
        EmotionPrediction said = model.Predict(path);
        Assert.Equal((notes, answered), (said.Quality.Notes, said.IsAnswered));
        Assert.Equal(answered ? "low" : null, said.Label);
        Assert.All(said.Scores, score => Assert.Equal(answered, float.IsFinite(score)));
        // Whoever wants an answer gets one, and the note with it.
        if (input != "wild") Assert.Equal((notes, true), (anyway.Predict(path).Quality.Notes, anyway.Predict(path).Label is not null));
        // In a stream of windows too.
        EmotionPrediction? window = Assert.Single(model.PredictTimeline(path, new() { SilenceDb = null })).Prediction;
        Assert.Equal(answered, window!.IsAnswered);
    }

    [Fact]
    public void Integers_stored_as_floats_give_the_scores_of_the_recording_they_were()
    {
        using var folder = new TemporaryFolder();
        using SerModel model = SerModel.Load(tones.Path);
        Assert.Equal(model.Predict(Write(folder, "good")).Scores, model.Predict(Write(folder, "integers")).Scores);
    }

    [Theory]
    [MemberData(nameof(Inputs))]
    public async Task The_command_says_so_in_every_format(string input, QualityNotes notes, bool answered)
    {
        using var folder = new TemporaryFolder();
        string path = Write(folder, input), word = notes == QualityNotes.None ? "" : Assert.Single(notes.ToWords());
        string[] arguments = ["predict", "--model", tones.Path, path];
        string table = (await ConsoleRun.Of(arguments)).Succeeds().Output;
        Assert.Contains(answered ? "low" : notes == QualityNotes.OutOfRange ? "-" : "no speech", table, StringComparison.Ordinal);
        Assert.Contains(word, table, StringComparison.Ordinal);

        using JsonDocument json = JsonDocument.Parse((await ConsoleRun.Of([.. arguments, "--json"])).Succeeds().Output);
        Assert.Equal(answered ? "low" : null, json.RootElement.GetProperty("predicted").GetString());
        Assert.Equal(answered ? JsonValueKind.Number : JsonValueKind.Null, json.RootElement.GetProperty("probability").ValueKind);
        Assert.Equal(notes.ToWords(), json.RootElement.GetProperty("quality").EnumerateArray().Select(note => note.GetString()));

        string[] csv = (await ConsoleRun.Of([.. arguments, "--csv"])).Succeeds().Output.ReplaceLineEndings("\n").Split('\n');
        Assert.EndsWith(",notes,quality", csv[0], StringComparison.Ordinal);
        Assert.EndsWith("," + word, csv[1], StringComparison.Ordinal);
        Assert.Equal(answered ? "low" : "", csv[1].Split(',')[1]);
    }

    [Fact]
    public async Task Each_channel_has_a_row_of_its_own_and_resuming_keeps_whole_files()
    {
        using var folder = new TemporaryFolder();
        AudioClip left = ToneModel.Tone(0, 0, 0, 1), right = ToneModel.Tone(2, 0, 0, 1);
        var stereo = new AudioClip(
            [.. Enumerable.Range(0, left.Length).SelectMany(i => (float[])[left.Samples[i], right.Samples[i]])], Rate, 2);
        WavWriter.Write(folder.File("call.wav"), stereo, WavEncoding.IeeeFloat);
        using SerModel mix = SerModel.Load(tones.Path), second = SerModel.Load(tones.Path, new() { Channel = ChannelSelection.Right }),
            each = SerModel.Load(tones.Path, new() { Channel = ChannelSelection.Each });
        IReadOnlyList<EmotionPrediction> channels = mix.PredictChannels(folder.File("call.wav"));
        Assert.Equal([("left", "low"), ("right", "high")], channels.Select(said => (said.Channel!, said.Label!)));
        Assert.Equal(mix.Predict(left).Scores, channels[0].Scores);
        Assert.Equal(channels[1].Scores, second.Predict(stereo).Scores);
        Assert.Contains("PredictChannels", Assert.Throws<InvalidOperationException>(() => each.Predict(stereo)).Message,
            StringComparison.Ordinal);
        Assert.Contains("has one channel", Assert.Throws<AudioFormatException>(() => second.Predict(left)).Message,
            StringComparison.Ordinal);
        Assert.Equal(mix.Predict(stereo).Scores, mix.Predict(folder.File("call.wav")).Scores);

        string output = folder.File("out.csv");
        string[] command = ["predict", "--model", tones.Path, folder.File("call.wav"), "--channel", "each", "-o", output];
        (await ConsoleRun.Of(command)).Succeeds();
        string[] lines = await File.ReadAllLinesAsync(output, Cancel);
        Assert.Equal(["left", "right"], lines.Skip(1).Select(line => line.Split(',')[1]));
        Assert.Equal(["low", "high"], lines.Skip(1).Select(line => line.Split(',')[2]));
        // Half of a recording's rows: it is predicted again, whole.
        await File.WriteAllLinesAsync(output, lines[..2], Cancel);
        (await ConsoleRun.Of([.. command, "--resume"])).Succeeds();
        Assert.Equal(lines, await File.ReadAllLinesAsync(output, Cancel));

        string[] windows = (await ConsoleRun.Of("predict", "--model", tones.Path, folder.File("call.wav"), "--channel", "each", "--stream",
            "--csv")).Succeeds().Output.ReplaceLineEndings("\n").Trim().Split('\n');
        Assert.Equal(["left", "right"], windows.Skip(1).Select(line => line.Split(',')[1]));
    }

    [Fact]
    public void A_long_recording_is_scored_by_the_mean_of_its_windows_with_speech()
    {
        float[] voice = ToneModel.Tone(0, 1, 1, 30).Samples.ToArray(), pause = new float[30 * Rate];
        float[] recording = [.. Enumerable.Range(0, 11).SelectMany(i => i % 2 == 0 ? voice : pause)];
        using SerModel model = SerModel.Load(tones.Path);
        EmotionPrediction said = model.Predict(new AudioClip(recording, Rate));
        Assert.Equal((PredictionNotes.Windowed, 330.0), (said.Notes, said.Duration.TotalSeconds));
        EmotionPrediction[] windows = [.. Enumerable.Range(0, 10)
            .Select(i => model.Predict(new AudioClip(voice[(i * 3 * Rate)..((i + 1) * 3 * Rate)], Rate)))];
        for (int c = 0; c < model.Labels.Count; c++) Assert.Equal(windows.Average(window => window.Scores[c]), said.Scores[c], 1e-5);
        // Up to five minutes it is one clip.
        Assert.Equal(PredictionNotes.None, model.Predict(new AudioClip(recording[..(300 * Rate)], Rate)).Notes & PredictionNotes.Windowed);
    }

    [Fact]
    public void Integers_behind_minutes_of_zeros_are_scaled_when_they_come()
    {
        float[] voice = ToneModel.Tone(0, 1, 1, 30).Samples.ToArray();
        using SerModel model = SerModel.Load(tones.Path);
        EmotionPrediction Said(float scale)
        {
            var scorer = new RecordingScorer(model, null, "it");
            for (int second = 0; second < 303; second++) scorer.Push(new AudioClip(new float[Rate], Rate));
            foreach (float[] piece in voice.Chunk(Rate))
                scorer.Push(new AudioClip(Array.ConvertAll(piece, sample => MathF.Round(sample * 32767) * scale), Rate));
            return scorer.Complete();
        }
        EmotionPrediction said = Said(1), expected = Said(1 / 32768f);
        Assert.True(said.Quality!.Notes.HasFlag(QualityNotes.IntegersAsFloat));
        Assert.Equal(expected.Scores, said.Scores, (a, b) => Math.Abs(a - b) < 1e-6);
    }

    /// <summary>docs/performance.md: the memory of a three-hour recording.</summary>
    [Fact(Explicit = true)]
    public async Task Three_hours_of_stereo_stay_under_400_MiB()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs /proc");
        using var folder = new TemporaryFolder();
        string path = folder.File("long.wav");
        byte[] second = [.. ToneModel.Tone(1, 0, 0, 10).Resample(44100).Samples.ToArray().SelectMany(sample =>
            (byte[])[.. BitConverter.GetBytes((short)(sample * 30000)), .. BitConverter.GetBytes((short)(sample * 20000))])];
        using (var file = new BinaryWriter(File.Create(path)))
        {
            uint length = (uint)(3 * 360 * second.Length);
            file.Write("RIFF"u8);
            file.Write(length + 36);
            file.Write("WAVEfmt "u8);
            foreach ((uint value, int bytes) in ((uint, int)[])[(16, 4), (1, 2), (2, 2), (44100, 4), (176400, 4), (4, 2), (16, 2)])
                file.Write(BitConverter.GetBytes(value).AsSpan(0, bytes));
            file.Write("data"u8);
            file.Write(length);
            for (int i = 0; i < 3 * 360; i++) file.Write(second);
        }
        string program = Path.Combine(AppContext.BaseDirectory, "ser.dll");
        using Process process = Process.Start(new ProcessStartInfo("dotnet", [program, "predict", "--model", tones.Path, path])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(Cancel), errors = process.StandardError.ReadToEndAsync(Cancel);
        long peak = 0;
        while (!process.WaitForExit(200))
        {
            try
            {
                string? line = File.ReadLines($"/proc/{process.Id}/status")
                    .FirstOrDefault(text => text.StartsWith("VmHWM", StringComparison.Ordinal));
                if (line is not null) peak = Math.Max(peak, long.Parse(line.Split((char[]?)null,
                    StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture));
            }
            catch (IOException)
            {
                // It has just ended.
            }
        }
        TestContext.Current.TestOutputHelper!.WriteLine($"VmHWM {peak / 1024} MiB; {await output} {await errors}");
        Assert.Equal(0, process.ExitCode);
        Assert.Contains("windowed", await output, StringComparison.Ordinal);
        Assert.Contains("longer than a minute: --stream", await errors, StringComparison.Ordinal);
        Assert.InRange(peak, 1, 400 * 1024);
    }

    private static string Write(TemporaryFolder folder, string input)
    {
        AudioClip voice = ToneModel.Tone(0, 0, 0, 1.5);
        float[] samples = voice.Samples.ToArray();
        string path = folder.File(input + ".wav");
        switch (input)
        {
            case "silent":
                WavWriter.Write(path, new AudioClip(new float[Rate], Rate));
                break;
            case "antiphase":
                WavWriter.Write(path, new AudioClip([.. samples.SelectMany(sample => (float[])[sample, -sample])], Rate, 2));
                break;
            case "noise":
                WavWriter.Write(path, new AudioClip(MadeUpSounds.Of("white -85", Rate), Rate), WavEncoding.IeeeFloat);
                break;
            case "click":
                WavWriter.Write(path, new AudioClip(MadeUpSounds.Of("one click", Rate), Rate));
                break;
            case "wild":
                samples[9000] = 1e29f;
                WavWriter.Write(path, new AudioClip(samples, Rate), WavEncoding.IeeeFloat);
                break;
            case "integers":
                WavWriter.Write(path, new AudioClip(Array.ConvertAll(samples, sample => sample * 32768), Rate), WavEncoding.IeeeFloat);
                break;
            case "half":
                WavWriter.Write(path, voice, WavEncoding.IeeeFloat);
                File.WriteAllBytes(path, File.ReadAllBytes(path)[..((int)new FileInfo(path).Length / 2)]);
                break;
            default:
                WavWriter.Write(path, voice, WavEncoding.IeeeFloat);
                break;
        }
        return path;
    }
}
