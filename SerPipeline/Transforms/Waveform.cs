using static Microsoft.ML.SchemaShape.Column;

namespace SerPipeline.Transforms;

/// <summary>Types and annotations of the columns that stages make.</summary>
internal static class Waveform
{
    /// <summary>The annotation of a waveform column that tells its rate, Int32.</summary>
    public const string RateAnnotation = "SampleRateHz";

    private const string SlotNames = "SlotNames";

    /// <summary>Mono samples, any number of them.</summary>
    public static DataViewType Type { get; } = new VectorDataViewType(NumberDataViewType.Single);

    public static DataViewSchema.Annotations Annotations(int sampleRateHz) =>
        Annotation(RateAnnotation, NumberDataViewType.Int32, (ref int to) => to = sampleRateHz);

    public static SchemaShape.Column Shape(string name) => MlNetInternals.ShapeColumn(
        name, VectorKind.VariableVector, NumberDataViewType.Single, false,
        new SchemaShape([MlNetInternals.ShapeColumn(RateAnnotation, VectorKind.Scalar, NumberDataViewType.Int32, false, null)]));

    /// <summary>The rate of a waveform column; null where it is not known.</summary>
    public static int? RateOf(DataViewSchema.Column column)
    {
        if (column.Annotations.Schema.GetColumnOrNull(RateAnnotation) is not { Type: NumberDataViewType { RawType: var raw } }
            || raw != typeof(int)) return null;
        int rate = 0;
        column.Annotations.GetValue(RateAnnotation, ref rate);
        return rate;
    }

    /// <summary>Names of a vector's slots, as ML.NET's trainers and reports read them.</summary>
    public static DataViewSchema.Annotations SlotAnnotations(IReadOnlyList<string> names) => TextAnnotation(SlotNames, names);

    public static DataViewSchema.Annotations TextAnnotation(string annotation, IReadOnlyList<string> texts)
    {
        ReadOnlyMemory<char>[] values = [.. texts.Select(t => t.AsMemory())];
        return Annotation(annotation, new VectorDataViewType(TextDataViewType.Instance, values.Length),
            (ref VBuffer<ReadOnlyMemory<char>> to) => to = new VBuffer<ReadOnlyMemory<char>>(values.Length, [.. values]));
    }

    /// <summary>The names of a column's slots; null where it has none.</summary>
    public static IReadOnlyList<string>? SlotNamesOf(DataViewSchema.Column column)
    {
        if (!column.HasSlotNames()) return null;
        VBuffer<ReadOnlyMemory<char>> names = default;
        column.GetSlotNames(ref names);
        return [.. names.DenseValues().Select(name => name.ToString())];
    }

    public static SchemaShape.Column NamedSlotsShape(string name) => MlNetInternals.ShapeColumn(
        name, VectorKind.Vector, NumberDataViewType.Single, false,
        new SchemaShape([MlNetInternals.ShapeColumn(SlotNames, VectorKind.Vector, TextDataViewType.Instance, false, null)]));

    private static DataViewSchema.Annotations Annotation<T>(string name, DataViewType type, ValueGetter<T> value)
    {
        var annotations = new DataViewSchema.Annotations.Builder();
        annotations.Add(name, type, value);
        return annotations.ToAnnotations();
    }
}
