using System.Runtime.CompilerServices;
using SerPipeline.Onnx;
using static TorchSharp.torch;

namespace SerPipeline.Networks;

/// <summary>TorchSharp's layers as ONNX nodes.</summary>
internal static class TorchLayersOnnx
{
    public static OnnxValue Export(nn.Module module, OnnxValue x, string name) => module switch
    {
        Linear l => NetworkOnnx.Linear(x, name, l.weight!, l.bias),
        Conv1d or Conv2d => Convolution((Convolution)module, x, name),
        BatchNorm1d or BatchNorm2d => BatchNorm((NormBase)module, x, name),
        LayerNorm n => LayerNorm(n, x, name),
        ReLU => x.One("Relu"),
        ReLU6 => x.AtLeast(0).AtMost(6),
        Hardtanh { inplace: true } h => x.AtLeast(h.min_val).AtMost(h.max_val),
        Hardtanh => throw None(module, name, "but that of inplace: true: without it TorchSharp 0.107 clips nothing"),
        LeakyReLU r => x.Graph.Node("LeakyRelu", [x], [("alpha", (float)r.negative_slope)]),
        ELU e => x.Graph.Node("Elu", [x], [("alpha", (float)e.alpha)]),
        GELU { approximate: GELU.Approximate.none } => x * ((x * Math.Sqrt(0.5)).One("Erf") + 1) * 0.5,
        GELU => x * (((x + (x * x * x * 0.044715)) * Math.Sqrt(2 / Math.PI)).One("Tanh") + 1) * 0.5,
        SiLU => x * x.One("Sigmoid"),
        Sigmoid => x.One("Sigmoid"),
        Tanh => x.One("Tanh"),
        Softmax s => x.Graph.Node("Softmax", [x], [("axis", s.dim)]),
        LogSoftmax s => x.Graph.Node("LogSoftmax", [x], [("axis", s.dim)]),
        Dropout or Dropout1d or Dropout2d or Dropout3d or AlphaDropout or FeatureAlphaDropout or Identity => x,
        MaxPool1d p => Pool("MaxPool", p, x, name, p.ceil_mode, 1, [p.kernel_size], One(p.stride), One(p.padding), One(p.dilation)),
        MaxPool2d p => Pool("MaxPool", p, x, name, p.ceil_mode, 2, p.kernel_size, p.stride, p.padding, p.dilation),
        AvgPool1d p => Pool("AveragePool", p, x, name, p.ceil_mode, 1, [p.kernel_size], One(p.stride), One(p.padding), null,
            p.count_include_pad),
        AvgPool2d { divisor_override: null } p =>
            Pool("AveragePool", p, x, name, p.ceil_mode, 2, p.kernel_size, p.stride, p.padding, null, p.count_include_pad),
        AdaptiveAvgPool1d p => Adaptive(x, [p.output_size]),
        AdaptiveAvgPool2d p => Adaptive(x, Both(p.output_size, 2)),
        // 0 keeps a length, -1 joins the rest.
        Flatten { start_dim: >= 1, end_dim: -1 } f => x.Reshape([.. Enumerable.Repeat(0L, (int)f.start_dim), -1]),
        Unflatten u => Unflatten(x, u.dim, u.unflattened_size),
        LSTM l => Recurrent("LSTM", l, BatchFirst(l), x, name),
        GRU g => Recurrent("GRU", g, BatchFirst(g), x, name),
        _ => throw None(module, name, module.GetType().Namespace == typeof(Linear).Namespace ? "with these settings" : "of its own"),
    };

    private static ModelExportException None(nn.Module module, string name, string which) => new(
        $"The layer '{(name.Length == 0 ? module.GetName() : name)}' ({module.GetType().FullName}) cannot be exported to ONNX: the "
            + $"library knows no form {which}. "
        + $"Let its class implement {nameof(IOnnxModule)}, or give a converter for it: new "
        + $"{nameof(OnnxConverters)}().Add<{module.GetType().Name}>((module, input, name) => ...).");

