using System.Diagnostics.CodeAnalysis;

namespace SerPipeline.Onnx;

/// <summary>A tensor in a graph that is being built. Arithmetic with it adds nodes; numbers become constants of its type.</summary>
[SuppressMessage("Usage", "CA2225:Operator overloads have named alternates",
    Justification = "The operators stand for ONNX's Add, Sub, Mul, Div and comparisons, which OnnxGraphBuilder.Node adds by name.")]
public sealed class OnnxValue
{
    internal OnnxValue(OnnxGraphBuilder graph, string name, OnnxType type) => (Graph, Name, Type) = (graph, name, type);

    /// <summary>The graph it belongs to.</summary>
    public OnnxGraphBuilder Graph { get; }

    /// <summary>Its name there.</summary>
    public string Name { get; }

    /// <summary>The type of its elements.</summary>
    public OnnxType Type { get; }

    /// <summary>The sum, shapes broadcast.</summary>
    public static OnnxValue operator +(OnnxValue a, OnnxValue b) => Two("Add", a, b);

    /// <summary>The difference, shapes broadcast.</summary>
    public static OnnxValue operator -(OnnxValue a, OnnxValue b) => Two("Sub", a, b);

    /// <summary>The product of elements, shapes broadcast.</summary>
    public static OnnxValue operator *(OnnxValue a, OnnxValue b) => Two("Mul", a, b);

    /// <summary>The quotient, shapes broadcast; of whole numbers that are not negative rounded down.</summary>
    public static OnnxValue operator /(OnnxValue a, OnnxValue b) => Two("Div", a, b);

    /// <summary>The sum with a number.</summary>
    public static OnnxValue operator +(OnnxValue a, double b) => a + Number(a, b);

    /// <summary>The difference from a number.</summary>
    public static OnnxValue operator -(OnnxValue a, double b) => a - Number(a, b);

    /// <summary>The product with a number.</summary>
    public static OnnxValue operator *(OnnxValue a, double b) => a * Number(a, b);

    /// <summary>The quotient by a number.</summary>
    public static OnnxValue operator /(OnnxValue a, double b) => a / Number(a, b);

    /// <summary>Where it is less, bool.</summary>
    public static OnnxValue operator <(OnnxValue a, OnnxValue b) => Two("Less", a, b, OnnxType.Bool);

    /// <summary>Where it is greater, bool.</summary>
    public static OnnxValue operator >(OnnxValue a, OnnxValue b) => Two("Greater", a, b, OnnxType.Bool);

    /// <summary>Where both are true.</summary>
    public static OnnxValue operator &(OnnxValue a, OnnxValue b) => Two("And", a, b);

    /// <summary>Where at least one is true.</summary>
    public static OnnxValue operator |(OnnxValue a, OnnxValue b) => Two("Or", a, b);

    /// <summary>Where it is false.</summary>
    public static OnnxValue operator !(OnnxValue a) => a.One("Not");

    /// <summary>The greater of each two elements.</summary>
    /// <param name="other">The other tensor; shapes are broadcast.</param>
    public OnnxValue Max(OnnxValue other) => Two("Max", this, other);

    /// <summary>The lesser of each two elements.</summary>
    /// <param name="other">The other tensor; shapes are broadcast.</param>
    public OnnxValue Min(OnnxValue other) => Two("Min", this, other);

    /// <summary>Elements raised to at least a number.</summary>
    /// <param name="least">The number.</param>
    public OnnxValue AtLeast(double least) => Max(Number(this, least));

    /// <summary>Elements lowered to at most a number.</summary>
    /// <param name="most">The number.</param>
    public OnnxValue AtMost(double most) => Min(Number(this, most));

    /// <summary>An operator of one input and no setting, such as <c>Abs</c>, that keeps the type.</summary>
    /// <param name="operation">ONNX's name of it.</param>
    public OnnxValue One(string operation) => Graph.Node(operation, [this]);

