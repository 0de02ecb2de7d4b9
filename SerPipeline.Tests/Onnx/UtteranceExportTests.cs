using SerPipeline.Features;
using SerPipeline.Onnx;
using SerPipeline.Tests.Features;
using SerPipeline.Tests.Support;


namespace SerPipeline.Tests.Onnx;

/// <summary>Utterance features as ONNX nodes give, slot by slot, what the library gives: for a batch of clips of many lengths, and for each
/// clip alone.</summary>
public sealed class UtteranceExportTests
{
    // Of a slot's size, or of 1 where that is smaller. Contours are float32 on both sides, and sums behind them are taken in another order,
    // so that one or two of a contour's last bits
    // (2e-7 of it) differ; slopes over few frames grow that tenfold. A decision that fell otherwise, such as one frame more with a voice,
    // would show by a thousandfold.
    private const double Tolerance = 1e-5;

    [Theory]
    [InlineData(8000)]
    [InlineData(16000)]
    public void Synthetic_clips_give_the_same_slots(int rate) => Alike(Form.Of("both", rate), Synthetic(rate));

    [Fact]
    public void Recordings_give_the_same_slots() => Alike(
        Form.Of("both", 16000), RealVoices.Whole(16000).Select((clip, i) => ($"clip {i}", clip)).ToDictionary());

    [Fact]
    public void Every_option_is_part_of_the_graph() => Alike(
        Form.Of(new UtteranceFeatures(new()
        {
            MelBands = 30,
            MfccCoefficients = 13,
            PitchLowHz = 80,
            PitchHighHz = 380,
            VoicedBelow = 0.4,
            PauseDb = 20,
            Gemaps = true,
        })), Synthetic(16000).Skip(Signals.Odd.Count).Take(4).ToDictionary());

    // The checks above would pass for a graph that gives what every clip has in common.
    [Fact]
    public void Synthetic_clips_speak_in_every_slot()
    {
        Form extractor = Form.Of("both", 16000);
        float[][] rows = [.. Synthetic(16000).Values.Select(c => extractor.Extract(c))];
        for (int s = 0; s < extractor.Names.Count; s++)
            Assert.True(rows.Max(r => r[s]) - rows.Min(r => r[s]) > 100 * Tolerance, extractor.Names[s]);
    }

    [Fact]
    public void The_graph_declares_every_slot_and_is_sound()
    {
        foreach (int rate in new[] { 8000, 11025, 16000, 44100 })
        {
            Form extractor = Form.Of("utterance", rate);
            OnnxModel model = Graph(extractor);
            Assert.Empty(OnnxModelCheck.Problems(model));
            Assert.Equal([$"features: Float [batch, {extractor.Names.Count}]"], model.Graph.Outputs.Select(o => o.ToString()));
            Assert.Equal(model.ToBytes(), Graph(extractor).ToBytes());
            // Spectra by one transform and pitch by three, with no matrix in their place.
            Assert.Equal(4, model.Graph.Nodes.Count(n => n.Operator == "DFT"));
            Assert.Single(model.Graph.Nodes, n => n.Operator == "Scan");
        }
    }

    private static Dictionary<string, float[]> Synthetic(int rate)
    {
        var clips = new Dictionary<string, float[]>(Signals.Odd)
        {
            ["glide"] = Signals.Voice(t => 110 + (90 * t), t => 0.7 + (0.3 * Math.Sin(9 * t)), rate, rate * 3 / 2),
            ["falling, then rising"] = Signals.Voice(t => 240 - (120 * Math.Sin(2 * t)), _ => 1, rate, rate * 2),
            ["syllables"] = Signals.Voice(t => 150 + (20 * Math.Sin(5 * t)), t => t % 0.7 > 0.5 ? 0
                : Math.Pow(Math.Sin(8 * Math.PI * t), 2), rate, rate * 3),
            ["voice in noise"] = [.. Signals.Voice(t => 180, t => t < 0.5 ? 1 : 0.1, rate, rate).Zip(Signals.Noise(rate, amplitude: 0.1),
                (a, b) => a + b)],
            ["voice at rest beside zero"] = Floored(Signals.Voice(t => 180, t => t % 0.6 < 0.3 ? 1 : 0, rate, rate * 2)),
            ["leaps to another octave"] = Signals.Voice(t => (t % 0.5 < 0.25 ? 1 : 2) * (130 + (40 * Math.Sin(9 * t))), _ => 1, rate,
                rate * 2),
            ["clicks"] = [.. Enumerable.Range(0, rate).Select(i => i % 1777 == 900 ? 0.8f : 0f)],
        };
        return clips;
    }

