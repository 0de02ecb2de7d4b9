using SerPipeline.Onnx;

namespace SerPipeline.Features;

/// <summary>
/// Jitter, shimmer and harmonics-to-noise ratio of each voiced frame, <c>[3, frames]</c>: how much the period after the frame's middle
/// differs from the one before it, as a share of their mean; by how many dB their neighbours differ from the cycle in the middle; and
/// 10 log10(r / (1 - r)), where r is their mean correlation with it. The periods are the lags at which that cycle correlates most with what
/// follows and with what precedes, within a fifth of YIN's period. NaN where no cycle fits on both sides, such as at the start of a voice,
/// and in frames without voice. Immutable and thread-safe.
/// </summary>
internal sealed class VoiceCycles
{
    // Least correlation of neighbouring cycles: what is less alike is the start or end of the voice.
    internal const double LeastMatch = 0.5;
    // Greatest correlation, of 40 dB harmonics to noise: interpolation between samples tells no more.
    internal const double GreatestMatch = 0.9999;
    // And the least that it falls from its greatest to the lags beside it: between equal samples all lags fit alike.
    internal const double LeastBend = 1e-8;
    // What a sample of lag costs: of two that fit alike, as where a period ends in the middle between samples, the lesser.
    internal const double LagCost = 1e-9;
    // Divides instead of a lesser energy, as a share of the cycle's own, so that rounding noise in silence does not look alike.
    internal const double LeastEnergy = 1e-4;

    private readonly YinOptions _options;
    private readonly Framing _framing;

    public VoiceCycles(YinOptions options)
    {
        _options = options;
        // Half a cycle, the greatest lag and the sample that interpolation adds, on each side.
        int longest = options.MaxPeriod + 1;
        MaxLag = LagsOf(longest).High;
        _framing = new Framing(2 * ((longest / 2) + MaxLag + 2), options.HopSamples, center: true, SignalPadding.Constant);
    }

    public Framing Framing => _framing;

    public int MaxLag { get; }

    /// <summary>The lags that are tried for a period in samples.</summary>
    public static (int Low, int High) LagsOf(int period) => (period * 4 / 5, period + (period - (period * 4 / 5)));

    public FrameMatrix Extract(ReadOnlySpan<float> mono, FrameMatrix f0Hz, bool[] voiced)
    {
        var result = new FrameMatrix(3, voiced.Length);
        result.Values.AsSpan().Fill(float.NaN);
        if (!voiced.Contains(true)) return result;
        using var padded = new PaddedSignal(_framing, mono, voiced.Length);
        var signal = new double[padded.Samples.Length];
        for (int i = 0; i < signal.Length; i++) signal[i] = padded.Samples[i];
        (int low, int high) = LagsOf(_options.MaxPeriod + 1);
        Span<double> matches = stackalloc double[high - low + 1];
        for (int t = 0; t < voiced.Length; t++)
        {
            if (!voiced[t]) continue;
            int period = (int)((_options.SampleRateHz / (double)f0Hz.Values[t]) + 0.5);
            int start = (t * _options.HopSamples) + _framing.Before - (period / 2);
            double energy = Dot(signal, start, start, period);
            (double next, double nextEnergy, double nextMatch) = Neighbour(signal, start, period, energy, 1, matches);
            (double previous, double previousEnergy, double previousMatch) = Neighbour(signal, start, period, energy, -1, matches);
            if (!(Math.Min(nextMatch, previousMatch) > LeastMatch)) continue;
            result[0, t] = (float)(2 * Math.Abs(next - previous) / (next + previous));
            result[1, t] = (float)((Decibels(nextEnergy, energy) + Decibels(previousEnergy, energy)) / 2);
            double match = Math.Min((nextMatch + previousMatch) / 2, GreatestMatch);
            result[2, t] = (float)(10 * Math.Log10(match / (1 - match)));
        }
        return result;
    }

    private static double Decibels(double energy, double other) => Math.Abs(10 * Math.Log10(energy / other));

