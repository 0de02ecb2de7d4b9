using SerPipeline.Corpora;
using SerPipeline.Features;


// In the namespace of the grammar, so that one using brings every catalog method.
namespace SerPipeline.Old.Pipeline;

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
        FeatureMatrix matrix = FeatureMatrix.Read(xPath, yPath, labels, columns);
        var schema = new DataViewSchema([FeatureColumn(matrix.Columns), LabelColumn(labels), new("Row", NumberDataViewType.Int32)]);
        return new ListDataView(schema, [.. Enumerable.Range(0, matrix.Rows).Select(row =>
            new object?[] { new VBuffer<float>(matrix.Row(row).ToArray()), labels[matrix.Class(row)], row })]);
    }

    /// <summary>
    /// Reads one of the paper's three data sets: the columns of <see cref="LoadFeatures"/> and Speaker and RelativePath beside them, so that speakers can be held
    /// out; see <see cref="PaperFeatures"/>.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="folder">Where its files lie.</param>
    /// <param name="set">One of <see cref="PaperFeatures.Sets"/>.</param>
    /// <exception cref="ArgumentException">There is no such set.</exception>
    /// <exception cref="FeatureFileException">A file is absent, malformed, or not the paper's.</exception>
    public static IDataView LoadPaperFeatures(this DataOperationsCatalog catalog, string folder, string set)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return PaperFeatures.Load(folder, set).Data;
    }

    internal static DataViewSchema.DetachedColumn FeatureColumn(int size) =>
        new("Features", new VectorDataViewType(size), new ColumnAnnotations { SlotNames = PaperMfcc.SlotNames(size) });

    internal static DataViewSchema.DetachedColumn LabelColumn(IReadOnlyList<string> labels) =>
        new("Label", TextDataViewType.Instance, new ColumnAnnotations { KeyValues = [.. labels] });
}
