using SerPipeline.Audio;
using SerPipeline.Features;
using SerPipeline.Onnx;
using SerPipeline.Tests.Features;
using SerPipeline.Tests.Support;


namespace SerPipeline.Tests.Onnx;

/// <summary>Loudness normalisation as ONNX nodes brings clips to the level that the library brings them to, in a batch of many lengths and
/// each alone.</summary>
public sealed class LoudnessExportTests
{
    // Of the clip's peak: samples are float32 on both sides (6e-8), and the gain's own difference, of sums in another order, is far below
    // that.
    private const double Tolerance = 1e-6;

    [Theory]
    [InlineData(8000)]
    [InlineData(11025)]
    [InlineData(16000)]
    [InlineData(22050)]
    [InlineData(48000)]
    public void Synthetic_clips_come_to_the_same_level(int rate) => Alike(Synthetic(rate), rate);

    [Theory]
    [InlineData(16000)]
    [InlineData(22050)]
    public void Recordings_come_to_the_same_level(int rate) => Alike(RealVoices.Whole(rate), rate);

    // Without its gates, or with the peak's limit forgotten, some clip would come to another level: each of these is decided by one of
    // them.
    [Fact]
    public void Gates_and_limit_decide_for_some_clips()
    {
        Assert.Contains(Synthetic(16000), c => Gain(c) == 1 && c.Any(s => s != 0));
        Assert.Contains(Synthetic(16000), c => Math.Abs((Gain(c) * c.Max(Math.Abs)) - Math.Pow(10, -1 / 20.0)) < 1e-6);
        float[] gated = Synthetic(16000)[0];
        double all = Math.Pow(10, (-23 - Loudness.IntegratedLufs(new AudioClip([.. gated.Skip(32000).Take(32000)], 16000))) / 20);
        // Blocks at the edges are partly quiet; without gates the gain would be 1.58 times as high, for 2 s of 5 s are loud.
        Assert.Equal(all, Gain(gated), 0.1 * all);

        static double Gain(float[] clip)
        {
            float peak = clip.Max(Math.Abs);
            int loudest = Array.FindIndex(clip, s => Math.Abs(s) == peak);
            return Normalization.Apply(new AudioClip(clip, 16000), Options).Samples[loudest] / (double)clip[loudest];
        }
    }

    private static NormalizationOptions Options => new() { Mode = NormalizationMode.Loudness };

    private static float[][] Synthetic(int rate) =>
    [
        // Quiet and silent parts, which the gates leave out.
        [.. Signals.Noise(rate * 2, amplitude: 0.005), .. Signals.Noise(rate * 2, 2), .. new float[rate]],
        Signals.Sine(997, rate, rate),
        // Low enough for the high pass, whose memory is long, and with an offset.
        [.. Signals.Sine(30, rate, rate).Select(s => s + 0.3f)],
        Signals.Voice(t => 120 + (40 * t), t => Math.Exp(-2 * t), rate, rate * 3),
        // The peak's limit decides.
        [.. Enumerable.Range(0, rate).Select(i => i == rate / 2 ? 0.9f : 1e-3f * (i % 2))],
        // Shorter than a block, than a stretch of the filter, and a sample.
        Signals.Noise(rate / 5), Signals.Noise(100), [0.5f],
        // Nothing to hear.
        new float[rate], Signals.Noise(rate, amplitude: 1e-4), [0f],
    ];

    private static void Alike(float[][] clips, int rate)
    {
        int longest = clips.Max(c => c.Length);
        float[][] expected = [.. clips.Select(c => Normalization.Apply(new AudioClip(c, rate), Options).Samples.ToArray())];
        float[] batch = [.. clips.SelectMany(c => c.Concat(new float[longest - c.Length]))];
        float[][] rows = [.. OnnxRuntime.Run(Graph(rate, clips), (batch, [clips.Length, longest]))[0]["y"].Numbers.Chunk(longest)];
        var alone = OnnxRuntime.Run(Graph(rate, null), [.. clips.Select(c => (c, new long[] { 1, c.Length }))]);
        for (int i = 0; i < clips.Length; i++)
        {
            float peak = expected[i].Max(Math.Abs);
            foreach (float[] found in new[] { rows[i][..clips[i].Length], alone[i]["y"].Numbers })
            {
                Assert.Equal(expected[i].Length, found.Length);
                double worst = expected[i].Zip(found, (a, b) => Math.Abs((double)a - b)).Max();
                TestContext.Current.SendDiagnosticMessage($"largest difference {worst:G3}, peak {peak}");
                Assert.True(worst <= Tolerance * peak, $"clip {i}: {worst:G3} of {peak}");
            }
            Assert.All(rows[i][clips[i].Length..], s => Assert.Equal(0, s));
        }
    }

    private static byte[] Graph(int rate, float[][]? clips)
    {
        var graph = new OnnxGraphBuilder();
        OnnxValue waveform = graph.Input("waveform", OnnxType.Float, "batch", "samples");
        OnnxValue lengths = clips is null ? waveform.Length(1).Expand(waveform.Length(0).Unsqueeze(0))
            : graph.Constant([.. clips.Select(c => (long)c.Length)]);
        graph.Output("y", NormalizationOnnx.Add(new OnnxColumn(waveform, lengths), Options, rate).Values, "batch", "samples");
        var model = new OnnxModel { Graph = graph.Build("loudness") };
        Assert.Empty(OnnxModelCheck.Problems(model));
        return model.ToBytes();
    }
}
