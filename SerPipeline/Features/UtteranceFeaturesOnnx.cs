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
        if (features.Options.Gemaps) parts = [.. parts, GemapsOnnx.Add(contours)];
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
        OnnxValue balance = BalanceOnnx.Add(power, plan.Mel), frames = balance.Length(2), valid = StftOnnx.ValidFrames(balance, counts);
        // 2. Level, pitch, pauses and voicing.
        OnnxValue level = RmsOnnx.Decibels(audio, plan, frames);
        (OnnxValue f0, OnnxValue aperiodicity) = YinOnnx.Add(audio, plan.Yin);
        OnnxValue loudest = level.Where(valid, UtterancePlan.QuietestDb).Greatest(2).To(OnnxType.Double);
        OnnxValue pause = (loudest - plan.Options.PauseDb).AtLeast(UtterancePlan.AudibleDb);
        OnnxValue loud = valid & (level.To(OnnxType.Double) > pause);
        OnnxValue voiced = loud & (aperiodicity.To(OnnxType.Double) < level.Graph.Scalar(plan.Options.VoicedBelow, OnnxType.Double));
        var of = new Dictionary<Contour, OnnxValue>
        {
            [Contour.Balance] = balance,
            [Contour.LevelDb] = level,
            [Contour.Semitones] = VoiceOnnx.Semitones(f0),
            [Contour.Hnr] = VoiceOnnx.Hnr(aperiodicity),
        };
        // 3. What is computed from these.
        if (plan.IsGeneral) AddGeneral(of, audio, power, counts, valid, plan);
        if (plan.Options.Gemaps)
        {
            OnnxValue bands = LogMelOnnx.FromPower(power, counts, plan.Auditory);
            (of[Contour.Loudness], of[Contour.Flux]) = AuditoryOnnx.Add(bands, plan.Auditory);
            of[Contour.AuditoryMfcc] = DctOnnx.Apply(bands, new Dct(plan.Auditory.MelBands, Auditory.Coefficients));
            of[Contour.Slopes] = SlopeOnnx.Add(power, plan.Mel);
            of[Contour.Formants] = FormantOnnx.Add(power, plan.Mel);
            of[Contour.Harmonics] = HarmonicsOnnx.Add(audio, f0, of[Contour.Formants], plan);
            of[Contour.Cycles] = VoiceCyclesOnnx.Add(audio, f0, plan.Yin);
        }
        return new UtteranceFramesOnnx(
            of, F0Hz: f0, Aperiodicity: aperiodicity, Counts: counts, Valid: valid, Loud: loud, Voiced: voiced, plan.SecondsPerFrame);
    }

    private static void AddGeneral(Dictionary<Contour, OnnxValue> of, OnnxColumn audio, OnnxValue power, OnnxValue counts, OnnxValue valid,
        UtterancePlan plan)
    {
        OnnxValue magnitude = power.One("Sqrt"), logMel = LogMelOnnx.FromPower(power, counts, plan.Mel);
        OnnxValue mfcc = DctOnnx.Apply(logMel, new Dct(plan.Mel.MelBands, plan.Options.MfccCoefficients));
        IReadOnlyList<OnnxValue> near = DeltasOnnx.Neighbours(mfcc, counts);
        of[Contour.Mfcc] = mfcc;
        of[Contour.MfccDelta] = DeltasOnnx.Add(near, order: 1);
        of[Contour.MfccDeltaDelta] = DeltasOnnx.Add(near, order: 2);
        of[Contour.LogMel] = logMel;
        of[Contour.Chroma] = ChromaOnnx.Add(power, plan.Mel);
        of[Contour.Contrast] = ContrastOnnx.Add(magnitude, valid, plan.Shape);
        of[Contour.ZeroCrossings] = ZeroCrossingsOnnx.Add(audio, plan, logMel.Length(2));
        of[Contour.Centroid] = SpectralOnnx.Centroid(magnitude, plan.Shape);
        of[Contour.Bandwidth] = SpectralOnnx.Bandwidth(magnitude, plan.Shape);
        of[Contour.RollOff] = SpectralOnnx.RollOff(magnitude, plan.Shape);
        of[Contour.Flatness] = SpectralOnnx.Flatness(power, plan.Shape);
        of[Contour.EnergyDb] = EnergyOnnx.Add(power, plan.Mel);
    }
}

/// <summary><see cref="UtteranceFrames"/> in a graph: contours, float [batch, bands, frames], of which each clip has <see cref="Counts"/>
/// frames; later ones are undefined.</summary>
/// <param name="Of">The contours.</param>
/// <param name="F0Hz">[batch, 1, frames].</param>
/// <param name="Aperiodicity">[batch, 1, frames].</param>
/// <param name="Counts">Frames of each clip, int64 [batch].</param>
/// <param name="Valid">Frames of the clip, bool [batch, 1, frames].</param>
/// <param name="Loud">Frames of the clip that are not in a pause, bool [batch, 1, frames].</param>
/// <param name="Voiced">Loud frames with a pitch, bool [batch, 1, frames].</param>
/// <param name="SecondsPerFrame">Hop in seconds.</param>
internal sealed record UtteranceFramesOnnx(
    IReadOnlyDictionary<Contour, OnnxValue> Of, OnnxValue F0Hz, OnnxValue Aperiodicity, OnnxValue Counts, OnnxValue Valid, OnnxValue Loud,
    OnnxValue Voiced, double SecondsPerFrame)
{
    /// <summary>Length of each clip, double [batch].</summary>
    public OnnxValue Seconds => Counts.To(OnnxType.Double) * SecondsPerFrame;
}
