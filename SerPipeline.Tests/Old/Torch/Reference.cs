namespace SerPipeline.Tests.Old.Torch;

/// <summary>Plain loops in double precision, written from the definitions, to hold the native operations to.</summary>
internal static class Reference
{
    /// <summary>Cross-correlation of [n, c, h, w] with [o, c / groups, kh, kw]; 1-D convolutions have h = kh = 1.</summary>
    public static double[] Conv(float[] x, long[] xs, float[] weight, long[] ws, float[]? bias, long[] stride, long[] padding, long[] dilation, int groups)
    {
        long outH = ((xs[2] + (2 * padding[0]) - (dilation[0] * (ws[2] - 1)) - 1) / stride[0]) + 1;
        long outW = ((xs[3] + (2 * padding[1]) - (dilation[1] * (ws[3] - 1)) - 1) / stride[1]) + 1;
        var result = new List<double>();
        for (long n = 0; n < xs[0]; n++)
            for (long o = 0; o < ws[0]; o++)
                for (long i = 0; i < outH; i++)
                    for (long j = 0; j < outW; j++)
                    {
                        double sum = bias?[o] ?? 0;
                        long firstChannel = o / (ws[0] / groups) * ws[1];
                        for (long c = 0; c < ws[1]; c++)
                            for (long u = 0; u < ws[2]; u++)
                                for (long v = 0; v < ws[3]; v++)
                                {
                                    long row = (i * stride[0]) - padding[0] + (u * dilation[0]), column = (j * stride[1]) - padding[1] + (v * dilation[1]);
                                    if (row < 0 || column < 0 || row >= xs[2] || column >= xs[3]) continue;
                                    sum += (double)x[(((((n * xs[1]) + firstChannel + c) * xs[2]) + row) * xs[3]) + column] * weight[(((((o * ws[1]) + c) * ws[2]) + u) * ws[3]) + v];
                                }
                        result.Add(sum);
                    }
        return [.. result];
    }

    /// <summary>One direction of one LSTM layer over one item: x [t][features] to h [t][hidden].</summary>
    public static double[][] Lstm(double[][] x, float[] wih, float[] whh, float[] bih, float[] bhh, int hidden, bool backwards)
    {
        double[] h = new double[hidden], c = new double[hidden];
        var outputs = new double[x.Length][];
        for (int step = 0; step < x.Length; step++)
        {
            int t = backwards ? x.Length - 1 - step : step;
            double[] gates = new double[4 * hidden];
            for (int g = 0; g < gates.Length; g++)
            {
                gates[g] = (double)bih[g] + bhh[g];
                for (int k = 0; k < x[t].Length; k++) gates[g] += wih[(g * x[t].Length) + k] * x[t][k];
                for (int k = 0; k < hidden; k++) gates[g] += whh[(g * hidden) + k] * h[k];
            }
            for (int k = 0; k < hidden; k++)
            {
                c[k] = (Sigmoid(gates[hidden + k]) * c[k]) + (Sigmoid(gates[k]) * Math.Tanh(gates[(2 * hidden) + k]));
            }
            h = [.. Enumerable.Range(0, hidden).Select(k => Sigmoid(gates[(3 * hidden) + k]) * Math.Tanh(c[k]))];
            outputs[t] = h;
        }
        return outputs;
    }

    public static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    public static double[] Softmax(double[] x)
    {
        double[] e = [.. x.Select(value => Math.Exp(value - x.Max()))];
        return [.. e.Select(value => value / e.Sum())];
    }

    /// <summary>y = x wᵀ + b for one row.</summary>
    public static double[] Linear(double[] x, float[] weight, float[]? bias) =>
        [.. Enumerable.Range(0, weight.Length / x.Length).Select(o => (bias?[o] ?? 0) + x.Select((value, k) => value * weight[(o * x.Length) + k]).Sum())];

    /// <summary>The standard normal distribution function, by Simpson's rule with 4000 panels: good to 1e-12 for |x| below 8.</summary>
    public static double NormalCdf(double x)
    {
        const int panels = 4000;
        double width = x / panels, sum = 0;
        for (int i = 0; i <= panels; i++)
        {
            double t = i * width, weight = i == 0 || i == panels ? 1 : i % 2 == 1 ? 4 : 2;
            sum += weight * Math.Exp(-t * t / 2);
        }
        return 0.5 + (sum * width / 3 / Math.Sqrt(2 * Math.PI));
    }

    /// <summary>Rows of [n][t][features] from row-major values.</summary>
    public static double[][][] Items(float[] values, int items, int frames, int features) =>
        [.. Enumerable.Range(0, items).Select(n => Enumerable.Range(0, frames).Select(t =>
            Enumerable.Range(0, features).Select(k => (double)values[(((n * frames) + t) * features) + k]).ToArray()).ToArray())];
}
