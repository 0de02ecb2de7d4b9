using SerPipeline.Audio;
using SerPipeline.Corpora;
using SerPipeline.Old.Pipeline;
using SerPipeline.Tests.Old.Models;
using SerPipeline.Tests.Old.Pipeline;


[assembly: AssemblyFixture(typeof(ToneModel))]

namespace SerPipeline.Tests.Old.Models;

/// <summary>Two small models that tell tones apart, trained once for all tests of prediction.</summary>
public sealed class ToneModel : IDisposable
{
    private readonly Recordings _recordings = new();
    private readonly Lazy<string> _path, _other;

    public ToneModel()
    {
        _path = new(() => Train(1, "model.zip"));
        _other = new(() => Train(2, "other.zip"));
    }

    /// <summary>The model's zip.</summary>
    public string Path => _path.Value;

    /// <summary>A model of the same labels with other weights.</summary>
    public string OtherPath => _other.Value;

    /// <summary>Files of tones, one a label.</summary>
    public IReadOnlyList<string> Clips => [.. Corpus(speakers: 1, takes: 1).Clips.Select(c => c.Path)];

    /// <summary>Tones of a length, one label after the other, with a pause of zeros, 1.5 s, after every second one.</summary>
    public static AudioClip Recording(double seconds, int rate = Recordings.SampleRateHz)
    {
        var samples = new List<float>();
        for (int i = 0; samples.Count < seconds * Recordings.SampleRateHz; i++)
        {
            samples.AddRange(Recordings.Tone(i % 3, 1, i, 0.7).Samples);
            if (i % 2 == 1) samples.AddRange(new float[Recordings.SampleRateHz * 3 / 2]);
        }
        return new AudioClip([.. samples.Take((int)(seconds * Recordings.SampleRateHz))], Recordings.SampleRateHz).Resample(rate);
    }

    public void Dispose() => _recordings.Dispose();

    // Longer than what is padded.
    private Corpus Corpus(int speakers, int takes)
    {
        var clips = new List<CorpusClip>();
        for (int i = 0; i < speakers * takes * 3; i++)
        {
            (int label, int speaker, int take) = (i % 3, i / 3 % speakers, i / 3 / speakers);
            string name = $"s{speaker}-{Recordings.Labels[label]}-{take}.wav", path = _recordings.File(name);
            lock (_recordings)
            {
                if (!File.Exists(path)) WavWriter.Write(path, Recordings.Tone(label, speaker, take, 0.7));
            }
            clips.Add(new CorpusClip { Path = path, RelativePath = name, Label = Recordings.Labels[label], Speaker = $"s{speaker}", Corpus = "tones" });
        }
        return new Corpus("tones", _recordings.Folder, clips, Recordings.Labels);
    }

    private string Train(int seed, string name)
    {
        var ser = new SerContext(seed);
        IDataView clips = ser.Data.LoadCorpus(Corpus(speakers: 4, takes: 2));
        var chain = ser.Transforms.LoadAudio()
            .Append(ser.Transforms.UtteranceFeatures())
            .Append(ser.Transforms.NormalizeMeanVariance("Features"))
            .Append(ser.Transforms.Conversion.MapValueToKey("Label"))
            .Append(ser.MulticlassClassification.Trainers.Mlp(new() { Epoch = 3, HiddenUnits = [16] }))
            .Append(ser.Transforms.Conversion.MapKeyToValue("PredictedLabel"));
        using var model = chain.Fit(clips);
        ser.Model.Save(model, clips.Schema, _recordings.File(name), new Dictionary<string, string> { ["note"] = name },
            new Dictionary<string, ReadOnlyMemory<byte>> { ["README.md"] = System.Text.Encoding.UTF8.GetBytes(name) });
        return _recordings.File(name);
    }
}
