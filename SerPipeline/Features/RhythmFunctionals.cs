using SerPipeline.Onnx;

namespace SerPipeline.Features;

/// <summary>Features of rhythm: duration, syllable rate, pauses and onsets.</summary>
internal sealed class RhythmFunctionals : IFunctional
{
    // De Jong and Wempe 2009, "Praat script to detect syllable nuclei and measure speech rate automatically".
    internal const float SyllableDipDb = 2;
    internal const int SmoothFrames = 5;
    internal const int NearFrames = 3;
    internal static readonly Statistic[] OnsetStatistics = [Statistic.Mean, Statistic.Deviation, Statistic.P90];

    public IReadOnlyList<string> Names { get; } =
    [
        "duration_seconds", "syllables_per_second", "syllables_per_loud_second", "pause_fraction", "pauses_per_second",
        "pause_seconds_mean", "pause_seconds_std",
        "onset_strength_mean", "onset_strength_std", "onset_strength_p90", "onsets_per_second",
    ];

    public void Compute(UtteranceFrames frames, Span<float> values)
    {
        double seconds = frames.Frames * frames.SecondsPerFrame;
        int loud = frames.Loud.Count(isLoud => isLoud), syllables = Syllables(frames);
        List<float> pauses = Segments.Lengths(frames.Loud, value: false, frames.SecondsPerFrame);
        List<float> onsets = OnsetStrength(frames.Of[Contour.LogMel]);
        var writer = new StatisticsWriter(values, frames.SecondsPerFrame);
        writer.Add((float)seconds);
        writer.Add((float)(syllables / seconds));
        writer.Add(loud == 0 ? 0 : (float)(syllables / (loud * frames.SecondsPerFrame)));
        writer.Add((float)(frames.Frames - loud) / frames.Frames);
        writer.Add((float)(pauses.Count / seconds));
        writer.Add(pauses, [Statistic.Mean, Statistic.Deviation]);
        writer.Add(onsets, OnsetStatistics);
        writer.Add((float)(Peaks(onsets) / seconds));
    }

    // Voiced peaks of the smoothed level that are at least 2 dB above the dips on both sides.
    private static int Syllables(UtteranceFrames frames)
    {
        float[] level = Smooth(frames.Of[Contour.LevelDb].Values);
        int count = 0, peak = 0;
        float dip = level[0];
        bool rising = true;
        for (int t = 0; t < level.Length; t++)
        {
            if (rising)
            {
                if (level[t] > level[peak]) peak = t;
                if (level[t] > level[peak] - SyllableDipDb) continue;
                if (IsVoicedNear(frames.Voiced, peak) && level[peak] >= dip + SyllableDipDb) count++;
                (rising, dip) = (false, level[t]);
            }
            else
            {
                dip = Math.Min(dip, level[t]);
                if (level[t] >= dip + SyllableDipDb) (rising, peak) = (true, t);
            }
        }
        return rising && IsVoicedNear(frames.Voiced, peak) && level[peak] >= dip + SyllableDipDb ? count + 1 : count;
    }

    // The loudest frame of a syllable may be unvoiced itself, as the pitch can change too fast for YIN.
    private static bool IsVoicedNear(bool[] voiced, int frame)
    {
        int first = Math.Max(0, frame - NearFrames), end = Math.Min(voiced.Length, frame + NearFrames + 1);
        return voiced.AsSpan(first, end - first).Contains(true);
    }

    private static float[] Smooth(ReadOnlySpan<float> values)
    {
        var smooth = new float[values.Length];
        for (int t = 0; t < smooth.Length; t++)
        {
            int first = Math.Max(0, t - (SmoothFrames / 2)), end = Math.Min(values.Length, t + (SmoothFrames / 2) + 1);
            smooth[t] = (float)Statistics.Mean(values[first..end]);
        }
        return smooth;
    }

    // Spectral flux: mean over the mel bands of the rise in dB since the previous frame.
    private static List<float> OnsetStrength(FrameMatrix logMel)
    {
        var strength = new double[Math.Max(0, logMel.Frames - 1)];
        for (int band = 0; band < logMel.Bands; band++)
        {
            ReadOnlySpan<float> row = logMel.Row(band);
            for (int t = 0; t < strength.Length; t++) strength[t] += Math.Max(0, row[t + 1] - row[t]);
        }
        return [.. strength.Select(s => (float)(s / logMel.Bands))];
    }

