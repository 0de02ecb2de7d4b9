using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using SerPipeline.Audio;
using SerPipeline.Features;
using SerPipeline.Onnx;
using SerPipeline.Prediction;
using SerPipeline.Tests.Prediction;
using SerPipeline.Tests.Support;
using SerPipeline.Transforms;

[assembly: AssemblyFixture(typeof(ToneModel))]

namespace SerPipeline.Tests.Prediction;

/// <summary>Two small models that tell tones apart: the audio stages, and a scoring graph that compares utterance features with each
/// label's mean.</summary>
public sealed class ToneModel : IDisposable
{
    public const int SampleRateHz = 16000;

    // Multiples of a pitch near 110 Hz: where the sound of a label is strongest.
    private static readonly double[] Harmonics = [2, 6, 16];

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Converters = { new JsonStringEnumConverter() },
        IgnoreReadOnlyProperties = true,
    };

    private static readonly UtteranceFeatures Features = new();

    private readonly TemporaryFolder _folder = new();
    private readonly Lazy<string> _path, _other;
    private readonly Lazy<string[]> _clips;

    public ToneModel()
    {
        _path = new(() => Save(1, "model.zip"));
        _other = new(() => Save(2, "other.zip"));
        _clips = new(() =>
        [
            .. Enumerable.Range(0, 3).Select(label =>
            {
                string path = _folder.File($"{Labels[label]}.wav");
                WavWriter.Write(path, Tone(label, 0, 0, 0.7));
                return path;
            }),
        ]);
    }

    public static IReadOnlyList<string> Labels { get; } = ["low", "middle", "high"];

    /// <summary>The model's zip.</summary>
    public string Path => _path.Value;

    /// <summary>A model of the same labels with other weights.</summary>
    public string OtherPath => _other.Value;

    /// <summary>Files of tones, 0.7 s, one a label.</summary>
    public IReadOnlyList<string> Clips => _clips.Value;

    /// <summary>A hummed tone in noise, with vibrato and syllables so that it counts as a voice: the label is where its sound is strongest,
    /// the speaker a slight shift of its pitch.</summary>
    public static AudioClip Tone(int label, int speaker, int take, double seconds = 0.3)
    {
        SeededRandom random = new SeededRandom(label).Fork("speaker", speaker).Fork("take", take);
        double pitch = 110 * (1 + (0.02 * speaker) + random.NextDouble(-0.02, 0.02)), phase = random.NextDouble(0, 6);
        var samples = new float[(int)(seconds * SampleRateHz)];
        for (int i = 0; i < samples.Length; i++)
        {
            double t = (double)i / SampleRateHz, syllable = 0.1 + (0.9 * Math.Abs(Math.Sin((4 * Math.PI * t) + 0.5)));
            double turn = (2 * Math.PI * pitch * t) + (0.006 * pitch * Math.Sin(10 * Math.PI * t));
            double tone = 0.15 * syllable * (1 + Math.Cos(turn)) * Math.Sin((Harmonics[label] * turn) + phase);
            samples[i] = (float)(tone + (0.01 * random.NextNormal()));
        }
        return new AudioClip(samples, SampleRateHz);
    }

    /// <summary>Tones of a length, one label after the other, with a pause of zeros, 1.5 s, after every second one.</summary>
    public static AudioClip Recording(double seconds, int rate = SampleRateHz)
    {
        var samples = new List<float>();
        for (int i = 0; samples.Count < seconds * SampleRateHz; i++)
        {
            samples.AddRange(Tone(i % 3, 1, i, 0.7).Samples);
            if (i % 2 == 1) samples.AddRange(new float[SampleRateHz * 3 / 2]);
        }
        return new AudioClip([.. samples.Take((int)(seconds * SampleRateHz))], SampleRateHz).Resample(rate);
    }

    public void Dispose() => _folder.Dispose();

    internal static ModelStage Stage<TOptions>(string name, string output, string input, TOptions options) =>
        new(name, output, input, JsonSerializer.SerializeToElement(options, Json));

    /// <summary>A record of audio stages and a scoring graph.</summary>
    internal static ModelRecord Record(OnnxGraphBuilder scoring, string input, IReadOnlyList<string> labels, params ModelStage[] stages) =>
        new()
        {
            Stages = stages,
            Labels = labels,
            SampleRateHz = SampleRateHz,
            WaveformColumn = "Waveform",
            ScoringInputs = [input],
            Scoring = new OnnxModel { Graph = scoring.Build("scoring") }.ToBytes(),
        };

    /// <summary>A zip that holds the record and nothing for ML.NET.</summary>
    internal static MemoryStream Zip(ModelRecord record)
    {
        using var saved = new MemoryStream();
        using (new ZipArchive(saved, ZipArchiveMode.Create, leaveOpen: true)) { }
        saved.Position = 0;
        var zip = new MemoryStream();
        ModelZip.Write(zip, saved, record);
        zip.Position = 0;
        return zip;
    }

    /// <summary>The record of one of the models.</summary>
    /// <param name="seed">Which tones the means are of.</param>
    /// <param name="note">Its note and card.</param>
    internal static ModelRecord Record(int seed, string note)
    {
        float[][][] seen = [.. Labels.Select((_, label) => Enumerable.Range(0, 6)
            .Select(take => Extract(Tone(label, take % 3, (100 * seed) + take, 0.7))).ToArray())];
        int width = seen[0][0].Length;
        float[] all(int i) => [.. seen.SelectMany(rows => rows.Select(row => row[i]))];
        float[] mean = [.. Enumerable.Range(0, width).Select(i => all(i).Average())];
        float[] scale = [.. Enumerable.Range(0, width)
            .Select(i => (float)(1 / Math.Max(1e-3, Math.Sqrt(all(i).Average(v => (v - mean[i]) * (v - mean[i]))))))];
        // Of each label's mean c, with x standardized: x·c - |c|²/2, which is greatest for the nearest; divided by the width, so that no
        // label is certain.
        float[][] centers = [.. seen.Select(rows => Enumerable.Range(0, width)
            .Select(i => (rows.Average(row => row[i]) - mean[i]) * scale[i]).ToArray())];
        float[] weights = [.. Enumerable.Range(0, width).SelectMany(i => centers.Select(center => center[i] / width))];
        float[] bias = [.. centers.Select(center => -center.Sum(v => v * v) / (2 * width))];

        var graph = new OnnxGraphBuilder();
        OnnxValue features = graph.Input("Features", OnnxType.Float, "batch", width);
        OnnxValue standardized = (features - graph.Constant<float>(mean, [1, width])) * graph.Constant<float>(scale, [1, width]);
        OnnxValue logits = standardized.MatMul(graph.Constant<float>(weights, [width, Labels.Count])) + graph.Constant<float>(bias,
            [1, Labels.Count]);
        graph.Output("probabilities", logits.Softmax(), "batch", Labels.Count);
        graph.Output("logits", logits, "batch", Labels.Count);
        return Record(
            graph, "Features", Labels, Stage("LoadAudio", "Waveform", "Path", new LoadAudioOptions()),
            Stage("UtteranceFeatures", "Features", "Waveform", new UtteranceFeatureOptions())) with
        {
            Notes = new Dictionary<string, string> { ["note"] = note },
            Attachments = new Dictionary<string, ReadOnlyMemory<byte>> { ["README.md"] = Encoding.UTF8.GetBytes(note) },
        };
    }

    private static float[] Extract(AudioClip clip) => Features.Extract(AudioPreparation.Prepare(clip, new LoadAudioOptions()).Samples);

    private string Save(int seed, string name)
    {
        string path = _folder.File(name);
        using FileStream file = File.Create(path);
        Zip(Record(seed, name)).CopyTo(file);
        return path;
    }
}
