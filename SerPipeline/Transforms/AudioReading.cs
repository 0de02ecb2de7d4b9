using SerPipeline.Audio;

namespace SerPipeline.Transforms;

/// <summary>How a run reads audio: threads, cache, and what happens when a clip cannot be read. No model file keeps it.</summary>
/// <remarks>
/// Where several <c>LoadAudio</c> stages that are computed together read a row, <see cref="Speed"/> and <see cref="Condition"/> are each
/// stage's own. What belongs to the row is joined: it is left out where any stage says <see cref="BadClipRule.Skip"/>, cache and
/// <see cref="BadClipFound"/> are the first that a stage names, and the threads the fewest.
/// </remarks>
public sealed record AudioReading
{
    /// <summary>How many rows are computed at once, 1 to 1024. The default is one a core.</summary>
    public int DegreeOfParallelism { get; init; } = Environment.ProcessorCount;

    /// <summary>The folder of the feature cache; null, the default, for none.</summary>
    public string? CacheDirectory { get; init; }

    /// <summary>What happens when a clip cannot be read. The default stops the reading.</summary>
    public BadClipRule BadClips { get; init; } = BadClipRule.Throw;

    /// <summary>
    /// Called on the reader's thread for a clip that was left out, each time that a reading meets it. Where it is null,
    /// <c>MLContext.Log</c> has a message.
    /// </summary>
    public Action<BadClip>? BadClipFound { get; init; }

    /// <summary>
    /// Reads clips as if they were recorded faster (above 1) or slower, pitch included, 0.5 to 2: copies for training, counted as further
    /// voices. Default: 1.
    /// </summary>
    public double Speed { get; init; } = 1;

    /// <summary>Reads clips as they would sound over a telephone, in noise or in a room: copies for training, or a test under that
    /// condition. Default: as they were recorded.</summary>
    public RecordingCondition Condition { get; init; }

    /// <summary>Told of each file as it was decoded, on the worker that reads it: what else is to be known of the audio costs no second
    /// decoding.</summary>
    internal Action<string, AudioClip>? Decoded { get; init; }

    /// <summary>Checks every option.</summary>
    /// <exception cref="OptionsException">Lists every problem.</exception>
    public void Validate() => new OptionsCheck(nameof(AudioReading))
        .Require(DegreeOfParallelism is >= 1 and <= 1024, DegreeOfParallelism, "be between 1 and 1024")
        .Require(CacheDirectory is null || !string.IsNullOrWhiteSpace(CacheDirectory), CacheDirectory, "name a folder or be null")
        .Require(Speed is >= 0.5 and <= 2, Speed, "be between 0.5 and 2")
        .Require(Enum.IsDefined(Condition), Condition, $"be {string.Join(", ", Enum.GetNames<RecordingCondition>())}")
        .Require(Enum.IsDefined(BadClips), BadClips, "be Skip or Throw")
        .ThrowIfAny();

    /// <summary>Whether an error means that one clip is bad, and not that the program is wrong.</summary>
    internal static bool IsBadClip(Exception e) => e is AudioFormatException or IOException or UnauthorizedAccessException;
}

/// <summary>What happens when a clip cannot be read.</summary>
public enum BadClipRule
{
    /// <summary>Its row is left out and reported. A view then has the same rows whichever of its columns are read.</summary>
    Skip,

    /// <summary>The reading stops with its error.</summary>
    Throw,
}

/// <summary>A clip that could not be read.</summary>
/// <param name="Path">Its file; empty when the audio came from no file.</param>
/// <param name="Reason">What is wrong with it.</param>
public sealed record BadClip(string Path, string Reason);
