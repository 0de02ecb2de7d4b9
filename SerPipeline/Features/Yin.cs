namespace SerPipeline.Features;

/// <summary>Options of <see cref="Yin"/>.</summary>
public sealed record YinOptions
{
    /// <summary>Sample rate of the input. Default 16000 Hz.</summary>
    public int SampleRateHz { get; init; } = 16000;

    /// <summary>Lowest detected pitch in Hz. Default 65.</summary>
    public double LowHz { get; init; } = 65;

    /// <summary>Highest detected pitch in Hz, at most half the sample rate. Default 500.</summary>
    public double HighHz { get; init; } = 500;

    /// <summary>Samples per frame, 8 to 65536; half of them are compared with the frame shifted by each period, so a frame must hold two of
    /// the longest periods. Default 1024.</summary>
    public int FrameSamples { get; init; } = 1024;

    /// <summary>Hop between frames in samples, at least 1. Default 160.</summary>
    public int HopSamples { get; init; } = 160;

    /// <summary>The first local minimum of aperiodicity below this gives the period; if there is none, the global minimum. Above 0 and at
    /// most 1. Default 0.1.</summary>
    public double TroughThreshold { get; init; } = 0.1;

    /// <summary>Whether frame <c>t</c> is centred on sample <c>t * HopSamples</c> (with padding at both ends) or starts there. Default
    /// true.</summary>
    public bool Center { get; init; } = true;

    /// <summary>Padding outside the clip for centred frames. Default zeros.</summary>
    public SignalPadding Padding { get; init; } = SignalPadding.Constant;

    internal int MinPeriod => (int)Math.Floor(SampleRateHz / HighHz);

    internal int MaxPeriod => Math.Min((int)Math.Ceiling(SampleRateHz / LowHz), FrameSamples - WindowSamples - 1);

    internal int WindowSamples => FrameSamples / 2;

    /// <summary>Checks all options.</summary>
    /// <exception cref="OptionsException">An option is invalid; the message lists all problems.</exception>
    public void Validate()
    {
        OptionsCheck check = new OptionsCheck(nameof(YinOptions))
            .Require(SampleRateHz is >= 1 and <= 1_000_000, SampleRateHz, "be between 1 and 1000000 Hz")
            .Require(LowHz > 0 && LowHz < HighHz, LowHz, "be above 0 Hz and below HighHz")
            .Require(HighHz <= SampleRateHz / 2.0, HighHz, "be at most half of SampleRateHz")
            .Require(FrameSamples is >= 8 and <= 65536, FrameSamples, "be between 8 and 65536 samples")
            .Require(HopSamples is >= 1 and <= 1 << 20, HopSamples, "be between 1 and 1048576 samples")
            .Require(TroughThreshold is > 0 and <= 1, TroughThreshold, "be above 0 and at most 1")
            .Require(Enum.IsDefined(Padding), Padding, "be Constant, Reflect or Edge");
        if (check.Problems.Count == 0)
            check.Require(MaxPeriod >= MinPeriod + 2, FrameSamples,
                "hold at least three periods to choose from: lower LowHz, raise HighHz or FrameSamples");
        check.ThrowIfAny();
    }
}

/// <summary>Pitch of each frame.</summary>
/// <param name="F0Hz">Fundamental frequency in Hz, <c>[1, frames]</c>: the best guess even for aperiodic frames.</param>
/// <param name="Aperiodicity">YIN's normalised difference at that period, <c>[1, frames]</c>: near 0 for periodic (voiced) frames, near 1
/// for aperiodic ones; 1 for silence.</param>
public sealed record PitchTrack(FrameMatrix F0Hz, FrameMatrix Aperiodicity);

/// <summary>Pitch by the method of de Cheveigne and Kawahara (2002), "YIN, a fundamental frequency estimator for speech and music", with
/// the values of librosa's <c>yin</c>. Immutable and thread-safe.</summary>
public sealed class Yin
{
    private readonly Framing _framing;
    private readonly YinDifference _difference;

