using System.Text.Json;
using SerPipeline.Corpora;
using SerPipeline.Evaluation;
using SerPipeline.Prediction;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Console;

/// <summary>What ser train finds out about a corpus before it trains, and what it keeps when it fails later.</summary>
public sealed class TrainCheckTests(TrainedDemo demo)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Copied_audio_is_counted_under_random_told_in_the_files_and_scored_once()
    {
        using var folder = new TemporaryFolder();
        string corpus = await CorpusFolders.WithoutSpeakers(await demo.Corpus, folder);
        // Every clip has a twin with other bytes, so whatever the split, some are parted.
        foreach (string clip in Directory.GetFiles(corpus, "*.wav", SearchOption.AllDirectories))
        {
            string twin = Path.ChangeExtension(clip, null) + "-twin.wav";
            File.Copy(clip, twin);
            await CorpusFolders.AppendChunk(twin);
        }
        string[] common = ["--corpus", "folder", "--data", corpus, "--cache", demo.Cache, "--keep-doubtful"];
        ConsoleRun run = (await ConsoleRun.Of(["train", .. common, "--trainer", "mlp", "--protocol", "random", "--epochs", "1", "--out",
            folder.File("run")])).Succeeds();
        RunRecord record = RunRecord.Read(folder.File("run", "run.json"));
        int copies = record.Options["split"].GetProperty("leakCheck").GetProperty("touched").GetInt32(),
            tested = MetricsFile.Read(folder.File("run", "metrics.json")).Runs[0].TestClips is var n ? (int)n : 0;
        Assert.InRange(copies, 1, tested);
        string sentence = $"Under the random protocol {copies} of {tested} test clips have the same decoded audio as a training clip.";
        Assert.Contains("warning: " + sentence, run.Error, StringComparison.Ordinal);
        Assert.Contains(sentence, run.Output, StringComparison.Ordinal);
        Assert.Contains(sentence, await File.ReadAllTextAsync(folder.File("run", "report.html"), Cancellation), StringComparison.Ordinal);

        // The test part is found again, although its audio alone does not tell the side.
        ConsoleRun again = (await ConsoleRun.Of(["evaluate", "--model", folder.File("run", "model.zip"), .. common, "--only-test", "--out",
            folder.File("again")])).Succeeds();
        PredictionFiles.AreAlike(folder.File("run", "predictions.csv"), folder.File("again", "predictions.csv"));
        Assert.Contains($"{copies} of these {tested} clips have the same decoded audio as a clip of its training", again.Error,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Copied_audio_stops_a_speaker_protocol_before_training_and_unreadable_twins_do_not()
    {
        using var folder = new TemporaryFolder();
        string corpus = await CorpusFolders.AsRecorded(await demo.Corpus, folder, _ => true);
        string[] actors = [.. Directory.GetDirectories(corpus, "Actor_*").Order(StringComparer.Ordinal)];
        // Two files that are no audio and have equal bytes, of two speakers.
        string[] args = ["train", "--corpus", "ravdess", "--data", corpus, "--trainer", "mlp", "--protocol", "speaker", "--test-speakers",
            "1", "--epochs", "1", "--cache", demo.Cache];
        foreach (string actor in actors[..2])
            await File.WriteAllTextAsync(Directory.GetFiles(actor).Order(StringComparer.Ordinal).First(), "the same", Cancellation);
        ConsoleRun broken = (await ConsoleRun.Of([.. args, "--out", folder.File("broken")])).Succeeds();
        Assert.Contains("warning: 2 clips could not be read", broken.Error, StringComparison.Ordinal);

        string original = Directory.GetFiles(actors[0]).Order(StringComparer.Ordinal).Last(),
            twin = Directory.GetFiles(actors[1]).Order(StringComparer.Ordinal).Last();
        File.Copy(original, twin, overwrite: true);
        await CorpusFolders.AppendChunk(twin);
        ConsoleRun run = await ConsoleRun.Of([.. args, "--keep-doubtful", "--out", folder.File("run")]);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("1 test clip with the same audio content as a training clip", run.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder.File("run")));

        // Unless asked for, the later of the two is left out and named, in every place.
        run = (await ConsoleRun.Of([.. args, "--out", folder.File("run")])).Succeeds();
        string named = CorpusFiles.Relative(corpus, twin) + ": holds the same audio as " + CorpusFiles.Relative(corpus, original);
        Assert.Contains(named, run.Error, StringComparison.Ordinal);
        Assert.Contains(named, await File.ReadAllTextAsync(folder.File("run", "report.html"), Cancellation), StringComparison.Ordinal);
        JsonElement problem = RunRecord.Read(folder.File("run", "run.json")).Options["corpus"].GetProperty("problems").EnumerateArray()
            .Single(found => found.GetProperty("kind").GetString() == "Duplicate");
        Assert.True(problem.GetProperty("leftOut").GetBoolean());
        Assert.Equal(CorpusFiles.Relative(corpus, twin), problem.GetProperty("relativePath").GetString());
    }

    [Fact]
    public async Task A_label_that_only_the_test_part_has_is_found_before_training()
    {
        using var folder = new TemporaryFolder();
        string corpus = await CorpusFolders.AsRecorded(await demo.Corpus, folder, _ => true);
        // Only speaker 01 is left to be happy (emotion 03).
        foreach (CorpusClip clip in CorpusLoader.Load("ravdess", corpus).Clips.Where(clip => clip.Label == "happy"
            && clip.Speaker != "01")) File.Delete(clip.Path);
        ConsoleRun run = await ConsoleRun.Of(
            "train", "--corpus", "ravdess", "--data", corpus, "--trainer", "mlp", "--epochs", "1", "--protocol", "speaker",
                "--test-speakers", "1", "--out", folder.File("run"), "--cache", demo.Cache);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("could not be learned: happy. Use another seed or other folds, or leave the labels out", run.Error,
            StringComparison.Ordinal);
        Assert.DoesNotContain("reading clips", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_validation_part_that_cannot_be_made_is_found_before_the_first_training()
    {
        using var folder = new TemporaryFolder();
        ConsoleRun run = await ConsoleRun.Of(
            "train", "--corpus", "demo", "--data", await demo.Corpus, "--trainer", "mlp", "--protocol", "random,speaker",
                "--test-speakers", "1,2,3", "--epochs", "1", "--validation-fraction", "0.1",
            "--out", folder.File("run"), "--cache", demo.Cache);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("only one speaker (04)", run.Error, StringComparison.Ordinal);
        Assert.Contains("A validation fraction of 0 (ValidationFraction, --validation-fraction) trains without one.", run.Error,
            StringComparison.Ordinal);
        Assert.DoesNotContain("reading clips", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Runs_that_were_complete_stay_complete_when_a_later_one_fails()
    {
        using var folder = new TemporaryFolder();
        string runs = folder.File("runs");
        // While the second run trains, something takes the place of its folder.
        ConsoleRun run = await ConsoleRun.Watched("mlp, speaker: training",
            () => File.WriteAllText(Path.Combine(runs, "mlp-speaker"), "in the way"), Cancellation, "train", "--corpus", "demo", "--data",
            await demo.Corpus, "--trainer", "mlp", "--epochs", "1", "--out", runs, "--cache", demo.Cache);
        Assert.True(run.ExitCode == 1, run.Error);
        Assert.Contains($"1 of 2 runs are complete in {runs}: mlp-random", run.Error, StringComparison.Ordinal);
        Assert.Equal("random", Assert.Single(MetricsFile.Read(Path.Combine(runs, "metrics.json")).Runs).Protocol);
        Assert.True(File.Exists(Path.Combine(runs, "mlp-random", "model.zip")));
    }

    [Fact]
    public async Task Counts_of_known_voices_leave_out_clips_that_could_not_be_read()
    {
        using var folder = new TemporaryFolder();
        string corpus = await CorpusFolders.AsRecorded(await demo.Corpus, folder, _ => true);
        // One clip in every four is broken, so some of the test clips are; each costs a try of ffmpeg.
        foreach ((int i, CorpusClip clip) in CorpusLoader.Load("ravdess", corpus).Clips.Index())
            if (i % 4 == 0) await File.WriteAllTextAsync(clip.Path, "RIFF", Cancellation);
        ConsoleRun run = (await ConsoleRun.Of(
            "train", "--corpus", "ravdess", "--data", corpus, "--trainer", "mlp", "--protocol", "random", "--test-fraction", "0.4",
                "--epochs", "1", "--out", folder.File("run"), "--cache", demo.Cache)).Succeeds();
        long tested = MetricsFile.Read(folder.File("run", "metrics.json")).Runs[0].TestClips;
        Assert.InRange(tested, 1, 24);
        Assert.Contains($"{tested} of its {tested} test clips", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Voices_without_names_teach_no_adapting_and_are_told_of()
    {
        using var folder = new TemporaryFolder();
        string corpus = await CorpusFolders.WithoutSpeakers(await demo.Corpus, folder);
        Task<ConsoleRun> Train(params string[] options) => ConsoleRun.Of(["train", "--corpus", "folder", "--data", corpus,
            "--out", folder.File("run"), "--cache", demo.Cache, .. options]);
        ConsoleRun asked = await Train("--trainer", "lda", "--protocol", "random", "--adapt");
        Assert.Equal(1, asked.ExitCode);
        Assert.Contains("every training clip's speaker, so no model can learn to adapt", asked.Error, StringComparison.Ordinal);
        // Refused in the end for its second protocol, so nothing is trained.
        string recipe = (await Train("--trainer", "lda,recipe-small", "--protocol", "random,loso")).Error;
        Assert.Contains("so recipe-small will not learn to adapt", recipe, StringComparison.Ordinal);
        Assert.DoesNotContain("adapt", (await Train("--trainer", "lda", "--protocol", "random,loso")).Error,
            StringComparison.Ordinal);

        // Who is tested alone may be unknown.
        string table = folder.File("table.csv");
        await File.WriteAllLinesAsync(table, CorpusLoader.Load("demo", await demo.Corpus).Clips
            .Select(clip => (clip, Test: clip.Speaker is "01" or "02"))
            .Select(row => $"{row.clip.Path},{row.clip.Label},{(row.Test ? "" : row.clip.Speaker)},{(row.Test ? "test" : "train")}")
            .Prepend("path,label,speaker,split"), Cancellation);
        (await ConsoleRun.Of("train", "--corpus", "manifest", "--data", table, "--trainer", "lda", "--protocol", "given", "--adapt",
            "--out", folder.File("given"), "--cache", demo.Cache)).Succeeds();
        using SerModel model = SerModel.Load(folder.File("given"));
        Assert.True(model.CanAdapt);
    }

    [Fact]
    public async Task Speakers_known_only_in_part_are_not_called_held_out()
    {
        using var folder = new TemporaryFolder();
        string corpus = await CorpusFolders.WithoutSpeakers(await demo.Corpus, folder);
        // Half of the clips get a speaker of their own, the others none: no speaker of a test clip is named in training, yet nobody knows
        // who is.
        (await ConsoleRun.Of(
            "train", "--corpus", "folder", "--data", corpus, "--speaker-pattern", @"(?<speaker>[^/]+0[12])\.wav$", "--protocol", "random",
                "--trainer", "mlp",
            "--epochs", "1", "--out", folder.File("run"), "--cache", demo.Cache)).Succeeds();
        RunMetrics metrics = MetricsFile.Read(folder.File("run", "metrics.json")).Runs[0];
        Assert.Null(metrics.SharedSpeakers);
        Assert.Empty(metrics.HeldOutSpeakers);
    }
}
