using SerPipeline.Old.Torch;
using SerPipeline.Old.Torch.Layers;


namespace SerPipeline.Tests.Old.Torch;

/// <summary>Gradients of every layer against central finite differences.</summary>
public class GradientTests
{
    // float32 outputs carry relative errors near 1e-7; over a step of 2e-2 and some hundred outputs that is about 1e-4 in the quotient.
    // The truncation error of the central difference is of order step²/6, about 2e-5 times the third derivative. The tolerance is ten times their sum,
    // and far below what a missing term or factor would make.
    private const float Step = 1e-2f;
    private const double Absolute = 1.5e-3, Relative = 1e-2;

    public static TheoryData<string> Layers =>
    [
        "Conv2d", "Conv2d grouped", "Conv1d", "BatchNorm2d", "BatchNorm2d eval", "BatchNorm1d", "LayerNorm", "Linear", "LSTM", "LSTM two layers both ways",
        "Dropout", "Dropout2d", "MaxPool2d", "AvgPool2d", "MaxPool1d", "AvgPool1d", "AdaptiveAvgPool2d", "AdaptiveAvgPool1d",
        "ReLU", "GELU", "SiLU", "Tanh", "Sigmoid", "Flatten", "Sequential", "MultiheadAttention", "AttentiveStatisticsPooling",
    ];

    [Theory]
    [MemberData(nameof(Layers))]
    public void Layer_gradients_match_finite_differences(string layer)
    {
        (Module module, long[] shape) = Make(layer);
        using (module)
        {
            bool kinks = layer.StartsWith("Max", StringComparison.Ordinal) || layer is "ReLU";
            float[] input = kinks ? Draw.Separated(5, Draw.Count(shape)) : Draw.Normal(5, Draw.Count(shape));
            Check(module, input, shape);
        }
    }

    [Theory]
    [InlineData("classes")]
    [InlineData("weights and smoothing")]
    [InlineData("probabilities")]
    public void Cross_entropy_gradients_match_finite_differences(string kind)
    {
        using var scope = TensorScope.New();
        using var loss = kind == "classes" ? new CrossEntropyLoss() : new CrossEntropyLoss([0.5f, 2f, 1f], 0.1);
        Tensor target = kind == "probabilities" ? Tensor.From([0.2f, 0.3f, 0.5f, 0f, 1f, 0f], 2, 3) : Tensor.From([2L, 0L], 2);
        using var scores = new Parameter(Tensor.From(Draw.Normal(3, 6), 2, 3));
        Autograd.Backward(loss.Forward(scores.Value, target));
        Compare(scores, () => loss.Forward(scores.Value, target).ToSingle(), "scores");
    }

    [Fact]
    public void Arithmetic_gradients_match_finite_differences()
    {
        using var scope = TensorScope.New();
        using var a = new Parameter(Tensor.From([0.7f, 1.9f, 2.8f, 0.4f], 2, 2));
        using var b = new Parameter(Tensor.From([1.3f, 0.6f], 2));
        Tensor Function() => ((((a.Value + b.Value) * a.Value) - (b.Value / a.Value)).Exp().Log()
            + a.Value.Sqrt() + a.Value.Rsqrt() + b.Value.Square() + a.Value.MatMul(a.Value).ClampMin(1) + a.Value.Transpose(0, 1).LogSoftmax()).Sum();
        Autograd.Backward(Function());
        Compare(a, () => Function().ToSingle(), "a");
        Compare(b, () => Function().ToSingle(), "b");
    }

    [Fact]
    public void Shape_and_reduction_gradients_match_finite_differences()
    {
        using var scope = TensorScope.New();
        using var a = new Parameter(Tensor.From(Draw.Normal(8, 24), 2, 3, 4));
        Tensor weights = Tensor.From(Draw.Normal(9, 6), 2, 3);
        Tensor Function() => (Tensor.Cat([a.Value.Narrow(2, 1, 2), a.Value.IndexSelect(2, 3, 3, 0)], 2).Permute(2, 0, 1).Mean([0]) * weights).Sum()
            + a.Value.Variance([1, 2]).Sum() + Tensor.Stack([a.Value, a.Value.Tanh()], 1).Reshape(-1, 6).Unsqueeze(0).Square().Mean();
        Autograd.Backward(Function());
        Compare(a, () => Function().ToSingle(), "a");
    }

