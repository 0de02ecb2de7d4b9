using System.Reflection;
using SerPipeline.Networks;
using static TorchSharp.torch;

namespace SerPipeline.Trainers;

/// <summary>What every trainer of a network takes, under ML.NET's names where it has them.</summary>
public abstract record NeuralTrainerOptions
{
    private protected NeuralTrainerOptions() { }

    /// <summary>The key column with the truth.</summary>
    public string LabelColumnName { get; init; } = "Label";

    /// <summary>The column to learn from: a Vector&lt;Single&gt; of one length.</summary>
    public string FeatureColumnName { get; init; } = "Features";

    /// <summary>The column that receives one probability a class.</summary>
    public string ScoreColumnName { get; init; } = "Score";

    /// <summary>The key column that receives the most probable class.</summary>
    public string PredictedLabelColumnName { get; init; } = "PredictedLabel";

    /// <summary>Passes over the training examples.</summary>
    public int Epoch { get; init; } = 60;

    /// <summary>Examples a step.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>The highest learning rate of the schedule.</summary>
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>How the learning rate goes over the steps.</summary>
    public LearningRateScheduleKind LearningRateSchedule { get; init; } = LearningRateScheduleKind.OneCycle;

    /// <summary>AdamW's decoupled weight decay, on matrices and kernels only.</summary>
    public double WeightDecay { get; init; }

    /// <summary>The share of the target spread evenly over all classes (Szegedy et al. 2016).</summary>
    public double LabelSmoothing { get; init; }

    /// <summary>Whether each class weighs in the loss by the inverse of its frequency, as scikit-learn's <c>balanced</c>.</summary>
    /// <remarks>With <see cref="Oversampling"/>, frequencies are those after it.</remarks>
    public bool BalancedClassWeights { get; init; }

    /// <summary>
    /// Which classes' training examples are drawn again until they match the largest class; the validation part is never touched.
    /// </summary>
    public Oversampling Oversampling { get; init; } = Oversampling.None;

    /// <summary>
    /// Focal loss's gamma (Lin et al. 2017): a class that already has probability p counts by (1 - p)^gamma; 0 for cross entropy. Label
    /// smoothing changes
    /// the target first, and each class's share of it is then modulated by that class's own probability. The validation part is watched by
    /// plain cross entropy.
    /// </summary>
    public double FocalGamma { get; init; }

    /// <summary>The norm that gradients are scaled down to; 0 for no limit.</summary>
    public double GradientClipNorm { get; init; } = 5;

    /// <summary>When to stop early; used only where there is a validation part.</summary>
    public EarlyStoppingCriteria EarlyStoppingCriteria { get; init; } = new();

    /// <summary>
    /// Whether the validation part is only watched: it then neither stops the training nor chooses its epoch, and the last epoch's weights
    /// are kept.
    /// </summary>
    public bool KeepLastEpoch { get; init; }

    /// <summary>
    /// A validation part of the caller's own, with the feature and label columns; null to hold one out of the training rows.
    /// </summary>
    public IDataView? ValidationSet { get; init; }

    /// <summary>
    /// The share of training rows held out when <see cref="ValidationSet"/> is null; 0 for none: then the last epoch's weights are kept.
    /// </summary>
    public double ValidationSetFraction { get; init; }

    /// <summary>
    /// The column whose equal values stay on one side of that division. Null takes the column that a speaker-independent split marked, so
    /// that the validation part shares no speaker with training there; where <c>SelectColumns</c> or the like took that column away,
    /// fitting is refused: nothing is divided at random then. ML.NET's own splits mark none: name the column here too where
    /// <c>CrossValidate</c> or <c>TrainTestSplit</c> is given it as <c>samplingKeyColumnName</c>.
    /// </summary>
    public string? SamplingKeyColumnName { get; init; }

    /// <summary>
    /// The values of the sampling key column whose rows make the validation part, such as the validation speakers of a fold file; null to
    /// draw them by
    /// <see cref="ValidationSetFraction"/>, which does not count otherwise.
    /// </summary>
    public IReadOnlyList<string>? ValidationGroups { get; init; }

    /// <summary>Called after each epoch, on the training thread.</summary>
    public Action<TrainingMetrics>? MetricsCallback { get; init; }

    /// <summary>Ends the training with an <see cref="OperationCanceledException"/> after the step under way.</summary>
    public CancellationToken CancellationToken { get; init; }

