using SerPipeline.Onnx;

namespace SerPipeline.Features;

/// <summary><see cref="SpectrogramRenderer"/> as ONNX nodes, in double precision as well.</summary>
internal static class SpectrogramRendererOnnx
{
    /// <summary>From [batch, bands, frames] and the frames of each clip to levels 0 to 255, float [batch, 1, bands, width].</summary>
    /// <exception cref="ModelExportException">The width is not fixed.</exception>
    public static OnnxColumn Add(OnnxColumn frames, SpectrogramRendererOptions options)
    {
        if (options.Width == 0)
            throw new ModelExportException("SpectrogramImage cannot be exported to ONNX with one column per frame: "
                + "the images of a batch must have the same width. Set Width.");
        OnnxValue values = frames.Values.To(OnnxType.Double), counts = frames.Lengths!;
        if (options.Fit == WidthFit.Resize)
        {
            // Rounded to float32 first, as in ColumnResampler.
            values = values.MatMul(ResizeWeights(values, counts.To(OnnxType.Double), options.Width)).To(OnnxType.Float).To(OnnxType.Double);
            counts = (counts * 0) + options.Width;
        }
        (OnnxValue low, OnnxValue high) = Range(values, StftOnnx.ValidFrames(values, counts), counts, options);
        (OnnxValue shown, OnnxValue inside) = Shown(values, counts, options);
        OnnxValue levels = (((shown - low) / (high - low)).AtLeast(0).AtMost(1) * 255).One("Round").To(OnnxType.Float).Where(inside, 0);
        if (options.LowFrequencyAtBottom) levels = FlippedRows(levels);
        return new OnnxColumn(levels.Unsqueeze(1));
    }

    // The columns of the image, [batch, bands, width], and a mask of those that are not padding, bool [batch, 1, width].
    private static (OnnxValue Shown, OnnxValue Inside) Shown(OnnxValue values, OnnxValue counts, SpectrogramRendererOptions options)
    {
        OnnxGraphBuilder graph = values.Graph;
        OnnxValue position = graph.Constant([.. Enumerable.Range(0, options.Width).Select(x => (long)x)]).Unsqueeze(0);
        OnnxValue start = options.Fit == WidthFit.Center
            ? ((counts - options.Width).To(OnnxType.Double) / 2).One("Floor").To(OnnxType.Int64)
            : counts * 0;
        position += start.Unsqueeze(1);
        OnnxValue inside = !(position < graph.Scalar(0, OnnxType.Int64)) & (position < counts.Unsqueeze(1));
        OnnxValue shown = values.Transpose(0, 2, 1).GatherRows(position.AtLeast(0).Min(values.Length(2) - 1)).Transpose(0, 2, 1);
        return (shown, inside.Unsqueeze(1));
    }

    // Values of level 0 and level 255 of each clip, [batch, 1, 1].
    private static (OnnxValue Low, OnnxValue High) Range(OnnxValue values, OnnxValue valid, OnnxValue counts,
        SpectrogramRendererOptions options)
    {
        OnnxGraphBuilder graph = values.Graph;
        if (options.Scaling == PixelScaling.FixedRange)
            return (graph.Scalar(options.LowDb, OnnxType.Double), graph.Scalar(options.HighDb, OnnxType.Double));
        OnnxValue least = values.Where(valid, double.PositiveInfinity).Least(1, 2);
        OnnxValue greatest = values.Where(valid, double.NegativeInfinity).Greatest(1, 2);
        (OnnxValue low, OnnxValue high) = (least, greatest);
        if (options.Scaling == PixelScaling.Standardized)
        {
            OnnxValue count = (counts * values.Length(1)).To(OnnxType.Double).Unsqueeze(1, 2);
            OnnxValue mean = values.Where(valid, 0).Sum(1, 2) / count, distance = (values - mean).Where(valid, 0);
            OnnxValue half = ((distance * distance).Sum(1, 2) / count).One("Sqrt") * options.StandardDeviations;
            (low, high) = (mean - half, mean + half);
        }
        // A constant image has an empty range: extend it upwards, so that all pixels are level 0.
        OnnxValue varies = greatest > least;
        return (low.Where(varies, least), high.Where(varies, least + least.One("Abs").AtLeast(1)));
    }

    private static OnnxValue FlippedRows(OnnxValue levels)
    {
        OnnxValue rows = levels.Length(1);
        return levels.Gather((levels.Graph.Range(rows) * -1) + (rows - 1), 1);
    }

    // Weight of each frame in each column, [batch, frames, width], as in ColumnResampler: means when shrinking, linear interpolation when
    // growing.
    private static OnnxValue ResizeWeights(OnnxValue values, OnnxValue counts, int width)
    {
        OnnxGraphBuilder graph = values.Graph;
        OnnxValue frame = graph.Range(values.Length(2)).To(OnnxType.Double).Unsqueeze(0, 2), count = counts.Unsqueeze(1, 2);
        OnnxValue column = graph.Constant<double>([.. Enumerable.Range(0, width).Select(x => (double)x)], [1, 1, width]);
        OnnxValue ratio = count / width;
        OnnxValue from = column * ratio, to = ((column + 1) * ratio).Min(count);
        OnnxValue means = ((frame + 1).Min(to) - frame.Max(from)).AtLeast(0) / (to - from);
        OnnxValue position = (((column + 0.5) * ratio) - 0.5).AtLeast(0).Min(count - 1);
        OnnxValue between = (((frame - position).One("Abs") * -1) + 1).AtLeast(0);
        return means.Where(count > graph.Scalar(width, OnnxType.Double), between);
    }
}
