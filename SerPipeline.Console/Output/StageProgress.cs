namespace SerPipeline.Console.Output;

/// <summary>Passes what the library reports on to a stage, at once and from whichever thread it comes.</summary>
/// <param name="stage">The stage.</param>
/// <param name="done">Takes the number of units done from a report.</param>
internal sealed class StageProgress<T>(IProgressStage stage, Func<T, long> done) : IProgress<T>
{
    /// <inheritdoc/>
    public void Report(T value) => stage.Report(done(value));
}
