using System.Text;
using System.Text.Json;
using SerPipeline.Audio;
using SerPipeline.Tests.Prediction;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Console;

/// <summary>A batch that was stopped goes on: no file twice, none lost, wherever the file of predictions was cut.</summary>
public sealed class PredictResumeTests(ToneModel tones)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(".csv", false)]
    [InlineData(".jsonl", false)]
    [InlineData(".csv", true)]
    [InlineData(".jsonl", true)]
    public async Task Cut_anywhere_it_ends_as_if_it_had_not_been_stopped(string extension, bool stream)
    {
        using var folder = new TemporaryFolder();
        string output = folder.File("out" + extension), clips = folder.File("clips");
        Directory.CreateDirectory(clips);
        // Names that a reader of lines must not stumble over.
        foreach ((string name, int i) in new[] { "a.wav", "b,c.wav", "d\"e.wav", "f\ng.wav", "ü.wav" }.Select((name, i) => (name, i)))
            WavWriter.Write(Path.Combine(clips, name), ToneModel.Tone(i % 3, 1, i, 1.2));
        string[] args = ["predict", "--model", tones.Path, clips, "-o", output, .. stream
            ? new[] { "--stream", "--window", "0.6", "--hop", "0.3" } : []];
        (await ConsoleRun.Of(args)).Succeeds();
        byte[] whole = await File.ReadAllBytesAsync(output, Cancel);
        Assert.Equal(5 * (stream ? 3 : 1) + (extension == ".csv" ? 1 : 0), Records(whole, extension));

        var random = new SeededRandom(1);
        int[] cuts = [0, 1, whole.Length - 1, whole.Length, .. Enumerable.Range(0, 12).Select(_ => random.Next(whole.Length))];
        foreach (int cut in cuts)
        {
            await File.WriteAllBytesAsync(output, whole[..cut], Cancel);
            (await ConsoleRun.Of([.. args, "--resume"])).Succeeds();
            Assert.Equal(whole, await File.ReadAllBytesAsync(output, Cancel));
        }
        // What a crash of the machine may leave where a line should be.
        await File.WriteAllBytesAsync(output, [.. whole[..(whole.Length / 2)], 0, 0, 0], Cancel);
        (await ConsoleRun.Of([.. args, "--resume"])).Succeeds();
        Assert.Equal(whole, await File.ReadAllBytesAsync(output, Cancel));
    }

    [Fact]
    public async Task What_is_finished_is_not_predicted_again_and_without_resume_all_is_written_anew()
    {
        using var folder = new TemporaryFolder();
        string output = folder.File("out.jsonl"), second = folder.File("gone.wav");
        File.Copy(tones.Clips[0], second);
        (await ConsoleRun.Of("predict", "--model", tones.Path, tones.Clips[1], second, "-o", output)).Succeeds();
        // Unreadable now: if it were predicted again, it would be an error.
        await File.WriteAllTextAsync(second, "no audio any more", Cancel);
        ConsoleRun run = (await ConsoleRun.Of("predict", "--model", tones.Path, tones.Clips[1], second, tones.Clips[2], "-o", output,
            "--resume")).Succeeds();
        Assert.Contains("2 files of 3 are in", run.Error, StringComparison.Ordinal);
        Assert.Equal(3, (await File.ReadAllLinesAsync(output, Cancel)).Length);
        Assert.Equal(1, (await ConsoleRun.Of("predict", "--model", tones.Path, tones.Clips[1], second, "-o", output)).ExitCode);
        Assert.Single(await File.ReadAllLinesAsync(output, Cancel));
    }

    [Theory]
    [InlineData("out.csv", "path,predicted,probability_calm,seconds,notes\n")]
    [InlineData("out.csv", "something else\n")]
    [InlineData("out.jsonl", "{\"path\":\"a.wav\",\"probabilities\":{\"calm\":1}}\n")]
    [InlineData("out.jsonl", "[1,2]\n")]
    [InlineData("out.jsonl", "{\"path\":\"a.wav\",\"start\":0,\"probabilities\":{\"low\":1,\"middle\":0,\"high\":0}}\n")]
    // No line of these is whole.
    [InlineData("out.csv", "something else")]
    [InlineData("out.csv", "path,predicted,comment")]
    [InlineData("out.csv", "\"something\nelse\n")]
    [InlineData("out.jsonl", "{\n  \"a\": 1\n}\n")]
    [InlineData("out.jsonl", "something else")]
    public async Task A_file_of_something_else_is_left_alone(string name, string content)
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.File(name), content, Cancel);
        ConsoleRun run = await ConsoleRun.Of("predict", "--model", tones.Path, tones.Clips[0], "-o", folder.File(name), "--resume");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("--resume cannot append to", run.Error, StringComparison.Ordinal);
        Assert.Equal(content, await File.ReadAllTextAsync(folder.File(name), Cancel));
    }

    [Theory]
    [InlineData("out.csv", "path,pred")]
    [InlineData("out.csv", "path,predicted,probability_low,probability_middle,probability_high,seconds,notes,quality")]
    [InlineData("out.jsonl", "{\"pa")]
    [InlineData("out.jsonl", "{\"path\":\"a.wav\",\"predicted\":\"lo")]
    public async Task A_first_line_that_is_torn_is_written_anew(string name, string content)
    {
        using var folder = new TemporaryFolder();
        string[] args = ["predict", "--model", tones.Path, tones.Clips[0], "-o", folder.File(name)];
        (await ConsoleRun.Of(args)).Succeeds();
        string whole = await File.ReadAllTextAsync(folder.File(name), Cancel);
        await File.WriteAllTextAsync(folder.File(name), content, Cancel);
        (await ConsoleRun.Of([.. args, "--resume"])).Succeeds();
        Assert.Equal(whole, await File.ReadAllTextAsync(folder.File(name), Cancel));
    }

    [Fact]
    public async Task Notes_are_replaced_as_a_whole_and_never_emptied()
    {
        using var folder = new TemporaryFolder();
        string output = folder.File("out.csv"), notes = output + ".run.json";
        string[] args = ["predict", "--model", tones.Path, tones.Clips[0], "-o", output];
        (await ConsoleRun.Of(args)).Succeeds();
        string before = await File.ReadAllTextAsync(notes, Cancel);
        // Who holds the earlier ones still reads them: they were not written over, which a full disk would have cut short.
        using var held = new StreamReader(new FileStream(notes, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        (await ConsoleRun.Of([.. args, "--threshold", "0.5"])).Succeeds();
        Assert.NotEqual(before, await File.ReadAllTextAsync(notes, Cancel));
        Assert.Equal(before, await held.ReadToEndAsync(Cancel));
    }

    [Theory]
    [InlineData(".csv")]
    [InlineData(".jsonl")]
    public async Task A_recording_that_fails_midway_is_not_taken_for_finished(string extension)
    {
        using var folder = new TemporaryFolder();
        string output = folder.File("out" + extension), clips = folder.File("clips"), bad = Path.Combine(clips, "b.wav");
        Directory.CreateDirectory(clips);
        AudioClip clip = ToneModel.Tone(1, 0, 0, 3);
        foreach (string name in new[] { "a.wav", "b.wav", "c.wav" })
            WavWriter.Write(Path.Combine(clips, name), clip, WavEncoding.IeeeFloat);
        byte[] good = await File.ReadAllBytesAsync(bad, Cancel), torn = [.. good];
        // The last sample is no number, so that windows were written before it is met.
        BitConverter.TryWriteBytes(torn.AsSpan(torn.Length - 4), float.NaN);
        await File.WriteAllBytesAsync(bad, torn, Cancel);
        string[] args = ["predict", "--model", tones.Path, clips, "-o", output, "--stream", "--window", "0.5", "--hop", "0.5"];
        ConsoleRun first = await ConsoleRun.Of(args);
        Assert.Equal(1, first.ExitCode);
        Assert.Contains("found NaN", first.Error, StringComparison.Ordinal);
        Assert.Contains("2 recordings", first.Error, StringComparison.Ordinal);
        Assert.Contains("12 windows", first.Error, StringComparison.Ordinal);
        int Lines(string name) => File.ReadLines(output).Count(line => line.Contains(name, StringComparison.Ordinal));
        Assert.Equal((6, 0, 6), (Lines("a.wav"), Lines("b.wav"), Lines("c.wav")));

        ConsoleRun again = await ConsoleRun.Of([.. args, "--resume"]);
        Assert.Equal(1, again.ExitCode);
        await File.WriteAllBytesAsync(bad, good, Cancel);
        (await ConsoleRun.Of([.. args, "--resume"])).Succeeds();
        Assert.Equal((6, 6, 6), (Lines("a.wav"), Lines("b.wav"), Lines("c.wav")));
    }

    [Theory]
    [InlineData("--threshold (none, now 0.5)", "--threshold", "0.5")]
    [InlineData("--hop (0.5, now 0.25)", "--hop", "0.25")]
    [InlineData("--silence (-70, now off)", "--silence", "off")]
    [InlineData("the model (SHA-256 ", "--model", "OTHER")]
    public async Task A_file_of_another_model_or_other_options_is_not_gone_on_with(string message, string option, string value)
    {
        using var folder = new TemporaryFolder();
        string output = folder.File("out.csv");
        Dictionary<string, string> options = new() { ["--model"] = tones.Path, ["--window"] = "0.5", ["--hop"] = "0.5" };
        string[] Args() => ["predict", tones.Clips[0], tones.Clips[1], "-o", output, "--stream",
            .. options.SelectMany(pair => new[] { pair.Key, pair.Value })];
        (await ConsoleRun.Of(Args())).Succeeds();
        byte[] before = await File.ReadAllBytesAsync(output, Cancel);
        (await ConsoleRun.Of([.. Args(), "--resume"])).Succeeds();
        Assert.Equal(before, await File.ReadAllBytesAsync(output, Cancel));

        options[option] = value == "OTHER" ? tones.OtherPath : value;
        ConsoleRun run = await ConsoleRun.Of([.. Args(), "--resume"]);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("written with other options: " + message, run.Error, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllBytesAsync(output, Cancel));
        await File.WriteAllTextAsync(output + ".run.json", "{ \"version\": 2 }", Cancel);
        Assert.Contains("does not tell how", (await ConsoleRun.Of([.. Args(), "--resume"])).Error, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllBytesAsync(output, Cancel));
        // Written by a program that kept no notes: said, and gone on with.
        File.Delete(output + ".run.json");
        Assert.Contains("out.csv.run.json' is missing", (await ConsoleRun.Of([.. Args(), "--resume"])).Succeeds().Error,
            StringComparison.Ordinal);
        // Anew, the notes are those of the lines.
        (await ConsoleRun.Of(Args())).Succeeds();
        Assert.DoesNotContain("warning: '", (await ConsoleRun.Of([.. Args(), "--resume"])).Succeeds().Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_relative_path_of_another_folder_is_another_file()
    {
        using var folder = new TemporaryFolder();
        string output = folder.File("out.csv"), notes = output + ".run.json", here = Directory.GetCurrentDirectory();
        string[] args = ["predict", "--model", tones.Path, "-o", output, Path.GetRelativePath(here, tones.Clips[0])];
        (await ConsoleRun.Of(args)).Succeeds();
        string text = await File.ReadAllTextAsync(notes, Cancel);
        // Deeper than here: from a folder that is not, "../../../tmp" may end at the root and be the same file after all.
        string elsewhere = Path.Combine(here, "else", "where");
        await File.WriteAllTextAsync(notes, text.Replace(
            JsonSerializer.Serialize(here), JsonSerializer.Serialize(elsewhere), StringComparison.Ordinal), Cancel);
        ConsoleRun run = await ConsoleRun.Of([.. args, "--resume"]);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains($"the folder that paths start from ({elsewhere}, now {here})", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_written_in_another_folder_is_known_by_where_it_lies()
    {
        using var folder = new TemporaryFolder();
        string output = folder.File("out.csv"), notes = output + ".run.json", list = folder.File("list"),
            there = folder.File("a", "x.wav"), elsewhere = folder.File("b", "x.wav"), here = Directory.GetCurrentDirectory();
        foreach (string clip in new[] { there, elsewhere })
        {
            Directory.CreateDirectory(Path.GetDirectoryName(clip)!);
            File.Copy(tones.Clips[0], clip);
        }
        await File.WriteAllTextAsync(list, there, Cancel);
        string[] args = ["predict", "--model", tones.Path, "-o", output];
        (await ConsoleRun.Of([.. args, "--list", list])).Succeeds();
        string whole = await File.ReadAllTextAsync(output, Cancel);
        async Task Move(string from, string to) => await File.WriteAllTextAsync(notes, (await File.ReadAllTextAsync(notes, Cancel)).Replace(
            JsonSerializer.Serialize(from), JsonSerializer.Serialize(to), StringComparison.Ordinal), Cancel);

        // Whole paths alone: in whatever folder, and what follows may start from it.
        await Move(here, "/elsewhere");
        (await ConsoleRun.Of([.. args, "--list", list, Path.GetRelativePath(here, tones.Clips[1]), "--resume"])).Succeeds();
        Assert.Equal(3, (await File.ReadAllLinesAsync(output, Cancel)).Length);
        Assert.Contains(JsonSerializer.Serialize(here), await File.ReadAllTextAsync(notes, Cancel), StringComparison.Ordinal);
        // As if it had been begun beside the clip, which is neither skipped under another name nor there twice.
        await File.WriteAllTextAsync(output, whole.Replace(there, "x.wav", StringComparison.Ordinal), Cancel);
        await Move(here, Path.GetDirectoryName(there)!);
        Assert.Contains("1 file of 2 are in", (await ConsoleRun.Of([.. args, there, elsewhere, "--resume"])).Succeeds().Error,
            StringComparison.Ordinal);
        Assert.Equal(["x.wav", elsewhere], (await File.ReadAllLinesAsync(output, Cancel))[1..].Select(line => line.Split(',')[0]));
    }

    [Theory]
    [InlineData("{0},low\n")]
    [InlineData("{0},low,0.2,0.3,x,0.7,,\n")]
    [InlineData("{0},low,0.2,0.3,0.5,0.7,,,\n")]
    [InlineData("{0},low,0.2,,0.5,0.7,,\n")]
    [InlineData("\"{0}\"low,0.2,0.3,0.5,0.7,,\n")]
    public async Task A_row_that_cannot_have_been_written_is_torn(string row)
    {
        using var folder = new TemporaryFolder();
        string output = folder.File("out.csv");
        string[] args = ["predict", "--model", tones.Path, tones.Clips[0], tones.Clips[1], "-o", output];
        (await ConsoleRun.Of(args)).Succeeds();
        string[] whole = await File.ReadAllLinesAsync(output, Cancel);
        await File.WriteAllTextAsync(output,
            $"{whole[0]}\n{whole[1]}\n{string.Format(System.Globalization.CultureInfo.InvariantCulture, row, tones.Clips[1])}", Cancel);
        ConsoleRun run = (await ConsoleRun.Of([.. args, "--resume"])).Succeeds();
        Assert.Contains("1 file of 2 are in", run.Error, StringComparison.Ordinal);
        Assert.Equal(whole, await File.ReadAllLinesAsync(output, Cancel));
    }

    [Fact]
    public async Task A_finished_file_is_known_however_it_is_spelt()
    {
        using var folder = new TemporaryFolder();
        string output = folder.File("out.csv"), clip = folder.File("a.wav");
        File.Copy(tones.Clips[0], clip);
        (await ConsoleRun.Of("predict", "--model", tones.Path, $"{folder.Path}/./a.wav", "-o", output)).Succeeds();
        byte[] before = await File.ReadAllBytesAsync(output, Cancel);
        ConsoleRun run = (await ConsoleRun.Of("predict", "--model", tones.Path, clip, "-o", output, "--resume")).Succeeds();
        Assert.Contains("1 file of 1 are in", run.Error, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllBytesAsync(output, Cancel));
    }

    [Fact]
    public async Task A_stopped_batch_leaves_whole_lines()
    {
        using var folder = new TemporaryFolder();
        string output = folder.File("out.csv"), clips = folder.File("clips"), bad = Path.Combine(clips, "10.wav");
        Directory.CreateDirectory(clips);
        for (int i = 0; i < 60; i++) WavWriter.Write(Path.Combine(clips, $"{i:00}.wav"), ToneModel.Tone(i % 3, 1, i, 1));
        byte[] good = await File.ReadAllBytesAsync(bad, Cancel);
        // What is said of it tells where the batch is.
        await File.WriteAllTextAsync(bad, "no audio", Cancel);
        using var stop = new CancellationTokenSource();
        ConsoleRun run = await ConsoleRun.Watched("10.wav", stop.Cancel, stop.Token, "predict", "--model", tones.Path, clips, "-o", output);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("Stopped.", run.Error, StringComparison.Ordinal);
        Assert.InRange(Records(await File.ReadAllBytesAsync(output, Cancel), ".csv"), 11, 59);
        await File.WriteAllBytesAsync(bad, good, Cancel);
        (await ConsoleRun.Of("predict", "--model", tones.Path, clips, "-o", output, "--resume")).Succeeds();
        string resumed = await File.ReadAllTextAsync(output, Cancel);
        (await ConsoleRun.Of("predict", "--model", tones.Path, clips, "-o", output)).Succeeds();
        Assert.Equal(await File.ReadAllTextAsync(output, Cancel), resumed);
        Assert.Equal(61, Records(Encoding.UTF8.GetBytes(resumed), ".csv"));
    }

    private static int Records(byte[] bytes, string extension)
    {
        string text = Encoding.UTF8.GetString(bytes);
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        int lines = text.Count(c => c == '\n');
        // The name with a line break within quotes makes one line more of each of its records.
        return extension == ".csv" ? lines - text.Split("f\ng.wav").Length + 1 : lines;
    }
}
