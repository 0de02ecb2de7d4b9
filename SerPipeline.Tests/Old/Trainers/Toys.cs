using SerPipeline.Features;
using SerPipeline.Old.Pipeline;
using SerPipeline.Tests.Old.Pipeline;


namespace SerPipeline.Tests.Old.Trainers;

/// <summary>Small classification problems with a known answer.</summary>
internal static class Toys
{
    public static IReadOnlyList<string> Classes { get; } = ["calm", "angry", "sad"];

    private static readonly DataViewSchema.DetachedColumn Label = new("Label", new KeyDataViewType(3), new ColumnAnnotations { KeyValues = Classes });

    /// <summary>Three clouds in six dimensions, four deviations apart; eight speakers in turn. Labels shuffled on request: then nothing can be learnt.</summary>
    public static IDataView Clouds(int examples, int seed, bool shuffled = false, bool marked = false)
    {
        SeededRandom random = new SeededRandom(seed).Fork("clouds");
        var rows = new List<object?[]>();
        for (int i = 0; i < examples; i++)
        {
            int label = i % 3;
            float[] values = [.. Enumerable.Range(0, 6).Select(d => (float)(random.NextNormal() + (d % 3 == label ? 4 : 0)))];
            rows.Add([new VBuffer<float>(values), (uint)(shuffled ? random.Next(3) : label) + 1, $"s{i / 3 % 8}"]);
        }
        return Views.Of([new("Features", new VectorDataViewType(6)), Label, Speaker(marked)], rows);
    }

    /// <summary>Noise images with one bright band of rows; which third it lies in is the class.</summary>
    public static IDataView Bands(int examples, int seed, bool shuffled = false)
    {
        SeededRandom random = new SeededRandom(seed).Fork("bands");
        var rows = new List<object?[]>();
        for (int i = 0; i < examples; i++)
        {
            int label = i % 3;
            var pixels = new byte[12 * 16];
            for (int p = 0; p < pixels.Length; p++) pixels[p] = (byte)Math.Clamp(100 + (30 * random.NextNormal()) + (p / 16 / 4 == label ? 90 : 0), 0, 255);
            rows.Add([new GrayImage(12, 16, pixels), (uint)(shuffled ? random.Next(3) : label) + 1, $"s{i / 3 % 8}"]);
        }
        return Views.Of([new("Image", new ImageDataViewType(12, 16)), Label, Speaker(false)], rows);
    }

    public static double Accuracy(ITransformer model, IDataView data)
    {
        using DataViewRowCursor cursor = model.Transform(data) is var scored ? scored.GetRowCursor([scored.Schema["Label"], scored.Schema["PredictedLabel"]]) : throw new InvalidOperationException();
        ValueGetter<uint> truth = cursor.GetGetter<uint>(cursor.Schema["Label"]), predicted = cursor.GetGetter<uint>(cursor.Schema["PredictedLabel"]);
        uint a = 0, b = 0;
        int right = 0, all = 0;
        while (cursor.MoveNext())
        {
            truth(ref a);
            predicted(ref b);
            all++;
            if (a == b) right++;
        }
        return (double)right / all;
    }

    private static DataViewSchema.DetachedColumn Speaker(bool marked) => new("Speaker", TextDataViewType.Instance, new ColumnAnnotations { IsSamplingKey = marked });
}
