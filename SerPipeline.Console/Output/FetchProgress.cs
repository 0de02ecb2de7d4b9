using SerPipeline.Corpora.Download;
using SerPipeline.Experiments;

namespace SerPipeline.Console.Output;

/// <summary>Shows a fetch as a piece of work a step, in megabytes.</summary>
internal sealed class FetchProgress(IProgressScope scope, string name, long expectedBytes) : IProgress<CorpusFetchProgress>
{
    private CorpusFetchStep? _step;
    private IProgressStage? _stage;

    /// <inheritdoc/>
    public void Report(CorpusFetchProgress value)
    {
        if (value.Step != _step)
        {
            Complete();
            _step = value.Step;
            // A server that builds its archive while it sends it does not say how large it will be.
            _stage = scope.Start($"{Verb(value.Step)} {name}", MegaBytes(value.TotalBytes ?? expectedBytes), ProgressUnits.MegaBytes);
        }
        _stage!.Report(MegaBytes(value.Bytes));
    }

    /// <summary>Ends the step under way.</summary>
    public void Complete() => _stage?.Complete();

    private static string Verb(CorpusFetchStep step) => step switch
    {
        CorpusFetchStep.Downloading => "downloading",
        CorpusFetchStep.Checking => "checking",
        _ => "unpacking",
    };

    // Rounded up: a small file is 1 MB, not none.
    private static long MegaBytes(long bytes) => (bytes + 999_999) / 1_000_000;
}
