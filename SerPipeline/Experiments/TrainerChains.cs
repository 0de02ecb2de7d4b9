using Microsoft.ML.Transforms;
using SerPipeline.Audio;
using SerPipeline.Splits;
using SerPipeline.Trainers;
using SerPipeline.Transforms;
using static Microsoft.ML.Transforms.Image.ImagePixelExtractingEstimator;

namespace SerPipeline.Experiments;

/// <summary>What trains and reads for one seed of a run.</summary>
/// <param name="Ml">ML.NET's context with that seed.</param>
/// <param name="Reading">How clips are read.</param>
/// <param name="Seed">The seed of weights, shuffles, dropout and augmentation.</param>
public sealed record ExperimentContext(MLContext Ml, AudioReading Reading, int Seed)
{
    /// <summary>A context of a seed.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="reading">How clips are read; the defaults when null.</param>
    public static ExperimentContext Create(int seed, AudioReading? reading = null) =>
        new(new MLContext(seed), reading ?? new AudioReading(), seed);
}

/// <summary>A chain ready to be fitted, and its trainer's options.</summary>
/// <param name="Estimator">The stages, from <c>Path</c> to <c>PredictedLabel</c> as text.</param>
/// <param name="Options">The trainer's options: <see cref="NeuralTrainerOptions"/>, <see cref="LinearDiscriminantOptions"/>,
/// <see cref="VoiceEnsembleOptions"/>, or of a trainer of ML.NET its settings by name.</param>
/// <param name="Epochs">The epochs at most of each network, in the order in which they are trained; empty where there is none.</param>
public sealed record TrainerChain(
    EstimatorChain<KeyToValueMappingTransformer> Estimator, object Options, IReadOnlyList<int> Epochs);

/// <summary>The chains of <c>ser train</c>, from a clip's path to its label.</summary>
public static class TrainerChains
{
    /// <summary>A CNN over spectrogram images.</summary>
    public const string Cnn = "cnn";

    /// <summary>A ResNet18 that begins with ImageNet's weights, over spectrogram images.</summary>
    public const string ResNet18 = "resnet18";

    /// <summary>A perceptron over utterance features.</summary>
    public const string Mlp = "mlp";

    /// <summary>Linear discriminant analysis over utterance features.</summary>
    public const string Lda = "lda";

    /// <summary>The recommended ensemble for voices never heard.</summary>
    public const string Recipe = "recipe";

    private const string Waveform = "Waveform", Features = "Features", Image = "Image", Pixels = "Pixels", Label = "Label";

    /// <summary>The names of the trainers that this library has.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. TrainerKind.All.Select(kind => kind.Name)];

    /// <summary>The trainers that run when none is named: a linear one, a network over images and one over features.</summary>
    public static IReadOnlyList<string> Default { get; } = [Lda, Cnn, Mlp];

    /// <summary>What a trainer makes, in words for a report.</summary>
    /// <param name="trainer">One of <see cref="Names"/>; another name is given back as it is.</param>
    public static string Describe(string trainer) => TrainerKind.All.FirstOrDefault(kind => kind.Name == trainer)?.Description ?? trainer;

    /// <summary>Whether a trainer learns from utterance features whose speaker's offset can be taken out.</summary>
    /// <param name="trainer">A trainer's name.</param>
    public static bool CanAdapt(string trainer) => TrainerKind.All.FirstOrDefault(kind => kind.Name == trainer)?.CanAdapt == true;

    /// <summary>Whether a trainer can learn from copies of its clips: those over features from all, those over images, whose speed
    /// <see cref="AugmentationLevel.Full"/> changes, from clips under a condition, ML.NET's from none.</summary>
    /// <param name="trainer">A trainer's name.</param>
    /// <param name="copy">The copies.</param>
    public static bool CanLearnFrom(string trainer, TrainingCopy copy) => TrainerKind.All.FirstOrDefault(kind => kind.Name == trainer)
        is { } kind && (kind.CanAdapt || (kind.ReadsImages && copy != TrainingCopy.Speed));

