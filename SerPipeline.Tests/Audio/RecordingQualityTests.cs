using SerPipeline.Audio;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Audio;

/// <summary>Recordings that hold no speech, or something wrong, are told apart from speech: by made-up ones in every run, and by every clip
/// of the corpora where they are at hand.</summary>
public sealed class RecordingQualityTests
{
    private const int Rate = 16000;

    public static TheoryData<string> Sounds => [.. MadeUpSounds.Names];

    [Theory]
    [MemberData(nameof(Sounds))]
    public void Made_up_sounds_are_no_speech(string sound)
    {
        foreach (int rate in (int[])[8000, 16000, 44100])
        {
            RecordingQuality quality = RecordingQuality.Of(MadeUpSounds.Of(sound, rate), rate);
            Assert.False(quality.HasSpeech, $"{sound} at {rate} Hz is taken for speech: {quality}");
            Assert.False(quality.IsUsable);
        }
    }

    [Theory]
    [InlineData("silence", QualityNotes.Silent)]
    [InlineData("dc", QualityNotes.Silent)]
    [InlineData("white -85", QualityNotes.NearSilent)]
    [InlineData("white -40", QualityNotes.NoSpeech)]
    [InlineData("one click", QualityNotes.OneClick)]
    public void Each_kind_has_its_name(string sound, QualityNotes note) =>
        Assert.Equal(note, RecordingQuality.Of(MadeUpSounds.Of(sound, Rate), Rate).Notes);

    [Theory]
    [InlineData(8000)]
    [InlineData(11025)]
    [InlineData(16000)]
    [InlineData(22050)]
    [InlineData(44100)]
    public void A_voice_is_speech_at_any_rate_and_level(int rate)
    {
        foreach (double gain in (double[])[1, 0.01, 1.6])
        {
            float[] voice = [.. Voice(rate).Select(sample => (float)(sample * gain))];
            Assert.Equal(rate == 8000 ? QualityNotes.NarrowBand : QualityNotes.None, RecordingQuality.Of(voice, rate).Notes);
        }
    }

    [Theory]
    [InlineData(16000)]
    [InlineData(22050)]
    [InlineData(48000)]
    public void A_voice_over_a_telephone_is_of_a_narrow_band_however_it_comes(int rate)
    {
        var clip = new AudioClip(Voice(rate), rate);
        AudioClip line = clip.Under(RecordingCondition.Telephone);
        Assert.Equal(QualityNotes.NarrowBand, RecordingQuality.Of(line).Notes);
        Assert.Equal(QualityNotes.None, RecordingQuality.Of(clip.Under(RecordingCondition.Room)).Notes);
        // In pieces of odd lengths, on a constant, and half of it.
        AudioClip shifted = new([.. line.Samples.ToArray().Select(sample => sample + 0.2f)], rate);
        Assert.Equal(QualityNotes.NarrowBand, RecordingQuality.Of(shifted).Notes);
        Assert.Equal(QualityNotes.NarrowBand, RecordingQuality.Of(shifted.Samples.ToArray().Chunk(777)
            .Select(piece => new AudioClip(piece, rate))).Notes);
        // A tone's power above the limit, to a tenth of a decibel: half of the clip's.
        foreach ((double hz, double db) in ((double, double)[])[(5200, -3.01), (7000, -3.01), (4100, -70)])
        {
            var band = new HighBand(rate);
            band.Push([.. Enumerable.Range(0, rate).Select(i => (float)(Math.Sin(2 * Math.PI * 500 * i / rate)
                + Math.Sin(2 * Math.PI * hz * i / rate)))]);
            if (db > -70) Assert.Equal(db, band.ShareDb, 0.1);
            else Assert.True(band.ShareDb < db, $"{band.ShareDb}");
        }
    }

