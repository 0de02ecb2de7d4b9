using SerPipeline.Onnx;

namespace SerPipeline.Features;

/// <summary>
/// Frequencies and bandwidths in Hz of the first three formants, <c>[6, frames]</c>: F1, its bandwidth, F2, ...; NaN for a formant that a
/// frame does not show. They are poles of a linear prediction of the spectrum below 5.5 kHz (selective linear prediction, Makhoul 1975,
/// "Linear prediction: a tutorial review"): minima of the predictor on a circle inside the unit circle, where neighbours stand apart
/// (McCandless 1974), from each of which three steps of Newton's method lead to its pole. No roots are searched, so the same steps are an
/// ONNX graph.
/// </summary>
internal sealed class FormantFeature : IFrameFeature
{
    /// <summary>Formants that are looked for.</summary>
    public const int Formants = 3;

    internal const int GridSteps = 128, Candidates = 6, NewtonSteps = 3;
    internal const double HighestHz = 5500, CircleHz = 200, LowestFormantHz = 90, WidestHz = 1500, FurthestHz = 400;
    // White noise 60 dB below the signal, so that a pure tone can be predicted without dividing by nearly nothing; and below silence.
    internal const double NoiseShare = 1e-6, Silence = 1e-20;

    private readonly double[] _lags, _cos, _sin;
    private readonly int _bins;

    public FormantFeature(SpectrumOptions options)
    {
        double hzPerBin = options.HzPerBin;
        _bins = (int)Math.Min(HighestHz / hzPerBin, options.FftLength / 2) + 1;
        BandHz = (_bins - 1) * hzPerBin;
        // One formant a kHz, two poles each.
        Order = 2 * (int)(BandHz / 1000);
        _lags = LagWeights(_bins, Order, BandHz);
        (_cos, _sin) = GridWeights(Order, BandHz);
    }

    public int Bands => 2 * Formants;

    /// <summary>Upper end of the predicted spectrum; twice it is the rate of the signal that has no other.</summary>
    public double BandHz { get; }

    /// <summary>Number of poles.</summary>
    public int Order { get; }

    /// <summary>Bins of the predicted spectrum.</summary>
    public int Bins => _bins;

    /// <summary>From power to autocorrelation, <c>[bins, Order + 1]</c>.</summary>
    public ReadOnlySpan<double> Lags => _lags;

    /// <summary>From the predictor to its real part on the circle, <c>[Order + 1, GridSteps + 1]</c>.</summary>
    public ReadOnlySpan<double> Cosines => _cos;

    /// <summary>The imaginary part, negated.</summary>
    public ReadOnlySpan<double> Sines => _sin;

    /// <summary>How far the natural logarithm of 1/z goes with a bandwidth or frequency of 1 Hz: half of it and all of it.</summary>
    public double RadiansPerHz => Math.PI / BandHz;

    public void Compute(ReadOnlySpan<Vector<double>> power, ReadOnlySpan<Vector<double>> magnitude, Span<Vector<double>> bands)
    {
        int width = Order + 1, lanes = Vector<double>.Count;
        Span<Vector<double>> r = stackalloc Vector<double>[width], a = stackalloc Vector<double>[width];
        Span<Vector<double>> grid = stackalloc Vector<double>[GridSteps + 1];
        // 1. Autocorrelation and predictor.
        for (int m = 0; m < _bins; m++)
        {
            ReadOnlySpan<double> weights = _lags.AsSpan(m * width, width);
            for (int k = 0; k < width; k++) r[k] = Vector.MultiplyAddEstimate(power[m], new(weights[k]), r[k]);
        }
        Predict(r, a);
        // 2. Its square on the circle.
        for (int g = 0; g <= GridSteps; g++)
        {
            Vector<double> re = Vector<double>.Zero, im = Vector<double>.Zero;
            for (int k = 0; k < width; k++)
            {
                re = Vector.MultiplyAddEstimate(a[k], new(_cos[(k * (GridSteps + 1)) + g]), re);
                im = Vector.MultiplyAddEstimate(a[k], new(_sin[(k * (GridSteps + 1)) + g]), im);
            }
            grid[g] = (re * re) + (im * im);
        }
        // 3. From minima to poles.
        Span<double> own = stackalloc double[width];
        Span<double> values = MemoryMarshal.Cast<Vector<double>, double>(bands);
        for (int lane = 0; lane < lanes; lane++)
        {
            for (int k = 0; k < width; k++) own[k] = a[k][lane];
            int found = 0, candidates = 0;
            for (int g = 1; g < GridSteps && found < Formants && candidates < Candidates; g++)
            {
                double here = grid[g][lane];
                if (!(here < grid[g - 1][lane] && here <= grid[g + 1][lane])) continue;
                candidates++;
                (double hz, double bandwidth) = Pole(own, g);
                if (!(Math.Abs(hz - (g * BandHz / GridSteps)) < FurthestHz && hz > LowestFormantHz && bandwidth < WidestHz)) continue;
                values[(2 * found * lanes) + lane] = hz;
                values[(((2 * found) + 1) * lanes) + lane] = bandwidth;
                found++;
            }
            for (int i = 2 * found; i < Bands; i++) values[(i * lanes) + lane] = double.NaN;
        }
    }

