using Microsoft.ML.Transforms.Image;
using SerPipeline.Onnx;
using SerPipeline.Transforms;

namespace SerPipeline.Prediction;

/// <summary>
/// What image transformers of ML.NET do to grey images, found by giving them one: their options are not public. In both kinds a pixel
/// depends on one level alone, so a table of 256 values says everything.
/// </summary>
internal static class PixelProbe
{
    // Pixel i holds level i.
    private const int Side = 16, Levels = Side * Side;

    /// <summary>ExtractPixels on a grey image [batch, 1, height, width]: float [batch, slots], in ML.NET's order.</summary>
    /// <exception cref="ModelExportException">The values are not one number a level, in planes or interleaved.</exception>
    public static OnnxValue Extract(ImagePixelExtractingTransformer stage, string input, string output, ImageDataViewType type,
        OnnxValue image)
    {
        IDataView probe = Probe(stage, input);
        DataViewType found = probe.Schema[output].Type;
        if (found is not VectorDataViewType { ItemType: NumberDataViewType { RawType: var raw } } || raw != typeof(float))
            throw Refused(input, $"{found}");
        float[] values = probe.GetColumn<float[]>(output).Single();
        int channels = values.Length / Levels, pixels = type.Height * type.Width;
        // Offset and scale make a line of the levels, and alpha a constant; side by side, the channels of one pixel make steps.
        bool isPlanar = IsStraight(values[..Levels]);
        float[][] tables = [.. Enumerable.Range(0, channels).Select(c => Enumerable.Range(0, Levels)
            .Select(level => values[isPlanar ? (c * Levels) + level : (level * channels) + c]).ToArray())];
        if (!tables.All(IsStraight)) throw Refused(input, "values that depend on more than a pixel's level");
        OnnxValue flat = image.Reshape(0, pixels);
        OnnxValue[] planes = [.. tables.Select(table => IsIdentity(table) ? flat
            : table.Distinct().Count() == 1 ? (flat * 0) + table[0]
            : image.Graph.Constant<float>(table).Gather(flat.To(OnnxType.Int64), 0))];
        if (channels == 1) return planes[0];
        return isPlanar ? image.Graph.Concat(1, planes)
            : image.Graph.Concat(2, [.. planes.Select(plane => plane.Unsqueeze(2))]).Reshape(0, (long)channels * pixels);
    }

    /// <summary>ConvertToGrayscale on a grey image: levels [batch, 1, height, width].</summary>
    /// <exception cref="ModelExportException">The result is not grey.</exception>
    public static OnnxValue Grayscale(ImageGrayscalingTransformer stage, string input, string output, OnnxValue image)
    {
        using MLImage gray = Probe(stage, input).GetColumn<MLImage>(output).Single();
        byte[][] colors = [.. gray.Pixels.ToArray().Chunk(4)];
        if (colors.Any(color => color[0] != color[1] || color[0] != color[2])) throw Refused(input, "an image that is not grey");
        return image.Graph.Constant<float>([.. colors.Select(color => (float)color[0])]).Gather(image.To(OnnxType.Int64), 0);
    }

    private static IDataView Probe(ITransformer stage, string input)
    {
        byte[] pixels = [.. Enumerable.Range(0, Levels).SelectMany(i => (byte[])[(byte)i, (byte)i, (byte)i, byte.MaxValue])];
        return stage.Transform(new MemoryView(1, [MemoryView.Of(input, new ImageDataViewType(Side, Side),
            _ => MLImage.CreateFromPixels(Side, Side, MLPixelFormat.Bgra32, pixels))]));
    }

    private static bool IsIdentity(float[] table) => table.Select((value, level) => value == level).All(same => same);

    private static bool IsStraight(float[] values)
    {
        double slope = ((double)values[^1] - values[0]) / (values.Length - 1);
        double tolerance = (0.1 * Math.Abs(slope)) + (1e-6 * values.Max(MathF.Abs));
        return values.Index().All(v => Math.Abs(values[0] + (slope * v.Index) - v.Item) <= tolerance);
    }

    private static ModelExportException Refused(string column, string found) =>
        new($"What is computed from the image column '{column}' has no form in ONNX: it gives {found}. "
            + "Use ExtractPixels with plain options.");
}
