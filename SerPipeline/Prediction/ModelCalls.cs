namespace SerPipeline.Prediction;

/// <summary>Counts the calls under way, so that what they use is freed by the last of them and not under their feet.</summary>
/// <param name="free">Frees it; called once.</param>
internal sealed class ModelCalls(Action free)
{
    private readonly Lock _lock = new();
    // The owner counts as one until it closes.
    private int _underWay = 1;
    private bool _closed;

    /// <summary>Begins a call; disposing what it gives ends it.</summary>
    /// <exception cref="ObjectDisposedException">No call may begin any more.</exception>
    public Call Enter(object owner)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_closed, owner);
            _underWay++;
        }
        return new Call(this);
    }

    /// <summary>Lets no further call begin, and frees when none is under way.</summary>
    public void Close()
    {
        lock (_lock)
        {
            if (_closed) return;
            _closed = true;
        }
        Leave();
    }

    private void Leave()
    {
        lock (_lock)
        {
            if (--_underWay > 0) return;
        }
        free();
    }

    /// <summary>A call under way.</summary>
    public sealed class Call(ModelCalls owner) : IDisposable
    {
        private ModelCalls? _owner = owner;

        public void Dispose() => Interlocked.Exchange(ref _owner, null)?.Leave();
    }
}
