using SerPipeline.Old.Pipeline;
using SerPipeline.Old.Transforms;
using SerPipeline.Onnx;


namespace SerPipeline.Features;

/// <summary>The least length of a clip as ONNX nodes: see <see cref="LoadAudioOptions.MinimumSeconds"/>.</summary>
internal static class PadExport
{
    /// <param name="audio">Audio [batch, samples], zeros behind each clip.</param>
    /// <param name="least">The least samples of a clip.</param>
    /// <returns>The same with shorter clips in the middle of so many zeros, [batch, at least so many].</returns>
    public static OnnxColumn Add(OnnxColumn audio, int least)
    {
        OnnxValue lengths = audio.Lengths!, all = audio.Values.Length(1);
        OnnxValue padded = lengths.AtLeast(least), before = (padded - lengths) / 2;
        // Where each sample comes from; negative, or behind the clip, for silence.
        OnnxValue from = audio.Values.Graph.Range(all.AtLeast(least)).Unsqueeze(0) - before.Unsqueeze(1);
        OnnxValue moved = audio.Values.GatherElements(from.AtLeast(0).Min(all - 1), 1);
        OnnxValue within = (from > from.Graph.Scalar(-1, OnnxType.Int64)) & (from < lengths.Unsqueeze(1));
        return new OnnxColumn(moved.Where(within, 0), padded);
    }
}
