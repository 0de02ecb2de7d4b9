#:project ../SerPipeline/SerPipeline.csproj
#:property PublishAot=false
// From audio files to a model that any ML.NET app opens: spectrograms as images into a small CNN.
// dotnet run -c Release samples/first-chain.cs [RAVDESS-FOLDER]; without a folder, a synthetic corpus is written among temporary files.
using Microsoft.ML;
using SerPipeline;
using SerPipeline.Corpora.Synthesis;
using static Microsoft.ML.Transforms.Image.ImagePixelExtractingEstimator;

string demo = Path.Combine(Path.GetTempPath(), "ser-samples");
var ml = new MLContext(seed: 42);
IDataView clips = args.Length > 0
    ? ml.Data.LoadCorpus("ravdess", args[0])
    : ml.Data.LoadCorpus(DemoCorpus.Ensure(demo, new() { Speakers = 8, ClipsPerEmotion = 2 }));
int epochs = args.Length > 0 ? 60 : 8;
var split = ml.Data.SpeakerSplit(clips, testFraction: 0.25);

var chain = ml.Transforms.Conversion.MapValueToKey("Label")
    .Append(ml.Transforms.LoadAudio("Waveform", "Path"))
    .Append(ml.Transforms.LogMelSpectrogram("Spectrogram", "Waveform"))
    .Append(ml.Transforms.SpectrogramImage("Image", "Spectrogram"))
    .Append(ml.Transforms.ExtractPixels("Pixels", "Image", ColorBits.Red))
    .Append(ml.MulticlassClassification.Trainers.ImageClassification(new() { FeatureColumnName = "Pixels", Epoch = epochs }))
    .Append(ml.Transforms.Conversion.MapKeyToValue("PredictedLabel"));

ITransformer model = chain.Fit(split.TrainSet);
IDataView scored = model.Transform(split.TestSet);
var metrics = ml.MulticlassClassification.Evaluate(scored);
var speech = ml.MulticlassClassification.EvaluateSpeech(scored);
Console.WriteLine($"ML.NET:      accuracy {metrics.MicroAccuracy:0.000}, log-loss {metrics.LogLoss:0.000}");
Console.WriteLine($"SerPipeline: UAR {speech.Uar:0.000}, chance {1.0 / speech.Classes.Count:0.000}, speakers {speech.BySpeaker.Count}");

string path = Path.Combine(demo, "portable.zip");
var portable = ml.Model.SavePortable(model, clips.Schema, path);
Console.WriteLine($"{path} opens with {string.Join(", ", portable.Packages)}");
