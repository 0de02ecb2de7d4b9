using SerPipeline.Corpora;
using SerPipeline.Corpora.Synthesis;
using SerPipeline.Splits;


namespace SerPipeline.Tests.Corpora;

/// <summary>The demo corpus carries the cues it claims, measured independently, and is neither trivial nor hopeless.</summary>
public class DemoCueTests
{
    private static readonly Lazy<(RavdessName Name, SpeechMeasures Measures)[]> Clips = new(() =>
    {
        var options = new DemoCorpusOptions { ClipsPerEmotion = 2 };
        return [.. DemoCorpus.Names(options).AsParallel().AsOrdered()
            .Select(name => (name, SpeechMeasures.Of(SpeechSynthesizer.Speak(name, options.SampleRateHz, options.Seed))))];
    });

    /// <summary>The mean over speakers of how far an emotion lies from the same speaker's neutral.</summary>
    private static double Shift(string emotion, Func<SpeechMeasures, double> measure)
    {
        double Mean(int actor, string of) =>
            Clips.Value.Where(clip => clip.Name.Actor == actor && clip.Name.Emotion == of).Average(clip => measure(clip.Measures));
        return Enumerable.Range(1, 12).Average(actor => Mean(actor, emotion) - Mean(actor, "neutral"));
    }

    private static double PitchShift(string emotion) => Shift(emotion, m => 12 * Math.Log2(m.MedianPitchHz));

    // Directions: the tables of Juslin and Laukka 2003 and Banse and Scherer 1996. The bounds leave room for the draw of 12 speakers.
    [Fact]
    public void Aroused_emotions_are_high_and_subdued_ones_low_in_pitch()
    {
        foreach (string high in new[] { "happy", "angry", "fearful", "surprised" })
            Assert.True(PitchShift(high) > 1.5, $"{high}: {PitchShift(high):0.00} semitones");
        foreach (string low in new[] { "calm", "sad" })
            Assert.True(PitchShift(low) < -0.5, $"{low}: {PitchShift(low):0.00} semitones");
        Assert.True(Shift("surprised", m => m.EndRiseSemitones) > Shift("angry", m => m.EndRiseSemitones) + 2);
    }

    [Fact]
    public void Sad_and_calm_are_slow_and_soft_angry_and_fearful_fast_and_anger_loud()
    {
        foreach (string slow in new[] { "sad", "disgust", "calm" }) Assert.True(Shift(slow, m => m.Seconds) > 0.05, slow);
        foreach (string fast in new[] { "angry", "fearful" }) Assert.True(Shift(fast, m => m.Seconds) < -0.03, fast);
        Assert.True(Shift("angry", m => m.LevelDb) > 3);
        Assert.True(Shift("sad", m => m.LevelDb) < -3);
        Assert.True(Shift("calm", m => m.LevelDb) < -1.5);
        Assert.True(Shift("angry", m => m.HighToLowDb) > Shift("sad", m => m.HighToLowDb) + 1, "anger is brighter than sadness");
        Assert.True(Shift("angry", m => m.PitchSpreadSemitones) > Shift("sad", m => m.PitchSpreadSemitones),
            "anger moves more than sadness");
    }

    [Fact]
    public void Men_and_women_differ_in_pitch_as_people_do()
    {
        double[] neutral = [.. Enumerable.Range(1, 12).Select(actor =>
            Clips.Value.Where(clip => clip.Name.Actor == actor && clip.Name.Emotion == "neutral")
                .Average(clip => clip.Measures.MedianPitchHz))];
        for (int actor = 1; actor <= 12; actor++)
        {
            // Ranges of adult speaking pitch, widened by the clips' own variation.
            if (actor % 2 == 1) Assert.InRange(neutral[actor - 1], 80, 175);
            else Assert.InRange(neutral[actor - 1], 150, 290);
        }
    }

    [Fact]
    public void Emotions_can_be_told_but_not_perfectly_and_less_so_with_speakers_held_out()
    {
        SplitItem[] items = [.. Clips.Value.Select(clip => new SplitItem(clip.Name.Emotion, clip.Name.Speaker, clip.Name.Sex,
            clip.Name.ToString()))];
        double random = Enumerable.Range(0, 5).Average(seed => NearestNeighbour(RandomSplit.Create(items, 0.2, seed)));
        double held = SpeakerSplit.Folds(items, 6, 0).Average(NearestNeighbour);
        // Chance is 0.125. Seven crude numbers a clip already tell most of what there is; a perfect score would mean the corpus teaches
        // nothing.
        Assert.InRange(random, 0.40, 0.85);
        Assert.InRange(held, 0.25, random - 0.03);
    }

    /// <summary>The accuracy of one-nearest-neighbour on standardised measures.</summary>
    private static double NearestNeighbour(Split split)
    {
        double[][] points = [.. Clips.Value.Select(clip => clip.Measures.Vector)];
        int axes = points[0].Length;
        var mean = new double[axes];
        var deviation = new double[axes];
        for (int a = 0; a < axes; a++)
        {
            mean[a] = split.Train.Average(i => points[i][a]);
            deviation[a] = Math.Sqrt(split.Train.Average(i => Math.Pow(points[i][a] - mean[a], 2)));
        }
        double Distance(int i, int j) => Enumerable.Range(0, axes).Sum(a => Math.Pow((points[i][a] - points[j][a]) / deviation[a], 2));
        return split.Test.Average(i => Clips.Value[split.Train.MinBy(j => Distance(i, j))].Name.Emotion == Clips.Value[i].Name.Emotion ? 1.0
            : 0.0);
    }
}
