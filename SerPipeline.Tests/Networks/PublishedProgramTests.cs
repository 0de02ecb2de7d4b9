using SerPipeline.Networks;
using SerPipeline.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace SerPipeline.Tests.Networks;

/// <summary>Programs of their own over TorchSharp: in another process, outside the solution, built and published.</summary>
public sealed class PublishedProgramTests : IDisposable
{
    private const string Program = """
        using SerPipeline.Networks;
        using TorchSharp;
        using static TorchSharp.torch;

        TorchEngine.Check();
        Device device = TorchEngine.Resolve(TorchDevice.Auto);
        random.manual_seed(1);
        using var net = nn.Sequential(
            ("conv", nn.Conv2d(16, 32, 3, padding: 1)), ("relu", nn.ReLU()), ("pool", nn.AdaptiveAvgPool2d(1)),
            ("flat", nn.Flatten()), ("out", nn.Linear(32, 8))).to(device);
        using var adam = optim.AdamW(net.parameters(), lr: 0.01);
        using Tensor images = randn(8, 16, 32, 32, device: device), labels = arange(8, dtype: int64, device: device);
        for (int step = 0; step < 5; step++)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor loss = nn.functional.cross_entropy(net.forward(images), labels);
            adam.zero_grad();
            loss.backward();
            adam.step();
            Console.WriteLine(loss.ToSingle().ToString(System.Globalization.CultureInfo.InvariantCulture));
        }
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact(Explicit = true)]
    public void Convolutions() => Train();

    private static void Train()
    {
        TorchEngine.Check();
        using DisposeScope scope = NewDisposeScope();
        set_num_threads(1);
        using var convolution = nn.Conv2d(1, 8, 3);
        for (int i = 0; i < 3; i++) convolution.forward(randn(1, 1, 20, 20)).sum().backward();
        using (no_grad()) convolution.forward(randn(1, 1, 20, 20));
    }

    [Fact]
    public void A_process_that_convolves_says_nothing_on_standard_error()
    {
        (int code, string output, string error) = Programs.RunApart("dotnet", "exec", typeof(PublishedProgramTests).Assembly.Location,
            "-method", $"{typeof(PublishedProgramTests).FullName}.{nameof(Convolutions)}", "-explicit", "only");
        Assert.True(code == 0, output);
        Assert.Contains("Total: 1", output, StringComparison.Ordinal);
        Assert.Equal("", error);
    }

    [Theory]
    [InlineData("published", "")]
    [InlineData("published for this machine", "-r")]
    [InlineData("built without importing anything", null)]
    public void A_program_elsewhere_loads_TorchSharp_and_trains(string how, string? option)
    {
        Assert.SkipUnless(LibTorch.RuntimeIdentifier is "linux-x64" or "win-x64" or "osx-arm64",
            "libtorch is there for linux-x64, win-x64 and osx-arm64");
        string repository = Companions.Repository(), build = Path.Combine(repository, "SerPipeline", "build");
        (string props, string targets) = option is null ? ("", "")
            : ($"<Import Project=\"{build}/LibTorch.props\" />", $"<Import Project=\"{build}/LibTorch.targets\" />");
        File.WriteAllText(_folder.File("Trainee.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <Nullable>enable</Nullable>
                <ImplicitUsings>enable</ImplicitUsings>
                <InvariantGlobalization>true</InvariantGlobalization>
                <NuGetAudit>false</NuGetAudit>
                <LibTorchVersion>2.10.0</LibTorchVersion>
                <!-- Half a gigabyte that this machine has already. -->
                <PublishLibTorch>false</PublishLibTorch>
              </PropertyGroup>
              {props}
              <ItemGroup>
                <ProjectReference Include="{repository}/SerPipeline/SerPipeline.csproj" />
              </ItemGroup>
              {targets}
            </Project>
            """);
        File.WriteAllText(_folder.File("Program.cs"), Program);
        string configuration = AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar).Split(Path.DirectorySeparatorChar)[^2];
        string output = option is null ? _folder.File("bin", configuration, "net10.0") : _folder.File("out");
        // The library is built, and restored, with these tests: this program's build must not touch it.
        string[] arguments = [option is null ? "build" : "publish", _folder.File("Trainee.csproj"), "-c", configuration,
            "-nodeReuse:false", "--disable-build-servers",
            "-p:BuildProjectReferences=false", "-p:RestoreRecursive=false",
            .. option is null ? (string[])[] : ["-o", output], .. option is "-r"
                ? (string[])["-r", LibTorch.RuntimeIdentifier, "--self-contained", "false"] : []];
        (int code, string said) = Programs.Run("dotnet", arguments);
        Assert.True(code == 0, $"{how}: {said}");
        Assert.DoesNotContain("warning", said, StringComparison.Ordinal);
        if (option is not null)
            Assert.Single(Directory.GetFiles(output, "*LibTorchSharp.*", SearchOption.AllDirectories),
                file => Path.GetFileName(file) == LibTorch.FileName("LibTorchSharp"));
        if (option is "-r") Assert.False(Directory.Exists(Path.Combine(output, "runtimes")));

        (code, string trained, string error) = Programs.RunApart("dotnet", "exec", Path.Combine(output, "Trainee.dll"));
        Assert.True(code == 0, trained + error);
        Assert.Equal("", error);
        float[] losses = [.. trained.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => float.Parse(line, System.Globalization.CultureInfo.InvariantCulture))];
        Assert.Equal(5, losses.Length);
        Assert.InRange(losses[4], 0, losses[0] - 0.01f);
        Assert.False(Directory.Exists(Path.Combine(output, "cpu")));
    }
}