    // Levinson and Durbin's recursion: coefficients a of 1 + a1/z + a2/z^2 + ... that leave the least of the signal.
    private static void Predict(Span<Vector<double>> r, Span<Vector<double>> a)
    {
        Span<Vector<double>> before = stackalloc Vector<double>[a.Length];
        a.Clear();
        a[0] = Vector<double>.One;
        r[0] = (r[0] * (1 + NoiseShare)) + new Vector<double>(Silence);
        Vector<double> error = r[0];
        for (int i = 1; i < a.Length; i++)
        {
            Vector<double> sum = r[i];
            for (int j = 1; j < i; j++) sum += a[j] * r[i - j];
            Vector<double> reflection = -sum / error;
            a[..i].CopyTo(before);
            for (int j = 1; j < i; j++) a[j] = before[j] + (reflection * before[i - j]);
            a[i] = reflection;
            error *= Vector<double>.One - (reflection * reflection);
        }
    }

    // Newton's method for the logarithm of 1/z: its real part tells the bandwidth, its imaginary part the frequency.
    private (double Hz, double BandwidthHz) Pole(ReadOnlySpan<double> a, int gridStep)
    {
        double re = RadiansPerHz * CircleHz / 2, im = -Math.PI * gridStep / GridSteps;
        for (int step = 0; step < NewtonSteps; step++)
        {
            (double sin, double cos) = Math.SinCos(im);
            double size = Math.Exp(re), uRe = size * cos, uIm = size * sin;
            // The predictor and its derivative by that logarithm, by Horner's rule.
            double sumRe = 0, sumIm = 0, slopeRe = 0, slopeIm = 0;
            for (int k = a.Length - 1; k >= 0; k--)
            {
                (sumRe, sumIm) = ((sumRe * uRe) - (sumIm * uIm) + a[k], (sumRe * uIm) + (sumIm * uRe));
                (slopeRe, slopeIm) = ((slopeRe * uRe) - (slopeIm * uIm) + (k * a[k]), (slopeRe * uIm) + (slopeIm * uRe));
            }
            double norm = (slopeRe * slopeRe) + (slopeIm * slopeIm);
            re -= ((sumRe * slopeRe) + (sumIm * slopeIm)) / norm;
            im -= ((sumIm * slopeRe) - (sumRe * slopeIm)) / norm;
        }
        return (-im / RadiansPerHz, 2 * re / RadiansPerHz);
    }

    // Cosine transform of the power below BandHz, after a first-order high-pass at 50 Hz that takes the voice's tilt away.
    private static double[] LagWeights(int bins, int order, double bandHz)
    {
        int last = bins - 1;
        double pole = Math.Exp(-Math.PI * 50 / bandHz);
        var weights = new double[bins * (order + 1)];
        for (int m = 0; m < bins; m++)
        {
            double high = 1 + (pole * pole) - (2 * pole * Math.Cos(Math.PI * m / last)), count = m == 0 || m == last ? 1 : 2;
            for (int k = 0; k <= order; k++) weights[(m * (order + 1)) + k] = count * high * Math.Cos(Math.PI * k * m / last) / (2 * last);
        }
        return weights;
    }

    private static (double[] Cos, double[] Sin) GridWeights(int order, double bandHz)
    {
        double[] cos = new double[(order + 1) * (GridSteps + 1)], sin = new double[cos.Length];
        for (int k = 0; k <= order; k++)
        {
            double size = Math.Exp(k * Math.PI / bandHz * CircleHz / 2);
            for (int g = 0; g <= GridSteps; g++)
            {
                (double s, double c) = Math.SinCos(Math.PI * k * g / GridSteps);
                (cos[(k * (GridSteps + 1)) + g], sin[(k * (GridSteps + 1)) + g]) = (size * c, size * s);
            }
        }
        return (cos, sin);
    }
}

