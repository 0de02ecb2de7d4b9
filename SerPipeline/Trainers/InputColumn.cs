namespace SerPipeline.Trainers;

/// <summary>A column that a network reads: Vector&lt;Single&gt; of one length.</summary>
internal sealed record InputColumn(string Name, VectorDataViewType Type)
{
    /// <summary>The length of the vector, above 0.</summary>
    public int Size => Type.Size;

    /// <summary>Its dimensions, such as [1, height, width].</summary>
    public IReadOnlyList<int> Dimensions => Type.Dimensions;

    public static InputColumn Find(string stage, string name, DataViewSchema schema) => schema.GetColumnOrNull(name) switch
    {
        null => throw Missing(stage, name, schema),
        { Type: VectorDataViewType { Size: > 0, ItemType: NumberDataViewType item } vector } when item == NumberDataViewType.Single =>
            new InputColumn(name, vector),
        { } other => throw WrongType(stage, name, other.Type.ToString()!),
    };

    /// <summary>Height and width of pixels of one channel.</summary>
    /// <exception cref="SchemaException">The column has other dimensions.</exception>
    public (int Height, int Width) RequireImage(string stage) => Dimensions switch
    {
        [var height, var width] => (height, width),
        [1, var height, var width] => (height, width),
        _ => throw new SchemaException(
            $"{stage} needs pixels of one channel, Vector<Single, 1, height, width> or Vector<Single, height, width>, but column "
                + $"'{Name}' is {Type}. "
            + "Make it with ExtractPixels(colorsToExtract: ColorBits.Red) from an image column of one size."),
    };

    public static SchemaException Missing(string stage, string name, DataViewSchema schema) =>
        Missing(stage, name, schema.Where(c => !c.IsHidden).Select(c => c.Name));

    public static SchemaException Missing(string stage, string name, IEnumerable<string> columns) =>
        new($"{stage} needs a column '{name}', which is not there. The columns are: {string.Join(", ", columns)}.");

    public static SchemaException WrongType(string stage, string name, string found) =>
        new($"{stage} needs column '{name}' to be a Vector<Single> of one known length, but it is {found}.");
}
