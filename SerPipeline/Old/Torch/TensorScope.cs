namespace SerPipeline.Old.Torch;

/// <summary>
/// Disposes, when it ends, every tensor made on its thread since it began, except those kept. Scopes nest.
/// A training step or a scoring call inside a scope leaves no native memory behind.
/// </summary>
/// <remarks>
/// A scope belongs to the thread that made it: no <c>await</c> inside one. Ended elsewhere all the same, it throws, and its thread stops collecting
/// tensors in it; what it holds then goes with the garbage collector.
/// </remarks>
public sealed class TensorScope : IDisposable
{
    [ThreadStatic]
    private static TensorScope? _current;

    private readonly TensorScope? _outer;
    private readonly List<Tensor> _tensors = [];
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private bool _disposed;
    private volatile bool _abandoned; // another thread tried to end it

    private TensorScope()
    {
        _outer = Current;
        _current = this;
    }

    // The innermost scope of this thread that can still be ended in order.
    private static TensorScope? Current
    {
        get
        {
            while (_current is { _abandoned: true }) _current = _current._outer;
            return _current;
        }
    }

    /// <summary>Begins a scope on the current thread.</summary>
    public static TensorScope New() => new();

    /// <summary>How many of the tensors made in this scope it still holds.</summary>
    public int Count => _tensors.Count(tensor => ReferenceEquals(tensor.Scope, this) && !tensor.IsDisposed);

    /// <summary>Takes a tensor out of all scopes: from here on the caller disposes it.</summary>
    /// <param name="tensor">A tensor made in this scope.</param>
    /// <returns>The same tensor.</returns>
    public Tensor Keep(Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        ObjectDisposedException.ThrowIf(_disposed, this);
        tensor.Scope = null;
        return tensor;
    }

    /// <summary>Hands a tensor to the scope around this one; without one, the caller disposes it.</summary>
    /// <param name="tensor">A tensor made in this scope.</param>
    /// <returns>The same tensor.</returns>
    public Tensor MoveToOuter(Tensor tensor)
    {
        Keep(tensor);
        _outer?.Add(tensor);
        return tensor;
    }

    /// <summary>Disposes every tensor the scope still holds.</summary>
    /// <exception cref="InvalidOperationException">The scope ends on another thread, or before a scope inside it.</exception>
    public void Dispose()
    {
        if (_disposed) return;
        bool ownThread = _thread == Environment.CurrentManagedThreadId;
        if (!ownThread) _abandoned = true;
        if (!ownThread || !(_abandoned || ReferenceEquals(Current, this)))
            throw new InvalidOperationException("A TensorScope must end on the thread it began on, after every scope begun inside it: use it in a using statement, without await.");
        _disposed = true;
        if (!_abandoned) _current = _outer;
        foreach (Tensor tensor in _tensors)
            if (ReferenceEquals(tensor.Scope, this)) tensor.Dispose();
        _tensors.Clear();
    }

    internal static void Register(Tensor tensor) => Current?.Add(tensor);

    private void Add(Tensor tensor)
    {
        tensor.Scope = this;
        _tensors.Add(tensor);
    }
}
