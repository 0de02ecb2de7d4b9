using Microsoft.ML;
using Microsoft.ML.Data;
using SerPipeline.Audio;
using SerPipeline.Features;
using SerPipeline.Prediction;
using SerPipeline.Tests.Support;
using SerPipeline.Transforms;

namespace SerPipeline.Tests.Onnx;

/// <summary>
/// An exported chain gives, under ONNX Runtime, the scores of this library on real recordings, whatever their length and whatever stands
/// beside them in a batch.
/// </summary>
public sealed class ChainExportTests : IDisposable
{
    // Probabilities; float32 sums in another order, and now and then a pixel's level on the other side of a rounding.
    private const double Tolerance = 1e-4;

    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _ml = new(seed: 1);
    private int _files;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0.5)]
    [InlineData(3.2)]
    [InlineData(10)]
    public void The_image_chain_scores_alike(double seconds) => Alike(ExportedChains.Cnn(), seconds);

    public static TheoryData<string> Variants { get; } = [.. AllVariants.Keys];

    private static Dictionary<string, Func<TransformerChain<ITransformer>>> AllVariants => new()
    {
        ["no trimming"] = () => ExportedChains.Cnn(audio: new() { Trim = null }),
        ["trimming by frames, peak level"] = () =>
            ExportedChains.Cnn(audio: new()
            {
                Trim = new() { Mode = SilenceMode.FrameRms, TopDb = 30, PaddingSeconds = 0.05 },
                Normalization = new()
            }),
        ["loudness"] = () => ExportedChains.Cnn(audio: new() { Normalization = new() { Mode = NormalizationMode.Loudness } },
            image: new() { Scaling = PixelScaling.FixedRange }),
        ["trimming with padding"] = () => ExportedChains.Cnn(audio: new() { Trim = new() { PeakFraction = 0.1, PaddingSeconds = 0.1 } }),
        ["reflected ends"] = () => ExportedChains.Cnn(mel: new() { Padding = SignalPadding.Reflect }),
        ["repeated ends"] = () => ExportedChains.Cnn(mel: new() { Padding = SignalPadding.Edge, TopDb = null }),
        ["frames not centred"] = () => ExportedChains.Cnn(mel: new() { Center = false, Compression = LogCompression.NaturalLog }),
        ["magnitudes, another transform length"] = () =>
            ExportedChains.Cnn(mel: new()
            {
                Power = 1,
                FftLength = 600,
                WindowSamples = 600,
                MelNormalization = MelNormalization.None,
                MelScale = MelScale.Htk,
                Reference = 20
            }),
        ["resized, min-max"] = () => ExportedChains.Cnn(image: new() { Fit = WidthFit.Resize, Scaling = PixelScaling.MinMax }),
        ["from the start, fixed range, low bands on top"] = () =>
            ExportedChains.Cnn(image: new() { Fit = WidthFit.Start, Scaling = PixelScaling.FixedRange, LowFrequencyAtBottom = false }),
        ["self-attention"] = () => ExportedChains.Cnn(image: new() { Width = 96 }, network: new() { SelfAttentionHeads = 4 }),
        ["a smaller network"] = () =>
            ExportedChains.Cnn(image: new() { Width = 96 }, network: new() { Channels = [16, 32], AttentionUnits = 16 }),
    };

    [Theory]
    [MemberData(nameof(Variants))]
    public void Every_setting_scores_alike(string variant) => Alike(AllVariants[variant](), 1.3);

    [Theory]
    [InlineData("Mlp")]
    [InlineData("MlpClassifier")]
    [InlineData("Conv1d")]
    [InlineData("Lstm")]
    [InlineData("Ensemble")]
    public void The_paper_chain_scores_alike(string trainer) => Alike(ExportedChains.Paper(trainer), 2.5);

    [Theory]
    [InlineData(0.5)]
    [InlineData(3.2)]
    [InlineData(10)]
    public void The_chain_of_utterance_features_scores_alike(double seconds) => Alike(ExportedChains.Utterance(), seconds);

    [Fact]
    public void The_chain_of_values_like_eGeMAPS_scores_alike() => Alike(ExportedChains.Gemaps(), 3.2);

    // Images, images with prosody beside them and vectors, as the recipe's ensemble has them.
    [Theory]
    [InlineData(1.1)]
    [InlineData(4)]
    public void The_recipe_of_images_prosody_and_vectors_scores_alike(double seconds) => Alike(ExportedChains.Recipe(), seconds);

    // So a program of ML.NET, which has the graph alone, answers as SerModel does, and so does the graph made of a saved record.
    [Fact]
    public void A_loaded_model_and_the_graph_of_its_record_score_alike()
    {
        var click = new float[16000];
        click[5000] = 0.5f;
        foreach (TransformerChain<ITransformer> chain in new[] { ExportedChains.Cnn(), ExportedChains.Utterance(),
            ExportedChains.Gemaps(), ExportedChains.Recipe() })
            using (chain)
            {
                string path = _folder.File($"{_files++}.zip");
                ModelRecord record = _ml.Model.SavePortable(chain, ExportedChains.Paths, path).Record;
                using SerModel model = SerModel.Load(path, new() { AnswerAnyway = true });
                byte[] ofChain = Export(chain), ofRecord = OnnxExporter.Export(record).ToBytes();
                foreach (float[] samples in new[] { click, RealVoices.Of(0.1, 16000)[0], RealVoices.Of(0.4, 16000)[0],
                    RealVoices.Of(0.5, 16000)[0], RealVoices.Of(2, 16000)[1] })
                {
                    float[][] expected = [[.. model.Predict(samples, 16000).Scores]];
                    foreach (byte[] graph in new[] { ofChain, ofRecord })
                        Near(expected, OnnxRuntime.Run(graph, (samples, [1, samples.Length]))[0]["probabilities"]);
                }
            }
    }

    [Fact]
    public void Very_short_clips_and_silence_score_alike()
    {
        using TransformerChain<ITransformer> chain = ExportedChains.Cnn();
        var step = new float[3000];
        step[1400] = 0.5f;
        Compare(chain, [new float[3000], step, RealVoices.Of(3000 / 16000.0, 16000)[0]]);
        Compare(chain, [[0.3f]]);
        using TransformerChain<ITransformer> vectors = ExportedChains.Utterance();
        Compare(vectors, [new float[3000], step, RealVoices.Of(3000 / 16000.0, 16000)[0]]);
        Compare(vectors, [[0.3f]]);
    }

    // Never scores that look like any other.
    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void A_sample_that_is_no_number_gives_none(float sample)
    {
        foreach (Func<TransformerChain<ITransformer>> create in new Func<TransformerChain<ITransformer>>[] { () => ExportedChains.Cnn(),
            ExportedChains.Utterance })
        {
            using TransformerChain<ITransformer> chain = create();
            float[] clip = SerPipeline.Tests.Features.Signals.Noise(8000);
            clip[4000] = sample;
            Assert.All(OnnxRuntime.Run(Export(chain), (clip, [1, clip.Length]))[0]["probabilities"].Numbers,
                p => Assert.True(float.IsNaN(p)));
        }
    }

    [Fact]
    public void A_chain_that_starts_from_features_scores_alike()
    {
        using TransformerChain<ITransformer> chain = ExportedChains.Utterance();
        byte[] ofChain = OnnxExporter.Export(chain, ExportedChains.Paths, "Features").ToBytes();
        ModelRecord record = _ml.Model.SavePortable(chain, ExportedChains.Paths, _folder.File("features.zip")).Record;
        byte[] ofRecord = OnnxExporter.Export(record, "Features").ToBytes();
        IDataView clips = _ml.Data.LoadFiles([.. RealVoices.Of(1.5, 16000).Select(clip => Write(clip))]);
        float[][] rows = [.. chain.Take(2).Aggregate(clips, (view, stage) => stage.Transform(view)).GetColumn<float[]>("Features")];
        foreach (byte[] graph in new[] { ofChain, ofRecord })
            Near(chain.Transform(clips).GetColumn<float[]>("Score"),
                OnnxRuntime.Run(graph, (rows.SelectMany(r => r).ToArray(), [rows.Length, rows[0].Length]))[0]["probabilities"]);
    }

    [Fact]
    public void A_stage_without_a_form_is_refused_by_name()
    {
        using TransformerChain<ITransformer> chain = ExportedChains.WithoutForm();
        Assert.Contains("SpectrogramImage", Assert.Throws<ModelExportException>(() => Export(chain)).Message, StringComparison.Ordinal);
    }

    private static byte[] Export(ITransformer chain) => OnnxExporter.Export(chain, ExportedChains.Paths).ToBytes();

    private void Alike(TransformerChain<ITransformer> chain, double seconds)
    {
        using (chain) Compare(chain, RealVoices.Of(seconds, chain.OfType<LoadAudioTransformer>().Single().Options.SampleRateHz));
    }

    // One run with all clips as a batch, and one run a clip.
    private void Compare(TransformerChain<ITransformer> chain, float[][] clips)
    {
        int rate = chain.OfType<LoadAudioTransformer>().Single().Options.SampleRateHz;
        IDataView scored = chain.Transform(_ml.Data.LoadFiles([.. clips.Select(c => Write(c, rate))]));
        float[][] expected = [.. scored.GetColumn<float[]>("Score")];
        string[] labels = [.. scored.GetColumn<string>("PredictedLabel")];
        (float[], long[])[] singles = [.. clips.Select(c => (c, new long[] { 1, c.Length }))];
        var runs = OnnxRuntime.Run(Export(chain), [([.. clips.SelectMany(c => c)], [clips.Length, clips[0].Length]), .. singles]);
        Near(expected, runs[0]["probabilities"]);
        Assert.Equal(labels, runs[0]["label"].Texts);
        Assert.Equal([clips.Length], runs[0]["label"].Shape);
        for (int i = 0; i < clips.Length; i++)
        {
            Near([expected[i]], runs[i + 1]["probabilities"]);
            Assert.Equal([labels[i]], runs[i + 1]["label"].Texts);
        }
        // Clips that all score alike would prove nothing about what is beside them.
        double spread = Enumerable.Range(0, expected[0].Length).Max(c => expected.Max(e => e[c]) - expected.Min(e => e[c]));
        if (clips.Length > 3) Assert.True(spread > 100 * Tolerance, $"the clips score alike: {spread:G3}");
    }

    private static void Near(IEnumerable<float[]> expected, OnnxOutput found)
    {
        float[][] rows = [.. expected];
        Assert.Equal([rows.Length, rows[0].Length], found.Shape);
        float[] all = [.. rows.SelectMany(r => r)];
        double worst = all.Zip(found.Numbers, (a, b) => Math.Abs((double)a - b)).Max();
        TestContext.Current.SendDiagnosticMessage($"largest difference {worst:G3}");
        Assert.True(worst <= Tolerance, $"largest difference {worst:G3}\n{string.Join(' ', all)}\n{string.Join(' ', found.Numbers)}");
    }

    private string Write(float[] samples, int rate = 16000)
    {
        string path = _folder.File($"{_files++}.wav");
        WavWriter.Write(path, new AudioClip(samples, rate), WavEncoding.IeeeFloat);
        return path;
    }
}
