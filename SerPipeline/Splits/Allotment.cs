namespace SerPipeline.Splits;

/// <summary>Deals a number out to groups in proportion to their sizes, by largest remainders (Hamilton's method).</summary>
internal static class Allotment
{
    /// <summary>Shares that differ from <c>sizes * fraction</c> by less than one, and leave at least one of each group behind.</summary>
    /// <param name="sizes">The groups' sizes, each at least 1.</param>
    /// <param name="fraction">The part wanted, between 0 and 1.</param>
    /// <param name="random">Decides between equal remainders.</param>
    public static int[] Deal(IReadOnlyList<int> sizes, double fraction, SeededRandom random) =>
        Deal(sizes, fraction, (int)Math.Round(sizes.Sum() * fraction, MidpointRounding.AwayFromZero), random);

    /// <inheritdoc cref="Deal(IReadOnlyList{int}, double, SeededRandom)"/>
    /// <param name="sizes">The groups' sizes.</param>
    /// <param name="fraction">The part wanted.</param>
    /// <param name="total">The sum wanted; reached unless a group would have nothing left.</param>
    /// <param name="random">Decides between equal remainders.</param>
    public static int[] Deal(IReadOnlyList<int> sizes, double fraction, int total, SeededRandom random)
    {
        var shares = new int[sizes.Count];
        var remainders = new double[sizes.Count];
        for (int g = 0; g < shares.Length; g++)
        {
            double exact = sizes[g] * fraction;
            shares[g] = Math.Min((int)Math.Floor(exact), sizes[g] - 1);
            remainders[g] = exact - shares[g];
        }
        int[] order = [.. Enumerable.Range(0, shares.Length)];
        random.Shuffle<int>(order);
        // A stable sort keeps the shuffled order among equal remainders; rounding hides the last bits of 0.2 * 5 and the like.
        foreach (int g in order.OrderByDescending(g => Math.Round(remainders[g], 9)))
        {
            if (shares.Sum() >= total) break;
            if (remainders[g] > 1e-9 && shares[g] + 1 < sizes[g]) shares[g]++;
        }
        return shares;
    }
}
