using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using SerPipeline.Audio;
using SerPipeline.Onnx;
using SerPipeline.Prediction;
using SerPipeline.Tests.Prediction;
using SerPipeline.Tests.Support;
using SerPipeline.Trainers;

namespace SerPipeline.Tests.Onnx;

/// <summary>The optional input of exported models that adapt to speakers.</summary>
public sealed class SpeakerExportTests : IDisposable
{
    private const int Slots = 743;

    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _ml = new(seed: 1);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Without_an_offset_the_voice_is_unknown_to_the_last_bit()
    {
        ModelRecord record = Tones();
        OnnxModel model = OnnxExporter.Export(record);
        Assert.Equal(["waveform: Float [batch, samples]", "speaker_offset: Float [743]"], model.Graph.Inputs.Select(i => i.ToString()));
        Assert.Equal(["probabilities", "label", "logits", "speaker_features"], model.Graph.Outputs.Select(o => o.Name));
        byte[] graph = model.ToBytes(), plain = OnnxExporter.Export(NeverAdapts(record)).ToBytes();
        Assert.Empty(OnnxModelCheck.Problems(model));
        Assert.Null(OnnxGuard.Problem(graph));
        Assert.Equal(graph, OnnxModel.Read(graph).ToBytes());
        // Weights of the network for known voices, and not the audio stages again.
        Assert.InRange(graph.Length, plain.Length + 1, plain.Length + (2 * record.Scoring!.Value.Length));
        foreach (AudioClip clip in Voice(9, 3))
        {
            var waveform = ("waveform", clip.Samples.ToArray(), new long[] { 1, clip.Length });
            IReadOnlyDictionary<string, OnnxOutput> expected = OnnxRuntime.Run(plain, waveform), found = OnnxRuntime.Run(graph, waveform);
            Assert.Equal(expected["logits"].Numbers, found["logits"].Numbers);
            Assert.Equal(expected["probabilities"].Numbers, found["probabilities"].Numbers);
            Assert.Equal(expected["label"].Texts, found["label"].Texts);
            Assert.Equal(expected["logits"].Numbers,
                OnnxRuntime.Run(graph, waveform, ("speaker_offset", new float[Slots], [Slots]))["logits"].Numbers);
        }
    }

    [Fact]
    public void With_an_offset_it_says_what_SerModel_says_of_a_known_voice() => AdaptsAlike(Tones(), Voice(9, 16));

