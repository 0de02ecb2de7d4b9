using FsCheck;
using FsCheck.Fluent;
using SerPipeline.Audio;
using SerPipeline.Prediction;
using SerPipeline.Reports;
using SerPipeline.Reports.Plots;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Prediction;

public sealed class EmotionTimelineTests(ToneModel tones)
{
    private static readonly EmotionTimelineOptions Windows = new() { WindowSeconds = 1, HopSeconds = 0.4, SilenceDb = -50 };

    [Fact]
    public void Any_chunks_give_the_windows_of_the_whole_recording_to_the_last_bit()
    {
        using SerModel model = SerModel.Load(tones.Path);
        foreach ((int rate, int channels) in new[] { (16000, 1), (44100, 1), (8000, 2), (47999, 1) })
        {
            AudioClip recording = Recording(5.3, rate, channels);
            string[] expected = [.. Batch(model, recording, Windows).Select(Print)];
            Assert.Contains(expected, line => line.EndsWith("silence", StringComparison.Ordinal));
            Assert.True(expected.Count(line => !line.EndsWith("silence", StringComparison.Ordinal)) > 5);
            Prop.ForAll(Gen.Choose(1, 30_000).NonEmptyListOf().ToArbitrary(),
                sizes => Assert.Equal(expected, Cut(model, recording, sizes).Select(Print)))
                .Check(Config.QuickThrowOnFailure.WithMaxTest(8).WithReplay(2026, 5));
            Assert.Equal(expected, Cut(model, recording, [1, 0, 7, 1, 15_999, 3]).Select(Print));
            Assert.Equal(expected, Cut(model, recording, [int.MaxValue]).Select(Print));
        }
    }

    [Fact]
    public void A_file_gives_the_same_timeline_as_its_samples()
    {
        using var folder = new TemporaryFolder();
        using SerModel model = SerModel.Load(tones.Path);
        AudioClip recording = Recording(4.1, 22050, 2);
        WavWriter.Write(folder.File("long.wav"), recording, WavEncoding.IeeeFloat);
        Assert.Equal(Batch(model, recording, Windows).Select(Print), model.PredictTimeline(folder.File("long.wav"), Windows).Select(Print));
        Assert.Throws<FileNotFoundException>(() => model.PredictTimeline(folder.File("absent.wav")).ToList());
    }

    [Theory]
    [InlineData(0.2, 1)]
    [InlineData(1.0, 1)]
    [InlineData(1.1, 2)]
    [InlineData(1.4, 2)]
    [InlineData(1.8, 3)]
    [InlineData(1.81, 4)]
    public void Windows_reach_the_end_and_no_further(double seconds, int windows)
    {
        using SerModel model = SerModel.Load(tones.Path);
        using EmotionTimeline timeline = model.OpenTimeline(16000, options: Windows);
        List<EmotionSegment> segments = [.. timeline.Push(ToneModel.Tone(0, 0, 0, seconds)), .. timeline.Complete()];
        Assert.Equal(windows, segments.Count);
        Assert.Equal(TimeSpan.Zero, segments[0].Start);
        Assert.Equal(seconds, segments[^1].End.TotalSeconds, 1e-9);
        for (int i = 0; i < segments.Count; i++) Assert.Equal(0.4 * i, segments[i].Start.TotalSeconds, 1e-9);
        Assert.Equal(seconds < 0.5, segments[0].Prediction!.Notes.HasFlag(PredictionNotes.Padded));
        Assert.Equal(seconds, timeline.Received.TotalSeconds, 1e-9);
    }

    [Fact]
    public void A_window_tells_the_rate_that_was_given()
    {
        using SerModel model = SerModel.Load(tones.Path);
        Assert.All(model.PredictTimeline([Recording(2, 48000, 1)], Windows), s => Assert.Equal(48000, s.Prediction?.SampleRateHz ?? 48000));
        Assert.Contains(model.PredictTimeline([Recording(2, 48000, 1)], Windows), s => s.Prediction is not null);
    }