    // Local maxima more than one standard deviation above the mean.
    private static int Peaks(List<float> contour)
    {
        ReadOnlySpan<float> values = contour.ToArray();
        double mean = Statistics.Mean(values), least = mean + Statistics.Deviation(values, mean);
        int count = 0;
        for (int t = 1; t + 1 < values.Length; t++)
            if (values[t] > least && values[t] > values[t - 1] && values[t] >= values[t + 1]) count++;
        return count;
    }
}

/// <summary><see cref="RhythmFunctionals"/> as ONNX nodes.</summary>
internal static class RhythmOnnx
{
    /// <summary>float [batch, features].</summary>
    public static OnnxValue Add(UtteranceFramesOnnx contours)
    {
        OnnxGraphBuilder graph = contours.Counts.Graph;
        OnnxValue seconds = contours.Seconds, syllables = SyllablesOnnx.Count(contours).To(OnnxType.Double);
        OnnxValue loud = contours.Loud.To(OnnxType.Int64).Sum(2).Squeeze(1, 2), zero = graph.Scalar(0, OnnxType.Int64);
        // After each clip there are neither loud frames nor pauses.
        (OnnxValue length, OnnxValue isPause) = SegmentsOnnx.Lengths(contours.Valid & !contours.Loud, contours.SecondsPerFrame);
        var pauses = new StatisticsOnnx(isPause, contours.SecondsPerFrame);
        OnnxValue loudSeconds = loud.To(OnnxType.Double) * contours.SecondsPerFrame;
        OnnxValue perLoudSecond = (syllables / loudSeconds).Where(loud > zero, 0);
        OnnxValue strength = OnsetStrength(contours.Of[Contour.LogMel]), position = graph.Range(strength.Length(2)).Unsqueeze(0, 1);
        // There is one onset strength less than frames.
        var onsets = new StatisticsOnnx(position < contours.Counts.Unsqueeze(1, 2) - 1, contours.SecondsPerFrame);
        OnnxValue pauseFraction = (contours.Counts - loud).To(OnnxType.Float) / contours.Counts.To(OnnxType.Float);
        return graph.Concat(
            1,
            One(seconds), One(syllables / seconds), One(perLoudSecond), One(pauseFraction),
            One(pauses.Count.Squeeze(1, 2) / seconds), pauses.Take(length, 1, Statistic.Mean, Statistic.Deviation),
            onsets.Take(strength, 1, RhythmFunctionals.OnsetStatistics), One(Peaks(strength, onsets).To(OnnxType.Double) / seconds));
    }

    private static OnnxValue One(OnnxValue number) => number.To(OnnxType.Float).Unsqueeze(1);

    // Spectral flux from each frame to the next, float [batch, 1, frames].
    private static OnnxValue OnsetStrength(OnnxValue logMel)
    {
        OnnxValue gain = (SegmentsOnnx.Next(logMel) - logMel).AtLeast(0).To(OnnxType.Double);
        return (gain.Sum(1) / logMel.Length(1).To(OnnxType.Double)).To(OnnxType.Float);
    }

    // Local maxima more than one standard deviation above the mean, int64 [batch].
    private static OnnxValue Peaks(OnnxValue strength, StatisticsOnnx onsets)
    {
        OnnxGraphBuilder graph = strength.Graph;
        OnnxValue mean = onsets.Mean(strength), least = mean + onsets.Deviation(strength, mean);
        OnnxValue position = graph.Range(strength.Length(2)).Unsqueeze(0, 1);
        OnnxValue isInside = SegmentsOnnx.IsAfterFirst(strength) & (position < onsets.Count.To(OnnxType.Int64) - 1);
        OnnxValue isPeak = isInside & (strength.To(OnnxType.Double) > least)
            & (strength > SegmentsOnnx.Previous(strength)) & !(strength < SegmentsOnnx.Next(strength));
        return isPeak.To(OnnxType.Int64).Sum(2).Squeeze(1, 2);
    }
}

