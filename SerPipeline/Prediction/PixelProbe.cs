using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using SerPipeline.Onnx;

namespace SerPipeline.Prediction;

/// <summary>
/// What image transformers of ML.NET do to grey images, found by giving them one: their options are not public. A pixel depends on one
/// level alone in both kinds,
/// so a table of 256 values says everything.
/// </summary>
internal static class PixelProbe
{
    private const int Levels = 256;

    /// <summary>ExtractPixels on a grey image [batch, 1, height, width]: float [batch, slots], in ML.NET's order.</summary>
    /// <exception cref="ModelExportException">The values are not one number a level, times planes or interleaved.</exception>
    public static OnnxValue Extract(ImagePixelExtractingTransformer stage, string input, string output, ImageDataViewType type,
        OnnxValue image)
    {
        int pixels = type.Height * type.Width;
        // Every level, and every place for itself: pixel i holds level (i + shift) % 256, so images of fewer than 256 pixels need several.
        var tables = new float[Levels][];
        int channels = 0;
        bool interleaved = false;
        for (int shift = 0; shift < Levels; shift += Math.Min(pixels, Levels))
        {
            float[] values = Run<VBuffer<float>, float[]>(stage, input, output, type, shift, v => v.DenseValues().ToArray());
            channels = values.Length / pixels;
            if (channels == 0 || channels * pixels != values.Length) throw Refused(input, $"{values.Length} values of {pixels} pixels");
            // Two places that hold different levels tell planes from interleaving; with one channel both are the same.
            interleaved = channels > 1 && IsInterleaved(values, pixels, channels, shift);
            for (int i = 0; i < pixels; i++)
            {
                float[] one = [.. Enumerable.Range(0, channels).Select(c => values[interleaved ? (i * channels) + c : (c * pixels) + i])];
                int level = (i + shift) % Levels;
                if (tables[level] is { } known && !known.SequenceEqual(one))
                    throw Refused(input, "values that depend on more than a pixel's level");
                tables[level] = one;
            }
        }
        return Apply(tables, channels, interleaved, image, pixels);
    }

    /// <summary>ConvertToGrayscale on a grey image: levels [batch, 1, height, width].</summary>
    /// <exception cref="ModelExportException">The result is not grey.</exception>
    public static OnnxValue Grayscale(ImageGrayscalingTransformer stage, string input, string output, ImageDataViewType type,
        OnnxValue image)
    {
        var table = new float[Levels];
        int pixels = type.Height * type.Width;
        for (int shift = 0; shift < Levels; shift += Math.Min(pixels, Levels))
        {
            byte[] bytes = Run<MLImage, byte[]>(stage, input, output, type, shift, v => v.Pixels.ToArray());
            for (int i = 0; i < pixels; i++)
            {
                if (bytes[4 * i] != bytes[(4 * i) + 1] || bytes[4 * i] != bytes[(4 * i) + 2])
                    throw Refused(input, "an image that is not grey");
                table[(i + shift) % Levels] = bytes[4 * i];
            }
        }
        return image.Graph.Constant<float>(table).Gather(image.To(OnnxType.Int64), 0);
    }

    private static OnnxValue Apply(float[][] tables, int channels, bool interleaved, OnnxValue image, int pixels)
    {
        var planes = new OnnxValue[channels];
        for (int c = 0; c < channels; c++)
        {
            float[] table = [.. tables.Select(values => values[c])];
            OnnxValue flat = image.Reshape(0, pixels);
            planes[c] = IsIdentity(table) ? flat
                : table.Distinct().Count() == 1 ? (flat * 0) + table[0]
                : image.Graph.Constant<float>(table).Gather(flat.To(OnnxType.Int64), 0);
        }
        if (channels == 1) return planes[0];
        return interleaved
            ? image.Graph.Concat(2, [.. planes.Select(plane => plane.Unsqueeze(2))]).Reshape(0, (long)channels * pixels)
            : image.Graph.Concat(1, planes);
    }

    private static bool IsIdentity(float[] table) => table.Select((value, level) => value == level).All(same => same);

    // In planes, equal levels give equal values within each plane; a grey image whose first two levels differ has different values side by
    // side there.
    private static bool IsInterleaved(float[] values, int pixels, int channels, int shift)
    {
        bool Fits(Func<int, int, int> place)
        {
            var seen = new float?[Levels, channels];
            for (int i = 0; i < pixels; i++)
                for (int c = 0; c < channels; c++)
                {
                    ref float? known = ref seen[(i + shift) % Levels, c];
                    float value = values[place(i, c)];
                    if (known is { } before && before != value) return false;
                    known = value;
                }
            // Colours of grey are equal but for alpha, and rise with the level.
            return Enumerable.Range(0, channels).All(c => IsStraight([.. Enumerable.Range(0, Levels).Select(level => seen[level, c])]));
        }
        return !Fits((i, c) => (c * pixels) + i) && Fits((i, c) => (i * channels) + c);
    }

    // Offset and scale make a line of the levels, and alpha a constant.
    private static bool IsStraight(float?[] values)
    {
        (int Level, float Value)[] known = [.. values.Index().Where(v => v.Item is not null).Select(v => (v.Index, v.Item!.Value))];
        if (known.Length < 3) return true;
        double slope = (known[^1].Value - known[0].Value) / (double)(known[^1].Level - known[0].Level);
        return known.All(k => Math.Abs(known[0].Value + (slope * (k.Level - known[0].Level)) - k.Value) <= 1e-3 * (1
            + Math.Abs(slope) * Levels));
    }

    private static TResult Run<TValue, TResult>(
        ITransformer stage, string input, string output, ImageDataViewType type, int shift, Func<TValue, TResult> result)
    {
        var pixels = new byte[4 * type.Height * type.Width];
        for (int i = 0; i < pixels.Length / 4; i++)
        {
            pixels.AsSpan(4 * i, 3).Fill((byte)((i + shift) % Levels));
            pixels[(4 * i) + 3] = byte.MaxValue;
        }
        var builder = new DataViewSchema.Builder();
        builder.AddColumn(input, type);
        DataViewSchema schema = builder.ToSchema();
        IRowToRowMapper mapper = stage.GetRowToRowMapper(schema);
        using DataViewRow row = mapper.GetRow(new ImageRow(schema, type, pixels), [mapper.OutputSchema[output]]);
        TValue value = default!;
        row.GetGetter<TValue>(mapper.OutputSchema[output])(ref value);
        TResult found = result(value);
        (value as IDisposable)?.Dispose();
        return found;
    }

    private static ModelExportException Refused(string column, string found) =>
        new($"What is computed from the image column '{column}' has no form in ONNX: it gives {found}. "
            + "Use ExtractPixels with plain options.");

    // ML.NET's own views of objects take images of the size that their class declares.
    private sealed class ImageRow(DataViewSchema schema, ImageDataViewType type, byte[] pixels) : DataViewRow
    {
        public override DataViewSchema Schema => schema;

        public override long Position => 0;

        public override long Batch => 0;

        public override bool IsColumnActive(DataViewSchema.Column column) => true;

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = default;

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) =>
            (ValueGetter<TValue>)(Delegate)(ValueGetter<MLImage>)Get;

        private void Get(ref MLImage image)
        {
            image?.Dispose();
            image = MLImage.CreateFromPixels(type.Width, type.Height, MLPixelFormat.Bgra32, pixels);
        }
    }
}