/// <summary><see cref="FormantFeature"/> as ONNX nodes.</summary>
internal static class FormantOnnx
{
    /// <summary>From |X|^2, double [batch, frames, bins], to float [batch, 6, frames].</summary>
    public static OnnxValue Add(OnnxValue power, SpectrumOptions options)
    {
        var feature = new FormantFeature(options);
        OnnxGraphBuilder graph = power.Graph;
        int width = feature.Order + 1, points = FormantFeature.GridSteps + 1;
        // 1. Autocorrelation and predictor.
        OnnxValue r = power.Slice(2, 0, feature.Bins).MatMul(graph.Constant(feature.Lags, [feature.Bins, width]));
        OnnxValue a = Predict(r, feature.Order);
        // 2. Its square on the circle, whose minima are candidates: the first ones, by their position on the grid.
        OnnxValue re = a.MatMul(graph.Constant(feature.Cosines, [width, points]));
        OnnxValue im = a.MatMul(graph.Constant(feature.Sines, [width, points]));
        OnnxValue grid = (re * re) + (im * im), here = grid.Slice(2, 1, -1);
        OnnxValue isLeast = (here < grid.Slice(2, 0, -2)) & !(here > grid.Slice(2, 2, long.MaxValue));
        OnnxValue step = graph.Constant<double>([.. Enumerable.Range(1, points - 2).Select(g => (double)g)])
            .Where(isLeast, points).Extremes(2, graph.Constant([(long)FormantFeature.Candidates]), greatest: false);
        // 3. From minima to poles.
        (OnnxValue hz, OnnxValue bandwidth) = Poles(a, step, feature);
        OnnxValue distance = (hz - (step * (feature.BandHz / FormantFeature.GridSteps))).One("Abs");
        OnnxValue isFormant = (step < graph.Scalar(points, OnnxType.Double))
            & (distance < graph.Scalar(FormantFeature.FurthestHz, OnnxType.Double))
            & (hz > graph.Scalar(FormantFeature.LowestFormantHz, OnnxType.Double))
            & (bandwidth < graph.Scalar(FormantFeature.WidestHz, OnnxType.Double));
        // 4. The first formants, then nothing.
        OnnxValue order = graph.Constant<double>([.. Enumerable.Range(0, FormantFeature.Candidates).Select(i => (double)i)]);
        OnnxValue chosen = order.Where(isFormant, FormantFeature.Candidates)
            .Extremes(2, graph.Constant([(long)FormantFeature.Formants]), greatest: false);
        OnnxValue isFound = chosen < graph.Scalar(FormantFeature.Candidates, OnnxType.Double);
        OnnxValue at = chosen.AtMost(FormantFeature.Candidates - 1).To(OnnxType.Int64);
        OnnxValue Chosen(OnnxValue values) => values.GatherElements(at, 2).Where(isFound, double.NaN).Unsqueeze(3);
        return StftOnnx.ToContour(graph.Concat(3, Chosen(hz), Chosen(bandwidth)).Reshape(0, 0, 2 * FormantFeature.Formants));
    }

    // [batch, frames, order + 1].
    private static OnnxValue Predict(OnnxValue autocorrelation, int order)
    {
        OnnxGraphBuilder graph = autocorrelation.Graph;
        OnnxValue error = (autocorrelation.Slice(2, 0, 1) * (1 + FormantFeature.NoiseShare)) + FormantFeature.Silence;
        // a behind its leading 1; reversed: r of the highest lag first.
        OnnxValue? a = null;
        OnnxValue reversed = Reversed(autocorrelation, order + 1);
        for (int i = 1; i <= order; i++)
        {
            OnnxValue sum = autocorrelation.Slice(2, i, i + 1);
            if (a is not null) sum += (a * reversed.Slice(2, order + 1 - i, order)).Sum(2);
            OnnxValue reflection = sum / error * -1;
            a = a is null ? reflection : graph.Concat(2, a + (reflection * Reversed(a, i - 1)), reflection);
            error *= (reflection * reflection * -1) + 1;
        }
        return a!.Pad([0, 0, 1], [0, 0, 0], 1);
    }

    private static OnnxValue Reversed(OnnxValue values, int length) =>
        values.Gather(values.Graph.Constant([.. Enumerable.Range(0, length).Select(i => (long)(length - 1 - i))]), 2);

    // From steps of the grid, double [batch, frames, candidates], to frequency and bandwidth.
    private static (OnnxValue Hz, OnnxValue BandwidthHz) Poles(OnnxValue a, OnnxValue step, FormantFeature feature)
    {
        OnnxValue im = step * (-Math.PI / FormantFeature.GridSteps);
        OnnxValue re = (im * 0) + (feature.RadiansPerHz * FormantFeature.CircleHz / 2);
        OnnxValue k = a.Graph.Constant<double>([.. Enumerable.Range(0, feature.Order + 1).Select(k => (double)k)]);
        for (int i = 0; i < FormantFeature.NewtonSteps; i++)
        {
            OnnxValue turn = im.Unsqueeze(3) * k, cos = (turn + (Math.PI / 2)).One("Sin"), sin = turn.One("Sin");
            OnnxValue terms = a.Unsqueeze(2) * (re.Unsqueeze(3) * k).One("Exp"), slopes = terms * k;
            OnnxValue sumRe = (terms * cos).Sum(3).Squeeze(3), sumIm = (terms * sin).Sum(3).Squeeze(3);
            OnnxValue slopeRe = (slopes * cos).Sum(3).Squeeze(3), slopeIm = (slopes * sin).Sum(3).Squeeze(3);
            OnnxValue norm = (slopeRe * slopeRe) + (slopeIm * slopeIm);
            re -= ((sumRe * slopeRe) + (sumIm * slopeIm)) / norm;
            im -= ((sumIm * slopeRe) - (sumRe * slopeIm)) / norm;
        }
        return (im * (-1 / feature.RadiansPerHz), re * (2 / feature.RadiansPerHz));
    }
}
