using System.Globalization;
using System.Runtime.InteropServices;
using SerPipeline.Tests.ModelBuilder;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Prediction;

/// <summary>A program with Microsoft.ML, OnnxTransformer and OnnxRuntime alone, built by the SDK, opens portable zips.</summary>
[Collection(BuiltProject.Collection)]
public sealed class ForeignProgramTests(BuiltProject project, FittedChains chains)
{
    [Fact]
    public async Task It_gives_the_chains_scores()
    {
        string program = await project.ZipConsumerAsync(), samples = Directory.CreateDirectory(chains.File("samples")).FullName;
        Assert.Empty(Directory.GetFiles(Path.GetDirectoryName(program)!, "SerPipeline*"));
        foreach (string path in chains.Paths.Take(6))
            await File.WriteAllBytesAsync(Path.Combine(samples, Path.ChangeExtension(Path.GetFileName(path), ".f32")),
                MemoryMarshal.AsBytes<float>(FittedChains.Samples(path)).ToArray(), TestContext.Current.CancellationToken);
        string[] names = ["images", "mlp", "linear"];
        string[] zips = [.. names.SelectMany(name => (string[])[chains.Context.Model.SavePortable(chains.Named(name), chains.Clips.Schema,
            chains.File($"foreign-{name}.zip")).FilePath, name == "images" ? "Audio" : "Sound"])];
        (int exit, string lines, string error) = Programs.RunApart("dotnet", [program, samples, .. zips]);
        Assert.True(exit == 0, lines + error);
        foreach ((string name, string[] rows) in names.Zip(lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Chunk(7)))
        {
            Assert.Equal("angry happy sad", rows[0].Trim());
            float[][] found = [.. rows[1..].Select(row =>
                row.Split(' ').Select(score => float.Parse(score, CultureInfo.InvariantCulture)).ToArray())];
            Assert.Equal(6, found.Length);
            for (int i = 0; i < 6; i++) Assert.Equal(chains.Scores(name)[i], found[i], (a, b) => Math.Abs(a - b) <= 1e-4f);
        }
    }
}
