using SerPipeline.Audio;
using SerPipeline.Transforms;

namespace SerPipeline.Experiments;

/// <summary>Copies of the training clips that a trainer learns from besides; none of them is ever tested on.</summary>
public enum TrainingCopy
{
    /// <summary>At 0.9 and 1.1 of the speed, pitch included, which moves pitch and formants about as far as one adult's are from
    /// another's: each counts as another voice.</summary>
    Speed,

    /// <summary><see cref="RecordingCondition.Telephone"/>.</summary>
    Telephone,

    /// <summary><see cref="RecordingCondition.Noise"/>.</summary>
    Noise,

    /// <summary><see cref="RecordingCondition.Room"/>.</summary>
    Room,
}

/// <summary>One reading of the training clips beside the clips themselves.</summary>
/// <param name="Suffix">What tells its columns from the clips' own.</param>
/// <param name="Speed">Of <see cref="AudioReading.Speed"/>.</param>
/// <param name="Condition">Of <see cref="AudioReading.Condition"/>.</param>
internal sealed record CopyReading(string Suffix, double Speed, RecordingCondition Condition)
{
    /// <summary>The readings of some copies.</summary>
    public static IReadOnlyList<CopyReading> Of(IEnumerable<TrainingCopy> copies) => [.. copies.Distinct().SelectMany(Of)];

    /// <summary>How such a copy is read.</summary>
    public AudioReading Reading(AudioReading clips) => clips with { Speed = Speed, Condition = Condition, Decoded = null };

    private static CopyReading[] Of(TrainingCopy copy) => copy switch
    {
        TrainingCopy.Speed => [new(" at 0.9", 0.9, default), new(" at 1.1", 1.1, default)],
        TrainingCopy.Telephone => [new(" by telephone", 1, RecordingCondition.Telephone)],
        TrainingCopy.Noise => [new(" in noise", 1, RecordingCondition.Noise)],
        TrainingCopy.Room => [new(" in a room", 1, RecordingCondition.Room)],
        _ => throw new ArgumentOutOfRangeException(nameof(copy), copy, "There are no such copies."),
    };
}
