using SerPipeline.Corpora;
using SerPipeline.Corpora.Datasets;

namespace SerPipeline.Experiments;

/// <summary>One data set that a command was asked for, read and ready.</summary>
/// <param name="Name">The name scores are reported under.</param>
/// <param name="Corpus">Its clips.</param>
/// <param name="Definition">Its definition; null for a corpus that was named itself.</param>
internal sealed record OpenedDataset(string Name, Corpus Corpus, DatasetDefinition? Definition = null)
{
    /// <summary>Whether rare labels are to be oversampled inside the training part.</summary>
    public bool OversampleInTraining => Definition?.Oversample == Oversampling.Training;

    /// <summary>Whether training and test share audio by design.</summary>
    public bool LeaksByDesign => Definition?.Leaks == true;
}
