using SerPipeline.Trainers;

namespace SerPipeline.Experiments;

/// <summary>The progress of a training: first its clips are read, then the epochs follow.</summary>
/// <param name="progress">Where it shows.</param>
/// <param name="name">What is trained.</param>
/// <param name="clips">How many clips there are.</param>
/// <param name="networks">Networks trained one after another.</param>
internal sealed class TrainingStages(IProgressScope progress, string name, int clips, int networks = 1)
{
    private readonly IProgressStage _reading = progress.Start($"{name}: reading clips", clips, ProgressUnits.Clips);
    private IProgressStage? _epochs;
    private int _begun;

    /// <summary>Clips are read; a stage that looks at all of them before the trainer does reads them twice, the second time from the cache.</summary>
    /// <param name="done">How many of this reading.</param>
    /// <param name="epochs">How many epochs follow at most.</param>
    public void ClipsRead(long done, int epochs)
    {
        if (_epochs is not null) return;
        _reading.Report(done);
        if (done == clips) StartEpochs(epochs);
    }

    /// <summary>An epoch has ended.</summary>
    /// <param name="epoch">Its figures.</param>
    public void EpochEnded(TrainingMetrics epoch)
    {
        if (_epochs is null) StartEpochs(epoch.Epochs);
        // The networks of an ensemble follow each other, each from its first epoch on.
        if (epoch.Epoch == 1) _begun++;
        _epochs!.Report(((_begun - 1) * epoch.Epochs) + epoch.Epoch, EpochText.Of(epoch));
    }

    /// <summary>The training has ended.</summary>
    public void Complete() => _epochs?.Complete();

    private void StartEpochs(int epochs)
    {
        _reading.Complete();
        _epochs = progress.Start($"{name}: training", (long)epochs * networks, ProgressUnits.Epochs);
    }
}
