using System.Xml.Linq;
using SerPipeline.Audio;
using SerPipeline.Evaluation;
using SerPipeline.Reports;
using SerPipeline.Tests.Evaluation;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Reports;

public class ConfidentMistakesTests
{
    private static readonly PredictionSet Three = new(["a", "b"],
    [
        Row("right.wav", "a", "a", 0.99f), Row("z.wav", "a", "b", 0.1f), Row("c.wav", "a", "b", 0.1f), Row("sure.wav", "b", "a", 0.95f),
            Row("unsure.wav", "b", "a", 0.6f),
    ]);

    [Fact]
    public void Wrong_clips_come_surest_first_and_equal_ones_by_path()
    {
        IReadOnlyList<ReportClip> clips = ConfidentMistakes.Collect(Three, _ => null);
        Assert.Equal(["sure.wav", "c.wav", "z.wav", "unsure.wav"], clips.Select(c => c.Prediction.Path));
        Assert.Equal(0.95, clips[0].Confidence, 1e-6);
        Assert.Equal(0.05, clips[0].TrueProbability, 1e-6);
        Assert.Equal(["sure.wav", "c.wav"],
            ConfidentMistakes.Collect(Three, _ => null, new() { Count = 2 }).Select(c => c.Prediction.Path));
        Assert.All(clips, c => Assert.Null(c.Wav));
        Assert.All(clips, c => Assert.NotNull(c.Problem));
    }

    [Fact]
    public void Sound_and_pictures_are_one_channel_at_16_kHz_of_no_more_than_asked()
    {
        using var folder = new TemporaryFolder();
        // A 440 Hz tone of 3 s, on the left channel only.
        float[] samples = new float[44_100 * 3 * 2];
        for (int i = 0; i < samples.Length; i += 2) samples[i] = (float)(0.8 * Math.Sin(2 * Math.PI * 440 * (i / 2) / 44_100));
        WavWriter.Write(folder.File("tone.wav"), new AudioClip(samples, 44_100, 2));
        ReportClip clip = ConfidentMistakes.Collect(Three, _ => folder.File("tone.wav"), new() { Count = 1, MaxSeconds = 1.5 })[0];
        Assert.Equal((3.0, 1.5), (clip.Seconds, clip.ShownSeconds));
        AudioClip sound = AudioFile.Decode(clip.Wav, "sound");
        Assert.Equal((16_000, 1, 24_000), (sound.SampleRateHz, sound.Channels, sound.Length));
        Assert.Equal(44 + (2 * 24_000), clip.Wav!.Length);
        // The mean of the channels has half the amplitude; away from the edges
        // the tone is the same up to the resampler's ripple and 16-bit steps.
        for (int i = 1000; i < 22_000; i += 7) Assert.Equal(0.4 * Math.Sin(2 * Math.PI * 440 * i / 16_000), sound.Samples[i], 1e-3);
        Assert.Equal(2, clip.Figures.Count);
        Assert.All(clip.Figures, figure => Assert.Equal("svg", XDocument.Parse(figure.Svg).Root!.Name.LocalName));
    }

    [Fact]
    public void Audio_that_cannot_be_read_is_said_so_and_leaves_the_others()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("broken.wav"), "RIFF....WAVEfmt ");
        WavWriter.Write(folder.File("short.wav"), new AudioClip(new float[100], 16_000));
        IReadOnlyList<ReportClip> clips =
            ConfidentMistakes.Collect(Three, clip =>
                clip.Path switch
                {
                    "sure.wav" => folder.File("broken.wav"),
                    "c.wav" => folder.File("absent.wav"),
                    _ =>
                    folder.File("short.wav")
                });
        Assert.Equal("Its audio file could not be read.", clips[0].Problem);
        Assert.Equal("Its audio file was not found.", clips[1].Problem);
        Assert.NotNull(clips[2].Wav);
        string html = HtmlReport.Render(
            new ReportContent
            {
                Title = "t",
                Runs = [RunMetrics.From(MetricsFileTests.Protocol(null, 1), Three.ToReport())],
                Clips = clips
            });
        Assert.Equal(2, html.Split("<audio").Length - 1);
        Assert.Contains("Without sound: Its audio file could not be read.", html, StringComparison.Ordinal);
        Assert.Contains("licence of the audio of ravdess is unknown", html, StringComparison.Ordinal);
        // No path of this machine gets into a page that is passed on.
        Assert.DoesNotContain(folder.Path, html, StringComparison.Ordinal);
    }

    [Fact]
    public void Predictions_without_probabilities_and_wrong_options_are_refused()
    {
        PredictionSet bare = Predictions.Set(["a", "b"], [0, 1], [1, 1]);
        Assert.Contains("probabilities", Assert.Throws<EvaluationException>(() => ConfidentMistakes.Collect(bare, _ => null)).Message,
            StringComparison.Ordinal);
        var error = Assert.Throws<OptionsException>(() =>
            ConfidentMistakes.Collect(Three, _ => null, new() { Count = -1, MaxSeconds = double.NaN }));
        Assert.Contains("Count", error.Message, StringComparison.Ordinal);
        Assert.Contains("MaxSeconds", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Eight_long_clips_keep_the_page_below_six_megabytes()
    {
        using var folder = new TemporaryFolder();
        var random = new SeededRandom(4);
        float[] noise = new float[48_000 * 20];
        for (int i = 0; i < noise.Length; i++) noise[i] = (float)(0.1 * random.NextNormal());
        WavWriter.Write(folder.File("noise.wav"), new AudioClip(noise, 48_000));
        PredictionSet clips = ReportSamples.Predictions(3, 90);
        string html = HtmlReport.Render(new ReportContent
        {
            Title = "t",
            Runs = [ReportSamples.Metrics(clips, "speaker-independent", null)],
            Clips = ConfidentMistakes.Collect(clips, _ => folder.File("noise.wav")),
        });
        Assert.Equal(8, html.Split("<audio").Length - 1);
        Assert.InRange(html.Length, 2_000_000, 6_000_000);
    }

    private static ClipPrediction Row(string path, string label, string predicted, float a) =>
        new() { Path = path, Label = label, Predicted = predicted, Probabilities = [a, 1 - a] };
}
