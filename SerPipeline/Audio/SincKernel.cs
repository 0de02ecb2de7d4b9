namespace SerPipeline.Audio;

/// <summary>A low-pass filter's impulse response: a sinc under a Kaiser window (Smith, "Digital Audio Resampling Home Page"; Kaiser
/// 1974).</summary>
internal sealed class SincKernel
{
    private readonly ResamplerOptions _options;
    private readonly double _scale;
    private readonly double[] _besselTerms;
    private readonly double _windowNorm;
    private readonly double[]? _table;

    /// <summary>Creates the kernel.</summary>
    /// <param name="options">The filter.</param>
    /// <param name="scale">Output rate over input rate, at most 1: the response is stretched and lowered by it.</param>
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

    /// <summary>How many points of a table lie between two taps, rounded down as resampy does; 0 where the table is too coarse.</summary>
    public static int StepOf(double scale, int points) => (int)(scale * points);

    /// <summary>Computes the taps of an output sample.</summary>
    /// <param name="taps">Receives the taps; the first belongs to the input sample <paramref name="before"/> places back.</param>
    /// <param name="before">Taps before the current input sample's.</param>
    /// <param name="fraction">How far the output sample lies behind the current input sample, in input samples: [0, 1].</param>
    public void Fill(Span<float> taps, int before, double fraction)
    {
        for (int k = 0; k < taps.Length; k++)
        {
            double distance = fraction - (k - before);
            taps[k] = (float)(_scale * (_table is null ? Response(Math.Abs(distance) * _scale) : FromTable(k - before, fraction)));
        }
    }

    // x counts zero crossings of a sinc whose edge lies at half the lower rate.
    private double Response(double x)
    {
        double place = x / _options.ZeroCrossings;
        if (place > 1) return 0;
        double window = BesselI0(_options.KaiserBeta * Math.Sqrt(1 - (place * place))) / _windowNorm;
        double angle = Math.PI * _options.RollOff * x;
        return _options.RollOff * window * (angle == 0 ? 1 : Math.Sin(angle) / angle);
    }

    // resampy's order of steps: the place of the nearest tap on a side is interpolated, the taps further out follow in whole points.
    private double FromTable(int offset, double fraction)
    {
        int points = _options.TablePointsPerCrossing!.Value;
        double nearest = points * _scale * (offset <= 0 ? fraction : 1 - fraction);
        int step = StepOf(_scale, points), first = (int)nearest, tap = offset <= 0 ? -offset : offset - 1;
        // resampy counts a side's taps by dividing what is left of the table by the step, rounded down: the outermost tap is left out.
        if (tap >= (_table!.Length - first) / step) return 0;
        int index = first + (tap * step);
        // Behind the last point resampy takes a difference of 0.
        return _table[index] + ((nearest - first) * (_table[Math.Min(index + 1, _table.Length - 1)] - _table[index]));
    }

    // The modified Bessel function of the first kind and order 0 is the sum of (x^2 / 4)^k / (k!)^2 (Abramowitz and Stegun 9.6.12).
    private double BesselI0(double x)
    {
        double quarter = x * x / 4, sum = 0;
        for (int k = _besselTerms.Length - 1; k >= 0; k--) sum = Math.FusedMultiplyAdd(sum, quarter, _besselTerms[k]);
        return sum;
    }

    // As many terms as matter at the largest argument.
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
