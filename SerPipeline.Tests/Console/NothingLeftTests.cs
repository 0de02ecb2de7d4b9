using SerPipeline.Corpora.Synthesis;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Console;

/// <summary>What a command leaves on a machine: its run folder and the feature cache, and nothing else.</summary>
public sealed class NothingLeftTests
{
    [Fact]
    public void Training_and_predicting_leave_no_temporary_file_and_no_identifier_of_ONNX_Runtime()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "sets its folders by HOME and TMPDIR");
        using var folder = new TemporaryFolder();
        string corpus = folder.File("demo"), run = folder.File("run"), home = folder.File("home"), temporary = folder.File("tmp");
        DemoCorpus.Write(corpus, new DemoCorpusOptions { Speakers = 2, ClipsPerEmotion = 2 },
            cancellation: TestContext.Current.CancellationToken);
        Directory.CreateDirectory(home);
        Directory.CreateDirectory(temporary);
        string[] under = ["env", "-u", "ORT_DISABLE_TELEMETRY", "-u", "XDG_DATA_HOME", "-u", "XDG_CACHE_HOME", $"HOME={home}",
            $"TMPDIR={temporary}", "SER_CACHE=" + folder.File("cache")];
        // The second protocol scores with adapted models: every kind of graph that a run opens.
        (int code, string output) = SerProcess.Under(under, "train", "--corpus", "demo", "--data", corpus, "--trainer", "lda", "--protocol",
            "loso,loso+5", "--out", run);
        Assert.True(code == 0, output);
        // The model of all clips is the first protocol's, though the run has two and their folds' models.
        string model = Path.Combine(run, "lda-loso", "model.zip");
        Assert.Contains($"Next: ser predict --model {model} CLIP.wav", output, StringComparison.Ordinal);
        (code, output) = SerProcess.Under(under, "predict", "--model", run, Directory.GetFiles(corpus, "*.wav",
            SearchOption.AllDirectories)[0]);
        Assert.True(code == 0, output);

        (code, output) = SerProcess.Under(under, "generate", "--model", run, "--name", "Emotion", "--out", folder.File("app"));
        Assert.True(code == 0, output);
        (code, output) = SerProcess.Under(under, "train", "--config", folder.File("app", "Emotion.mbconfig"), "--protocol", "speaker",
            "--data", corpus, "--out", folder.File("again"), "--cache", folder.File("unused"), "--no-cache");
        Assert.True(code == 0, output);
        Assert.NotEmpty(Directory.GetFiles(folder.File("cache", "features"), "*.bin", SearchOption.AllDirectories));
        Assert.False(Directory.Exists(folder.File("unused")));

        Assert.Equal([], Directory.GetFileSystemEntries(temporary));
        Assert.Equal([], Directory.GetFiles(home, "*", SearchOption.AllDirectories));
    }
}
