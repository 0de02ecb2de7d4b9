using Microsoft.ML;
using Microsoft.ML.Data;
using SerPipeline.Features;
using SerPipeline.Networks;
using SerPipeline.Trainers;
using SerPipeline.Transforms;
using TorchSharp;
using static Microsoft.ML.Transforms.Image.ImagePixelExtractingEstimator;
using static TorchSharp.torch;

namespace SerPipeline.Tests.Onnx;

/// <summary>
/// Chains of every trainer as they stand after training, but with drawn weights: quick to make, and as decided in what they say as trained
/// ones.
/// </summary>
internal static class ExportedChains
{
    private static readonly MLContext Ml = new(seed: 1);

    public static string[] Labels { get; } = ["neutral", "calm", "happy", "sad", "angry", "fearful", "disgust", "surprised"];

    /// <summary>The column that the chains start from: Path.</summary>
    public static DataViewSchema Paths { get; } = Ml.Data.LoadFiles([]).Schema;

    private static TrainingHistory History { get; } = new()
    {
        Epochs = [],
        ChosenEpoch = 1,
        TrainExamples = 1,
        ValidationExamples = 0,
        ValidationGroups = [],
        Parameters = 1,
    };

    /// <summary>LoadAudio, LogMelSpectrogram, SpectrogramImage, ExtractPixels, ImageClassification and the mapping of its key.</summary>
    public static TransformerChain<ITransformer> Cnn(LoadAudioOptions? audio = null, LogMelOptions? mel = null,
        SpectrogramRendererOptions? image = null, SpectrogramCnnOptions? network = null)
    {
        using TrainedNetwork trained = CnnNetwork(mel, image, network);
        return Chain(trained, Load(audio), Fitted(Ml.Transforms.LogMelSpectrogram("LogMel", "Audio", mel)),
            Fitted(Ml.Transforms.SpectrogramImage("Image", "LogMel", image)),
                Fitted(Ml.Transforms.ExtractPixels("Pixels", "Image", ColorBits.Red)));
    }

    /// <summary>The network of <see cref="Cnn"/>.</summary>
    public static TrainedNetwork CnnNetwork(
        LogMelOptions? mel = null, SpectrogramRendererOptions? image = null, SpectrogramCnnOptions? network = null,
            string? prosody = null) =>
        Network(
            new ImageClassificationOptions { Architecture = network ?? new(), ProsodyColumnName = prosody }, 6,
            [Pixels(mel ?? new(), image ?? new()), .. prosody is null ? (InputColumn[])[] : [Vector(UtteranceSlots)]]);

    /// <summary>LoadAudio, PaperMfcc, NormalizeMeanVariance and one of the classifiers of vectors.</summary>
    public static TransformerChain<ITransformer> Paper(string trainer, LoadAudioOptions? audio = null, PaperMfccOptions? mfcc = null)
    {
        mfcc ??= new();
        TrainedNetwork[] networks = [.. (trainer == "Ensemble" ? (string[])["Mlp", "Conv1d", "MlpClassifier"] : [trainer])
            .Select(name => Classifier(name, mfcc.Coefficients))];
        try
        {
            return Chain(networks, Load(audio ?? LoadAudioOptions.Paper), Fitted(Ml.Transforms.PaperMfcc("Features", "Audio", mfcc)),
                Scaling(mfcc.Coefficients));
        }
        finally
        {
            foreach (TrainedNetwork network in networks) network.Dispose();
        }
    }

    /// <summary>LoadAudio, UtteranceFeatures, NormalizeMeanVariance and Mlp.</summary>
    public static TransformerChain<ITransformer> Utterance()
    {
        using TrainedNetwork network = Classifier("Mlp", UtteranceSlots);
        return Chain(network, Load(null), Fitted(Ml.Transforms.UtteranceFeatures("Features", "Audio")), Scaling(UtteranceSlots));
    }

    /// <summary>LoadAudio, GemapsFeatures, NormalizeMeanVariance and Mlp.</summary>
    public static TransformerChain<ITransformer> Gemaps()
    {
        int slots = new GemapsFeatures().Names.Count;
        using TrainedNetwork network = Classifier("Mlp", slots);
        return Chain(network, Load(null), Fitted(Ml.Transforms.GemapsFeatures("Features", "Audio")), Scaling(slots));
    }

