using SerPipeline.Audio;
using SerPipeline.Old.Pipeline;
using SerPipeline.Onnx;


namespace SerPipeline.Features;

/// <summary><see cref="Loudness"/> as ONNX nodes, of clips of one channel.</summary>
internal static class LoudnessExport
{
    /// <param name="audio">Audio [batch, samples], zeros behind each clip.</param>
    /// <param name="sampleRateHz">The rate.</param>
    /// <returns>Integrated loudness in LUFS, double [batch, 1], and whether there is any: a clip may have no block louder than -70 LUFS.</returns>
    public static (OnnxValue Lufs, OnnxValue IsAudible) Add(OnnxColumn audio, int sampleRateHz)
    {
        (OnnxValue powers, OnnxValue valid) = BlockPowers(audio, sampleRateHz);
        // 1. The absolute gate, then the relative gate from what passed.
        OnnxValue levels = ToLufs(powers), audible = valid & (levels > levels.Graph.Scalar(Loudness.AbsoluteGate, OnnxType.Double));
        OnnxValue passed = audible & (levels > ToLufs(Mean(powers, audible)) + Loudness.RelativeGate);
        // 2. The mean of what passed both. The loudest block always does.
        return (ToLufs(Mean(powers, passed)), audible.To(OnnxType.Int32).Greatest(1).To(OnnxType.Bool));
    }

    private static OnnxValue ToLufs(OnnxValue power) => DecibelsExport.OfPower(power) + Loudness.Offset;

    private static OnnxValue Mean(OnnxValue powers, OnnxValue counted) => powers.Where(counted, 0).Sum(1) / counted.To(OnnxType.Double).Sum(1).AtLeast(1);

    // The weighted mean square of every block, double [batch, blocks], and which blocks each clip has. Each is a difference of two running sums.
    private static (OnnxValue Powers, OnnxValue Valid) BlockPowers(OnnxColumn audio, int sampleRateHz)
    {
        int step = Loudness.StepSamples(sampleRateHz), samples = Loudness.BlockSamples(sampleRateHz);
        OnnxValue weighted = KWeightingExport.Add(audio.Values.To(OnnxType.Double), sampleRateHz);
        OnnxValue sums = (weighted * weighted).Pad([0, 0], [0, 1]).CumulativeSum(1, exclusive: true);
        // A clip shorter than a block is one block of its own length.
        OnnxValue lengths = audio.Lengths!.Unsqueeze(1), block = lengths.AtMost(samples), all = audio.Values.Length(1);
        OnnxValue place = audio.Values.Graph.Range(((all - samples).AtLeast(0) / step) + 1).Unsqueeze(0), start = place * step;
        OnnxValue At(OnnxValue at) => sums.GatherElements(at.Min(all), 1);
        OnnxValue sum = At(start + block) - At(start + (block * 0));
        return (sum.AtLeast(0) / block.To(OnnxType.Double), !(place > (lengths - block) / step));
    }
}
