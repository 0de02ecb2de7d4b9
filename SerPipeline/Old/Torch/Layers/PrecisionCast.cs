namespace SerPipeline.Old.Torch.Layers;

/// <summary>Brings the operands of one operation to the type it computes in, and disposes the copies when the operation is done.</summary>
/// <remarks>The copies stay alive natively as long as what was recorded for gradients needs them.</remarks>
internal sealed class PrecisionCast : IDisposable
{
    private readonly ScalarType _type;
    private readonly TensorScope _scope = TensorScope.New();

    public PrecisionCast(ComputePrecision precision) =>
        _type = precision == ComputePrecision.BFloat16 ? ScalarType.BFloat16 : ScalarType.Float32;

    [return: System.Diagnostics.CodeAnalysis.NotNullIfNotNull(nameof(operand))]
    public Tensor? In(Tensor? operand) => operand is null || operand.Type == _type ? operand : operand.To(_type);

    /// <summary>Hands the result to the scope outside.</summary>
    public Tensor Own(Tensor result) => _scope.MoveToOuter(result);

    /// <summary>Hands the result to the scope outside, as float32.</summary>
    public Tensor OwnFloat32(Tensor result) => _scope.MoveToOuter(result.Type == ScalarType.Float32 ? result : result.To(ScalarType.Float32));

    public void Dispose() => _scope.Dispose();
}
