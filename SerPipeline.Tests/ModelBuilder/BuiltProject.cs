using System.Runtime.InteropServices;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.ModelBuilder;

/// <summary>
/// A generated project built by the SDK, with ML.NET and ONNX Runtime from the feeds that the machine is configured with; tests skip where those feeds lack the packages. It is
/// built once for all tests of the collection.
/// </summary>
[CollectionDefinition(Collection)]
public sealed class BuiltProject : IDisposable, ICollectionFixture<BuiltProject>
{
    /// <summary>The tests that share it.</summary>
    public const string Collection = "generated apps";

    // What NuGet says of a package that no feed has, or of a feed that cannot be reached.
    private static readonly string[] Absent = ["NU1100", "NU1101", "NU1102", "NU1103", "NU1301"];

    private readonly GeneratedModels _models = new();
    private readonly Lazy<Task<(string? Problem, string Folder)>> _console, _web;

    public BuiltProject()
    {
        ModelPath = _models.Cnn();
        var project = new Lazy<Task<string>>(() => _models.GenerateAsync(ModelPath));
        // One build after the other: both write into the folder of the sources.
        _console = new(async () => await Build(await project.Value, "Emotion_ConsoleApp1"));
        _web = new(async () => (await _console.Value).Problem is { } problem ? (problem, "") : await Build(await project.Value, "Emotion_WebApi1"));
    }

    /// <summary>The model in it.</summary>
    public string ModelPath { get; }

    /// <summary>A path in a folder of its own.</summary>
    public string File(string name) => _models.File(name);

    public void Dispose() => _models.Dispose();

    /// <summary>The console app's assembly.</summary>
    public Task<string> ConsoleAppAsync() => AssemblyAsync(_console, "Emotion_ConsoleApp1");

    /// <summary>The web API's assembly.</summary>
    public Task<string> WebApiAsync() => AssemblyAsync(_web, "Emotion_WebApi1");

    private static async Task<string> AssemblyAsync(Lazy<Task<(string? Problem, string Folder)>> build, string name)
    {
        (string? problem, string folder) = await build.Value;
        Assert.SkipWhen(problem is not null, $"needs Microsoft.ML, Microsoft.ML.OnnxTransformer and Microsoft.ML.OnnxRuntime on a feed: {problem}");
        return Path.Combine(folder, name + ".dll");
    }

    private static async Task<(string? Problem, string Folder)> Build(string project, string name)
    {
        string output = Path.Combine(project, name, "built");
        // For this machine alone: ONNX Runtime for every system takes a quarter of a gigabyte.
        (int code, string text) = await Task.Run(() => Programs.Run(
            "dotnet", "build", Path.Combine(project, name), "-c", "Release", "-o", output, "-nodeReuse:false", "--disable-build-servers", "--self-contained", "false",
            "-p:UseAppHost=false", "-p:TreatWarningsAsErrors=true", $"-p:RuntimeIdentifier={RuntimeInformation.RuntimeIdentifier}"));
        string? absent = text.Split('\n').FirstOrDefault(line => Absent.Any(problem => line.Contains(problem, StringComparison.Ordinal)));
        if (absent is not null) return (absent.Trim(), output);
        Assert.True(code == 0, text);
        return (null, output);
    }
}
