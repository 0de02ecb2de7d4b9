using System.Buffers.Binary;
using System.Xml.Linq;
using SerPipeline.Corpora;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Console;

public sealed class ImageTests(TrainedDemo demo)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("logmel", "Frequency (Hz)")]
    [InlineData("waveform", "Amplitude")]
    [InlineData("mfcc", "Coefficient")]
    [InlineData("chroma", "Pitch class")]
    public async Task Every_kind_is_drawn_with_its_axes(string kind, string axis)
    {
        using var folder = new TemporaryFolder();
        string file = folder.File("clip.svg");
        (await ConsoleRun.Of("image", await Clip(), "-o", file, "--kind", kind)).Succeeds();
        string text = await File.ReadAllTextAsync(file, Cancellation);
        Assert.Equal("svg", XDocument.Parse(text).Root!.Name.LocalName);
        Assert.Contains(axis, text, StringComparison.Ordinal);
        Assert.Contains("Time (s)", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_png_has_two_pixels_for_each_css_pixel()
    {
        using var folder = new TemporaryFolder();
        string file = folder.File("clip.png");
        (await ConsoleRun.Of("image", await Clip(), "--output", file, "--width", "300", "--height", "200")).Succeeds();
        Assert.Equal((600, 400), Size(await File.ReadAllBytesAsync(file, Cancellation)));
    }

    [Fact]
    public async Task The_environment_sets_options_and_the_command_line_wins()
    {
        using var folder = new TemporaryFolder();
        const string Variable = "SER_IMAGE__WIDTH", Misspelt = "SER_IMAGE__HIEGHT";
        Environment.SetEnvironmentVariable(Variable, "320");
        try
        {
            Environment.SetEnvironmentVariable(Misspelt, "1");
            ConsoleRun first = (await ConsoleRun.Of("image", await Clip(), "-o", folder.File("environment.png"))).Succeeds();
            Assert.Contains("warning: Image:HIEGHT is not a setting of ser image and is ignored. Did you mean Height?", first.Error,
                StringComparison.Ordinal);
            (await ConsoleRun.Of("image", await Clip(), "-o", folder.File("both.png"), "--width", "400")).Succeeds();
            Environment.SetEnvironmentVariable(Variable, "wide");
            ConsoleRun wrong = await ConsoleRun.Of("image", await Clip(), "-o", folder.File("wrong.png"));
            Assert.Equal(2, wrong.ExitCode);
            Assert.Contains("--width must be a whole number of at least 1, got 'wide'.", wrong.Error, StringComparison.Ordinal);
        }
        finally
        {
            Environment.SetEnvironmentVariable(Variable, null);
            Environment.SetEnvironmentVariable(Misspelt, null);
        }
        Assert.Equal(640, Size(await File.ReadAllBytesAsync(folder.File("environment.png"), Cancellation)).Width);
        Assert.Equal(800, Size(await File.ReadAllBytesAsync(folder.File("both.png"), Cancellation)).Width);
    }

    private async Task<string> Clip() => CorpusLoader.Load("demo", await demo.Corpus).Clips[0].Path;

    // PNG specification: the header chunk starts at byte 8; width and height are its first fields, at 16 and 20.
    private static (int Width, int Height) Size(byte[] png) => (BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(16)),
        BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(20)));
}