    /// <summary>The options a trainer would train with.</summary>
    /// <param name="trainer">One of <see cref="Names"/>, or of the settings' own.</param>
    /// <param name="settings">What differs from the trainer's defaults.</param>
    /// <exception cref="OptionsException">A setting cannot be used.</exception>
    public static object OptionsOf(string trainer, ExperimentSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        TrainingCopy[] unable = [.. (settings.Copies ?? []).Where(copy => !CanLearnFrom(trainer, copy))];
        new OptionsCheck(nameof(ExperimentSettings))
            .Require(unable.Length == 0, string.Join(", ", unable), $"be copies that {trainer} can learn from",
                nameof(ExperimentSettings.Copies))
            .ThrowIfAny();
        object options = TrainerKind.Of(trainer, settings).Options(settings);
        if (options is not NeuralTrainerOptions trained) return options;
        NeuralTrainerOptions network = WithPictures(trained, CopyReading.Of(settings.Copies ?? []));
        network.Validate();
        return network;
    }

    /// <summary>The share of training rows that a trainer holds out to choose its epoch; null for one that chooses none.</summary>
    internal static double? ValidationFractionOf(string trainer, ExperimentSettings settings) =>
        (OptionsOf(trainer, settings) as NeuralTrainerOptions)?.ValidationSetFraction;

