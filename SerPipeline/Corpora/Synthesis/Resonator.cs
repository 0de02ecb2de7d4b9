namespace SerPipeline.Corpora.Synthesis;

/// <summary>
/// A second-order resonance with gain 1 at 0 Hz: <c>y[n] = A x[n] + B y[n-1] + C y[n-2]</c> with <c>C = -exp(-2 pi BW T)</c>,
/// <c>B = 2 exp(-pi BW T) cos(2 pi F T)</c>, <c>A = 1 - B - C</c> (Klatt 1980, equations 1 and 2).
/// </summary>
internal struct Resonator
{
    private double _a, _b, _c, _y1, _y2;

    /// <summary>Moves the resonance; what rings goes on ringing.</summary>
    public void Tune(double frequencyHz, double bandwidthHz, double sampleRateHz)
    {
        // A resonance above the Nyquist frequency would fold back into the band.
        double frequency = Math.Min(frequencyHz, 0.48 * sampleRateHz);
        double radius = Math.Exp(-Math.PI * bandwidthHz / sampleRateHz);
        _c = -radius * radius;
        _b = 2 * radius * Math.Cos(2 * Math.PI * frequency / sampleRateHz);
        _a = 1 - _b - _c;
    }

    /// <summary>The next output sample.</summary>
    public double Next(double x)
    {
        double y = (_a * x) + (_b * _y1) + (_c * _y2);
        _y2 = _y1;
        _y1 = y;
        return y;
    }
}
