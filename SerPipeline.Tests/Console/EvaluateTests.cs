using System.Diagnostics;
using SerPipeline.Audio;
using SerPipeline.Console.Hosting;
using SerPipeline.Evaluation;
using SerPipeline.Experiments;
using SerPipeline.Prediction;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Console;

public sealed class EvaluateTests(TrainedDemo demo)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_new_process_gives_the_predictions_of_the_training()
    {
        using var folder = new TemporaryFolder();
        string run = Path.Combine(await demo.Runs, "mlp-speaker");
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (string argument in new[]
        {
            typeof(ConsoleProgram).Assembly.Location, "evaluate", "--model", Path.Combine(run, "model.zip"), "--corpus", "demo", "--data",
                await demo.Corpus,
            "--only-test", "--out", folder.File("again"),
        })
            start.ArgumentList.Add(argument);
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync(Cancellation);
        string output = await process.StandardOutput.ReadToEndAsync(Cancellation);
        await process.WaitForExitAsync(Cancellation);
        Assert.True(process.ExitCode == 0, await error);
        PredictionFiles.AreAlike(Path.Combine(run, "predictions.csv"), folder.File("again", "predictions.csv"));
        Assert.Contains("protocol speaker-independent", output, StringComparison.Ordinal);
        Assert.Contains("None of these 16 clips has the same decoded audio as a clip of its training or validation part", await error,
            StringComparison.Ordinal);
        Assert.Equal(
            ["figures", "metrics.json", "predictions.csv", "report.html", "run.json"],
            Directory.EnumerateFileSystemEntries(folder.File("again")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Clips_of_the_training_are_counted_and_the_scores_say_so()
    {
        ConsoleRun run = (await Evaluate("mlp-speaker", "--corpus", "demo", "--data", await demo.Corpus)).Succeeds();
        Assert.Contains("48 of these 64 clips have the same decoded audio as a clip of its training or validation part. Its 16 test "
            + "clips can be scored alone", run.Error, StringComparison.Ordinal);
        Assert.Contains("protocol includes-training-clips", run.Output, StringComparison.Ordinal);
        Assert.Contains("These scores include 48 clips whose audio the model was trained on", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Clips_are_recognised_by_their_audio_under_other_names_and_with_other_chunks()
    {
        using var folder = new TemporaryFolder();
        string corpus = await CorpusFolders.WithoutSpeakers(await demo.Corpus, folder);
        foreach (string clip in Directory.GetFiles(corpus, "*.wav", SearchOption.AllDirectories)) await CorpusFolders.AppendChunk(clip);
        ConsoleRun run = (await Evaluate("mlp-random", "--corpus", "folder", "--data", corpus)).Succeeds();
        Assert.Contains("48 of these 64 clips have the same decoded audio as a clip of its training or validation part", run.Error,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Training_clips_saved_anew_are_recognised_by_what_they_sound_like()
    {
        using var folder = new TemporaryFolder();
        string corpus = await CorpusFolders.WithoutSpeakers(await demo.Corpus, folder);
        foreach (string clip in Directory.GetFiles(corpus, "*.wav", SearchOption.AllDirectories))
        {
            AudioClip audio = AudioFile.Read(clip).ToMono();
            float[] softer = [.. audio.Samples.ToArray().Select(sample => sample * 0.3f)];
            WavWriter.Write(clip, new AudioClip(softer, audio.SampleRateHz).Resample(11025));
        }
        ConsoleRun run = (await Evaluate("mlp-random", "--corpus", "folder", "--data", corpus)).Succeeds();
        Assert.Contains("48 of these 64 clips sound like other versions of a clip of its training or validation part: saved anew, louder "
            + "or cut.", run.Error, StringComparison.Ordinal);
        Assert.Contains("protocol includes-training-clips", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_condition_is_in_the_protocols_name_and_changes_what_is_heard()
    {
        using var folder = new TemporaryFolder();
        var scores = new List<PredictionSet>();
        foreach (string? condition in (string?[])[null, "telephone"])
        {
            string name = condition is null ? "speaker-independent" : $"speaker-independent@{condition}", run = folder.File(name);
            ConsoleRun said = (await Evaluate("mlp-speaker", ["--corpus", "demo", "--data", await demo.Corpus, "--only-test", "--out", run,
                .. condition is null ? Array.Empty<string>() : ["--condition", condition]])).Succeeds();
            Assert.Contains($"protocol {name}:", said.Output, StringComparison.Ordinal);
            Assert.Equal(name, MetricsFile.Read(Path.Combine(run, MetricsFile.FileName)).Runs[0].Protocol);
            scores.Add(PredictionsCsv.Read(Path.Combine(run, PredictionsCsv.FileName)));
        }
        Assert.NotEqual(scores[0].Rows.Select(row => row.Probabilities), scores[1].Rows.Select(row => row.Probabilities));
    }

    [Fact]
    public async Task Labels_the_model_does_not_know_are_left_out_and_counted()
    {
        using var folder = new TemporaryFolder();
        string corpus = await CorpusFolders.WithoutSpeakers(await demo.Corpus, folder);
        Directory.Move(Path.Combine(corpus, "happy"), Path.Combine(corpus, "bored"));
        ConsoleRun run = (await Evaluate("mlp-random", "--corpus", "folder", "--data", corpus, "--json")).Succeeds();
        Assert.Contains("8 clips with labels the model does not know (bored) are left out.", run.Error, StringComparison.Ordinal);
        string metrics = folder.File("metrics.json");
        await File.WriteAllTextAsync(metrics, run.Output, Cancellation);
        RunMetrics read = Assert.Single(MetricsFile.Read(metrics).Runs);
        Assert.Equal((56, "labels"), (read.TestClips, read.Dataset));
        ConsoleRun table = (await Evaluate("mlp-random", "--corpus", "folder", "--data", corpus, "--out", folder.File("run"))).Succeeds();
        const string Note = "1 label without a test clip counts as 0 in the macro averages; UAR leaves it out.";
        Assert.Contains(Note, table.Output, StringComparison.Ordinal);
        Assert.Contains(Note, await File.ReadAllTextAsync(folder.File("run/report.html"), Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_data_set_is_scored_under_the_map_that_its_training_was_given()
    {
        using var folder = new TemporaryFolder();
        string clips = await CorpusFolders.WithoutSpeakers(await demo.Corpus, folder), own = folder.File("own.json");
        // One label exists through a map alone, and the definition's own map is not the training's.
        await File.WriteAllTextAsync(own, $$"""
            { "version": 1, "datasets": { "mine": { "description": "two labels", "labels": [ "angry", "high" ], "map": { "happy": "high" },
              "corpora": [ { "name": "mine", "format": "folder", "path": "{{Path.GetFileName(clips)}}" } ] } } }
            """, Cancellation);
        string[] set = ["--dataset", "mine", "--datasets", own, "--cache", demo.Cache];
        (await ConsoleRun.Of(["train", .. set, "--map", "surprised=high", "--trainer", "lda", "--out", folder.File("run")])).Succeeds();
        ConsoleRun again = (await ConsoleRun.Of(["evaluate", .. set, "--only-test", "--model", folder.File("run/model.zip")])).Succeeds();
        Assert.Contains("--map surprised=high", again.Error, StringComparison.Ordinal);
        long tested = MetricsFile.Read(folder.File("run", "metrics.json")).Runs[0].TestClips;
        Assert.Contains($"lda on {tested} clips", again.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_corpus_without_any_known_label_is_refused()
    {
        using var folder = new TemporaryFolder();
        string corpus = await CorpusFolders.WithoutSpeakers(await demo.Corpus, folder);
        foreach (string label in Directory.GetDirectories(corpus)) Directory.Move(label, label + "-like");
        ConsoleRun run = await Evaluate("mlp-random", "--corpus", "folder", "--data", corpus);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("has none of them", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_test_where_a_test_clip_is_gone_is_called_a_part_of_the_test()
    {
        using var folder = new TemporaryFolder();
        string tested = PredictionsCsv.Read(Path.Combine(await demo.Runs, "mlp-random", PredictionsCsv.FileName)).Rows[0].Path,
            corpus = await CorpusFolders.AsRecorded(await demo.Corpus, folder, clip => clip.RelativePath != tested);
        ConsoleRun run = (await Evaluate("mlp-random", "--corpus", "ravdess", "--data", corpus, "--only-test", "--json")).Succeeds();
        Assert.Contains("warning: 1 of the model's 16 test clips are not among these, so the scores are not those of its test; the "
            + "protocol is called part-of-test.", run.Error, StringComparison.Ordinal);
        await File.WriteAllTextAsync(folder.File("metrics.json"), run.Output, Cancellation);
        RunMetrics metrics = Assert.Single(MetricsFile.Read(folder.File("metrics.json")).Runs);
        Assert.Equal(("part-of-test", 15), (metrics.Protocol, metrics.TestClips));
    }

    [Fact]
    public async Task Only_test_on_another_corpus_finds_nothing_and_says_so()
    {
        using var folder = new TemporaryFolder();
        (await ConsoleRun.Of("synth", "--out", folder.File("other"), "--speakers", "1", "--clips", "1", "--seed", "1")).Succeeds();
        ConsoleRun run = await Evaluate("mlp-random", "--corpus", "demo", "--data", folder.File("other"), "--only-test");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("None of the model's 16 test clips", run.Error, StringComparison.Ordinal);
        ConsoleRun whole = (await Evaluate("mlp-random", "--corpus", "demo", "--data", folder.File("other"), "--name", "elsewhere"))
            .Succeeds();
        Assert.Contains("protocol other-data-unchecked", whole.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_data_set_is_not_claimed_to_have_other_speakers_and_counts_come_from_the_training()
    {
        using var folder = new TemporaryFolder();
        (await ConsoleRun.Of("synth", "--out", folder.File("other"), "--speakers", "1", "--clips", "1", "--seed", "1")).Succeeds();
        ConsoleRun run = (await Evaluate("mlp-random", "--corpus", "demo", "--data", folder.File("other"), "--name", "elsewhere", "--out",
            folder.File("run"))).Succeeds();
        Assert.Contains("whether the two have speakers in common is not known, so the protocol is called other-data-unchecked. 1 "
            + "speaker name is in both: 01.", run.Error, StringComparison.Ordinal);
        Assert.Contains("Corpus elsewhere (synthetic): 8 clips", run.Error, StringComparison.Ordinal);
        RunMetrics metrics = MetricsFile.Read(folder.File("run", "metrics.json")).Runs[0];
        Assert.Null(metrics.SharedSpeakers);
        Assert.Empty(metrics.HeldOutSpeakers);
        RunMetrics trained = MetricsFile.Read(Path.Combine(await demo.Runs, "mlp-random", "metrics.json")).Runs[0];
        Assert.Equal((trained.TrainClips, trained.ValidationClips), (metrics.TrainClips, metrics.ValidationClips));
        Assert.True(metrics.ValidationClips > 0);
        Assert.DoesNotContain("notice good", await File.ReadAllTextAsync(folder.File("run", "report.html"), Cancellation),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_model_of_unknown_speakers_is_never_called_speaker_independent()
    {
        using var folder = new TemporaryFolder();
        string corpus = await CorpusFolders.WithoutSpeakers(await demo.Corpus, folder);
        (await ConsoleRun.Of("train", "--corpus", "folder", "--data", corpus, "--name", "mine", "--trainer", "mlp", "--epochs", "1",
            "--out", folder.File("run"), "--cache", demo.Cache)).Succeeds();
        (await ConsoleRun.Of("synth", "--out", folder.File("new"), "--speakers", "1", "--clips", "1", "--seed", "1")).Succeeds();
        ConsoleRun run = (await ConsoleRun.Of(
            "evaluate", "--model", folder.File("run", "model.zip"), "--corpus", "demo", "--data", folder.File("new"), "--name", "mine",
                "--cache", demo.Cache)).Succeeds();
        Assert.Contains("protocol unknown:", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_model_of_synthetic_clips_scored_on_others_is_called_so()
    {
        using var folder = new TemporaryFolder();
        string corpus = await CorpusFolders.WithoutSpeakers(await demo.Corpus, folder);
        ConsoleRun other = (await Evaluate("mlp-random", "--corpus", "folder", "--data", corpus)).Succeeds();
        Assert.Contains("The model learned from synthetic clips only", other.Error, StringComparison.Ordinal);
        ConsoleRun same = (await Evaluate("mlp-random", "--corpus", "demo", "--data", await demo.Corpus)).Succeeds();
        Assert.DoesNotContain("The model learned from synthetic clips only", same.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Notes_with_null_in_them_are_a_damaged_model()
    {
        using var folder = new TemporaryFolder();
        string model = folder.File("model.zip");
        File.Copy(Path.Combine(await demo.Runs, "mlp-random", "model.zip"), model);
        IReadOnlyDictionary<string, string> notes = ModelRecord.Read(model).Notes;
        foreach (string key in new[] { "dataset", "training.people", "test.audio" })
        {
            var damaged = new Dictionary<string, string>(notes, StringComparer.Ordinal) { [key] = null! };
            var document = new ModelRecord { LibraryVersion = "1.0.0", Notes = damaged };
            Assert.Contains($"'{key}' is null", Assert.Throws<ModelFormatException>(() => TrainingRecord.From(document, model)).Message,
                StringComparison.Ordinal);
        }
    }

    private async Task<ConsoleRun> Evaluate(string run, params string[] args) =>
        await ConsoleRun.Of(["evaluate", "--model", Path.Combine(await demo.Runs, run, "model.zip"), "--cache", demo.Cache, .. args]);
}