    [Fact]
    public void On_real_clips_it_says_what_SerModel_says_of_a_known_voice()
    {
        AudioClip[] Of(int actor, int clips) => [.. Directory.GetFiles(Companions.Require("corpora", "RAVDESS"),
            $"03-01-*-{actor:00}.*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Where((_, i) => i % 4 == 0).Take(clips)
            .Select(path => AudioFile.Read(path).ToMono().Resample(16000))];
        var clips = new List<Spoken>();
        for (int actor = 1; actor <= 5; actor++)
            foreach ((int i, AudioClip clip) in Of(actor, 12).Index())
            {
                clips.Add(new Spoken { Path = _folder.File($"{actor}-{i}.wav"), Label = $"{i % 3}", Speaker = $"{actor}" });
                WavWriter.Write(clips[^1].Path, clip);
            }
        IDataView rows = _ml.Data.LoadFromEnumerable(clips);
        ITransformer chain = Chain(new LinearDiscriminantOptions(), new MlpOptions { Epoch = 3, Seed = 1, ValidationSetFraction = 0 })
            .Fit(rows);
        ModelRecord record = _ml.Model.SavePortable(chain, rows.Schema, _folder.File("real.zip")).Record;
        Assert.Contains("\"passes\":5", OnnxExporter.Export(record).Metadata["speaker_adaptation"], StringComparison.Ordinal);
        AdaptsAlike(record, Of(6, 15));
    }

    [Fact]
    public void An_offset_that_is_no_number_gives_none()
    {
        float[] offset = new float[Slots];
        offset[3] = float.NaN;
        Assert.All(Run(OnnxExporter.Export(Tones()).ToBytes(), Voice(9, 1)[0], offset)["probabilities"].Numbers,
            p => Assert.True(float.IsNaN(p)));
    }

    [Fact]
    public void A_graph_that_starts_from_features_takes_the_offset_too()
    {
        ModelRecord record = Tones();
        byte[] whole = OnnxExporter.Export(record).ToBytes();
        OnnxModel behind = OnnxExporter.Export(record, "Features");
        Assert.Equal(["Features: Float [batch, 743]", "speaker_offset: Float [743]"], behind.Graph.Inputs.Select(i => i.ToString()));
        Assert.DoesNotContain("speaker_features", behind.Graph.Outputs.Select(o => o.Name));
        AudioClip clip = Voice(9, 1)[0];
        float[] features = Run(whole, clip)["speaker_features"].Numbers, offset = Array.ConvertAll(features, value => 0.1f * value);
        // As a batch: the second clip is the first one again.
        OnnxOutput found = OnnxRuntime.Run(behind.ToBytes(), ("Features", [.. features, .. features], [2, Slots]),
            ("speaker_offset", offset, [Slots]))["probabilities"];
        float[] expected = Run(whole, clip, offset)["probabilities"].Numbers;
        Assert.Equal([.. expected, .. expected], found.Numbers, (a, b) => Math.Abs(a - b) < 1e-6);
    }

    [Fact]
    public void The_graph_of_a_fitted_chain_is_that_of_its_record_and_a_model_that_does_not_adapt_has_no_such_input()
    {
        IDataView rows = _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 24).Select(i =>
        {
            var clip = new Spoken { Path = _folder.File($"{i}.wav"), Label = ToneModel.Labels[i % 3], Speaker = $"s{i % 4}" };
            WavWriter.Write(clip.Path, ToneModel.Tone(i % 3, i % 4, i, 0.5));
            return clip;
        }));
        ITransformer adapting = Chain(new MlpOptions { Epoch = 1, Seed = 1, HiddenUnits = [8], ValidationSetFraction = 0 }).Fit(rows);
        ModelRecord record = _ml.Model.SavePortable(adapting, rows.Schema, _folder.File("model.zip")).Record;
        OnnxModel ofChain = OnnxExporter.Export(adapting, rows.Schema), ofRecord = OnnxExporter.Export(record);
        Assert.Equal(ofRecord.Metadata["speaker_adaptation"], ofChain.Metadata["speaker_adaptation"]);
        Assert.Equal(ofRecord.Graph.Inputs.Concat(ofRecord.Graph.Outputs).Select(value => value.ToString()),
            ofChain.Graph.Inputs.Concat(ofChain.Graph.Outputs).Select(value => value.ToString()));
        float[] features = [.. Enumerable.Range(0, Slots).Select(i => (float)Math.Sin(i))], offset = [.. features.Reverse()];
        float[][] found = [.. new[] { OnnxExporter.Export(adapting, rows.Schema, "Features"), OnnxExporter.Export(record, "Features") }
            .Select(model => OnnxRuntime.Run(model.ToBytes(), ("Features", features, [1, Slots]),
                ("speaker_offset", offset, [Slots]))["probabilities"].Numbers)];
        Assert.Equal(found[0], found[1], (a, b) => Math.Abs(a - b) < 1e-6);
        foreach (OnnxModel plain in new[] { OnnxExporter.Export(NeverAdapts(record)), OnnxExporter.Export(Mlp()) })
        {
            Assert.Equal(["waveform"], plain.Graph.Inputs.Select(i => i.Name));
            Assert.Equal(["probabilities", "label", "logits"], plain.Graph.Outputs.Select(o => o.Name));
            Assert.DoesNotContain("speaker_adaptation", plain.Metadata.Keys);
        }
    }

    [Fact]
    public void ML_NET_gets_the_unknown_voice_from_the_file_and_from_the_zip()
    {
        string zip = TinyModels.Voices(_folder.File("model.zip")), onnx = _folder.File("model.onnx");
        OnnxModel model = OnnxExporter.Export(ModelRecord.Read(zip));
        File.WriteAllBytes(onnx, model.ToBytes());
        AudioClip clip = Voice(9, 1)[0];
        float[] expected = Run(model.ToBytes(), clip)["probabilities"].Numbers;
        ITransformer loaded = _ml.Model.Load(zip, out DataViewSchema schema);
        Assert.Equal(["Waveform"], schema.Select(column => column.Name));
        IDataView waveform = _ml.Data.LoadFromEnumerable([new Samples { Waveform = clip.Samples.ToArray() }]);
        Assert.Equal(expected, loaded.Transform(waveform).GetColumn<float[]>("Score").Single(), (a, b) => Math.Abs(a - b) < 1e-5);
        IDataView renamed = _ml.Transforms.CopyColumns("waveform", "Waveform").Fit(waveform).Transform(waveform);
        using var raw = _ml.Transforms.ApplyOnnxModel(["probabilities"], ["waveform"], onnx).Fit(renamed);
        Assert.Equal(expected, raw.Transform(renamed).GetColumn<float[]>("probabilities").Single(), (a, b) => Math.Abs(a - b) < 1e-6);
    }

    /// <summary>As a program without this library would: the voice from twelve clips, by the file alone, and then two of those and the
    /// rest.</summary>
    internal static void AdaptsAlike(ModelRecord record, AudioClip[] clips)
    {
        OnnxModel model = OnnxExporter.Export(record);
        byte[] graph = model.ToBytes();
        float[] offset = Offset(model, clips[..12]);
        using var zip = ToneModel.Zip(record);
        using SerModel unknown = SerModel.Load(zip), known = unknown.ForSpeaker(clips[..12]);
        double moved = 0;
        foreach (AudioClip clip in clips[10..])
        {
            float[] adapted = Run(graph, clip, offset)["probabilities"].Numbers;
            Assert.Equal(known.Predict(clip).Scores, adapted, (a, b) => Math.Abs(a - b) < 1e-5);
            Assert.Equal(unknown.Predict(clip).Scores, Run(graph, clip)["probabilities"].Numbers, (a, b) => Math.Abs(a - b) < 1e-5);
            moved = Math.Max(moved, adapted.Zip(unknown.Predict(clip).Scores, (a, b) => Math.Abs(a - b)).Max());
        }
        Assert.True(moved > 1e-2, $"adapting changed nothing: {moved}");
    }

    private static float[] Offset(OnnxModel model, AudioClip[] clips)
    {
        byte[] graph = model.ToBytes();
        using JsonDocument adaptation = JsonDocument.Parse(model.Metadata["speaker_adaptation"]);
        double[] Vector(JsonElement numbers) => [.. numbers.EnumerateArray().Select(value => value.GetDouble())];
        double[][] Matrix(string name) => [.. adaptation.RootElement.GetProperty(name).EnumerateArray().Select(Vector)];
        double share = clips.Length / (clips.Length + adaptation.RootElement.GetProperty("shrinkage").GetDouble());
        double[] center = Vector(adaptation.RootElement.GetProperty("center"));
        double[] biases = Vector(adaptation.RootElement.GetProperty("biases"));
        double[][] means = Matrix("class_means"), weights = Matrix("weights");
        Assert.Equal(SpeakerAdaptation.MinimumClips, adaptation.RootElement.GetProperty("minimum_clips").GetInt32());
        double[][] moved = [.. clips.Select(clip =>
            Run(graph, clip)["speaker_features"].Numbers.Select((value, j) => value - center[j]).ToArray())];
        double[] offset = [.. center.Select((_, j) => share * moved.Average(clip => clip[j]))];
        for (int pass = 0; pass < adaptation.RootElement.GetProperty("passes").GetInt32(); pass++)
        {
            double[][] emotions = [.. moved.Select(clip =>
            {
                double[] odds = [.. weights.Select((row, c) =>
                    Math.Exp(row.Select((w, j) => w * (clip[j] - offset[j])).Sum() + biases[c]))];
                return odds.Select(one => one / odds.Sum()).ToArray();
            })];
            offset = [.. center.Select((_, j) =>
                share * moved.Select((clip, i) => clip[j] - means.Select((mean, c) => emotions[i][c] * mean[j]).Sum()).Average())];
        }
        return Array.ConvertAll(offset, value => (float)value);
    }

    private static IReadOnlyDictionary<string, OnnxOutput> Run(byte[] graph, AudioClip clip, float[]? offset = null) =>
        OnnxRuntime.Run(graph, [("waveform", clip.Samples.ToArray(), [1, clip.Length]),
            .. offset is null ? ((string, float[], long[])[])[] : [("speaker_offset", offset, [Slots])]]);

    private static AudioClip[] Voice(int speaker, int clips) =>
        [.. Enumerable.Range(0, clips).Select(i => ToneModel.Tone(i % 3, speaker, 50 + i, 0.5 + (0.03 * i)))];

    private static ModelRecord NeverAdapts(ModelRecord record) =>
        record with { Attachments = new Dictionary<string, ReadOnlyMemory<byte>>() };

    private ModelRecord Tones() => ModelRecord.Read(TinyModels.Voices(_folder.File("tones.zip")));

    private ModelRecord Mlp() => ModelRecord.Read(TinyModels.Mlp(_folder.File("mlp.zip")));

    private IEstimator<ITransformer> Chain(params object[] members) => _ml.Transforms.Conversion.MapValueToKey("Label")
        .Append((IEstimator<ITransformer>)_ml.Transforms.LoadAudio("Waveform", "Path"))
        .Append((IEstimator<ITransformer>)_ml.Transforms.UtteranceFeatures("Features", "Waveform"))
        .Append(_ml.MulticlassClassification.Trainers.VoiceEnsemble(new()
        {
            Members = [.. members.Select(member => VoiceMember.Of(member))],
            SpeakerColumnName = "Speaker",
        }))
        .Append(_ml.Transforms.Conversion.MapKeyToValue("PredictedLabel"));

    private sealed class Samples
    {
        public float[] Waveform { get; set; } = [];
    }

    private sealed class Spoken
    {
        public string Path { get; set; } = "";

        public string Label { get; set; } = "";

        public string Speaker { get; set; } = "";
    }
}
