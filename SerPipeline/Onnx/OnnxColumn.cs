namespace SerPipeline.Onnx;

/// <summary>A data view's column in a graph.</summary>
/// <param name="Values">
/// Audio: float [batch, samples]. Frames: float [batch, bands, frames]. An image: its levels, float [batch, 1, height, width]. A vector:
/// float [batch, slots].
/// A key: its 0-based position, int64 [batch].
/// </param>
/// <param name="Lengths">
/// For audio and frames, how many of the last dimension belong to each item, int64 [batch]; what lies behind them is no part of the clip.
/// Else null.
/// </param>
public sealed record OnnxColumn(OnnxValue Values, OnnxValue? Lengths = null)
{
    /// <summary>The free dimension of items that are scored together.</summary>
    public const string BatchDimension = "batch";

    /// <summary>Audio without padding: every item is as long as the tensor.</summary>
    /// <param name="waveform">float [batch, samples].</param>
    public static OnnxColumn OfWaveform(OnnxValue waveform)
    {
        ArgumentNullException.ThrowIfNull(waveform);
        return new OnnxColumn(waveform, waveform.Length(1).Expand(waveform.Length(0).Unsqueeze(0)));
    }
}