    /// <summary>Creates the estimator.</summary>
    /// <param name="options">Options; null for the defaults.</param>
    /// <exception cref="OptionsException">An option is invalid; the message lists all problems.</exception>
    public Yin(YinOptions? options = null)
    {
        Options = options ?? new YinOptions();
        Options.Validate();
        _framing = new Framing(Options.FrameSamples, Options.HopSamples, Options.Center, Options.Padding);
        _difference = new YinDifference(Options);
    }

    /// <summary>The options in effect.</summary>
    public YinOptions Options { get; }

    /// <summary>Frames of a clip; 0 if it is empty or, without centring, shorter than one frame.</summary>
    /// <param name="samples">Length of the clip in samples.</param>
    public int FrameCount(int samples) => _framing.Count(samples);

    /// <summary>Estimates the pitch of each frame of a clip.</summary>
    /// <param name="mono">Samples at <see cref="YinOptions.SampleRateHz"/>.</param>
    /// <exception cref="ArgumentException">The clip is empty or too short, or a sample is NaN or infinite.</exception>
    public PitchTrack Extract(ReadOnlySpan<float> mono)
    {
        int frames = _framing.Require(mono), width = Vector<double>.Count, periods = Options.MaxPeriod - Options.MinPeriod + 1;
        var track = new PitchTrack(new FrameMatrix(1, frames), new FrameMatrix(1, frames));
        using var padded = new PaddedSignal(_framing, mono, frames + width - 1);
        using var pool = new LanePool(_difference.ScratchLanes + periods);
        Span<Vector<double>> normalized = pool.Lanes[..periods], scratch = pool.Lanes[periods..];
        using var row = new LanePool((periods + width - 1) / width);
        Span<double> curve = MemoryMarshal.Cast<Vector<double>, double>(row.Lanes)[..periods];
        for (int first = 0; first < frames; first += width)
        {
            Vector<double> energy = _difference.Compute(padded.Samples[(first * Options.HopSamples)..], normalized, scratch);
            for (int lane = 0; lane < Math.Min(width, frames - first); lane++)
            {
                for (int i = 0; i < periods; i++) curve[i] = normalized[i][lane];
                int chosen = Choose(curve);
                track.F0Hz.Values[first + lane] = (float)(Options.SampleRateHz / (Options.MinPeriod + chosen + Shift(curve, chosen)));
                track.Aperiodicity.Values[first + lane] = energy[lane] > 0 ? (float)Math.Max(0, curve[chosen]) : 1;
            }
        }
        return track;
    }

    // The first local minimum below the threshold, else the global one.
    private int Choose(ReadOnlySpan<double> curve)
    {
        int least = 0, last = curve.Length - 1;
        for (int i = 0; i <= last; i++)
        {
            double value = curve[i];
            if (value < curve[least]) least = i;
            if (value >= Options.TroughThreshold) continue;
            bool falls = i == 0 || value < curve[i - 1];
            bool rises = i == 0 ? value < curve[1] : i == last || value <= curve[i + 1];
            if (falls && rises) return i;
        }
        return least;
    }

    // Vertex of the parabola through a minimum and its neighbours, relative to the minimum; 0 at the ends or if it is beyond a neighbour.
    private static double Shift(ReadOnlySpan<double> curve, int i)
    {
        if (i == 0 || i == curve.Length - 1) return 0;
        double a = curve[i + 1] + curve[i - 1] - (2 * curve[i]), b = (curve[i + 1] - curve[i - 1]) / 2;
        return Math.Abs(b) >= Math.Abs(a) ? 0 : -b / a;
    }
}

/// <summary>YIN's cumulative mean normalised difference of several frames at once, one per lane. Immutable and thread-safe.</summary>
internal sealed class YinDifference(YinOptions options)
{
    // As in librosa, smaller energies and correlations are 0, so that rounding noise does not look periodic.
    internal const double Negligible = 1e-6;
    // Relative to a frame's energy. A mean difference below it means a constant frame (rounding is below 1e-13), where all periods look
    // alike.
    internal const double NegligibleOfEnergy = 1e-6;
    // The smallest normal double: prevents division by zero and has no other effect.
    internal const double Tiny = 2.2250738585072014e-308;
    private readonly LaneFft _fft = new((int)BitOperations.RoundUpToPowerOf2((uint)options.FrameSamples));
    private readonly double[] _rectangle = [.. Enumerable.Repeat(1.0, options.FrameSamples)];