    [Fact]
    public void Backward_adds_up_until_zeroed_and_frozen_parameters_get_nothing()
    {
        using var scope = TensorScope.New();
        using var a = new Parameter(Tensor.From([2f, 3f], 2));
        using var frozen = new Parameter(Tensor.From([5f, 7f], 2)) { RequiresGrad = false };
        Tensor Loss() => (a.Value * frozen.Value).Sum();
        Autograd.Backward(Loss());
        Autograd.Backward(Loss());
        Assert.Equal([10f, 14f], a.Gradient.ToFloats());
        Assert.Equal([0f, 0f], frozen.Gradient.ToFloats());
        a.ZeroGrad();
        Assert.Equal([0f, 0f], a.Gradient.ToFloats());
        Autograd.Backward(Loss());
        Assert.Equal([5f, 7f], a.Gradient.ToFloats());
    }

    [Fact]
    public void Parameters_with_other_strides_are_refused_and_every_other_gets_its_gradient()
    {
        using var scope = TensorScope.New();
        Tensor matrix = Tensor.From(Draw.Normal(1, 6), 2, 3), image = Tensor.From(Draw.Normal(1, 24), 1, 2, 3, 4);
        Assert.Contains("Contiguous()", Assert.Throws<TorchException>(() => new Parameter(matrix.Transpose(0, 1))).Message, StringComparison.Ordinal);
        Assert.Throws<TorchException>(() => new Parameter(image.ChannelsLast()));
        // Contiguous views count as well: a part of a tensor, and a row turned into a column, whose strides along length 1 are unusual.
        Tensor[] values = [matrix.Transpose(0, 1).Contiguous(), matrix.Narrow(0, 1, 1), Tensor.From([1f, 2f, 3f], 1, 3).Transpose(0, 1)];
        foreach (Tensor value in values)
        {
            using var parameter = new Parameter(value);
            Autograd.Backward((parameter.Value * 2).Sum());
            Assert.All(parameter.Gradient.ToFloats(), gradient => Assert.Equal(2f, gradient));
        }
    }

    [Fact]
    public void Detach_stops_gradients()
    {
        using var scope = TensorScope.New();
        using var a = new Parameter(Tensor.From([3f], 1));
        Autograd.Backward((a.Value.Detach() * a.Value).Sum());
        Assert.Equal([3f], a.Gradient.ToFloats());
    }

