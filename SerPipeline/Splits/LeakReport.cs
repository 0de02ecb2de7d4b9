using SerPipeline.Corpora.Fingerprints;

namespace SerPipeline.Splits;

/// <summary>A test clip and the training clip that it repeats.</summary>
/// <param name="Test">The test clip's key.</param>
/// <param name="Train">The training clip's key.</param>
/// <param name="Kind"><see cref="SameContent"/> or <see cref="NearDuplicate"/>.</param>
/// <param name="Similarity">1 for the same samples; else the share of fingerprint bits that agree, see <see cref="Twin"/>.</param>
public sealed record LeakTwin(string Test, string Train, string Kind, double Similarity)
{
    /// <summary>The kind of the same samples.</summary>
    public const string SameContent = "same-content";

    /// <summary>The kind of the same recording with other samples.</summary>
    public const string NearDuplicate = "near-duplicate";
}

/// <summary>How much of a split's test part its training part, validation included, knows already.</summary>
public sealed record LeakReport
{
    /// <summary>Test clips whose speaker is also in training: always 0 under a speaker protocol. Clips of unknown speakers are not among them.</summary>
    public required int TestClipsOfTrainingSpeakers { get; init; }

    /// <summary>Test clips whose speaker is unknown: nobody can say whether training has heard them.</summary>
    public required int TestClipsOfUnknownSpeaker { get; init; }

    /// <summary>Test clips whose decoded audio is also a training clip's, sample for sample.</summary>
    public required int SameContent { get; init; }

    /// <summary>Test clips that sound like a training clip whose samples differ; those with a same-content twin besides are in both counts.</summary>
    public required int NearDuplicates { get; init; }

    /// <summary>Test clips that are one or the other.</summary>
    public required int Touched { get; init; }

    /// <summary>The best pair of every touched test clip, the surest first.</summary>
    public required IReadOnlyList<LeakTwin> Examples { get; init; }

    /// <summary>Clips of either part that could not be decoded, and so not compared.</summary>
    public required int Unreadable { get; init; }
}
