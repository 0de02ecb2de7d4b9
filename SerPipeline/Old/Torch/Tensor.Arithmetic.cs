using SerPipeline.Old.Torch.Native;


namespace SerPipeline.Old.Torch;

public sealed partial class Tensor
{
    /// <summary>Sum, element by element, with broadcasting.</summary>
    /// <param name="other">A tensor whose shape broadcasts with this one's; one of the two at least is float32 or bfloat16, none is bool.</param>
    public Tensor Add(Tensor other)
    {
        // add.Tensor takes a Scalar, which the C interface cannot pass; this - (-1) * other is the same sum, exactly.
        TensorCheck.Summable("add", this, other);
        TensorCheck.Broadcastable("add", this, other);
        Succeed(NativeMethods.Subtract(Handle, other.Handle, -1, out nint result), "add");
        return Adopt(result);
    }

    /// <summary>Difference, element by element, with broadcasting.</summary>
    /// <param name="other">What is subtracted; its shape broadcasts with this one's, and the types are as for <see cref="Add(Tensor)"/>.</param>
    public Tensor Subtract(Tensor other)
    {
        TensorCheck.Summable("subtract", this, other);
        TensorCheck.Broadcastable("subtract", this, other);
        Succeed(NativeMethods.Subtract(Handle, other.Handle, 1, out nint result), "subtract");
        return Adopt(result);
    }

    /// <summary>Product, element by element, with broadcasting.</summary>
    /// <param name="other">A tensor whose shape broadcasts with this one's.</param>
    public Tensor Multiply(Tensor other) => Broadcast("aten::mul"u8, "multiply", other);

    /// <summary>Quotient, element by element, with broadcasting.</summary>
    /// <param name="other">The divisor; its shape broadcasts with this one's.</param>
    public Tensor Divide(Tensor other) => Broadcast("aten::div"u8, "divide", other);

    /// <summary>Adds a number to every element.</summary>
    /// <param name="value">The number.</param>
    public Tensor Add(float value)
    {
        using Tensor scalar = Scalar(value);
        return Add(scalar);
    }

    /// <summary>Subtracts a number from every element.</summary>
    /// <param name="value">The number.</param>
    public Tensor Subtract(float value)
    {
        using Tensor scalar = Scalar(value);
        return Subtract(scalar);
    }

    /// <summary>Every element with the other sign.</summary>
    public Tensor Negate() => Unary("aten::neg"u8, "neg");

    /// <summary>Multiplies every element by a number.</summary>
    /// <param name="value">The number.</param>
    public Tensor Multiply(float value)
    {
        using Tensor scalar = Scalar(value);
        return Multiply(scalar);
    }

    /// <summary>The sum of two tensors, with broadcasting.</summary>
    /// <param name="left">One tensor.</param>
    /// <param name="right">The other.</param>
    public static Tensor operator +(Tensor left, Tensor right) => NotNull(left).Add(right);

    /// <summary>The difference of two tensors, with broadcasting.</summary>
    /// <param name="left">What is subtracted from.</param>
    /// <param name="right">What is subtracted.</param>
    public static Tensor operator -(Tensor left, Tensor right) => NotNull(left).Subtract(right);

    /// <summary>The product of two tensors, element by element, with broadcasting.</summary>
    /// <param name="left">One tensor.</param>
    /// <param name="right">The other.</param>
    public static Tensor operator *(Tensor left, Tensor right) => NotNull(left).Multiply(right);

    /// <summary>The quotient of two tensors, element by element, with broadcasting.</summary>
    /// <param name="left">What is divided.</param>
    /// <param name="right">The divisor.</param>
    public static Tensor operator /(Tensor left, Tensor right) => NotNull(left).Divide(right);

    /// <summary>Every element times a number.</summary>
    /// <param name="left">The tensor.</param>
    /// <param name="right">The number.</param>
    public static Tensor operator *(Tensor left, float right) => NotNull(left).Multiply(right);

    /// <summary>A number times every element.</summary>
    /// <param name="left">The number.</param>
    /// <param name="right">The tensor.</param>
    public static Tensor operator *(float left, Tensor right) => NotNull(right).Multiply(left);

    /// <summary>Every element plus a number.</summary>
    /// <param name="left">The tensor.</param>
    /// <param name="right">The number.</param>
    public static Tensor operator +(Tensor left, float right) => NotNull(left).Add(right);

