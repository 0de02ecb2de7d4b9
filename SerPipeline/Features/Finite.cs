using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;

namespace SerPipeline.Features;

/// <summary>Refuses samples that are no finite numbers: one of them would silently turn every frame it touches into NaN.</summary>
internal static class Finite
{
    /// <summary>Whether every sample is a finite number.</summary>
    public static bool All(ReadOnlySpan<float> mono)
    {
        // x * 0 is 0 for finite x and NaN otherwise; NaN survives addition.
        Vector<float> probe = Vector<float>.Zero;
        ReadOnlySpan<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(mono);
        foreach (Vector<float> v in vectors) probe += v * Vector<float>.Zero;
        bool finite = float.IsFinite(Vector.Sum(probe));
        foreach (float x in mono[(vectors.Length * Vector<float>.Count)..]) finite &= float.IsFinite(x);
        return finite;
    }

    /// <exception cref="ArgumentException">A sample is NaN or infinite; the message says which.</exception>
    public static void Require(ReadOnlySpan<float> mono)
    {
        if (All(mono)) return;
        int index = 0;
        while (float.IsFinite(mono[index])) index++;
        throw new ArgumentException(
            string.Create(CultureInfo.InvariantCulture, $"Expected finite samples, got {mono[index]} at sample {index}; repair or skip the clip."), nameof(mono));
    }
}
