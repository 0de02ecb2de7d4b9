using SerPipeline.Onnx;

namespace SerPipeline.Features;

/// <summary><see cref="GemapsFeatures"/> as ONNX nodes. Each step has the same precision (float32 or double), so that decisions are the
/// same.</summary>
internal static class GemapsFeaturesOnnx
{
    /// <summary>From audio [batch, samples], zero-padded after each clip, to float [batch, 88].</summary>
    public static OnnxValue Add(OnnxColumn audio, GemapsFeatures features) =>
        GemapsOnnx.Add(UtteranceAnalyzerOnnx.Add(audio, features.Plan)).Reshape(0, features.Names.Count);
}

/// <summary><see cref="GemapsFunctionals"/> as ONNX nodes.</summary>
internal static class GemapsOnnx
{
    // Pitch and loudness.
    private const int MovingContours = 2;

    /// <summary>float [batch, 88].</summary>
    public static OnnxValue Add(UtteranceFramesOnnx contours)
    {
        OnnxGraphBuilder graph = contours.Voiced.Graph;
        double hop = contours.SecondsPerFrame;
        OnnxValue unvoiced = contours.Valid & !contours.Voiced, masks = graph.Concat(1, contours.Valid, contours.Voiced, unvoiced);
        // 1. Pitch and loudness: percentiles, rises, falls and peaks.
        OnnxValue isMoving = graph.Concat(1, contours.Voiced, contours.Valid);
        OnnxValue moving = Smooth(graph.Concat(1, contours.Of[Contour.Semitones], contours.Of[Contour.Loudness]), isMoving);
        (OnnxValue slope, OnnxValue isRise, OnnxValue isFall, OnnxValue isPeak) = Parts(moving, isMoving, hop);
        OnnxValue[] movements = [.. Enumerable.Range(0, MovingContours).Select(i =>
        {
            OnnxValue Of(OnnxValue both) => both.Slice(1, i, i + 1);
            OnnxValue levels = new StatisticsOnnx(Of(isMoving), hop).Take(Of(moving), 1, GemapsFunctionals.Levels);
            OnnxValue Slopes(OnnxValue which) => new StatisticsOnnx(Of(which), hop).Take(Of(slope), 1, GemapsFunctionals.Moments);
            return graph.Concat(1, levels, levels.Slice(1, -1, long.MaxValue) - levels.Slice(1, -3, -2), Slopes(isRise), Slopes(isFall));
        })];
        // 2. Mean and spread of the others, all at once.
        OnnxValue moments = Moments(contours, masks);
        // 3. Timing and level.
        OnnxValue seconds = contours.Seconds.Unsqueeze(1);
        OnnxValue peaks = isPeak.Slice(1, 1, 2).To(OnnxType.Double).Sum(2).Squeeze(2);
        (OnnxValue voicedSeconds, OnnxValue isVoiced) = SegmentsOnnx.Lengths(contours.Voiced, hop);
        (OnnxValue otherSeconds, OnnxValue isOther) = SegmentsOnnx.Lengths(unvoiced, hop);
        var voiced = new StatisticsOnnx(isVoiced, hop);
        OnnxValue power = (contours.Of[Contour.LevelDb].To(OnnxType.Double) * (Math.Log(10) / 10)).One("Exp");
        OnnxValue level = DecibelsOnnx.OfPower(new StatisticsOnnx(contours.Valid, hop).Mean(power)).Squeeze(2);
        return graph.Concat(
            1,
            [.. movements, moments, (peaks / seconds).To(OnnxType.Float), (voiced.Count.Squeeze(2) / seconds).To(OnnxType.Float),
            voiced.Take(voicedSeconds, 1, GemapsFunctionals.Moments),
            new StatisticsOnnx(isOther, hop).Take(otherSeconds, 1, GemapsFunctionals.Moments), level.To(OnnxType.Float)]);
    }

    private static OnnxValue Moments(UtteranceFramesOnnx contours, OnnxValue masks)
    {
        OnnxGraphBuilder graph = masks.Graph;
        IReadOnlyList<GemapsContour> rows = GemapsFunctionals.Contours;
        OnnxValue values = graph.Concat(1, [.. rows.Select(row => contours.Of[row.Contour].Slice(1, row.Band, row.Band + 1))]);
        OnnxValue mask = masks.Gather(graph.Constant([.. rows.Select(row => (long)row.Over)]), 1)
            & !graph.Node("IsNaN", [values], type: OnnxType.Bool);
        values = Smooth(values, mask);
        var statistics = new StatisticsOnnx(mask, contours.SecondsPerFrame);
        // Both kinds of spread of each row, of which the names tell which are values.
        OnnxValue all = statistics.Take(values, rows.Count, Statistic.Mean, Statistic.Deviation, Statistic.Variation);
        return all.Gather(graph.Constant([.. rows.SelectMany((row, i) => row.Statistics.Select(statistic => (3L * i) + statistic switch
        {
            Statistic.Mean => 0,
            Statistic.Deviation => 1,
            _ => 2,
        }))]), 1);
    }

