using System.Globalization;
using System.Text.Json;
using SerPipeline.Audio;
using SerPipeline.Corpora;
using SerPipeline.Evaluation;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Console;

public sealed class PredictTests(TrainedDemo demo)
{
    private static readonly string[] Labels = ["neutral", "calm", "happy", "sad", "angry", "fearful", "disgust", "surprised"];

    [Fact]
    public async Task A_file_gets_a_row_with_every_probability()
    {
        ConsoleRun run = (await Predict(await Clip())).Succeeds();
        string[] lines = Lines(run.Output);
        Assert.Equal(["clip", "emotion", .. Labels, "notes"], lines[0].Split(' ', StringSplitOptions.RemoveEmptyEntries));
        string[] row = lines[1].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2 + Labels.Length, row.Length);
        Assert.Contains(row[1], Labels);
        // Eight probabilities, each rounded to three digits.
        Assert.Equal(1, row[2..].Sum(p => double.Parse(p, CultureInfo.InvariantCulture)), 8 * 0.0005);
    }

    // The training scored through ML.NET's softmax, the model file scores through its graph's: float32's last bits may differ.
    [Fact]
    public async Task Json_and_csv_carry_the_probabilities_of_the_training()
    {
        PredictionSet trained = PredictionsCsv.Read(Path.Combine(await demo.Runs, "mlp-speaker", "predictions.csv"));
        string[] paths = [.. await Task.WhenAll(trained.Rows.Take(3).Select(async row => Path.Combine(await demo.Corpus, row.Path)))];

        string[] json = Lines((await Predict(["--json", .. paths])).Succeeds().Output);
        string[] csv = Lines((await Predict(["--csv", .. paths])).Succeeds().Output);
        Assert.Equal(3, json.Length);
        Assert.Equal($"path,predicted,{string.Join(',', Labels.Select(label => "probability_" + label))},seconds,notes,quality", csv[0]);
        for (int i = 0; i < 3; i++)
        {
            using JsonDocument line = JsonDocument.Parse(json[i]);
            Assert.Equal(paths[i], line.RootElement.GetProperty("path").GetString());
            Assert.Equal(trained.Rows[i].Predicted, line.RootElement.GetProperty("predicted").GetString());
            float[] probabilities = [.. Labels.Select(label => line.RootElement.GetProperty("probabilities").GetProperty(label)
                .GetSingle())];
            Assert.Equal(trained.Rows[i].Probabilities, probabilities, (a, b) => Math.Abs(a - b) <= 1e-6);
            string[] fields = csv[i + 1].Split(',');
            Assert.Equal((paths[i], trained.Rows[i].Predicted), (fields[0], fields[1]));
            Assert.Equal(probabilities, fields[2..^3].Select(field => float.Parse(field, CultureInfo.InvariantCulture)));
        }
    }

    [Fact]
    public async Task A_recording_of_a_telephone_is_warned_of_unless_the_model_learned_from_such()
    {
        using var folder = new TemporaryFolder();
        string call = folder.File("call.wav"), model = folder.File("run", "model.zip");
        AudioClip clip = AudioFile.Read(await Clip()).ToMono();
        WavWriter.Write(call, clip.Under(RecordingCondition.Telephone));
        ConsoleRun run = (await Predict(call, await Clip())).Succeeds();
        Assert.Contains("narrow-band", run.Output, StringComparison.Ordinal);
        Assert.Contains("warning: 1 recording has nothing above 4.6 kHz, as over a telephone.", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("telephone", (await Predict(await Clip())).Succeeds().Error, StringComparison.Ordinal);
        Assert.Contains("warning: 1 recording has nothing above 4.6 kHz", (await Predict("--stream", call)).Succeeds().Error,
            StringComparison.Ordinal);
        Assert.DoesNotContain("telephone", (await Predict("--stream", await Clip())).Succeeds().Error, StringComparison.Ordinal);
        (await ConsoleRun.Of("train", "--corpus", "demo", "--data", await demo.Corpus, "--trainer", "lda", "--protocol", "random",
            "--copies", "telephone", "--out", folder.File("run"), "--cache", demo.Cache)).Succeeds();
        Assert.DoesNotContain("telephone", (await ConsoleRun.Of("predict", "--model", model, call)).Succeeds().Error,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bad_files_are_named_the_rest_is_done_and_the_exit_code_is_1()
    {
        using var folder = new TemporaryFolder();
        string text = folder.File("notes.wav");
        await File.WriteAllTextAsync(text, "no audio at all", TestContext.Current.CancellationToken);
        ConsoleRun run = await Predict("--csv", text, folder.File("absent.wav"), await Clip());
        Assert.Equal(1, run.ExitCode);
        Assert.Equal(2, Lines(run.Output).Length);
        Assert.Contains(await Clip(), run.Output, StringComparison.Ordinal);
        Assert.Contains("notes.wav", run.Error, StringComparison.Ordinal);
        Assert.Contains($"There is no file or folder '{folder.File("absent.wav")}'.", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Folders_are_searched_at_any_depth_in_order_and_hidden_files_are_passed_over()
    {
        using var folder = new TemporaryFolder();
        byte[] audio = await File.ReadAllBytesAsync(await Clip(), TestContext.Current.CancellationToken);
        foreach (string name in new[] { "b.wav", "deep/er/a.WAV", ".hidden.wav", "read.me" })
        {
            Directory.CreateDirectory(Path.GetDirectoryName(folder.File(name))!);
            await File.WriteAllBytesAsync(folder.File(name), audio, TestContext.Current.CancellationToken);
        }
        ConsoleRun run = (await Predict("--csv", folder.Path)).Succeeds();
        Assert.Equal([folder.File("b.wav"), folder.File("deep/er/a.WAV")], Lines(run.Output).Skip(1).Select(line => line.Split(',')[0]));
    }

    [Fact]
    public async Task An_empty_folder_is_an_error()
    {
        using var folder = new TemporaryFolder();
        ConsoleRun run = await Predict(folder.Path);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("holds no audio file", run.Error, StringComparison.Ordinal);
        Assert.Empty(run.Output);
    }

    [Fact]
    public async Task A_model_of_synthetic_clips_says_so()
    {
        ConsoleRun run = (await Predict(await Clip())).Succeeds();
        Assert.Contains("The model learned from synthetic clips", run.Error, StringComparison.Ordinal);
        foreach (string format in new[] { "--json", "--csv" })
            Assert.Contains("warning: The model learned from synthetic clips", (await Predict(format, await Clip())).Succeeds().Error,
                StringComparison.Ordinal);
    }

    [Fact]
    public async Task Real_recordings_of_every_kind_get_an_answer()
    {
        string clips = Companions.Require("clips");
        ConsoleRun run = (await Predict("--csv", clips)).Succeeds();
        Assert.Equal(Directory.GetFiles(clips).Length, Lines(run.Output).Length - 1);
    }

    private async Task<string> Clip() => CorpusLoader.Load("demo", await demo.Corpus).Clips[0].Path;

    private async Task<ConsoleRun> Predict(params string[] args) =>
        await ConsoleRun.Of(["predict", "--model", Path.Combine(await demo.Runs, "mlp-speaker", "model.zip"), .. args]);

    private static string[] Lines(string text) => text.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
}
