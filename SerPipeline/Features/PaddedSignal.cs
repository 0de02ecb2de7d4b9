using System.Buffers;

namespace SerPipeline.Features;

/// <summary>A clip with its padding, in memory rented for the length of one call.</summary>
internal readonly ref struct PaddedSignal : IDisposable
{
    private readonly float[] _rented;

    /// <param name="framing">How the clip is framed.</param>
    /// <param name="mono">The clip.</param>
    /// <param name="frames">Frames that will be read; those beyond the clip's own see zeros.</param>
    public PaddedSignal(Framing framing, ReadOnlySpan<float> mono, int frames)
    {
        int length = framing.PaddedLength(frames);
        _rented = ArrayPool<float>.Shared.Rent(length);
        Span<float> samples = _rented.AsSpan(0, length);
        framing.Fill(mono, samples);
        Samples = samples;
    }

    public ReadOnlySpan<float> Samples { get; }

    public void Dispose() => ArrayPool<float>.Shared.Return(_rented);
}
