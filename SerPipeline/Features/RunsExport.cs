using SerPipeline.Onnx;


namespace SerPipeline.Features;

/// <summary><see cref="Segments"/> as ONNX nodes, and each frame's neighbours.</summary>
internal static class RunsExport
{
    /// <summary>How long each run of frames with a state lasts.</summary>
    /// <param name="state">bool [batch, 1, frames]; false behind each clip.</param>
    /// <param name="secondsPerFrame">The time between frames.</param>
    /// <returns>Seconds, float [batch, 1, frames], the runs first, and which of them are there, bool [batch, 1, frames].</returns>
    public static (OnnxValue Seconds, OnnxValue IsRun) Lengths(OnnxValue state, double secondsPerFrame)
    {
        OnnxValue frames = state.Length(2), place = state.Graph.Range(frames).Unsqueeze(0, 1);
        OnnxValue goesOn = Previous(state) & IsAfterFirst(state), isFollowed = Next(state) & (place < frames - 1);
        // The n-th run starts at the n-th start and ends at the n-th end.
        OnnxValue start = Ordered(state & !goesOn), end = Ordered(state & !isFollowed);
        return (((end - start + 1).To(OnnxType.Double) * secondsPerFrame).To(OnnxType.Float), start < frames);

        OnnxValue Ordered(OnnxValue where) => place.Where(where, frames).Sorted(2);
    }

    /// <summary>The frame before each one, the first for itself.</summary>
    public static OnnxValue Previous(OnnxValue frames) => frames.Gather((frames.Graph.Range(frames.Length(2)) - 1).AtLeast(0), 2);

    /// <summary>The frame behind each one, the last for itself.</summary>
    public static OnnxValue Next(OnnxValue frames)
    {
        OnnxValue count = frames.Length(2);
        return frames.Gather((frames.Graph.Range(count) + 1).Min(count - 1), 2);
    }

    /// <summary>Which frames have one before them, bool [1, 1, frames].</summary>
    public static OnnxValue IsAfterFirst(OnnxValue frames) => frames.Graph.Range(frames.Length(2)).Unsqueeze(0, 1) > frames.Graph.Scalar(0, OnnxType.Int64);
}
