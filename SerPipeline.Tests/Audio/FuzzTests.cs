using SerPipeline.Audio;
using static SerPipeline.Tests.Audio.AudioBytes;

namespace SerPipeline.Tests.Audio;

/// <summary>Damaged files: only <see cref="AudioFormatException"/> may come out, soon, and without memory that the file's size does not
/// explain.</summary>
public sealed class FuzzTests
{
    private static readonly AudioReadOptions NoFfmpeg = new() { FfmpegPath = null };

    private static byte[][] Seeds()
    {
        long[] wave = [.. Enumerable.Range(0, 64).Select(i => (long)(8000 * Math.Sin(0.2 * i)))];
        short[] samples = [.. wave.Select(s => (short)s)];
        return
        [
            Wav16(16000, 2, samples),
            Riff(Chunk("LIST", new byte[5]), Format(0xFFFE, 1, 8000, 32, null, Extensible(3, 32)), Chunk("data", new byte[64])),
            Riff("RF64", uint.MaxValue, Chunk("ds64", new byte[28]), Format(6, 1, 8000, 8), Chunk("data", new byte[64], uint.MaxValue)),
            Aiff(null, 1, 64, 16, Rate44100, Pcm16(samples)),
            Aiff("fl32", 1, 16, 32, Rate22050, new byte[64]),
            FlacBytes.Stream(16000, 1, 16, 64, new byte[16], FlacBytes.Frame(64, 0, w => w.Predicted(16, wave, [2, -1], 0, 10, 5))),
            FlacBytes.Stream(16000, 2, 16, 0, new byte[16],
                FlacBytes.Frame(64, 8, w => w.Verbatim(16, wave).Predicted(17, wave, [7000, 100, -2], 13, 34, 5))),
        ];
    }

    [Fact]
    public void Damaged_files_are_read_or_refused()
    {
        var random = new SeededRandom(11);
        int refused = 0, read = 0;
        foreach (byte[] seed in Seeds())
        {
            for (int round = 0; round < 3000; round++)
            {
                byte[] bytes = [.. seed];
                int changes = random.Next(1, 6), head = Math.Min(bytes.Length, 80);
                for (int i = 0; i < changes; i++) bytes[random.Next(random.Next(2) == 0 ? head : bytes.Length)] = random.Next(4) switch
                {
                    0 => 0,
                    1 => 0xFF,
                    _ => (byte)random.Next(256),
                };
                if (random.Next(3) == 0) bytes = bytes[..random.Next(bytes.Length)];
                if (TryDecode(bytes)) read++;
                else refused++;
            }
        }
        // Both ends occur, so the damage is neither harmless nor always at the signature.
        Assert.InRange(refused, 3000, 18000);
        Assert.InRange(read, 1000, 18000);
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

    private static bool TryDecode(byte[] bytes)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        bool read = true;
        try
        {
            AudioClip clip = AudioFile.Decode(bytes, "fuzz", NoFfmpeg);
            Assert.NotEqual(0, clip.Length);
        }
        catch (AudioFormatException)
        {
            read = false;
        }
        // Block buffers of up to 65,536 samples for 8 channels take 4 MiB, a decoded block of that kind as much again.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 16L << 20);
        return read;
    }
}
