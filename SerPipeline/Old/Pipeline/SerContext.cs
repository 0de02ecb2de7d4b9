namespace SerPipeline.Old.Pipeline;

/// <summary>The start of everything: catalogs of stages, trainers and data operations, under one seed. The counterpart of ML.NET's <c>MLContext</c>.</summary>
public sealed class SerContext
{
    private readonly TaskFactory _workers;

    /// <summary>Creates a context.</summary>
    /// <param name="seed">Decides weights, shuffles, dropout, augmentation and splits. Same seed, same machine, same thread count: same bits.</param>
    /// <param name="options">Threads, cache and the rule for bad clips.</param>
    /// <exception cref="OptionsException">An option cannot be used.</exception>
    public SerContext(int seed = 0, SerContextOptions? options = null)
    {
        Options = options ?? new SerContextOptions();
        Options.Validate();
        Seed = seed;
        _workers = new TaskFactory(new ConcurrentExclusiveSchedulerPair(TaskScheduler.Default, Options.DegreeOfParallelism).ConcurrentScheduler);
        Data = new DataOperationsCatalog(this);
        Transforms = new TransformsCatalog(this);
        MulticlassClassification = new MulticlassClassificationCatalog(this);
        Model = new ModelOperationsCatalog(this);
    }

    /// <summary>A clip could not be read and was left out. Raised for every reading that meets it, on the reader's thread.</summary>
    public event EventHandler<BadClipEventArgs>? BadClipFound;

    /// <summary>The seed of everything random.</summary>
    public int Seed { get; }

    /// <summary>Threads, cache and the rule for bad clips.</summary>
    public SerContextOptions Options { get; }

    /// <summary>Loads and divides data.</summary>
    public DataOperationsCatalog Data { get; }

    /// <summary>The stages that turn columns into columns.</summary>
    public TransformsCatalog Transforms { get; }

    /// <summary>Trainers of classifiers, and their evaluation.</summary>
    public MulticlassClassificationCatalog MulticlassClassification { get; }

    /// <summary>Saves and loads models.</summary>
    public ModelOperationsCatalog Model { get; }

    internal void ReportBadClip(BadClip clip) => BadClipFound?.Invoke(this, new BadClipEventArgs(clip));

    /// <summary>Runs work on the thread pool, no more at once than the options allow.</summary>
    internal Task<T> RunOnWorker<T>(Func<T> work) => _workers.StartNew(work);
}

/// <summary>What a context runs with.</summary>
public sealed record SerContextOptions
{
    /// <summary>How many rows are computed at once. The default is one a core.</summary>
    public int DegreeOfParallelism { get; init; } = Environment.ProcessorCount;

    /// <summary>The folder of the feature cache; null for none.</summary>
    public string? CacheDirectory { get; init; }

    /// <summary>What happens when a clip cannot be read.</summary>
    public BadClipRule BadClips { get; init; } = BadClipRule.Skip;

    /// <summary>Checks every option.</summary>
    /// <exception cref="OptionsException">Lists every problem.</exception>
    public void Validate() => new OptionsCheck(nameof(SerContextOptions))
        .Require(DegreeOfParallelism is >= 1 and <= 1024, DegreeOfParallelism, "be between 1 and 1024")
        .Require(CacheDirectory is null || !string.IsNullOrWhiteSpace(CacheDirectory), CacheDirectory, "name a folder or be null")
        .Require(Enum.IsDefined(BadClips), BadClips, "be Skip or Throw")
        .ThrowIfAny();
}

/// <summary>What happens when a clip cannot be read.</summary>
public enum BadClipRule
{
    /// <summary>It is reported through <see cref="SerContext.BadClipFound"/> and left out.</summary>
    Skip,

    /// <summary>The reading stops with its error.</summary>
    Throw,
}

/// <summary>A clip that could not be read.</summary>
/// <param name="Path">Its file.</param>
/// <param name="Reason">What is wrong with it.</param>
public sealed record BadClip(string Path, string Reason);

/// <summary>Tells of a clip that could not be read.</summary>
/// <param name="clip">The clip.</param>
public sealed class BadClipEventArgs(BadClip clip) : EventArgs
{
    /// <summary>The clip.</summary>
    public BadClip Clip { get; } = clip;
}
