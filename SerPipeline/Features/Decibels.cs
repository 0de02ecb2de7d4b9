using System.Numerics;
using System.Runtime.InteropServices;

namespace SerPipeline.Features;

/// <summary>What decibel features share.</summary>
internal static class Decibels
{
    /// <summary>Raises every value to at least the greatest one minus <paramref name="topDb"/>.</summary>
    public static void CutBelow(Span<float> values, double topDb)
    {
        Span<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(values);
        Span<float> rest = values[(vectors.Length * Vector<float>.Count)..];
        Vector<float> most = new(float.NegativeInfinity);
        foreach (Vector<float> v in vectors) most = Vector.Max(most, v);
        float greatest = float.NegativeInfinity;
        for (int i = 0; i < Vector<float>.Count; i++) greatest = Math.Max(greatest, most[i]);
        foreach (float v in rest) greatest = Math.Max(greatest, v);
        float least = (float)(greatest - topDb);
        Vector<float> leasts = new(least);
        for (int i = 0; i < vectors.Length; i++) vectors[i] = Vector.Max(vectors[i], leasts);
        for (int i = 0; i < rest.Length; i++) rest[i] = Math.Max(rest[i], least);
    }
}
