#:project ../SerPipeline/SerPipeline.csproj
#:property PublishAot=false
// Which features a model lives by: dotnet run -c Release samples/feature-importance.cs
using Microsoft.ML;
using SerPipeline;
using SerPipeline.Corpora.Synthesis;
using SerPipeline.Trainers;

var ml = new MLContext(seed: 42);
string demo = Path.Combine(Path.GetTempPath(), "ser-samples");
IDataView clips = ml.Data.LoadCorpus(DemoCorpus.Ensure(demo, new() { Speakers = 8, ClipsPerEmotion = 2 }));
var features = ml.Transforms.Conversion.MapValueToKey("Label")
    .Append(ml.Transforms.LoadAudio("Waveform", "Path"))
    .Append(ml.Transforms.UtteranceFeatures("Features", "Waveform"))
    .Append(ml.Transforms.NormalizeMeanVariance("Features"));
var split = ml.Data.SpeakerSplit(ml.Data.Cache(features.Fit(clips).Transform(clips)), testFraction: 0.25);

// ML.NET's permutation importance, for a trainer of ML.NET's: each slot alone.
ITransformer linear = ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy(l1Regularization: 0,
    l2Regularization: 0.1f).Fit(split.TrainSet);
var slots = ml.MulticlassClassification.PermutationFeatureImportance(linear, split.TestSet, permutationCount: 2);
Console.WriteLine("LbfgsMaximumEntropy, drop in UAR by slot");
foreach (var (name, drop) in slots.OrderBy(slot => slot.Value.MacroAccuracy.Mean).Take(5))
    Console.WriteLine($"  {name,-28} {-drop.MacroAccuracy.Mean:0.000}");

// This library's, for any chain: here slots in groups, so that the rest of a group cannot stand in for one of it.
var network = ml.MulticlassClassification.Trainers.Mlp(new() { Epoch = 20 }).Fit(split.TrainSet);
var groups = SpeechFeatureImportance.Measure(ml, network, split.TestSet, new() { Repetitions = 3, GroupOf = slot => slot.Split('_')[0] });
Console.WriteLine("Mlp, drop in UAR by group");
foreach (var group in groups.Take(5))
    Console.WriteLine($"  {group.Name,-28} {group.UarDrop:0.000} ± {group.UarDeviation:0.000}, {group.Slots.Count} slots");
