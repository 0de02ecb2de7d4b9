using System.Globalization;
using SerPipeline.Dsp;

// In the namespace of the grammar, so that one using brings every catalog method.
namespace SerPipeline.Pipeline;

/// <summary>Reads features that were computed elsewhere.</summary>
public static class FeatureDataCatalogExtensions
{
    /// <summary>
    /// Reads a matrix of features and the class of each of its rows from NumPy files: one row each, with the columns Features (a vector whose slots are named
    /// <c>mfcc_00</c> and so on), Label (text, its classes in the order given) and Row (from 0).
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="xPath">A <c>.npy</c> file of float32 or float64, <c>[rows, features]</c>.</param>
    /// <param name="yPath">A <c>.npy</c> file of int32 or int64, <c>[rows]</c>: positions among <paramref name="labels"/>, from 0.</param>
    /// <param name="labels">The names of the classes.</param>
    /// <param name="columns">How many features a row must have; null allows any number.</param>
    /// <exception cref="FeatureFileException">A file is absent or malformed, the two do not fit each other, a label is out of range, or a feature is no finite number.</exception>
    public static IDataView LoadFeatures(this DataOperationsCatalog catalog, string xPath, string yPath, IReadOnlyList<string> labels, int? columns = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(labels);
        if (labels.Count == 0 || labels.Distinct(StringComparer.Ordinal).Count() != labels.Count)
            throw new ArgumentException("Expected one or more class names, all different.", nameof(labels));
        NpyArray<float> x = NpyFile.Read<float>(xPath);
        NpyArray<long> y = NpyFile.Read<long>(yPath);
        CheckShapes(x, xPath, y, yPath, columns);
        var schema = new DataViewSchema(
        [
            new("Features", new VectorDataViewType(x.Shape[1]), new ColumnAnnotations { SlotNames = PaperMfcc.SlotNames(x.Shape[1]) }),
            new("Label", TextDataViewType.Instance, new ColumnAnnotations { KeyValues = [.. labels] }),
            new("Row", NumberDataViewType.Int32),
        ]);
        return new ListDataView(schema, [.. Enumerable.Range(0, x.Shape[0]).Select(row => new object?[] { Features(x, row, xPath), Label(y, row, yPath, labels), row })]);
    }

    private static void CheckShapes(NpyArray<float> x, string xPath, NpyArray<long> y, string yPath, int? columns)
    {
        string found = Shape(x.Shape);
        if (x.Shape.Count != 2 || x.Shape[0] == 0 || x.Shape[1] == 0)
            throw new FeatureFileException($"'{xPath}': expected a matrix of features, (rows, columns) with at least one of each, found shape {found}.");
        if (columns is { } expected && x.Shape[1] != expected)
            throw new FeatureFileException(string.Create(CultureInfo.InvariantCulture, $"'{xPath}': expected {expected} columns, found shape {found}."));
        if (y.Shape.Count != 1 || y.Shape[0] != x.Shape[0])
            throw new FeatureFileException(string.Create(CultureInfo.InvariantCulture,
                $"'{yPath}': expected shape ({x.Shape[0]},), one label for each row of '{xPath}', found shape {Shape(y.Shape)}."));
    }

    private static VBuffer<float> Features(NpyArray<float> x, int row, string path)
    {
        float[] values = x.Row(row).ToArray();
        int bad = Array.FindIndex(values, v => !float.IsFinite(v));
        return bad < 0 ? new VBuffer<float>(values) : throw new FeatureFileException(string.Create(CultureInfo.InvariantCulture,
            $"'{path}': expected finite numbers, found {values[bad]} in row {row}, column {bad}, both counted from 0."));
    }

    private static string Label(NpyArray<long> y, int row, string path, IReadOnlyList<string> labels)
    {
        long label = y.Values[row];
        return label >= 0 && label < labels.Count ? labels[(int)label] : throw new FeatureFileException(string.Create(CultureInfo.InvariantCulture,
            $"'{path}': expected labels from 0 to {labels.Count - 1} ({string.Join(", ", labels)}), found {label} in row {row}, counted from 0."));
    }

    private static string Shape(IReadOnlyList<int> shape) => shape.Count == 1 ? $"({shape[0]},)" : $"({string.Join(", ", shape)})";
}
