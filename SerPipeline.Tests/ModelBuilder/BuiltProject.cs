using System.Runtime.InteropServices;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.ModelBuilder;

/// <summary>
/// A generated project built by the SDK, with ML.NET and ONNX Runtime from the feeds that the machine is configured with. It is built once
/// for all tests of the
/// collection.
/// </summary>
[CollectionDefinition(Collection)]
public sealed class BuiltProject : IDisposable, ICollectionFixture<BuiltProject>
{
    /// <summary>The tests that share it.</summary>
    public const string Collection = "generated apps";

    private readonly GeneratedModels _models = new();
    private readonly Lazy<Task<string>> _console, _web;

    public BuiltProject()
    {
        ModelPath = _models.Cnn();
        var project = new Lazy<Task<string>>(() => _models.GenerateAsync(ModelPath));
        // One build after the other: both write into the folder of the sources.
        _console = new(async () => await Build(await project.Value, "Emotion_ConsoleApp1"));
        _web = new(async () =>
        {
            await _console.Value;
            return await Build(await project.Value, "Emotion_WebApi1");
        });
    }

    /// <summary>The model in it.</summary>
    public string ModelPath { get; }

    /// <summary>A path in a folder of its own.</summary>
    public string File(string name) => _models.File(name);

    public void Dispose() => _models.Dispose();

    /// <summary>The console app's assembly.</summary>
    public Task<string> ConsoleAppAsync() => _console.Value;

    /// <summary>The web API's assembly.</summary>
    public Task<string> WebApiAsync() => _web.Value;

    private static async Task<string> Build(string project, string name)
    {
        string output = Path.Combine(project, name, "built");
        // For this machine alone: ONNX Runtime for every system takes a quarter of a gigabyte.
        (int code, string text) = await Task.Run(() => Programs.Run(
            "dotnet", "build", Path.Combine(project, name), "-c", "Release", "-o", output, "-nodeReuse:false", "--disable-build-servers",
                "--self-contained", "false",
            "-p:UseAppHost=false", "-p:TreatWarningsAsErrors=true", $"-p:RuntimeIdentifier={RuntimeInformation.RuntimeIdentifier}"));
        Assert.True(code == 0, text);
        return Path.Combine(output, name + ".dll");
    }
}
