namespace SerPipeline.Evaluation;

/// <summary>
/// Permutation test of the difference in UAR. If two systems were equally good, swapping all of a speaker's predictions between them
/// would make no difference: the p-value is the share of such swaps whose absolute difference in UAR is at least the one found.
/// </summary>
/// <remarks>
/// Speakers are taken as independent of each other; clips of one speaker need not be. See Good 2005, "Permutation, Parametric and
/// Bootstrap Tests of Hypotheses".
/// </remarks>
public sealed record PermutationTest
{
    // Differences that are equal on paper differ by rounding when their terms are added in another order.
    private const double Rounding = 1e-12;

    /// <summary>What was swapped as a whole: <c>speaker</c>, or <c>clip</c> where speakers are unknown.</summary>
    public required string Unit { get; init; }

    /// <summary>How many units there are.</summary>
    public required int Units { get; init; }

    /// <summary>How many of them differ between the two systems: swapping the others changes nothing.</summary>
    public int Differing { get; init; }

    /// <summary>Whether every possible choice of swaps was tried.</summary>
    public required bool Exact { get; init; }

    /// <summary>The choices tried; with <see cref="Exact"/> 2 to the power of <see cref="Differing"/>.</summary>
    public required int Permutations { get; init; }

    /// <summary>
    /// The two-sided p-value. Of drawn swaps: (count + 1) / (permutations + 1), as it is never 0 (Phipson and Smyth 2010).
    /// </summary>
    public required double PValue { get; init; }

    /// <summary>The smallest p-value that this test can give with as many differing units and swaps: no data can go below it.</summary>
    public required double SmallestPValue { get; init; }

    /// <summary>Runs the test on what each unit adds to the difference: swapping a unit's predictions turns the sign of its part.</summary>
    internal static PermutationTest Run(string unit, IReadOnlyList<double> parts, int permutations, SeededRandom random)
    {
        double[] moved = [.. parts.Where(part => Math.Abs(part) > Rounding)];
        bool exact = moved.Length < 31 && 1L << moved.Length <= permutations;
        double found = Math.Abs(moved.Sum()) - Rounding;
        int tried = exact ? 1 << moved.Length : permutations;
        int extreme = CountExtreme(moved, found, tried, exact ? null : random);
        // No swap and every swap give the same absolute difference, so at least 2 of the 2^n count.
        double smallestExact = Math.Min(1, 2 * Math.Pow(2, -moved.Length));
        return new PermutationTest
        {
            Unit = unit,
            Units = parts.Count,
            Differing = moved.Length,
            Exact = exact,
            Permutations = tried,
            PValue = exact ? (double)extreme / tried : (extreme + 1.0) / (permutations + 1.0),
            SmallestPValue = exact ? smallestExact : 1 / (permutations + 1.0),
        };
    }

    // A set bit swaps a unit. Without draws the numbers from 0 are all the choices.
    private static int CountExtreme(double[] parts, double found, int tried, SeededRandom? draws)
    {
        int extreme = 0;
        for (int choice = 0; choice < tried; choice++)
        {
            double sum = 0;
            ulong bits = (ulong)choice;
            for (int i = 0; i < parts.Length; i++)
            {
                if (draws is not null && i % 64 == 0) bits = draws.NextUInt64();
                sum += (bits & 1) == 0 ? parts[i] : -parts[i];
                bits = BitOperations.RotateRight(bits, 1);
            }
            if (Math.Abs(sum) >= found) extreme++;
        }
        return extreme;
    }
}

/// <summary>
/// McNemar's exact test (McNemar 1947) on the clips that only one of two systems recognised: if the systems were equally good, each would
/// have half of them.
/// </summary>
/// <remarks>
/// It takes clips as independent. Clips of one speaker are not, so its p-value is too small; it is a second opinion beside
/// <see cref="PermutationTest"/>.
/// </remarks>
/// <param name="OnlyA">Clips that A alone recognised.</param>
/// <param name="OnlyB">Clips that B alone recognised.</param>
/// <param name="PValue">
/// The two-sided p-value: twice the binomial probability of as few clips as the lesser count or fewer, 1 at most.
/// </param>
public sealed record McNemarTest(long OnlyA, long OnlyB, double PValue)
{
    /// <summary>Runs the test.</summary>
    /// <param name="onlyA">Clips that A alone recognised.</param>
    /// <param name="onlyB">Clips that B alone recognised.</param>
    public static McNemarTest Of(long onlyA, long onlyB)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(onlyA);
        ArgumentOutOfRangeException.ThrowIfNegative(onlyB);
        long all = onlyA + onlyB, less = Math.Min(onlyA, onlyB);

        // Logarithms, as 2^-n of some thousand clips is below the least double. Each
        // term follows from the last: C(n, k + 1) = C(n, k) (n - k) / (k + 1).
        double logTerm = -all * Math.Log(2), sum = 0;
        for (long k = 0; k <= less; k++)
        {
            sum += Math.Exp(logTerm);
            logTerm += Math.Log(all - k) - Math.Log(k + 1);
        }
        return new McNemarTest(onlyA, onlyB, Math.Min(1, 2 * sum));
    }
}
