using System.Buffers;
using System.Runtime.CompilerServices;

namespace SerPipeline.Features;

/// <summary>Forward complex FFT of power-of-two length for several signals at once: each lane of a vector register holds one signal, so
/// every step is a plain vector operation.</summary>
/// <remarks>Radix-4 decimation in time on bit-reversed input (pairs of the radix-2 steps of Cooley and Tukey 1965), with one radix-2 pass
/// first for odd powers of two. Double precision, as a speech spectrum spans over 100 dB and float32 rounding errors of the strongest bin
/// would reach the weakest. Immutable and thread-safe.</remarks>
internal sealed class LaneFft
{
    private readonly int[] _bitReversed;
    private readonly double[] _twiddles; // per pass, per butterfly: w^2j, w^j, w^3j, each (re, im)

    public LaneFft(int length)
    {
        if (length < 1 || !BitOperations.IsPow2(length)) throw new ArgumentOutOfRangeException(nameof(length), length, "a power of two");
        Length = length;
        _bitReversed = BitReversal(length);
        _twiddles = Twiddles(length);
    }

    /// <summary>Complex values per signal.</summary>
    public int Length { get; }

    /// <summary>Source index of each value in bit-reversed order.</summary>
    public ReadOnlySpan<int> BitReversed => _bitReversed;

    /// <summary>Transforms in place from bit-reversed to natural order.</summary>
    public void Transform(Span<Vector<double>> real, Span<Vector<double>> imaginary)
    {
        ref Vector<double> re = ref MemoryMarshal.GetReference(real[..Length]);
        ref Vector<double> im = ref MemoryMarshal.GetReference(imaginary[..Length]);
        bool odd = (BitOperations.Log2((uint)Length) & 1) == 1;
        int quarter = FirstQuarter(Length);
        if (odd) Radix2(ref re, ref im, Length);
        else if (Length >= 4) Radix4WithoutTwiddles(ref re, ref im, Length);
        ref double twiddle = ref MemoryMarshal.GetArrayDataReference(_twiddles);
        for (; quarter * 4 <= Length; quarter *= 4)
        {
            Radix4(ref re, ref im, ref twiddle, quarter, Length);
            twiddle = ref Unsafe.Add(ref twiddle, 6 * quarter);
        }
    }

    // The first pass with twiddles combines groups of 2 (after a radix-2 pass) or 4 (after a radix-4 pass).
    private static int FirstQuarter(int length) => (BitOperations.Log2((uint)length) & 1) == 1 ? 2 : 4;

    private static void Radix2(ref Vector<double> re, ref Vector<double> im, int length)
    {
        for (int i = 0; i < length; i += 2)
        {
            Vector<double> ar = Unsafe.Add(ref re, i), ai = Unsafe.Add(ref im, i);
            Vector<double> br = Unsafe.Add(ref re, i + 1), bi = Unsafe.Add(ref im, i + 1);
            Unsafe.Add(ref re, i) = ar + br;
            Unsafe.Add(ref im, i) = ai + bi;
            Unsafe.Add(ref re, i + 1) = ar - br;
            Unsafe.Add(ref im, i + 1) = ai - bi;
        }
    }

    private static void Radix4WithoutTwiddles(ref Vector<double> re, ref Vector<double> im, int length)
    {
        for (int i = 0; i < length; i += 4)
        {
            ref Vector<double> r = ref Unsafe.Add(ref re, i);
            ref Vector<double> m = ref Unsafe.Add(ref im, i);
            Butterfly(ref r, ref m, 1, r, m, Unsafe.Add(ref r, 1), Unsafe.Add(ref m, 1),
                Unsafe.Add(ref r, 2), Unsafe.Add(ref m, 2), Unsafe.Add(ref r, 3), Unsafe.Add(ref m, 3));
        }
    }

