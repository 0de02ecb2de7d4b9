using SerPipeline.Onnx;

namespace SerPipeline.Features;

/// <summary>Padding before the first and after the last sample, for centred frames.</summary>
public enum SignalPadding
{
    /// <summary>Zeros.</summary>
    Constant,

    /// <summary>The signal mirrored at its first and last sample, which are not repeated; mirrored repeatedly if it is shorter than the
    /// padding.</summary>
    Reflect,

    /// <summary>The first and the last sample, repeated.</summary>
    Edge,
}

/// <summary>Framing and FFT options shared by all spectral features.</summary>
public abstract record SpectrumOptions
{
    /// <summary>Sample rate of the input. Default 16000 Hz.</summary>
    public int SampleRateHz { get; init; } = 16000;

    /// <summary>FFT length in samples, 2 to 65536, for <c>FftLength / 2 + 1</c> bins. Powers of two are fastest. Default 512.</summary>
    public int FftLength { get; init; } = 512;

    /// <summary>Length in samples of the periodic Hann window, at most <see cref="FftLength"/>, in the middle of the frame. Default
    /// 400.</summary>
    public int WindowSamples { get; init; } = 400;

    /// <summary>Hop between frames in samples, at least 1. Default 160.</summary>
    public int HopSamples { get; init; } = 160;

    /// <summary>Whether frame <c>t</c> is centred on sample <c>t * HopSamples</c> (with padding at both ends) or starts there. Default
    /// true.</summary>
    public bool Center { get; init; } = true;

    /// <summary>Padding outside the clip for centred frames. Default zeros.</summary>
    public SignalPadding Padding { get; init; } = SignalPadding.Constant;

    internal double HzPerBin => (double)SampleRateHz / FftLength;

    /// <summary>Checks all options.</summary>
    /// <exception cref="OptionsException">An option is invalid; the message lists all problems.</exception>
    public void Validate() => Check(new OptionsCheck(GetType().Name)).ThrowIfAny();

    internal virtual OptionsCheck Check(OptionsCheck check) => check
        .Require(SampleRateHz is >= 1 and <= 1_000_000, SampleRateHz, "be between 1 and 1000000 Hz")
        .Require(FftLength is >= 2 and <= 65536, FftLength, "be between 2 and 65536 samples")
        .Require(WindowSamples >= 1 && WindowSamples <= FftLength, WindowSamples, "be between 1 and FftLength samples")
        .Require(HopSamples is >= 1 and <= 1 << 20, HopSamples, "be between 1 and 1048576 samples")
        .Require(Enum.IsDefined(Padding), Padding, "be Constant, Reflect or Edge");
}

/// <summary>Options of <see cref="Stft"/>.</summary>
public sealed record StftOptions : SpectrumOptions;

/// <summary>Magnitude or power of the short-time Fourier transform, <c>[FftLength / 2 + 1, frames]</c>, with the values of librosa's
/// <c>stft</c>. Immutable and thread-safe; allocates only the result.</summary>
public sealed class Stft
{
    private readonly StftPlan _plan;

    /// <summary>Creates the transform.</summary>
    /// <param name="options">Options; null for the defaults.</param>
    /// <exception cref="OptionsException">An option is invalid; the message lists all problems.</exception>
    public Stft(StftOptions? options = null)
    {
        Options = options ?? new StftOptions();
        Options.Validate();
        _plan = new StftPlan(Options);
    }

    /// <summary>The options in effect.</summary>
    public StftOptions Options { get; }

    /// <summary>Number of bins; bin <c>k</c> is at <c>k * SampleRateHz / FftLength</c> Hz.</summary>
    public int Bins => _plan.Bins;

    /// <summary>Frames of a clip; 0 if it is empty or, without centring, shorter than one transform.</summary>
    /// <param name="samples">Length of the clip in samples.</param>
    public int FrameCount(int samples) => _plan.Framing.Count(samples);

    /// <summary>Computes |X|, <c>[bins, frames]</c>.</summary>
    /// <param name="mono">Samples at <see cref="SpectrumOptions.SampleRateHz"/>.</param>
    /// <exception cref="ArgumentException">The clip is empty or too short, or a sample is NaN or infinite.</exception>
    public FrameMatrix Magnitude(ReadOnlySpan<float> mono) => FrameFeatures.Extract(_plan, mono, new Spectrum(Bins, Squared: false));

    /// <summary>Computes |X|^2, <c>[bins, frames]</c>.</summary>
    /// <inheritdoc cref="Magnitude"/>
    public FrameMatrix Power(ReadOnlySpan<float> mono) => FrameFeatures.Extract(_plan, mono, new Spectrum(Bins, Squared: true));

    private readonly record struct Spectrum(int Bands, bool Squared) : IFrameFeature
    {
        public bool UsesMagnitude => !Squared;

        public void Compute(ReadOnlySpan<Vector<double>> power, ReadOnlySpan<Vector<double>> magnitude, Span<Vector<double>> bands)
            => (Squared ? power : magnitude).CopyTo(bands);
    }
}

/// <summary>Framing, window and FFT for a set of options. Immutable and thread-safe.</summary>
internal sealed class StftPlan(SpectrumOptions options)
{
    private readonly double[] _window = Window.HannPeriodic(options.WindowSamples);

    public LaneRealFft Fft { get; } = LaneRealFft.Create(options.FftLength);

    public Framing Framing { get; } = new(options.FftLength, options.HopSamples, options.Center, options.Padding);

    public int Bins => Fft.Bins;

