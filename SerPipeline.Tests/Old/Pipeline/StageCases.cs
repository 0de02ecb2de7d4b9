using SerPipeline.Features;
using SerPipeline.Old.Pipeline;
using SerPipeline.Old.Transforms;


namespace SerPipeline.Tests.Old.Pipeline;

/// <summary>Every stage of the catalogs, ready for the contract.</summary>
internal static class StageCases
{
    private static readonly string[] Classes = ["calm", "angry", "sad"];
    private static readonly DataViewSchema.DetachedColumn Audio = new("Audio", new AudioDataViewType(Recordings.SampleRateHz));
    private static readonly DataViewSchema.DetachedColumn Label = new("Label", new KeyDataViewType(3), new ColumnAnnotations { KeyValues = Classes });

    public static IReadOnlyList<StageCase> All { get; } =
    [
        new()
        {
            Method = "LoadAudio", Stage = "LoadAudio", Create = ser => ser.Transforms.LoadAudio(),
            Input = (files, variant) => new SerContext().Data.LoadCorpus(files.Corpus(speakers: 1, takes: 1 + variant)),
            Needs = [("Path", NumberDataViewType.Single)], Adds = ["Audio"],
            CreateBroken = ser => ser.Transforms.LoadAudio(new LoadAudioOptions { SampleRateHz = 0, Trim = new() { PeakFraction = 2, TopDb = -1 } }),
            BrokenOptions = ["SampleRateHz", "PeakFraction", "TopDb"],
        },
        new()
        {
            Method = "LogMelSpectrogram", Stage = "LogMelSpectrogram", Create = ser => ser.Transforms.LogMelSpectrogram(new() { MelBands = 12 }),
            Input = AudioRows, Needs = [("Audio", TextDataViewType.Instance)], Adds = ["LogMel"],
            CreateBroken = ser => ser.Transforms.LogMelSpectrogram(new() { MelBands = 0, HopSamples = 0, Power = 3 }), BrokenOptions = ["MelBands", "HopSamples", "Power"],
        },
        new()
        {
            Method = "UtteranceFeatures", Stage = "UtteranceFeatures", Create = ser => ser.Transforms.UtteranceFeatures(),
            Input = AudioRows, Needs = [("Audio", TextDataViewType.Instance)], Adds = ["Features"],
            CreateBroken = ser => ser.Transforms.UtteranceFeatures(new() { MelBands = 0, VoicedBelow = 2, PauseDb = -1 }), BrokenOptions = ["MelBands", "MfccCoefficients", "VoicedBelow", "PauseDb"],
        },
        new()
        {
            // A rate that is the recordings'.
            Method = "PaperMfcc", Stage = "PaperMfcc", Create = ser => ser.Transforms.PaperMfcc(new() { SampleRateHz = Recordings.SampleRateHz, FftLength = 512 }),
            Input = AudioRows, Needs = [("Audio", TextDataViewType.Instance)], Adds = ["Features"],
            CreateBroken = ser => ser.Transforms.PaperMfcc(new() { FftLength = 0, Coefficients = 129, TopDb = -1 }), BrokenOptions = ["FftLength", "Coefficients", "TopDb"],
        },
        new()
        {
            Method = "SpectrogramImage", Stage = "SpectrogramImage", Create = ser => ser.Transforms.SpectrogramImage(new() { Width = 20 }),
            Input = (_, variant) => Views.Of([new("LogMel", new VectorDataViewType(8, 0))], Enumerable.Range(0, 5).Select(i => new object?[] { Numbers(8 * (15 + (3 * i)), i + (100 * variant)) })),
            Needs = [("LogMel", TextDataViewType.Instance)], Adds = ["Image"],
            CreateBroken = ser => ser.Transforms.SpectrogramImage(new() { Width = -1, LowDb = double.NaN, StandardDeviations = 0 }), BrokenOptions = ["Width", "LowDb", "HighDb", "StandardDeviations"],
        },
        new()
        {
            Method = "NormalizeMeanVariance", Stage = "NormalizeMeanVariance", Create = ser => ser.Transforms.NormalizeMeanVariance("Scaled", "Features"),
            Input = VectorRows, Needs = [("Features", TextDataViewType.Instance)], Adds = ["Scaled"],
        },
        new()
        {
            Method = "MapValueToKey", Stage = "MapValueToKey", Create = ser => ser.Transforms.Conversion.MapValueToKey("Key", "Word"),
            Input = (_, variant) => Views.Of([new("Word", TextDataViewType.Instance)], (variant == 0 ? "b a c a" : "x a y").Split(' ').Select(w => new object?[] { w })),
            Needs = [("Word", NumberDataViewType.Single)], OnlyForFitting = ["Word"], Adds = ["Key"],
        },
        new()
        {
            Method = "MapKeyToValue", Stage = "MapKeyToValue", Create = ser => ser.Transforms.Conversion.MapKeyToValue("Word", "Label"),
            Input = (_, variant) => Views.Of([Label], new uint[] { 0, 1, 3, 2, (uint)variant }.Select(k => new object?[] { k })),
            Needs = [("Label", TextDataViewType.Instance)], Adds = ["Word"],
        },
        new()
        {
            Method = "ImageClassification", Stage = "ImageClassification",
            Create = ser => ser.MulticlassClassification.Trainers.ImageClassification(new()
            {
                Epoch = 2, BatchSize = 8, ValidationSetFraction = 0.25, Architecture = new() { Channels = [4, 6], AttentionUnits = 5 },
            }),
            Input = (_, variant) => Views.Of([new("Image", new ImageDataViewType(8, 16)), Label], Enumerable.Range(0, 18).Select(i => new object?[] { Picture(i, variant), (uint)(i % 3) + 1 })),
            Needs = [("Image", TextDataViewType.Instance), ("Label", TextDataViewType.Instance)], OnlyForFitting = ["Label"], Adds = ["Score", "PredictedLabel"],
            CreateBroken = ser => ser.MulticlassClassification.Trainers.ImageClassification(new() { Epoch = 0, LearningRate = -1, Architecture = new() { Channels = [] }, Augmentation = new() { MixupAlpha = -1 } }),
            BrokenOptions = ["Epoch", "LearningRate", "Architecture.Channels", "Augmentation.MixupAlpha"],
        },
        new()
        {
            Method = "Mlp", Stage = "Mlp", Create = ser => ser.MulticlassClassification.Trainers.Mlp(new() { Epoch = 2, BatchSize = 8, HiddenUnits = [7], ValidationSetFraction = 0.25 }),
            Input = VectorRows, Needs = [("Features", TextDataViewType.Instance), ("Label", TextDataViewType.Instance)], OnlyForFitting = ["Label"], Adds = ["Score", "PredictedLabel"],
            CreateBroken = ser => ser.MulticlassClassification.Trainers.Mlp(new() { BatchSize = 0, LabelSmoothing = 1, HiddenUnits = [], EarlyStoppingCriteria = new() { Patience = 0 } }),
            BrokenOptions = ["BatchSize", "LabelSmoothing", "HiddenUnits", "EarlyStoppingCriteria.Patience"],
        },
        new()
        {
            Method = "Ensemble", Stage = "Ensemble",
            Create = ser => ser.MulticlassClassification.Trainers.Ensemble(SerPipeline.Old.Trainers.EnsembleOptions.Of(new SerPipeline.Old.Trainers.MlpOptions { Epoch = 2, BatchSize = 8, HiddenUnits = [7], ValidationSetFraction = 0.25 }, 2)),
            Input = VectorRows, Needs = [("Features", TextDataViewType.Instance), ("Label", TextDataViewType.Instance)], OnlyForFitting = ["Label"], Adds = ["Score", "PredictedLabel"],
            CreateBroken = ser => ser.MulticlassClassification.Trainers.Ensemble(new() { Members = [], ScoreColumnName = " ", MaxDegreeOfParallelism = 0 }),
            BrokenOptions = ["Members", "ScoreColumnName", "MaxDegreeOfParallelism"],
        },
        new()
        {
            Method = "MlpClassifier", Stage = "MlpClassifier", Create = ser => ser.MulticlassClassification.Trainers.MlpClassifier(new() { Epoch = 2, BatchSize = 8, HiddenUnits = [7] }),
            Input = VectorRows, Needs = [("Features", TextDataViewType.Instance), ("Label", TextDataViewType.Instance)], OnlyForFitting = ["Label"], Adds = ["Score", "PredictedLabel"],
            CreateBroken = ser => ser.MulticlassClassification.Trainers.MlpClassifier(new() { HiddenUnits = [0], L2Regularization = -1, Tolerance = double.NaN, NoChangeEpochs = 0 }),
            BrokenOptions = ["HiddenUnits", "L2Regularization", "Tolerance", "NoChangeEpochs"],
        },
        new()
        {
            Method = "Conv1dClassification", Stage = "Conv1dClassification",
            Create = ser => ser.MulticlassClassification.Trainers.Conv1dClassification(new() { Epoch = 2, BatchSize = 8, Filters = [4, 3], KernelSize = 3 }),
            Input = VectorRows, Needs = [("Features", TextDataViewType.Instance), ("Label", TextDataViewType.Instance)], OnlyForFitting = ["Label"], Adds = ["Score", "PredictedLabel"],
            CreateBroken = ser => ser.MulticlassClassification.Trainers.Conv1dClassification(new() { BatchSize = 1, Filters = [], KernelSize = 4 }),
            BrokenOptions = ["BatchSize", "Filters", "KernelSize"],
        },
        new()
        {
            Method = "LstmClassification", Stage = "LstmClassification",
            Create = ser => ser.MulticlassClassification.Trainers.LstmClassification(new() { Epoch = 2, BatchSize = 8, Units = [4, 3], DenseUnits = 5 }),
            Input = VectorRows, Needs = [("Features", TextDataViewType.Instance), ("Label", TextDataViewType.Instance)], OnlyForFitting = ["Label"], Adds = ["Score", "PredictedLabel"],
            CreateBroken = ser => ser.MulticlassClassification.Trainers.LstmClassification(new() { Units = [8, 0], DenseUnits = 0, Dropout = 1 }),
            BrokenOptions = ["Units", "DenseUnits", "Dropout"],
        },
    ];

    private static IDataView AudioRows(Recordings files, int variant) =>
        Views.Of([Audio], Enumerable.Range(0, 4).Select(i => new object?[] { Recordings.Tone(i % 3, speaker: i, take: variant, seconds: 0.2 + (0.05 * i)) }));

    private static IDataView VectorRows(Recordings files, int variant) => Views.Of(
        [new("Features", new VectorDataViewType(5), new ColumnAnnotations { SlotNames = ["a", "b", "c", "d", "e"] }), Label],
        Enumerable.Range(0, 18).Select(i => new object?[] { Numbers(5, i + (100 * variant)), (uint)(i % 3) + 1 }));

    private static VBuffer<float> Numbers(int count, int seed)
    {
        var random = new SeededRandom(seed);
        return new VBuffer<float>([.. Enumerable.Range(0, count).Select(_ => (float)random.NextNormal())]);
    }

    private static GrayImage Picture(int seed, int variant)
    {
        SeededRandom random = new SeededRandom(seed).Fork("picture", variant);
        return new GrayImage(8, 16, [.. Enumerable.Range(0, 8 * 16).Select(_ => (byte)random.Next(256))]);
    }
}
