using SerPipeline.Old.Torch.Native;


namespace SerPipeline.Old.Torch;

/// <summary>Operations on this thread are not recorded for gradients until the scope ends. Scopes nest; each thread has its own mode.</summary>
/// <remarks>No <c>await</c> inside one: only its own thread can end it, and until then that thread records nothing.</remarks>
public sealed class NoGrad : IDisposable
{
    private readonly bool _before;
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private bool _disposed;

    private NoGrad()
    {
        _before = NativeMethods.IsGradModeEnabled();
        NativeMethods.SetGradMode(false);
    }

    /// <summary>Stops recording on the current thread.</summary>
    public static NoGrad New() => new();

    /// <summary>Goes back to the mode before.</summary>
    /// <exception cref="InvalidOperationException">The scope ends on another thread.</exception>
    public void Dispose()
    {
        if (_disposed) return;
        if (_thread != Environment.CurrentManagedThreadId)
            throw new InvalidOperationException("A NoGrad scope must end on the thread it began on: use it in a using statement, without await.");
        _disposed = true;
        NativeMethods.SetGradMode(_before);
    }
}
