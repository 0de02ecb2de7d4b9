using System.Numerics;
using System.Runtime.InteropServices;
using SerPipeline.Old.Torch.Layers;
using SerPipeline.Old.Torch.Native;

namespace SerPipeline.Old.Torch.Optimizers;

/// <summary>Changes parameters along their gradients.</summary>
public abstract class Optimizer : IDisposable
{
    private readonly List<(ParameterGroup Group, ParameterState[] States)> _groups = [];
    private readonly string[] _bufferNames;
    private readonly bool _hasStep;
    private double _learningRate;

    private protected Optimizer(IEnumerable<ParameterGroup> groups, double learningRate, string[] bufferNames, bool hasStep)
    {
        ArgumentNullException.ThrowIfNull(groups);
        LearningRate = learningRate;
        (_bufferNames, _hasStep) = (bufferNames, hasStep);
        // Everything is checked before native memory is taken.
        foreach ((ParameterGroup group, KeyValuePair<string, Parameter>[] parameters) in ParameterGroupCheck.Distinct(GetType().Name, groups))
            _groups.Add((group, [.. parameters.Select(named => new ParameterState(named.Key, named.Value, bufferNames.Length))]));
    }

    /// <summary>The step size of the next <see cref="Step"/>.</summary>
    public double LearningRate
    {
        get => _learningRate;
        set => _learningRate = double.IsFinite(value) && value >= 0 ? value : throw TensorCheck.Fail(GetType().Name, "LearningRate", "a finite number of at least 0", $"{value}");
    }

    /// <summary>Every parameter optimized, once each.</summary>
    public IEnumerable<Parameter> Parameters => _groups.SelectMany(group => group.States).Select(state => state.Parameter);

    /// <summary>Sets all gradients to zero.</summary>
    public void ZeroGrad()
    {
        foreach (Parameter parameter in Parameters) parameter.ZeroGrad();
    }

    /// <summary>Changes every parameter once; frozen ones stay as they are.</summary>
    public void Step()
    {
        using var _ = NoGrad.New();
        using var scope = TensorScope.New();
        foreach ((ParameterGroup group, ParameterState[] states) in _groups)
        {
            ParameterState[] trained = [.. states.Where(state => state.Parameter.RequiresGrad)];
            foreach (ParameterState state in trained) ObjectDisposedException.ThrowIf(state.Parameter.Value.IsDisposed || state.Step.IsDisposed, this);
            if (trained.Length > 0) StepGroup(group, trained);
        }
    }

    /// <summary>Scales all gradients down together where their joint Euclidean norm exceeds a bound (Pascanu et al. 2013).</summary>
    /// <param name="maximumNorm">The bound, above 0.</param>
    /// <returns>The norm before.</returns>
    public double ClipGradientNorm(double maximumNorm)
    {
        if (maximumNorm is not > 0) throw TensorCheck.Fail("ClipGradientNorm", nameof(maximumNorm), "above 0", $"{maximumNorm}");
        Tensor[] gradients = [.. Parameters.Where(parameter => parameter.RequiresGrad).Select(parameter => parameter.Gradient)];
        double norm = Math.Sqrt(gradients.Sum(gradient => SumOfSquares(gradient.Span<float>())));
        if (norm > maximumNorm)
        {
            float factor = (float)(maximumNorm / norm);
            foreach (Tensor gradient in gradients) Scale(gradient.Span<float>(), factor);
        }
        GC.KeepAlive(gradients);
        return norm;
    }

    /// <summary>A copy of the optimizer's memory (step counts and running means) under names <c>state.PARAMETER.BUFFER</c>.</summary>
    public IReadOnlyDictionary<string, TensorData> StateDict() =>
        Memory().ToDictionary(entry => entry.Key, entry => entry.Value.ToData(), StringComparer.Ordinal);

    /// <summary>Overwrites the optimizer's memory with a saved one. Nothing is changed when anything does not fit.</summary>
    /// <param name="state">What <see cref="StateDict"/> gave for the same parameters.</param>
    /// <exception cref="ModelFormatException">Entries are missing, unexpected, or of another type or shape.</exception>
    public void LoadStateDict(IReadOnlyDictionary<string, TensorData> state)
    {
        ArgumentNullException.ThrowIfNull(state);
        Dictionary<string, Tensor> targets = Memory();
        StateDictCheck.ThrowUnlessFits(GetType().Name, targets, state);
        foreach ((string name, Tensor target) in targets) target.Assign(state[name]);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (ParameterState state in _groups.SelectMany(group => group.States)) state.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected abstract void StepGroup(ParameterGroup group, IReadOnlyList<ParameterState> states);

    private Dictionary<string, Tensor> Memory()
    {
        var memory = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (ParameterState state in _groups.SelectMany(group => group.States))
        {
            if (_hasStep) memory.Add($"state.{state.Name}.step", state.Step);
            for (int i = 0; i < _bufferNames.Length; i++) memory.Add($"state.{state.Name}.{_bufferNames[i]}", state.Buffers[i]);
        }
        return memory;
    }

    private static double SumOfSquares(ReadOnlySpan<float> values)
    {
        // Summed in double: the norm decides a scale for every gradient, and float32 would drift over millions of elements.
        ReadOnlySpan<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(values);
        Vector<double> sums = Vector<double>.Zero;
        foreach (Vector<float> vector in vectors)
        {
            Vector.Widen(vector, out Vector<double> low, out Vector<double> high);
            sums += (low * low) + (high * high);
        }
        double sum = Vector.Sum(sums);
        foreach (float value in values[(vectors.Length * Vector<float>.Count)..]) sum += (double)value * value;
        return sum;
    }

    private static void Scale(Span<float> values, float factor)
    {
        for (int i = 0; i < values.Length; i++) values[i] *= factor;
    }
}

/// <summary>What an optimizer remembers of one parameter.</summary>
internal sealed class ParameterState : IDisposable
{
    public ParameterState(string name, Parameter parameter, int buffers)
    {
        (Name, Parameter) = (name, parameter);
        Step = Zeros([]);
        Buffers = [.. Enumerable.Range(0, buffers).Select(_ => Zeros(parameter.Value.Shape))];
    }

    public string Name { get; }

    public Parameter Parameter { get; }

    /// <summary>Steps taken, a single float32 number as the fused operators ask.</summary>
    public Tensor Step { get; }

    public Tensor[] Buffers { get; }

    public void Dispose()
    {
        Step.Dispose();
        foreach (Tensor buffer in Buffers) buffer.Dispose();
    }

    private static Tensor Zeros(ReadOnlySpan<long> shape)
    {
        Tensor tensor = Tensor.Zeros(shape);
        tensor.Scope = null;
        return tensor;
    }
}
