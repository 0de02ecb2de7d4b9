using SerPipeline.Audio;

namespace SerPipeline.Prediction;

/// <summary>What was done to a clip before the network heard it, and what its answer is worth.</summary>
[Flags]
public enum PredictionNotes
{
    /// <summary>Nothing to say.</summary>
    None = 0,

    /// <summary>Several channels were averaged into one.</summary>
    MixedDown = 1,

    /// <summary>The clip had another rate than the model.</summary>
    Resampled = 2,

    /// <summary>The clip, its silence trimmed, was shorter than the least that the network hears: silence was added around it.</summary>
    Padded = 4,

    /// <summary>The recording is longer than five minutes: the probabilities are the mean over its windows of 3 s that hold
    /// speech.</summary>
    Windowed = 8,

    /// <summary>No label was probable enough, see <see cref="SerModelOptions.Threshold"/>.</summary>
    Abstained = 16,
}

/// <summary>The words for notes, as files and tables write them.</summary>
public static class PredictionNotesExtensions
{
    /// <summary>One word a note: <c>mixed-down</c>, <c>resampled</c>, <c>padded</c>, <c>windowed</c>, <c>abstained</c>.</summary>
    /// <param name="notes">The notes.</param>
    public static IReadOnlyList<string> ToWords(this PredictionNotes notes) =>
        [.. Enum.GetValues<PredictionNotes>().Where(note => (notes & note) != 0)
            .Select(note => JsonNamingPolicy.KebabCaseLower.ConvertName(note.ToString()))];
}

/// <summary>What a model says about one clip.</summary>
public sealed class EmotionPrediction
{
    private readonly float[] _scores;
    private readonly int _best;

    internal EmotionPrediction(IReadOnlyList<string> labels, float[]? scores, TimeSpan duration, int sampleRateHz, PredictionNotes notes,
        RecordingQuality quality)
    {
        (Labels, IsAnswered, _scores) = (labels, scores is not null, scores ?? [.. Enumerable.Repeat(float.NaN, labels.Count)]);
        (Duration, SampleRateHz, Notes, Quality) = (duration, sampleRateHz, notes, quality);
        // Of equal ones the first.
        for (int i = 1; i < _scores.Length; i++)
            if (_scores[i] > _scores[_best]) _best = i;
    }

    /// <summary>The label; null when the model abstained, and for what no emotion can be told from.</summary>
    public string? Label => Notes.HasFlag(PredictionNotes.Abstained) ? null : MostProbable;

    /// <summary>The most probable label, whether or not it is probable enough; null where <see cref="IsAnswered"/> is false.</summary>
    public string? MostProbable => IsAnswered ? Labels[_best] : null;

    /// <summary>The probability of <see cref="MostProbable"/>, 0 to 1; NaN where there is none.</summary>
    public float Probability => _scores[_best];

    /// <summary>Whether the model was asked. It is not asked of recordings without speech, too short or out of range, unless
    /// <see cref="SerModelOptions.AnswerAnyway"/> is set.</summary>
    public bool IsAnswered { get; }

    /// <summary>What is wrong with the recording, or was mended.</summary>
    public RecordingQuality Quality { get; }

    /// <summary>The channel that was heard alone: <c>left</c> or <c>right</c> of two, else its number, counted from 1; null for the
    /// mix.</summary>
    public string? Channel { get; internal init; }

    /// <summary>How many clips of the speaker had been heard before: 0 where every voice is unknown. With fewer than
    /// <see cref="Trainers.SpeakerAdaptation.MinimumClips"/>, as a <see cref="SpeakerSession"/> begins, the answer is for an unknown
    /// one.</summary>
    public int SpeakerClips { get; internal init; }

    /// <summary>Every label, in the model's order.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>A probability a label, in the order of <see cref="Labels"/>; their sum is 1. All NaN where <see cref="IsAnswered"/> is
    /// false.</summary>
    public IReadOnlyList<float> Scores => _scores;

    /// <summary>The probability of each label, in the model's order.</summary>
    public IReadOnlyDictionary<string, float> Probabilities => new OrderedDictionary<string, float>(
        Labels.Zip(_scores, (label, score) => KeyValuePair.Create(label, score)), StringComparer.Ordinal);

    /// <summary>How long the clip plays as it was given, silence included.</summary>
    public TimeSpan Duration { get; }

    /// <summary>The rate of the clip as it was given, in Hz.</summary>
    public int SampleRateHz { get; }

    /// <summary>What was done to the clip, and whether the model abstained.</summary>
    public PredictionNotes Notes { get; }

    /// <summary>The label with its probability.</summary>
    public override string ToString() => IsAnswered
        ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Label ?? "(abstained)"} {Probability:0.000}")
        : $"({string.Join(", ", Quality.Notes.ToWords())})";
}

/// <summary>What became of one file among many.</summary>
/// <param name="Path">The file.</param>
/// <param name="Prediction">What the model says; null when the file could not be read.</param>
/// <param name="Error">Why it could not be read; null when it could.</param>
public sealed record FilePrediction(string Path, EmotionPrediction? Prediction, string? Error);
