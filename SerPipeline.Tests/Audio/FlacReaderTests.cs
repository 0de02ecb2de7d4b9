using SerPipeline.Audio;
using SerPipeline.Tests.Support;
using static SerPipeline.Tests.Audio.FlacBytes;

namespace SerPipeline.Tests.Audio;

public sealed class FlacReaderTests
{
    private static readonly byte[] NoMd5 = new byte[16];

    // A wave of 40 samples that uses most of the given bits.
    private static long[] Wave(int bits, double phase = 0, int length = 40) =>
        [.. Enumerable.Range(0, length).Select(i => (long)Math.Round(Math.Sin((0.3 * i) + phase) * 0.9 * ((1L << (bits - 1)) - 1)))];

    private static void AssertDecodes(int bits, long[] expected, int channels, params byte[][] frames)
    {
        byte[] file = Stream(16000, channels, bits, expected.Length / channels, Md5(bits, expected), frames);
        AudioClip clip = AudioFile.Decode(file, "test.flac");
        Assert.Equal((16000, channels), (clip.SampleRateHz, clip.Channels));
        Assert.Equal(expected.Select(s => (float)(s / Math.Pow(2, bits - 1))), clip.Samples.ToArray());
    }

    [Fact]
    public void Constant_subframes_of_several_block_sizes()
    {
        AssertDecodes(16, [.. Enumerable.Repeat(-77L, 1000), 5, 5, 5], 1,
            Frame(1000, 0, w => w.Head(0).Write(-77, 16)), Frame(3, 0, w => w.Head(0).Write(5, 16), 1));
    }

    [Theory]
    [InlineData(4)]
    [InlineData(8)]
    [InlineData(12)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(20)]
    [InlineData(24)]
    [InlineData(31)]
    [InlineData(32)]
    public void Verbatim_and_fixed_and_linear_subframes_of_every_sample_size(int bits)
    {
        long[] wave = Wave(bits);
        AssertDecodes(bits, wave, 1, Frame(40, 0, w => w.Verbatim(bits, wave)));
        long[][] predictors = [[], [1], [2, -1], [3, -3, 1], [4, -6, 4, -1]];
        int rice = Math.Min(bits, 14);
        foreach (long[] p in predictors)
            AssertDecodes(bits, wave, 1, Frame(40, 0, w => w.Predicted(bits, wave, p, 0, 8 + p.Length, rice, rice > 10 ? 1 : 0)));
        long[] coefficients = [15000, -9000, 2000];
        AssertDecodes(bits, wave, 1, Frame(40, 0, w => w.Predicted(bits, wave, coefficients, 13, 31 + 3, rice)));
    }

    [Fact]
    public void Linear_prediction_of_the_highest_order()
    {
        long[] wave = Wave(16, 1, 100), coefficients = [.. Enumerable.Range(0, 32).Select(i => (long)((i % 5 - 2) * 300))];
        AssertDecodes(16, wave, 1, Frame(100, 0, w => w.Predicted(16, wave, coefficients, 10, 63, 9)));
    }

    [Theory]
    [InlineData(8, 16)]
    [InlineData(9, 16)]
    [InlineData(10, 16)]
    [InlineData(8, 32)]
    [InlineData(9, 32)]
    [InlineData(10, 32)]
    public void Every_channel_decorrelation(int code, int bits)
    {
        // Full-scale opposite samples: the side channel needs its extra bit.
        long[] left = [.. Wave(bits), (1L << (bits - 1)) - 1, -(1L << (bits - 1))];
        long[] right = [.. Wave(bits, 2), -(1L << (bits - 1)), (1L << (bits - 1)) - 1];
        long[] side = [.. left.Zip(right, (l, r) => l - r)], mid = [.. left.Zip(right, (l, r) => (l + r) >> 1)];
        long[] expected = [.. left.Zip(right, (l, r) => (long[])[l, r]).SelectMany(p => p)];
        byte[] frame = Frame(left.Length, code, w => _ = code switch
        {
            8 => w.Verbatim(bits, left).Verbatim(bits + 1, side),
            9 => w.Verbatim(bits + 1, side).Verbatim(bits, right),
            _ => w.Verbatim(bits, mid).Verbatim(bits + 1, side),
        });
        AssertDecodes(bits, expected, 2, frame);
    }

    [Fact]
    public void Eight_independent_channels()
    {
        AssertDecodes(16, [.. Enumerable.Range(1, 16).Select(i => (long)i)], 8,
            Frame(2, 7, w => { for (int c = 1; c <= 8; c++) w.Verbatim(16, c, c + 8); }));
    }

    [Fact]
    public void Wasted_bits_are_restored()
    {
        AssertDecodes(16, [8, -16, 24, 8], 1, Frame(4, 0, w => w.Head(1, wasted: 3).Write(1, 13).Write(-2, 13).Write(3, 13).Write(1, 13)));
        AssertDecodes(16, [-32768, -32768], 1, Frame(2, 0, w => w.Head(0, wasted: 15).Write(-1, 1)));
    }

