using SerPipeline.Features;
using SerPipeline.Old.Pipeline;
using SerPipeline.Old.Torch;
using SerPipeline.Old.Torch.Layers;
using SerPipeline.Old.Trainers;
using SerPipeline.Old.Transforms;
using SerPipeline.Trainers;


namespace SerPipeline.Tests.Onnx;

/// <summary>Chains of every trainer as they stand after training, but with drawn weights: quick to make, and as decided in what they say as trained ones.</summary>
internal static class ExportedChains
{
    public static string[] Labels { get; } = ["neutral", "calm", "happy", "sad", "angry", "fearful", "disgust", "surprised"];

    public static DataViewSchema Paths { get; } = new([new("Path", TextDataViewType.Instance), new("Label", TextDataViewType.Instance)]);

    private static TrainingHistory History { get; } = new() { Epochs = [], ChosenEpoch = 1, TrainExamples = 1, ValidationExamples = 0, ValidationGroups = [], Parameters = 1 };

    /// <summary>LoadAudio, LogMelSpectrogram, SpectrogramImage, ImageClassification and the labels' mappings.</summary>
    public static TransformerChain<ITransformer> Cnn(LoadAudioOptions? audio = null, LogMelOptions? mel = null, SpectrogramRendererOptions? image = null, SpectrogramCnnOptions? network = null)
    {
        var ser = new SerContext(1, new() { BadClips = BadClipRule.Throw });
        (mel, image, network) = (mel ?? new(), image ?? new(), network ?? new());
        Module cnn = Decided(SpectrogramCnn.Create(mel.MelBands, image.Width, 0, Labels.Length, network, new SeededRandom(3)), gain: 6);
        return Chain(ser, new ImageClassificationModel(ser, new ImageClassificationModel.Settings(Columns("Image"), mel.MelBands, image.Width, network), cnn, History),
            new LoadAudioTransformer(ser, new("Audio", "Path", audio ?? new())),
            new LogMelSpectrogramTransformer(ser, new("LogMel", "Audio", mel)),
            new SpectrogramImageTransformer(ser, new("Image", "LogMel", image)));
    }

    /// <summary>LoadAudio, PaperMfcc, NormalizeMeanVariance and one of the classifiers of vectors.</summary>
    public static TransformerChain<ITransformer> Paper(string trainer, LoadAudioOptions? audio = null, PaperMfccOptions? mfcc = null)
    {
        var ser = new SerContext(1, new() { BadClips = BadClipRule.Throw });
        mfcc ??= new();
        RowTransformer classifier = trainer == "Ensemble"
            ? new EnsembleModel(ser, "Score", "PredictedLabel", [Classifier(ser, "Mlp", mfcc.Coefficients), Classifier(ser, "Conv1dClassification", mfcc.Coefficients), Classifier(ser, "MlpClassifier", mfcc.Coefficients)])
            : Classifier(ser, trainer, mfcc.Coefficients);
        return Chain(ser, classifier,
            new LoadAudioTransformer(ser, new("Audio", "Path", audio ?? LoadAudioOptions.Paper)),
            new PaperMfccTransformer(ser, new("Features", "Audio", mfcc)),
            Scaling(ser, mfcc.Coefficients));
    }

    /// <summary>LoadAudio, UtteranceFeatures, NormalizeMeanVariance and Mlp.</summary>
    public static TransformerChain<ITransformer> Utterance()
    {
        var ser = new SerContext(1, new() { BadClips = BadClipRule.Throw });
        int slots = new UtteranceFeatures().Names.Count;
        return Chain(ser, Classifier(ser, "Mlp", slots),
            new LoadAudioTransformer(ser, new("Audio", "Path", new())), new UtteranceFeaturesTransformer(ser, new("Features", "Audio", new())), Scaling(ser, slots));
    }

    /// <summary>The recipe's stages, images, vectors and prosody, and an ensemble of one member of each kind.</summary>
    public static TransformerChain<ITransformer> Recipe()
    {
        var ser = new SerContext(1, new() { BadClips = BadClipRule.Throw });
        LogMelOptions mel = new() { HopSamples = 256 };
        SpectrogramRendererOptions image = new() { Width = 64 };
        SpectrogramCnnOptions network = new() { Channels = [16, 32], AttentionUnits = 16 };
        int slots = new UtteranceFeatures().Names.Count;
        NeuralModel Image(ProsodyInput? prosody) => new ImageClassificationModel(
            ser, new ImageClassificationModel.Settings(Columns("Image"), mel.MelBands, image.Width, network, prosody),
            Decided(SpectrogramCnn.Create(mel.MelBands, image.Width, prosody?.Values ?? 0, Labels.Length, network, new SeededRandom(3)), gain: 6), History);
        return Chain(ser, new EnsembleModel(ser, "Score", "PredictedLabel", [Image(null), Image(new("Features", slots)), Classifier(ser, "Mlp", slots)]),
            new LoadAudioTransformer(ser, new("Audio", "Path", new())), new LogMelSpectrogramTransformer(ser, new("LogMel", "Audio", mel)),
            new SpectrogramImageTransformer(ser, new("Image", "LogMel", image)), new UtteranceFeaturesTransformer(ser, new("Features", "Audio", new())), Scaling(ser, slots));
    }