    /// <summary>Start of the window in the frame: it is centred as by librosa's <c>pad_center</c>.</summary>
    public int WindowStart { get; } = (options.FftLength - options.WindowSamples) / 2;

    public ReadOnlySpan<double> HannWindow => _window;
}

/// <summary>One pass over the spectra of a clip, in blocks of <c>Vector&lt;double&gt;.Count</c> frames, one per lane.</summary>
internal ref struct StftRun
{
    private readonly StftPlan _plan;
    private readonly PaddedSignal _padded;
    private readonly LanePool _pool;
    private readonly Span<Vector<double>> _samples, _real, _imaginary, _scratch;
    private int _next;

    /// <exception cref="ArgumentException">The clip is empty or too short, or a sample is NaN or infinite.</exception>
    public StftRun(StftPlan plan, ReadOnlySpan<float> mono)
    {
        _plan = plan;
        Frames = plan.Framing.Require(mono);
        // The last block is filled up with frames of zeros.
        _padded = new PaddedSignal(plan.Framing, mono, Frames + Vector<double>.Count - 1);
        int fft = plan.Fft.Length, bins = plan.Bins;
        _pool = new LanePool(fft + (2 * bins) + plan.Fft.ScratchLanes);
        _samples = _pool.Lanes[..fft]; // zero outside the window
        _real = _pool.Lanes.Slice(fft, bins);
        _imaginary = _pool.Lanes.Slice(fft + bins, bins);
        _scratch = _pool.Lanes[(fft + (2 * bins))..];
    }

    public int Frames { get; }

    /// <summary>Index of the frame in lane 0.</summary>
    public int FirstFrame { get; private set; }

    /// <summary>Number of lanes with frames of the clip.</summary>
    public readonly int Lanes => Math.Min(Vector<double>.Count, Frames - FirstFrame);

    /// <summary>Computes the next block; false after the last.</summary>
    public bool Next()
    {
        if (_next >= Frames) return false;
        FirstFrame = _next;
        _next += Vector<double>.Count;
        Load();
        _plan.Fft.Transform(_samples, _real, _imaginary, _scratch);
        return true;
    }

    public readonly void Power(Span<Vector<double>> power)
    {
        ReadOnlySpan<Vector<double>> re = _real, im = _imaginary;
        for (int k = 0; k < re.Length; k++) power[k] = (re[k] * re[k]) + (im[k] * im[k]);
    }

    public readonly void Dispose()
    {
        _padded.Dispose();
        _pool.Dispose();
    }

    private readonly void Load()
    {
        ReadOnlySpan<double> window = _plan.HannWindow;
        int start = (FirstFrame * _plan.Framing.HopSamples) + _plan.WindowStart;
        FrameLoader.Load(_padded.Samples[start..], _plan.Framing.HopSamples, window, _samples.Slice(_plan.WindowStart, window.Length));
    }
}

/// <summary>Window functions.</summary>
public static class Window
{
    /// <summary>The periodic Hann window, <c>0.5 - 0.5 cos(2 pi n / N)</c>: SciPy's <c>get_window("hann", N, fftbins=True)</c>.</summary>
    /// <param name="samples">N, at least 1.</param>
    /// <returns>N weights, 0 to 1.</returns>
    public static double[] HannPeriodic(int samples)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(samples, 1);
        // SciPy's convention.
        if (samples == 1) return [1];
        return [.. Enumerable.Range(0, samples).Select(n => 0.5 - (0.5 * Math.Cos(2 * Math.PI * n / samples)))];
    }
}

/// <summary><see cref="Stft"/> as ONNX nodes, in double precision as well: in float32, weak bins would differ by hundredths of a dB, enough
/// to change pixels by a level.</summary>
internal static class StftOnnx
{
    /// <summary>|X|^2, double [batch, frames, bins], and the frames of each clip, int64 [batch].</summary>
    public static (OnnxValue Power, OnnxValue Counts) Power(OnnxColumn audio, SpectrumOptions options)
    {
        OnnxGraphBuilder graph = audio.Values.Graph;
        var plan = new StftPlan(options);
        // Only the samples under the window are used; their position in the transform affects the phase only.
        (OnnxValue frames, OnnxValue counts) =
            FramingOnnx.Cut(audio, plan.Framing, options.Padding, plan.WindowStart, options.WindowSamples);
        OnnxValue windowed = frames.To(OnnxType.Double) * graph.Constant(plan.HannWindow);
        OnnxValue spectra = Transform(windowed, options.FftLength);
        return ((spectra * spectra).Sum(3).Squeeze(3), counts);
    }

    /// <summary>FFT of real frames [batch, frames, samples], zero-padded to <paramref name="length"/>: [batch, frames, length / 2 + 1, 2],
    /// real and imaginary parts.</summary>
    public static OnnxValue Transform(OnnxValue frames, int length) =>
        frames.Graph.Node("DFT", [frames.Unsqueeze(3), frames.Graph.Scalar(length, OnnxType.Int64)], [("axis", 2L), ("onesided", 1L)]);

    /// <summary>Mask of the frames that belong to each clip, bool [batch, 1, frames].</summary>
    public static OnnxValue ValidFrames(OnnxValue frames, OnnxValue counts) =>
        frames.Graph.Range(frames.Length(2)).Unsqueeze(0, 1) < counts.Unsqueeze(1, 2);

    /// <summary>From double [batch, frames, bands] to float [batch, bands, frames].</summary>
    public static OnnxValue ToContour(OnnxValue values) => values.To(OnnxType.Float).Transpose(0, 2, 1);
}
