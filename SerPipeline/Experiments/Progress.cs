namespace SerPipeline.Experiments;

/// <summary>What a stage of work is counted in.</summary>
public static class ProgressUnits
{
    /// <summary>Audio clips.</summary>
    public const string Clips = "clips";

    /// <summary>Passes over the training clips.</summary>
    public const string Epochs = "epochs";

    /// <summary>Millions of bytes.</summary>
    public const string MegaBytes = "MB";
}

/// <summary>One stage under way, such as reading clips or training.</summary>
public interface IProgressStage
{
    /// <summary>Reports how much of the stage is done. Thread-safe.</summary>
    /// <param name="done">How many of the stage's total are done; a smaller number than before is ignored.</param>
    /// <param name="note">Figures to show beside it, such as the loss; null to keep the last.</param>
    void Report(long done, string? note = null);

    /// <summary>Ends the stage.</summary>
    void Complete();
}

/// <summary>Stages that belong to one piece of work.</summary>
public interface IProgressScope
{
    /// <summary>Begins a stage.</summary>
    /// <param name="name">What is done.</param>
    /// <param name="total">How many units there are to do.</param>
    /// <param name="unit">One of <see cref="ProgressUnits"/>, or another word.</param>
    IProgressStage Start(string name, long total, string unit);
}

/// <summary>Progress of long work: a console draws bars, a notebook or a web page shows what it likes.</summary>
public interface IRunProgress
{
    /// <summary>Does work whose stages are followed.</summary>
    /// <typeparam name="T">What the work gives.</typeparam>
    /// <param name="work">The work; it starts its stages in the scope.</param>
    T Run<T>(Func<IProgressScope, T> work);

    /// <summary>Shows a line between stages: a warning, or what comes next.</summary>
    /// <param name="text">One line.</param>
    void Message(string text);
}

/// <summary>Shows no progress.</summary>
public sealed class NoProgress : IRunProgress, IProgressScope, IProgressStage
{
    private NoProgress() { }

    /// <summary>The only instance.</summary>
    public static NoProgress Instance { get; } = new();

    /// <inheritdoc/>
    public T Run<T>(Func<IProgressScope, T> work)
    {
        ArgumentNullException.ThrowIfNull(work);
        return work(this);
    }

    /// <inheritdoc/>
    public void Message(string text) { }

    /// <inheritdoc/>
    public IProgressStage Start(string name, long total, string unit) => this;

    /// <inheritdoc/>
    public void Report(long done, string? note = null) { }

    /// <inheritdoc/>
    public void Complete() { }
}

/// <summary>Work of one stage.</summary>
internal static class SingleStage
{
    /// <summary>Does work that is one stage; one that fails is left as it is.</summary>
    /// <typeparam name="T">What the work gives.</typeparam>
    /// <param name="progress">What follows it.</param>
    /// <param name="name">What is done.</param>
    /// <param name="total">How many units there are to do.</param>
    /// <param name="unit">One of <see cref="ProgressUnits"/>, or another word.</param>
    /// <param name="work">The work; it reports to the stage.</param>
    public static T Stage<T>(this IRunProgress progress, string name, long total, string unit, Func<IProgressStage, T> work) =>
        progress.Run(scope =>
        {
            IProgressStage stage = scope.Start(name, total, unit);
            T result = work(stage);
            stage.Complete();
            return result;
        });

    /// <inheritdoc cref="Stage{T}"/>
    public static void Stage(this IRunProgress progress, string name, long total, string unit, Action<IProgressStage> work) =>
        progress.Stage(name, total, unit, stage =>
        {
            work(stage);
            return true;
        });
}

/// <summary>Forwards the progress of library calls to a stage, which begins with the first report.</summary>
/// <typeparam name="T">What the call reports.</typeparam>
/// <param name="stage">The stage.</param>
/// <param name="done">How many units a report stands for.</param>
internal sealed class StageProgress<T>(Lazy<IProgressStage> stage, Func<T, long> done) : IProgress<T>
{
    public StageProgress(IProgressStage stage, Func<T, long> done) : this(new Lazy<IProgressStage>(stage), done) { }

    /// <inheritdoc/>
    public void Report(T value) => stage.Value.Report(done(value));
}
