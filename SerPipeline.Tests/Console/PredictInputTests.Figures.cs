using SerPipeline.Audio;
using SerPipeline.Reports;
using SerPipeline.Reports.Plots;
using SerPipeline.Tests.Support;


namespace SerPipeline.Tests.Console;

/// <content>Figures: of one recording, and nothing else fails with them.</content>
public sealed partial class PredictInputTests
{
    [Fact]
    public async Task A_figure_that_cannot_be_drawn_costs_no_prediction()
    {
        using var folder = new TemporaryFolder();
        string picture = folder.File("folder.png");
        Directory.CreateDirectory(picture);
        foreach (string[] more in new string[][] { [], ["--csv"], ["--stream"] })
        {
            ConsoleRun run = await Predict(Stream.Null, [tones.Clips[0], "--figure", picture, .. more]);
            Assert.Equal(1, run.ExitCode);
            Assert.Contains(tones.Clips[0], run.Output, StringComparison.Ordinal);
            Assert.Contains("Predicted 1 recording", run.Error, StringComparison.Ordinal);
            Assert.Contains($"error: The figure '{picture}' was not drawn: ", run.Error, StringComparison.Ordinal);
        }
        // Too slow for a recording of speech, and so for a spectrogram.
        byte[] slow = WavFloat([.. Enumerable.Range(0, 800).Select(i => MathF.Sin(i))]);
        BitConverter.TryWriteBytes(slow.AsSpan(24), 800);
        await File.WriteAllBytesAsync(folder.File("slow.wav"), slow, Cancel);
        ConsoleRun streamed = await Predict(Stream.Null, folder.File("slow.wav"), "--stream", "--csv", "--figure", folder.File("slow.png"));
        Assert.Equal(1, streamed.ExitCode);
        Assert.Empty(Fields(streamed.Output));
        Assert.Contains("the rate must be at least 1000 Hz", streamed.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_figure_is_of_one_file_however_that_is_named()
    {
        using var folder = new TemporaryFolder();
        Copy(folder.File("one/a.wav"));
        string figure = folder.File("a.svg"), output = folder.File("a.csv");
        await File.WriteAllTextAsync(folder.File("list.txt"), folder.File("one/a.wav"), Cancel);
        (await Predict(Stream.Null, "--list", folder.File("list.txt"), "--figure", figure)).Succeeds();
        (await Predict(Stream.Null, folder.File("one"), "--figure", figure, "-o", output)).Succeeds();
        foreach (string[] stream in new string[][] { [], ["--stream"] })
        {
            (await Predict(Stream.Null, [folder.File("one"), "-o", output, .. stream])).Succeeds();
            File.Delete(figure);
            // All is predicted already, or but the last recording: there is a figure all the same.
            Assert.Contains("Drew", (await Predict(Stream.Null,
                [folder.File("one"), "-o", output, "--resume", "--figure", figure, .. stream])).Succeeds().Error, StringComparison.Ordinal);
            Assert.True(File.Exists(figure));
        }
        Copy(folder.File("one/b.wav"));
        foreach (string[] stream in new string[][] { [], ["--stream"] })
        {
            ConsoleRun two = await Predict(Stream.Null, [folder.File("one"), "--figure", figure, .. stream]);
            Assert.Equal(2, two.ExitCode);
            Assert.Contains("--figure draws one recording: name one file, 2 were found", two.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_figure_has_no_line_where_the_model_abstained()
    {
        using var folder = new TemporaryFolder();
        async Task<string> Draw(params string[] more)
        {
            (await Predict(Stream.Null, [tones.Clips[0], "--figure", folder.File("a.svg"), .. more])).Succeeds();
            return await File.ReadAllTextAsync(folder.File("a.svg"), Cancel);
        }
        string named = await Draw(), abstained = await Draw("--threshold", "1");
        Assert.NotEqual(named, abstained);
        // The line of the label is all that goes.
        Assert.Equal(1, named.Split("<line").Length + named.Split("<path").Length - abstained.Split("<line")
            .Length - abstained.Split("<path").Length);
    }

    [Fact]
    public void An_outline_has_the_least_sample_of_the_recording_and_ends()
    {
        foreach ((float value, int length) in new[] { (0.5f, 16000), (-0.25f, 16000 * 60), (0.5f, 7) })
        {
            var samples = new float[length];
            Array.Fill(samples, value);
            var outline = new RecordingOutline(16000);
            outline.Add(new AudioClip(samples, 16000));
            EmotionTimelineData data = outline.Complete(["a"], []);
            Assert.All(data.Low, low => Assert.Equal(value, low));
            Assert.All(data.High, high => Assert.Equal(value, high));
            Assert.InRange(data.Low.Count * data.SecondsPerColumn, length / 16000.0, (length / 16000.0) + (2 * data.SecondsPerColumn));
            Assert.Throws<InvalidOperationException>(() => outline.Add(new AudioClip(samples, 16000)));
        }
    }
}
