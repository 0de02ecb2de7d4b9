namespace SerPipeline.Audio;

/// <summary>How files are decoded.</summary>
public sealed record AudioReadOptions
{
    /// <summary>Whether decoded FLAC samples are checked against the MD5 in the file's header, where it has one. Frame checksums are always
    /// checked. Default: true.</summary>
    public bool VerifyFlacMd5 { get; init; } = true;

    /// <summary>
    /// The ffmpeg program for formats this library does not decode itself: a path, or a name looked up on the <c>PATH</c>.
    /// Null: such files are refused. Default: <c>ffmpeg</c>.
    /// </summary>
    public string? FfmpegPath { get; init; } = "ffmpeg";

    /// <summary>How long one run of ffmpeg may take before it is stopped and the file refused. Default: 60 s.</summary>
    public TimeSpan FfmpegTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Checks every option.</summary>
    /// <exception cref="OptionsException">Lists every problem found.</exception>
    public void Validate() => new OptionsCheck(nameof(AudioReadOptions))
        .Require(FfmpegPath is null || FfmpegPath.Trim().Length > 0, FfmpegPath, "be a program's path or name, or null")
        .Require(FfmpegTimeout > TimeSpan.Zero && FfmpegTimeout < TimeSpan.FromDays(1), FfmpegTimeout, "be positive and shorter than a day")
        .ThrowIfAny();
}