    [Theory]
    [InlineData(6000)]
    [InlineData(11025)]
    [InlineData(22050)]
    [InlineData(48000)]
    public void Frames_and_lags_last_as_long_at_every_rate(int rate)
    {
        foreach (double hz in (double[])[72, 200, 400])
        {
            var frames = new SpeechFrames(rate);
            frames.Push([.. Enumerable.Range(0, 2 * rate).Select(i => (float)Enumerable.Range(1, 5)
                .Sum(k => Math.Sin(2 * Math.PI * hz * k * i / rate) / (5 * k)))]);
            Assert.Equal(98, frames.Frames.Count, 1.0);
            Assert.All(frames.Frames, frame => Assert.Equal(hz, frame.PitchHz, hz / 25));
        }
        Assert.Equal(RecordingQuality.Of(Voice(8000), 8000).VoicedSeconds, RecordingQuality.Of(Voice(rate), rate).VoicedSeconds, 0.05);
    }

    [Fact]
    public void A_rate_of_no_recording_costs_no_more_than_its_samples()
    {
        const int Rate = 16_000_000;
        var band = new HighBand(Rate);
        band.Push([.. Enumerable.Range(0, Rate / 10).Select(i => (float)(Math.Sin(2 * Math.PI * 500 * i / Rate)
            + Math.Sin(2 * Math.PI * 5200 * i / Rate)))]);
        Assert.Equal(-3.01, band.ShareDb, 0.1);
    }

    [Fact]
    public void One_sentence_in_a_long_silence_or_in_steady_noise_is_speech()
    {
        float[] recording = MadeUpSounds.Of("pink -50", Rate, 30);
        float[] voice = Voice(Rate);
        for (int i = 0; i < voice.Length; i++) recording[(12 * Rate) + i] += voice[i];
        RecordingQuality quality = RecordingQuality.Of(recording, Rate);
        Assert.Equal(QualityNotes.None, quality.Notes);
        Assert.InRange(quality.VoicedSeconds, 0.5, 3);
    }

    [Fact]
    public void Channels_that_cancel_each_other_are_silent()
    {
        float[] voice = Voice(Rate);
        var antiphase = new AudioClip([.. voice.SelectMany(sample => (float[])[sample, -sample])], Rate, 2);
        Assert.Equal(QualityNotes.Silent, RecordingQuality.Of(antiphase).Notes);
    }

    [Theory]
    [InlineData(32768, true, 1f / 32768)]
    [InlineData(32768, false, 1f / 32768)]
    [InlineData(8388608, true, 1f / 8388608)]
    public void Integers_stored_as_floats_are_recognised(double scale, bool rounded, float expected)
    {
        float[] stored = [.. Voice(Rate).Select(sample => (float)(rounded ? Math.Round(sample * scale) : sample * scale))];
        RecordingQuality quality = RecordingQuality.Of(stored, Rate);
        Assert.Equal((QualityNotes.IntegersAsFloat, expected, true), (quality.Notes, quality.Scale, quality.IsUsable));
        Assert.InRange(quality.PeakDb, -20, 0);
    }

    [Theory]
    [InlineData(1e29)]
    [InlineData(7.5)]
    public void Samples_that_no_scale_explains_are_out_of_range(double peak)
    {
        float[] voice = Voice(Rate);
        voice[1000] = (float)peak;
        RecordingQuality quality = RecordingQuality.Of(voice, Rate);
        Assert.Equal((QualityNotes.OutOfRange, false), (quality.Notes, quality.IsUsable));
        // A decoder's overshoot is none.
        voice[1000] = 1.5f;
        Assert.Equal(QualityNotes.None, RecordingQuality.Of(voice, Rate).Notes);
    }

    [Fact]
    public void Clipping_is_told_and_does_not_withhold_the_answer()
    {
        float[] clipped = [.. Voice(Rate).Select(sample => Math.Clamp(sample * 8, -1, 1))];
        RecordingQuality quality = RecordingQuality.Of(clipped, Rate);
        Assert.Equal((QualityNotes.Clipped, true), (quality.Notes, quality.IsUsable));
        Assert.InRange(quality.ClippedShare, QualityRules.ClippedShare, 0.9);
    }

    [Fact]
    public void A_syllable_is_the_least()
    {
        Assert.Equal(QualityNotes.TooShort, RecordingQuality.Of(Voice(Rate).AsSpan(0, Rate / 8), Rate).Notes);
        Assert.Equal(QualityNotes.Silent, RecordingQuality.Of([0f], Rate).Notes);
    }

