using SerPipeline.Corpora;

namespace SerPipeline.Tests.Corpora;

public class RavdessNameTests
{
    // The example is the one in the corpus's own description (Zenodo record 1188976); the others are files of the corpus.
    [Theory]
    [InlineData("02-01-06-01-02-01-12.mp4", "video", "speech", "fearful", "normal", 2, 1, "12", "female")]
    [InlineData("03-01-01-01-01-01-01.wav", "audio", "speech", "neutral", "normal", 1, 1, "01", "male")]
    [InlineData("Actor_24/03-01-08-02-02-02-24.WAV", "audio", "speech", "surprised", "strong", 2, 2, "24", "female")]
    [InlineData("Actor_05\\03-02-05-02-01-01-05.flac", "audio", "song", "angry", "strong", 1, 1, "05", "male")]
    [InlineData("01-01-07-01-01-02-11", "audio-video", "speech", "disgust", "normal", 1, 2, "11", "male")]
    public void Published_names_are_understood(
        string file, string modality, string channel, string emotion, string intensity, int statement, int repetition, string speaker,
        string sex)
    {
        Assert.True(RavdessName.TryParse(file, out RavdessName? name, out string problem), problem);
        Assert.Equal((modality, channel, emotion, intensity), (name.Modality, name.Channel, name.Emotion, name.Intensity));
        Assert.Equal((statement, repetition, speaker, sex), (name.Statement, name.Repetition, name.Speaker, name.Sex));
    }

    [Theory]
    [InlineData("03-01-06-01-02-01.wav", "seven two-digit numbers")]
    [InlineData("03-01-06-01-02-01-12-01.wav", "seven two-digit numbers")]
    [InlineData("3-1-6-1-2-1-12.wav", "seven two-digit numbers")]
    [InlineData("03_01_06_01_02_01_12.wav", "seven two-digit numbers")]
    [InlineData("03-01-06-01-02-01-1a.wav", "seven two-digit numbers")]
    [InlineData("03-01-06-01-02-01-٠١.wav", "seven two-digit numbers")]
    [InlineData("", "seven two-digit numbers")]
    [InlineData("04-01-06-01-02-01-12.wav", "modality (number 1) between 01 and 03, got 04")]
    [InlineData("03-03-06-01-02-01-12.wav", "channel (number 2)")]
    [InlineData("03-01-09-01-02-01-12.wav", "emotion (number 3) between 01 and 08, got 09")]
    [InlineData("03-01-00-01-02-01-12.wav", "emotion (number 3)")]
    [InlineData("03-01-06-03-02-01-12.wav", "intensity (number 4)")]
    [InlineData("03-01-06-01-03-01-12.wav", "statement (number 5)")]
    [InlineData("03-01-06-01-02-00-12.wav", "repetition (number 6)")]
    [InlineData("03-01-06-01-02-01-25.wav", "actor (number 7) between 01 and 24, got 25")]
    [InlineData("03-01-01-02-02-01-12.wav", "no strong neutral")]
    public void Other_names_are_refused_with_the_reason(string file, string reason)
    {
        Assert.False(RavdessName.TryParse(file, out RavdessName? name, out string problem));
        Assert.Null(name);
        Assert.Contains(reason, problem);
    }

    [Fact]
    public void Every_name_of_the_corpus_is_written_as_it_was_read()
    {
        for (int emotion = 1; emotion <= 8; emotion++)
            for (int actor = 1; actor <= 24; actor++)
            {
                string file = $"03-01-{emotion:00}-{(emotion == 1 ? 1 : 2):00}-01-02-{actor:00}";
                Assert.True(RavdessName.TryParse(file, out RavdessName? name, out _));
                Assert.Equal(file, name.ToString());
            }
    }
}
