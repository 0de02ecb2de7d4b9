using System.Globalization;

namespace SerPipeline.Old.Torch;

/// <summary>
/// Whether the engine computes right on this processor: small convolutions and their gradients against plain loops, once a process, before the first training. oneDNN has given wrong
/// values and NaN without an error (see <see cref="ChannelPadding"/>); a training on them would look like a poor network.
/// </summary>
internal static class EngineCheck
{
    // Sums of some hundred products in float32 err by about 1e-6 of their size; what was seen wrong was wrong by more than half.
    private const double Tolerance = 1e-3;
    private const int Batch = 2, Height = 6, Width = 10, Kernel = 3;

    // A first layer, and one between blocks.
    private static readonly (int Inputs, int Outputs)[] Shapes = [(1, 16), (16, 32), (20, 12)];

    private static readonly Lazy<string?> Problem = new(() => Find((input, weight) => input.Conv2d(weight, null, 1, Kernel / 2, 1)));

    /// <summary>Requires that it does.</summary>
    /// <exception cref="TorchException">It does not.</exception>
    public static void Require()
    {
        if (Problem.Value is { } problem) throw new TorchException(problem);
    }

    /// <summary>Looks for what an engine computes wrong.</summary>
    /// <param name="convolve">[N, in, H, W] and [out, in, 3, 3] to [N, out, H, W], zeros around the input.</param>
    /// <returns>What is wrong, or null.</returns>
    internal static string? Find(Func<Tensor, Tensor, Tensor> convolve)
    {
        var random = new SeededRandom(0).Fork("engine check");
        foreach ((int inputs, int outputs) in Shapes)
        {
            float[] input = Draw(Batch * inputs * Height * Width), weight = Draw(outputs * inputs * Kernel * Kernel), factors = Draw(Batch * outputs * Height * Width);
            if (Error(convolve, input, weight, factors, inputs, outputs) is var (what, error) && !(error <= Tolerance))
                return string.Create(CultureInfo.InvariantCulture,
                    $"libtorch computes the {what} of a convolution from {inputs} to {outputs} channels wrong on this processor, by {error:0.###} of its size: no network could be trusted. Name another libtorch in SER_LIBTORCH, or try the environment variable ONEDNN_MAX_CPU_ISA=AVX2, which keeps oneDNN to older instructions.");
        }
        return null;

        float[] Draw(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)random.NextNormal())];
    }

    private static (string What, double Error) Error(Func<Tensor, Tensor, Tensor> convolve, float[] input, float[] weight, float[] factors, int inputs, int outputs)
    {
        using TensorScope scope = TensorScope.New();
        using var x = new Parameter(Tensor.From(input, Batch, inputs, Height, Width));
        using var w = new Parameter(Tensor.From(weight, outputs, inputs, Kernel, Kernel));
        Tensor output = convolve(x.Value, w.Value);
        double[] expected = Convolution(input, weight, inputs, outputs);
        double size = expected.Max(Math.Abs), worst = output.ToFloats().Zip(expected, (found, value) => Math.Abs(found - value) / size).Aggregate(0.0, (a, b) => !(b <= a) ? b : a);
        if (!(worst <= Tolerance)) return ("values", worst);
        // The sum of factors times outputs is linear in the weights and in the input alone, so it is their inner product with their gradients.
        Autograd.Backward((output * Tensor.From(factors, Batch, outputs, Height, Width)).Sum());
        double sum = Inner(factors, expected), norm = Math.Sqrt(expected.Sum(value => value * value));
        double weights = Math.Abs(Inner(weight, w.Gradient.ToFloats()) - sum) / norm, inner = Math.Abs(Inner(input, x.Gradient.ToFloats()) - sum) / norm;
        return weights <= Tolerance ? ("gradient by its input", inner) : ("gradient by its weights", weights);
    }

    private static double Inner(float[] a, IEnumerable<double> b) => a.Zip(b, (x, y) => x * y).Sum();

    private static double Inner(float[] a, float[] b) => a.Zip(b, (x, y) => (double)x * y).Sum();

    private static double[] Convolution(float[] input, float[] weight, int inputs, int outputs)
    {
        double[] result = new double[Batch * outputs * Height * Width];
        for (int i = 0; i < result.Length; i++)
        {
            int column = i % Width, row = i / Width % Height, channel = i / (Width * Height) % outputs, item = i / (Width * Height * outputs);
            for (int k = 0; k < inputs * Kernel * Kernel; k++)
            {
                int x = column + (k % Kernel) - (Kernel / 2), y = row + (k / Kernel % Kernel) - (Kernel / 2), from = k / (Kernel * Kernel);
                if (x < 0 || y < 0 || x >= Width || y >= Height) continue;
                result[i] += (double)input[(((((item * inputs) + from) * Height) + y) * Width) + x] * weight[(channel * inputs * Kernel * Kernel) + k];
            }
        }
        return result;
    }
}
