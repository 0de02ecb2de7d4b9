namespace SerPipeline.Evaluation;

/// <summary>Options of <see cref="SpeakerBootstrap"/>.</summary>
public sealed record SpeakerBootstrapOptions
{
    /// <summary>How often speakers are drawn, 100 to 1,000,000. Default: 2,000, enough for the ends of a 95 % interval (Efron and Tibshirani 1993, section 14.2, ask for 1,000 or more).</summary>
    public int Draws { get; init; } = 2000;

    /// <summary>The intervals' confidence, between 0 and 1. Default: 0.95.</summary>
    public double Confidence { get; init; } = 0.95;

    /// <summary>The seed of the draws. Default: 0.</summary>
    public long Seed { get; init; }

    /// <summary>Checks the options.</summary>
    /// <exception cref="OptionsException">An option is out of range; all problems are listed.</exception>
    public void Validate() => new OptionsCheck(nameof(SpeakerBootstrapOptions))
        .Require(Draws is >= 100 and <= 1_000_000, Draws, "be between 100 and 1000000")
        .Require(Confidence is > 0 and < 1, Confidence, "be between 0 and 1, both excluded")
        .ThrowIfAny();
}
