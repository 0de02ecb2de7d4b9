namespace SerPipeline.Corpora.Download;

/// <summary>How patient a download is.</summary>
public sealed record CorpusFetchOptions
{
    /// <summary>How often a download is tried; each try goes on where the one before ended, if the server allows it.</summary>
    public int Attempts { get; init; } = 6;

    /// <summary>The pause after the first failure; it doubles with each one.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest pause.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the server may take to begin its answer.</summary>
    public TimeSpan AnswerTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long the server may send nothing in the middle of it.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The most files an archive may have.</summary>
    public int GreatestFiles { get; init; } = 50_000;

    /// <summary>Checks every option.</summary>
    /// <exception cref="OptionsException">Lists every problem.</exception>
    public void Validate() => new OptionsCheck(nameof(CorpusFetchOptions))
        .Require(Attempts is >= 1 and <= 100, Attempts, "be between 1 and 100", nameof(Attempts))
        .Require(FirstPause >= TimeSpan.Zero, FirstPause, "be 0 or more", nameof(FirstPause))
        .Require(LongestPause >= FirstPause, LongestPause, "be at least FirstPause", nameof(LongestPause))
        .Require(AnswerTimeout > TimeSpan.Zero, AnswerTimeout, "be above 0", nameof(AnswerTimeout))
        .Require(StallTimeout > TimeSpan.Zero, StallTimeout, "be above 0", nameof(StallTimeout))
        .Require(GreatestFiles >= 1, GreatestFiles, "be at least 1", nameof(GreatestFiles))
        .ThrowIfAny();
}

/// <summary>What is being done.</summary>
public enum CorpusFetchStep
{
    /// <summary>Bytes come over the network.</summary>
    Downloading,

    /// <summary>Checksums are computed: before unpacking the archive's, after it each clip's where these are published.</summary>
    Checking,

    /// <summary>Files are unpacked.</summary>
    Unpacking,
}

/// <summary>How far a fetch is.</summary>
/// <param name="Step">What is being done.</param>
/// <param name="Bytes">Bytes done of this step.</param>
/// <param name="TotalBytes">All its bytes; null while the server has not said.</param>
public readonly record struct CorpusFetchProgress(CorpusFetchStep Step, long Bytes, long? TotalBytes);

/// <summary>What a fetch left.</summary>
public sealed record CorpusFetchResult
{
    /// <summary>The corpus's folder.</summary>
    public required string Folder { get; init; }

    /// <summary>Whether it was there before, and nothing was done.</summary>
    public required bool WasThere { get; init; }

    /// <summary>Audio files in it.</summary>
    public required int Clips { get; init; }

    /// <summary>The archive's SHA-256 in lower-case hexadecimal; null when nothing was downloaded.</summary>
    public string? Sha256 { get; init; }

    /// <summary>The SHA-256 that an earlier fetch wrote down for the archive of the same name, when it is another one; null otherwise.</summary>
    public string? EarlierSha256 { get; init; }

    /// <summary>Whether the archive, or every clip in it, was held against a published checksum.</summary>
    public bool IsVerified { get; init; }
}