    /// <summary>The arithmetic of convolutions and matrix products. Default: what suits the <see cref="Device"/>.</summary>
    public ComputePrecision Precision { get; init; } = ComputePrecision.Auto;

    /// <summary>Where the network is trained. Default: CUDA where there is a GPU for it, else the CPU.</summary>
    public TorchDevice Device { get; init; } = TorchDevice.Auto;

    /// <summary>
    /// Decides first weights, shuffles, dropout, augmentation and the validation part. Null takes the seed of the <see cref="MLContext"/>,
    /// or
    /// <see cref="DefaultSeed"/> where that has none.
    /// </summary>
    public int? Seed { get; init; }

    /// <summary>The seed where neither the options nor the <see cref="MLContext"/> name one: 42.</summary>
    public const int DefaultSeed = 42;

    /// <summary>Examples are held in memory up to this size, in a temporary file beyond it.</summary>
    public long MemoryBudgetBytes { get; init; } = 1L << 30;

    /// <summary>
    /// A file that keeps the state of the training at ends of epochs; null, the default, for none. A training whose file is there goes on
    /// from it to the very same weights as one that was never interrupted, and calls <see cref="MetricsCallback"/> for the epochs of the
    /// file too. The file is written whole or not at all, as often as costs 2 % of the time, and once at the end; it stays until the
    /// caller deletes it, best after the model is saved. Members of <see cref="EnsembleTrainer"/> append their number, <c>path.1</c>,
    /// <c>path.2</c>; those of <see cref="VoiceEnsembleTrainer"/> need paths that differ, and append <c>.adapted</c> where they are trained
    /// for known speakers.
    /// </summary>
    public string? CheckpointPath { get; init; }

    /// <summary>Checks every option.</summary>
    /// <exception cref="OptionsException">Lists every problem.</exception>
    public void Validate()
    {
        var check = new OptionsCheck(GetType().Name);
        foreach ((string name, string value) in new[]
        {
            (nameof(LabelColumnName), LabelColumnName), (nameof(FeatureColumnName), FeatureColumnName),
            (nameof(ScoreColumnName), ScoreColumnName), (nameof(PredictedLabelColumnName), PredictedLabelColumnName),
        })
            check.Require(!string.IsNullOrWhiteSpace(value), value, "name a column", name);
        TrainerColumns.CheckNames(check, LabelColumnName, ScoreColumnName, PredictedLabelColumnName);
        check.Require(Epoch is >= 1 and <= 100_000, Epoch, "be between 1 and 100000")
            .Require(BatchSize is >= 1 and <= 65_536, BatchSize, "be between 1 and 65536")
            .Require(LearningRate > 0 && double.IsFinite(LearningRate), LearningRate, "be above 0")
            .Require(Enum.IsDefined(LearningRateSchedule), LearningRateSchedule, "be a known schedule")
            .Require(WeightDecay >= 0 && double.IsFinite(WeightDecay), WeightDecay, "be 0 or more")
            .Require(LabelSmoothing is >= 0 and < 1, LabelSmoothing, "be at least 0 and below 1")
            .Require(Enum.IsDefined(Oversampling), Oversampling, "be None, Minority or All")
            .Require(FocalGamma is >= 0 and <= 100, FocalGamma, "be between 0 and 100")
            .Require(GradientClipNorm >= 0 && double.IsFinite(GradientClipNorm), GradientClipNorm, "be 0 or more")
            .Require(ValidationSetFraction is >= 0 and < 0.9, ValidationSetFraction, "be at least 0 and below 0.9")
            .Require(Enum.IsDefined(Precision), Precision, "be Auto, Float32 or BFloat16")
            .Require(Enum.IsDefined(Device), Device, "be Auto, Cpu or Cuda")
            .Require(MemoryBudgetBytes >= 0, MemoryBudgetBytes, "be 0 or more");
        bool groupsNamed = ValidationGroups is null or { Count: > 0 } && ValidationGroups?.Any(string.IsNullOrEmpty) != true;
        check.Require(groupsNamed, ValidationGroups?.Count ?? 0, "name at least one group, none of them empty; null for none",
            nameof(ValidationGroups))
            .Require(ValidationGroups is null || ValidationSet is null, "both",
            "be given alone: ValidationSet already is the validation part", nameof(ValidationGroups));
        check.Require(CheckpointPath is null || !string.IsNullOrWhiteSpace(CheckpointPath), CheckpointPath, "name a file or be null");
        check.Require(EarlyStoppingCriteria is not null, EarlyStoppingCriteria, "be given");
        EarlyStoppingCriteria?.Check(check, nameof(EarlyStoppingCriteria));
        CheckMore(check);
        check.ThrowIfAny();
    }

