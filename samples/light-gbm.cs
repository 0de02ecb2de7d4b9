#:project ../SerPipeline/SerPipeline.csproj
#:package Microsoft.ML.LightGbm
#:property PublishAot=false
// A trainer of ML.NET's on features of whole utterances: dotnet run -c Release samples/light-gbm.cs
using Microsoft.ML;
using Microsoft.ML.Data;
using SerPipeline;
using SerPipeline.Audio;
using SerPipeline.Corpora.Synthesis;

var ml = new MLContext(seed: 42);
string demo = Path.Combine(Path.GetTempPath(), "ser-samples");
IDataView clips = ml.Data.LoadCorpus(DemoCorpus.Ensure(demo, new() { Speakers = 8, ClipsPerEmotion = 2 }));
var split = ml.Data.SpeakerSplit(clips, testFraction: 0.25);

var chain = ml.Transforms.Conversion.MapValueToKey("Label")
    .Append(ml.Transforms.LoadAudio("Waveform", "Path"))
    .Append(ml.Transforms.UtteranceFeatures("Features", "Waveform"))
    .Append(ml.MulticlassClassification.Trainers.LightGbm(numberOfLeaves: 8, minimumExampleCountPerLeaf: 5, numberOfIterations: 40))
    .Append(ml.Transforms.Conversion.MapKeyToValue("PredictedLabel"));

ITransformer model = chain.Fit(split.TrainSet);
var speech = ml.MulticlassClassification.EvaluateSpeech(model.Transform(split.TestSet));
Console.WriteLine($"UAR {speech.Uar:0.000} on speakers not heard in training, chance {1.0 / speech.Classes.Count:0.000}");
foreach (var label in speech.Classes) Console.WriteLine($"  {label.Label,-10} recall {label.Recall:0.00}");

// A clip from a microphone, say: samples instead of a path.
string path = split.TestSet.GetColumn<string>("Path").First();
var samples = new Clip { Waveform = AudioFile.Read(path).ToMono().Resample(16000).Samples.ToArray() };
using var engine = ml.Model.CreatePredictionEngine<Clip, Said>(ml.Model.FromWaveform(model));
Said said = engine.Predict(samples);
Console.WriteLine($"{Path.GetFileName(path)}: {said.PredictedLabel} ({said.Score.Max():0.00})");

internal sealed class Clip
{
    public float[] Waveform { get; set; } = [];
}

internal sealed class Said
{
    public string PredictedLabel { get; set; } = "";

    public float[] Score { get; set; } = [];
}
