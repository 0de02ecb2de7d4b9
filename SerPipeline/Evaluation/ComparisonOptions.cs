namespace SerPipeline.Evaluation;

/// <summary>Options of <see cref="RunComparison"/>.</summary>
public sealed record ComparisonOptions
{
    /// <summary>Whether clips that only one of the two has are left out and counted instead of refused. Default: false.</summary>
    public bool AllowPartial { get; init; }

    /// <summary>The most swaps the permutation test tries, 100 to 1,000,000; with fewer possible ones it tries them all. Default: 10,000.</summary>
    public int Permutations { get; init; } = 10_000;

    /// <summary>How often speakers are drawn for the intervals, 100 to 1,000,000. Default: 2,000.</summary>
    public int Draws { get; init; } = 2000;

    /// <summary>The intervals' confidence, between 0 and 1. Default: 0.95.</summary>
    public double Confidence { get; init; } = 0.95;

    /// <summary>The seed of swaps and draws. Default: 0.</summary>
    public long Seed { get; init; }

    /// <summary>Checks the options.</summary>
    /// <exception cref="OptionsException">An option is out of range; all problems are listed.</exception>
    public void Validate() => new OptionsCheck(nameof(ComparisonOptions))
        .Require(Permutations is >= 100 and <= 1_000_000, Permutations, "be between 100 and 1000000")
        .Require(Draws is >= 100 and <= 1_000_000, Draws, "be between 100 and 1000000")
        .Require(Confidence is > 0 and < 1, Confidence, "be between 0 and 1, both excluded")
        .ThrowIfAny();
}
