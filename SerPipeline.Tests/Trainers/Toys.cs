using Microsoft.ML;
using Microsoft.ML.Data;

namespace SerPipeline.Tests.Trainers;

/// <summary>Small classification problems with a known answer.</summary>
internal static class Toys
{
    public static string[] Classes { get; } = ["calm", "angry", "sad"];

    public static MLContext Ml { get; } = new(1);

    /// <summary>Three clouds in six dimensions, four deviations apart; eight speakers in turn. Labels shuffled on request: then nothing can
    /// be learnt.</summary>
    public static IDataView Clouds(int examples, int seed, bool shuffled = false, bool marked = false)
    {
        SeededRandom random = new SeededRandom(seed).Fork("clouds");
        return View(Classes, marked, [.. Enumerable.Range(0, examples).Select(i =>
        {
            int label = i % 3;
            float[] values = [.. Enumerable.Range(0, 6).Select(d => (float)(random.NextNormal() + (d % 3 == label ? 4 : 0)))];
            return new Row { Features = values, Label = (uint)(shuffled ? random.Next(3) : label) + 1, Speaker = $"s{i / 3 % 8}" };
        })]);
    }

    /// <summary>Noise images with one bright band of rows; which third it lies in is the class.</summary>
    public static IDataView Bands(int examples, int seed, bool shuffled = false) => View(Classes, false,
        [.. BandRows(examples, seed, shuffled)]);

    public static IEnumerable<Row> BandRows(int examples, int seed, bool shuffled = false)
    {
        SeededRandom random = new SeededRandom(seed).Fork("bands");
        for (int i = 0; i < examples; i++)
        {
            int label = i % 3;
            var pixels = new float[12 * 16];
            for (int p = 0; p < pixels.Length; p++)
                pixels[p] = (byte)Math.Clamp(100 + (30 * random.NextNormal()) + (p / 16 / 4 == label ? 90 : 0), 0, 255);
            yield return new Row { Pixels = pixels, Label = (uint)(shuffled ? random.Next(3) : label) + 1, Speaker = $"s{i / 3 % 8}" };
        }
    }

    /// <summary>Bands as pixels and clouds as vectors, in one view.</summary>
    public static IDataView Both(int examples)
    {
        float[][] vectors = [.. Clouds(examples, seed: 7).GetColumn<float[]>("Features")];
        return View(Classes, false, [.. BandRows(examples, seed: 6).Select((row, i) =>
        {
            row.Features = vectors[i];
            return row;
        })]);
    }

    /// <summary>Rows as a view; the label a key with the given values, 1 for the first, 0 for a missing one.</summary>
    public static IDataView View(string[] labels, bool marked, params Row[] rows)
    {
        // ML.NET counts the keys of objects from 0, and takes what is too large for missing.
        foreach (Row row in rows) row.Label--;
        return Ml.Data.LoadFromEnumerable(rows, Schema(labels, marked, rows.FirstOrDefault() ?? new Row()));
    }

    /// <summary>A view of those columns that no row may be read of.</summary>
    public static IDataView Unreadable(IDataView like) => new UnreadableView(like.Schema);

    public static double Accuracy(ITransformer model, IDataView data)
    {
        IDataView scored = model.Transform(data);
        return scored.GetColumn<uint>("Label").Zip(scored.GetColumn<uint>("PredictedLabel"), (a, b) => a == b ? 1.0 : 0).Average();
    }

    public static float[][] Scores(ITransformer model, IDataView data, string column = "Score") =>
        [.. model.Transform(data).GetColumn<float[]>(column)];

    /// <summary>The mean of -log of the probability of each row's label.</summary>
    public static double LogLoss(ITransformer model, IDataView data)
    {
        IDataView scored = model.Transform(data);
        return scored.GetColumn<float[]>("Score").Zip(scored.GetColumn<uint>("Label"), (s, l) => -Math.Log(s[l - 1])).Average();
    }

    private static SchemaDefinition Schema(string[] labels, bool marked, Row first)
    {
        SchemaDefinition schema = SchemaDefinition.Create(typeof(Row));
        schema["Features"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, Math.Max(1, first.Features.Length));
        schema["Pixels"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, 1, 12, 16);
        schema["Label"].ColumnType = new KeyDataViewType(typeof(uint), labels.Length);
        ReadOnlyMemory<char>[] names = [.. labels.Select(label => label.AsMemory())];
        schema["Label"].AddAnnotation("KeyValues", new VBuffer<ReadOnlyMemory<char>>(names.Length, names),
            new VectorDataViewType(TextDataViewType.Instance, names.Length));
        if (marked) schema["Speaker"].AddAnnotation("SamplingKey", true, BooleanDataViewType.Instance);
        return schema;
    }

    public sealed class Row
    {
        public float[] Features { get; set; } = [];

        public float[] Pixels { get; set; } = [];

        public uint Label { get; set; }

        public string Speaker { get; set; } = "";
    }

    private sealed class UnreadableView(DataViewSchema schema) : IDataView
    {
        public bool CanShuffle => false;

        public DataViewSchema Schema => schema;

        public long? GetRowCount() => null;

        public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
            throw new InvalidOperationException("A row was read.");

        public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
            throw new InvalidOperationException("A row was read.");
    }
}
