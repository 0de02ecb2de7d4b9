using SerPipeline.Audio;
using SerPipeline.Onnx;

namespace SerPipeline.Features;

/// <summary><see cref="Normalization.Apply"/> as ONNX nodes.</summary>
internal static class NormalizationOnnx
{
    public static OnnxColumn Add(OnnxColumn audio, NormalizationOptions options, int sampleRateHz)
    {
        OnnxValue peak = audio.Values.One("Abs").Greatest(1).To(OnnxType.Double), peakDbfs = peak.One("Log") * (20 / Math.Log(10));
        // Silence is not scaled.
        OnnxValue gainDb, isAudible;
        if (options.Mode == NormalizationMode.Peak)
        {
            (gainDb, isAudible) = ((peakDbfs * -1) + options.TargetPeakDbfs, peak > peak.Graph.Scalar(0, OnnxType.Double));
        }
        else
        {
            (OnnxValue lufs, isAudible) = LoudnessOnnx.Add(audio, sampleRateHz);
            gainDb = ((lufs * -1) + options.TargetLufs).Min((peakDbfs * -1) + options.MaxPeakDbfs);
        }
        OnnxValue scaled = (audio.Values.To(OnnxType.Double) * (gainDb * (Math.Log(10) / 20)).One("Exp")).To(OnnxType.Float);
        return audio with { Values = scaled.Where(isAudible, audio.Values) };
    }
}

/// <summary><see cref="Loudness"/> of mono clips as ONNX nodes.</summary>
internal static class LoudnessOnnx
{
    /// <summary>Integrated loudness in LUFS, double [batch, 1], and whether any block is louder than -70 LUFS.</summary>
    public static (OnnxValue Lufs, OnnxValue IsAudible) Add(OnnxColumn audio, int sampleRateHz)
    {
        (OnnxValue powers, OnnxValue valid) = BlockPowers(audio, sampleRateHz);
        // 1. Absolute gate, then the relative gate.
        OnnxValue levels = ToLufs(powers), audible = valid & (levels > levels.Graph.Scalar(Loudness.AbsoluteGate, OnnxType.Double));
        OnnxValue passed = audible & (levels > ToLufs(Mean(powers, audible)) + Loudness.RelativeGate);
        // 2. Mean of the blocks above both gates, at least the loudest one.
        return (ToLufs(Mean(powers, passed)), audible.To(OnnxType.Int32).Greatest(1).To(OnnxType.Bool));
    }

    private static OnnxValue ToLufs(OnnxValue power) => DecibelsOnnx.OfPower(power) + Loudness.Offset;

    private static OnnxValue Mean(OnnxValue powers, OnnxValue counted) =>
        powers.Where(counted, 0).Sum(1) / counted.To(OnnxType.Double).Sum(1).AtLeast(1);

    // Weighted mean square of each block, double [batch, blocks], by differences of cumulative sums, and the mask of blocks of each clip.
    private static (OnnxValue Powers, OnnxValue Valid) BlockPowers(OnnxColumn audio, int sampleRateHz)
    {
        int step = Loudness.StepSamples(sampleRateHz), samples = Loudness.BlockSamples(sampleRateHz);
        OnnxValue weighted = KWeightingOnnx.Add(audio.Values.To(OnnxType.Double), sampleRateHz);
        OnnxValue sums = (weighted * weighted).Pad([0, 0], [0, 1]).CumulativeSum(1, exclusive: true);
        // A clip shorter than a block is a single block.
        OnnxValue lengths = audio.Lengths!.Unsqueeze(1), block = lengths.AtMost(samples), all = audio.Values.Length(1);
        OnnxValue position = audio.Values.Graph.Range(((all - samples).AtLeast(0) / step) + 1).Unsqueeze(0), start = position * step;
        OnnxValue At(OnnxValue at) => sums.GatherElements(at.Min(all), 1);
        OnnxValue sum = At(start + block) - At(start + (block * 0));
        return (sum.AtLeast(0) / block.To(OnnxType.Double), !(position > (lengths - block) / step));
    }
}