/// <summary>The syllable count of <see cref="RhythmFunctionals"/> as ONNX nodes.</summary>
internal static class SyllablesOnnx
{
    /// <summary>int64 [batch].</summary>
    public static OnnxValue Count(UtteranceFramesOnnx contours)
    {
        OnnxValue level = Smooth(contours), isVoiced = IsVoicedNear(contours.Voiced);
        OnnxGraphBuilder graph = level.Graph;
        OnnxValue first = level.Slice(1, 0, 1).Squeeze(1), none = contours.Counts * 0;
        OnnxValue rising = graph.Constant([true], [1]).Expand(contours.Counts.Length(0).Unsqueeze(0));
        IReadOnlyList<OnnxValue> end = graph.Scan(
            [rising, first, isVoiced.Slice(1, 0, 1).Squeeze(1), first, none], [level, isVoiced], 1,
            [OnnxColumn.BatchDimension],
            (before, frame) => Step(new State(before), frame[0], frame[1]).ToList());
        var last = new State(end);
        return last.Count + (last.Rising & last.IsSyllable).To(OnnxType.Int64);
    }

    // Rising to a peak or falling to a dip.
    private readonly record struct State(OnnxValue Rising, OnnxValue Peak, OnnxValue IsPeakVoiced, OnnxValue Dip, OnnxValue Count)
    {
        public State(IReadOnlyList<OnnxValue> values) : this(values[0], values[1], values[2], values[3], values[4]) { }

        public OnnxValue IsSyllable => IsPeakVoiced & !(Peak < Dip + RhythmFunctionals.SyllableDipDb);

        public IReadOnlyList<OnnxValue> ToList() => [Rising, Peak, IsPeakVoiced, Dip, Count];
    }

    private static State Step(State before, OnnxValue level, OnnxValue isVoiced)
    {
        OnnxValue rising = before.Rising, falling = !rising;
        // 1. Rising: a higher peak, or 2 dB below it the end of the rise.
        OnnxValue isHigher = level > before.Peak;
        OnnxValue peak = level.Where(isHigher, before.Peak);
        State up = before with { Peak = peak, IsPeakVoiced = (isHigher & isVoiced) | (!isHigher & before.IsPeakVoiced) };
        OnnxValue isEnd = rising & !(level > up.Peak - RhythmFunctionals.SyllableDipDb);
        // 2. Falling: a lower dip, or 2 dB above it a new rise.
        OnnxValue dip = before.Dip.Min(level), turns = falling & !(level < dip + RhythmFunctionals.SyllableDipDb);
        return new State(
            (rising & !isEnd) | turns,
            up.Peak.Where(rising, level),
            (rising & up.IsPeakVoiced) | (falling & isVoiced),
            level.Where(isEnd, dip.Where(falling, before.Dip)),
            before.Count + (isEnd & up.IsSyllable).To(OnnxType.Int64));
    }

    // Moving average, float [batch, frames]; the last frame is repeated after each clip, which changes no state.
    private static OnnxValue Smooth(UtteranceFramesOnnx contours)
    {
        const int Half = RhythmFunctionals.SmoothFrames / 2;
        OnnxValue level = contours.Of[Contour.LevelDb], frames = level.Length(2), counts = contours.Counts.Unsqueeze(1);
        OnnxValue padded = level.To(OnnxType.Double).Where(contours.Valid, 0).Pad([0, 0, Half], [0, 0, Half]);
        OnnxValue sum = Enumerable.Range(0, RhythmFunctionals.SmoothFrames)
            .Select(i => padded.Slice(2, i, i < 2 * Half ? i - (2 * Half) : long.MaxValue)).Aggregate((a, b) => a + b).Squeeze(1);
        OnnxValue position = level.Graph.Range(frames).Unsqueeze(0);
        OnnxValue smooth = (sum / ((position + (Half + 1)).Min(counts) - (position - Half).AtLeast(0)).AtLeast(1).To(OnnxType.Double))
            .To(OnnxType.Float);
        return smooth.GatherElements(position.Min(counts - 1), 1);
    }

    // The loudest frame of a syllable may lie in a transition where the period changes too fast to be called voiced: bool [batch, frames].
    private static OnnxValue IsVoicedNear(OnnxValue voiced)
    {
        const long Near = RhythmFunctionals.NearFrames;
        return voiced.Graph.Node("MaxPool", [voiced.To(OnnxType.Float)],
            [("kernel_shape", new[] { (2 * Near) + 1 }), ("pads", new[] { Near, Near })]).To(OnnxType.Bool).Squeeze(1);
    }
}
