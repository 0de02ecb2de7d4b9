
namespace SerPipeline.Prediction;

/// <summary>A model as a service. Set in code or bound to a section of configuration.</summary>
public sealed class SerModelServiceOptions
{
    /// <summary>The model's zip. Needed.</summary>
    public string Path { get; set; } = "";

    /// <summary>Whether a changed file is loaded while the program runs. Default: true.</summary>
    public bool ReloadOnChange { get; set; } = true;

    /// <summary>How often the file is looked at. Default: 2 s.</summary>
    public TimeSpan ReloadInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>The probability below which the model abstains; see <see cref="SerModelOptions.Threshold"/>. Default: null, it never
    /// does.</summary>
    public double? Threshold { get; set; }

    /// <summary>Whether recordings without speech get a label all the same; see <see cref="SerModelOptions.AnswerAnyway"/>. Default:
    /// false.</summary>
    public bool AnswerAnyway { get; set; }

    /// <summary>The least time that the network hears, in seconds; see <see cref="SerModelOptions.MinimumSeconds"/>. Default:
    /// 0.5.</summary>
    public double MinimumSeconds { get; set; } = new SerModelOptions().MinimumSeconds;

    /// <summary>How many clips are worked on at once; see <see cref="SerModelOptions.DegreeOfParallelism"/>. Default: one a core.</summary>
    public int DegreeOfParallelism { get; set; } = Environment.ProcessorCount;

    /// <summary>Checks every option.</summary>
    /// <exception cref="OptionsException">Lists every problem.</exception>
    public void Validate()
    {
        new OptionsCheck(nameof(SerModelServiceOptions))
            .Require(!string.IsNullOrWhiteSpace(Path), Path, "name the model's zip")
            .Require(ReloadInterval > TimeSpan.Zero && ReloadInterval <= TimeSpan.FromDays(1), ReloadInterval,
            "be above zero and at most a day")
            .ThrowIfAny();
        ToModelOptions().Validate();
    }

    internal SerModelOptions ToModelOptions() => new()
    {
        Threshold = Threshold,
        AnswerAnyway = AnswerAnyway,
        MinimumSeconds = MinimumSeconds,
        DegreeOfParallelism = DegreeOfParallelism
    };
}
