using System.Text;
using SerPipeline.Console.Commands;
using SerPipeline.Console.Hosting;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Console;

/// <content>What is written, over what it is not, and what is said where that ends early.</content>
public sealed partial class PredictInputTests
{
    [Fact]
    public async Task Nothing_that_is_read_is_written_over()
    {
        using var folder = new TemporaryFolder();
        string kept = folder.File("keep.csv"), audio = folder.File("in.csv"), picture = folder.File("in.png"),
            model = folder.File("model.csv"), link = folder.File("link.csv");
        await File.WriteAllTextAsync(kept, "earlier results", Cancel);
        foreach (string path in new[] { audio, picture }) Copy(path);
        File.Copy(tones.Path, model);
        File.CreateSymbolicLink(link, audio);
        Directory.CreateSymbolicLink(folder.File("linked"), folder.Path);
        Assert.Equal(1, (await Predict(Stream.Null, folder.File("nowhere"), "-o", kept)).ExitCode);
        Assert.Equal("earlier results", await File.ReadAllTextAsync(kept, Cancel));
        foreach (string[] args in new string[][] { [audio, "-o", audio], [audio, "-o", link], [audio, "-o", folder.File("linked/in.csv")],
            [picture, "--figure", picture], ["--model", model, audio, "-o", model] })
        {
            ConsoleRun run = await ConsoleRun.Of(["predict", .. args.Contains("--model") ? Array.Empty<string>() : ["--model", tones.Path],
                .. args]);
            Assert.Equal(2, run.ExitCode);
            Assert.Contains("is read by this command too", run.Error, StringComparison.Ordinal);
        }
        Assert.Equal(await File.ReadAllBytesAsync(tones.Clips[0], Cancel), await File.ReadAllBytesAsync(audio, Cancel));
        Assert.Equal(await File.ReadAllBytesAsync(tones.Clips[0], Cancel), await File.ReadAllBytesAsync(picture, Cancel));
        Assert.Equal(await File.ReadAllBytesAsync(tones.Path, Cancel), await File.ReadAllBytesAsync(model, Cancel));
    }

    [Fact]
    public async Task What_fails_in_writing_is_not_the_recordings_fault()
    {
        using var full = new FullDisk(lines: 3);
        ConsoleRun run = await ConsoleRun.Of(Stream.Null, full, Cancel, "predict", "--model", tones.Path, tones.Clips[0], tones.Clips[1],
            "--stream", "--window", "0.2", "--hop", "0.1", "--csv");
        Assert.Equal(1, run.ExitCode);
        Assert.Equal(["error: No space left on device"],
            run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
    }

    [Fact]
    public async Task A_wav_file_piped_as_raw_samples_is_warned_of()
    {
        byte[] wav = await File.ReadAllBytesAsync(tones.Clips[0], Cancel);
        foreach (string[] stream in new string[][] { [], ["--stream"] })
        {
            Assert.Contains("warning: Standard input begins as a WAV file",
                (await Predict(new MemoryStream(wav), ["--stdin", "--rate", "16000", .. stream])).Succeeds().Error,
                StringComparison.Ordinal);
            Assert.DoesNotContain("WAV", (await Predict(new MemoryStream(wav[44..]), ["--stdin", "--rate", "16000", .. stream])).Succeeds()
                .Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_timeline_that_is_stopped_does_not_claim_that_nothing_of_it_was_written()
    {
        using var stop = new CancellationTokenSource();
        using var list = new StoppingList(Encoding.UTF8.GetBytes(tones.Clips[0]), stop);
        ConsoleRun run = await ConsoleRun.Of(list, stop.Token, "predict", "--model", tones.Path, "-", "--stream", "--csv");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("Stopped. The current recording is written up to this point.", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("have not been written", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_table_that_is_stopped_has_the_rows_that_were_done()
    {
        using var folder = new TemporaryFolder();
        string[] clips = [.. Enumerable.Range(0, 40).Select(i => folder.File($"{i:00}.wav"))];
        foreach (string clip in clips) Copy(clip);
        await File.WriteAllTextAsync(clips[1], "no audio", Cancel);
        using var stop = new CancellationTokenSource();
        using var output = new StringWriter();
        using var error = new StoppingWriter(stop);
        var environment = new ConsoleEnvironment(new Terminal(ConsoleRun.Piped(output), ConsoleRun.Piped(error)), TimeProvider.System);
        Assert.Equal(1, await ConsoleProgram.RunAsync(["predict", "--model", tones.Path, .. clips], environment, stop.Token));
        Assert.Contains(clips[0], output.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(clips[^1], output.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "0:00.00")]
    [InlineData(59.994, "0:59.99")]
    [InlineData(59.996, "1:00.00")]
    [InlineData(3599.999, "60:00.00")]
    [InlineData(61.5, "1:01.50")]
    public void A_clock_never_shows_sixty_seconds(double seconds, string expected) => Assert.Equal(expected,
        PredictionWriter.Clock(TimeSpan.FromSeconds(seconds)));

    /// <summary>Takes some lines, and then no more.</summary>
    private sealed class FullDisk(int lines) : StringWriter
    {
        private int _left = lines;

        public override void WriteLine(string? value)
        {
            if (_left-- == 0) throw new IOException("No space left on device");
            base.WriteLine(value);
        }
    }

    /// <summary>Somebody presses Ctrl-C when there is something to read.</summary>
    private sealed class StoppingWriter(CancellationTokenSource stop) : StringWriter
    {
        public override void WriteLine(string? value)
        {
            stop.Cancel();
            base.WriteLine(value);
        }
    }

    /// <summary>A list; somebody presses Ctrl-C while it is read.</summary>
    private sealed class StoppingList(byte[] bytes, CancellationTokenSource stop) : MemoryStream(bytes)
    {
        public override int Read(Span<byte> buffer)
        {
            stop.Cancel();
            return base.Read(buffer);
        }

        public override int Read(byte[] buffer, int offset, int count)
        {
            stop.Cancel();
            return base.Read(buffer, offset, count);
        }
    }
}