    private static OnnxValue Convolution(Convolution c, OnnxValue x, string name)
    {
        if (c.padding_mode != PaddingModes.Zeros || c.transposed) throw None(c, name, $"of padding {c.padding_mode}");
        int dimensions = c.weight!.shape.Length - 2;
        long[] stride = Both(c.stride, dimensions), dilation = Both(c.dilation, dimensions), before = Both(c.padding ?? [0], dimensions),
            after = before;
        if (c.padding_type == Padding.Valid) before = after = new long[dimensions];
        else if (c.padding_type == Padding.Same)
        {
            long[] total = [.. Enumerable.Range(0, dimensions).Select(i => dilation[i] * (c.weight.shape[i + 2] - 1))];
            before = [.. total.Select(t => t / 2)];
            after = [.. total.Select(t => t - (t / 2))];
        }
        return NetworkOnnx.Convolution(x, name, c.weight, c.bias, stride, before, after, dilation, c.groups);
    }

    private static OnnxValue BatchNorm(NormBase n, OnnxValue x, string name)
    {
        if (n.running_mean is null || n.running_var is null) throw None(n, name, "without running statistics");
        OnnxValue weight = Or(n.weight, 1, "weight"), bias = Or(n.bias, 0, "bias"), mean = Or(n.running_mean, 0, "running_mean"),
            variance = Or(n.running_var, 1, "running_var");
        return x.Graph.Node("BatchNormalization", [x, weight, bias, mean, variance], [("epsilon", (float)n.eps)]);

        OnnxValue Or(Tensor? tensor, float otherwise, string what) => tensor is null
            ? x.Graph.Constant<float>(Enumerable.Repeat(otherwise, (int)n.num_features).ToArray())
            : NetworkOnnx.Weight(x.Graph, NetworkOnnx.Join(name, what), tensor);
    }

    private static OnnxValue LayerNorm(LayerNorm n, OnnxValue x, string name)
    {
        OnnxValue weight = n.weight is { } w
            ? NetworkOnnx.Weight(x.Graph, NetworkOnnx.Join(name, "weight"), w)
            : x.Graph.Constant<float>(Enumerable.Repeat(1f, (int)n.normalized_shape.Aggregate(1L, (a, b) =>
                a * b)).ToArray(), n.normalized_shape);
        OnnxValue? bias = n.bias is { } b ? NetworkOnnx.Weight(x.Graph, NetworkOnnx.Join(name, "bias"), b) : null;
        return x.Graph.Node("LayerNormalization", bias is null ? [x, weight]
            : [x, weight, bias], [("axis", -(long)n.normalized_shape.Length), ("epsilon", (float)n.eps)]);
    }

    // The lengths before the dimension, what it is divided into, and those behind it.
    private static OnnxValue Unflatten(OnnxValue x, long dimension, long[] sizes)
    {
        OnnxValue Lengths(params (string, object)[] part) => x.Graph.Node("Shape", [x], part, OnnxType.Int64);
        return x.Graph.Node("Reshape",
            [x, x.Graph.Concat(0, Lengths(("end", dimension)), x.Graph.Constant(sizes), Lengths(("start", dimension + 1)))]);
    }

    private static OnnxValue Pool(string operation, nn.Module module, OnnxValue x, string name, bool ceil, int dimensions,
        long[] kernel, long[]? stride, long[]? padding, long[]? dilation, bool? countPadding = null)
    {
        // ONNX and PyTorch differ in which last window still counts.
        if (ceil) throw None(module, name, "with ceil_mode");
        long[] window = Both(kernel, dimensions), zeros = Both(padding ?? [0], dimensions);
        List<(string, object)> attributes = [("kernel_shape", window),
            ("strides", stride is { Length: > 0 } ? Both(stride, dimensions) : window), ("pads", (long[])[.. zeros, .. zeros])];
        if (dilation is { Length: > 0 }) attributes.Add(("dilations", Both(dilation, dimensions)));
        if (countPadding is { } counts) attributes.Add(("count_include_pad", counts ? 1L : 0L));
        return x.Graph.Node(operation, [x], [.. attributes]);
    }

