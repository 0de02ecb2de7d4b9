namespace SerPipeline.Splits;

/// <summary>
/// The permutations of NumPy's legacy generator <c>numpy.random.RandomState(seed)</c>, number for number: the Mersenne Twister MT19937
/// (Matsumoto and Nishimura 1998), seeded by its authors' <c>init_genrand</c>. Use it only to repeat what others drew with NumPy; everything else draws from <see cref="SeededRandom"/>.
/// </summary>
internal sealed class NumpyRandom
{
    private const int Size = 624, Shift = 397;
    private readonly uint[] _state = new uint[Size];
    private int _next = Size;

    /// <summary>Seeds the generator.</summary>
    /// <param name="seed">As given to <c>RandomState</c>: a whole number of 32 bits.</param>
    public NumpyRandom(uint seed)
    {
        _state[0] = seed;
        for (int i = 1; i < Size; i++) _state[i] = unchecked((1812433253u * (_state[i - 1] ^ (_state[i - 1] >> 30))) + (uint)i);
    }

    /// <summary>What <c>permutation(count)</c> returns: 0 to <paramref name="count"/> - 1, shuffled from the end.</summary>
    /// <param name="count">How many numbers.</param>
    public int[] Permutation(int count)
    {
        int[] items = [.. Enumerable.Range(0, count)];
        for (int i = count - 1; i > 0; i--)
        {
            int j = (int)Interval((uint)i);
            (items[i], items[j]) = (items[j], items[i]);
        }
        return items;
    }

    /// <summary>The next 32 random bits.</summary>
    public uint NextUInt32()
    {
        if (_next == Size) Generate();
        uint y = _state[_next++];
        y ^= y >> 11;
        y ^= (y << 7) & 0x9D2C5680u;
        y ^= (y << 15) & 0xEFC60000u;
        return y ^ (y >> 18);
    }

    // NumPy's random_interval: a number from 0 to max, by drawing under the smallest mask of ones that covers max until one fits.
    private uint Interval(uint max)
    {
        uint mask = uint.MaxValue >> System.Numerics.BitOperations.LeadingZeroCount(max);
        while (true)
            if ((NextUInt32() & mask) is var value && value <= max) return value;
    }

    private void Generate()
    {
        for (int i = 0; i < Size; i++)
        {
            uint y = (_state[i] & 0x80000000u) | (_state[(i + 1) % Size] & 0x7FFFFFFFu);
            _state[i] = _state[(i + Shift) % Size] ^ (y >> 1) ^ ((y & 1) == 0 ? 0u : 0x9908B0DFu);
        }
        _next = 0;
    }
}