    // The mean of each frame and its neighbours as far as they are in the mask: float [batch, rows, frames].
    private static OnnxValue Smooth(OnnxValue values, OnnxValue mask)
    {
        OnnxValue sum = Sum(values.To(OnnxType.Double).Where(mask, 0)), count = Sum(mask.To(OnnxType.Double));
        return (sum / count.AtLeast(1)).To(OnnxType.Float);

        static OnnxValue Sum(OnnxValue frames)
        {
            OnnxValue padded = frames.Pad([0, 0, 1], [0, 0, 1]);
            return padded.Slice(2, 0, -2) + padded.Slice(2, 1, -1) + padded.Slice(2, 2, long.MaxValue);
        }
    }

    // GemapsFunctionals.Parts of both contours at once: the slope of the part that ends at a frame, float [batch, 2, frames + 1], and where
    // it was a rise or a fall, and where a rise ended in a turn, bool of the same shape.
    private static (OnnxValue Slope, OnnxValue IsRise, OnnxValue IsFall, OnnxValue IsPeak) Parts(OnnxValue contours, OnnxValue mask,
        double secondsPerFrame)
    {
        OnnxGraphBuilder graph = contours.Graph;
        OnnxValue range = contours.Where(mask, double.NegativeInfinity).Greatest(2)
            - contours.Where(mask, double.PositiveInfinity).Least(2);
        OnnxValue least = graph.Constant<double>([GemapsFunctionals.LeastSemitones, GemapsFunctionals.LeastLoudness], [MovingContours, 1]);
        // 0.1 is a double there too; without a value the range is -infinity.
        OnnxValue step = (range.To(OnnxType.Double) * GemapsFunctionals.LeastShare).Max(least).Squeeze(2);
        // Pitch that has leapt to another harmonic is no value, and a frame without a value, one more at the end, ends what is still open.
        OnnxValue leap = graph.Constant<float>([GemapsFunctionals.LeapSemitones, float.PositiveInfinity], [MovingContours, 1]);
        OnnxValue leaps = SegmentsOnnx.Previous(mask) & ((contours - SegmentsOnnx.Previous(contours)).One("Abs") > leap);
        OnnxValue values = contours.Where(mask, 0).Pad([0, 0, 0], [0, 0, 1]);
        OnnxValue hasValue = (mask & !leaps).To(OnnxType.Float).Pad([0, 0, 0], [0, 0, 1]).To(OnnxType.Bool);
        OnnxValue number = values.Slice(2, 0, 1).Squeeze(2) * 0, count = number.To(OnnxType.Double), no = number.To(OnnxType.Bool);
        IReadOnlyList<OnnxValue> all = graph.Scan(
            [count, step, no, no, no, number, number, count, count], [values, hasValue], 2, [OnnxColumn.BatchDimension, MovingContours],
            (before, frame) => Step(before, frame[0], frame[1]));
        return ((all[9] / secondsPerFrame).To(OnnxType.Float), all[10], all[11], all[12]);
    }

    // States: frame, step, whether the last frame had a value, whether it rises, whether it falls, low, high, and their frames.
    private static IReadOnlyList<OnnxValue> Step(IReadOnlyList<OnnxValue> state, OnnxValue value, OnnxValue hasValue)
    {
        (OnnxValue at, OnnxValue step, OnnxValue had) = (state[0], state[1], state[2]);
        (OnnxValue rises, OnnxValue falls) = (state[3], state[4]);
        (OnnxValue low, OnnxValue high, OnnxValue lowAt, OnnxValue highAt) = (state[5], state[6], state[7], state[8]);
        OnnxValue goesOn = hasValue & had, begins = !goesOn;
        // 1. Go on rising or falling.
        OnnxValue isHigher = begins | (goesOn & !falls & (value > high)), isLower = begins | (goesOn & !rises & (value < low));
        OnnxValue ends = begins & had;
        (OnnxValue newHigh, OnnxValue newHighAt) = (value.Where(isHigher, high), at.Where(isHigher, highAt));
        (OnnxValue newLow, OnnxValue newLowAt) = (value.Where(isLower, low), at.Where(isLower, lowAt));
        // 2. Or turn.
        OnnxValue precise = value.To(OnnxType.Double);
        OnnxValue turnsDown = goesOn & !falls & !(newHigh.To(OnnxType.Double) - precise < step);
        OnnxValue turnsUp = goesOn & !rises & !turnsDown & !(precise - newLow.To(OnnxType.Double) < step);
        // 3. What has ended: at the end of the values as they were, at a turn with this frame's extremes.
        OnnxValue height = high.Where(ends, newHigh).To(OnnxType.Double) - low.Where(ends, newLow).To(OnnxType.Double);
        OnnxValue frames = (highAt.Where(ends, newHighAt) - lowAt.Where(ends, newLowAt)).One("Abs").AtLeast(1);
        return
        [
            at + 1, step, hasValue, turnsUp | (rises & goesOn & !turnsDown), turnsDown | (falls & goesOn & !turnsUp),
            value.Where(turnsDown, newLow), value.Where(turnsUp, newHigh), at.Where(turnsDown, newLowAt), at.Where(turnsUp, newHighAt),
            height / frames, rises & (ends | turnsDown), falls & (ends | turnsUp), rises & turnsDown,
        ];
    }
}