    // Means over windows from floor(i L / n) to ceil((i + 1) L / n), which ONNX has no operator for: one matrix product a dimension.
    private static OnnxValue Adaptive(OnnxValue input, long[] sizes)
    {
        OnnxValue pooled = input.MatMul(Windows(input, sizes.Length + 1, sizes[^1]));
        return sizes.Length == 1 ? pooled : Windows(input, 2, sizes[0]).Transpose(1, 0).MatMul(pooled);
    }

    // [L, n]: the share of each place in each window's mean.
    private static OnnxValue Windows(OnnxValue input, int axis, long count)
    {
        OnnxValue length = input.Length(axis), place = input.Graph.Range(length).Unsqueeze(1);
        OnnxValue first = input.Graph.Constant([.. Enumerable.Range(0, (int)count).Select(i => (long)i)]);
        OnnxValue from = first * length / count, to = (((first + 1) * length) + (count - 1)) / count;
        OnnxValue inside = !(place < from) & (place < to);
        return inside.To(OnnxType.Float) / (to - from).To(OnnxType.Float);
    }

    // The outputs of every step. ONNX wants steps first, and gates in the order input, output, forget, cell (LSTM) or update, reset, new
    // (GRU).
    private static OnnxValue Recurrent(string operation, nn.Module module, bool batchFirst, OnnxValue x, string name)
    {
        Dictionary<string, Parameter> own = module.named_parameters().ToDictionary(p => p.name, p => p.parameter, StringComparer.Ordinal);
        int[] order = operation == "LSTM" ? [0, 3, 1, 2] : [1, 0, 2];
        bool both = own.ContainsKey("weight_ih_l0_reverse"), biased = own.ContainsKey("bias_ih_l0");
        OnnxValue current = batchFirst ? x.Transpose(1, 0, 2) : x;
        for (int layer = 0; own.ContainsKey($"weight_ih_l{layer}"); layer++)
        {
            string[] suffixes = both ? [$"_l{layer}", $"_l{layer}_reverse"] : [$"_l{layer}"];
            List<OnnxValue?> inputs = [current, x.Graph.Concat(0, [.. suffixes.Select(s => InOrder("weight_ih" + s))]),
                x.Graph.Concat(0, [.. suffixes.Select(s => InOrder("weight_hh" + s))])];
            if (biased) inputs.Add(x.Graph.Concat(0, [.. suffixes.Select(s =>
                x.Graph.Concat(1, InOrder("bias_ih" + s), InOrder("bias_hh" + s)))]));
            List<(string, object)> attributes = [("hidden_size", own[$"weight_hh_l{layer}"].shape[1]),
                ("direction", both ? "bidirectional" : "forward")];
            if (operation == "GRU") attributes.Add(("linear_before_reset", 1L));
            // [t, directions, n, hidden] to [t, n, directions x hidden].
            current = x.Graph.Node(operation, inputs, [.. attributes]).Transpose(0, 2, 1, 3).Reshape(0, 0, -1);
        }
        return batchFirst ? current.Transpose(1, 0, 2) : current;

        OnnxValue InOrder(string weight)
        {
            IReadOnlyList<OnnxValue> gates = NetworkOnnx.Weight(x.Graph, NetworkOnnx.Join(name, weight), own[weight]).Split(0,
                order.Length);
            return x.Graph.Concat(0, [.. order.Select(gate => gates[gate])]).Unsqueeze(0);
        }
    }

    private static long[]? One(long? value) => value is { } number ? [number] : null;

    private static long[] Both(long[] values, int dimensions) => values.Length == 1 && dimensions == 2 ? [values[0], values[0]] : values;

    // TorchSharp keeps it to itself.
    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_batch_first")]
    private static extern ref bool BatchFirst(LSTM lstm);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_batch_first")]
    private static extern ref bool BatchFirst(GRU gru);
}
