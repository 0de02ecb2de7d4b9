using SerPipeline.Old.Pipeline;
using SerPipeline.Splits;
using SerPipeline.Tests.Old.Pipeline;
using SerPipeline.Tests.Support;


namespace SerPipeline.Tests.Old.Trainers;

/// <summary>The stored feature matrices of the RAVDESS baseline, divided by its own split.</summary>
internal static class PaperData
{
    private static readonly string[] Labels = ["neutral", "calm", "happy", "sad", "angry", "fearful", "disgust", "surprised"];

    public static (IDataView Train, IDataView Test) Load(string set)
    {
        NpyArray<float> features = NpyFile.Read<float>(Companions.Require("golden", "paper", $"{set}_X.npy"));
        // Keys count from 1.
        uint[] keys = [.. NpyFile.Read<long>(Companions.Require("golden", "paper", $"{set}_y.npy")).Values.ToArray().Select(label => (uint)label + 1)];
        int size = features.Shape[1];
        Split split = PaperSplit.Create([.. keys.Select(k => new SplitItem(Labels[k - 1], null))]);
        return (View(split.Train), View(split.Test));

        IDataView View(IReadOnlyList<int> chosen) => Views.Of(
            [new("Features", new VectorDataViewType(size)), new("Label", new KeyDataViewType(Labels.Length), new ColumnAnnotations { KeyValues = Labels })],
            chosen.Select(i => new object?[] { new VBuffer<float>(features.Row(i).ToArray()), keys[i] }));
    }
}