    /// <summary>Builds a chain.</summary>
    /// <param name="context">The context; its seed decides the training.</param>
    /// <param name="trainer">One of <see cref="Names"/>, or of the settings' own.</param>
    /// <param name="settings">What differs from the trainer's defaults.</param>
    /// <param name="labels">The labels in the order of the scores.</param>
    /// <param name="epochEnded">Called after each epoch with its figures.</param>
    /// <param name="cancellation">Stops the training.</param>
    /// <param name="speakers">Whether every training clip names its speaker, so that the model can adapt to one.</param>
    /// <param name="checkpoint">The file of the training's checkpoint; null for none.</param>
    /// <exception cref="OptionsException">A setting cannot be used.</exception>
    public static TrainerChain Create(
        ExperimentContext context, string trainer, ExperimentSettings settings, IDataView labels, Action<TrainingMetrics> epochEnded,
        CancellationToken cancellation, bool speakers = false, string? checkpoint = null)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(settings);
        TrainerKind kind = TrainerKind.Of(trainer, settings);
        object options = OptionsOf(trainer, settings);
        NeuralTrainerOptions Ready(NeuralTrainerOptions network) => network with
        { Seed = context.Seed, MetricsCallback = epochEnded, CancellationToken = cancellation, CheckpointPath = checkpoint };
        if (options is NeuralTrainerOptions plain) options = Ready(plain);
        bool adapts = speakers && (settings.Adapt ?? (kind.Adapts || settings.Protocols.Any(name => SplitProtocol.Divide(name).Clips > 0)));
        IReadOnlyList<CopyReading> copies = CopyReading.Of(settings.Copies ?? (kind.Adapts ? [TrainingCopy.Speed] : []));
        // What adapts or learns from copies is an ensemble of one at least.
        if (kind.CanAdapt && options is not VoiceEnsembleOptions && (adapts || copies.Count > 0))
        {
            IEnumerable<object> members = options is NeuralTrainerOptions one ? Enumerable.Range(0, settings.Ensemble)
                .Select(i => one with { Seed = EnsembleOptions.MemberSeed(context.Seed, i) }) : [options];
            options = new VoiceEnsembleOptions { Members = [.. members.Select(member => VoiceMember.Of(member))] };
        }
        if (options is VoiceEnsembleOptions voices)
            options = voices with
            {
                CopyColumnNames = [.. copies.Select(copy => Features + copy.Suffix)],
                SpeakerColumnName = adapts ? "Speaker" : null,
                Members = [.. voices.Members.Select((member, i) => member.Network is { } network ? member with
                {
                    Network = Ready(WithPictures(network, copies)) with
                    {
                        Seed = network.Seed ?? context.Seed,
                        CheckpointPath = checkpoint is null ? null : Checkpoint.OfMember(checkpoint, i + 1),
                    },
                } : member)],
            };
        MLContext ml = context.Ml;
        bool images = kind.ReadsImages;
        string? features = options is ImageClassificationOptions { ProsodyColumnName: var prosody } ? prosody
            : kind.ReadsFeatures ? Features : null;
        EstimatorChain<ITransformer> chain = AudioStages(ml, context.Reading, images, features, settings.Features);
        foreach (CopyReading copy in copies)
            chain = AppendCopy(chain, ml, copy, context.Reading, images, features is not null, settings.Features);
        chain = chain.Append<ITransformer>(ml.Transforms.Conversion.MapValueToKey(Label, keyData: labels));
        // Pixels are floats from 0 to 255, which ML.NET's transform takes out of the image's red channel: the image is grey.
        if (images)
        {
            chain = chain.Append<ITransformer>(ml.Transforms.ExtractPixels(Pixels, Image, ColorBits.Red));
            foreach (CopyReading copy in copies.Where(copy => copy.IsPictured))
                chain = chain.Append<ITransformer>(ml.Transforms.ExtractPixels(Pixels + copy.Suffix, Image + copy.Suffix, ColorBits.Red),
                    TransformerScope.Training);
        }
        // The features are kept in memory, since normaliser and trainer both read them.
        else chain = chain.AppendCacheCheckpoint(ml);
        // An ensemble standardises for itself: with a speaker's offset taken out the deviations are others.
        if (features is not null && options is not VoiceEnsembleOptions)
            chain = chain.Append<ITransformer>(ml.Transforms.NormalizeMeanVariance(features, fixZero: false));
        return new TrainerChain(
            chain.Append<ITransformer>(kind.Create(ml, options, settings))
                .Append(ml.Transforms.Conversion.MapKeyToValue("PredictedLabel")), options,
            TrainerKind.EpochsOf(options, settings.Ensemble));
    }

    /// <summary>Computes what the trainers will read from each file, decoded once, and keeps it in the cache of
    /// <paramref name="reading"/>.</summary>
    /// <param name="clips">The clips.</param>
    /// <param name="reading">How they are read, with a cache.</param>
    /// <param name="settings">Its trainers decide what is computed.</param>
    internal static void FillCache(IDataView clips, AudioReading reading, ExperimentSettings settings)
    {
        var ml = new MLContext();
        TrainerKind[] kinds = [.. settings.Trainers.Select(trainer => TrainerKind.Of(trainer, settings))];
        bool images = kinds.Any(kind => kind.ReadsImages), features = settings.Prosody || kinds.Any(kind => kind.ReadsFeatures);
        IDataView view = AudioStages(ml, reading, images, features ? Features : null, settings.Features).Fit(clips).Transform(clips);
        DataViewSchema.Column[] columns = [.. view.Schema.Where(column => column.Name is Image or Features)];
        using DataViewRowCursor cursor = view.GetRowCursor(columns);
        while (cursor.MoveNext()) { }
    }

    private static NeuralTrainerOptions WithPictures(NeuralTrainerOptions network, IReadOnlyList<CopyReading> copies) =>
        network is not ImageTrainerOptions image ? network
            : image with { CopyColumnNames = [.. copies.Where(copy => copy.IsPictured).Select(copy => Pixels + copy.Suffix)] };

    // The training alone reads it: a model that is saved has no such stage.
    private static EstimatorChain<ITransformer> AppendCopy(EstimatorChain<ITransformer> chain, MLContext ml, CopyReading copy,
        AudioReading reading, bool images, bool features, FeatureSet set)
    {
        string waveform = Waveform + copy.Suffix, spectrogram = "Spectrogram" + copy.Suffix;
        chain = chain.Append<ITransformer>(ml.Transforms.LoadAudio(waveform, "Path", reading: copy.Reading(reading)),
            TransformerScope.Training);
        if (images && copy.IsPictured)
            chain = chain.Append<ITransformer>(ml.Transforms.LogMelSpectrogram(spectrogram, waveform), TransformerScope.Training)
                .Append<ITransformer>(ml.Transforms.SpectrogramImage(Image + copy.Suffix, spectrogram), TransformerScope.Training);
        return features ? chain.Append(VectorStage(ml, Features + copy.Suffix, waveform, set), TransformerScope.Training) : chain;
    }

    // One after the other without a stage of ML.NET between them: so they are computed together, a clip a core.
    private static EstimatorChain<ITransformer> AudioStages(MLContext ml, AudioReading reading, bool images, string? features,
        FeatureSet set)
    {
        EstimatorChain<ITransformer> chain = new EstimatorChain<ITransformer>().Append<ITransformer>(ml.Transforms.LoadAudio(Waveform,
            "Path", reading: reading));
        if (images)
            chain = chain.Append<ITransformer>(ml.Transforms.LogMelSpectrogram("Spectrogram", Waveform))
                .Append<ITransformer>(ml.Transforms.SpectrogramImage(Image, "Spectrogram"));
        return features is null ? chain : chain.Append(VectorStage(ml, features, Waveform, set));
    }

    private static IEstimator<ITransformer> VectorStage(MLContext ml, string column, string waveform, FeatureSet set) =>
        set == FeatureSet.Gemaps ? ml.Transforms.GemapsFeatures(column, waveform)
            : ml.Transforms.UtteranceFeatures(column, waveform, new() { Gemaps = set == FeatureSet.Both });
}

