namespace SerPipeline;

/// <summary>A random generator that gives the same numbers for the same seed on any machine and .NET version: xoshiro256** (Blackman and
/// Vigna 2018, "Scrambled linear pseudorandom number generators"), seeded by SplitMix64.</summary>
/// <remarks>Not thread-safe. Use <see cref="Fork(string)"/> for an independent stream per purpose, so that an additional draw in one place
/// does not affect others.</remarks>
public sealed class SeededRandom
{
    private readonly ulong _seed;
    private ulong _s0, _s1, _s2, _s3;
    private double _spareNormal = double.NaN;

    /// <summary>Creates a generator.</summary>
    /// <param name="seed">Any number.</param>
    public SeededRandom(long seed)
    {
        _seed = unchecked((ulong)seed);
        ulong state = _seed;
        _s0 = SplitMix64(ref state);
        _s1 = SplitMix64(ref state);
        _s2 = SplitMix64(ref state);
        _s3 = SplitMix64(ref state);
    }

    /// <summary>All that decides the draws to come: xoshiro's four words and the bits of the spare normal draw.</summary>
    internal IReadOnlyList<ulong> State
    {
        get => [_s0, _s1, _s2, _s3, BitConverter.DoubleToUInt64Bits(_spareNormal)];
        set
        {
            (_s0, _s1, _s2, _s3) = (value[0], value[1], value[2], value[3]);
            _spareNormal = BitConverter.UInt64BitsToDouble(value[4]);
        }
    }

    /// <summary>Creates an independent generator from the seed and a name, regardless of the numbers drawn so far.</summary>
    /// <param name="purpose">Name of the stream, such as <c>shuffle</c>.</param>
    public SeededRandom Fork(string purpose)
    {
        // FNV-1a, 64 bit: stable across processes, unlike string.GetHashCode.
        ulong hash = 14695981039346656037UL;
        foreach (byte b in Encoding.UTF8.GetBytes(purpose)) hash = unchecked((hash ^ b) * 1099511628211UL);
        ulong state = _seed ^ hash;
        return new SeededRandom(unchecked((long)SplitMix64(ref state)));
    }

    /// <summary>Creates an independent generator for a numbered item, such as an epoch or a clip.</summary>
    /// <param name="purpose">Name of the stream.</param>
    /// <param name="index">Number of the item.</param>
    public SeededRandom Fork(string purpose, long index) =>
        Fork(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{purpose}#{index}"));

    /// <summary>Draws 64 random bits.</summary>
    public ulong NextUInt64()
    {
        ulong result = BitOperations.RotateLeft(_s1 * 5, 7) * 9;
        ulong t = _s1 << 17;
        _s2 ^= _s0;
        _s3 ^= _s1;
        _s1 ^= _s2;
        _s0 ^= _s3;
        _s2 ^= t;
        _s3 = BitOperations.RotateLeft(_s3, 45);
        return result;
    }

    /// <summary>Draws uniformly from [0, 1), with 53 bits.</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Draws uniformly from [<paramref name="min"/>, <paramref name="max"/>).</summary>
    /// <param name="min">Inclusive lower bound.</param>
    /// <param name="max">Exclusive upper bound.</param>
    public double NextDouble(double min, double max) => min + ((max - min) * NextDouble());

    /// <summary>Draws an integer uniformly from [0, <paramref name="maxExclusive"/>), without bias (Lemire 2019).</summary>
    /// <param name="maxExclusive">Exclusive upper bound, at least 1.</param>
    public int Next(int maxExclusive)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxExclusive);
        ulong range = (ulong)maxExclusive;
        ulong threshold = unchecked(0UL - range) % range;
        while (true)
        {
            ulong high = Math.BigMul(NextUInt64(), range, out ulong low);
            if (low >= threshold) return (int)high;
        }
    }

    /// <summary>Draws an integer uniformly from [<paramref name="minInclusive"/>, <paramref name="maxExclusive"/>).</summary>
    /// <param name="minInclusive">Lower bound.</param>
    /// <param name="maxExclusive">Exclusive upper bound.</param>
    public int Next(int minInclusive, int maxExclusive) => minInclusive + Next(checked(maxExclusive - minInclusive));

    /// <summary>Draws from the standard normal distribution (Marsaglia's polar method).</summary>
    public double NextNormal()
    {
        if (!double.IsNaN(_spareNormal))
        {
            double spare = _spareNormal;
            _spareNormal = double.NaN;
            return spare;
        }
        while (true)
        {
            double u = (2 * NextDouble()) - 1, v = (2 * NextDouble()) - 1, s = (u * u) + (v * v);
            if (s is 0 or >= 1) continue;
            double scale = Math.Sqrt(-2 * Math.Log(s) / s);
            _spareNormal = v * scale;
            return u * scale;
        }
    }

    /// <summary>Shuffles items in place (Fisher-Yates).</summary>
    /// <param name="items">Reordered in place.</param>
    public void Shuffle<T>(Span<T> items)
    {
        for (int i = items.Length - 1; i > 0; i--)
        {
            int j = Next(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    private static ulong SplitMix64(ref ulong state)
    {
        ulong z = state += 0x9E3779B97F4A7C15UL;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }
}
