namespace SerPipeline.Corpora.Synthesis;

/// <summary>What <see cref="DemoCorpus"/> writes: speakers x eight emotions x clips.</summary>
public sealed record DemoCorpusOptions
{
    /// <summary>How many voices, from 1 to 24; odd ones are male, even ones female, as in RAVDESS.</summary>
    public int Speakers { get; init; } = 12;

    /// <summary>How many clips each voice speaks in each emotion, from 1 to 100.</summary>
    public int ClipsPerEmotion { get; init; } = 5;

    /// <summary>The sample rate, from 8000 to 48000 Hz.</summary>
    public int SampleRateHz { get; init; } = 16_000;

    /// <summary>The same seed gives the same files, bit for bit, whatever the number of threads.</summary>
    public long Seed { get; init; } = 42;

    /// <summary>Checks every option.</summary>
    /// <exception cref="OptionsException">One line for each option that cannot be used.</exception>
    public void Validate()
    {
        var check = new OptionsCheck(nameof(DemoCorpusOptions));
        check.Require(Speakers is >= 1 and <= RavdessName.Actors, Speakers, $"be between 1 and {RavdessName.Actors}");
        check.Require(ClipsPerEmotion is >= 1 and <= 100, ClipsPerEmotion, "be between 1 and 100");
        check.Require(SampleRateHz is >= 8000 and <= 48_000, SampleRateHz, "be between 8000 and 48000");
        check.ThrowIfAny();
    }
}
