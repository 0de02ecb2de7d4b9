using SerPipeline.Audio;

namespace SerPipeline.Tests.Audio;

public sealed class SilenceTests
{
    private static AudioClip Clip(params float[] samples) => new(samples, 1000);

    [Fact]
    public void Speech_lasts_from_the_first_to_the_last_sample_above_the_fraction_of_the_peak()
    {
        // Peak 0.5: 1 % is 0.005; a sample of just that is still silence.
        AudioClip clip = Clip(0, 0.004f, -0.006f, 0, -0.5f, 0.01f, 0.005f, 0.001f);
        Assert.Equal((2, 4), Silence.FindSpeech(clip));
        Assert.Equal([-0.006f, 0, -0.5f, 0.01f], Silence.Trim(clip).Samples.ToArray());
        Assert.Equal((4, 1), Silence.FindSpeech(clip, new SilenceTrimOptions { PeakFraction = 0.1 }));
        Assert.Equal((1, 7), Silence.FindSpeech(clip, new SilenceTrimOptions { PeakFraction = 0 }));
    }

    [Fact]
    public void Padding_is_kept_where_there_is_any()
    {
        AudioClip clip = Clip(0, 0, 0, 1, 0, 0, 0, 0);
        Assert.Equal((1, 5), Silence.FindSpeech(clip, new SilenceTrimOptions { PaddingSeconds = 0.002 }));
        Assert.Equal((0, 8), Silence.FindSpeech(clip, new SilenceTrimOptions { PaddingSeconds = 3 }));
    }

    [Theory]
    [InlineData(SilenceMode.PeakFraction)]
    [InlineData(SilenceMode.FrameRms)]
    public void Silent_clips_have_no_speech_and_are_kept(SilenceMode mode)
    {
        AudioClip clip = Clip(new float[5000]);
        Assert.Equal((0, 0), Silence.FindSpeech(clip, new SilenceTrimOptions { Mode = mode }));
        Assert.Same(clip, Silence.Trim(clip, new SilenceTrimOptions { Mode = mode }));
        Assert.Equal((0, 0), Silence.FindSpeech(Clip(), new SilenceTrimOptions { Mode = mode }));
    }

    [Theory]
    [InlineData(2048, 512, 60)]
    [InlineData(400, 160, 20)]
    [InlineData(401, 7, 30)]
    public void Loud_frames_match_a_direct_computation(int frame, int hop, double topDb)
    {
        // A decaying burst in faint noise; the definition computed naively, a frame at a time.
        var random = new SeededRandom(5);
        var samples = new float[9000];
        for (int i = 0; i < samples.Length; i++) samples[i] = (float)(1e-4 * random.NextNormal());
        for (int i = 3000; i < 6000; i++) samples[i] += (float)(Math.Exp((3000 - i) / 700.0) * Math.Sin(i));
        var db = new List<double>();
        for (int t = 0; (t * hop) + frame <= samples.Length + (2 * (frame / 2)); t++)
        {
            double sum = 0;
            for (int k = 0; k < frame; k++)
            {
                int i = (t * hop) + k - (frame / 2);
                if (i >= 0 && i < samples.Length) sum += (double)samples[i] * samples[i];
            }
            db.Add(10 * Math.Log10(Math.Max(1e-10, sum / frame)));
        }
        int first = db.FindIndex(d => d > db.Max() - topDb), last = db.FindLastIndex(d => d > db.Max() - topDb);
        int start = first * hop, end = Math.Min(samples.Length, (last + 1) * hop);
        var options = new SilenceTrimOptions { Mode = SilenceMode.FrameRms, FrameSamples = frame, HopSamples = hop, TopDb = topDb };
        Assert.Equal((start, end - start), Silence.FindSpeech(new AudioClip(samples, 16000), options));
        Assert.InRange(end - start, 1, samples.Length - 1);
    }

    [Fact]
    public void Two_channels_and_bad_options_are_refused()
    {
        Assert.Throws<ArgumentException>(() => Silence.FindSpeech(new AudioClip([1, 2], 8000, 2)));
        SilenceTrimOptions bad = new() { Mode = (SilenceMode)9, PeakFraction = 1, TopDb = 0, FrameSamples = 0, HopSamples = 0 };
        bad = bad with { PaddingSeconds = -1 };
        Assert.Equal(6, Assert.Throws<OptionsException>(() => Silence.FindSpeech(Clip(1), bad)).Problems.Count);
    }
}