    /// <summary>A chain with a stage that has no form in ONNX: images as wide as each clip is long, which its classifier does not read.</summary>
    public static TransformerChain<ITransformer> WithoutForm()
    {
        var ser = new SerContext(1, new() { BadClips = BadClipRule.Throw });
        var mfcc = new PaperMfccOptions();
        return Chain(ser, Classifier(ser, "Mlp", mfcc.Coefficients),
            new LoadAudioTransformer(ser, new("Audio", "Path", LoadAudioOptions.Paper)),
            new LogMelSpectrogramTransformer(ser, new("LogMel", "Audio", new() { SampleRateHz = LoadAudioOptions.Paper.SampleRateHz })),
            new SpectrogramImageTransformer(ser, new("Image", "LogMel", new() { Width = 0 })),
            new PaperMfccTransformer(ser, new("Features", "Audio", mfcc)), Scaling(ser, mfcc.Coefficients));
    }

    public static NeuralModel Classifier(SerContext ser, string trainer, int inputs)
    {
        NeuralModelColumns columns = Columns("Features");
        var random = new SeededRandom(5);
        int classes = Labels.Length;
        return trainer switch
        {
            "Mlp" => new MlpModel(ser, new(columns, inputs, [16], 0.1), Decided(MlpNetwork.Create(inputs, [16], classes, 0.1, random)), History),
            "MlpClassifier" => new MlpClassifierModel(ser, new(columns, inputs, [16]), Decided(MlpClassifierModel.CreateNetwork(inputs, [16], classes, random)), History),
            "Conv1dClassification" => new Conv1dClassificationModel(ser, new(columns, inputs, [16, 16], 5), Decided(Conv1dClassificationModel.CreateNetwork(inputs, [16, 16], 5, classes, random)), History),
            "LstmClassification" => new LstmClassificationModel(ser, new(columns, inputs, [16, 8], 12, 0.1), Decided(LstmClassificationModel.CreateNetwork([16, 8], 12, 0.1, classes, random), gain: 30), History),
            _ => throw new ArgumentException(trainer),
        };
    }

    private static NeuralModelColumns Columns(string feature) => new(feature, "Score", "PredictedLabel", Labels);

    private static NormalizeMeanVarianceTransformer Scaling(SerContext ser, int slots)
    {
        var random = new SeededRandom(9);
        float[] mean = [.. Enumerable.Range(0, slots).Select(_ => (float)(3 * random.NextNormal()))];
        return new NormalizeMeanVarianceTransformer(ser, "Features", "Features", mean, [.. Enumerable.Range(0, slots).Select(i => i % 7 == 6 ? 0 : 0.02f)]);
    }

    private static TransformerChain<ITransformer> Chain(SerContext ser, RowTransformer model, params ITransformer[] features) => new(
    [
        .. features, new ValueToKeyMappingTransformer(ser, "Label", "Label", Labels), model, new KeyToValueMappingTransformer(ser, "PredictedLabel", "PredictedLabel"),
    ]);

    // First weights give much the same scores for every clip: batch statistics are drawn, and the last layer is made stronger.
    private static Module Decided(Module network, float gain = 2)
    {
        var random = new SeededRandom(17);
        var state = new Dictionary<string, TensorData>(network.StateDict());
        foreach ((string name, TensorData data) in network.StateDict())
        {
            if (data.Type != ScalarType.Float32) continue;
            float[] values = data.ToFloats();
            for (int i = 0; i < values.Length; i++)
                if (name.EndsWith("running_mean", StringComparison.Ordinal)) values[i] = (float)random.NextDouble(-0.2, 0.2);
                else if (name.EndsWith("running_var", StringComparison.Ordinal)) values[i] = (float)random.NextDouble(0.3, 1.5);
                else if (name.StartsWith("classifier", StringComparison.Ordinal)) values[i] *= gain;
            state[name] = TensorData.From(values, data.Shape);
        }
        network.LoadStateDict(state);
        return network;
    }
}
