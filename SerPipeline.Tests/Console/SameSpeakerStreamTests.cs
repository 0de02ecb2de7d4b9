using System.Globalization;
using System.Text.Json;
using SerPipeline.Audio;
using SerPipeline.Tests.Prediction;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Console;

/// <summary><c>ser predict --same-speaker</c> and <c>--enroll</c>, and <c>--stream</c> with them.</summary>
public sealed class SameSpeakerStreamTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _model;

    public SameSpeakerStreamTests() => _model = TinyModels.Voices(_folder.File("voices.zip"));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_program_answers_by_what_it_heard_and_says_how_much()
    {
        string call = Call("call.wav", 40);
        string[] Rows(params string[] more)
        {
            (int code, string output, string error) = Programs.RunApart(SerProcess.Path,
                ["predict", "--model", _model, "--stream", "--csv", call, .. more]);
            Assert.True(code == 0, error);
            if (more.Length > 0)
            {
                Assert.Contains("once 10 before them were heard", error, StringComparison.Ordinal);
                Assert.Contains("from 4 speakers: with fewer than 5 it was not shown to help", error, StringComparison.Ordinal);
                Assert.Matches("Heard 1[0-9] windows of the voice\\.", error);
            }
            return output.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
        }
        string[] unknown = Rows(), known = Rows("--same-speaker");
        Assert.Equal("path,start,end,predicted,probability_low,probability_middle,probability_high,notes,quality", unknown[0]);
        Assert.Equal("path,start,end,predicted,probability_low,probability_middle,probability_high,heard,notes,quality", known[0]);
        Assert.Equal(unknown.Length, known.Length);
        int[] heard = [.. known[1..].Select(row => int.Parse(row.Split(',')[^3], CultureInfo.InvariantCulture))];
        Assert.Equal(heard.Order(), heard);
        Assert.Equal(0, heard[0]);
        Assert.InRange(heard[^1], 10, 13);
        int adapted = 0;
        foreach ((string plain, string row, int clips) in unknown[1..].Zip(known[1..], heard))
        {
            string[] fields = row.Split(',');
            string answer = string.Join(',', [.. fields[..^3], .. fields[^2..]]);
            if (clips < 10 || fields[3].Length == 0)
            {
                Assert.Equal(plain, answer);
                continue;
            }
            Assert.NotEqual(plain, answer);
            adapted++;
        }
        Assert.True(adapted > 0, "no window was scored with what was heard");
    }

    [Fact]
    public async Task Standard_input_is_heard_as_a_file_is_and_files_after_one_another()
    {
        string call = Call("call.wav", 36);
        byte[] samples = (await File.ReadAllBytesAsync(call, TestContext.Current.CancellationToken))[44..];
        string[] args = ["predict", "--model", _model, "--stream", "--same-speaker", "--json"];
        ConsoleRun file = (await ConsoleRun.Of([.. args, call])).Succeeds();
        ConsoleRun live = (await ConsoleRun.Of(new MemoryStream(samples), TestContext.Current.CancellationToken,
            [.. args, "--stdin", "--rate", "16000"])).Succeeds();
        Assert.Equal(file.Output.Replace(call, "-", StringComparison.Ordinal), live.Output);
        int[] once = Heard(file.Output), twice = Heard((await ConsoleRun.Of([.. args, call, Call("again.wav", 36)])).Succeeds().Output);
        Assert.Equal(once, twice[..once.Length]);
        Assert.True(twice[once.Length] > once[^1] && twice[^1] > 20, string.Join(' ', twice));
        ConsoleRun table = (await ConsoleRun.Of([.. args[..^1], "--window", "2", Call("short.wav", 5)])).Succeeds();
        Assert.EndsWith("   high  heard", table.Output.Split(Environment.NewLine)[1], StringComparison.Ordinal);
        Assert.Contains("too few, so every answer is for an unknown voice", table.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_channel_is_a_voice_of_its_own()
    {
        AudioClip one = AudioFile.Read(Call("one.wav", 12)), other = ToneModel.Tone(0, 3, 3, 12);
        WavWriter.Write(_folder.File("both.wav"), new AudioClip([.. one.Samples.ToArray().Zip(other.Samples.ToArray(),
            (left, right) => new[] { left, right }).SelectMany(frame => frame)], 16000, 2));
        ConsoleRun run = (await ConsoleRun.Of("predict", "--model", _model, "--stream", "--same-speaker", "--channel", "each", "--json",
            _folder.File("both.wav"))).Succeeds();
        // A window of 3 s begins each second; it is heard once those that begin within it are over.
        int[] voice = [0, 0, 0, 1, 1, 1, 2, 2, 2, 3];
        Assert.Equal([.. voice, .. voice], Heard(run.Output));
        Assert.Contains("of the voice of channel 1", run.Error, StringComparison.Ordinal);
        Assert.Contains("of the voice of channel 2", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_work_is_refused()
    {
        string call = Call("call.wav", 5), plain = TinyModels.Mlp(_folder.File("plain.zip"));
        async Task Refused(string expected, params string[] args)
        {
            ConsoleRun run = await ConsoleRun.Of(["predict", .. args, "--same-speaker"]);
            Assert.Equal(2, run.ExitCode);
            Assert.Contains(expected, run.Error, StringComparison.Ordinal);
            Assert.Empty(run.Output);
        }
        await Refused("plain.zip was not trained to adapt to a voice: train with a recipe, such as --trainer recipe, or with --adapt.",
            "--model", plain, "--stream", call);
        await Refused("--same-speaker works with files, or with --stream", "--model", _model, "--stdin", "--rate", "16000");
        await Refused("--resume cannot go on with --stream --same-speaker", "--model", _model, "--stream", "-o", _folder.File("out.csv"),
            "--resume", call);
    }

    [Fact]
    public async Task A_file_of_another_voice_is_not_appended_to()
    {
        string call = Call("call.wav", 5), output = _folder.File("out.jsonl");
        // Of the last recording nobody knows whether it was finished.
        string[] args = ["predict", "--model", _model, "--stream", "-o", output, call, Call("again.wav", 4)];
        (await ConsoleRun.Of([.. args, "--same-speaker"])).Succeeds();
        ConsoleRun run = await ConsoleRun.Of([.. args, "--resume"]);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("the voice (--same-speaker, now unknown)", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_voice_is_heard_in_the_channel_that_is_predicted_on()
    {
        // Left a voice that grows louder from clip to clip, right another: the mean of both is neither.
        string[] mono = [.. Enumerable.Range(0, 11).Select(i => Call($"mono/{i:00}.wav", 2 + (i / 10.0)))];
        string[] stereo = [.. mono.Select((path, i) =>
        {
            AudioClip left = AudioFile.Read(path);
            string both = Path.Combine(Directory.CreateDirectory(_folder.File("stereo")).FullName, $"{i:00}.wav");
            WavWriter.Write(both, new AudioClip([.. left.Samples.ToArray().SelectMany((x, t) =>
                new[] { x, 0.5f * MathF.Sin(0.9f * t) })], left.SampleRateHz, 2));
            return both;
        })];
        async Task<double[][]> Said(string[] files, params string[] more)
        {
            string[] args = ["predict", "--model", _model, "--json", "--answer-anyway", .. more];
            ConsoleRun run = (await ConsoleRun.Of([.. args, .. files])).Succeeds();
            return [.. run.Output.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries).Select(line =>
            {
                using JsonDocument json = JsonDocument.Parse(line);
                return json.RootElement.GetProperty("probabilities").EnumerateObject().Select(one => one.Value.GetDouble()).ToArray();
            })];
        }
        double[][] expected = await Said(mono, "--same-speaker");
        Assert.Equal(expected, await Said(stereo, "--same-speaker", "--channel", "left"));
        Assert.NotEqual(expected, await Said(stereo, "--same-speaker"));
        Assert.Equal(expected, await Said(stereo, "--enroll", _folder.File("stereo"), "--channel", "left"));
    }

    [Fact]
    public async Task A_voice_that_changed_is_not_gone_on_with_and_no_recording_of_it_is_lost()
    {
        string[] clips = [.. Enumerable.Range(0, 10).Select(i => Call($"voice/{i:00}.wav", 2 + (i / 10.0)))];
        string voice = _folder.File("voice"), output = _folder.File("out.csv");
        string[] args = ["predict", "--model", _model, "--enroll", voice, "--answer-anyway", "--csv", clips[0], clips[1]];
        ConsoleRun lost = await ConsoleRun.Of([.. args, "-o", clips[3]]);
        Assert.Equal(2, lost.ExitCode);
        Assert.Contains("is read by this command too, and would be lost", lost.Error, StringComparison.Ordinal);
        (await ConsoleRun.Of([.. args, "-o", output])).Succeeds();
        (await ConsoleRun.Of([.. args, "-o", output, "--resume"])).Succeeds();
        Call("voice/more.wav", 4);
        ConsoleRun other = await ConsoleRun.Of([.. args, "-o", output, "--resume"]);
        Assert.Equal(1, other.ExitCode);
        Assert.Matches(@"the voice \(.*voice, 10 recordings, SHA-256 [0-9a-f]{12}, now .*voice, 11 recordings, SHA-256", other.Error);
        // A copy is no further recording.
        File.Delete(clips[9]);
        File.Copy(clips[8], Path.Combine(voice, "more.wav"), overwrite: true);
        ConsoleRun few = await ConsoleRun.Of([.. args, "-o", _folder.File("few.csv")]);
        Assert.Equal(2, few.ExitCode);
        Assert.Contains("the same recording as", few.Error, StringComparison.Ordinal);
        Assert.Contains("and 9 can be used", few.Error, StringComparison.Ordinal);
    }

    private static int[] Heard(string lines) => [.. lines.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries).Select(line =>
    {
        using JsonDocument json = JsonDocument.Parse(line);
        return json.RootElement.GetProperty("heard").GetInt32();
    })];

    // 16 bits, whose samples begin behind a header of 44 bytes.
    private string Call(string name, double seconds)
    {
        string path = _folder.File(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        WavWriter.Write(path, ToneModel.Recording(seconds, 16000));
        return path;
    }
}
