using SerPipeline.Audio;
using static SerPipeline.Tests.Audio.AudioBytes;

namespace SerPipeline.Tests.Audio;

public sealed class WavReaderTests
{
    private static AudioClip Decode(byte[] bytes) => AudioFile.Decode(bytes, "test.wav");

    public static TheoryData<int, int, string, float[]> Encodings => new()
    {
        // Hand-coded: least, zero or centre, most, by the definition of each encoding. Division by 2^(bits-1) is exact.
        { 1, 8, "0080FF", [-1f, 0f, 127 / 128f] },
        { 1, 16, "00800000FF7F", [-1f, 0f, 32767 / 32768f] },
        { 1, 24, "000080" + "010000" + "FFFF7F", [-1f, 1 / 8388608f, 8388607 / 8388608f] },
        { 1, 32, "00000080" + "00000100" + "00000040", [-1f, 65536 / 2147483648f, 0.5f] },
        { 3, 32, "000000BF" + "00000000" + "00002040", [-0.5f, 0f, 2.5f] },
        { 3, 64, "000000000000E0BF" + "0000000000000000" + "000000000000D03F", [-0.5f, 0f, 0.25f] },
        { 6, 8, "D5552A", [8 / 32768f, -8 / 32768f, -32256 / 32768f] },
        { 7, 8, "FF0080", [0f, -32124 / 32768f, 32124 / 32768f] },
    };

