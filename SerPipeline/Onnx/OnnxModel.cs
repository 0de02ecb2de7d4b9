using System.Diagnostics.CodeAnalysis;

namespace SerPipeline.Onnx;

/// <summary>Types of tensor elements, with the numbers of ONNX's TensorProto.DataType.</summary>
[SuppressMessage("Naming", "CA1720:Identifier contains type name", Justification = "They are types, under ONNX's names.")]
public enum OnnxType
{
    /// <summary>float32.</summary>
    Float = 1,

    /// <summary>int32.</summary>
    Int32 = 6,

    /// <summary>int64.</summary>
    Int64 = 7,

    /// <summary>Text, UTF-8.</summary>
    String = 8,

    /// <summary>A truth value.</summary>
    Bool = 9,

    /// <summary>float64.</summary>
    Double = 11,
}

/// <summary>An ONNX model: one graph of operators of the standard domain, with its weights inside.</summary>
public sealed record OnnxModel
{
    /// <summary>The version of the operators that this library writes: opset 17 (ONNX 1.12).</summary>
    public const int OperatorSet = 17;

    // The intermediate representation that belongs to opset 17.
    internal const int WrittenIrVersion = 8;

    /// <summary>The version of the file format.</summary>
    public long IrVersion { get; init; } = WrittenIrVersion;

    /// <summary>The program that wrote the model.</summary>
    public string Producer { get; init; } = "";

    /// <summary>The version of that program.</summary>
    public string ProducerVersion { get; init; } = "";

    /// <summary>The operator sets that nodes come from: the version by domain, empty for ONNX's own.</summary>
    public IReadOnlyDictionary<string, long> OperatorSets { get; init; } = new Dictionary<string, long> { [""] = OperatorSet };

    /// <summary>The graph with its weights.</summary>
    public required OnnxGraph Graph { get; init; }

    /// <summary>Texts stored with the model, by key.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    /// <summary>A model of this library's making.</summary>
    internal static OnnxModel Of(OnnxGraph graph) => new()
    {
        Producer = "SerPipeline",
        ProducerVersion = typeof(OnnxModel).Assembly.GetName().Version!.ToString(3),
        Graph = graph,
    };

    /// <summary>The model as the bytes of an <c>.onnx</c> file; the same model gives the same bytes.</summary>
    public byte[] ToBytes() => OnnxFile.Write(this);

    /// <summary>Reads an <c>.onnx</c> file.</summary>
    /// <param name="bytes">The content of the file.</param>
    /// <exception cref="ModelFormatException">The bytes are no ONNX model, or the model has parts that this library does not
    /// know.</exception>
    public static OnnxModel Read(ReadOnlyMemory<byte> bytes) => OnnxFile.Read(bytes);
}

/// <summary>A graph of operators in topological order.</summary>
/// <param name="Name">The name of the graph.</param>
/// <param name="Inputs">The declared inputs; one that an initializer has the name of need not be given, and is that then.</param>
/// <param name="Outputs">The declared outputs.</param>
/// <param name="Nodes">The operators; a node's inputs come from nodes before it.</param>
/// <param name="Initializers">Constants and weights.</param>
public sealed record OnnxGraph(
    string Name, IReadOnlyList<OnnxValueInfo> Inputs, IReadOnlyList<OnnxValueInfo> Outputs, IReadOnlyList<OnnxNode> Nodes,
    IReadOnlyList<OnnxTensor> Initializers);

/// <summary>The declaration of an input or output.</summary>
/// <param name="Name">The name of the tensor.</param>
/// <param name="Type">The type of its elements.</param>
/// <param name="Shape">The dimensions; null where none is declared.</param>
public sealed record OnnxValueInfo(string Name, OnnxType Type, IReadOnlyList<OnnxDimension>? Shape)
{
    /// <summary>Name, type and shape.</summary>
    public override string ToString() => $"{Name}: {Type} [{(Shape is null ? "?" : string.Join(", ", Shape))}]";
}

/// <summary>A dimension: a length, or the name of a free one.</summary>
/// <param name="Length">The length; null when free.</param>
/// <param name="Name">The name of a free dimension.</param>
public readonly record struct OnnxDimension(long? Length, string? Name)
{
    /// <summary>A dimension of one length.</summary>
    /// <param name="length">The length.</param>
    public static implicit operator OnnxDimension(long length) => new(length, null);

    /// <summary>A free dimension.</summary>
    /// <param name="name">The name of the tensor.</param>
    public static implicit operator OnnxDimension(string name) => new(null, name);

    /// <summary>Length or name.</summary>
    public override string ToString() =>
        Length is { } length ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{length}") : Name ?? "?";
}

