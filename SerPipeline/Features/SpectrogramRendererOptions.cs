namespace SerPipeline.Features;

/// <summary>How values become the range of an image's 256 levels.</summary>
public enum PixelScaling
{
    /// <summary>One range for every image, <see cref="SpectrogramRendererOptions.LowDb"/> to <see cref="SpectrogramRendererOptions.HighDb"/>: loudness is kept.</summary>
    FixedRange,

    /// <summary>Each image's own minimum to its own maximum: loudness is lost, shape is kept.</summary>
    MinMax,

    /// <summary>Each image's mean minus to plus <see cref="SpectrogramRendererOptions.StandardDeviations"/> of its deviation; like min-max, but one outlier does not flatten the rest.</summary>
    Standardized,
}

/// <summary>How frames become a fixed number of columns.</summary>
public enum WidthFit
{
    /// <summary>Longer clips lose frames at both ends, shorter clips get silence at both ends.</summary>
    Center,

    /// <summary>Longer clips lose frames at the end, shorter clips get silence at the end.</summary>
    Start,

    /// <summary>Time is stretched or compressed: columns are averages of frames, or interpolated between them.</summary>
    Resize,
}

/// <summary>How a spectrogram becomes the network's image.</summary>
public sealed record SpectrogramRendererOptions
{
    /// <summary>Columns of the image; 0 takes one column a frame. Default: 200, two seconds of frames 10 ms apart.</summary>
    public int Width { get; init; } = 200;

    /// <summary>How frames become <see cref="Width"/> columns; without effect when <see cref="Width"/> is 0. Default: centre.</summary>
    public WidthFit Fit { get; init; } = WidthFit.Center;

    /// <summary>How values become levels. Default: standardised.</summary>
    public PixelScaling Scaling { get; init; } = PixelScaling.Standardized;

    /// <summary>The value of level 0 under <see cref="PixelScaling.FixedRange"/>, in dB. Default: -80.</summary>
    public double LowDb { get; init; } = -80;

    /// <summary>The value of level 255 under <see cref="PixelScaling.FixedRange"/>, in dB. Default: 0.</summary>
    public double HighDb { get; init; }

    /// <summary>Half of the range under <see cref="PixelScaling.Standardized"/>, in standard deviations. Default: 3.</summary>
    public double StandardDeviations { get; init; } = 3;

    /// <summary>Whether the lowest band is the bottom row, as people draw spectrograms. Default: yes.</summary>
    public bool LowFrequencyAtBottom { get; init; } = true;

    /// <summary>Reports every problem at once.</summary>
    /// <exception cref="OptionsException">An option is out of its range.</exception>
    public void Validate()
    {
        new OptionsCheck(nameof(SpectrogramRendererOptions))
            .Require(Width is >= 0 and <= 65_536, Width, "be between 0 (one column a frame) and 65536")
            .Require(Enum.IsDefined(Fit), Fit, "be Center, Start or Resize")
            .Require(Enum.IsDefined(Scaling), Scaling, "be FixedRange, MinMax or Standardized")
            .Require(double.IsFinite(LowDb), LowDb, "be a finite number of dB")
            .Require(double.IsFinite(HighDb) && HighDb > LowDb, HighDb, "be a finite number of dB above LowDb")
            .Require(StandardDeviations is > 0 and <= 100, StandardDeviations, "be above 0 and at most 100")
            .ThrowIfAny();
    }
}