    /// <summary>Requires what the training reads besides its rows.</summary>
    /// <exception cref="OptionsException">It is not there.</exception>
    internal virtual void RequireFiles() { }

    /// <summary>Whether a checkpoint is written after each epoch, whatever it costs.</summary>
    internal bool CheckpointEveryEpoch { get; init; }

    /// <summary>
    /// Decides the validation part; null for <see cref="Seed"/>. The members of an ensemble differ in their seeds and share this one.
    /// </summary>
    internal int? ValidationSeed { get; init; }

    /// <summary>What errors call the stage, and where its random streams start.</summary>
    internal abstract string Stage { get; }

    /// <summary>Every column the network reads, the feature column first.</summary>
    internal virtual IReadOnlyList<string> InputColumnNames => [FeatureColumnName];

    /// <summary>Columns that only the training reads: the feature column of copies of the same clips.</summary>
    internal virtual IReadOnlyList<string> TrainingOnlyColumnNames => [];

    /// <summary>Whether the feature column holds pixels rather than a vector of the utterance.</summary>
    internal virtual bool ReadsImages => false;

    /// <summary>The fewest examples that a step can be made of.</summary>
    internal virtual int LeastExamples => 1;

    /// <summary>
    /// Half of this, over the examples of a step, times the sum of the squares of matrices and kernels is added to the loss.
    /// </summary>
    internal virtual double L2Penalty => 0;

    /// <summary>Adam's epsilon, added to the denominator.</summary>
    internal virtual double Epsilon => 1e-8;

    /// <summary>
    /// Whether epsilon joins the root of the mean squared gradient before its bias is corrected, as in the shorter form at the end of
    /// section 2 of Kingma and Ba
    /// (2015), which Keras and scikit-learn use; PyTorch corrects first.
    /// </summary>
    internal virtual bool EpsilonHat => false;

    /// <summary>What ends the training by the training loss; null for nothing.</summary>
    internal virtual TrainingLossMonitor? CreateTrainingLossMonitor() => null;

    /// <summary>Checks the sizes of the columns of <see cref="InputColumnNames"/>, and says how one example becomes numbers, copies
    /// included.</summary>
    internal abstract ExampleEncoder CreateEncoder(IReadOnlyList<InputColumn> inputs);

    /// <summary>A network from [n, the encoder's shape] to raw scores [n, classes].</summary>
    internal abstract nn.Module<Tensor, Tensor> CreateNetwork(IReadOnlyList<InputColumn> inputs, NetworkContext context);

    /// <summary>The options with lists of their own: the caller may go on changing his.</summary>
    internal virtual NeuralTrainerOptions Copied() => this with { ValidationGroups = ValidationGroups is { } groups ? [.. groups] : null };

    /// <summary>What a user sets, by name, without what only lives in this process or decides no weight: callbacks, tokens, views, ONNX
    /// forms and the places of files.</summary>
    internal SortedDictionary<string, object?> Plain()
    {
        var plain = new SortedDictionary<string, object?>(StringComparer.Ordinal)
        {
            ["name"] = GetType().Name,
            // What auto meant on the machine of the run.
            ["resolvedPrecision"] = Precision.Resolve(TorchEngine.Resolve(Device)),
        };
        foreach (PropertyInfo property in GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            Type type = property.PropertyType;
            bool lives = typeof(Delegate).IsAssignableFrom(type) || type == typeof(CancellationToken) || type == typeof(OnnxConverters)
                || typeof(IDataView).IsAssignableFrom(type)
                || property.Name is nameof(CheckpointPath) or nameof(ResNet18Options.WeightsPath);
            if (!lives) plain.Add(JsonNamingPolicy.CamelCase.ConvertName(property.Name), property.GetValue(this));
        }
        return plain;
    }

    private protected abstract void CheckMore(OptionsCheck check);
}

/// <summary>How the learning rate goes over the steps of a training.</summary>
public enum LearningRateScheduleKind
{
    /// <summary>The same at every step.</summary>
    Constant,

    /// <summary>A linear warm-up over the first tenth, then half a cosine down to zero.</summary>
    Cosine,

    /// <summary>PyTorch's OneCycleLR: up over the first three tenths, then down to almost zero.</summary>
    OneCycle,

    /// <summary>A tenth of the rate after each third of the steps.</summary>
    Step,
}