    public int ScratchLanes => (4 * _fft.Length) + options.FrameSamples;

    /// <summary>Computes <c>d'</c> of each period from the shortest to the longest, for frames from the start of
    /// <paramref name="signal"/>.</summary>
    /// <returns>Energy of the compared samples.</returns>
    public Vector<double> Compute(ReadOnlySpan<float> signal, Span<Vector<double>> normalized, Span<Vector<double>> scratch)
    {
        int size = _fft.Length, window = options.WindowSamples;
        Span<Vector<double>> frame = scratch.Slice(4 * size, options.FrameSamples);
        // 1. Load frames.
        FrameLoader.Load(signal, options.HopSamples, _rectangle, frame);
        // 2. r(k) = sum over m = 1 .. window of y[m] y[m + k], as a product of spectra.
        ReadOnlySpan<Vector<double>> correlation = Correlate(frame, scratch)[window..];
        // 3. d(k) = e(0) + e(k) - 2 r(k), where e(k) is the energy of the window shifted by k.
        Vector<double> first = Vector<double>.Zero;
        for (int m = 1; m <= window; m++) first += frame[m] * frame[m];
        Vector<double> energy = first, sum = Vector<double>.Zero, firstKept = Significant(first), floor = firstKept * NegligibleOfEnergy;
        for (int k = 1; k <= options.MaxPeriod; k++)
        {
            energy += (frame[window + k] * frame[window + k]) - (frame[k] * frame[k]);
            Vector<double> difference = firstKept + Significant(energy) - (Significant(correlation[k] * (1.0 / size)) * 2);
            // 4. d'(k) = d(k) divided by the mean of d(1) .. d(k); 1, as for k = 0, while the difference is only rounding.
            sum += difference;
            if (k < options.MinPeriod) continue;
            Vector<double> mean = sum / k;
            normalized[k - options.MinPeriod] =
                Vector.ConditionalSelect(Vector.LessThan(mean, floor), Vector<double>.One, difference / (mean + new Vector<double>(Tiny)));
        }
        return firstKept;
    }

    private static Vector<double> Significant(Vector<double> value)
        => Vector.ConditionalSelect(Vector.LessThan(Vector.Abs(value), new(Negligible)), Vector<double>.Zero, value);

    // Convolution of the frame with y[window] .. y[1], times the FFT length.
    private ReadOnlySpan<Vector<double>> Correlate(ReadOnlySpan<Vector<double>> frame, Span<Vector<double>> scratch)
    {
        int size = _fft.Length, window = options.WindowSamples;
        Span<Vector<double>> re = scratch[..size], im = scratch.Slice(size, size), productRe = scratch.Slice(2 * size, size);
        Span<Vector<double>> productIm = scratch.Slice(3 * size, size);
        ReadOnlySpan<int> from = _fft.BitReversed;
        // 1. Pack both real signals into one complex signal.
        for (int i = 0; i < size; i++)
        {
            int n = from[i];
            re[i] = n < frame.Length ? frame[n] : Vector<double>.Zero;
            im[i] = n < window ? frame[window - n] : Vector<double>.Zero;
        }
        _fft.Transform(re, im);
        // 2. Product of their spectra: (C(k)^2 - conj(C(-k))^2) / 4i. Swapping real and imaginary parts turns the next forward transform
        // into an inverse one.
        Vector<double> quarter = new(0.25), half = new(0.5);
        for (int i = 0; i < size; i++)
        {
            int k = from[i], mirror = (size - k) & (size - 1);
            Vector<double> a = re[k], b = im[k], c = re[mirror], d = im[mirror];
            productIm[i] = ((a * b) + (c * d)) * half;
            productRe[i] = ((c * c) - (d * d) - (a * a) + (b * b)) * quarter;
        }
        _fft.Transform(productRe, productIm);
        return productIm;
    }
}