    [Fact]
    public void Blocks_without_a_sample_are_refused_as_a_clip_without_one_is()
    {
        using SerModel model = SerModel.Load(tones.Path);
        Assert.Contains("no samples", Assert.Throws<AudioFormatException>(() => model.PredictTimeline([]).ToList()).Message,
            StringComparison.Ordinal);
        Assert.Contains("no samples",
            Assert.Throws<AudioFormatException>(() => model.PredictTimeline([new AudioClip([], 16000), new AudioClip([], 16000)]).ToList())
            .Message, StringComparison.Ordinal);
        Assert.Single(model.PredictTimeline([new AudioClip([], 16000), ToneModel.Tone(0, 0, 0, 0.6)], Windows));
    }

    // A second of it would be more samples than an array may have.
    [Fact]
    public void Any_rate_and_number_of_channels_is_counted_right()
    {
        using SerModel model = SerModel.Load(tones.Path);
        using EmotionTimeline timeline = model.OpenTimeline(16_000_000, 200);
        timeline.Push(new float[200 * 1000]);
        Assert.Equal(1000 / 16e6, timeline.Received.TotalSeconds, 1e-7);
    }

    [Fact]
    public void Memory_does_not_grow_with_the_recording()
    {
        using SerModel model = SerModel.Load(tones.Path);
        using EmotionTimeline timeline = model.OpenTimeline(16000, options: new() { WindowSeconds = 60, HopSeconds = 60 });
        // Silence is not scored, so that this is about samples alone: an hour of them is 230 MB.
        var second = new float[16000];
        timeline.Push(second);
        long before = GC.GetTotalMemory(forceFullCollection: true);
        int segments = 0;
        for (int i = 1; i < 3600; i++) segments += timeline.Push(second).Count;
        long grown = GC.GetTotalMemory(forceFullCollection: true) - before;
        Assert.Equal(60, segments + timeline.Complete().Count);
        // Other tests run beside this one; what they hold is far less than an hour.
        Assert.InRange(grown, long.MinValue, 100_000_000);
    }

