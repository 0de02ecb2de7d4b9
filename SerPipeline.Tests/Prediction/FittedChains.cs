using System.Collections.Concurrent;
using Microsoft.ML;
using Microsoft.ML.Data;
using SerPipeline.Audio;
using SerPipeline.Tests.Support;
using static Microsoft.ML.Transforms.Image.ImagePixelExtractingEstimator;

[assembly: AssemblyFixture(typeof(SerPipeline.Tests.Prediction.FittedChains))]

namespace SerPipeline.Tests.Prediction;

/// <summary>Small chains, fitted once for all tests on tones of three pitches; no column but those of the corpus has its usual
/// name.</summary>
public sealed class FittedChains : IDisposable
{
    public const int Rate = 16000;

    private readonly TemporaryFolder _folder = new();
    private readonly ConcurrentDictionary<string, Lazy<float[][]>> _scores = new();
    private readonly Lazy<ITransformer> _images, _mlp, _linear;

    public FittedChains()
    {
        Clip[] clips = [.. Enumerable.Range(0, 12).Select(Write)];
        Paths = [.. clips.Select(clip => clip.File)];
        Clips = Context.Data.LoadFromEnumerable(clips);
        MulticlassClassificationCatalog.MulticlassClassificationTrainers trainers = Context.MulticlassClassification.Trainers;
        _images = new(() => Loading("Audio")
            .Append(Context.Transforms.LogMelSpectrogram("LogMel", "Audio", new() { MelBands = 32 }))
            .Append(Context.Transforms.SpectrogramImage("Picture", "LogMel", new() { Width = 48 }))
            .Append(Context.Transforms.ExtractPixels("Levels", "Picture", ColorBits.Red))
            .Append(trainers.ImageClassification(new() { LabelColumnName = "Truth", FeatureColumnName = "Levels", Epoch = 2, Seed = 1 }))
            .Append(Context.Transforms.Conversion.MapKeyToValue("PredictedLabel")).Fit(Clips));
        _mlp = new(() => Vectors()
            .Append(trainers.Mlp(new() { LabelColumnName = "Truth", FeatureColumnName = "Statistics", Epoch = 2, Seed = 1 }))
            .Append(Context.Transforms.Conversion.MapKeyToValue("PredictedLabel")).Fit(Clips));
        _linear = new(() => Vectors().Append(trainers.LbfgsMaximumEntropy("Truth", "Statistics"))
            .Append(Context.Transforms.Conversion.MapKeyToValue("Guess", "PredictedLabel")).Fit(Clips));
    }

    public MLContext Context { get; } = new(seed: 1);

    public IDataView Clips { get; }

    public string[] Paths { get; }

    /// <summary>By name, so that theories can ask for each.</summary>
    public ITransformer Named(string name) => name switch
    {
        "images" => _images.Value,
        "mlp" => _mlp.Value,
        _ => _linear.Value,
    };

    /// <summary>What a chain says of the clips.</summary>
    public float[][] Scores(string name) =>
        _scores.GetOrAdd(name, _ => new(() => [.. Named(name).Transform(Clips).GetColumn<float[]>("Score")])).Value;

    public string File(string name) => _folder.File(name);

    public void Dispose() => _folder.Dispose();

    public static float[] Samples(string path) => AudioFile.Read(path).ToMono().Resample(Rate).Samples.ToArray();

    public static string[] SlotNames(DataViewSchema.Column column)
    {
        VBuffer<ReadOnlyMemory<char>> names = default;
        column.GetSlotNames(ref names);
        return [.. names.DenseValues().Select(name => name.ToString())];
    }

    private IEstimator<ITransformer> Loading(string column) => Context.Transforms.Conversion.MapValueToKey("Truth", "Emotion")
        .Append((IEstimator<ITransformer>)Context.Transforms.LoadAudio(column, "File", new() { SampleRateHz = Rate }));

    /// <summary>From files to a column of normalised features.</summary>
    public IEstimator<ITransformer> Vectors() => Loading("Sound")
        .Append(Context.Transforms.UtteranceFeatures("Statistics", "Sound"))
        .Append((IEstimator<ITransformer>)Context.Transforms.NormalizeMeanVariance("Statistics"));

    // 0.3 to 1 second with silence around it, so that trimming and padding have something to do.
    private Clip Write(int index)
    {
        var random = new Random(index);
        int length = (Rate * 3 / 10) + random.Next(Rate * 7 / 10), quiet = Rate / 5;
        var samples = new float[length + (2 * quiet)];
        double step = 2 * Math.PI * (150 * (1 + (index % 3))) / Rate;
        for (int i = 0; i < length; i++)
            samples[quiet + i] = (float)(0.3 * Math.Sin(step * i) + (0.1 * Math.Sin(2.01 * step * i))
                + (0.02 * (random.NextDouble() - 0.5)));
        string path = _folder.File(FormattableString.Invariant($"clip{index:00}.wav"));
        WavWriter.Write(path, new AudioClip(samples, Rate));
        return new Clip
        {
            File = path,
            Emotion = new[] { "angry", "happy", "sad" }[index % 3],
            Speaker = FormattableString.Invariant($"s{index % 6}")
        };
    }

    public sealed class Clip
    {
        public string File { get; set; } = "";

        public string Emotion { get; set; } = "";

        public string Speaker { get; set; } = "";
    }
}