    /// <summary>The recipe's stages, images, vectors and prosody, and an ensemble of one member of each kind.</summary>
    public static TransformerChain<ITransformer> Recipe()
    {
        LogMelOptions mel = new() { HopSamples = 256 };
        SpectrogramRendererOptions image = new() { Width = 64 };
        SpectrogramCnnOptions architecture = new() { Channels = [16, 32], AttentionUnits = 16 };
        using TrainedNetwork images = CnnNetwork(mel, image, architecture), both = CnnNetwork(mel, image, architecture, "Features"),
            vectors = Classifier("Mlp", UtteranceSlots);
        return Chain([images, both, vectors], Load(null), Fitted(Ml.Transforms.LogMelSpectrogram("LogMel", "Audio", mel)),
            Fitted(Ml.Transforms.SpectrogramImage("Image", "LogMel", image)),
                Fitted(Ml.Transforms.ExtractPixels("Pixels", "Image", ColorBits.Red)),
            Fitted(Ml.Transforms.UtteranceFeatures("Features", "Audio")), Scaling(UtteranceSlots));
    }

    /// <summary>A model of images and vectors that adapts to speakers; both its networks have the one of images.</summary>
    public static TransformerChain<ITransformer> Voices()
    {
        LogMelOptions mel = new() { HopSamples = 256 };
        SpectrogramRendererOptions image = new() { Width = 64 };
        using TrainedNetwork images = CnnNetwork(mel, image, new() { Channels = [16, 32], AttentionUnits = 16 }),
            vectors = Classifier("Mlp", UtteranceSlots), adapted = Classifier("MlpClassifier", UtteranceSlots);
        var environment = MlNetInternals.EnvironmentOf(Ml.Transforms);
        NeuralModel Both(TrainedNetwork second) => NeuralModel.Of(environment, [images, second], "Score", "PredictedLabel");
        var options = new VoiceEnsembleOptions { Members = [VoiceMember.Of(new LinearDiscriminantOptions())] };
        var model = NeuralModel.Of(environment, "VoiceEnsemble", Labels, options, Both(vectors).Network, History, [], new SpeakerAdaptation
        {
            FeatureColumnName = "Features",
            Center = new float[UtteranceSlots],
            Shrinkage = 4,
            Speakers = 8,
            Network = Both(adapted).Network,
        });
        return Chain(model, Load(null), Fitted(Ml.Transforms.LogMelSpectrogram("LogMel", "Audio", mel)),
            Fitted(Ml.Transforms.SpectrogramImage("Image", "LogMel", image)),
            Fitted(Ml.Transforms.ExtractPixels("Pixels", "Image", ColorBits.Red)),
            Fitted(Ml.Transforms.UtteranceFeatures("Features", "Audio")));
    }

    /// <summary>
    /// A chain with a stage that has no form in ONNX: images as wide as each clip is long, which its classifier does not read.
    /// </summary>
    public static TransformerChain<ITransformer> WithoutForm()
    {
        var mfcc = new PaperMfccOptions();
        using TrainedNetwork network = Classifier("Mlp", mfcc.Coefficients);
        return Chain(network, Load(LoadAudioOptions.Paper),
            Fitted(Ml.Transforms.LogMelSpectrogram("LogMel", "Audio", new() { SampleRateHz = LoadAudioOptions.Paper.SampleRateHz })),
            Fitted(Ml.Transforms.SpectrogramImage("Image", "LogMel", new() { Width = 0 })),
            Fitted(Ml.Transforms.PaperMfcc("Features", "Audio", mfcc)), Scaling(mfcc.Coefficients));
    }

    private static int UtteranceSlots { get; } = new UtteranceFeatures().Names.Count;

    private static InputColumn Vector(int slots) => new("Features", new VectorDataViewType(NumberDataViewType.Single, slots));

    private static InputColumn Pixels(LogMelOptions mel, SpectrogramRendererOptions image) =>
        new("Pixels", new VectorDataViewType(NumberDataViewType.Single, 1, mel.MelBands, image.Width));

    private static TrainedNetwork Classifier(string trainer, int inputs) => trainer switch
    {
        "Mlp" => Network(new MlpOptions { HiddenUnits = [16], Dropout = 0.1 }, 2, Vector(inputs)),
        "MlpClassifier" => Network(new MlpClassifierOptions { HiddenUnits = [16] }, 2, Vector(inputs)),
        "Conv1d" => Network(new Conv1dOptions { Filters = [16, 16], KernelSize = 5 }, 2, Vector(inputs)),
        "Lstm" => Network(new LstmOptions { Units = [16, 8], DenseUnits = 12 }, 30, Vector(inputs)),
        _ => throw new ArgumentException(trainer),
    };

