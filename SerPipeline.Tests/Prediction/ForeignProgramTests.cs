using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.ML;
using Microsoft.ML.Data;
using SerPipeline.Prediction;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Prediction;

/// <summary>A program with Microsoft.ML, OnnxTransformer and OnnxRuntime alone, built by the SDK, opens portable zips.</summary>
public sealed class ForeignProgramTests(FittedChains chains) : IClassFixture<FittedChains>
{
    private const string Project = """
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup>
            <OutputType>Exe</OutputType>
            <TargetFramework>net10.0</TargetFramework>
            <Nullable>enable</Nullable>
            <ImplicitUsings>enable</ImplicitUsings>
            <InvariantGlobalization>true</InvariantGlobalization>
            <NuGetAudit>false</NuGetAudit>
          </PropertyGroup>
          <ItemGroup>
            <PackageReference Include="Microsoft.ML" Version="5.0.1" />
            <PackageReference Include="Microsoft.ML.OnnxTransformer" Version="5.0.1" />
            <PackageReference Include="Microsoft.ML.OnnxRuntime" Version="1.31.1" />
          </ItemGroup>
        </Project>
        """;

    // Arguments: the zip, the waveform column, files of samples. Prints the scores of each file, a line a file.
    private const string Program = """
        using System.Globalization;
        using System.Runtime.InteropServices;
        using Microsoft.ML;
        using Microsoft.ML.Data;

        var ml = new MLContext();
        ITransformer model = ml.Model.Load(args[0], out DataViewSchema input);
        Wave[] waves = args[2..]
            .Select(f => new Wave { Samples = MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(f)).ToArray() }).ToArray();
        SchemaDefinition schema = SchemaDefinition.Create(typeof(Wave));
        schema["Samples"].ColumnName = args[1];
        IDataView scored = model.Transform(ml.Data.LoadFromEnumerable(waves, schema));
        VBuffer<ReadOnlyMemory<char>> labels = default;
        scored.Schema["Score"].GetSlotNames(ref labels);
        Console.WriteLine(string.Join(" ", labels.DenseValues()));
        foreach (float[] score in scored.GetColumn<float[]>("Score"))
            Console.WriteLine(string.Join(" ", score.Select(s => s.ToString("R", CultureInfo.InvariantCulture))));

        class Wave { public float[] Samples { get; set; } = []; }
        """;

    [Fact]
    public void It_gives_the_chains_scores()
    {
        string folder = chains.File("consumer");
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "Consumer.csproj"), Project);
        File.WriteAllText(Path.Combine(folder, "Program.cs"), Program);
        string output = Path.Combine(folder, "built");
        (int code, string text) = Programs.Run(
            "dotnet", "build", folder, "-c", "Release", "-o", output, "-nodeReuse:false", "--disable-build-servers", "--self-contained",
                "false", "-p:UseAppHost=false",
            $"-p:RuntimeIdentifier={RuntimeInformation.RuntimeIdentifier}");
        Assert.SkipWhen(text.Contains("NU1100", StringComparison.Ordinal) || text.Contains("NU1101", StringComparison.Ordinal)
            || text.Contains("NU1102", StringComparison.Ordinal)
            || text.Contains("NU1301", StringComparison.Ordinal),
            $"needs Microsoft.ML, OnnxTransformer and OnnxRuntime on a feed: {text.Split('\n')[0]}");
        Assert.True(code == 0, text);
        Assert.Empty(Directory.GetFiles(output, "SerPipeline*"));
        string[] samples = [.. chains.Paths.Take(6).Select(path =>
        {
            string file = Path.ChangeExtension(path, ".f32");
            File.WriteAllBytes(file, MemoryMarshal.AsBytes<float>(FittedChains.Samples(path)).ToArray());
            return file;
        })];
        foreach ((string name, string column) in new[] { ("images", "Audio"), ("mlp", "Sound"), ("linear", "Sound") })
        {
            ITransformer model = chains.Named(name);
            PortableModel saved = chains.Context.Model.SavePortable(model, chains.Clips.Schema, chains.File($"foreign-{name}.zip"));
            (int exit, string lines, string error) = Programs.RunApart("dotnet",
                [Path.Combine(output, "Consumer.dll"), saved.FilePath, column, .. samples]);
            Assert.True(exit == 0, $"{name}: {lines}{error}");
            string[] rows = lines.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.Equal("angry happy sad", rows[0].Trim());
            float[][] expected = [.. model.Transform(chains.Clips).GetColumn<float[]>("Score").Take(samples.Length)];
            for (int i = 0; i < samples.Length; i++)
            {
                float[] found = [.. rows[i + 1].Split(' ').Select(s => float.Parse(s, CultureInfo.InvariantCulture))];
                for (int c = 0; c < found.Length; c++) Assert.InRange(found[c], expected[i][c] - 1e-4f, expected[i][c] + 1e-4f);
            }
        }
    }
}