    /// <summary>The elements as another type.</summary>
    /// <param name="type">The type.</param>
    public OnnxValue To(OnnxType type) => type == Type ? this : Graph.Node("Cast", [this], [("to", (long)type)], type);

    /// <summary>These elements where a condition holds, and others elsewhere.</summary>
    /// <param name="condition">bool; shapes are broadcast.</param>
    /// <param name="otherwise">The other elements.</param>
    public OnnxValue Where(OnnxValue condition, OnnxValue otherwise) => Graph.Node("Where", [condition, this, otherwise], type: Type);

    /// <summary>These elements where a condition holds, and a number elsewhere.</summary>
    /// <param name="condition">bool; shapes are broadcast.</param>
    /// <param name="otherwise">The number.</param>
    public OnnxValue Where(OnnxValue condition, double otherwise) => Where(condition, Number(this, otherwise));

    /// <summary>The matrix product.</summary>
    /// <param name="right">The right factor.</param>
    public OnnxValue MatMul(OnnxValue right) => Two("MatMul", this, right);

    /// <summary>The dimensions in another order.</summary>
    /// <param name="order">For each new dimension the old one.</param>
    public OnnxValue Transpose(params long[] order) => Graph.Node("Transpose", [this], [("perm", order)]);

    /// <summary>The same elements in another shape.</summary>
    /// <param name="shape">Lengths; 0 keeps the length that stands there, -1 takes what is left.</param>
    public OnnxValue Reshape(params long[] shape) => Graph.Node("Reshape", [this, Graph.Constant(shape)]);

    /// <summary>New dimensions of length 1.</summary>
    /// <param name="axes">Where they lie afterwards.</param>
    public OnnxValue Unsqueeze(params long[] axes) => Graph.Node("Unsqueeze", [this, Graph.Constant(axes)]);

    /// <summary>Without dimensions of length 1.</summary>
    /// <param name="axes">Where they lie.</param>
    public OnnxValue Squeeze(params long[] axes) => Graph.Node("Squeeze", [this, Graph.Constant(axes)]);

    /// <summary>The elements repeated to fill a shape.</summary>
    /// <param name="shape">int64 [dimensions].</param>
    public OnnxValue Expand(OnnxValue shape) => Graph.Node("Expand", [this, shape]);

    /// <summary>The sums over some dimensions, which become 1.</summary>
    /// <param name="axes">The dimensions.</param>
    public OnnxValue Sum(params long[] axes) => Graph.Node("ReduceSum", [this, Graph.Constant(axes)], [("keepdims", 1L)]);

    /// <summary>The greatest elements over some dimensions, which become 1.</summary>
    /// <param name="axes">The dimensions.</param>
    public OnnxValue Greatest(params long[] axes) => Graph.Node("ReduceMax", [this], [("axes", axes), ("keepdims", 1L)]);

    /// <summary>The least elements over some dimensions, which become 1.</summary>
    /// <param name="axes">The dimensions.</param>
    public OnnxValue Least(params long[] axes) => Graph.Node("ReduceMin", [this], [("axes", axes), ("keepdims", 1L)]);

    /// <summary>The position of the greatest element over one dimension, which goes; int64.</summary>
    /// <param name="axis">The dimension.</param>
    /// <param name="last">Whether the last of equal ones counts, rather than the first.</param>
    public OnnxValue ArgMax(long axis, bool last = false) =>
        Graph.Node("ArgMax", [this], [("axis", axis), ("keepdims", 0L), ("select_last_index", last ? 1L : 0L)], OnnxType.Int64);

    /// <summary>exp(x) over its sum along the last dimension.</summary>
    public OnnxValue Softmax() => Graph.Node("Softmax", [this], [("axis", -1L)]);

    /// <summary>Elements picked along one dimension.</summary>
    /// <param name="indices">int64 of any shape, which takes the dimension's place.</param>
    /// <param name="axis">The dimension.</param>
    public OnnxValue Gather(OnnxValue indices, long axis) => Graph.Node("Gather", [this, indices], [("axis", axis)]);

