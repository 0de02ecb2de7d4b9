using SerPipeline.Corpora;
using SerPipeline.Experiments.Paper;
using SerPipeline.Tests.Common;
using SerPipeline.Tests.Support;


namespace SerPipeline.Tests.Experiments.Paper;

/// <summary>
/// A folder like that of the paper's matrices, with made-up numbers: every row differs from every other, but for the copies.
/// </summary>
internal sealed class PaperFolder : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public PaperFolder()
    {
        RavdessName[] clips = [.. PaperRows.Originals.Select(Name)];
        Lines = ["file,gender,emotion,intensity",
            .. clips.Select(clip => $"{clip}.wav,{clip.Sex},{(clip.Emotion == "disgust" ? "disgusted" : clip.Emotion)},{clip.Intensity}")];
        Features["original"] = [.. clips.Select((_, row) => Row(row))];
        Classes["original"] = [.. clips.Select(clip => Class(clip.Emotion))];
        Dictionary<string, int> places = PaperRows.Originals.Select((name, row) => (name, row)).ToDictionary(p => p.name, p => p.row);
        Features["over"] = [.. Features["original"], .. PaperRows.Copies.Select(name => Row(places[name]))];
        Classes["over"] = [.. Classes["original"], .. PaperRows.Copies.Select(_ => 0L)];
        Features["new"] = [.. Enumerable.Range(0, 3812).Select(Row)];
        Classes["new"] = [.. Enumerable.Range(0, 3812)
            .Select(row => row < 1012 ? (row % 44 < 4 ? 0 : 1 + (row % 44 % 5)) : new long[] { 0, 2, 3, 4, 5, 6, 7 }[row % 7])];
    }

    public string Path => _folder.Path;

    public List<string> Lines { get; }

    public Dictionary<string, float[][]> Features { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, long[]> Classes { get; } = new(StringComparer.Ordinal);

    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Writes everything as it stands and reads a set.</summary>
    public PaperFeatures Load(string set)
    {
        System.IO.File.WriteAllLines(File("original_rows.csv"), Lines);
        foreach ((string name, float[][] rows) in Features)
            WriteFloats($"{name}_X.npy", $"({rows.Length}, {rows[0].Length})", [.. rows.SelectMany(row => row)]);
        foreach ((string name, long[] classes) in Classes)
            System.IO.File.WriteAllBytes(File($"{name}_y.npy"),
                NpyFileTests.Bytes(1, NpyFileTests.Header("<i8", $"({classes.Length},)"), [.. classes.SelectMany(BitConverter.GetBytes)]));
        return PaperFeatures.Load(Path, set);
    }

    public void Dispose() => _folder.Dispose();

    private void WriteFloats(string name, string shape, float[] values) =>
        System.IO.File.WriteAllBytes(File(name),
            NpyFileTests.Bytes(1, NpyFileTests.Header("<f4", shape), [.. values.SelectMany(BitConverter.GetBytes)]));

    private static float[] Row(int row) => [.. Enumerable.Range(0, 40).Select(k => (row * 40f) + k)];

    private static long Class(string emotion) => Array.IndexOf([.. RavdessName.Emotions], emotion);

    private static RavdessName Name(string name)
    {
        Assert.True(RavdessName.TryParse(name, out RavdessName? parsed, out _));
        return parsed!;
    }
}
