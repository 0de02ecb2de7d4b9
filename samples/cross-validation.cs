#:project ../SerPipeline/SerPipeline.csproj
#:property PublishAot=false
// Every speaker is tested once by a model that has not heard them, in two ways: dotnet run -c Release samples/cross-validation.cs
using Microsoft.ML;
using SerPipeline;
using SerPipeline.Corpora.Synthesis;

var ml = new MLContext(seed: 42);
string demo = Path.Combine(Path.GetTempPath(), "ser-samples");
IDataView clips = ml.Data.LoadCorpus(DemoCorpus.Ensure(demo, new() { Speakers = 8, ClipsPerEmotion = 2 }));
// What learns nothing from the data may see all of it: audio is read and described once.
var features = ml.Transforms.Conversion.MapValueToKey("Label")
    .Append(ml.Transforms.LoadAudio("Waveform", "Path"))
    .Append(ml.Transforms.UtteranceFeatures("Features", "Waveform"));
IDataView data = ml.Data.Cache(features.Fit(clips).Transform(clips));
// What learns is fitted in each fold anew.
var learner = ml.Transforms.NormalizeMeanVariance("Features")
    .Append(ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy(l1Regularization: 0, l2Regularization: 0.1f));

// ML.NET's own: the sampling key keeps the clips of a speaker together; parts may differ in size.
foreach (var fold in ml.MulticlassClassification.CrossValidate(data, learner, numberOfFolds: 4, samplingKeyColumnName: "Speaker"))
    Console.WriteLine($"CrossValidate {fold.Fold}: UAR {fold.Metrics.MacroAccuracy:0.000}");

// The protocols of this library: five folds of speakers, as even as they can be, and every clip is tested once.
int number = 0;
foreach (var fold in ml.Data.Folds(data, "speaker-5fold"))
{
    var speech = ml.MulticlassClassification.EvaluateSpeech(learner.Fit(fold.TrainSet).Transform(fold.TestSet));
    string speakers = string.Join(' ', speech.BySpeaker.Select(speaker => speaker.Group));
    Console.WriteLine($"speaker-5fold {number++}: UAR {speech.Uar:0.000}, speakers {speakers}");
}