    // The lag of the best match in one direction, between samples, and the energy and correlation there; no correlation where there is no
    // best one among the lags tried.
    private static (double Lag, double Energy, double Match) Neighbour(double[] signal, int start, int period, double energy, int direction,
        Span<double> match)
    {
        (int low, int high) = LagsOf(period);
        int best = 0;
        double bestEnergy = 0;
        for (int lag = low; lag <= high; lag++)
        {
            int from = start + (direction * lag), i = lag - low;
            double own = Math.Max(Dot(signal, from, from, period), LeastEnergy * energy);
            match[i] = Dot(signal, start, from, period) / Math.Sqrt(energy * own);
            if (i > 0 && !(match[i] - (LagCost * i) > match[best] - (LagCost * best))) continue;
            (best, bestEnergy) = (i, own);
        }
        if (best == 0 || best == high - low) return (low + best, bestEnergy, 0);
        // The parabola through the maximum and its neighbours.
        double before = match[best - 1], after = match[best + 1], bend = after + before - (2 * match[best]);
        double shift = (before - after) / (2 * bend);
        return (low + best + shift, bestEnergy, bend < -LeastBend ? match[best] - (bend * shift * shift / 2) : 0);
    }

    private static double Dot(double[] signal, int a, int b, int length)
    {
        ReadOnlySpan<Vector<double>> x = MemoryMarshal.Cast<double, Vector<double>>(signal.AsSpan(a, length));
        ReadOnlySpan<Vector<double>> y = MemoryMarshal.Cast<double, Vector<double>>(signal.AsSpan(b, length));
        Vector<double> sums = Vector<double>.Zero;
        for (int i = 0; i < x.Length; i++) sums = Vector.MultiplyAddEstimate(x[i], y[i], sums);
        double sum = Vector.Sum(sums);
        for (int i = x.Length * Vector<double>.Count; i < length; i++) sum += signal[a + i] * signal[b + i];
        return sum;
    }
}

/// <summary><see cref="VoiceCycles"/> as ONNX nodes: all lags at once as a product of spectra, energies as differences of cumulative
/// sums.</summary>
internal static class VoiceCyclesOnnx
{
    /// <summary>From pitch, float [batch, 1, frames], to float [batch, 3, frames]; frames without voice have values too.</summary>
    public static OnnxValue Add(OnnxColumn audio, OnnxValue f0Hz, YinOptions options)
    {
        OnnxGraphBuilder graph = audio.Values.Graph;
        var cycles = new VoiceCycles(options);
        int size = cycles.Framing.FrameSamples, lags = cycles.MaxLag + 1, length = (int)BitOperations.RoundUpToPowerOf2((uint)size);
        (OnnxValue cut, _) = FramingOnnx.Cut(audio, cycles.Framing, SignalPadding.Constant, 0, size);
        OnnxValue frames = cut.To(OnnxType.Double);
        // 1. The cycle in the middle, by sample of the frame: [batch, frames, 1].
        OnnxValue seconds = graph.Scalar(options.SampleRateHz, OnnxType.Double) / f0Hz.To(OnnxType.Double).Transpose(0, 2, 1);
        OnnxValue period = (seconds + 0.5).To(OnnxType.Int64), start = (period / 2 * -1) + (size / 2), end = start + period;
        OnnxValue position = graph.Range(graph.Scalar(size, OnnxType.Int64)).Unsqueeze(0, 1);
        OnnxValue cycle = frames.Where(!(position < start) & (position < end), 0);
        // 2. Its correlation with the frame at each lag, forwards and backwards: [batch, frames, 2, lags].
        OnnxValue products = YinOnnx.Correlation(cycle, frames, length);
        long[] at = [.. Forwards(lags), .. Forwards(lags).Select(lag => (length - lag) % length)];
        OnnxValue product = products.Gather(graph.Constant(at), 2).Reshape(0, 0, 2, lags);
        // 3. Energies there; lags that leave the frame are none of those tried.
        OnnxValue sums = (frames * frames).Pad([0, 0, 1], [0, 0, 0]).CumulativeSum(2);
        OnnxValue signed = graph.Constant([.. Forwards(lags), .. Forwards(lags).Select(lag => -lag)]);
        OnnxValue Sum(OnnxValue position) => sums.GatherElements((position + signed).AtLeast(0).AtMost(size), 2);
        OnnxValue energies = (Sum(end) - Sum(start)).Reshape(0, 0, 2, lags);
        OnnxValue energy = energies.Slice(2, 0, 1).Slice(3, 0, 1);
        energies = energies.Max(energy * VoiceCycles.LeastEnergy);
        OnnxValue match = product / (energy * energies).One("Sqrt");
        // 4. The best lag of those tried, and between samples.
        OnnxValue low = (period * 4 / 5).Unsqueeze(3), high = (period * 2).Unsqueeze(3) - low;
        OnnxValue lag = graph.Range(graph.Scalar(lags, OnnxType.Int64)).Unsqueeze(0, 1, 2);
        OnnxValue best = (match - (lag.To(OnnxType.Double) * VoiceCycles.LagCost))
            .Where(!(lag < low) & !(lag > high), double.NegativeInfinity).ArgMax(3).Unsqueeze(3);
        OnnxValue At(OnnxValue values, OnnxValue index) => values.GatherElements(index, 3);
        OnnxValue here = At(match, best), before = At(match, (best - 1).AtLeast(0)), after = At(match, (best + 1).AtMost(lags - 1));
        OnnxValue bend = after + before - (here * 2), shift = (before - after) / (bend * 2), found = best.To(OnnxType.Double) + shift;
        OnnxValue isBest = (best > low) & (best < high) & (bend < graph.Scalar(-VoiceCycles.LeastBend, OnnxType.Double));
        // 5. Jitter, shimmer and noise.
        OnnxValue next = found.Slice(2, 0, 1), previous = found.Slice(2, 1, 2);
        OnnxValue jitter = (next - previous).One("Abs") * 2 / (next + previous);
        OnnxValue shimmer = DecibelsOnnx.OfPower(At(energies, best) / energy).One("Abs").Sum(2) / 2;
        OnnxValue matched = (here - (bend * shift * shift / 2)).Where(isBest, 0);
        OnnxValue isMatch = matched.Least(2) > graph.Scalar(VoiceCycles.LeastMatch, OnnxType.Double);
        OnnxValue mean = (matched.Sum(2) / 2).AtMost(VoiceCycles.GreatestMatch), hnr = DecibelsOnnx.OfPower(mean / ((mean * -1) + 1));
        return StftOnnx.ToContour(graph.Concat(2, jitter, shimmer, hnr).Where(isMatch, double.NaN).Squeeze(3));
    }
    private static IEnumerable<long> Forwards(int lags) => Enumerable.Range(0, lags).Select(lag => (long)lag);
}