    [Fact]
    public void Partitions_with_own_parameters_and_escapes()
    {
        long[] residuals = [3, -2, 7, 0, 0, 0, 0, 0, -500, 499, -512, 511, 1_000, -70_000, 5, 0];
        AssertDecodes(24, residuals, 1, Frame(16, 0, w =>
        {
            w.Head(8).Write(1, 2).Write(2, 4);
            w.Write(2, 5);
            for (int i = 0; i < 4; i++) w.Rice(residuals[i], 2);
            w.Write(31, 5).Write(0, 5);
            w.Write(31, 5).Write(10, 5);
            for (int i = 8; i < 12; i++) w.Write(residuals[i], 10);
            // Parameter 0 with a value of 70,000 gives a run of 139,999 zeros, many times the reader's window.
            w.Write(0, 5);
            for (int i = 12; i < 16; i++) w.Rice(residuals[i], 0);
        }));
    }

    public static TheoryData<int, int, string, int> Headers => new()
    {
        // Block size code, its extra bytes as hex, expected block size; rates and their extra bytes come through the second number.
        { 1, 0, "", 192 }, { 2, 0, "", 576 }, { 5, 0, "", 4608 }, { 8, 0, "", 256 }, { 15, 0, "", 32768 }, { 6, 0, "04", 5 },
        { 7, 0, "FFFE", 65535 },
        { 6, 5, "04", 5 }, { 6, 12, "0410", 5 }, { 6, 13, "043E80", 5 }, { 6, 14, "040640", 5 },
    };

    [Theory, MemberData(nameof(Headers))]
    public void Every_way_to_state_block_size_and_rate(int sizeCode, int rateCode, string extra, int blockSize)
    {
        BitWriter codes = new BitWriter().Write(0xFFF9, 16).Write(sizeCode, 4).Write(rateCode, 4);
        byte[] head = [.. codes.Write(0, 4).Write(4, 3).Write(0, 1).ToBytes(),
            // A sample number of seven bytes: 36 bits.
            0xFE, 0xBF, 0xBF, 0xBF, 0xBF, 0xBF, 0xBF, .. Convert.FromHexString(extra)];
        AssertDecodes(16, [.. Enumerable.Repeat(9L, blockSize)], 1, Seal(head, w => w.Head(0).Write(9, 16)));
    }

    [Fact]
    public void Unknown_length_tags_and_other_metadata_are_accepted()
    {
        byte[] frame = Frame(2, 0, w => w.Verbatim(16, 1, 2)), plain = Stream(8000, 1, 16, 0, NoMd5, frame);
        byte[] id3 = [.. "ID3"u8, 4, 0, 0, 0, 0, 1, 2, .. new byte[130]], tag = [.. "TAG"u8, .. new byte[125]];
        byte[] blocks = [.. "fLaC"u8, 0, 0, 0, 34, .. StreamInfo(8000, 1, 16, 2, NoMd5), 4, 0, 0, 3, 1, 2, 3, 0x81, 0, 0, 0, .. frame];
        foreach (byte[] file in (byte[][])[plain, [.. id3, .. plain], [.. plain, .. tag], blocks,
            [.. Stream(8000, 1, 16, 2, NoMd5, frame), 0, 0, 0, 0]])
            Assert.Equal([1 / 32768f, 2 / 32768f], AudioFile.Decode(file, "x").Samples.ToArray());
    }

    [Fact]
    public void A_wrong_MD5_is_refused_unless_verification_is_off()
    {
        byte[] file = Stream(8000, 1, 16, 2, Md5(16, 1, 3), Frame(2, 0, w => w.Verbatim(16, 1, 2)));
        Assert.Contains("MD5", Refuse(file), StringComparison.Ordinal);
        Assert.Equal(2, AudioFile.Decode(file, "x", new AudioReadOptions { VerifyFlacMd5 = false }).Length);
    }

    [Fact]
    public void Every_flipped_bit_of_a_frame_is_noticed()
    {
        long[] wave = Wave(16);
        byte[] file = Stream(16000, 1, 16, 40, Md5(16, wave), Frame(40, 0, w => w.Predicted(16, wave, [2, -1], 0, 10, 9)));
        for (int bit = 42 * 8; bit < file.Length * 8; bit++)
        {
            byte[] damaged = [.. file];
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Throws<AudioFormatException>(() => AudioFile.Decode(damaged, "x"));
        }
        for (int length = 4; length < file.Length; length++)
            Assert.Throws<AudioFormatException>(() => AudioFile.Decode(file.AsSpan(0, length), "x"));
    }

