using SerPipeline.Audio;
using SerPipeline.Old.Pipeline;
using SerPipeline.Onnx;


namespace SerPipeline.Features;

/// <summary>
/// <see cref="KWeighting"/> as ONNX nodes. The filter is linear, so a stretch of its output is a matrix times that stretch of samples plus a matrix times what the filter remembers before
/// it; what it remembers is carried from stretch to stretch by a loop. Nothing is cut off: only the order of sums differs.
/// </summary>
internal static class KWeightingExport
{
    // Samples of a stretch: long ones need more products a sample, short ones more steps of the loop.
    private const int Stretch = 128, Memory = 4;

    /// <param name="samples">double [batch, samples].</param>
    /// <param name="sampleRateHz">The rate.</param>
    /// <returns>Weighted samples, double [batch, samples or more].</returns>
    public static OnnxValue Add(OnnxValue samples, int sampleRateHz)
    {
        OnnxGraphBuilder graph = samples.Graph;
        var filter = new KWeighting(sampleRateHz);
        // 1. Stretches, zeros behind the last: [batch, stretches, samples].
        OnnxValue all = samples.Length(1), zero = graph.Constant([0L]), lacking = ((((all + (Stretch - 1)) / Stretch) * Stretch) - all).Unsqueeze(0);
        OnnxValue stretches = graph.Node("Pad", [samples, graph.Concat(0, zero, zero, zero, lacking)]).Reshape(0, -1, Stretch);
        // 2. What each number that the filter remembers becomes: what is heard of it, and what is left of it.
        (double[] Heard, double[] Left)[] memories = [.. Enumerable.Range(0, Memory).Select(i => Run(filter, Unit(i), []))];
        double[] fading = [.. memories.SelectMany(m => m.Left)];
        // 3. And each sample of a stretch: the first is heard for all of it, later ones for less.
        double[] response = Run(filter, default, [1]).Heard;
        double[] left = [.. Enumerable.Range(0, Stretch).SelectMany(i => Run(filter, default, [.. new double[i], 1]).Left)];
        // 4. What is remembered before each stretch, [batch, stretches, memory], and the output of both.
        OnnxValue before = Remembered(stretches.MatMul(graph.Constant<double>(left, [Stretch, Memory])), fading);
        OnnxValue ringing = before.MatMul(graph.Constant<double>([.. memories.SelectMany(m => m.Heard)], [Memory, Stretch]));
        return (stretches.MatMul(Delayed(graph, response)) + ringing).Reshape(0, -1);
    }

    private static OnnxValue Remembered(OnnxValue added, double[] fading)
    {
        OnnxValue none = added.Slice(1, 0, 1).Squeeze(1) * 0;
        return added.Graph.Scan([none], [added], 1, [OnnxExport.BatchDimension, Memory], (memory, stretch) =>
            [memory[0].MatMul(memory[0].Graph.Constant<double>(fading, [Memory, Memory])) + stretch[0], memory[0]])[1];
    }

    // [stretch, stretch]: in row i the response to a sample at i. Built from one response by the nodes themselves, as the matrix would be most of the graph.
    private static OnnxValue Delayed(OnnxGraphBuilder graph, double[] response)
    {
        OnnxValue place = graph.Range(graph.Scalar(Stretch, OnnxType.Int64)), delay = place.Unsqueeze(0) - place.Unsqueeze(1);
        return graph.Constant<double>([0, .. response]).Gather((delay + 1).AtLeast(0), 0);
    }

    // Weighs a stretch of which only the first samples may be other than 0.
    private static (double[] Heard, double[] Left) Run(KWeighting filter, KWeighting.State state, double[] first)
    {
        var heard = new double[Stretch];
        for (int i = 0; i < Stretch; i++) heard[i] = filter.Next(i < first.Length ? first[i] : 0, ref state);
        return (heard, [state.Shelf1, state.Shelf2, state.HighPass1, state.HighPass2]);
    }

    private static KWeighting.State Unit(int i) => new(i == 0 ? 1 : 0, i == 1 ? 1 : 0, i == 2 ? 1 : 0, i == 3 ? 1 : 0);
}
