using SerPipeline.Onnx;

namespace SerPipeline.Trainers;

/// <summary>
/// What a model needs to adapt to a speaker of whom some clips are known, their emotions unknown: a second network, trained with each
/// training speaker's offset taken out of the features, and how far a new speaker's offset is trusted.
/// </summary>
/// <remarks>
/// The offset is o = n / (n + k) mean over the speaker's n clips of (x - <see cref="Center"/> - p <see cref="ClassMeans"/>), where p, the
/// softmax of <see cref="Weights"/> (x - Center - o) + <see cref="Biases"/>, says how likely each class is: what the clips owe to their
/// emotions is not the voice. From p = 0 on it is computed <see cref="Passes"/> times over. A small k trusts few clips; which serves best
/// is found on folds of the training speakers, ten clips of each held-out one being heard.
/// </remarks>
public sealed record SpeakerAdaptation
{
    /// <summary>The fewest clips that were shown to help on every corpus of several speakers; fewer are refused. With five, one of two
    /// lost.</summary>
    public const int MinimumClips = 10;

    /// <summary>k where there are too few training speakers to estimate it.</summary>
    public const double DefaultShrinkage = 4;

    /// <summary>How often emotions and offset are estimated in turn.</summary>
    public const int Passes = 5;

    /// <summary>The fewest training speakers from which k is estimated, emotions are guessed, and adapting was shown to help.</summary>
    public const int LeastSpeakers = 5;

    /// <summary>The column whose offset is taken out.</summary>
    public required string FeatureColumnName { get; init; }

    /// <summary>The mean of the classes' mean features in training, [slots].</summary>
    public required IReadOnlyList<float> Center { get; init; }

    /// <summary>The mean features of each class in training, each speaker's offset taken out, less the center, [classes][slots]. Empty,
    /// like the scores below, with fewer than <see cref="LeastSpeakers"/> training speakers: then p is 0.</summary>
    public IReadOnlyList<float[]> ClassMeans { get; init; } = [];

    /// <summary>Linear scores of the features less center and offset, [classes][slots], softer than calibrated ones: a voice that is
    /// not known yet misleads them.</summary>
    public IReadOnlyList<float[]> Weights { get; init; } = [];

    /// <summary>What is added to these scores, [classes].</summary>
    public IReadOnlyList<float> Biases { get; init; } = [];

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
        return HeardVoice.OffsetOf(this, clips);
    }
}

/// <summary>What was heard of a speaker, clip by clip, in as little memory as the offset needs.</summary>
internal sealed class HeardVoice(SpeakerAdaptation adaptation)
{
    private readonly double[] _sums = new double[adaptation.Center.Count];
    private readonly List<double[]> _scores = [];
    private readonly double[][] _classScores = [.. adaptation.ClassMeans.Select(mean => Scores(adaptation, mean))];
    private readonly double[][] _classMeans = [.. adaptation.ClassMeans.Select(mean => Array.ConvertAll(mean, value => (double)value))];
    private readonly double[] _biases = [.. adaptation.Biases.Select(bias => (double)bias)];

    public int Clips => _scores.Count;

    // Of fewer clips than a caller may adapt to as well, so that what fewer do can be measured.
    public static float[] OffsetOf(SpeakerAdaptation adaptation, IEnumerable<float[]> clips)
    {
        var voice = new HeardVoice(adaptation);
        foreach (float[] clip in clips) voice.Hear(clip);
        return voice.Offset();
    }

    public void Hear(float[] features)
    {
        float[] moved = [.. features.Select((value, j) => value - adaptation.Center[j])];
        for (int j = 0; j < _sums.Length; j++) _sums[j] += moved[j];
        _scores.Add(Scores(adaptation, moved));
    }

    public float[] Offset()
    {
        double share = Clips / (Clips + adaptation.Shrinkage);
        double[] emotions = Emotions(_scores, _biases, _classScores, share, 1);
        double[] offset = OffsetOf(Array.ConvertAll(_sums, sum => sum / Clips), emotions, _classMeans, share);
        return Array.ConvertAll(offset, value => (float)value);
    }

    /// <summary>
    /// How often each class is among a speaker's clips, a share of 1, by turns with the speaker's offset of the scores. All is in the space
    /// of scores, where a share of the features' offset is the same share of theirs.
    /// </summary>
    /// <param name="scores">[clips][classes], of features less the center, without biases.</param>
    /// <param name="biases">[classes].</param>
    /// <param name="classScores">The scores of each class's mean, [classes][classes].</param>
    /// <param name="share">How far the offset is trusted.</param>
    /// <param name="temperature">What divides scores and biases.</param>
    public static double[] Emotions(IReadOnlyList<double[]> scores, double[] biases, double[][] classScores, double share,
        double temperature)
    {
        var emotions = new double[biases.Length];
        if (emotions.Length == 0) return emotions;
        double[] mean = SpeakerStatistics.Mean(scores);
        for (int pass = 0; pass < SpeakerAdaptation.Passes; pass++)
        {
            double[] offset = OffsetOf(mean, emotions, classScores, share);
            emotions = SpeakerStatistics.Mean([.. scores.Select(own =>
                Softmax([.. own.Select((score, c) => (score + biases[c] - offset[c]) / temperature)]))]);
        }
        return emotions;
    }

    /// <summary>A share of what the mean of a speaker's clips has left without their emotions.</summary>
    public static double[] OffsetOf(double[] mean, double[] emotions, IReadOnlyList<double[]> classMeans, double share)
    {
        double[] offset = [.. mean];
        for (int c = 0; c < emotions.Length; c++)
            for (int j = 0; j < offset.Length; j++) offset[j] -= emotions[c] * classMeans[c][j];
        return Array.ConvertAll(offset, value => share * value);
    }

    private static double[] Scores(SpeakerAdaptation adaptation, float[] moved) =>
        [.. adaptation.Weights.Select(weights => weights.Zip(moved, (weight, value) => (double)weight * value).Sum())];

    private static double[] Softmax(double[] scores)
    {
        double most = scores.Max();
        double[] shares = [.. scores.Select(score => Math.Exp(score - most))];
        double sum = shares.Sum();
        return [.. shares.Select(share => share / sum)];
    }
}