    [Fact]
    public void A_header_with_2_to_the_36_samples_does_not_allocate_them()
    {
        byte[] file = Stream(8000, 8, 32, (1L << 36) - 1, NoMd5, Frame(2, 7, w => { for (int c = 0; c < 8; c++) w.Verbatim(32, 1, 2); }));
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("states 68719476735 samples and holds 2", Refuse(file), StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    public static TheoryData<string, byte[]> Refused => new()
    {
        { "holds no samples", Stream(8000, 1, 16, 0, NoMd5) },
        { "0 Hz", Stream(0, 1, 16, 0, NoMd5) },
        { "4 to 32 bits", Stream(8000, 1, 3, 0, NoMd5) },
        { "STREAMINFO", [.. "fLaC"u8, 0x84, 0, 0, 34, .. new byte[34]] },
        { "2 channels", Stream(8000, 1, 16, 2, NoMd5, Frame(2, 1, w => w.Verbatim(16, 1, 2).Verbatim(16, 1, 2))) },
        { "of 24 bits", Stream(8000, 1, 16, 2, NoMd5, Frame(2, 0, w => w.Verbatim(24, 1, 2), bitsCode: 6)) },
        { "reserved", Stream(8000, 2, 16, 2, NoMd5, Frame(2, 11, w => w.Verbatim(16, 1, 2).Verbatim(16, 1, 2))) },
        { "reserved", Stream(8000, 1, 16, 2, NoMd5, Frame(2, 0, w => w.Head(2).Write(0, 32))) },
        { "has 16 wasted bits of 16", Stream(8000, 1, 16, 2, NoMd5, Frame(2, 0, w => w.Head(0, 16).Write(0, 32))) },
        { "order 4", Stream(8000, 1, 16, 2, NoMd5, Frame(2, 0, w => w.Head(12).Write(0, 32))) },
        { "negative shift",
            Stream(8000, 1, 16, 2, NoMd5, Frame(2, 0, w => w.Head(32).Write(0, 16).Write(3, 4).Write(-1, 5).Write(0, 32))) },
        { "reserved precision", Stream(8000, 1, 16, 2, NoMd5, Frame(2, 0, w => w.Head(32).Write(0, 16).Write(15, 4).Write(0, 32))) },
        { "partitions", Stream(8000, 1, 16, 3, NoMd5, Frame(3, 0, w => w.Head(8).Write(0, 2).Write(1, 4).Write(0, 32))) },
        { "coding method 2", Stream(8000, 1, 16, 2, NoMd5, Frame(2, 0, w => w.Head(8).Write(2, 2).Write(0, 32))) },
        { "no sync code found", Stream(8000, 1, 16, 4, NoMd5, Frame(2, 0, w => w.Verbatim(16, 1, 2)), [1, 2, 3, 4, 5, 6, 7, 8]) },
    };

    [Theory, MemberData(nameof(Refused))]
    public void Streams_that_break_the_rules_are_refused_and_say_why(string reason, byte[] file) =>
        Assert.Contains(reason, Refuse(file), StringComparison.Ordinal);

    private static string Refuse(byte[] file) => Assert.Throws<AudioFormatException>(() => AudioFile.Decode(file, "x")).Message;

    // Real FLAC files carry the MD5 of their samples, so decoding without error is a comparison with the encoder's input.
    [Fact(Explicit = true), Trait("Speed", "slow")]
    public void Every_corpus_file_matches_its_MD5()
    {
        string[] files = Files();
        Parallel.ForEach(files, DecodeAndCompare);
        Assert.Equal(3095, files.Length);
    }

    [Fact]
    public void A_sample_of_corpus_files_matches_their_MD5()
    {
        string[] files = Files();
        Parallel.For(0, (files.Length + 60) / 61, i => DecodeAndCompare(files[i * 61]));
    }

    private static string[] Files()
    {
        string[] files = Directory.GetFiles(Companions.Require("corpora"), "*.flac", SearchOption.AllDirectories);
        Assert.NotEmpty(files);
        Array.Sort(files, StringComparer.Ordinal);
        return files;
    }

    private static void DecodeAndCompare(string file)
    {
        byte[] bytes = File.ReadAllBytes(file);
        // The header, parsed independently: an MD5 that is not all zero, and the length.
        Assert.Contains(bytes[26..42], b => b != 0);
        long total = ((bytes[21] & 0xFL) << 32) | ((long)bytes[22] << 24) | ((long)bytes[23] << 16) | ((long)bytes[24] << 8) | bytes[25];
        AudioClip clip = AudioFile.Decode(bytes, file);
        Assert.Equal(total, clip.Length);
    }

    [Fact]
    public void Random_FLAC_subframes_are_decoded_or_refused()
    {
        // The subframe decoder itself, which checksums protect from random bits in whole files.
        var random = new SeededRandom(12);
        int read = 0;
        for (int round = 0; round < 30_000; round++)
        {
            var bytes = new byte[random.Next(1, 400)];
            foreach (ref byte b in bytes.AsSpan()) b = (byte)random.Next(256);
            bytes[0] &= 0x7F;
            var samples = new long[random.Next(1, 200)];
            int bits = random.Next(4, 34);
            try
            {
                var reader = new FlacBitReader(bytes, 0, "fuzz");
                FlacSubframe.Decode(ref reader, samples, bits, "fuzz");
                Assert.InRange(reader.BytePosition, 1, bytes.Length);
                read++;
            }
            catch (AudioFormatException)
            {
                // Anything else that is thrown fails the test.
            }
        }
        // About one in thirty is whole: constants, short verbatim blocks, lucky residuals. The rest, five in six at least, is refused.
        Assert.InRange(read, 300, 5000);
    }
}
