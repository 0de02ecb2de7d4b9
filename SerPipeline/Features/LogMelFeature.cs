using System.Numerics;

namespace SerPipeline.Features;

/// <summary>Mel bands of each frame's spectrum and their logarithm.</summary>
internal sealed class LogMelFeature : IFrameFeature
{
    private readonly LogMelOptions _options;
    private readonly MelFilterBank _bank;
    private readonly double _scale, _offset;

    public LogMelFeature(LogMelOptions options)
    {
        _options = options;
        _bank = CreateBank(options);
        if (options.Compression == LogCompression.Decibel)
        {
            // 10 log10 of power, 20 log10 of magnitude, over natural logarithms.
            _scale = (options.Power == 2 ? 10 : 20) / Math.Log(10);
            _offset = -_scale * Math.Log(Math.Max(options.Floor, options.Reference));
        }
        else
        {
            _scale = 1;
        }
    }

    public static MelFilterBank CreateBank(LogMelOptions options) =>
        new(options.SampleRateHz, options.FftLength, options.MelBands, options.LowHz, options.HighHz, options.MelScale, options.MelNormalization);

    public int Bands => _options.MelBands;

    public bool UsesMagnitude => _options.Power == 1;

    public void Compute(ReadOnlySpan<Vector<double>> power, ReadOnlySpan<Vector<double>> magnitude, Span<Vector<double>> bands)
    {
        _bank.Apply(_options.Power == 2 ? power : magnitude, bands);
        if (_options.Compression == LogCompression.None) return;
        Vector<double> floor = new(_options.Floor), scale = new(_scale), offset = new(_offset);
        for (int m = 0; m < _bank.Mels; m++) bands[m] = (Vector.Log(Vector.Max(bands[m], floor)) * scale) + offset;
    }

    public void Finish(FrameMatrix frames)
    {
        if (_options.Compression == LogCompression.Decibel && _options.TopDb is double top) Decibels.CutBelow(frames.Values, top);
    }
}
