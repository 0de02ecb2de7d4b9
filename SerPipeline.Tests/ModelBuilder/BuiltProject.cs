using System.Runtime.InteropServices;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.ModelBuilder;

/// <summary>
/// Programs without this library, with ML.NET and ONNX Runtime from the feeds that the machine is configured with: a generated project's
/// console app and web API, and a plain consumer of zips. The SDK builds them once for all tests of the collection.
/// </summary>
[CollectionDefinition(Collection)]
public sealed class BuiltProject : IAsyncDisposable, ICollectionFixture<BuiltProject>
{
    /// <summary>The tests that share it.</summary>
    public const string Collection = "generated apps";

    private static readonly string[] Projects = ["Emotion_ConsoleApp1", "Emotion_WebApi1", ZipConsumer.Name];

    private readonly GeneratedModels _models = new();
    private readonly Lazy<Task<string>> _built;
    private readonly Lazy<Task<WebApi>> _api;

    public BuiltProject()
    {
        ModelPath = _models.Cnn();
        _built = new(async () => Build(await _models.GenerateAsync(ModelPath)));
        _api = new(async () => await WebApi.StartAsync(await WebApiAsync(), CancellationToken.None));
    }

    /// <summary>The model in it.</summary>
    public string ModelPath { get; }

    /// <summary>A path in a folder of its own.</summary>
    public string File(string name) => _models.File(name);

    public async ValueTask DisposeAsync()
    {
        if (_api.IsValueCreated && _api.Value.IsCompletedSuccessfully) await (await _api.Value).DisposeAsync();
        _models.Dispose();
    }

    /// <summary>The console app's assembly.</summary>
    public Task<string> ConsoleAppAsync() => Assembly(Projects[0]);

    /// <summary>The web API's assembly.</summary>
    public Task<string> WebApiAsync() => Assembly(Projects[1]);

    /// <summary>The assembly of <see cref="ZipConsumer"/>.</summary>
    public Task<string> ZipConsumerAsync() => Assembly(ZipConsumer.Name);

    /// <summary>The web API, listening.</summary>
    internal Task<WebApi> RunningApiAsync() => _api.Value;

    private async Task<string> Assembly(string name) =>
        Path.Combine(await _built.Value, name, "bin", "Release", "net10.0", RuntimeInformation.RuntimeIdentifier, name + ".dll");

    private static string Build(string project)
    {
        ZipConsumer.Write(Path.Combine(project, ZipConsumer.Name));
        // A solution cannot be built for one system.
        string all = Path.Combine(project, "All.proj");
        System.IO.File.WriteAllText(all, $"""
            <Project DefaultTargets="Build">
              <ItemGroup><Program Include="{string.Join(';', Projects.Select(name => $"{name}/{name}.csproj"))}" /></ItemGroup>
              <Target Name="Restore"><MSBuild Projects="@(Program)" Targets="Restore" /></Target>
              <Target Name="Build"><MSBuild Projects="@(Program)" /></Target>
            </Project>
            """);
        // For this machine alone: ONNX Runtime for every system takes a quarter of a gigabyte.
        (int code, string text) = Programs.Run("dotnet", "build", all, "-c", "Release", "-m:1", "-nodeReuse:false",
            "--disable-build-servers", "-p:SelfContained=false", "-p:UseAppHost=false", "-p:TreatWarningsAsErrors=true",
            $"-p:RuntimeIdentifier={RuntimeInformation.RuntimeIdentifier}");
        Assert.True(code == 0, text);
        return project;
    }
}
