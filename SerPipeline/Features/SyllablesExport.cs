using SerPipeline.Onnx;


namespace SerPipeline.Features;

/// <summary>The syllable count of <see cref="RhythmFunctionals"/> as ONNX nodes: peaks of the smoothed level that stand 2 dB above the dips on both sides, where the voice is on.</summary>
internal static class SyllablesExport
{
    /// <returns>int64 [batch].</returns>
    public static OnnxValue Add(UtteranceContours contours)
    {
        OnnxValue level = Smooth(contours), isVoiced = IsVoicedNear(contours.Voiced);
        OnnxGraphBuilder graph = level.Graph;
        OnnxValue first = level.Slice(1, 0, 1).Squeeze(1), none = contours.Counts * 0, rising = graph.Constant([true], [1]).Expand(contours.Counts.Length(0).Unsqueeze(0));
        IReadOnlyList<OnnxValue> end = graph.Scan(
            [rising, first, isVoiced.Slice(1, 0, 1).Squeeze(1), first, none], [level, isVoiced], 1, [Old.Pipeline.OnnxExport.BatchDimension],
            (before, frame) => Step(new State(before), frame[0], frame[1]).ToList());
        var last = new State(end);
        return last.Count + (last.Rising & last.IsSyllable).To(OnnxType.Int64);
    }

    // Where a clip stands: on the way up to a peak, or down to a dip.
    private readonly record struct State(OnnxValue Rising, OnnxValue Peak, OnnxValue IsPeakVoiced, OnnxValue Dip, OnnxValue Count)
    {
        public State(IReadOnlyList<OnnxValue> values) : this(values[0], values[1], values[2], values[3], values[4]) { }

        public OnnxValue IsSyllable => IsPeakVoiced & !(Peak < Dip + RhythmFunctionals.SyllableDipDb);

        public IReadOnlyList<OnnxValue> ToList() => [Rising, Peak, IsPeakVoiced, Dip, Count];
    }

    private static State Step(State before, OnnxValue level, OnnxValue isVoiced)
    {
        OnnxValue rising = before.Rising, falling = !rising;
        // 1. On the way up: a new peak, or, 2 dB below the last one, its end.
        OnnxValue isHigher = level > before.Peak;
        State up = before with { Peak = level.Where(isHigher, before.Peak), IsPeakVoiced = (isHigher & isVoiced) | (!isHigher & before.IsPeakVoiced) };
        OnnxValue isEnd = rising & !(level > up.Peak - RhythmFunctionals.SyllableDipDb);
        // 2. On the way down: a new dip, or, 2 dB above the last one, a new way up.
        OnnxValue dip = before.Dip.Min(level), turns = falling & !(level < dip + RhythmFunctionals.SyllableDipDb);
        return new State(
            (rising & !isEnd) | turns,
            up.Peak.Where(rising, level),
            (rising & up.IsPeakVoiced) | (falling & isVoiced),
            level.Where(isEnd, dip.Where(falling, before.Dip)),
            before.Count + (isEnd & up.IsSyllable).To(OnnxType.Int64));
    }

    // The mean of the clip's frames around each one; behind its end the last one goes on, which changes no state. float [batch, frames].
    private static OnnxValue Smooth(UtteranceContours contours)
    {
        const int Half = RhythmFunctionals.SmoothFrames / 2;
        OnnxValue level = contours.Of[Contour.LevelDb], frames = level.Length(2), counts = contours.Counts.Unsqueeze(1);
        OnnxValue padded = level.To(OnnxType.Double).Where(contours.Valid, 0).Pad([0, 0, Half], [0, 0, Half]);
        OnnxValue sum = Enumerable.Range(0, RhythmFunctionals.SmoothFrames)
            .Select(i => padded.Slice(2, i, i < 2 * Half ? i - (2 * Half) : long.MaxValue)).Aggregate((a, b) => a + b).Squeeze(1);
        OnnxValue place = level.Graph.Range(frames).Unsqueeze(0);
        OnnxValue smooth = (sum / ((place + (Half + 1)).Min(counts) - (place - Half).AtLeast(0)).AtLeast(1).To(OnnxType.Double)).To(OnnxType.Float);
        return smooth.GatherElements(place.Min(counts - 1), 1);
    }

    // The loudest frame of a syllable may lie in a transition where the period changes too fast to be called voiced: bool [batch, frames].
    private static OnnxValue IsVoicedNear(OnnxValue voiced)
    {
        const long Near = RhythmFunctionals.NearFrames;
        return voiced.Graph.Node("MaxPool", [voiced.To(OnnxType.Float)], [("kernel_shape", new[] { (2 * Near) + 1 }), ("pads", new[] { Near, Near })]).To(OnnxType.Bool).Squeeze(1);
    }
}
