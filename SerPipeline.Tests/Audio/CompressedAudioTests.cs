using System.Buffers.Binary;
using SerPipeline.Audio;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Audio;

/// <summary>MP3, Ogg Vorbis and Ogg Opus without ffmpeg. The fixtures are a chirp of 0.4 s from 200 to 800 Hz by lame, oggenc and opusenc,
/// so a wrong delay shows at once: 0.5 sin(2 pi (200 t + 750 t^2)), in chirp.opus with half of its inverse in the second channel.</summary>
public sealed class CompressedAudioTests
{
    private static readonly AudioReadOptions NoFfmpeg = new() { FfmpegPath = null };

    [Theory]
    [InlineData("chirp.mp3", 16000, 1, 6400, 15)]
    [InlineData("chirp.ogg", 16000, 1, 6400, 15)]
    [InlineData("chirp.opus", 48000, 2, 19200, 12)]
    public void Samples_lie_where_they_lay_before_encoding(string file, int rate, int channels, int length, double leastSnrDb)
    {
        AudioClip clip = AudioFile.Read(Fixture(file), NoFfmpeg);
        Assert.Equal((rate, channels, length, false), (clip.SampleRateHz, clip.Channels, clip.Length, clip.IsTruncated));
        Assert.InRange(SnrDb(clip, 0), leastSnrDb, 100);
        // A delay of one millisecond would be seen.
        Assert.All([-rate / 1000, rate / 1000], shift => Assert.InRange(SnrDb(clip, shift), -10, leastSnrDb - 5));
        AudioInfo info = AudioFile.Describe(Fixture(file));
        Assert.Equal((rate, channels, (long?)length, true), (info.SampleRateHz, info.Channels, info.Length, info.IsNative));
    }

    [Fact]
    public void An_mp3_without_delays_in_its_header_loses_those_of_usual_encoders_and_the_decoder()
    {
        AudioClip clip = AudioFile.Read(Fixture("chirp-untagged.mp3"), NoFfmpeg);
        Assert.InRange(SnrDb(clip, 0), 15, 100);
        Assert.Equal(0, (clip.Length + 1105) % 576);
        Assert.False(clip.IsTruncated);
    }

    [Theory]
    [InlineData("chirp.mp3")]
    [InlineData("chirp.ogg")]
    [InlineData("chirp.opus")]
    public void Blocks_from_a_path_hold_the_same_samples_whatever_the_file_is_called(string file)
    {
        using var folder = new TemporaryFolder();
        File.Copy(Fixture(file), folder.File("renamed.wav"));
        AudioClip whole = AudioFile.Decode(File.ReadAllBytes(Fixture(file)), "bytes", NoFfmpeg);
        float[] streamed = [.. AudioBlocks.Read(folder.File("renamed.wav"), NoFfmpeg).SelectMany(block => block.Samples.ToArray())];
        Assert.True(whole.Samples.SequenceEqual(streamed));
    }

    [Theory]
    [InlineData("chirp.mp3", 0.6, false)]
    // One page holds all of a short Ogg file.
    [InlineData("chirp.ogg", 0.9, true)]
    [InlineData("chirp.opus", 0.6, true)]
    public void A_file_that_was_cut_gives_what_is_there_and_says_so_or_is_refused(string file, double share, bool refused)
    {
        byte[] bytes = File.ReadAllBytes(Fixture(file));
        AudioClip whole = AudioFile.Decode(bytes, "whole", NoFfmpeg);
        if (refused)
        {
            Assert.Contains("holds no samples", Assert.Throws<AudioFormatException>(() => Cut()).Message, StringComparison.Ordinal);
            return;
        }
        AudioClip cut = Cut();
        Assert.True(cut.IsTruncated);
        Assert.InRange(cut.Length, 1, whole.Length - 1);
        Assert.True(RecordingQuality.Of(cut).Notes.HasFlag(QualityNotes.Truncated));

        AudioClip Cut() => AudioFile.Decode(bytes.AsSpan(0, (int)(bytes.Length * share)), "cut", NoFfmpeg);
    }

