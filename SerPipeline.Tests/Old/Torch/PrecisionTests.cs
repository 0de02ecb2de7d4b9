using SerPipeline.Old.Torch;
using SerPipeline.Old.Torch.Layers;


namespace SerPipeline.Tests.Old.Torch;

/// <summary>Training in bfloat16, which is the default on processors that compute with it, against float32.</summary>
public class PrecisionTests
{
    // bfloat16 keeps 8 bits: each rounding is off by at most 2^-9 of a value. Operands, gradient and result of each product are rounded, and the
    // errors of many products partly cancel: single layers stay within two such units of 2^-8, attention, with five products in a row, within six.
    [Theory]
    [InlineData("Conv2d", 2)]
    [InlineData("Conv1d", 2)]
    [InlineData("Linear", 2)]
    [InlineData("MultiheadAttention", 6)]
    public void Gradients_in_bfloat16_follow_those_in_float32(string layer, double units)
    {
        using var scope = TensorScope.New();
        (Module module, long[] shape) = Make(layer);
        using (module)
        {
            using var input = new Parameter(Tensor.From(Draw.Normal(2, Draw.Count(shape)), shape));
            Dictionary<string, float[]> exact = Gradients(module, input, ComputePrecision.Float32), rounded = Gradients(module, input, ComputePrecision.BFloat16);
            foreach ((string name, float[] expected) in exact)
            {
                double norm = Norm(expected);
                Assert.True(norm > 0, name);
                Assert.NotEqual(expected, rounded[name]);
                double error = Norm([.. expected.Zip(rounded[name], (a, b) => a - b)]) / norm;
                Assert.True(error <= units / 256, $"{layer} {name}: off by {error * 256:0.00} / 256 of its norm");
            }
        }
    }

    private static Dictionary<string, float[]> Gradients(Module module, Parameter input, ComputePrecision precision)
    {
        module.SetPrecision(precision);
        module.ZeroGrad();
        input.ZeroGrad();
        Tensor output = module.Forward(input.Value);
        Autograd.Backward((output.To(ScalarType.Float32) * Tensor.From(Draw.Normal(3, output.ElementCount), output.Shape)).Sum());
        return module.NamedParameters().Append(KeyValuePair.Create("input", input)).ToDictionary(named => named.Key, named => named.Value.Gradient.ToFloats());
    }

    private static double Norm(float[] values) => Math.Sqrt(values.Sum(value => (double)value * value));

    private static (Module Module, long[] Shape) Make(string layer)
    {
        var random = new SeededRandom(11);
        return layer switch
        {
            "Conv2d" => (new Conv2d(3, 8, 3, random, padding: 1), [4, 3, 9, 8]),
            "Conv1d" => (new Conv1d(6, 8, 3, random, padding: 1), [4, 6, 20]),
            "Linear" => (new Linear(24, 10, random), [16, 24]),
            "MultiheadAttention" => (new MultiheadAttention(16, 4, random), [3, 12, 16]),
            _ => throw new ArgumentException(layer),
        };
    }
}
