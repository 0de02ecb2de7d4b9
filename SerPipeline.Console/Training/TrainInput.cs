using System.Globalization;
using SerPipeline.Console.Data;
using SerPipeline.Console.Hosting;
using SerPipeline.Experiments;
using SerPipeline.Old.Torch;
using SerPipeline.Splits;
using SerPipeline.Trainers;

namespace SerPipeline.Console.Training;

/// <summary>Reads the options of <c>ser train</c>.</summary>
internal static class TrainInput
{
    private const int DefaultSeed = 42;

    /// <summary>Reads the options.</summary>
    /// <param name="input">The command's settings.</param>
    public static ExperimentSettings Read(CommandInput input)
    {
        IReadOnlyList<string> trainers = input.List(TrainOptions.Trainer), speakers = input.List(TrainOptions.TestSpeakers);
        IReadOnlyList<string> trainOn = input.List(TrainOptions.TrainOn), testOn = input.List(TrainOptions.TestOn);
        string[] named = [.. input.List(TrainOptions.Protocol).Select(ProtocolNames.ProtocolOf)];
        string? foldFile = input.Text(TrainOptions.FoldFile);
        input.Require(speakers.Count == 0 || named.Length == 0 || named.Contains(SplitProtocol.SpeakerIndependent), "--test-speakers needs --protocol speaker: the other protocols choose the speakers themselves.");
        input.Require(foldFile is null || named.Any(SplitProtocol.KeepsSpeakersApart), "--fold-file needs --protocol speaker, speaker-5fold or loso: it lists the speakers of each fold.");
        input.Require(foldFile is null || speakers.Count == 0, "--fold-file and --test-speakers both say who is tested: give one of them.");
        input.Require((trainOn.Count == 0 && testOn.Count == 0) || named.Contains(SplitProtocol.CrossCorpus), "--train-on and --test-on need --protocol cross.");
        double? testFraction = input.Number(TrainOptions.TestFraction, f => f is > 0 and < 1, "a number between 0 and 1");
        bool takesFraction = named.Length == 0 || named.Contains(SplitProtocol.Random) || (named.Contains(SplitProtocol.SpeakerIndependent) && speakers.Count == 0 && foldFile is null);
        input.Require(testFraction is null || takesFraction, "--test-fraction needs --protocol random or speaker, without named test speakers: the other protocols say themselves what is tested.");
        string[] both = [.. trainOn.Intersect(testOn, StringComparer.OrdinalIgnoreCase)];
        input.Require(both.Length == 0, $"--train-on and --test-on both name {string.Join(", ", both)}.");
        int? folds = input.Whole(TrainOptions.Folds, 2);
        input.Require(folds is null || named.Contains(SplitProtocol.KFold), "--folds needs --protocol kfold: the folds of the other protocols follow from the speakers.");
        string? stopping = input.Text(TrainOptions.EarlyStopping);
        bool keepLast = stopping is not null && stopping.Equals("none", StringComparison.OrdinalIgnoreCase);
        double? validation = input.Number(TrainOptions.ValidationFraction, f => f is >= 0 and < 0.9, "a number of at least 0 and below 0.9");
        int? patience = stopping is null || keepLast ? null : input.Whole(TrainOptions.EarlyStopping, 1);
        input.Require(patience is null || validation != 0, "--early-stopping N needs a validation part, but --validation-fraction is 0.");
        var settings = new ExperimentSettings
        {
            Trainers = trainers.Count == 0 ? TrainOptions.Trainer.Choices : trainers,
            Protocols = named.Length == 0 ? ProtocolNames.Default : named,
            ProtocolsAreNamed = named.Length > 0 || speakers.Count > 0,
            TestSpeakers = speakers,
            Given = input.Given(ResumeSettings.Options),
            TestFraction = testFraction ?? 0.2,
            Folds = folds ?? 5,
            FoldFile = foldFile,
            TrainOn = trainOn,
            TestOn = testOn,
            ValidationFraction = validation,
            BalancedClassWeights = input.Text(TrainOptions.ClassWeights) == "balanced",
            Oversampling = input.Text(TrainOptions.Oversample) is { } over ? Enum.Parse<Oversampling>(over, ignoreCase: true) : null,
            FocalGamma = input.Number(TrainOptions.FocalGamma, gamma => gamma is >= 0 and <= 10, "a number from 0 to 10") ?? 0,
            Epochs = input.Whole(TrainOptions.Epochs, 1),
            BatchSize = input.Whole(TrainOptions.BatchSize, 1),
            LearningRate = input.Number(TrainOptions.LearningRate, rate => rate > 0, "a number above 0"),
            SelfAttentionHeads = input.Whole(TrainOptions.SelfAttention, 0) ?? 0,
            Dropout = input.Number(TrainOptions.Dropout, p => p is >= 0 and < 1, "a number of at least 0 and below 1"),
            ChannelDropout = input.Number(TrainOptions.ChannelDropout, p => p is >= 0 and < 1, "a number of at least 0 and below 1"),
            KeepLastEpoch = keepLast,
            EarlyStoppingPatience = patience,
            Augmentation = Enum.Parse<AugmentationLevel>(input.Text(TrainOptions.Augment) ?? "masks", ignoreCase: true),
            Ensemble = input.Whole(TrainOptions.Ensemble, 1) ?? 1,
            Prosody = input.Flag(TrainOptions.Prosody),
            Seeds = SeedsOf(input),
            Precision = Enum.Parse<ComputePrecision>(input.Text(TrainOptions.Precision) ?? "auto", ignoreCase: true),
            Out = input.Text(TrainOptions.Out),
            FeatureCache = CacheFolder.FeaturesOf(input),
            Strict = input.Flag(TrainOptions.Strict),
            Json = input.Flag(TrainOptions.Json),
        };
        bool onlyCnn = settings.SelfAttentionHeads > 0 || settings.ChannelDropout is not null || input.Text(TrainOptions.Augment) is not null || settings.Prosody;
        input.Require(!onlyCnn || settings.Trainers.Contains(TrainerChains.Cnn), "--self-attention, --channel-dropout, --augment and --prosody are options of the CNN: add --trainer cnn.");
        return settings;
    }


    /// <summary>The same settings with one more that counts as given.</summary>
    public static ExperimentSettings With(ExperimentSettings settings, OptionDefinition option, string value) =>
        settings with { Given = new Dictionary<string, string>(settings.Given, StringComparer.Ordinal) { [option.Key] = value } };

    private static int[] SeedsOf(CommandInput input)
    {
        IReadOnlyList<string> texts = input.List(TrainOptions.Seed);
        if (texts.Count == 0) return [DefaultSeed];
        var seeds = new List<int>();
        foreach (string text in texts)
        {
            bool whole = int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int seed);
            input.Require(whole, $"--seed must be whole numbers, got '{text}'.");
            if (whole && !seeds.Contains(seed)) seeds.Add(seed);
        }
        return [.. seeds];
    }
}
