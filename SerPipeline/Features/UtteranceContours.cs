using SerPipeline.Onnx;


namespace SerPipeline.Features;

/// <summary><see cref="UtteranceFrames"/> in a graph: every contour, float [batch, bands, frames]; each clip has its own number of frames, and what lies behind them is no part of it.</summary>
internal sealed record UtteranceContours
{
    /// <summary>The contours whose statistics are features.</summary>
    public required IReadOnlyDictionary<Contour, OnnxValue> Of { get; init; }

    /// <summary>Pitch in Hz, [batch, 1, frames].</summary>
    public required OnnxValue F0Hz { get; init; }

    /// <summary>YIN's aperiodicity, [batch, 1, frames].</summary>
    public required OnnxValue Aperiodicity { get; init; }

    /// <summary>The energy under the Hann window in dB, [batch, 1, frames].</summary>
    public required OnnxValue EnergyDb { get; init; }

    /// <summary>The frames of each clip, int64 [batch].</summary>
    public required OnnxValue Counts { get; init; }

    /// <summary>Frames of the clip, bool [batch, 1, frames].</summary>
    public required OnnxValue Valid { get; init; }

    /// <summary>Frames of the clip that are not in a pause, bool [batch, 1, frames].</summary>
    public required OnnxValue Loud { get; init; }

    /// <summary>Loud frames with a pitch, bool [batch, 1, frames].</summary>
    public required OnnxValue Voiced { get; init; }

    public required double SecondsPerFrame { get; init; }

    /// <summary>The seconds of each clip, double [batch].</summary>
    public OnnxValue Seconds => Counts.To(OnnxType.Double) * SecondsPerFrame;
}
