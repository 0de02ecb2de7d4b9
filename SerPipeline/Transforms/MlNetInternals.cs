using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers;
using Microsoft.ML.Transforms;
using Microsoft.ML.Transforms.Onnx;

namespace SerPipeline.Transforms;

/// <summary>
/// What ML.NET keeps to itself and stages outside of it need. Microsoft.ML is pinned to the version that these were read from;
/// MlNetInternalsTests fails when
/// another one moves them.
/// </summary>
internal static class MlNetInternals
{
    // Microsoft.ML.SchemaShape.Column(string, VectorKind, DataViewType, bool, SchemaShape)
    [UnsafeAccessor(UnsafeAccessorKind.Constructor)]
    public static extern SchemaShape.Column ShapeColumn(
        string name, SchemaShape.Column.VectorKind kind, DataViewType itemType, bool isKey, SchemaShape? annotations);

    // Microsoft.ML.DataOperationsCatalog.TrainTestData(IDataView, IDataView)
    [UnsafeAccessor(UnsafeAccessorKind.Constructor)]
    public static extern DataOperationsCatalog.TrainTestData TrainTestData(IDataView trainSet, IDataView testSet);

    // Microsoft.ML.Trainers.MaximumEntropyModelParameters(IHostEnvironment, VBuffer<float>[], float[], int, int, string[],
    // ModelStatisticsBase)
    [UnsafeAccessor(UnsafeAccessorKind.Constructor)]
    public static extern MaximumEntropyModelParameters MaximumEntropy(
        IHostEnvironment environment, VBuffer<float>[] weights, float[] bias, int classes, int features, string[]? labels,
            ModelStatisticsBase? statistics);

    /// <summary>The shape of a schema, annotations by name included.</summary>
    public static SchemaShape ShapeOf(DataViewSchema schema) => CreateShape(null, schema);

    /// <summary>ML.NET's head of a classifier: scores, their slot names and the predicted key.</summary>
    public static MulticlassPredictionTransformer<MaximumEntropyModelParameters> PredictionTransformer(
        IHostEnvironment environment, MaximumEntropyModelParameters model, DataViewSchema schema, string feature, string label,
            string score, string predictedLabel) =>
        Head<MaximumEntropyModelParameters>.Create(environment, model, schema, feature, label, score, predictedLabel);

    /// <summary>The environment behind one of MLContext's catalogs.</summary>
    /// <param name="catalog">Any of them.</param>
    /// <exception cref="ArgumentNullException">There is none.</exception>
    public static IHostEnvironment EnvironmentOf(object catalog)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return Environment(null, catalog);
    }

    /// <summary>The seed that the MLContext behind an environment was made with; null for none.</summary>
    public static int? SeedOf(IHostEnvironment environment) => Seed(environment);

    /// <summary>Scores an ONNX model whose inputs and outputs are called as the columns.</summary>
    public static OnnxTransformer Onnx(IHostEnvironment environment, IEnumerable<string> outputs, IEnumerable<string> inputs, byte[] model)
    {
        OnnxTransformer transformer = TemporaryGraphs.Opened(() =>
        {
            using var stream = new MemoryStream(model, writable: false);
            return CreateOnnx(environment, [.. outputs], [.. inputs], stream, null, false, null, 100, null, null);
        });
        TemporaryGraphs.Remember(transformer);
        return transformer;
    }

    /// <summary>Takes columns away.</summary>
    public static ColumnSelectingTransformer DropColumns(IHostEnvironment environment, params string[] columns) =>
        CreateColumnSelecting(environment, null, columns, false, false);

    /// <summary>A column once more under another name.</summary>
    public static ColumnCopyingTransformer CopyColumn(IHostEnvironment environment, string output, string input) =>
        CreateColumnCopying(environment, [(output, input)]);

    /// <summary>The view that a view was made of; null where there is none, or ML.NET does not tell.</summary>
    public static IDataView? SourceOf(IDataView view) => view switch
    {
        RowStageView stage => stage.Source,
        RowSubsetView subset => subset.Source,
        // Microsoft.ML.Data.CacheDataView._subsetInput, Microsoft.ML.Data.IDataTransform.Source
        _ when view.GetType().Name == "CacheDataView" =>
            view.GetType().GetField("_subsetInput", BindingFlags.NonPublic | BindingFlags.Instance)?.GetValue(view) as IDataView,
        _ => view.GetType().GetInterface("Microsoft.ML.Data.IDataTransform")?.GetProperty("Source")?.GetValue(view) as IDataView,
    };

    // Microsoft.ML.SchemaShape.Create(DataViewSchema)
    [UnsafeAccessor(UnsafeAccessorKind.StaticMethod, Name = "Create")]
    private static extern SchemaShape CreateShape(SchemaShape? type, DataViewSchema schema);

    // Microsoft.ML.Data.CatalogUtils.GetEnvironment(IInternalCatalog)
    [UnsafeAccessor(UnsafeAccessorKind.StaticMethod, Name = "GetEnvironment")]
    private static extern IHostEnvironment Environment(
        [UnsafeAccessorType("Microsoft.ML.Data.CatalogUtils, Microsoft.ML.Data")] object? type,
        [UnsafeAccessorType("Microsoft.ML.Data.IInternalCatalog, Microsoft.ML.Data")] object catalog);

    // Microsoft.ML.Runtime.IHostEnvironmentInternal.Seed
    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_Seed")]
    private static extern int? Seed(
        [UnsafeAccessorType("Microsoft.ML.Runtime.IHostEnvironmentInternal, Microsoft.ML.Core")] object environment);

    // Microsoft.ML.Transforms.Onnx.OnnxTransformer(IHostEnvironment, string[], string[], Stream, int?, bool, IDictionary<string, int[]>,
    // int, int?, int?)
    [UnsafeAccessor(UnsafeAccessorKind.Constructor)]
    private static extern OnnxTransformer CreateOnnx(
        IHostEnvironment environment, string[] outputs, string[] inputs, Stream model, int? gpuDeviceId, bool fallbackToCpu,
        IDictionary<string, int[]>? shapes, int recursionLimit, int? interOpThreads, int? intraOpThreads);

    // Microsoft.ML.Transforms.ColumnSelectingTransformer(IHostEnvironment, string[], string[], bool, bool)
    [UnsafeAccessor(UnsafeAccessorKind.Constructor)]
    private static extern ColumnSelectingTransformer CreateColumnSelecting(
        IHostEnvironment environment, string[]? keep, string[]? drop, bool keepHidden, bool ignoreMissing);

    // Microsoft.ML.Transforms.ColumnCopyingTransformer(IHostEnvironment, (string, string)[])
    [UnsafeAccessor(UnsafeAccessorKind.Constructor)]
    private static extern ColumnCopyingTransformer CreateColumnCopying(IHostEnvironment environment,
        (string Output, string Input)[] columns);

    // Microsoft.ML.Data.MulticlassPredictionTransformer<TModel>(IHostEnvironment, TModel, DataViewSchema, string, string, string, string)
    private static class Head<TModel> where TModel : class
    {
        [UnsafeAccessor(UnsafeAccessorKind.Constructor)]
        public static extern MulticlassPredictionTransformer<TModel> Create(
            IHostEnvironment environment, TModel model, DataViewSchema schema, string feature, string label, string score,
                string predictedLabel);
    }
}
