using SerPipeline.Old.Pipeline;


namespace SerPipeline.Old.Models;

/// <summary>What a model file holds, apart from how it is laid out.</summary>
public sealed record ModelDocument
{
    /// <summary>The version of the layout that this library writes, and the newest it reads.</summary>
    public const int CurrentFormatVersion = 2;

    /// <summary>The version of this library.</summary>
    internal static string ThisVersion { get; } = typeof(ModelDocument).Assembly.GetName().Version!.ToString(3);

    /// <summary>The version of the layout.</summary>
    public int FormatVersion { get; init; } = CurrentFormatVersion;

    /// <summary>The version of this library that wrote the file.</summary>
    public required string LibraryVersion { get; init; }

    /// <summary>The columns that the first stage was given.</summary>
    public required IReadOnlyList<ModelColumn> InputColumns { get; init; }

    /// <summary>The stages in order.</summary>
    public required IReadOnlyList<StageContent> Stages { get; init; }

    /// <summary>The chain as the bytes of an ONNX model, which makes the file a model of ML.NET too; null where it has none.</summary>
    public ReadOnlyMemory<byte>? Onnx { get; init; }

    /// <summary>Why there is no ONNX model; null where there is one, and in files of format version 1, which had none.</summary>
    public string? OnnxProblem { get; init; }

    /// <summary>Texts that travel with the model, such as how it was trained and how it scored. Prediction reads none of them.</summary>
    public IReadOnlyDictionary<string, string> Notes { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// Files that travel with the model by name, such as its scores and its card; at most 64 MiB together. Prediction reads none of them. A name is a relative path of letters,
    /// digits, <c>.</c>, <c>-</c>, <c>_</c> and spaces with <c>/</c> between folders; <c>model.json</c> and <c>stages</c> are taken.
    /// </summary>
    public IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Attachments { get; init; } = new Dictionary<string, ReadOnlyMemory<byte>>();
}

/// <summary>A column as a model file keeps it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="Sizes">Its sizes: the shape of a vector, height and width of an image, the rate of audio, the values of a key, the bits of a number other than a float.</param>
public sealed record ModelColumn(string Name, ColumnKind Kind, IReadOnlyList<int> Sizes)
{
    // The sizes of a number that is no float: 64 for a double, 32 for a whole number.
    private const int DoubleBits = 64, WholeBits = 32;

    internal static ModelColumn From(DataViewSchema.Column column) => new(column.Name, SchemaShape.Column.KindOf(column.Type), column.Type switch
    {
        VectorDataViewType vector => vector.Dimensions,
        ImageDataViewType image => [image.Height, image.Width],
        AudioDataViewType audio => [audio.SampleRateHz],
        KeyDataViewType key => [key.Count],
        NumberDataViewType number when number.RawType == typeof(double) => [DoubleBits],
        NumberDataViewType number when number.RawType == typeof(int) => [WholeBits],
        _ => [],
    });

    /// <exception cref="ModelFormatException">The sizes are none of a column of this kind.</exception>
    internal DataViewSchema.DetachedColumn ToColumn() => new(Name, (Kind, Sizes.Count) switch
    {
        (ColumnKind.Text, 0) => TextDataViewType.Instance,
        (ColumnKind.Number, 0) => NumberDataViewType.Single,
        (ColumnKind.Number, 1) when Sizes[0] == DoubleBits => NumberDataViewType.Double,
        (ColumnKind.Number, 1) when Sizes[0] == WholeBits => NumberDataViewType.Int32,
        (ColumnKind.Vector, > 0) when Sizes.All(s => s >= 0) => new VectorDataViewType([.. Sizes]),
        (ColumnKind.Image, 2) when Sizes[0] > 0 && Sizes[1] >= 0 => new ImageDataViewType(Sizes[0], Sizes[1]),
        (ColumnKind.Audio, 1) when Sizes[0] > 0 => new AudioDataViewType(Sizes[0]),
        (ColumnKind.Key, 1) when Sizes[0] > 0 => new KeyDataViewType(Sizes[0]),
        _ => throw new ModelFormatException($"Input column '{Name}' is of kind {Kind} with sizes [{string.Join(", ", Sizes)}], which this version does not know."),
    });
}

/// <summary>Writes and reads model files. One implementation a layout.</summary>
public interface IModelFormat
{
    /// <summary>Writes a model.</summary>
    /// <param name="destination">A seekable stream.</param>
    /// <param name="model">The model.</param>
    void Write(Stream destination, ModelDocument model);

    /// <summary>Reads a model.</summary>
    /// <param name="source">A seekable stream.</param>
    /// <param name="name">What to call it in messages.</param>
    /// <exception cref="ModelFormatException">The file is damaged, truncated, foreign or newer than this library.</exception>
    ModelDocument Read(Stream source, string name);
}
