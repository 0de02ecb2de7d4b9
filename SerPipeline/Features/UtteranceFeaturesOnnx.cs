using SerPipeline.Onnx;

namespace SerPipeline.Features;

/// <summary><see cref="UtteranceFeatures"/> as ONNX nodes. Each step has the same precision (float32 or double), so that decisions such as
/// which frames are voiced are the same.</summary>
internal static class UtteranceFeaturesOnnx
{
    /// <summary>From audio [batch, samples], zero-padded after each clip, to float [batch, slots].</summary>
    public static OnnxValue Add(OnnxColumn audio, UtteranceFeatures features)
    {
        OnnxGraphBuilder graph = audio.Values.Graph;
        UtteranceFramesOnnx contours = UtteranceAnalyzerOnnx.Add(audio, features.Plan);
        var statistics = new StatisticsOnnx(contours.Valid, contours.SecondsPerFrame);
        OnnxValue[] parts =
        [
            .. features.Contours.Select(c => statistics.Take(contours.Of[c.Contour], c.Bands, c.Taken)),
            VoiceOnnx.Add(contours), RhythmOnnx.Add(contours),
        ];
        if (features.Coordination.Coefficients > 0) parts = [.. parts, CoordinationOnnx.Add(contours, features.Coordination.Coefficients)];
        return graph.Concat(1, parts).Reshape(0, features.Names.Count);
    }
}

/// <summary><see cref="UtteranceAnalyzer"/> as ONNX nodes.</summary>
internal static class UtteranceAnalyzerOnnx
{
    public static UtteranceFramesOnnx Add(OnnxColumn audio, UtterancePlan plan)
    {
        // 1. One pass over the spectra.
        (OnnxValue power, OnnxValue counts) = StftOnnx.Power(audio, plan.Mel);
        OnnxValue magnitude = power.One("Sqrt"), logMel = LogMelOnnx.FromPower(power, counts, plan.Mel);
        OnnxValue valid = StftOnnx.ValidFrames(logMel, counts);
        // 2. MFCCs and deltas.
        OnnxValue mfcc = DctOnnx.Apply(logMel, new Dct(plan.Mel.MelBands, plan.Options.MfccCoefficients));
        IReadOnlyList<OnnxValue> near = DeltasOnnx.Neighbours(mfcc, counts);
        // 3. Level, pitch, pauses and voicing.
        OnnxValue level = RmsOnnx.Decibels(audio, plan, logMel.Length(2));
        (OnnxValue f0, OnnxValue aperiodicity) = YinOnnx.Add(audio, plan.Yin);
        OnnxValue loudest = level.Where(valid, UtterancePlan.QuietestDb).Greatest(2).To(OnnxType.Double);
        OnnxValue pause = (loudest - plan.Options.PauseDb).AtLeast(UtterancePlan.AudibleDb);
        OnnxValue loud = valid & (level.To(OnnxType.Double) > pause);
        OnnxValue voiced = loud & (aperiodicity.To(OnnxType.Double) < level.Graph.Scalar(plan.Options.VoicedBelow, OnnxType.Double));
        return new UtteranceFramesOnnx
        {
            Of = new Dictionary<Contour, OnnxValue>
            {
                [Contour.Mfcc] = mfcc,
                [Contour.MfccDelta] = DeltasOnnx.Add(near, order: 1),
                [Contour.MfccDeltaDelta] = DeltasOnnx.Add(near, order: 2),
                [Contour.LogMel] = logMel,
                [Contour.Chroma] = ChromaOnnx.Add(power, plan.Mel),
                [Contour.Contrast] = ContrastOnnx.Add(magnitude, valid, plan.Shape),
                [Contour.LevelDb] = level,
                [Contour.ZeroCrossings] = ZeroCrossingsOnnx.Add(audio, plan, logMel.Length(2)),
                [Contour.Centroid] = SpectralOnnx.Centroid(magnitude, plan.Shape),
                [Contour.Bandwidth] = SpectralOnnx.Bandwidth(magnitude, plan.Shape),
                [Contour.RollOff] = SpectralOnnx.RollOff(magnitude, plan.Shape),
                [Contour.Flatness] = SpectralOnnx.Flatness(power, plan.Shape),
                [Contour.Balance] = BalanceOnnx.Add(power, plan.Mel),
            },
            F0Hz = f0,
            Aperiodicity = aperiodicity,
            EnergyDb = EnergyOnnx.Add(power, plan.Mel),
            Counts = counts,
            Valid = valid,
            Loud = loud,
            Voiced = voiced,
            SecondsPerFrame = plan.SecondsPerFrame,
        };
    }
}

/// <summary><see cref="UtteranceFrames"/> in a graph: contours, float [batch, bands, frames], of which each clip has <see cref="Counts"/>
/// frames; later ones are undefined.</summary>
internal sealed record UtteranceFramesOnnx
{
    public required IReadOnlyDictionary<Contour, OnnxValue> Of { get; init; }

    /// <summary>[batch, 1, frames].</summary>
    public required OnnxValue F0Hz { get; init; }

    /// <summary>[batch, 1, frames].</summary>
    public required OnnxValue Aperiodicity { get; init; }

    /// <summary>[batch, 1, frames].</summary>
    public required OnnxValue EnergyDb { get; init; }

    /// <summary>Frames of each clip, int64 [batch].</summary>
    public required OnnxValue Counts { get; init; }

    /// <summary>Frames of the clip, bool [batch, 1, frames].</summary>
    public required OnnxValue Valid { get; init; }

    /// <summary>Frames of the clip that are not in a pause, bool [batch, 1, frames].</summary>
    public required OnnxValue Loud { get; init; }

    /// <summary>Loud frames with a pitch, bool [batch, 1, frames].</summary>
    public required OnnxValue Voiced { get; init; }

    public required double SecondsPerFrame { get; init; }

    /// <summary>Length of each clip, double [batch].</summary>
    public OnnxValue Seconds => Counts.To(OnnxType.Double) * SecondsPerFrame;
}
