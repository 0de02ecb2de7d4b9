using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace SerPipeline.Features;

/// <summary>Turns frames that follow each other by one hop into lanes.</summary>
internal static class FrameLoader
{
    /// <summary>Writes sample <c>n</c> of lane <c>l</c>'s frame times its weight, <c>signal[n + l * hop] * window[n]</c>, to lane <c>l</c> of <c>frame[n]</c>.</summary>
    /// <param name="signal">At least <c>frame.Length + (lanes - 1) * hop</c> samples.</param>
    /// <param name="hopSamples">Samples from one frame to the next.</param>
    /// <param name="window">The weights.</param>
    /// <param name="frame">Receives the weighted samples, as many as there are weights.</param>
    public static void Load(ReadOnlySpan<float> signal, int hopSamples, ReadOnlySpan<double> window, Span<Vector<double>> frame)
    {
        frame = frame[..window.Length];
        ref float first = ref MemoryMarshal.GetReference(signal[..(frame.Length + ((Vector<double>.Count - 1) * hopSamples))]);
        if (Vector<double>.Count == 4)
        {
            for (int n = 0; n < window.Length; n++)
            {
                ref float x = ref Unsafe.Add(ref first, n);
                frame[n] = Vector256.Create(x, (double)Unsafe.Add(ref x, hopSamples), Unsafe.Add(ref x, 2 * hopSamples), Unsafe.Add(ref x, 3 * hopSamples)).AsVector() * window[n];
            }
            return;
        }
        Span<double> values = MemoryMarshal.Cast<Vector<double>, double>(frame);
        for (int n = 0; n < frame.Length; n++)
            for (int lane = 0; lane < Vector<double>.Count; lane++)
                values[(n * Vector<double>.Count) + lane] = Unsafe.Add(ref first, n + (lane * hopSamples)) * window[n];
    }
}