    [Fact]
    public void Blocks_are_judged_like_the_whole()
    {
        float[] samples = [.. Voice(Rate), .. MadeUpSounds.Of("pink -50", Rate), .. Voice(Rate)];
        RecordingQuality whole = RecordingQuality.Of(samples, Rate);
        IEnumerable<AudioClip> blocks = samples.Chunk(777).Select(block => new AudioClip(block, Rate));
        Assert.Equal(whole, RecordingQuality.Of(blocks));
    }

    // Words as files and tables write them, every one.
    [Fact]
    public void Every_note_has_a_word()
    {
        foreach (QualityNotes note in Enum.GetValues<QualityNotes>().Where(note => note != QualityNotes.None))
            Assert.Matches("^[a-z-]+$", Assert.Single(note.ToWords()));
        Assert.Equal(["truncated", "clipped"], (QualityNotes.Clipped | QualityNotes.Truncated).ToWords());
    }

    /// <summary>The figures of docs/reliability.md. Thresholds were chosen on odd clips; even ones are the test.</summary>
    [Theory(Explicit = true)]
    [InlineData("RAVDESS", 1440)]
    [InlineData("EMO-DB", 535)]
    [InlineData("TESS", 1120)]
    public void Every_real_clip_is_speech(string corpus, int clips)
    {
        string[] files = [.. Directory.EnumerateFiles(Companions.Require("corpora", corpus), "*.*", SearchOption.AllDirectories)
            .Where(path => Path.GetExtension(path) is ".flac" or ".wav").Order(StringComparer.Ordinal)];
        Assert.Equal(clips, files.Length);
        Assert.All(files.AsParallel().Select(path => RecordingQuality.Of(AudioFile.Read(path).ToMono().Under(
            RecordingCondition.Telephone)).Notes), notes => Assert.True((notes & (QualityRules.Unusable | QualityNotes.NarrowBand)) != 0));
        foreach (int rate in (int[])[0, 8000, 11025, 22050])
        {
            QualityNotes[] notes = [.. files.AsParallel().AsOrdered().Select(path => AudioFile.Read(path))
                .Select(clip => RecordingQuality.Of(rate == 0 ? clip : clip.ToMono().Resample(rate)).Notes)];
            int[] rejected = [.. Enumerable.Range(0, 2).Select(half => notes.Where((note, i) => i % 2 == half
                && (note & ~(QualityNotes.Clipped | QualityNotes.Truncated | QualityNotes.NarrowBand)) != 0).Count())];
            // Of what is no speech nothing more is said.
            Assert.All(notes, note => Assert.True((note & QualityRules.Unusable) != 0
                || (note & QualityNotes.NarrowBand) != 0 == (rate == 8000)));
            string rejectedFiles = string.Join(", ", files.Where((_, i) => notes[i] != QualityNotes.None).Select(Path.GetFileName));
            TestContext.Current.TestOutputHelper!.WriteLine(
                $"{corpus} at {(rate == 0 ? "its own rate" : $"{rate} Hz")}: {rejected[1]} of {clips / 2} odd clips and {rejected[0]} of "
                + $"{clips - (clips / 2)} even ones are no speech: {rejectedFiles}");
            Assert.InRange(rejected[0] + rejected[1], 0, clips / 1000);
        }
    }

    // A hummed voice with vibrato and syllables, 1.2 s.
    private static float[] Voice(int rate)
    {
        var random = new SeededRandom(3);
        var samples = new float[(int)(1.2 * rate)];
        for (int i = 0; i < samples.Length; i++)
        {
            double t = (double)i / rate, syllable = 0.1 + (0.9 * Math.Abs(Math.Sin((4 * Math.PI * t) + 0.5)));
            double turn = (2 * Math.PI * 130 * t) + (0.8 * Math.Sin(10 * Math.PI * t));
            double voice = Enumerable.Range(1, 12).Sum(k => Math.Sin(k * turn) / k);
            samples[i] = (float)((0.2 * syllable * voice) + (0.002 * random.NextNormal()));
        }
        return samples;
    }
}
