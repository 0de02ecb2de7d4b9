using SerPipeline.Tests.Console;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.ModelBuilder;

/// <summary>Models to generate projects from, and a folder to generate them into.</summary>
public sealed class GeneratedModels : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>A path in the folder.</summary>
    public string File(string name) => _folder.File(name);

    /// <summary>A network over images, which says nothing of its training.</summary>
    public string Cnn() => TinyModels.Cnn(_folder.File("cnn.zip"));

    /// <summary>A model that <c>ser train</c> made, on clips of a program.</summary>
    public async Task<string> TrainedAsync(TrainedDemo demo, params string[] options)
    {
        string run = _folder.File($"run-{Guid.NewGuid():N}");
        (await ConsoleRun.Of([
            "train", "--corpus", "demo", "--data", await demo.Corpus, "--trainer", "cnn", "--protocol", "speaker", "--test-fraction",
                "0.25", "--epochs", "1",
            "--out", run, "--cache", demo.Cache, .. options
        ])).Succeeds();
        return Path.Combine(run, "model.zip");
    }

    /// <summary>Generates a project named Emotion.</summary>
    internal async Task<string> GenerateAsync(string model, params string[] options)
    {
        string folder = _folder.File("Emotion");
        (await ConsoleRun.Of(["generate", "--model", model, "--name", "Emotion", "--out", folder, .. options])).Succeeds();
        return folder;
    }
}
