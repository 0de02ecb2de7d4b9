using System.Numerics;

namespace SerPipeline.Features;

/// <summary>Sums that describe the shape of several spectra at once, one a lane. Silent frames give 0, never NaN.</summary>
internal static class SpectralShape
{
    // The least normal float32: librosa leaves frames undivided whose norm is below it.
    internal const double Tiny = 1.17549435e-38;

    /// <summary>The vector, with ones where it is too small to divide by.</summary>
    public static Vector<double> NonZero(Vector<double> norm) => Vector.ConditionalSelect(Vector.LessThan(norm, new(Tiny)), Vector<double>.One, norm);

    /// <summary>The mean frequency, weighted by magnitude.</summary>
    public static Vector<double> Centroid(ReadOnlySpan<Vector<double>> magnitude, double hzPerBin)
    {
        Vector<double> sum = Vector<double>.Zero, moment = Vector<double>.Zero;
        for (int k = 0; k < magnitude.Length; k++)
        {
            sum += magnitude[k];
            moment += magnitude[k] * new Vector<double>(k * hzPerBin);
        }
        return moment / NonZero(sum);
    }

    /// <summary>The standard deviation of frequency, weighted by magnitude.</summary>
    public static Vector<double> Bandwidth(ReadOnlySpan<Vector<double>> magnitude, double hzPerBin)
    {
        Vector<double> centroid = Centroid(magnitude, hzPerBin), sum = Vector<double>.Zero, moment = Vector<double>.Zero;
        for (int k = 0; k < magnitude.Length; k++)
        {
            Vector<double> distance = new Vector<double>(k * hzPerBin) - centroid;
            sum += magnitude[k];
            moment += magnitude[k] * distance * distance;
        }
        return Vector.SquareRoot(moment / NonZero(sum));
    }

    /// <summary>The frequency below which the given share of the summed magnitude lies.</summary>
    public static Vector<double> RollOff(ReadOnlySpan<Vector<double>> magnitude, double hzPerBin, double share)
    {
        Vector<double> total = Vector<double>.Zero, running = Vector<double>.Zero, bin = Vector<double>.Zero;
        foreach (Vector<double> m in magnitude) total += m;
        Vector<double> threshold = total * share;
        foreach (Vector<double> m in magnitude)
        {
            running += m;
            bin += Vector.ConditionalSelect(Vector.LessThan(running, threshold), Vector<double>.One, Vector<double>.Zero);
        }
        return bin * hzPerBin;
    }

    /// <summary>The geometric mean of the power divided by its arithmetic mean, values below the floor counting as it.</summary>
    public static Vector<double> Flatness(ReadOnlySpan<Vector<double>> power, double floor)
    {
        Vector<double> least = new(floor), logs = Vector<double>.Zero, sum = Vector<double>.Zero;
        foreach (Vector<double> p in power)
        {
            Vector<double> value = Vector.Max(p, least);
            logs += Vector.Log(value);
            sum += value;
        }
        return Vector.Exp(logs / power.Length) / (sum / power.Length);
    }
}
