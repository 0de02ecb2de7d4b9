namespace SerPipeline.Audio;

/// <summary>
/// A <see cref="Resampler"/> for a signal that arrives in pieces: however it is cut, the output is that of <see cref="Resampler.Resample"/> on the whole, bit for bit. Holds as
/// many samples as the filter is long. For one thread and one signal.
/// </summary>
/// <param name="resampler">Rates and filter.</param>
public sealed class StreamingResampler(Resampler resampler)
{
    private readonly Resampler _resampler = resampler ?? throw new ArgumentNullException(nameof(resampler));

    // The signal from _first on, with the silence before its start; _first is a place in that padded signal.
    private float[] _held = new float[resampler.SamplesBefore];
    private int _count = resampler.SamplesBefore;
    private long _first, _received, _given;
    private bool _complete;

    /// <summary>Takes the next samples.</summary>
    /// <param name="mono">The samples; none at all included.</param>
    /// <returns>The output samples that they complete.</returns>
    /// <exception cref="InvalidOperationException"><see cref="Complete"/> was called.</exception>
    public float[] Push(ReadOnlySpan<float> mono)
    {
        if (_complete) throw new InvalidOperationException("The signal is complete: take another resampler for another signal.");
        _received += mono.Length;
        if (_resampler.IsIdentity) return mono.ToArray();
        Hold(mono);
        return Give(_resampler.OutputsWithin(_first + _count) - _given);
    }

    /// <summary>Ends the signal; after its end it is taken as silent.</summary>
    /// <returns>The output samples left.</returns>
    public float[] Complete()
    {
        bool empty = _complete || _resampler.IsIdentity || _received == 0;
        _complete = true;
        if (empty) return [];
        Hold(new float[_resampler.SamplesAfter]);
        float[] rest = Give(_resampler.OutputLength(_received) - _given);
        // The zero that a recipe may end in: see Resampler.
        long sounding = _resampler.SoundingLength(_received);
        if (sounding < _given) rest.AsSpan((int)Math.Max(0, rest.Length - (_given - sounding))).Clear();
        return rest;
    }

    private void Hold(ReadOnlySpan<float> samples)
    {
        if (_count + samples.Length > _held.Length) Array.Resize(ref _held, _count + samples.Length);
        samples.CopyTo(_held.AsSpan(_count));
        _count += samples.Length;
    }

    private float[] Give(long count)
    {
        if (count <= 0) return [];
        var output = new float[count];
        _resampler.Run(_held.AsSpan(0, _count), _first, _given, output);
        _given += count;
        // What no later output needs is let go.
        int past = (int)Math.Min(_count, _resampler.PlaceOf(_given) - _first);
        _held.AsSpan(past, _count - past).CopyTo(_held);
        _count -= past;
        _first += past;
        return output;
    }
}
