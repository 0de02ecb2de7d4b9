using static TorchSharp.torch;

namespace SerPipeline.Networks;

/// <summary>
/// Convolutions and their gradients against plain loops. oneDNN 3.7 has computed them wrong, without an error, on a processor newer than
/// itself where channels were no whole blocks of 16; networks therefore fill their channels up to whole blocks, and this looks at what
/// they then compute.
/// </summary>
internal static class ConvolutionCheck
{
    // Sums of some hundred products in float32 err by about 1e-6 of their size; what was seen wrong was wrong by more than a tenth.
    private const double Tolerance = 1e-3;
    private const int Batch = 2, Width = 10;

    /// <summary>
    /// Channels in and out, height and kernel [kernelHeight, kernelWidth], odd; as wide as high with padding of half a kernel.
    /// </summary>
    internal readonly record struct Shape(int Inputs, int Outputs, int Height, int KernelHeight, int KernelWidth);

    /// <summary>Square kernels over images, one of a single point, and one over a series.</summary>
    internal static IReadOnlyList<Shape> WholeBlocks { get; } =
        [new(16, 32, 6, 3, 3), new(32, 16, 6, 3, 3), new(16, 16, 6, 7, 7), new(32, 48, 6, 1, 1), new(48, 32, 1, 1, 5)];

    /// <summary>Looks for what libtorch computes wrong in whole blocks of channels, with channels last in memory and first.</summary>
    /// <returns>What is wrong, or null.</returns>
    public static string? Find() => Find(WholeBlocks, Convolve, (input, weight) => Convolve(ChannelsLast(input), weight));

    /// <summary>Looks for what a convolution computes wrong.</summary>
    /// <param name="shapes">What to try.</param>
    /// <param name="ways">From [N, in, H, W] and [out, in, kernelHeight, kernelWidth] to [N, out, H, W], zeros around the input.</param>
    /// <returns>What is wrong, or null.</returns>
    public static string? Find(IEnumerable<Shape> shapes, params Func<Tensor, Tensor, Tensor>[] ways)
    {
        var random = new SeededRandom(0).Fork("engine check");
        foreach (Shape shape in shapes)
        {
            float[] input = Draw(Batch * shape.Inputs * shape.Height * Width);
            float[] weight = Draw(shape.Outputs * shape.Inputs * shape.KernelHeight * shape.KernelWidth);
            float[] factors = Draw(Batch * shape.Outputs * shape.Height * Width);
            double[] expected = Convolution(input, weight, shape);
            foreach (Func<Tensor, Tensor, Tensor> convolve in ways)
                if (Error(convolve, shape, input, weight, factors, expected) is var (what, error) && !(error <= Tolerance))
                    return $"libtorch computes the {what} of a convolution from {shape.Inputs} to {shape.Outputs} channels wrong "
                        + string.Create(CultureInfo.InvariantCulture,
                        $"on this processor, by {error:0.###} of its size: no network could be trusted. ")
                        + $"Name another libtorch in {TorchEngine.FolderVariable}, "
                        + "or set the environment variable ONEDNN_MAX_CPU_ISA=SSE41, which keeps oneDNN to older and slower instructions.";
        }
        return null;

        float[] Draw(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)random.NextNormal())];
    }

    private static Tensor Convolve(Tensor input, Tensor weight) =>
        nn.functional.conv2d(input, weight, padding: [weight.shape[2] / 2, weight.shape[3] / 2]);

    // The strides that libtorch takes for channels last.
    private static Tensor ChannelsLast(Tensor input) => input.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2);

    private static (string What, double Error) Error(
        Func<Tensor, Tensor, Tensor> convolve, Shape shape, float[] input, float[] weight, float[] factors, double[] expected)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable gradients = enable_grad();
        Tensor x = tensor(input, [Batch, shape.Inputs, shape.Height, Width], requires_grad: true);
        Tensor w = tensor(weight, [shape.Outputs, shape.Inputs, shape.KernelHeight, shape.KernelWidth], requires_grad: true);
        Tensor output = convolve(x, w);
        double size = expected.Max(Math.Abs);
        double worst = Floats(output).Zip(expected, (found, value) => Math.Abs(found - value) / size)
            .Aggregate(0.0, Math.Max);
        if (!(worst <= Tolerance)) return ("values", worst);
        // The sum of factors times outputs is linear in the weights and in the input alone, so it is their inner product with their
        // gradients.
        (output * tensor(factors, output.shape)).sum().backward();
        double sum = Inner(factors, expected), norm = Math.Sqrt(expected.Sum(value => value * value));
        double weights = Math.Abs(Inner(weight, Floats(w.grad!)) - sum) / norm;
        double inner = Math.Abs(Inner(input, Floats(x.grad!)) - sum) / norm;
        return weights <= Tolerance ? ("gradient by its input", inner) : ("gradient by its weights", weights);
    }

    private static double[] Floats(Tensor values) => [.. values.detach().contiguous().data<float>().Select(value => (double)value)];

    private static double Inner(float[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();

    private static double[] Convolution(float[] input, float[] weight, Shape shape)
    {
        (int inputs, int outputs, int height, int kernelHeight, int kernelWidth) = shape;
        int kernel = kernelHeight * kernelWidth;
        double[] result = new double[Batch * outputs * height * Width];
        for (int i = 0; i < result.Length; i++)
        {
            int column = i % Width, row = i / Width % height;
            int channel = i / (Width * height) % outputs, item = i / (Width * height * outputs);
            for (int k = 0; k < inputs * kernel; k++)
            {
                int x = column + (k % kernelWidth) - (kernelWidth / 2);
                int y = row + (k / kernelWidth % kernelHeight) - (kernelHeight / 2);
                int from = k / kernel;
                if (x < 0 || y < 0 || x >= Width || y >= height) continue;
                result[i] += (double)input[(((((item * inputs) + from) * height) + y) * Width) + x]
                    * weight[(channel * inputs * kernel) + k];
            }
        }
        return result;
    }
}
