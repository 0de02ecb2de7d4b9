using SerPipeline.Corpora;

namespace SerPipeline.Splits;

/// <summary>
/// The paper's split: the first <c>ceil(0.2 n)</c> entries of <c>numpy.random.RandomState(42).permutation(n)</c> are the test part, the
/// rest is training, as scikit-learn's <c>train_test_split(test_size=0.2, random_state=42)</c> draws it. Speakers, and copies made before
/// the split, end up on both sides.
/// </summary>
public static class PaperSplit
{
    private const uint Seed = 42;
    private const int TestDivisor = 5;

    /// <summary>Draws the split.</summary>
    /// <param name="items">The clips, at least two. The whole of RAVDESS speech is put in the paper's own order first, and its copies
    /// behind; other clips stay in theirs.</param>
    /// <exception cref="CorpusException">Fewer than two clips.</exception>
    public static Split Create(IReadOnlyList<SplitItem> items)
    {
        ArgumentNullException.ThrowIfNull(items);
        if (items.Count < 2) throw new CorpusException($"The paper's split needs at least two clips, but there are {items.Count}.");
        int[] rows = PaperOrder(items) ?? SplitItems.All(items);
        int[] permutation = new NumpyRandom(Seed).Permutation(items.Count);
        int test = (items.Count + TestDivisor - 1) / TestDivisor;
        return new Split
        {
            Test = [.. permutation[..test].Select(i => rows[i]).Order()],
            Train = [.. permutation[test..].Select(i => rows[i]).Order()],
            Protocol = SplitProtocol.Paper,
        };
    }

    /// <summary>Whether the items are the clips that the paper divided, so that the split is the paper's.</summary>
    internal static bool HasPaperOrder(IReadOnlyList<SplitItem> items) => PaperOrder(items) is not null;

    private static int[]? PaperOrder(IReadOnlyList<SplitItem> items) => PaperRows.Order([.. items.Select(item => item.Key)]);
}

/// <summary>
/// The permutations of NumPy's legacy generator <c>numpy.random.RandomState(seed)</c>, number for number: the Mersenne Twister MT19937
/// (Matsumoto and Nishimura 1998), seeded by its authors' <c>init_genrand</c>. For reproducing NumPy's draws only; everything else uses
/// <see cref="SeededRandom"/>.
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