    private static (Module Module, long[] Shape) Make(string layer)
    {
        var random = new SeededRandom(11);
        return layer switch
        {
            "Conv2d" => (new Conv2d(2, 3, new Size2d(3, 2), random, stride: new Size2d(2, 1), padding: 1, dilation: new Size2d(1, 2)), [2, 2, 5, 4]),
            "Conv2d grouped" => (new Conv2d(4, 4, 3, random, padding: 1, groups: 2, bias: false), [1, 4, 4, 3]),
            "Conv1d" => (new Conv1d(2, 3, 3, random, stride: 2, padding: 1, dilation: 2), [2, 2, 7]),
            "BatchNorm2d" => (new BatchNorm2d(2), [3, 2, 2, 3]),
            "BatchNorm2d eval" => (Evaluating(new BatchNorm2d(2)), [3, 2, 2, 3]),
            "BatchNorm1d" => (new BatchNorm1d(3), [5, 3]),
            "LayerNorm" => (new LayerNorm(4), [2, 3, 4]),
            "Linear" => (new Linear(4, 3, random), [2, 3, 4]),
            "LSTM" => (new LSTM(3, 4, random), [2, 5, 3]),
            "LSTM two layers both ways" => (new LSTM(3, 2, random, layers: 2, bidirectional: true, dropout: 0.3), [2, 4, 3]),
            "Dropout" => (new Dropout(0.4, random), [4, 5]),
            "Dropout2d" => (new Dropout2d(0.4, random), [3, 4, 2, 2]),
            "MaxPool2d" => (new MaxPool2d(3, 2, 1), [1, 2, 5, 6]),
            "AvgPool2d" => (new AvgPool2d(new Size2d(2, 3), 2, new Size2d(1, 0)), [1, 2, 4, 5]),
            "MaxPool1d" => (new MaxPool1d(3, 2, 1), [2, 2, 7]),
            "AvgPool1d" => (new AvgPool1d(3, 2, 1), [2, 2, 7]),
            "AdaptiveAvgPool2d" => (new AdaptiveAvgPool2d(new Size2d(2, 3)), [1, 2, 5, 4]),
            "AdaptiveAvgPool1d" => (new AdaptiveAvgPool1d(3), [2, 2, 5]),
            "ReLU" => (new ReLU(), [3, 4]),
            "GELU" => (new GELU(), [3, 4]),
            "SiLU" => (new SiLU(), [3, 4]),
            "Tanh" => (new Tanh(), [3, 4]),
            "Sigmoid" => (new Sigmoid(), [3, 4]),
            "Flatten" => (new Flatten(), [2, 3, 2]),
            "Sequential" => (new Sequential(new Conv2d(1, 2, 3, random, padding: 1), new BatchNorm2d(2), new SiLU(), new AvgPool2d(2), new Flatten(), new Linear(8, 3, random)), [2, 1, 4, 4]),
            "MultiheadAttention" => (new MultiheadAttention(4, 2, random), [2, 3, 4]),
            "AttentiveStatisticsPooling" => (new AttentiveStatisticsPooling(3, random, hiddenSize: 4), [2, 5, 3]),
            _ => throw new ArgumentException(layer),
        };
    }

    private static T Evaluating<T>(T module) where T : Module
    {
        module.Eval();
        return module;
    }

    private static void Check(Module module, float[] input, long[] shape)
    {
        using var scope = TensorScope.New();
        using var x = new Parameter(Tensor.From(input, shape));
        Tensor Output()
        {
            module.SeedDropout(new SeededRandom(77));
            return module.Forward(x.Value);
        }
        // The function differentiated: outputs times fixed random weights, summed in double so that the sum itself adds no rounding.
        float[] weights = Draw.Normal(6, Output().ElementCount);
        double Value()
        {
            using var inner = TensorScope.New();
            float[] output = Output().ToFloats();
            return output.Zip(weights, (o, w) => (double)o * w).Sum();
        }
        Tensor result = Output();
        Autograd.Backward((result * Tensor.From(weights, result.Shape)).Sum());
        Compare(x, Value, "input");
        foreach ((string name, Parameter parameter) in module.NamedParameters()) Compare(parameter, Value, name);
    }

    private static void Compare(Parameter parameter, Func<double> function, string name)
    {
        float[] values = parameter.Value.ToFloats(), analytic = parameter.Gradient.ToFloats();
        for (int i = 0; i < values.Length; i++)
        {
            double above = At(parameter, values, i, Step, function), below = At(parameter, values, i, -Step, function);
            double numeric = (above - below) / (2 * Step);
            Assert.True(Math.Abs(numeric - analytic[i]) <= Absolute + (Relative * Math.Abs(numeric)), $"{name}[{i}]: differences give {numeric:R}, backward gave {analytic[i]:R}");
        }
        parameter.Value.Assign(values);
    }

    private static double At(Parameter parameter, float[] values, int index, float change, Func<double> function)
    {
        float[] moved = [.. values];
        moved[index] += change;
        parameter.Value.Assign(moved);
        using var noGrad = NoGrad.New();
        return function();
    }
}