/// <summary>
/// Levels of harmonics of each voiced frame in dB, <c>[5, frames]</c>, from spectra of 60 ms: the first over the second (H1-H2), the first
/// over the highest within a fifth of the third formant's frequency (H1-A3), and those nearest to the three formants over the first. NaN
/// without that formant, and in frames without voice. Immutable and thread-safe.
/// </summary>
internal sealed class Harmonics
{
    public const int Values = 2 + FormantFeature.Formants;
    internal const double Nearby = 0.2;

    private readonly StftPlan _plan;

    public Harmonics(UtterancePlan plan)
    {
        Options = OptionsOf(plan);
        _plan = new StftPlan(Options);
    }

    public StftOptions Options { get; }

    public FrameMatrix Extract(ReadOnlySpan<float> mono, FrameMatrix f0Hz, FrameMatrix formants, bool[] voiced)
    {
        var result = new FrameMatrix(Values, voiced.Length);
        result.Values.AsSpan().Fill(float.NaN);
        using var run = new StftRun(_plan, mono);
        using var pool = new LanePool(_plan.Bins);
        while (run.Next())
        {
            if (!voiced.AsSpan(run.FirstFrame, run.Lanes).Contains(true)) continue;
            run.Power(pool.Lanes);
            for (int lane = 0; lane < run.Lanes; lane++)
                if (voiced[run.FirstFrame + lane]) Measure(pool.Lanes, lane, f0Hz, formants, result, run.FirstFrame + lane);
        }
        return result;
    }

    private void Measure(ReadOnlySpan<Vector<double>> power, int lane, FrameMatrix f0Hz, FrameMatrix formants, FrameMatrix result, int t)
    {
        double f0 = f0Hz[0, t], first = Level(power, lane, f0);
        result[0, t] = (float)(first - Level(power, lane, 2 * f0));
        for (int i = 0; i < FormantFeature.Formants; i++)
        {
            double hz = formants[2 * i, t];
            if (double.IsNaN(hz)) return;
            result[2 + i, t] = (float)(Level(power, lane, Math.Max(1, Math.Floor((hz / f0) + 0.5)) * f0) - first);
            if (i == FormantFeature.Formants - 1) result[1, t] = (float)(first - Highest(power, lane, hz));
        }
    }

