#:project ../SerPipeline/SerPipeline.csproj
#:property PublishAot=false
// Networks of your own as ML.NET trainers: dotnet run -c Release samples/own-network.cs
using Microsoft.ML;
using SerPipeline;
using SerPipeline.Corpora.Synthesis;
using SerPipeline.Networks;
using SerPipeline.Onnx;
using SerPipeline.Trainers;
using TorchSharp.Modules;
using static TorchSharp.torch;

var ml = new MLContext(seed: 42);
string demo = Path.Combine(Path.GetTempPath(), "ser-samples");
IDataView clips = ml.Data.LoadCorpus(DemoCorpus.Ensure(demo, new() { Speakers = 8, ClipsPerEmotion = 2 }));
var trainers = ml.MulticlassClassification.Trainers;
// Features are computed once for both networks.
var features = ml.Transforms.Conversion.MapValueToKey("Label")
    .Append(ml.Transforms.LoadAudio("Waveform", "Path"))
    .Append(ml.Transforms.UtteranceFeatures("Features", "Waveform"));
var split = ml.Data.SpeakerSplit(ml.Data.Cache(features.Fit(clips).Transform(clips)), testFraction: 0.25);

TorchModuleOptions options = new() { Epoch = 20 };
Report("layers in a row", trainers.TorchModule(
    context => nn.Sequential(nn.Linear(context.Shape[0], 64), nn.ReLU(), nn.Linear(64, context.Classes)), options));
Report("a residual block", trainers.TorchModule(context => new Residual(context.Shape[0], 64, context.Classes), options));

void Report(string name, IEstimator<ITransformer> trainer)
{
    var model = ml.Transforms.NormalizeMeanVariance("Features").Append(trainer).Fit(split.TrainSet);
    Console.WriteLine($"{name,-16} UAR {ml.MulticlassClassification.EvaluateSpeech(model.Transform(split.TestSet)).Uar:0.000}");
}

/// <summary>In, one block that adds to what it is given, out.</summary>
internal sealed class Residual : nn.Module<Tensor, Tensor>, IOnnxModule
{
    private readonly Linear first, block, last;

    public Residual(long size, long width, long classes) : base(nameof(Residual))
    {
        (first, block, last) = (nn.Linear(size, width), nn.Linear(width, width), nn.Linear(width, classes));
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        Tensor x = nn.functional.relu(first.forward(input));
        return last.forward(x + nn.functional.relu(block.forward(x)));
    }

    private static OnnxValue Relu(OnnxValue x) => x.Graph.Node("Relu", [x]);

    // The same in ONNX, in which every model is scored and saved.
    public OnnxValue ToOnnx(OnnxValue input, string name)
    {
        OnnxValue x = Relu(NetworkOnnx.Export(first, input, "first"));
        return NetworkOnnx.Export(last, x + Relu(NetworkOnnx.Export(block, x, "block")), "last");
    }
}
