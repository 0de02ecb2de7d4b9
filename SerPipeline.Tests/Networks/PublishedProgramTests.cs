using SerPipeline.Networks;
using SerPipeline.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace SerPipeline.Tests.Networks;

/// <summary>Programs of their own over TorchSharp: in another process, outside the solution, built and published.</summary>
public sealed class PublishedProgramTests(PublishedProgramTests.Trainees trainees) : IClassFixture<PublishedProgramTests.Trainees>
{
    private const string Variable = "SER_TEST_CONVOLUTIONS";

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

    /// <summary>The other process; it sets libtorch to one thread.</summary>
    [Fact(Explicit = true)]
    public void Convolutions()
    {
        Assert.SkipWhen(Environment.GetEnvironmentVariable(Variable) is null, "started by another test");
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
        (int code, string output, string error) = Programs.RunApart("env", $"{Variable}=1", "dotnet", "exec",
            typeof(PublishedProgramTests).Assembly.Location,
            "-method", $"{typeof(PublishedProgramTests).FullName}.{nameof(Convolutions)}", "-explicit", "only");
        Assert.True(code == 0, output);
        Assert.Matches("Total: 1,.*Skipped: 0", output);
        Assert.Equal("", error);
    }

    [Theory]
    [InlineData("published")]
    [InlineData("for-this-machine")]
    [InlineData("without-importing-anything")]
    public void A_program_elsewhere_loads_TorchSharp_and_trains(string how)
    {
        Assert.SkipUnless(LibTorch.RuntimeIdentifier is "linux-x64" or "win-x64" or "osx-arm64",
            "libtorch is there for linux-x64, win-x64 and osx-arm64");
        string output = trainees.Output(how);
        if (how != "without-importing-anything")
            Assert.Single(Directory.GetFiles(output, "*LibTorchSharp.*", SearchOption.AllDirectories),
                file => Path.GetFileName(file) == LibTorch.FileName("LibTorchSharp"));
        if (how == "for-this-machine") Assert.False(Directory.Exists(Path.Combine(output, "runtimes")));

        (int code, string trained, string error) = Programs.RunApart("dotnet", "exec", Path.Combine(output, "Trainee.dll"));
        Assert.True(code == 0, trained + error);
        Assert.Equal("", error);
        float[] losses = [.. trained.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => float.Parse(line, System.Globalization.CultureInfo.InvariantCulture))];
        Assert.Equal(5, losses.Length);
        Assert.InRange(losses[4], 0, losses[0] - 0.01f);
        Assert.False(Directory.Exists(Path.Combine(output, "cpu")));
    }

    /// <summary>The program three times, each in a folder of its own; one call of the SDK builds and publishes them.</summary>
    public sealed class Trainees : IDisposable
    {
        private static readonly string Configuration =
            AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar).Split(Path.DirectorySeparatorChar)[^2];

        private readonly TemporaryFolder _folder = new();
        private readonly Lazy<string> _built;

        public Trainees() => _built = new(Build);

        public void Dispose() => _folder.Dispose();

        /// <summary>Where one lies.</summary>
        public string Output(string how) => how == "without-importing-anything"
            ? Path.Combine(_built.Value, how, "bin", Configuration, "net10.0") : Path.Combine(_built.Value, how, "out");

        private string Build()
        {
            Write("published", imports: true);
            Write("for-this-machine", imports: true);
            Write("without-importing-anything", imports: false);
            string machine = $"RuntimeIdentifier={LibTorch.RuntimeIdentifier};SelfContained=false";
            // What dotnet build and dotnet publish ask for, and -r of the second.
            File.WriteAllText(_folder.File("All.proj"), $"""
                <Project DefaultTargets="Build">
                  <Target Name="Restore">
                    <MSBuild Projects="published/Trainee.csproj;without-importing-anything/Trainee.csproj" Targets="Restore" />
                    <MSBuild Projects="for-this-machine/Trainee.csproj" Targets="Restore" Properties="{machine}" />
                  </Target>
                  <Target Name="Build">
                    <MSBuild Projects="without-importing-anything/Trainee.csproj" />
                    <MSBuild Projects="published/Trainee.csproj" Targets="Publish" Properties="_IsPublishing=true;PublishDir=out/" />
                    <MSBuild Projects="for-this-machine/Trainee.csproj" Targets="Publish"
                      Properties="_IsPublishing=true;PublishDir=out/;{machine}" />
                  </Target>
                </Project>
                """);
            // The library is built, and restored, with these tests: these programs' build must not touch it.
            (int code, string said) = Programs.Run("dotnet", "build", _folder.File("All.proj"), "-c", Configuration, "-m:1",
                "-nodeReuse:false", "--disable-build-servers", "-p:BuildProjectReferences=false", "-p:RestoreRecursive=false",
                "-p:RunAnalyzers=false");
            Assert.True(code == 0, said);
            Assert.DoesNotContain("warning", said, StringComparison.Ordinal);
            return _folder.Path;
        }

        private void Write(string how, bool imports)
        {
            string repository = Companions.Repository(), build = Path.Combine(repository, "SerPipeline", "build");
            (string props, string targets) = imports ? ($"<Import Project=\"{build}/LibTorch.props\" />",
                $"<Import Project=\"{build}/LibTorch.targets\" />") : ("", "");
            Directory.CreateDirectory(_folder.File(how));
            File.WriteAllText(_folder.File(how, "Trainee.csproj"), $"""
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
            File.WriteAllText(_folder.File(how, "Program.cs"), Program);
        }
    }
}
