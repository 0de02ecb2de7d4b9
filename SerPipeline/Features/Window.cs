namespace SerPipeline.Features;

/// <summary>Window functions.</summary>
public static class Window
{
    /// <summary>The periodic Hann window, <c>0.5 - 0.5 cos(2 pi n / N)</c>: SciPy's <c>get_window("hann", N, fftbins=True)</c>.</summary>
    /// <param name="samples">N, at least 1.</param>
    public static double[] HannPeriodic(int samples)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(samples, 1);
        var window = new double[samples];
        if (samples == 1)
        {
            window[0] = 1; // SciPy's convention: a window of one sample passes it unchanged.
            return window;
        }
        for (int n = 0; n < samples; n++) window[n] = 0.5 - (0.5 * Math.Cos(2 * Math.PI * n / samples));
        return window;
    }
}
