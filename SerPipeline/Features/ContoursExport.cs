using SerPipeline.Old.Pipeline;
using SerPipeline.Onnx;


namespace SerPipeline.Features;

/// <summary><see cref="UtteranceAnalyzer"/> as ONNX nodes.</summary>
internal static class ContoursExport
{
    /// <param name="audio">Audio [batch, samples], zeros behind each clip.</param>
    /// <param name="plan">How the contours are computed.</param>
    public static UtteranceContours Add(OnnxColumn audio, UtterancePlan plan)
    {
        // 1. One pass over the spectra.
        (OnnxValue power, OnnxValue counts) = SpectrumExport.Power(audio, plan.Mel);
        OnnxValue magnitude = power.One("Sqrt"), logMel = LogMelExport.FromPower(power, counts, plan.Mel), valid = SpectrumExport.ValidFrames(logMel, counts);
        // 2. Cepstra and their movement.
        OnnxValue mfcc = MfccMeansExport.Cepstra(logMel, new Dct(plan.Mel.MelBands, plan.Options.MfccCoefficients));
        IReadOnlyList<OnnxValue> near = DeltasExport.Neighbours(mfcc, counts);
        // 3. Level, pitch, pauses and voicing.
        OnnxValue level = LevelContourExport.Decibels(audio, plan, logMel.Length(2));
        (OnnxValue f0, OnnxValue aperiodicity) = YinExport.Add(audio, plan.Yin);
        OnnxValue loudest = level.Where(valid, UtterancePlan.QuietestDb).Greatest(2).To(OnnxType.Double);
        OnnxValue pause = (loudest - plan.Options.PauseDb).AtLeast(UtterancePlan.AudibleDb);
        OnnxValue loud = valid & (level.To(OnnxType.Double) > pause);
        OnnxValue voiced = loud & (aperiodicity.To(OnnxType.Double) < level.Graph.Scalar(plan.Options.VoicedBelow, OnnxType.Double));
        return new UtteranceContours
        {
            Of = new Dictionary<Contour, OnnxValue>
            {
                [Contour.Mfcc] = mfcc,
                [Contour.MfccDelta] = DeltasExport.Add(near, order: 1),
                [Contour.MfccDeltaDelta] = DeltasExport.Add(near, order: 2),
                [Contour.LogMel] = logMel,
                [Contour.Chroma] = ChromaExport.Add(power, plan.Mel),
                [Contour.Contrast] = ContrastExport.Add(magnitude, valid, plan.Shape),
                [Contour.LevelDb] = level,
                [Contour.ZeroCrossings] = LevelContourExport.ZeroCrossings(audio, plan, logMel.Length(2)),
                [Contour.Centroid] = ShapeExport.Centroid(magnitude, plan.Shape),
                [Contour.Bandwidth] = ShapeExport.Bandwidth(magnitude, plan.Shape),
                [Contour.RollOff] = ShapeExport.RollOff(magnitude, plan.Shape),
                [Contour.Flatness] = ShapeExport.Flatness(power, plan.Shape),
                [Contour.Balance] = BalanceExport.Ratios(power, plan.Mel),
            },
            F0Hz = f0,
            Aperiodicity = aperiodicity,
            EnergyDb = BalanceExport.Energy(power, plan.Mel),
            Counts = counts,
            Valid = valid,
            Loud = loud,
            Voiced = voiced,
            SecondsPerFrame = plan.SecondsPerFrame,
        };
    }

    /// <summary>Stores one number, or several, of each frame as a contour.</summary>
    /// <param name="values">double [batch, frames, bands].</param>
    /// <returns>float [batch, bands, frames].</returns>
    public static OnnxValue Stored(OnnxValue values) => values.To(OnnxType.Float).Transpose(0, 2, 1);
}
