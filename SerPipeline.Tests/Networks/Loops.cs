using SerPipeline.Networks;
using static TorchSharp.torch;

namespace SerPipeline.Tests.Networks;

/// <summary>Draws and plain loops in double precision, written from the definitions, to hold networks to.</summary>
internal static class Loops
{
    public static float[] Normal(long seed, params long[] shape)
    {
        var random = new SeededRandom(seed);
        return [.. Enumerable.Range(0, (int)shape.Aggregate(1L, (a, b) => a * b)).Select(_ => (float)random.NextNormal())];
    }

    public static Tensor NormalTensor(long seed, params long[] shape)
    {
        TorchEngine.Start();
        return tensor(Normal(seed, shape), shape);
    }

    public static float[] Floats(Tensor values) => values.detach().to(ScalarType.Float32).contiguous().data<float>().ToArray();

    public static Dictionary<string, float[]> State(nn.Module network) => ((IEnumerable<(string Name, Tensor Value)>)
        [.. network.named_parameters().Select(p => (p.name, (Tensor)p.parameter)), .. network.named_buffers().Select(b =>
            (b.name, b.buffer))])
        .ToDictionary(v => v.Name, v => Floats(v.Value), StringComparer.Ordinal);

    /// <summary>Every element within the tolerance, relative to the larger of 1 and the expected magnitude.</summary>
    public static void Near(double[] expected, float[] found, double tolerance)
    {
        Assert.Equal(expected.Length, found.Length);
        for (int i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs(expected[i] - found[i]) <= tolerance * Math.Max(1, Math.Abs(expected[i])),
                $"element {i}: expected {expected[i]:R}, got {found[i]:R}");
    }

    /// <summary>Rows of [n][t][features] from row-major values.</summary>
    public static double[][][] Items(float[] values, int frames, int features) =>
        [.. values.Select(v => (double)v).Chunk(features).Chunk(frames)];

    public static double[] Softmax(double[] x)
    {
        double[] e = [.. x.Select(value => Math.Exp(value - x.Max()))];
        return [.. e.Select(value => value / e.Sum())];
    }

    /// <summary>y = W x + b for one row.</summary>
    public static double[] Linear(double[] x, float[] weight, float[]? bias) =>
        [.. Enumerable.Range(0, weight.Length / x.Length).Select(o =>
            (bias?[o] ?? 0) + x.Select((value, k) => value * weight[(o * x.Length) + k]).Sum())];

    /// <summary>One LSTM layer over one item: x [t][features] to h [t][hidden].</summary>
    public static double[][] Lstm(double[][] x, float[] wih, float[] whh, float[] bih, float[] bhh, int hidden)
    {
        double[] h = new double[hidden], c = new double[hidden];
        return [.. x.Select(frame =>
        {
            double[] fromInput = Linear(frame, wih, bih), fromState = Linear(h, whh, bhh), gates = [.. fromInput.Zip(fromState, (a, b) =>
                a + b)];
            for (int k = 0; k < hidden; k++) c[k] = (Sigmoid(gates[hidden + k]) * c[k])
                + (Sigmoid(gates[k]) * Math.Tanh(gates[(2 * hidden) + k]));
            return h = [.. Enumerable.Range(0, hidden).Select(k => Sigmoid(gates[(3 * hidden) + k]) * Math.Tanh(c[k]))];
        })];
    }

    /// <summary>Cross-correlation of [n, c, h, w] with [o, c / groups, kh, kw]; 1-D convolutions have h = kh = 1.</summary>
    public static double[] Convolution(float[] x, long[] xs, float[] weight, long[] ws, float[]? bias, long[] stride, long[] padding,
        long[] dilation, long groups)
    {
        long outH = ((xs[2] + (2 * padding[0]) - (dilation[0] * (ws[2] - 1)) - 1) / stride[0])
            + 1, outW = ((xs[3] + (2 * padding[1]) - (dilation[1] * (ws[3] - 1)) - 1) / stride[1]) + 1;
        double[] result = new double[xs[0] * ws[0] * outH * outW];
        for (long i = 0; i < result.Length; i++)
        {
            long column = i % outW, row = i / outW % outH, o = i / (outW * outH) % ws[0], n = i / (outW * outH * ws[0]);
            result[i] = bias?[o] ?? 0;
            for (long k = 0; k < ws[1] * ws[2] * ws[3]; k++)
            {
                long v = k % ws[3], u = k / ws[3] % ws[2], c = k / (ws[3] * ws[2]);
                long y = (row * stride[0]) - padding[0] + (u * dilation[0]), z = (column * stride[1]) - padding[1] + (v * dilation[1]);
                if (y < 0 || z < 0 || y >= xs[2] || z >= xs[3]) continue;
                result[i] += (double)x[(((((n * xs[1]) + (o / (ws[0] / groups) * ws[1]) + c) * xs[2]) + y) * xs[3])
                    + z] * weight[(o * ws[1] * ws[2] * ws[3]) + k];
            }
        }
        return result;
    }

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));
}
