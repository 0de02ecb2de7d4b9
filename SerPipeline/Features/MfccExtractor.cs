namespace SerPipeline.Features;

/// <summary>Options of <see cref="MfccExtractor"/>.</summary>
public sealed record MfccOptions
{
    /// <summary>The log-mel spectrogram the coefficients are taken from.</summary>
    public LogMelOptions Mel { get; init; } = new();

    /// <summary>Coefficients, the 0th included: 1 to the number of mel bands. Default 40.</summary>
    public int Coefficients { get; init; } = 40;

    /// <summary>L of the sine lifter <c>1 + L/2 sin(pi (n + 1) / L)</c>; 0 lifts nothing, as is the default.</summary>
    public double Lifter { get; init; }

    /// <summary>Checks every option.</summary>
    /// <exception cref="OptionsException">One or more options cannot be used; all are listed.</exception>
    public void Validate()
    {
        var mel = new OptionsCheck($"{nameof(MfccOptions)}.{nameof(Mel)}");
        Mel?.Check(mel);
        OptionsCheck check = new OptionsCheck(nameof(MfccOptions))
            .Require(Mel is not null, Mel, "not be null")
            .Require(Coefficients >= 1 && Coefficients <= (Mel?.MelBands ?? int.MaxValue), Coefficients, "be between 1 and Mel.MelBands")
            .Require(Mel?.Compression != LogCompression.None, Mel?.Compression, "be Decibel or NaturalLog", "Mel.Compression")
            .Require(Lifter >= 0 && double.IsFinite(Lifter), Lifter, "be at least 0");
        if (mel.Problems.Count + check.Problems.Count > 0) throw new OptionsException([.. mel.Problems, .. check.Problems]);
    }
}

/// <summary>
/// Mel-frequency cepstral coefficients, <c>[Coefficients, frames]</c>: the orthonormal DCT-II of a log-mel spectrogram, with the values of
/// librosa's <c>mfcc</c>. Immutable and thread-safe.
/// </summary>
public sealed class MfccExtractor
{
    private readonly LogMelExtractor _mel;
    private readonly Dct _dct;

    /// <summary>Creates the extractor.</summary>
    /// <param name="options">The options; the defaults when null.</param>
    /// <exception cref="OptionsException">One or more options cannot be used; all are listed.</exception>
    public MfccExtractor(MfccOptions? options = null)
    {
        Options = options ?? new MfccOptions();
        Options.Validate();
        _mel = new LogMelExtractor(Options.Mel);
        _dct = new Dct(Options.Mel.MelBands, Options.Coefficients);
    }

    /// <summary>The options.</summary>
    public MfccOptions Options { get; }

    /// <summary>Frames of a clip; 0 when it is empty or, without centring, shorter than one transform.</summary>
    /// <param name="samples">Samples of the clip.</param>
    public int FrameCount(int samples) => _mel.FrameCount(samples);

    /// <summary>Computes the coefficients of one clip.</summary>
    /// <param name="mono">Samples at the mel options' sample rate.</param>
    /// <returns><c>[Coefficients, frames]</c>.</returns>
    /// <exception cref="ArgumentException">The clip is empty, too short, or holds a sample that is no finite number.</exception>
    public FrameMatrix Extract(ReadOnlySpan<float> mono) => FromLogMel(_mel.Extract(mono));

    /// <summary>Computes the coefficients of a log-mel spectrogram that is there already.</summary>
    /// <param name="logMel"><c>[MelBands, frames]</c>.</param>
    /// <returns><c>[Coefficients, frames]</c>.</returns>
    /// <exception cref="ArgumentException">The spectrogram has another number of bands.</exception>
    public FrameMatrix FromLogMel(FrameMatrix logMel)
    {
        FrameMatrix mfcc = _dct.Apply(logMel);
        if (Options.Lifter > 0) Lift(mfcc);
        return mfcc;
    }

    private void Lift(FrameMatrix mfcc)
    {
        for (int n = 0; n < mfcc.Bands; n++)
        {
            float gain = (float)(1 + (Options.Lifter / 2 * Math.Sin(Math.PI * (n + 1) / Options.Lifter)));
            foreach (ref float value in mfcc.Row(n)) value *= gain;
        }
    }
}
