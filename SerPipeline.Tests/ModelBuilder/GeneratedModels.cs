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
    public Task<string> TrainedAsync(TrainedDemo demo, params string[] options) => options.Length == 0 ? demo.Cnn
        : demo.TrainCnn(_folder.File("run"), options);

    /// <summary>Generates a project named Emotion.</summary>
    internal async Task<string> GenerateAsync(string model, params string[] options)
    {
        string folder = _folder.File("Emotion");
        (await ConsoleRun.Of(["generate", "--model", model, "--name", "Emotion", "--out", folder, .. options])).Succeeds();
        return folder;
    }
}
