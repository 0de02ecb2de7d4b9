using SerPipeline.Audio;
using static SerPipeline.Tests.Audio.AudioBytes;

namespace SerPipeline.Tests.Audio;

public sealed class AiffReaderTests
{
    [Theory]
    [InlineData(null, 16, "8000" + "0001" + "4000", new[] { -1f, 1 / 32768f, 0.5f })]
    [InlineData(null, 8, "80" + "01" + "40", new[] { -1f, 1 / 128f, 0.5f })]
    [InlineData(null, 24, "800000" + "000001" + "400000", new[] { -1f, 1 / 8388608f, 0.5f })]
    [InlineData(null, 32, "80000000" + "00000100" + "40000000", new[] { -1f, 256 / 2147483648f, 0.5f })]
    [InlineData("NONE", 16, "8000" + "0001" + "4000", new[] { -1f, 1 / 32768f, 0.5f })]
    [InlineData("sowt", 16, "0080" + "0100" + "0040", new[] { -1f, 1 / 32768f, 0.5f })]
    [InlineData("raw ", 8, "00" + "81" + "C0", new[] { -1f, 1 / 128f, 0.5f })]
    [InlineData("fl32", 32, "BF800000" + "3C000000" + "3F000000", new[] { -1f, 1 / 128f, 0.5f })]
    [InlineData("FL64", 64, "BFF0000000000000" + "3F80000000000000" + "3FE0000000000000", new[] { -1f, 1 / 128f, 0.5f })]
    [InlineData("alaw", 16, "D5" + "55" + "2A", new[] { 8 / 32768f, -8 / 32768f, -32256 / 32768f })]
    [InlineData("ulaw", 16, "FF" + "00" + "80", new[] { 0f, -32124 / 32768f, 32124 / 32768f })]
    public void Every_encoding_decodes_to_its_defined_values(string? compression, int bits, string hex, float[] expected)
    {
        AudioClip clip = AudioFile.Decode(Aiff(compression, 1, 3, bits, Rate44100, Convert.FromHexString(hex)), "x");
        Assert.Equal(expected, clip.Samples.ToArray());
        Assert.Equal(44100, clip.SampleRateHz);
    }

    [Fact]
    public void Stated_frames_end_the_samples_and_other_chunks_are_skipped()
    {
        byte[] file = Aiff(null, 2, 1, 16, Rate22050, Convert.FromHexString("40002000" + "FFFF"), BigChunk("NAME", "odd"u8.ToArray()));
        AudioClip clip = AudioFile.Decode(file, "x");
        Assert.Equal((22050, 2, 1), (clip.SampleRateHz, clip.Channels, clip.Length));
        Assert.Equal([0.5f, 0.25f], clip.Samples.ToArray());
    }

    [Theory]
    [InlineData(0x7f000000 / 2, false)]
    [InlineData(0, false)]
    [InlineData(4, true)]
    public void A_length_that_a_program_could_not_know_when_it_wrote_to_a_pipe_is_no_promise(int frames, bool truncated)
    {
        byte[] file = Aiff(null, 1, frames, 16, Rate44100, Convert.FromHexString("8000" + "0001" + "4000"));
        // The chunk of the samples promises as much, eight bytes before them included.
        if (frames > 4) BigU32((uint)(8 + (2 * frames))).CopyTo(file, file.Length - 18);
        AudioClip clip = AudioFile.Decode(file, "x");
        Assert.Equal([-1f, 1 / 32768f, 0.5f], clip.Samples.ToArray());
        Assert.Equal(truncated, clip.IsTruncated);
    }

    [Theory]
    [InlineData("ima4", "compression 'ima4'")]
    [InlineData("\u0001abc", "compression '?abc'")]
    public void Foreign_compressions_are_named(string compression, string reason)
    {
        byte[] file = Aiff(compression, 1, 1, 16, Rate44100, [0, 0]);
        var error = Assert.Throws<AudioFormatException>(() => AudioFile.Decode(file, "x", new AudioReadOptions { FfmpegPath = null }));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Damaged_headers_are_refused_and_say_why()
    {
        byte[] good = Aiff(null, 1, 1, 16, Rate44100, [0, 0]);
        // Rates: not a number (all bits of the exponent set), zero.
        foreach (string rate in (string[])["7FFFFFFFFFFFFFFFFFFF", "00000000000000000000", "C00EAC44000000000000"])
            Assert.Contains("sample rate", Refuse(Aiff(null, 1, 1, 16, Convert.FromHexString(rate), [0, 0])), StringComparison.Ordinal);
        Assert.Contains("'SSND'", Refuse(good[..38]), StringComparison.Ordinal);
        Assert.Contains("'COMM'", Refuse(good[..12]), StringComparison.Ordinal);
        Assert.Contains("no samples", Refuse(Aiff(null, 1, 1, 16, Rate44100, [])), StringComparison.Ordinal);
    }

    private static string Refuse(byte[] bytes) => Assert.Throws<AudioFormatException>(() => AudioFile.Decode(bytes, "x")).Message;
}
