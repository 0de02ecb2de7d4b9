namespace SerPipeline.Corpora.Download;

/// <summary>Retries, timeouts and limits of a download.</summary>
public sealed record CorpusFetchOptions
{
    /// <summary>The number of attempts, from 1 to 100; each resumes the one before where the server allows it.</summary>
    public int Attempts { get; init; } = 6;

    /// <summary>The delay after the first failure; it doubles with each failure up to <see cref="MaxDelay"/>.</summary>
    public TimeSpan InitialDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest delay between two attempts.</summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long to wait for the response headers.</summary>
    public TimeSpan ResponseTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long to wait for more bytes of the response.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The maximum number of files in an archive.</summary>
    public int MaxFiles { get; init; } = 50_000;

    /// <summary>Checks every option.</summary>
    /// <exception cref="OptionsException">Lists every problem.</exception>
    public void Validate() => new OptionsCheck(nameof(CorpusFetchOptions))
        .Require(Attempts is >= 1 and <= 100, Attempts, "be between 1 and 100", nameof(Attempts))
        .Require(InitialDelay >= TimeSpan.Zero, InitialDelay, "be 0 or more", nameof(InitialDelay))
        .Require(MaxDelay >= InitialDelay, MaxDelay, "be at least InitialDelay", nameof(MaxDelay))
        .Require(ResponseTimeout > TimeSpan.Zero, ResponseTimeout, "be above 0", nameof(ResponseTimeout))
        .Require(StallTimeout > TimeSpan.Zero, StallTimeout, "be above 0", nameof(StallTimeout))
        .Require(MaxFiles >= 1, MaxFiles, "be at least 1", nameof(MaxFiles))
        .ThrowIfAny();
}

/// <summary>A step of a fetch.</summary>
public enum CorpusFetchStep
{
    /// <summary>The archive is downloaded.</summary>
    Downloading,

    /// <summary>Checksums are compared: the archive's before unpacking, each clip's after it where these are published.</summary>
    Checking,

    /// <summary>Files are unpacked.</summary>
    Unpacking,
}

/// <summary>The progress of a fetch.</summary>
/// <param name="Step">The current step.</param>
/// <param name="Bytes">Bytes done in this step.</param>
/// <param name="TotalBytes">All bytes of this step; null while unknown.</param>
public readonly record struct CorpusFetchProgress(CorpusFetchStep Step, long Bytes, long? TotalBytes);

/// <summary>The result of a fetch.</summary>
public sealed record CorpusFetchResult
{
    /// <summary>The full path of the corpus's folder.</summary>
    public required string Folder { get; init; }

    /// <summary>Whether the corpus was there already, so that nothing was done.</summary>
    public required bool AlreadyPresent { get; init; }

    /// <summary>The number of audio files in the folder.</summary>
    public required int Clips { get; init; }

    /// <summary>The archive's SHA-256 in lower-case hexadecimal; null when nothing was downloaded.</summary>
    public string? Sha256 { get; init; }

    /// <summary>The SHA-256 that an earlier fetch recorded for the archive of the same name, when it differs; else null.</summary>
    public string? EarlierSha256 { get; init; }

    /// <summary>Whether the archive, or every clip in it, was compared with a published checksum.</summary>
    public bool IsVerified { get; init; }
}

/// <summary>A corpus that could not be downloaded, verified or unpacked.</summary>
/// <param name="message">What was expected, what was found, where, and what to do.</param>
/// <param name="innerException">The cause, if any.</param>
public sealed class DownloadException(string message, Exception? innerException = null) : SerPipelineException(message, innerException);
