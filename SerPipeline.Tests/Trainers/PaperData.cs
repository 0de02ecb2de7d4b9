using Microsoft.ML;
using SerPipeline.Splits;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Trainers;

/// <summary>The stored feature matrices of the RAVDESS baseline, divided by its own split.</summary>
internal static class PaperData
{
    private static readonly string[] Labels = ["neutral", "calm", "happy", "sad", "angry", "fearful", "disgust", "surprised"];

    public static (IDataView Train, IDataView Test) Load(string set)
    {
        NpyArray<float> features = NpyFile.Read<float>(Companions.Require("golden", "paper", $"{set}_X.npy"));
        // Keys count from 1.
        uint[] keys = [.. NpyFile.Read<long>(Companions.Require("golden", "paper", $"{set}_y.npy")).Values.ToArray()
            .Select(label => (uint)label + 1)];
        Split split = PaperSplit.Create([.. keys.Select(k => new SplitItem(Labels[k - 1], null))]);
        return (View(split.Train), View(split.Test));

        IDataView View(IReadOnlyList<int> chosen) =>
            Toys.View(Labels, false, [.. chosen.Select(i => new Toys.Row { Features = features.Row(i).ToArray(), Label = keys[i] })]);
    }
}
