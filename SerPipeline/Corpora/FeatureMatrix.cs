namespace SerPipeline.Corpora;

/// <summary>A matrix of features and the class of each of its rows, read from two <c>.npy</c> files and checked.</summary>
internal sealed class FeatureMatrix(NpyArray<float> features, NpyArray<long> classes)
{
    public int Rows => features.Shape[0];

    public int Columns => features.Shape[1];

    /// <summary>The features of a row; every one is finite.</summary>
    public ReadOnlySpan<float> Row(int row) => features.Row(row);

    /// <summary>The class of a row, a position among the labels.</summary>
    public int Class(int row) => (int)classes.Values[row];

    /// <param name="xPath">float32 or float64, <c>[rows, features]</c>.</param>
    /// <param name="yPath">int32 or int64, <c>[rows]</c>.</param>
    /// <param name="labels">The names of the classes.</param>
    /// <param name="columns">How many features a row must have; null allows any number.</param>
    /// <exception cref="FeatureFileException">A file is absent or malformed, the two do not fit each other, a label is out of range, or a
    /// feature is no finite number.</exception>
    public static FeatureMatrix Read(string xPath, string yPath, IReadOnlyList<string> labels, int? columns)
    {
        NpyArray<float> x = NpyFile.Read<float>(xPath);
        NpyArray<long> y = NpyFile.Read<long>(yPath);
        CheckShapes(x, xPath, y, yPath, columns);
        CheckFeatures(x, xPath);
        CheckClasses(y, yPath, labels);
        return new FeatureMatrix(x, y);
    }

    private static void CheckShapes(NpyArray<float> x, string xPath, NpyArray<long> y, string yPath, int? columns)
    {
        string found = Shape(x.Shape);
        if (x.Shape.Count != 2 || x.Shape[0] == 0 || x.Shape[1] == 0)
            throw new FeatureFileException($"'{xPath}': expected a matrix of features, (rows, columns) with at least one of each, found "
                + $"shape {found}. Save one row a clip.");
        if (columns is { } expected && x.Shape[1] != expected)
            throw new FeatureFileException($"'{xPath}': expected {expected} columns, found shape {found}. Save one row a clip, of "
                + $"{expected} features.");
        if (y.Shape.Count != 1 || y.Shape[0] != x.Shape[0])
            throw new FeatureFileException($"'{yPath}': expected shape ({x.Shape[0]},), one label for each row of '{xPath}', found shape "
                + $"{Shape(y.Shape)}. Use the labels that were saved with these features.");
    }

    private static void CheckFeatures(NpyArray<float> x, string path)
    {
        for (int i = 0; i < x.Values.Length; i++)
        {
            if (float.IsFinite(x.Values[i])) continue;
            throw new FeatureFileException(string.Create(CultureInfo.InvariantCulture,
                $"'{path}': expected finite numbers, found {x.Values[i]} in row {i / x.Shape[1]}, column {i % x.Shape[1]}, both counted "
                + $"from 0. Compute that row again, or leave its clip out."));
        }
    }

    private static void CheckClasses(NpyArray<long> y, string path, IReadOnlyList<string> labels)
    {
        for (int row = 0; row < y.Values.Length; row++)
        {
            long label = y.Values[row];
            if (label >= 0 && label < labels.Count) continue;
            throw new FeatureFileException(string.Create(CultureInfo.InvariantCulture,
                $"'{path}': expected labels from 0 to {labels.Count - 1} ({string.Join(", ", labels)}), found {label} in row {row}, "
                + $"counted from 0. Number the classes from 0 in that order."));
        }
    }

    private static string Shape(IReadOnlyList<int> shape) => shape.Count == 1 ? $"({shape[0]},)" : $"({string.Join(", ", shape)})";
}
