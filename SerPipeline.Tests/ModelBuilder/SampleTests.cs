using SerPipeline.Tests.Console;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.ModelBuilder;

public sealed class SampleTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_sample_is_what_is_generated_of_its_model_today()
    {
        string sample = Path.Combine(Companions.Repository(), "samples", "MlNetConsumer"), made = _folder.File("made");
        (await ConsoleRun.Of("generate", "--model", Path.Combine(sample, "Emotion.mlnet"), "--name", "Emotion", "--out", made)).Succeeds();
        string[] files = [.. Directory.EnumerateFiles(made, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(made,
            path))];
        Assert.True(files.Length > 10);
        foreach (string file in files)
        {
            byte[] expected = await File.ReadAllBytesAsync(Path.Combine(made, file), TestContext.Current.CancellationToken),
                found = await File.ReadAllBytesAsync(Path.Combine(sample, file), TestContext.Current.CancellationToken);
            Assert.True(expected.AsSpan().SequenceEqual(found),
                $"{file} is out of date: ser generate --model samples/MlNetConsumer/Emotion.mlnet --name Emotion --out "
                + "samples/MlNetConsumer --force");
        }
    }
}
