using System.Text;
using System.Text.Json;
using SerPipeline.Evaluation;
using SerPipeline.Experiments;
using SerPipeline.Prediction;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Console;

/// <summary>After folds, <c>ser train</c> trains on all clips; commands take the run folder for that model.</summary>
public sealed class FinalTrainingTests(TrainedDemo demo)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task After_folds_a_model_of_all_clips_lies_at_the_top_and_says_whose_its_scores_are()
    {
        using var folder = new TemporaryFolder();
        string run = folder.File("run"), zip = folder.File("run", "model.zip");
        ConsoleRun trained = (await Train(run, "--protocol", "kfold", "--folds", "3")).Succeeds();
        Assert.Contains($"Next: ser predict --model {zip} CLIP.wav", trained.Output, StringComparison.Ordinal);

        // 1. The model: all 64 clips, the median of the folds' epochs, no validation.
        using ModelFile final = ModelFile.Load(run);
        Assert.True(final.Record!.IsFinal);
        Assert.Empty(final.Record.TestClips);
        Assert.Equal((64, 0), (final.TrainClips, final.ValidationClips));
        int[] kept = [.. Enumerable.Range(1, 3).Select(fold => Fold(run, fold).History!.ChosenEpoch).Order()];
        Assert.Equal((kept[1], kept[1]), (final.History!.Epochs.Count, final.History.ChosenEpoch));

        // 2. Card, scores, report and record say that the scores are the folds'.
        MetricsFile pooled = MetricsFile.Read(folder.File("run", "metrics.json"));
        string card = Encoding.UTF8.GetString(final.Model.Attachments["README.md"].Span);
        Assert.Contains("This model was trained on all 64 clips, after 3 folds of the same. The scores are those of the folds", card,
            StringComparison.Ordinal);
        RunMetrics scores = MetricsFile.Parse(final.Model.Attachments["metrics.json"].Span, "metrics.json").Runs.Single();
        Assert.Equal((pooled.Pooled.Single().Uar, 64L), (scores.Uar, scores.TestClips));
        Assert.Contains("was trained on all 64 clips", await File.ReadAllTextAsync(folder.File("run", "report.html"), Cancellation),
            StringComparison.Ordinal);
        JsonElement record = RunRecord.Read(folder.File("run", "run.json")).Options["final"];
        Assert.Equal((64, kept[1], "folds"), (record.GetProperty("clips").GetInt32(), record.GetProperty("epochs").GetInt32(),
            record.GetProperty("scores").GetString()));

        // 3. Commands take the folder.
        string clip = Directory.GetFiles(await demo.Corpus, "*.wav", SearchOption.AllDirectories)[0];
        (await ConsoleRun.Of("predict", "--model", run, clip, "-o", folder.File("a.csv"))).Succeeds();
        (await ConsoleRun.Of("predict", "--model", zip, clip, "-o", folder.File("b.csv"))).Succeeds();
        Assert.Equal(await File.ReadAllTextAsync(folder.File("b.csv"), Cancellation),
            await File.ReadAllTextAsync(folder.File("a.csv"), Cancellation));
        (await ConsoleRun.Of("model", "export", run, "-o", folder.File("a.onnx"))).Succeeds();
        (await ConsoleRun.Of("generate", "--model", run, "--name", "Emotion", "--out", folder.File("Emotion"))).Succeeds();
        Assert.Equal(await File.ReadAllBytesAsync(zip, Cancellation),
            await File.ReadAllBytesAsync(folder.File("Emotion", "Emotion.mlnet"), Cancellation));
        ConsoleRun evaluated = (await ConsoleRun.Of("evaluate", "--model", run, "--corpus", "demo", "--data", await demo.Corpus))
            .Succeeds();
        Assert.Contains("These scores include 64 clips whose audio the model was trained on", evaluated.Output, StringComparison.Ordinal);
        ConsoleRun test = await ConsoleRun.Of("evaluate", "--model", run, "--corpus", "demo", "--data", await demo.Corpus, "--only-test");
        Assert.Equal(1, test.ExitCode);
        Assert.Contains("was trained on all clips of demo", test.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_seed_gives_the_same_final_model_and_no_final_leaves_it_out()
    {
        using var folder = new TemporaryFolder();
        foreach (string name in new[] { "a", "b" }) (await Train(folder.File(name), "--protocol", "kfold", "--folds", "2")).Succeeds();
        Assert.Equal(ModelRecord.Read(folder.File("a", "model.zip")).Scoring!.Value.ToArray(),
            ModelRecord.Read(folder.File("b", "model.zip")).Scoring!.Value.ToArray());

        ConsoleRun without = (await Train(folder.File("c"), "--protocol", "kfold", "--folds", "2", "--no-final")).Succeeds();
        Assert.False(File.Exists(folder.File("c", "model.zip")));
        Assert.Contains(Path.Combine("fold-01", "model.zip"), without.Output, StringComparison.Ordinal);
        ConsoleRun several = await ConsoleRun.Of("model", "show", folder.File("c"));
        Assert.Equal(1, several.ExitCode);
        Assert.Contains("has no model.zip at its top", several.Error, StringComparison.Ordinal);
        Assert.Contains(folder.File("c", "fold-02", "model.zip"), several.Error, StringComparison.Ordinal);
        // The only model below a folder, and yet one of some clips.
        foreach (string fold in new[] { "fold-01", "from-ravdess" })
        {
            Directory.CreateDirectory(folder.File(fold, "run", fold));
            File.Copy(folder.File("a", "model.zip"), folder.File(fold, "run", fold, "model.zip"));
            ConsoleRun lone = await ConsoleRun.Of("model", "show", folder.File(fold, "run"));
            Assert.Equal(1, lone.ExitCode);
            Assert.Contains("has no model.zip at its top", lone.Error, StringComparison.Ordinal);
        }
        ConsoleRun none = await ConsoleRun.Of("predict", "--model", folder.File("a", "figures"), "clip.wav");
        Assert.Equal(1, none.ExitCode);
        Assert.Contains("holds no model.zip", none.Error, StringComparison.Ordinal);
        Assert.Equal(2, (await Train(folder.File("d"), "--protocol", "kfold", "--final", "--no-final")).ExitCode);
    }

    private static ModelFile Fold(string run, int number)
    {
        using ModelFile fold = ModelFile.Load(Path.Combine(run, $"fold-{number:00}"));
        return fold;
    }

    private async Task<ConsoleRun> Train(string run, params string[] args) => await ConsoleRun.Of(["train", "--corpus", "demo", "--data",
        await demo.Corpus, "--trainer", "mlp", "--epochs", "3", "--validation-fraction", "0.1", "--cache", demo.Cache, "--out", run,
        .. args]);
}