    /// <summary>For each index the element there along one dimension; the shape is that of the indices.</summary>
    /// <param name="indices">int64 of as many dimensions.</param>
    /// <param name="axis">The dimension.</param>
    public OnnxValue GatherElements(OnnxValue indices, long axis) => Graph.Node("GatherElements", [this, indices], [("axis", axis)]);

    /// <summary>
    /// For each item of a batch the rows at that item's own positions: [batch, rows, ...] and int64 [batch, n] give [batch, n, ...].
    /// </summary>
    /// <param name="positions">int64 [batch, n].</param>
    public OnnxValue GatherRows(OnnxValue positions) => Graph.Node("GatherND", [this, positions.Unsqueeze(-1)], [("batch_dims", 1L)]);

    /// <summary>The length of a dimension, as int64 [] (no dimension).</summary>
    /// <param name="axis">The dimension.</param>
    public OnnxValue Length(long axis) => Graph.Node("Shape", [this], type: OnnxType.Int64).Gather(Graph.Scalar(axis, OnnxType.Int64), 0);

    /// <summary>The elements from one position to before another along one dimension.</summary>
    /// <param name="axis">The dimension.</param>
    /// <param name="start">The first position; a negative one counts from the end.</param>
    /// <param name="end">The position behind the last; a negative one counts from the end.</param>
    public OnnxValue Slice(long axis, long start, long end) =>
        Graph.Node("Slice", [this, Graph.Constant([start]), Graph.Constant([end]), Graph.Constant([axis])]);

    /// <summary>A number set before and behind the elements.</summary>
    /// <param name="before">How many of it before each dimension.</param>
    /// <param name="after">How many of it behind each dimension.</param>
    /// <param name="number">The number; 0 for truth values is false.</param>
    public OnnxValue Pad(long[] before, long[] after, double number = 0)
    {
        OnnxValue lengths = Graph.Constant([.. before, .. after]);
        return Graph.Node("Pad", number == 0 ? [this, lengths] : [this, lengths, Number(this, number)]);
    }

    /// <summary>The sums up to each position along one dimension.</summary>
    /// <param name="axis">The dimension.</param>
    /// <param name="exclusive">Whether the element there is left out of its sum.</param>
    public OnnxValue CumulativeSum(long axis, bool exclusive = false) =>
        Graph.Node("CumSum", [this, Graph.Scalar(axis, OnnxType.Int64)], [("exclusive", exclusive ? 1L : 0L)]);

    /// <summary>The elements in rising order along one dimension.</summary>
    /// <param name="axis">The dimension.</param>
    public OnnxValue Sorted(long axis) => Extremes(axis, Length(axis).Unsqueeze(0), greatest: false);

    /// <summary>The greatest or the least elements along one dimension, those first.</summary>
    /// <param name="axis">The dimension.</param>
    /// <param name="count">How many, int64 [1].</param>
    /// <param name="greatest">Whether the greatest are wanted rather than the least.</param>
    public OnnxValue Extremes(long axis, OnnxValue count, bool greatest) =>
        Graph.Nodes("TopK", [this, count], 2, [("axis", axis), ("largest", greatest ? 1L : 0L)], [Type, OnnxType.Int64])[0];

    /// <summary>Equal parts along a dimension.</summary>
    /// <param name="axis">The dimension.</param>
    /// <param name="parts">How many.</param>
    public IReadOnlyList<OnnxValue> Split(long axis, int parts) =>
        Graph.Nodes("Split", [this], parts, [("axis", axis)], [.. Enumerable.Repeat(Type, parts)]);

    private static OnnxValue Number(OnnxValue like, double number) => like.Graph.Scalar(number, like.Type);

    private static OnnxValue Two(string operation, OnnxValue a, OnnxValue b, OnnxType? type = null) =>
        a.Graph.Node(operation, [a, b], type: type ?? a.Type);
}
