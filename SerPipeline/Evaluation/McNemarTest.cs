namespace SerPipeline.Evaluation;

/// <summary>McNemar's exact test (McNemar 1947) on the clips that one system recognised and the other did not: were the two alike, each would win such a clip as often as the other.</summary>
/// <remarks>It takes clips as independent. Clips of one speaker are not, so its p-value is too small; it is a second opinion beside <see cref="PermutationTest"/>.</remarks>
/// <param name="OnlyA">Clips that A alone recognised.</param>
/// <param name="OnlyB">Clips that B alone recognised.</param>
/// <param name="PValue">The two-sided p-value: twice the binomial probability of as few clips as the lesser count or fewer, 1 at most.</param>
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

        // Logarithms, as 2^-n of some thousand clips is below the least double. Each term follows from the last: C(n, k + 1) = C(n, k) (n - k) / (k + 1).
        double logTerm = -all * Math.Log(2), sum = 0;
        for (long k = 0; k <= less; k++)
        {
            sum += Math.Exp(logTerm);
            logTerm += Math.Log(all - k) - Math.Log(k + 1);
        }
        return new McNemarTest(onlyA, onlyB, Math.Min(1, 2 * sum));
    }
}
