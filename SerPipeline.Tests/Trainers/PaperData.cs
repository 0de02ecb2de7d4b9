using System.Buffers.Binary;
using SerPipeline.Corpora.Splits;
using SerPipeline.Pipeline;
using SerPipeline.Tests.Pipeline;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Trainers;

/// <summary>The stored feature matrices of the RAVDESS baseline, divided by its own split.</summary>
internal static class PaperData
{
    private static readonly string[] Labels = ["neutral", "calm", "happy", "sad", "angry", "fearful", "disgust", "surprised"];

    public static (IDataView Train, IDataView Test) Load(string set)
    {
        Npy features = Npy.Read(Companions.Require("golden", "paper", $"{set}_X.npy"));
        int rows = features.Shape[0], size = features.Shape[1];
        uint[] keys = Keys(Companions.Require("golden", "paper", $"{set}_y.npy"), rows);
        Split split = PaperSplit.Create([.. keys.Select(k => new SplitItem(Labels[k - 1], null))]);
        return (View(split.Train), View(split.Test));

        IDataView View(IReadOnlyList<int> chosen) => Views.Of(
            [new("Features", new VectorDataViewType(size)), new("Label", new KeyDataViewType(Labels.Length), new ColumnAnnotations { KeyValues = Labels })],
            chosen.Select(i => new object?[] { new VBuffer<float>(features.Values.AsSpan(i * size, size).ToArray()), keys[i] }));
    }

    // Classes from 0 as little-endian int64 behind the header; keys count from 1.
    private static uint[] Keys(string path, int rows)
    {
        byte[] bytes = File.ReadAllBytes(path);
        return [.. Enumerable.Range(0, rows).Select(i => (uint)BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(bytes.Length - (8 * (rows - i)))) + 1)];
    }
}
