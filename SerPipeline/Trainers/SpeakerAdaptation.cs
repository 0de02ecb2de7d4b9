using SerPipeline.Onnx;

namespace SerPipeline.Trainers;

/// <summary>
/// What a model needs to adapt to a speaker of whom some clips are known, their emotions unknown: a second network, trained with each
/// training speaker's offset taken out of the features, and how far a new speaker's offset is trusted.
/// </summary>
/// <remarks>
/// The offset is o = n / (n + k) (mean of the speaker's n clips - <see cref="Center"/>). A small k trusts few clips; which serves best is
/// found on folds of the training speakers, ten clips of each held-out one being heard.
/// </remarks>
public sealed record SpeakerAdaptation
{
    /// <summary>The fewest clips that were shown to help on every corpus of several speakers; fewer are refused. With five, one of two
    /// lost.</summary>
    public const int MinimumClips = 10;

    /// <summary>k where there are too few training speakers to estimate it.</summary>
    public const double DefaultShrinkage = 4;

    /// <summary>The fewest training speakers from which k is estimated, and adapting was shown to help.</summary>
    public const int LeastSpeakers = 5;

    /// <summary>The column whose offset is taken out.</summary>
    public required string FeatureColumnName { get; init; }

    /// <summary>The mean of the classes' mean features in training, [slots].</summary>
    public required IReadOnlyList<float> Center { get; init; }

    /// <summary>k: so many clips move the offset half way from none to the mean of the clips.</summary>
    public required double Shrinkage { get; init; }

    /// <summary>The training speakers, copies not counted.</summary>
    public required int Speakers { get; init; }

    /// <summary>The network for a known offset: the columns of <see cref="NeuralModel.Network"/>, the offset subtracted from the feature
    /// column, to raw scores <c>Logits</c> [batch, classes].</summary>
    public required OnnxModel Network { get; init; }

    /// <summary>A speaker's offset, [slots].</summary>
    /// <param name="clips">The features of clips of the speaker, [clips][slots].</param>
    /// <exception cref="ArgumentException">There are fewer than <see cref="MinimumClips"/>, or one has another number of slots.</exception>
    public float[] OffsetOf(IReadOnlyList<float[]> clips)
    {
        ArgumentNullException.ThrowIfNull(clips);
        if (clips.Count < MinimumClips)
            throw new ArgumentException($"Adapting to a speaker needs at least {MinimumClips} clips, got {clips.Count}: fewer were not "
                + "shown to help. Give more, or predict without adapting.", nameof(clips));
        if (clips.FirstOrDefault(clip => clip.Length != Center.Count) is { } other)
            throw new ArgumentException($"Expected {Center.Count} features a clip, found {other.Length}.", nameof(clips));
        return OffsetOf(clips, Center, Shrinkage);
    }

    internal static float[] OffsetOf(IReadOnlyList<float[]> clips, IReadOnlyList<float> center, double shrinkage) =>
        OffsetOf([.. Enumerable.Range(0, center.Count).Select(j => clips.Sum(clip => (double)clip[j]))], clips.Count, center, shrinkage);

    // From the sums over the clips, [slots].
    internal static float[] OffsetOf(IReadOnlyList<double> sums, int clips, IReadOnlyList<float> center, double shrinkage) =>
        [.. sums.Select((sum, j) => (float)(((sum / clips) - center[j]) * clips / (clips + shrinkage)))];
}