    [Theory]
    [InlineData("chirp.ogg")]
    [InlineData("chirp.opus")]
    public void A_damaged_page_is_told(string file)
    {
        byte[] bytes = File.ReadAllBytes(Fixture(file));
        bytes[^20] ^= 0x40;
        var error = Assert.Throws<AudioFormatException>(() => AudioFile.Decode(bytes, "damaged", NoFfmpeg));
        Assert.Contains("checksum", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(3600)]
    [InlineData(60)]
    [InlineData(1)]
    public void A_vorbis_stream_cut_out_of_a_longer_one_is_whole(int seconds)
    {
        byte[] bytes = File.ReadAllBytes(Fixture("chirp.ogg"));
        AudioClip expected = AudioFile.Decode(bytes, "whole", NoFfmpeg);
        // Every page of audio later, and its checksum anew (RFC 3533).
        for (int at = 0; at < bytes.Length;)
        {
            Span<byte> page = bytes.AsSpan(at);
            int lacing = page[26], length = 27 + lacing;
            for (int i = 0; i < lacing; i++) length += page[27 + i];
            long granule = BinaryPrimitives.ReadInt64LittleEndian(page[6..]);
            if (granule > 0) BinaryPrimitives.WriteInt64LittleEndian(page[6..], granule + (seconds * 16000L));
            page.Slice(22, 4).Clear();
            uint crc = 0;
            foreach (byte one in page[..length])
            {
                crc ^= (uint)one << 24;
                for (int bit = 0; bit < 8; bit++) crc = (crc << 1) ^ ((crc >> 31) * 0x04C11DB7);
            }
            BinaryPrimitives.WriteUInt32LittleEndian(page[22..], crc);
            at += length;
        }
        AudioClip late = AudioFile.Decode(bytes, "late", NoFfmpeg);
        Assert.False(late.IsTruncated);
        Assert.InRange(late.Length, expected.Length, expected.Length + 4096);
        Assert.Equal(expected.Samples[..4000].ToArray(), late.Samples[..4000].ToArray());
        Assert.Equal(late.Length, AudioFile.Describe(bytes, "late").Length);
    }

    [Fact]
    public void Joined_mp3_files_are_heard_to_the_end()
    {
        byte[] bytes = File.ReadAllBytes(Fixture("chirp.mp3"));
        AudioClip one = AudioFile.Decode(bytes, "one", NoFfmpeg), two = AudioFile.Decode([.. bytes, .. bytes], "two", NoFfmpeg);
        Assert.InRange(two.Length, 2 * one.Length, (2 * one.Length) + (4 * 1152));
        Assert.False(two.IsTruncated);
        Assert.Equal(one.Samples[..4000].ToArray(), two.Samples[..4000].ToArray());
    }

    [Fact]
    public void A_long_tag_between_joined_mp3_files_is_no_damage()
    {
        byte[] bytes = File.ReadAllBytes(Fixture("chirp.mp3"));
        // ID3v2 as one with a picture, its length of 40,000 bytes in seven bits a byte.
        byte[] tag = [.. "ID3"u8, 4, 0, 0, 0, 40_000 >> 14, (40_000 >> 7) & 0x7F, 40_000 & 0x7F, .. new byte[40_000]];
        AudioClip plain = AudioFile.Decode([.. bytes, .. bytes], "plain", NoFfmpeg);
        AudioClip tagged = AudioFile.Decode([.. bytes, .. tag, .. bytes], "tagged", NoFfmpeg);
        Assert.False(tagged.IsTruncated);
        // What is lost behind a tag is lost.
        Assert.True(AudioFile.Decode([.. bytes, .. tag, .. new byte[40_000], .. bytes], "torn", NoFfmpeg).IsTruncated);
        Assert.Equal(plain.Samples.ToArray(), tagged.Samples.ToArray());
    }

    [Fact]
    public void Damage_within_an_mp3_is_stepped_over_and_told()
    {
        byte[] bytes = File.ReadAllBytes(Fixture("chirp.mp3"));
        // Frames of 144 bytes behind one of 180 with the tag; the header of the third.
        Assert.Equal(0xFF, bytes[180 + (2 * 144)]);
        bytes.AsSpan(180 + (2 * 144), 4).Clear();
        AudioClip clip = AudioFile.Decode(bytes, "damaged", NoFfmpeg);
        Assert.True(clip.IsTruncated);
    }

    [Theory]
    [InlineData("-c:a libmp3lame -b:a 48k", "out.mp3", 80)]
    [InlineData("-c:a libmp3lame -q:a 5 -ac 2 -ar 44100", "out.mp3", 80)]
    [InlineData("-c:a libvorbis -q:a 3", "out.ogg", 80)]
    [InlineData("-c:a libvorbis -q:a 3 -ac 2 -ar 44100 -t 0.777", "out.ogg", 80)]
    [InlineData("-c:a libopus -b:a 64k -application audio", "out.opus", 40)]
    [InlineData("-c:a libopus -b:a 96k -ac 2 -ss 0.1 -t 0.777", "out.opus", 40)]
    public void Samples_are_those_of_ffmpeg(string arguments, string file, double leastSnrDb)
    {
        using var folder = new TemporaryFolder();
        float[] samples = [.. Enumerable.Range(0, 24_000).Select(i => i / 16000.0)
            .Select(t => (float)(0.4 * Math.Sin(2 * Math.PI * ((200 * t) + (300 * t * t)))))];
        WavWriter.Write(folder.File("in.wav"), new AudioClip(samples, 16000));
        Ffmpeg.Run(orSkip: true, ["-i", folder.File("in.wav"), .. arguments.Split(' '), folder.File(file)]);
        Ffmpeg.Run(orSkip: true, "-i", folder.File(file), "-c:a", "pcm_f32le", folder.File("reference.wav"));
        AudioClip reference = AudioFile.Read(folder.File("reference.wav")), clip = AudioFile.Read(folder.File(file), NoFfmpeg);
        Assert.Equal((reference.SampleRateHz, reference.Channels), (clip.SampleRateHz, clip.Channels));
        // Of short Vorbis files ffmpeg trims the end by whole packets.
        int slack = file.EndsWith(".ogg", StringComparison.Ordinal) ? 1024 : 0;
        Assert.InRange(clip.Length, reference.Length - slack, reference.Length + slack);
        double error = 0, power = 0;
        // Decoders differ in how they end the last packet.
        for (int i = 0; i < Math.Min(clip.Samples.Length, reference.Samples.Length) - (1152 * clip.Channels); i++)
        {
            error += Math.Pow(clip.Samples[i] - reference.Samples[i], 2);
            power += Math.Pow(reference.Samples[i], 2);
        }
        Assert.InRange(10 * Math.Log10(power / error), leastSnrDb, 400);
    }

    [Fact]
    public void An_m4a_is_left_to_ffmpeg()
    {
        byte[] bytes = [0, 0, 0, 0x20, .. "ftypM4A "u8, .. new byte[200]];
        Assert.Contains("MP4", Assert.Throws<AudioFormatException>(() => AudioFile.Decode(bytes, "a.mp3", NoFfmpeg)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Big_endian_RIFX_is_read_like_RIFF()
    {
        short[] values = [0, 1, -1, 12345, -32768, 32767];
        using var wav = new MemoryStream();
        void Number(int value, int bytes)
        {
            for (int i = bytes - 1; i >= 0; i--) wav.WriteByte((byte)(value >> (8 * i)));
        }
        wav.Write("RIFX"u8);
        Number(36 + (2 * values.Length), 4);
        wav.Write("WAVEfmt "u8);
        foreach ((int value, int bytes) in ((int, int)[])[(16, 4), (1, 2), (2, 2), (8000, 4), (32000, 4), (4, 2), (16, 2)])
            Number(value, bytes);
        wav.Write("data"u8);
        Number(2 * values.Length, 4);
        foreach (short value in values) Number(value, 2);
        AudioClip clip = AudioFile.Decode(wav.ToArray(), "rifx", NoFfmpeg);
        Assert.Equal((8000, 2, 3), (clip.SampleRateHz, clip.Channels, clip.Length));
        Assert.Equal([.. values.Select(value => value / 32768f)], clip.Samples.ToArray());
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("rifx.wav"), wav.ToArray());
        Assert.Equal(clip.Samples.ToArray(), Assert.Single(AudioBlocks.Read(folder.File("rifx.wav"))).Samples.ToArray());
    }

    private static string Fixture(string file) => Path.Combine(AppContext.BaseDirectory, "Audio", "Fixtures", file);

    private static double SnrDb(AudioClip clip, int shift)
    {
        double error = 0, power = 0;
        int length = clip.SampleRateHz * 2 / 5;
        for (int i = Math.Max(0, -shift); i < Math.Min(clip.Length - shift, length); i++)
        {
            double t = (double)i / clip.SampleRateHz, wanted = 0.5 * Math.Sin(2 * Math.PI * ((200 * t) + (750 * t * t)));
            for (int c = 0; c < clip.Channels; c++)
            {
                double sample = c == 0 ? wanted : -0.5 * wanted;
                error += Math.Pow(clip.Samples[((i + shift) * clip.Channels) + c] - sample, 2);
                power += sample * sample;
            }
        }
        return 10 * Math.Log10(power / error);
    }
}
