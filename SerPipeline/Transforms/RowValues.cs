namespace SerPipeline.Transforms;

/// <summary>Getters over the types that ML.NET may give a column.</summary>
internal static class RowValues
{
    /// <summary>A key's number: 0 for missing, then 1, 2, ....</summary>
    public static Func<ulong> Key(DataViewRow row, DataViewSchema.Column column) => Type.GetTypeCode(column.Type.RawType) switch
    {
        TypeCode.Byte => Getter<byte>(row, column, v => v),
        TypeCode.UInt16 => Getter<ushort>(row, column, v => v),
        TypeCode.UInt32 => Getter<uint>(row, column, v => v),
        _ => Getter<ulong>(row, column, v => v),
    };

    /// <summary>A row's group as text: of a text, a key or a number.</summary>
    public static Func<string> Text(string stage, DataViewRow row, DataViewSchema.Column column) => column.Type switch
    {
        TextDataViewType => Getter<ReadOnlyMemory<char>, string>(row, column, v => v.ToString()),
        KeyDataViewType => Keyed(row, column),
        NumberDataViewType n when n == NumberDataViewType.Int32 => Number<int>(row, column),
        NumberDataViewType n when n == NumberDataViewType.Int64 => Number<long>(row, column),
        NumberDataViewType n when n == NumberDataViewType.Single => Number<float>(row, column),
        _ => throw new SchemaException($"{stage} needs column '{column.Name}', whose equal values stay together, to be text, a key or a "
            + $"number, but it is {column.Type}."),
    };

    /// <summary>The names behind a key's numbers 1, 2, ...; null where the column carries none.</summary>
    public static IReadOnlyList<string>? KeyNames(DataViewSchema.Column column)
    {
        if (column.Annotations.Schema.GetColumnOrNull("KeyValues") is not { Type: VectorDataViewType vector }) return null;
        if (vector.ItemType is TextDataViewType)
        {
            VBuffer<ReadOnlyMemory<char>> names = default;
            column.GetKeyValues(ref names);
            return [.. names.DenseValues().Select(name => name.ToString())];
        }
        if (vector.ItemType == NumberDataViewType.Int32) return Names<int>(column);
        if (vector.ItemType == NumberDataViewType.Int64) return Names<long>(column);
        if (vector.ItemType == NumberDataViewType.UInt32) return Names<uint>(column);
        return vector.ItemType == NumberDataViewType.Single ? Names<float>(column) : null;
    }

    private static string[] Names<T>(DataViewSchema.Column column) where T : IFormattable
    {
        VBuffer<T> names = default;
        column.GetKeyValues(ref names);
        return [.. names.DenseValues().Select(name => name.ToString(null, CultureInfo.InvariantCulture))];
    }

    private static Func<string> Keyed(DataViewRow row, DataViewSchema.Column column)
    {
        Func<ulong> key = Key(row, column);
        IReadOnlyList<string>? names = KeyNames(column);
        return () => key() switch
        {
            0 => "",
            var k when names is not null => names[(int)k - 1],
            var k => k.ToString(CultureInfo.InvariantCulture),
        };
    }

    private static Func<string> Number<T>(DataViewRow row, DataViewSchema.Column column) where T : IFormattable =>
        Getter<T, string>(row, column, v => v.ToString(null, CultureInfo.InvariantCulture));

    private static Func<ulong> Getter<T>(DataViewRow row, DataViewSchema.Column column, Func<T, ulong> convert) =>
        Getter<T, ulong>(row, column, convert);

    private static Func<TResult> Getter<T, TResult>(DataViewRow row, DataViewSchema.Column column, Func<T, TResult> convert)
    {
        ValueGetter<T> getter = row.GetGetter<T>(column);
        T value = default!;
        return () =>
        {
            getter(ref value);
            return convert(value);
        };
    }
}