    // In 8 bits, rounded down: silence rests at -1/128.
    private static float[] Floored(float[] clip) => [.. clip.Select(x => (float)Math.Floor((x - 1e-3) * 128) / 128)];

    private static void Alike(Form extractor, Dictionary<string, float[]> clips)
    {
        float[][] all = [.. clips.Values], expected = [.. all.Select(c => extractor.Extract(c))];
        int longest = all.Max(c => c.Length);
        float[] batch = [.. all.SelectMany(c => Row(c, longest))];
        var runs = OnnxRuntime.Run(Graph(extractor).ToBytes(),
            [(batch, [all.Length, longest + 1]), .. all.Select(c => (Row(c, c.Length), new long[] { 1, c.Length + 1 }))]);
        Near(runs[0]["features"], expected);
        for (int i = 0; i < all.Length; i++) Near(runs[i + 1]["features"], expected[i..(i + 1)]);

        // A row's length, its samples, and zeros behind those of shorter clips.
        static float[] Row(float[] clip, int length) => [clip.Length, .. clip, .. new float[length - clip.Length]];

        void Near(OnnxOutput found, float[][] rows)
        {
            Assert.Equal([rows.Length, extractor.Names.Count], found.Shape);
            string[] wrong = [.. rows.SelectMany(r => r).Zip(found.Numbers).Select((pair, i) => (pair, i))
                .Where(v => !(Math.Abs((double)v.pair.First - v.pair.Second) <= Tolerance * Math.Max(1, Math.Abs(v.pair.First))))
                .Select(v => $"{clips.Keys.ElementAt(v.i / extractor.Names.Count)}, {extractor.Names[v.i % extractor.Names.Count]}: "
                + $"{v.pair.First} {v.pair.Second}")];
            Assert.True(wrong.Length == 0, $"{wrong.Length} slots differ\n{string.Join('\n', wrong.Take(40))}");
        }
    }

    // The first of each row is its clip's length, so that one graph, which takes long to open, does for clips together and alone.
    private static OnnxModel Graph(Form extractor)
    {
        var graph = new OnnxGraphBuilder();
        OnnxValue rows = graph.Input("rows", OnnxType.Float, "batch", "length and samples"),
            lengths = rows.Slice(1, 0, 1).Squeeze(1).To(OnnxType.Int64), waveform = rows.Slice(1, 1, int.MaxValue);
        graph.Output("features", extractor.Add(new OnnxColumn(waveform, lengths)), "batch", extractor.Names.Count);
        return new OnnxModel { Graph = graph.Build("utterance") };
    }

    /// <summary>A set of features in C# and in ONNX.</summary>
    private sealed record Form(IReadOnlyList<string> Names, Func<float[], float[]> Extract, Func<OnnxColumn, OnnxValue> Add)
    {
        public static Form Of(string set, int rate) => set == "gemaps"
            ? Of(new GemapsFeatures(new() { SampleRateHz = rate }))
            : Of(new UtteranceFeatures(new() { SampleRateHz = rate, Gemaps = set == "both" }));

        public static Form Of(GemapsFeatures features) =>
            new(features.Names, clip => features.Extract(clip), audio => GemapsFeaturesOnnx.Add(audio, features));

        public static Form Of(UtteranceFeatures features) =>
            new(features.Names, clip => features.Extract(clip), audio => UtteranceFeaturesOnnx.Add(audio, features));
    }
}
