namespace SerPipeline.Audio;

/// <summary>
/// The low-pass filter of a <see cref="Resampler"/>: a sinc under a Kaiser window. The defaults pass up to 0.90 of the lower rate's
/// half within 0.001 dB and stop from that half on by 95 dB and more; the transition band lies between.
/// </summary>
public sealed record ResamplerOptions
{
    /// <summary>The recipe resampy calls <c>kaiser_fast</c> (resampy 0.2, as used by librosa 0.6 to 0.9): short, with a wide transition
    /// band that lets some aliasing pass.</summary>
    public static ResamplerOptions KaiserFast { get; } =
        new() { ZeroCrossings = 16, KaiserBeta = 8.555504641634386, RollOff = 0.85, TablePointsPerCrossing = 512 };

    /// <summary>Zero crossings of the sinc on each side of its middle, counted before <see cref="RollOff"/>; more make the transition band
    /// narrower and the work longer. Default: 64.</summary>
    public int ZeroCrossings { get; init; } = 64;

    /// <summary>The Kaiser window's shape; the stop band lies about <c>beta / 0.1102 + 8.7</c> dB down (Kaiser 1974). Default: 10.056, for
    /// 100 dB.</summary>
    public double KaiserBeta { get; init; } = 10.056;

    /// <summary>Where the filter's edge (its half-amplitude point) lies, as a fraction of half the lower rate. Default: 0.95.</summary>
    public double RollOff { get; init; } = 0.95;

    /// <summary>
    /// Null: the filter is evaluated exactly at every phase of the ratio. A number: it is read from a table of that many points a zero
    /// crossing with linear interpolation, stepping from tap to tap by whole points and leaving out the outermost tap of each side, which
    /// is how resampy 0.2 computes and what features made with it need; a last sample that lies less than one output period before the input's end is 0, as librosa pads it. Default: null.
    /// </summary>
    public int? TablePointsPerCrossing { get; init; }

    /// <summary>Checks every option.</summary>
    /// <exception cref="OptionsException">Lists every problem found.</exception>
    public void Validate() => new OptionsCheck(nameof(ResamplerOptions))
        .Require(ZeroCrossings is >= 1 and <= 1024, ZeroCrossings, "be between 1 and 1024")
        .Require(KaiserBeta is >= 0 and <= 50, KaiserBeta, "be between 0 and 50")
        .Require(RollOff is > 0 and <= 1, RollOff, "be above 0 and at most 1")
        .Require(TablePointsPerCrossing is null or (>= 1 and <= 65536), TablePointsPerCrossing, "be between 1 and 65536, or null")
        .ThrowIfAny();
}