    private static TrainedNetwork Network(NeuralTrainerOptions options, double gain, params InputColumn[] inputs)
    {
        TorchEngine.Start();
        ExampleEncoder encoder = options.CreateEncoder(inputs);
        nn.Module<Tensor, Tensor> module = options.CreateNetwork(inputs, new NetworkContext(Labels, encoder.Shape, new SeededRandom(3)));
        Decide(module, gain);
        return new TrainedNetwork(options, inputs, Labels, encoder, module) { History = History };
    }

    // First weights give much the same scores for every clip: batch statistics are drawn, and the last layer is made stronger.
    private static void Decide(nn.Module network, double gain)
    {
        var random = new SeededRandom(17);
        using IDisposable noGrad = no_grad();
        using DisposeScope scope = NewDisposeScope();
        foreach ((string name, Tensor buffer) in network.named_buffers())
            if (name.EndsWith("running_mean", StringComparison.Ordinal)) Draw(buffer, -0.2, 0.2);
            else if (name.EndsWith("running_var", StringComparison.Ordinal)) Draw(buffer, 0.3, 1.5);
        foreach ((string name, Tensor weight) in network.named_parameters())
            if (name.StartsWith("classifier", StringComparison.Ordinal)) weight.mul_(gain);
        void Draw(Tensor buffer, double low, double high) =>
            buffer.copy_(tensor([.. Enumerable.Range(0, (int)buffer.numel()).Select(_ => (float)random.NextDouble(low, high))],
                buffer.shape));
    }

    private static LoadAudioTransformer Load(LoadAudioOptions? options) =>
        Ml.Transforms.LoadAudio("Audio", "Path", options, new() { BadClips = BadClipRule.Throw }).Fit(MemoryView.Empty(Paths));

    private static Func<DataViewSchema, ITransformer> Fitted<T>(IEstimator<T> stage) where T : class,
        ITransformer => schema => stage.Fit(MemoryView.Empty(schema));

    // Mean and deviation of two rows; every seventh slot never varies.
    private static Func<DataViewSchema, ITransformer> Scaling(int slots)
    {
        var random = new SeededRandom(9);
        float[] mean = [.. Enumerable.Range(0, slots).Select(_ => (float)(3 * random.NextNormal()))];
        float[][] rows = [.. new[] { -50f, 50f }.Select(offset => mean.Select((m, i) => i % 7 == 6 ? m : m + offset).ToArray())];
        var data = new MemoryView(2, [MemoryView.Vector("Features", slots, (row, values) => rows[row].CopyTo(values))]);
        ITransformer scaling = Ml.Transforms.NormalizeMeanVariance("Features", fixZero: false).Fit(data);
        return _ => scaling;
    }

    private static TransformerChain<ITransformer> Chain(
        TrainedNetwork network, ITransformer first, params Func<DataViewSchema, ITransformer>[] features) => Chain([network], first,
            features);

    private static TransformerChain<ITransformer> Chain(
        IReadOnlyList<TrainedNetwork> networks, ITransformer first, params Func<DataViewSchema, ITransformer>[] features)
    {
        var environment = MlNetInternals.EnvironmentOf(Ml.Transforms);
        return Chain(networks.Count == 1 ? NeuralModel.Of(environment, networks[0])
            : NeuralModel.Of(environment, networks, "Score", "PredictedLabel"), first, features);
    }

    private static TransformerChain<ITransformer> Chain(NeuralModel model, ITransformer first,
        params Func<DataViewSchema, ITransformer>[] features)
    {
        List<ITransformer> stages = [first];
        DataViewSchema schema = first.GetOutputSchema(Paths);
        foreach (Func<DataViewSchema,
            ITransformer> stage in features.Append(_ => model).Append(Fitted(Ml.Transforms.Conversion.MapKeyToValue("PredictedLabel"))))
        {
            stages.Add(stage(schema));
            schema = stages[^1].GetOutputSchema(schema);
        }
        return new TransformerChain<ITransformer>([.. stages]);
    }
}
