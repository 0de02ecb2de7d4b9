using System.Security.Cryptography;
using System.Text;
using SerPipeline.Corpora;
using SerPipeline.Old.Pipeline;
using SerPipeline.Splits;

namespace SerPipeline.Experiments.Paper;

/// <summary>Rows of 40 means of cepstral coefficients, from the paper's matrices or computed from audio by its recipe.</summary>
/// <param name="Name"><c>original</c>, <c>over</c> or <c>new</c>.</param>
/// <param name="Data">Features, Label, Speaker, RelativePath.</param>
/// <param name="Items">The same rows for splits.</param>
internal sealed record PaperSet(string Name, IDataView Data, IReadOnlyList<SplitItem> Items)
{
    /// <summary>Reads one of the paper's matrices.</summary>
    /// <param name="folder">Where they lie.</param>
    /// <param name="set">Which.</param>
    public static PaperSet Read(string folder, string set)
    {
        PaperFeatures features = PaperFeatures.Load(folder, set);
        return new PaperSet(set, features.Data, features.Items);
    }

    /// <summary>A digest of every row: features, label and speaker.</summary>
    public string Digest()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using DataViewRowCursor cursor = Data.GetRowCursor([Data.Schema["Features"]]);
        ValueGetter<VBuffer<float>> get = cursor.GetGetter<VBuffer<float>>(Data.Schema["Features"]);
        VBuffer<float> row = default;
        while (cursor.MoveNext())
        {
            get(ref row);
            hash.AppendData(System.Runtime.InteropServices.MemoryMarshal.AsBytes(row.GetValues()));
        }
        foreach (SplitItem item in Items) hash.AppendData(Encoding.UTF8.GetBytes($"{item.Label}/{item.Speaker};"));
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }
}

/// <summary>How much is trained.</summary>
internal sealed record ReproductionPlan
{
    /// <summary>Seeds of the CNN and the MLP under the paper's split.</summary>
    public int Seeds { get; init; } = 10;

    /// <summary>Seeds of the LSTM under the paper's split.</summary>
    public int LstmSeeds { get; init; } = 5;

    /// <summary>Seeds with speakers held out.</summary>
    public int HeldOutSeeds { get; init; } = 3;

    /// <summary>Epochs of every model; null for the paper's.</summary>
    public int? Epochs { get; init; }

    /// <summary>Whether it is the smoke version.</summary>
    public bool Quick { get; init; }

    /// <summary>The smoke version: one seed, one epoch.</summary>
    public static ReproductionPlan Smoke { get; } = new() { Seeds = 1, LstmSeeds = 1, HeldOutSeeds = 1, Epochs = 1, Quick = true };

    /// <summary>How many seeds a model has under the paper's split.</summary>
    public int SeedsOf(string model) => model == "lstm" ? LstmSeeds : Seeds;
}