    [Fact]
    public void Bad_input_is_refused_and_changes_nothing()
    {
        using SerModel model = SerModel.Load(tones.Path);
        using EmotionTimeline timeline = model.OpenTimeline(16000, 2);
        Assert.Throws<ArgumentException>(() => timeline.Push([0.1f]));
        Assert.Throws<ArgumentException>(() => timeline.Push(new AudioClip([0.1f, 0.1f], 8000, 2)));
        timeline.Push([0.1f, 0.1f]);
        Assert.Contains("NaN at sample 2", Assert.Throws<AudioFormatException>(() => timeline.Push([0.1f, 0.1f, 0, float.NaN])).Message,
            StringComparison.Ordinal);
        Assert.Equal(1 / 16000.0, timeline.Received.TotalSeconds, 1e-7);
        Assert.Single(timeline.Complete());
        Assert.Empty(timeline.Complete());
        Assert.Throws<InvalidOperationException>(() => timeline.Push([0.1f, 0.1f]));
        using EmotionTimeline nothing = model.OpenTimeline(16000);
        Assert.Empty(nothing.Complete());
        Assert.Throws<ArgumentOutOfRangeException>(() => model.OpenTimeline(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => model.OpenTimeline(16000, 0));
        Assert.Throws<AudioFormatException>(() => model.OpenTimeline(1));
        Assert.Equal(2, Assert.Throws<OptionsException>(() => model.OpenTimeline(16000, 1,
            new() { WindowSeconds = 1, HopSeconds = 2, SilenceDb = 3 })).Problems.Count);
    }

    [Fact]
    public void A_figure_of_any_length_has_all_of_the_recording()
    {
        using SerModel model = SerModel.Load(tones.Path);
        foreach (double seconds in new[] { 0.01, 2.5, 90 })
        {
            AudioClip recording = Recording(seconds, 24000, 1);
            var outline = new RecordingOutline(24000);
            foreach (AudioClip block in Blocks(recording, [5000])) outline.Add(block);
            EmotionTimelineData data = outline.Complete(model.Labels, model.PredictTimeline([recording], Windows));
            Assert.Equal(seconds, data.Seconds, 1e-3);
            AudioClip heard = recording.Resample(16000);
            Assert.Equal(heard.Samples.ToArray().Max(), data.High.Max());
            Assert.Equal(heard.Samples.ToArray().Min(), data.Low.Min());
            Assert.InRange(data.Low.Count * data.SecondsPerColumn, seconds, seconds + 0.2);
            Assert.Equal(data.Low.Count * 64, data.LevelsDb.Count);
            byte[] png = new EmotionTimelinePlot(data).ToPng();
            Assert.Equal(png, new EmotionTimelinePlot(data).ToPng());
            if (Environment.GetEnvironmentVariable("SER_KEEP_FIGURES") is { } folder)
                File.WriteAllBytes(Path.Combine(folder, $"timeline-{seconds}.png"), png);
        }
        Assert.Throws<InvalidOperationException>(() => new RecordingOutline(16000).Complete(model.Labels, []));
    }

    // The definition: the whole recording as one channel at the model's rate, then each window as a clip of its own.
    private static IEnumerable<EmotionSegment> Batch(SerModel model, AudioClip recording, EmotionTimelineOptions options)
    {
        AudioClip whole = recording.ToMono().Resample(model.SampleRateHz);
        int window = (int)(options.WindowSeconds * model.SampleRateHz), hop = (int)(options.HopSeconds * model.SampleRateHz);
        for (int start = 0; ; start += hop)
        {
            float[] samples = whole.Samples[start..Math.Min(whole.Length, start + window)].ToArray();
            double rms = Math.Sqrt(samples.Average(s => (double)s * s));
            EmotionPrediction? prediction = 20 * Math.Log10(rms) < options.SilenceDb ? null : model.Predict(samples, model.SampleRateHz);
            yield return new EmotionSegment(TimeSpan.FromSeconds((double)start / 16000),
                TimeSpan.FromSeconds((start + samples.Length) / 16000.0), prediction);
            if (start + window >= whole.Length) yield break;
        }
    }

    private static List<EmotionSegment> Cut(SerModel model, AudioClip recording, IReadOnlyList<int> sizes)
    {
        using EmotionTimeline timeline = model.OpenTimeline(recording.SampleRateHz, recording.Channels, Windows);
        var segments = new List<EmotionSegment>();
        foreach (AudioClip block in Blocks(recording, sizes)) segments.AddRange(timeline.Push(block));
        segments.AddRange(timeline.Complete());
        return segments;
    }

    private static IEnumerable<AudioClip> Blocks(AudioClip recording, IReadOnlyList<int> sizes)
    {
        for (int from = 0, i = 0; from < recording.Length; i++)
        {
            int frames = Math.Min(sizes[i % sizes.Count], recording.Length - from);
            yield return new AudioClip(recording.Samples.Slice(from * recording.Channels, frames * recording.Channels).ToArray(),
                recording.SampleRateHz, recording.Channels);
            from += frames;
        }
    }

    private static AudioClip Recording(double seconds, int rate, int channels)
    {
        AudioClip mono = ToneModel.Recording(seconds, rate);
        if (channels == 1) return mono;
        var samples = new float[mono.Length * channels];
        for (int i = 0; i < samples.Length; i++) samples[i] = mono.Samples[i / channels] * (1 - (0.3f * (i % channels)));
        return new AudioClip(samples, rate, channels);
    }

    private static string Print(EmotionSegment s)
    {
        string scores = s.Prediction is { } p ? string.Join(' ', p.Scores.Select(v => BitConverter.SingleToInt32Bits(v))) : "silence";
        return $"{s.Start}-{s.End} {scores}";
    }
}
