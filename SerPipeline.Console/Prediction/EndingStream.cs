namespace SerPipeline.Console.Prediction;

/// <summary>A stream that ends when the user stops the program, even while nothing comes: a microphone's recording is then complete, and not lost.</summary>
/// <param name="inner">The stream.</param>
/// <param name="stop">Ends it.</param>
internal sealed class EndingStream(Stream inner, CancellationToken stop) : Stream
{
    private readonly List<byte> _head = [];

    /// <summary>Whether it began as a WAV file does, whose header is none of its samples.</summary>
    public bool BeganAsWav => _head.SequenceEqual("RIFF"u8.ToArray());

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count)
    {
        if (stop.IsCancellationRequested) return 0;
        // The read that nobody waits for any more ends with the process; its buffer is its own.
        var piece = new byte[count];
        Task<int> read = Task.Run(() => inner.Read(piece, 0, count), CancellationToken.None);
        try
        {
            int taken = read.WaitAsync(stop).GetAwaiter().GetResult();
            piece.AsSpan(0, taken).CopyTo(buffer.AsSpan(offset));
            _head.AddRange(piece.AsSpan(0, Math.Min(taken, 4 - _head.Count)));
            return taken;
        }
        catch (OperationCanceledException)
        {
            return 0;
        }
    }

    /// <inheritdoc/>
    public override void Flush() { }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