/// <summary>Copies of the training clips that a trainer learns from besides; none of them is ever tested on.</summary>
public enum TrainingCopy
{
    /// <summary>At 0.9 and 1.1 of the speed, pitch included, which moves pitch and formants about as far as one adult's are from
    /// another's: each counts as another voice.</summary>
    Speed,

    /// <summary><see cref="RecordingCondition.Telephone"/>.</summary>
    Telephone,

    /// <summary><see cref="RecordingCondition.Noise"/>.</summary>
    Noise,

    /// <summary><see cref="RecordingCondition.Room"/>.</summary>
    Room,
}

/// <summary>One reading of the training clips beside the clips themselves.</summary>
/// <param name="Suffix">What tells its columns from the clips' own.</param>
/// <param name="Speed">Of <see cref="AudioReading.Speed"/>.</param>
/// <param name="Condition">Of <see cref="AudioReading.Condition"/>.</param>
internal sealed record CopyReading(string Suffix, double Speed, RecordingCondition Condition)
{
    /// <summary>The readings of some copies.</summary>
    public static IReadOnlyList<CopyReading> Of(IEnumerable<TrainingCopy> copies) => [.. copies.Distinct().SelectMany(Of)];

    /// <summary>Whether trainers over images see it: their speed is changed in the image.</summary>
    public bool IsPictured => Speed == 1;

    /// <summary>How such a copy is read.</summary>
    public AudioReading Reading(AudioReading clips) => clips with { Speed = Speed, Condition = Condition, Decoded = null };

    private static CopyReading[] Of(TrainingCopy copy) => copy switch
    {
        TrainingCopy.Speed => [new(" at 0.9", 0.9, default), new(" at 1.1", 1.1, default)],
        TrainingCopy.Telephone => [new(" by telephone", 1, RecordingCondition.Telephone)],
        TrainingCopy.Noise => [new(" in noise", 1, RecordingCondition.Noise)],
        TrainingCopy.Room => [new(" in a room", 1, RecordingCondition.Room)],
        _ => throw new ArgumentOutOfRangeException(nameof(copy), copy, "There are no such copies."),
    };
}