    /// <summary>Every element minus a number.</summary>
    /// <param name="left">The tensor.</param>
    /// <param name="right">The number.</param>
    public static Tensor operator -(Tensor left, float right) => NotNull(left).Subtract(right);

    /// <summary>Every element with the other sign.</summary>
    /// <param name="tensor">The tensor.</param>
    public static Tensor operator -(Tensor tensor) => NotNull(tensor).Negate();

    /// <summary>The square root of every element.</summary>
    public Tensor Sqrt() => Unary("aten::sqrt"u8, "sqrt");

    /// <summary>One over the square root of every element.</summary>
    public Tensor Rsqrt() => Unary("aten::rsqrt"u8, "rsqrt");

    /// <summary>The square of every element.</summary>
    public Tensor Square() => Unary("aten::square"u8, "square");

    /// <summary>The exponential of every element.</summary>
    public Tensor Exp() => Unary("aten::exp"u8, "exp");

    /// <summary>The natural logarithm of every element.</summary>
    public Tensor Log() => Unary("aten::log"u8, "log");

    /// <summary>Every element, or <paramref name="least"/> where it is smaller; no gradient passes where it is.</summary>
    /// <param name="least">The lower bound.</param>
    public Tensor ClampMin(float least)
    {
        TensorCheck.Floating("clamp_min", "tensor", this);
        using Tensor bound = Scalar(least);
        using Tensor? same = Type == ScalarType.Float32 ? null : bound.To(Type);
        var call = new OperatorCall("aten::clamp_min"u8, "Tensor"u8);
        call.Push(this);
        call.Push(same ?? bound);
        return call.Run();
    }

    /// <summary>The matrix product; leading dimensions broadcast.</summary>
    /// <param name="other">[..., k, n] for this of shape [..., m, k].</param>
    public Tensor MatMul(Tensor other)
    {
        TensorCheck.Floating("matmul", "left", this);
        TensorCheck.SameType("matmul", "right", other, this);
        if (Rank < 2) throw TensorCheck.Fail("matmul", "left", "at least 2-dimensional [..., m, k]", ToString());
        if (other.Rank < 2 || other.Size(-2) != Size(-1)) throw TensorCheck.Fail("matmul", "right", $"[..., {Size(-1)}, n] for a left of {this}", other.ToString());
        for (int i = 3; i <= Math.Min(Rank, other.Rank); i++)
        {
            long a = Shape[^i], b = other.Shape[^i];
            if (a != b && a != 1 && b != 1) throw TensorCheck.Fail("matmul", "right", $"of leading dimensions that broadcast with {this}", other.ToString());
        }
        var call = new OperatorCall("aten::matmul"u8, default);
        call.Push(this);
        call.Push(other);
        return call.Run();
    }

    /// <summary>x @ weightᵀ + bias over the last dimension.</summary>
    /// <param name="weight">[out, in].</param>
    /// <param name="bias">[out], or null.</param>
    public Tensor Linear(Tensor weight, Tensor? bias)
    {
        TensorCheck.Rank("linear", "weight", weight, 2, "[out, in]");
        if (Rank < 1 || Size(-1) != weight.Size(1)) throw TensorCheck.Fail("linear", "input", $"[..., {weight.Size(1)}] for a weight of {weight}", ToString());
        TensorCheck.Floating("linear", "input", this);
        TensorCheck.SameType("linear", "weight", weight, this);
        if (bias is not null)
        {
            TensorCheck.Shape("linear", "bias", bias, weight.Size(0));
            TensorCheck.SameType("linear", "bias", bias, this);
        }
        var call = new OperatorCall("aten::linear"u8, default);
        call.Push(this);
        call.Push(weight);
        call.PushOptional(bias);
        return call.Run();
    }

    private Tensor Broadcast(ReadOnlySpan<byte> operatorName, string operation, Tensor other)
    {
        TensorCheck.Broadcastable(operation, this, other);
        var call = new OperatorCall(operatorName, "Tensor"u8);
        call.Push(this);
        call.Push(other);
        return call.Run();
    }

    private static Tensor NotNull(Tensor operand)
    {
        ArgumentNullException.ThrowIfNull(operand);
        return operand;
    }

    private Tensor Unary(ReadOnlySpan<byte> operatorName, string operation)
    {
        TensorCheck.Floating(operation, "tensor", this);
        var call = new OperatorCall(operatorName, default);
        call.Push(this);
        return call.Run();
    }
}
