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
        string clip = await Clip();
        // In processes of their own: other tests draw images beside this one.
        (int code, string said) = SerProcess.Under(["env", "SER_IMAGE__WIDTH=320", "SER_IMAGE__HIEGHT=1"], "image", clip, "-o",
            folder.File("environment.png"));
        Assert.True(code == 0, said);
        Assert.Contains("warning: Image:HIEGHT is not a setting of ser image and is ignored. Did you mean Height?", said,
            StringComparison.Ordinal);
        string[] wide = ["env", "SER_IMAGE__WIDTH=wide"];
        (code, said) = SerProcess.Under(wide, "image", clip, "-o", folder.File("both.png"), "--width", "400");
        Assert.True(code == 0, said);
        (code, said) = SerProcess.Under(wide, "image", clip, "-o", folder.File("wrong.png"));
        Assert.Equal(2, code);
        Assert.Contains("--width must be a whole number of at least 1, got 'wide'.", said, StringComparison.Ordinal);
        Assert.Equal(640, Size(await File.ReadAllBytesAsync(folder.File("environment.png"), Cancellation)).Width);
        Assert.Equal(800, Size(await File.ReadAllBytesAsync(folder.File("both.png"), Cancellation)).Width);
    }

    private async Task<string> Clip() => CorpusLoader.Load("demo", await demo.Corpus).Clips[0].Path;

    // PNG specification: the header chunk starts at byte 8; width and height are its first fields, at 16 and 20.
    private static (int Width, int Height) Size(byte[] png) => (BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(16)),
        BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(20)));
}