/// <summary><see cref="KWeighting"/> as ONNX nodes. The filter is linear, so its output for a block is a matrix times the block's samples
/// plus a matrix times the filter state before it. A loop carries the state from block to block. Exact except for the order of
/// sums.</summary>
internal static class KWeightingOnnx
{
    // Block length: longer blocks need more products per sample, shorter ones more iterations.
    private const int BlockSamples = 128, StateLength = 4;

    /// <summary>From double [batch, samples] to double [batch, samples or more].</summary>
    public static OnnxValue Add(OnnxValue samples, int sampleRateHz)
    {
        OnnxGraphBuilder graph = samples.Graph;
        var filter = new KWeighting(sampleRateHz);
        // 1. Blocks, the last one zero-padded: [batch, blocks, samples].
        OnnxValue all = samples.Length(1), zero = graph.Constant([0L]);
        OnnxValue missing = ((((all + (BlockSamples - 1)) / BlockSamples) * BlockSamples) - all).Unsqueeze(0);
        OnnxValue blocks = graph.Node("Pad", [samples, graph.Concat(0, zero, zero, zero, missing)]).Reshape(0, -1, BlockSamples);
        // 2. For each unit state: the output of a block of zeros, and the state after it.
        (double[] Output, double[] State)[] units = [.. Enumerable.Range(0, StateLength).Select(i => Run(filter, Unit(i), []))];
        double[] decay = [.. units.SelectMany(m => m.State)];
        // 3. For each unit sample in a block: the output, which is a delayed impulse response, and the state after the block.
        double[] response = Run(filter, default, [1]).Output;
        double[] states = [.. Enumerable.Range(0, BlockSamples).SelectMany(i => Run(filter, default, [.. new double[i], 1]).State)];
        // 4. The state before each block, [batch, blocks, state], and the sum of both outputs.
        OnnxValue before = StatesBefore(blocks.MatMul(graph.Constant<double>(states, [BlockSamples, StateLength])), decay);
        OnnxValue fromState = before.MatMul(graph.Constant<double>([.. units.SelectMany(m => m.Output)], [StateLength, BlockSamples]));
        return (blocks.MatMul(Delayed(graph, response)) + fromState).Reshape(0, -1);
    }

    private static OnnxValue StatesBefore(OnnxValue added, double[] decay)
    {
        OnnxValue none = added.Slice(1, 0, 1).Squeeze(1) * 0;
        return added.Graph.Scan([none], [added], 1, [OnnxColumn.BatchDimension, StateLength], (state, block) =>
            [state[0].MatMul(state[0].Graph.Constant<double>(decay, [StateLength, StateLength])) + block[0], state[0]])[1];
    }

    // [block, block]: row i is the response to a sample at i. Built in the graph from one response, as the matrix would be most of its
    // size.
    private static OnnxValue Delayed(OnnxGraphBuilder graph, double[] response)
    {
        OnnxValue position = graph.Range(graph.Scalar(BlockSamples, OnnxType.Int64)), delay = position.Unsqueeze(0) - position.Unsqueeze(1);
        return graph.Constant<double>([0, .. response]).Gather((delay + 1).AtLeast(0), 0);
    }

    // Filters a block that is zero after its first samples.
    private static (double[] Output, double[] State) Run(KWeighting filter, KWeighting.State state, double[] first)
    {
        var output = new double[BlockSamples];
        for (int i = 0; i < BlockSamples; i++) output[i] = filter.Next(i < first.Length ? first[i] : 0, ref state);
        return (output, [state.Shelf1, state.Shelf2, state.HighPass1, state.HighPass2]);
    }

    private static KWeighting.State Unit(int i) => new(i == 0 ? 1 : 0, i == 1 ? 1 : 0, i == 2 ? 1 : 0, i == 3 ? 1 : 0);
}
