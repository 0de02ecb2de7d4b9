namespace SerPipeline.Audio;

/// <summary>A polyphase filter bank: row p holds the taps for an output sample p / <see cref="Phases"/> of an input period after an input
/// sample.</summary>
internal sealed class ResamplerFilter
{
    // Nearly coprime rates would need huge tables. Above this number of taps, phases are interpolated linearly, with an error of about (pi
    // / 8192)^2 / 8, or -155 dBFS: below float rounding.
    private const long MaxExactTaps = 1 << 22;
    private const int InterpolatedPhasesPerCrossing = 8192;
    private const int MaxCached = 64;

    private static readonly ConcurrentDictionary<(int Up, int Down, ResamplerOptions Options), Lazy<ResamplerFilter>> Cache = new();

    private readonly float[] _taps;

    private ResamplerFilter(int up, int down, ResamplerOptions options)
    {
        // 1. Half width in input samples: zero crossings are one period of the lower rate apart.
        double scale = Math.Min(1.0, (double)up / down);
        double halfWidth = options.ZeroCrossings / scale;
        Before = (int)Math.Floor(halfWidth);
        TapsPerPhase = (2 * Before) + 2;
        // 2. One row per phase, and one more at the end for interpolation.
        IsExact = (long)up * TapsPerPhase <= MaxExactTaps;
        Phases = IsExact ? up : (int)Math.Ceiling(InterpolatedPhasesPerCrossing * scale);
        int rows = IsExact ? Phases : Phases + 1;
        _taps = new float[(long)rows * TapsPerPhase];
        var kernel = new SincKernel(options, scale);
        for (int phase = 0; phase < rows; phase++)
        {
            Span<float> row = _taps.AsSpan(phase * TapsPerPhase, TapsPerPhase);
            if (2 * phase <= Phases)
            {
                kernel.Fill(row, Before, (double)phase / Phases);
                continue;
            }
            // The response is even, so the second half of the rows mirrors the first.
            Row(Phases - phase).CopyTo(row);
            row.Reverse();
        }
    }

    public int Phases { get; }

    /// <summary>Whether each phase has its own row; otherwise neighbouring rows are interpolated.</summary>
    public bool IsExact { get; }

    public int TapsPerPhase { get; }

    /// <summary>Input samples between the first tap and the current sample.</summary>
    public int Before { get; }

    public ReadOnlySpan<float> Row(int phase) => _taps.AsSpan(phase * TapsPerPhase, TapsPerPhase);

    /// <summary>The cached bank for a reduced ratio.</summary>
    public static ResamplerFilter Get(int up, int down, ResamplerOptions options)
    {
        if (Cache.Count > MaxCached) Cache.Clear();
        return Cache.GetOrAdd((up, down, options), static key => new(() => new ResamplerFilter(key.Up, key.Down, key.Options))).Value;
    }
}

/// <summary>Impulse response of a Kaiser-windowed sinc low-pass filter (Smith, "Digital Audio Resampling Home Page"; Kaiser
/// 1974).</summary>
internal sealed class SincKernel
{
    private readonly ResamplerOptions _options;
    private readonly double _scale;
    private readonly double[] _besselTerms;
    private readonly double _windowNorm;
    private readonly double[]? _table;

    /// <summary>Creates the kernel. <paramref name="scale"/> is min(1, output rate / input rate).</summary>
    public SincKernel(ResamplerOptions options, double scale)
    {
        _options = options;
        _scale = scale;
        _besselTerms = BesselTerms(options.KaiserBeta);
        _windowNorm = BesselI0(options.KaiserBeta);
        if (options.TablePointsPerCrossing is not { } points) return;
        _table = new double[(points * options.ZeroCrossings) + 1];
        for (int i = 0; i < _table.Length; i++) _table[i] = Response((double)i / points);
    }

    /// <summary>Table points between two taps, rounded down as in resampy; 0 if the table is too coarse.</summary>
    public static int StepOf(double scale, int points) => (int)(scale * points);

    /// <summary>Computes the taps of an output sample that is <paramref name="fraction"/>, [0, 1], input samples after the current one; the
    /// first tap belongs to the input sample <paramref name="before"/> earlier.</summary>
    public void Fill(Span<float> taps, int before, double fraction)
    {
        for (int k = 0; k < taps.Length; k++)
        {
            double distance = fraction - (k - before);
            taps[k] = (float)(_scale * (_table is null ? Response(Math.Abs(distance) * _scale) : FromTable(k - before, fraction)));
        }
    }

    // x is in zero crossings of a sinc with its cutoff at the lower Nyquist frequency.
    private double Response(double x)
    {
        double position = x / _options.ZeroCrossings;
        if (position > 1) return 0;
        double window = BesselI0(_options.KaiserBeta * Math.Sqrt(1 - (position * position))) / _windowNorm;
        double angle = Math.PI * _options.RollOff * x;
        return _options.RollOff * window * (angle == 0 ? 1 : Math.Sin(angle) / angle);
    }

    // As in resampy: the nearest tap on each side is interpolated, taps further out follow in steps of whole points.
    private double FromTable(int offset, double fraction)
    {
        int points = _options.TablePointsPerCrossing!.Value;
        double nearest = points * _scale * (offset <= 0 ? fraction : 1 - fraction);
        int step = StepOf(_scale, points), first = (int)nearest, tap = offset <= 0 ? -offset : offset - 1;
        // resampy rounds the number of taps on each side down, which drops the outermost one.
        if (tap >= (_table!.Length - first) / step) return 0;
        int index = first + (tap * step);
        // After the last point resampy uses a difference of 0.
        return _table[index] + ((nearest - first) * (_table[Math.Min(index + 1, _table.Length - 1)] - _table[index]));
    }

    // The modified Bessel function of the first kind and order 0 is the sum of (x^2 / 4)^k / (k!)^2 (Abramowitz and Stegun 9.6.12).
    private double BesselI0(double x)
    {
        double quarter = x * x / 4, sum = 0;
        for (int k = _besselTerms.Length - 1; k >= 0; k--) sum = Math.FusedMultiplyAdd(sum, quarter, _besselTerms[k]);
        return sum;
    }

    // All terms that matter at the largest argument.
    private static double[] BesselTerms(double largest)
    {
        var terms = new List<double> { 1 };
        double value = 1, sum = 1;
        for (int k = 1; value > sum * 1e-17; k++)
        {
            double shrink = 1 / ((double)k * k);
            terms.Add(terms[^1] * shrink);
            value *= shrink * largest * largest / 4;
            sum += value;
        }
        return [.. terms];
    }
}