    [Theory, MemberData(nameof(Encodings))]
    public void Every_encoding_decodes_to_its_defined_values(int tag, int bits, string hex, float[] expected)
    {
        byte[] data = Convert.FromHexString(hex);
        foreach (byte[] file in (byte[][])
            [Riff(Format(tag, 1, 8000, bits), Chunk("data", data)),
                Riff(Format(0xFFFE, 1, 8000, bits, null, Extensible(tag, bits)), Chunk("data", data))])
        {
            AudioClip clip = Decode(file);
            Assert.Equal(expected, clip.Samples.ToArray());
            Assert.Equal((8000, 1), (clip.SampleRateHz, clip.Channels));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public void Channels_stay_interleaved(int channels)
    {
        short[] samples = [.. Enumerable.Range(0, channels * 3).Select(i => (short)(i * 1000))];
        AudioClip clip = Decode(Wav16(44100, channels, samples));
        Assert.Equal((channels, 3), (clip.Channels, clip.Length));
        Assert.Equal(samples.Select(s => s / 32768f), clip.Samples.ToArray());
    }

    [Fact]
    public void A_file_beyond_32_bits_is_read_to_its_end_or_to_where_a_ds64_chunk_says_wherever_that_stands()
    {
        const long Length = 6L << 30;
        byte[] size = BitConverter.GetBytes(5L << 30);
        byte[] piped = Riff("RIFF", uint.MaxValue, Format(1, 1, 16000, 16), Chunk("data", new byte[4], uint.MaxValue)),
            ds64 = Chunk("ds64", [.. size, .. size, .. new byte[12]]);
        Assert.Equal(Length - 44, WavReader.ReadHeader(piped, "x", Length).DataLength);
        foreach (byte[] before in (byte[][])[[], Chunk("JUNK", new byte[7])])
        {
            byte[] rf64 = Riff("RF64", uint.MaxValue, before, ds64, Format(1, 1, 16000, 16), Chunk("data", new byte[4], uint.MaxValue));
            Assert.Equal(5L << 30, WavReader.ReadHeader(rf64, "x", Length).DataLength);
        }
    }

    [Fact]
    public void Samples_narrower_than_their_container_fill_its_high_bits()
    {
        // 24 valid bits in 4 bytes: 0x40000000 is half of full scale.
        AudioClip clip = Decode(Riff(Format(0xFFFE, 1, 8000, 32, 4, Extensible(1, 24)), Chunk("data", Convert.FromHexString("00000040"))));
        Assert.Equal(0.5f, clip.Samples[0]);
        clip = Decode(Riff(Format(1, 1, 8000, 24, 4), Chunk("data", Convert.FromHexString("00000040"))));
        Assert.Equal(0.5f, clip.Samples[0]);
        clip = Decode(Riff(Format(1, 1, 8000, 12), Chunk("data", Convert.FromHexString("0040"))));
        Assert.Equal(0.5f, clip.Samples[0]);
    }

    [Fact]
    public void A_wrong_block_size_does_not_widen_whole_samples()
    {
        // 16 bits mono in blocks of 4, as of a stereo file: the byte rate of 2 bytes a sample tells which of the two is wrong.
        byte[] format = [.. U16(1), .. U16(1), .. U32(8000), .. U32(16000), .. U16(4), .. U16(16)];
        AudioClip clip = Decode(Riff(Chunk("fmt ", format), Chunk("data", Pcm16(100, -200, 300))));
        Assert.Equal([100 / 32768f, -200 / 32768f, 300 / 32768f], clip.Samples.ToArray());
        // Where byte rate and block size agree, 16 bits fill the upper half of 4 bytes.
        clip = Decode(Riff(Format(1, 1, 8000, 16, 4), Chunk("data", Convert.FromHexString("00000040"))));
        Assert.Equal([0.5f], clip.Samples.ToArray());
    }

    private static readonly byte[] Fmt = Format(1, 1, 16000, 16);
    private static readonly byte[] Two = Pcm16(100, -200);

    public static TheoryData<string, byte[]> Quirks => new()
    {
        { "data before fmt", Riff(Chunk("data", Two), Fmt) },
        { "filler before data", Riff(Fmt, Chunk("FLLR", new byte[4044]), Chunk("data", Two)) },
        { "odd chunk, padded", Riff(Chunk("LIST", new byte[5]), Fmt, Chunk("data", Two)) },
        { "odd chunk, pad forgotten", Riff(Chunk("LIST", new byte[5], pad: false), Fmt, Chunk("data", Two)) },
        { "trailing chunks", Riff(Fmt, Chunk("data", Two), Chunk("LIST", "INFO"u8.ToArray()), Chunk("bext", new byte[602])) },
        { "trailing garbage", [.. Riff(Fmt, Chunk("data", Two)), 1, 2, 3] },
        { "RIFF size zero", Riff("RIFF", 0, Fmt, Chunk("data", Two)) },
        { "RIFF size too large", Riff("RIFF", 0x7FFFFFFF, Fmt, Chunk("data", Two)) },
        { "sizes unknown", Riff("RIFF", uint.MaxValue, Fmt, Chunk("data", Two, uint.MaxValue)) },
        { "data size zero, samples follow", Riff("RIFF", 0, Fmt, Chunk("data", Two, 0)) },
        { "data size beyond the end", Riff(Fmt, Chunk("data", Two, 4000)) },
        { "data size 2 GiB", Riff(Fmt, Chunk("data", Two, 0x80000000)) },
        { "empty data chunk first", Riff(Fmt, Chunk("data", []), Chunk("data", Two)) },
        { "part of a frame at the end", Riff(Fmt, Chunk("data", [.. Two, 7])) },
        { "block size zero", Riff(Format(1, 1, 16000, 16, 0), Chunk("data", Two)) },
        { "RF64",
            Riff("RF64", uint.MaxValue, Chunk("ds64", [.. U32(100), .. U32(0), .. U32(4), .. U32(0), .. new byte[12]]), Fmt,
                Chunk("data", Two, uint.MaxValue), Chunk("LIST", new byte[8])) },
    };

    [Theory, MemberData(nameof(Quirks))]
    public void Files_with_quirks_give_the_samples_that_are_there(string quirk, byte[] file)
    {
        AudioClip clip = AudioFile.Decode(file, quirk);
        Assert.Equal([100 / 32768f, -200 / 32768f], clip.Samples.ToArray());
        Assert.Equal(16000, clip.SampleRateHz);
    }

    public static TheoryData<string, byte[]> Refused => new()
    {
        { "no samples", Riff(Fmt, Chunk("data", [])) },
        { "no samples", Riff(Fmt, Chunk("data", [1])) },
        { "'data' chunk", Riff(Fmt) },
        { "'fmt ' chunk", Riff(Chunk("data", Two)) },
        { "at least 16 bytes", Riff(Chunk("fmt ", new byte[8]), Chunk("data", Two)) },
        { "sample rate must be", Riff(Format(1, 1, 0, 16), Chunk("data", Two)) },
        { "sample rate must be", Riff(Format(1, 1, -1, 16), Chunk("data", Two)) },
        { "channels", Riff(Format(1, 0, 8000, 16), Chunk("data", Two)) },
        { "channels", Riff(Format(1, 60000, 8000, 8), Chunk("data", Two)) },
        { "found NaN in channel 1 at sample 0", Riff(Format(3, 2, 8000, 32), Chunk("data", Convert.FromHexString("000000000000C07F"))) },
        { "found -Infinity in channel 0 at sample 1",
            Riff(Format(3, 1, 8000, 32), Chunk("data", Convert.FromHexString("00000000000080FF"))) },
        // 1e300 is finite as stored and infinite as a float.
        { "found Infinity", Riff(Format(3, 1, 8000, 64), Chunk("data", BitConverter.GetBytes(1e300))) },
    };

    [Theory, MemberData(nameof(Refused))]
    public void Files_without_usable_samples_are_refused_and_say_why(string reason, byte[] file)
    {
        var error = Assert.Throws<AudioFormatException>(() => Decode(file));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.StartsWith("test.wav: ", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, 4, "Microsoft ADPCM")]
    [InlineData(0x55, 0, "MPEG audio")]
    [InlineData(0x4321, 16, "0x4321")]
    [InlineData(1, 40, "PCM 40 bit")]
    public void Foreign_codecs_are_named(int tag, int bits, string codec)
    {
        byte[] file = Riff(Format(tag, 1, 8000, bits), Chunk("data", Two));
        var error = Assert.Throws<AudioFormatException>(() => AudioFile.Decode(file, "x", new AudioReadOptions { FfmpegPath = null }));
        Assert.Contains(codec, error.Message, StringComparison.Ordinal);
        Assert.Contains("ffmpeg", error.Message, StringComparison.Ordinal);
        Assert.False(AudioFile.Describe(file, "x").IsNative);
    }

    [Fact]
    public void G711_tables_hold_the_values_of_the_standard()
    {
        // ITU-T G.711 tables 1a/1b and 2a/2b, times 8 and 4: first and last value of each segment. Each law is symmetric in its sign bit.
        (byte Code, int Value)[] aLaw =
            [(0xD5, 8), (0xDA, 248), (0xC5, 264), (0xCA, 504), (0xF5, 528), (0xFA, 1008), (0xE5, 1056), (0x95, 2112), (0x85, 4224),
                (0xB5, 8448), (0xA5, 16896), (0xAA, 32256)];
        (byte Code, int Value)[] muLaw =
            [(0xFF, 0), (0xFE, 8), (0xF0, 120), (0xEF, 132), (0xE0, 372), (0xDF, 396), (0xCF, 924), (0xBF, 1980), (0xAF, 4092),
                (0x9F, 8316), (0x8F, 16764), (0x80, 32124)];
        foreach ((byte code, int value) in aLaw)
            Assert.Equal((value, -value), (G711.ALaw[code], G711.ALaw[code ^ 0x80]));
        foreach ((byte code, int value) in muLaw)
            Assert.Equal((value, -value), (G711.MuLaw[code], G711.MuLaw[code ^ 0x80]));
        // 256 codes give 256 values in A-law; mu-law has a positive and a negative zero.
        Assert.Equal(256, G711.ALaw.Distinct().Count());
        Assert.Equal(255, G711.MuLaw.Distinct().Count());
    }
}