/// <summary>One operator of the graph.</summary>
/// <param name="Operator">The operator's ONNX name, such as <c>MatMul</c>.</param>
/// <param name="Inputs">The names of the input tensors; empty for an omitted optional input.</param>
/// <param name="Outputs">The names of the output tensors.</param>
/// <param name="Attributes">By name: <see cref="long"/>, <see cref="float"/>, <see cref="string"/>, <c>long[]</c>, <c>float[]</c>,
/// <c>string[]</c>, or the body of a loop or branch, <see cref="OnnxGraph"/>.</param>
/// <param name="Name">A name for viewers of the graph.</param>
/// <param name="Domain">The operator set it comes from; empty for ONNX's own.</param>
public sealed record OnnxNode(
    string Operator, IReadOnlyList<string> Inputs, IReadOnlyList<string> Outputs, IReadOnlyDictionary<string, object> Attributes,
    string Name = "", string Domain = "");

/// <summary>A constant tensor: a weight or initializer.</summary>
public sealed record OnnxTensor
{
    private OnnxTensor(string name, OnnxType type, long[] shape, ReadOnlyMemory<byte> bytes, string[] texts) =>
        (Name, Type, Shape, Bytes, Texts) = (name, type, shape, bytes, texts);

    /// <summary>The name of the tensor.</summary>
    public string Name { get; }

    /// <summary>The type of its elements.</summary>
    public OnnxType Type { get; }

    /// <summary>The lengths of its dimensions.</summary>
    public IReadOnlyList<long> Shape { get; }

    /// <summary>The elements, row-major, little-endian; empty for texts.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>The elements of a tensor of texts; empty for others.</summary>
    public IReadOnlyList<string> Texts { get; }

    /// <summary>The number of elements.</summary>
    public long Count => Shape.Aggregate(1L, (a, b) => checked(a * b));

    /// <summary>A tensor of numbers.</summary>
    /// <param name="name">The name of the tensor.</param>
    /// <param name="type">The type of its elements.</param>
    /// <param name="shape">The lengths of its dimensions.</param>
    /// <param name="bytes">The elements, row-major, little-endian; not copied.</param>
    public static OnnxTensor Raw(string name, OnnxType type, IEnumerable<long> shape, ReadOnlyMemory<byte> bytes) =>
        new(name, type, [.. shape], bytes, []);

    /// <summary>A tensor of numbers or truth values.</summary>
    /// <typeparam name="T">float, double, int, long or bool.</typeparam>
    /// <param name="name">The name of the tensor.</param>
    /// <param name="shape">The lengths of its dimensions.</param>
    /// <param name="values">The elements, row-major.</param>
    public static OnnxTensor From<T>(string name, IEnumerable<long> shape, ReadOnlySpan<T> values) where T : unmanaged =>
        Raw(name, TypeOf(typeof(T)), shape, MemoryMarshal.AsBytes(values).ToArray());

    /// <summary>A tensor of texts.</summary>
    /// <param name="name">The name of the tensor.</param>
    /// <param name="shape">The lengths of its dimensions.</param>
    /// <param name="texts">The elements, row-major.</param>
    public static OnnxTensor From(string name, IEnumerable<long> shape, IEnumerable<string> texts) =>
        new(name, OnnxType.String, [.. shape], default, [.. texts]);

    /// <summary>The bytes of one element; 0 for texts.</summary>
    /// <param name="type">The type.</param>
    public static int SizeOf(OnnxType type) => type switch
    {
        OnnxType.Float or OnnxType.Int32 => 4,
        OnnxType.Int64 or OnnxType.Double => 8,
        OnnxType.Bool => 1,
        _ => 0,
    };

    internal static OnnxType TypeOf(Type type) => type == typeof(float) ? OnnxType.Float : type == typeof(double) ? OnnxType.Double
        : type == typeof(int) ? OnnxType.Int32 : type == typeof(long) ? OnnxType.Int64 : type == typeof(bool) ? OnnxType.Bool
        : throw new ArgumentException($"Expected float, double, int, long or bool, got {type.Name}.", nameof(type));
}
