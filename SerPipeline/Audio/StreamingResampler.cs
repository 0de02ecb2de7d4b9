namespace SerPipeline.Audio;

/// <summary>Resamples a signal that arrives in pieces. The output is bit-identical to <see cref="Resampler.Resample"/> of the whole signal,
/// however it is split. Buffers about one filter length of samples. For one signal and one thread.</summary>
/// <param name="resampler">Defines rates and filter; may be shared.</param>
public sealed class StreamingResampler(Resampler resampler)
{
    private readonly Resampler _resampler = resampler ?? throw new ArgumentNullException(nameof(resampler));

    // The padded input from index _first on.
    private float[] _buffer = new float[resampler.SamplesBefore];
    private int _count = resampler.SamplesBefore;
    private long _first, _received, _written;
    private bool _complete;

    /// <summary>Adds input samples.</summary>
    /// <param name="mono">The next samples; may be empty.</param>
    /// <returns>The output samples that can now be computed; may be empty.</returns>
    /// <exception cref="InvalidOperationException"><see cref="Complete"/> was called before.</exception>
    public float[] Push(ReadOnlySpan<float> mono)
    {
        if (_complete) throw new InvalidOperationException("The signal is complete: create a new StreamingResampler for the next one.");
        _received += mono.Length;
        if (_resampler.IsIdentity) return mono.ToArray();
        Append(mono);
        return Output(_resampler.OutputsFrom(_first + _count) - _written);
    }

    /// <summary>Ends the signal, which is followed by zeros.</summary>
    /// <returns>The remaining output samples; empty if called again.</returns>
    public float[] Complete()
    {
        bool empty = _complete || _resampler.IsIdentity || _received == 0;
        _complete = true;
        if (empty) return [];
        Append(new float[_resampler.SamplesAfter]);
        float[] rest = Output(_resampler.OutputLength(_received) - _written);
        // The trailing zero of resampy's recipe: see Resampler.
        long nonZero = _resampler.NonZeroLength(_received);
        if (nonZero < _written) rest.AsSpan((int)Math.Max(0, rest.Length - (_written - nonZero))).Clear();
        return rest;
    }

    private void Append(ReadOnlySpan<float> samples)
    {
        if (_count + samples.Length > _buffer.Length) Array.Resize(ref _buffer, _count + samples.Length);
        samples.CopyTo(_buffer.AsSpan(_count));
        _count += samples.Length;
    }

    private float[] Output(long count)
    {
        if (count <= 0) return [];
        var output = new float[count];
        _resampler.Run(_buffer.AsSpan(0, _count), _first, _written, output);
        _written += count;
        // Drop samples that no later output needs.
        int past = (int)Math.Min(_count, _resampler.FirstInput(_written) - _first);
        _buffer.AsSpan(past, _count - past).CopyTo(_buffer);
        _count -= past;
        _first += past;
        return output;
    }
}
