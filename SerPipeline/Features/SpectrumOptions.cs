namespace SerPipeline.Features;

/// <summary>What stands before the first and after the last sample when frames are centred.</summary>
public enum SignalPadding
{
    /// <summary>Zeros.</summary>
    Constant,

    /// <summary>The signal mirrored at its first and last sample, which are not repeated; a clip shorter than the padding is mirrored again and again.</summary>
    Reflect,

    /// <summary>The first and the last sample, repeated.</summary>
    Edge,
}

/// <summary>How a clip is cut into frames and turned into spectra: the options all spectral features share.</summary>
public abstract record SpectrumOptions
{
    /// <summary>The sample rate of the audio that will be given. Default 16000 Hz.</summary>
    public int SampleRateHz { get; init; } = 16000;

    /// <summary>Samples of one Fourier transform, 2 to 65536; it gives <c>FftLength / 2 + 1</c> bins. Powers of two are fastest. Default 512.</summary>
    public int FftLength { get; init; } = 512;

    /// <summary>Samples under the periodic Hann window, at most <see cref="FftLength"/>; the window stands in the middle of the frame. Default 400.</summary>
    public int WindowSamples { get; init; } = 400;

    /// <summary>Samples from one frame to the next. Default 160.</summary>
    public int HopSamples { get; init; } = 160;

    /// <summary>Whether frame <c>t</c> is centred on sample <c>t * HopSamples</c> (padding both ends) or starts there. Default true.</summary>
    public bool Center { get; init; } = true;

    /// <summary>What centred frames see outside the clip. Default zeros.</summary>
    public SignalPadding Padding { get; init; } = SignalPadding.Constant;

    /// <summary>Checks every option.</summary>
    /// <exception cref="OptionsException">One or more options cannot be used; all are listed.</exception>
    public void Validate()
    {
        var check = new OptionsCheck(GetType().Name);
        Check(check);
        check.ThrowIfAny();
    }

    /// <summary>Adds the problems of these options to a collector.</summary>
    /// <param name="check">The collector.</param>
    internal virtual void Check(OptionsCheck check) => check
        .Require(SampleRateHz is >= 1 and <= 1_000_000, SampleRateHz, "be between 1 and 1000000 Hz")
        .Require(FftLength is >= 2 and <= 65536, FftLength, "be between 2 and 65536 samples")
        .Require(WindowSamples >= 1 && WindowSamples <= FftLength, WindowSamples, "be between 1 and FftLength samples")
        .Require(HopSamples is >= 1 and <= 1 << 20, HopSamples, "be between 1 and 1048576 samples")
        .Require(Enum.IsDefined(Padding), Padding, "be Constant, Reflect or Edge");
}

/// <summary>Options of <see cref="Stft"/>.</summary>
public sealed record StftOptions : SpectrumOptions;