    // The top of the peak at a harmonic, by a parabola through three bins in dB.
    private double Level(ReadOnlySpan<Vector<double>> power, int lane, double hz)
    {
        int k = Math.Clamp((int)((hz / Options.HzPerBin) + 0.5), 2, power.Length - 3), top = k - 1;
        if (power[k][lane] > power[top][lane]) top = k;
        if (power[k + 1][lane] > power[top][lane]) top = k + 1;
        double before = Db(power[top - 1][lane]), here = Db(power[top][lane]), after = Db(power[top + 1][lane]);
        double bend = after + before - (2 * here), slope = (after - before) / 2;
        return Math.Abs(slope) < -bend ? here - (slope * slope / (2 * bend)) : here;
    }

    private double Highest(ReadOnlySpan<Vector<double>> power, int lane, double hz)
    {
        double most = 0;
        for (int k = 0; k < power.Length; k++)
            if (k * Options.HzPerBin >= (1 - Nearby) * hz && k * Options.HzPerBin <= (1 + Nearby) * hz)
                most = Math.Max(most, power[k][lane]);
        return Db(most);
    }

    private static double Db(double power) => 10 * Math.Log10(Math.Max(power, BalanceFeature.Floor));

    private static StftOptions OptionsOf(UtterancePlan plan)
    {
        int window = (int)Math.Round(plan.Options.SampleRateHz * 0.060);
        return new StftOptions
        {
            SampleRateHz = plan.Options.SampleRateHz,
            FftLength = (int)BitOperations.RoundUpToPowerOf2((uint)window),
            WindowSamples = window,
            HopSamples = plan.Options.HopSamples,
        };
    }
}

/// <summary><see cref="Harmonics"/> as ONNX nodes.</summary>
internal static class HarmonicsOnnx
{
    /// <summary>From pitch and formants, float [batch, 1, frames] and [batch, 6, frames], to float [batch, 5, frames]; frames without voice
    /// have values too.</summary>
    public static OnnxValue Add(OnnxColumn audio, OnnxValue f0Hz, OnnxValue formants, UtterancePlan plan)
    {
        OnnxGraphBuilder graph = audio.Values.Graph;
        var harmonics = new Harmonics(plan);
        (OnnxValue power, _) = StftOnnx.Power(audio, harmonics.Options);
        int bins = (harmonics.Options.FftLength / 2) + 1;
        // 1. Frequencies of the harmonics, [batch, frames, 5]: some of a formant that is not there, which is taken out again below.
        OnnxValue f0 = f0Hz.To(OnnxType.Double).Transpose(0, 2, 1);
        OnnxValue centre = formants.Gather(graph.Constant([0L, 2, 4]), 1).To(OnnxType.Double).Transpose(0, 2, 1);
        OnnxValue isMissing = graph.Node("IsNaN", [centre], type: OnnxType.Bool);
        centre = centre.Where(!isMissing, 0);
        OnnxValue hz = graph.Concat(2, f0, f0 * 2, ((centre / f0) + 0.5).One("Floor").AtLeast(1) * f0);
        // 2. Their levels.
        OnnxValue k = ((hz / harmonics.Options.HzPerBin) + 0.5).To(OnnxType.Int64).AtLeast(2).AtMost(bins - 3);
        OnnxValue At(OnnxValue index) => power.GatherElements(index, 2);
        OnnxValue Higher(OnnxValue one, OnnxValue other) => other.Where(At(other) > At(one), one);
        OnnxValue top = Higher(Higher(k - 1, k), k + 1);
        OnnxValue Db(OnnxValue power) => DecibelsOnnx.OfPower(power.AtLeast(BalanceFeature.Floor));
        OnnxValue before = Db(At(top - 1)), here = Db(At(top)), after = Db(At(top + 1));
        OnnxValue bend = after + before - (here * 2), slope = (after - before) / 2;
        OnnxValue level = here - (slope * slope / (bend * 2)).Where(slope.One("Abs") < bend * -1, 0);
        OnnxValue first = level.Slice(2, 0, 1), second = level.Slice(2, 1, 2), nearest = level.Slice(2, 2, long.MaxValue);
        // 3. The highest near the third formant.
        OnnxValue bin = graph.Constant<double>([.. Enumerable.Range(0, bins).Select(b => b * harmonics.Options.HzPerBin)]);
        OnnxValue third = centre.Slice(2, 2, 3);
        OnnxValue isNear = !(bin < third * (1 - Harmonics.Nearby)) & !(bin > third * (1 + Harmonics.Nearby));
        OnnxValue highest = (first - Db(power.Where(isNear, 0).Greatest(2))).Where(!isMissing.Slice(2, 2, 3), double.NaN);
        return StftOnnx.ToContour(graph.Concat(2, first - second, highest, (nearest - first).Where(!isMissing, double.NaN)));
    }
}
