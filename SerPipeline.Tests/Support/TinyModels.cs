using Microsoft.ML;
using SerPipeline.Audio;
using SerPipeline.Tests.Prediction;
using SerPipeline.Trainers;
using static Microsoft.ML.Transforms.Image.ImagePixelExtractingEstimator;

namespace SerPipeline.Tests.Support;

/// <summary>
/// Portable models of this library's chains, trained for an epoch or two on tones of three pitches, once a process: 16 kHz, input column
/// <c>Waveform</c>, labels
/// <c>low</c>, <c>middle</c> and <c>high</c>.
/// </summary>
internal static class TinyModels
{
    private const int Speakers = 4, Takes = 2;

    private static readonly Lazy<byte[]> CnnZip = new(() => Train(ml => ml.Transforms.LogMelSpectrogram("Spectrogram", "Waveform",
        new() { MelBands = 32 })
            .Append(ml.Transforms.SpectrogramImage("Image", "Spectrogram", new() { Width = 48 }))
            .Append(ml.Transforms.ExtractPixels("Pixels", "Image", ColorBits.Red))
            .Append(ml.MulticlassClassification.Trainers.ImageClassification(new() { Epoch = 1, Seed = 1 }))));

    private static readonly Lazy<byte[]> MlpZip = new(() => Train(ml => Vectors(ml)
            .Append(ml.MulticlassClassification.Trainers.Mlp(new() { Epoch = 2, Seed = 1, HiddenUnits = [16] }))));

    private static readonly Lazy<byte[]> LbfgsZip = new(() => Train(ml => Vectors(ml)
            .Append(ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy(l1Regularization: 0.1f))));

    private static readonly Lazy<byte[]> VoicesZip = new(() => Train(ml => ml.Transforms.UtteranceFeatures("Features", "Waveform")
            .Append(ml.MulticlassClassification.Trainers.VoiceEnsemble(new()
            {
                Members = [VoiceMember.Of(new LinearDiscriminantOptions()),
                    VoiceMember.Of(new MlpOptions { Epoch = 2, Seed = 1, HiddenUnits = [16], ValidationSetFraction = 0 })],
                SpeakerColumnName = "Speaker",
            }))));

    /// <summary>Saves a discriminant and a perceptron that adapt to speakers.</summary>
    /// <returns>The path.</returns>
    public static string Voices(string path) => Write(path, VoicesZip);

    /// <summary>Saves a CNN over spectrogram images.</summary>
    /// <returns>The path.</returns>
    public static string Cnn(string path) => Write(path, CnnZip);

    /// <summary>Saves a perceptron over normalised utterance features.</summary>
    /// <returns>The path.</returns>
    public static string Mlp(string path) => Write(path, MlpZip);

    /// <summary>Saves ML.NET's maximum entropy classifier over normalised utterance features.</summary>
    /// <returns>The path.</returns>
    public static string Lbfgs(string path) => Write(path, LbfgsZip);

    private static IEstimator<ITransformer> Vectors(MLContext ml) => ml.Transforms.UtteranceFeatures("Features", "Waveform")
        .Append((IEstimator<ITransformer>)ml.Transforms.NormalizeMeanVariance("Features"));

    private static byte[] Train(Func<MLContext, IEstimator<ITransformer>> behind)
    {
        using var folder = new TemporaryFolder();
        var ml = new MLContext(seed: 1);
        IDataView clips = ml.Data.LoadFromEnumerable(Clips(folder));
        ITransformer model = ml.Transforms.Conversion.MapValueToKey("Label")
            .Append((IEstimator<ITransformer>)ml.Transforms.LoadAudio("Waveform", "Path"))
            .Append(behind(ml))
            .Append(ml.Transforms.Conversion.MapKeyToValue("PredictedLabel"))
            .Fit(clips);
        string path = folder.File("model.zip");
        ml.Model.SavePortable(model, clips.Schema, path);
        return File.ReadAllBytes(path);
    }

    private static Clip[] Clips(TemporaryFolder folder) =>
    [
        .. from take in Enumerable.Range(0, Takes)
           from speaker in Enumerable.Range(0, Speakers)
           from label in Enumerable.Range(0, ToneModel.Labels.Count)
           select Write(folder.File($"{label}-{speaker}-{take}.wav"), label, speaker, take),
    ];

    private static Clip Write(string path, int label, int speaker, int take)
    {
        WavWriter.Write(path, ToneModel.Tone(label, speaker, take, 0.5 + (0.2 * take)));
        return new Clip { Path = path, Label = ToneModel.Labels[label], Speaker = $"s{speaker}" };
    }

    private static string Write(string path, Lazy<byte[]> zip)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        File.WriteAllBytes(path, zip.Value);
        return path;
    }

    private sealed class Clip
    {
        public string Path { get; set; } = "";

        public string Label { get; set; } = "";

        public string Speaker { get; set; } = "";
    }
}