    private static void Radix4(ref Vector<double> re, ref Vector<double> im, ref double twiddles, int quarter, int length)
    {
        for (int block = 0; block < length; block += 4 * quarter)
        {
            ref double w = ref twiddles;
            for (int j = 0; j < quarter; j++)
            {
                ref Vector<double> r = ref Unsafe.Add(ref re, block + j);
                ref Vector<double> m = ref Unsafe.Add(ref im, block + j);
                // 1. Multiply the second, third and fourth quarter by their twiddles.
                Multiply(Unsafe.Add(ref r, quarter), Unsafe.Add(ref m, quarter), w, Unsafe.Add(ref w, 1), out Vector<double> br,
                    out Vector<double> bi);
                Multiply(Unsafe.Add(ref r, 2 * quarter), Unsafe.Add(ref m, 2 * quarter), Unsafe.Add(ref w, 2), Unsafe.Add(ref w, 3),
                    out Vector<double> cr, out Vector<double> ci);
                Multiply(Unsafe.Add(ref r, 3 * quarter), Unsafe.Add(ref m, 3 * quarter), Unsafe.Add(ref w, 4), Unsafe.Add(ref w, 5),
                    out Vector<double> dr, out Vector<double> di);
                // 2. Two radix-2 steps at once.
                Butterfly(ref r, ref m, quarter, r, m, br, bi, cr, ci, dr, di);
                w = ref Unsafe.Add(ref w, 6);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Multiply(Vector<double> xr, Vector<double> xi, double wr, double wi, out Vector<double> yr, out Vector<double> yi)
    {
        Vector<double> cos = new(wr), sin = new(wi);
        yr = Vector.MultiplyAddEstimate(xr, cos, -(xi * sin));
        yi = Vector.MultiplyAddEstimate(xr, sin, xi * cos);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Butterfly(
        ref Vector<double> r, ref Vector<double> m, int quarter,
        Vector<double> ar, Vector<double> ai, Vector<double> br, Vector<double> bi,
        Vector<double> cr, Vector<double> ci, Vector<double> dr, Vector<double> di)
    {
        Vector<double> t0r = ar + br, t0i = ai + bi, t1r = ar - br, t1i = ai - bi;
        Vector<double> t2r = cr + dr, t2i = ci + di, t3r = cr - dr, t3i = ci - di;
        r = t0r + t2r;
        m = t0i + t2i;
        Unsafe.Add(ref r, quarter) = t1r + t3i; // -i (x + iy) = y - ix
        Unsafe.Add(ref m, quarter) = t1i - t3r;
        Unsafe.Add(ref r, 2 * quarter) = t0r - t2r;
        Unsafe.Add(ref m, 2 * quarter) = t0i - t2i;
        Unsafe.Add(ref r, 3 * quarter) = t1r - t3i;
        Unsafe.Add(ref m, 3 * quarter) = t1i + t3r;
    }

    private static int[] BitReversal(int length)
    {
        var reversed = new int[length];
        for (int i = 1; i < length; i++) reversed[i] = (reversed[i >> 1] >> 1) | ((i & 1) == 1 ? length >> 1 : 0);
        return reversed;
    }

    private static double[] Twiddles(int length)
    {
        var twiddles = new List<double>();
        for (int quarter = FirstQuarter(length); quarter * 4 <= length; quarter *= 4)
        {
            for (int j = 0; j < quarter; j++)
            {
                foreach (int power in (ReadOnlySpan<int>)[2, 1, 3])
                {
                    (double sin, double cos) = Math.SinCos(-2 * Math.PI * power * j / (4 * quarter));
                    twiddles.Add(cos);
                    twiddles.Add(sin);
                }
            }
        }
        return twiddles.Count == 0 ? [0] : [.. twiddles];
    }
}

/// <summary>Vectors rented from the shared pool until disposed, initially zero.</summary>
internal readonly ref struct LanePool : IDisposable
{
    private readonly double[] _rented;

    public LanePool(int lanes)
    {
        _rented = ArrayPool<double>.Shared.Rent(Math.Max(1, lanes) * Vector<double>.Count);
        Lanes = MemoryMarshal.Cast<double, Vector<double>>(_rented.AsSpan(0, lanes * Vector<double>.Count));
        Lanes.Clear();
    }

    public Span<Vector<double>> Lanes { get; }

    public void Dispose() => ArrayPool<double>.Shared.Return(_rented);
}
