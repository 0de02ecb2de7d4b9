using Microsoft.ML;
using Microsoft.ML.Data;
using SerPipeline.Tests.Common;
using SerPipeline.Tests.Support;
using SerPipeline.Tests.Transforms;

namespace SerPipeline.Tests.Corpora;

public sealed class LoadFeaturesTests : IDisposable
{
    private static readonly string[] Labels = ["calm", "angry", "sad"];
    private static readonly MLContext Ml = new(seed: 1);
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Rows_carry_their_features_label_and_place()
    {
        IDataView data = Load(Matrix([1, 2, 3, 4, 5, 6], "(3, 2)"), Classes([2, 0, 2]));
        Assert.Equal(["Features", "Label", "Row"], data.Schema.Select(c => c.Name));
        Assert.Equal(["mfcc_00", "mfcc_01"], SlotNames(data));
        Assert.Equal(new VectorDataViewType(NumberDataViewType.Single, 2), data.Schema["Features"].Type);
        Assert.Equal([[1f, 2], [3, 4], [5, 6]], data.Vectors("Features"));
        Assert.Equal(["sad", "calm", "sad"], data.Texts("Label"));
        Assert.Equal([0, 1, 2], data.Values<int>("Row"));
        // In the order of the classes, not of the rows.
        Assert.Equal(["calm", "sad"], Ml.Data.LabelValues(data).Texts("Label"));
    }

    [Fact]
    public void Files_that_do_not_fit_are_named_with_what_was_expected()
    {
        string x = Matrix([1, 2, 3, 4], "(2, 2)"), y = Classes([0, 1]);
        Fails(x, Classes([0, 1, 2]), null, "(2,)", "(3,)", x);
        Fails(x, Classes([0, 3]), null, "from 0 to 2", "found 3", "row 1");
        Fails(x, Classes([-1, 0]), null, "found -1", "row 0");
        Fails(Matrix([1, 2, 3, float.NaN], "(2, 2)"), y, null, "NaN", "row 1, column 1");
        Fails(Matrix([1, float.PositiveInfinity], "(2, 1)"), y, null, "row 1, column 0");
        Fails(Matrix([1, 2], "(2,)"), y, null, "matrix", "(2,)");
        Fails(Matrix([], "(0, 40)"), Classes([]), null, "at least one");
        Fails(x, y, 40, "40 columns", "(2, 2)");
        Fails(y, y, null, "float32 or float64");
        Fails(x, x, null, "int32 or int64");
        Fails(x, Path.Combine(_folder.Path, "absent.npy"), null, "no such file");
        Assert.Throws<ArgumentException>(() => Ml.Data.LoadFeatures(x, y, []));
        Assert.Throws<ArgumentException>(() => Ml.Data.LoadFeatures(x, y, ["calm", "calm"]));
    }

    [Theory, InlineData("original", 1440), InlineData("over", 1536), InlineData("new", 3812)]
    public void The_papers_matrices_are_read_whole(string name, int rows)
    {
        string[] emotions = ["neutral", "calm", "happy", "sad", "angry", "fearful", "disgusted", "surprised"];
        IDataView data = Ml.Data.LoadFeatures(
            Companions.Require("golden", "paper", $"{name}_X.npy"), Companions.Require("golden", "paper", $"{name}_y.npy"), emotions,
            columns: 40);
        Assert.Equal(rows, data.GetRowCount());
        Assert.Equal("mfcc_39", SlotNames(data)[39]);
        Assert.Equal(8, data.Texts("Label").Distinct().Count());
        if (name != "original") return;
        // The names of the clips say their emotions too.
        IEnumerable<string> named = File.ReadLines(Companions.Require("golden", "paper", "original_rows.csv")).Skip(1)
            .Select(line => line.Split(',')[2]);
        Assert.Equal(named, data.Texts("Label"));
    }

    public void Dispose() => _folder.Dispose();

    private static IDataView Load(string x, string y, int? columns = null) => Ml.Data.LoadFeatures(x, y, Labels, columns);

    private static string[] SlotNames(IDataView data)
    {
        VBuffer<ReadOnlyMemory<char>> names = default;
        data.Schema["Features"].GetSlotNames(ref names);
        return [.. names.DenseValues().Select(name => name.ToString())];
    }

    private static void Fails(string x, string y, int? columns, params string[] expected)
    {
        string message = Assert.Throws<FeatureFileException>(() => Load(x, y, columns)).Message;
        Assert.All(expected.Append(".npy"), text => Assert.Contains(text, message, StringComparison.Ordinal));
    }

    private string Matrix(float[] values, string shape) => Save("<f4", shape, [.. values.SelectMany(BitConverter.GetBytes)]);

    private string Classes(long[] values) => Save("<i8", $"({values.Length},)", [.. values.SelectMany(BitConverter.GetBytes)]);

    private string Save(string descr, string shape, byte[] data)
    {
        string path = Path.Combine(_folder.Path, $"{Guid.NewGuid():N}.npy");
        File.WriteAllBytes(path, NpyFileTests.Bytes(1, NpyFileTests.Header(descr, shape), data));
        return path;
    }
}
