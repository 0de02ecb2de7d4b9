using SerPipeline.Corpora.Synthesis;

namespace SerPipeline.Console.Commands;

/// <summary><c>ser synth</c>: writes the synthetic demo corpus.</summary>
internal sealed class SynthCommand(Terminal terminal, ProgressDisplay progress) : ICommandHandler
{
    private const int Emotions = 8;

    private static readonly OptionDefinition Out = new("--out", "DIR",
        "The folder to write: new, empty, or an earlier demo corpus, which is replaced.")
    { Alias = "-o" };
    private static readonly OptionDefinition Speakers = new("--speakers", "N",
        "Voices, 1 to 24; odd ones male, even ones female. Default: 12.");
    private static readonly OptionDefinition Clips = new("--clips", "N",
        "Clips of each voice in each of the eight emotions, 1 to 100. Default: 5.");
    private static readonly OptionDefinition Rate = new("--rate", "HZ", "The sample rate, 8000 to 48000. Default: 16000.");
    private static readonly OptionDefinition Seed = new("--seed", "N", "The same seed gives the same files, bit for bit. Default: 42.");

    public static CommandDefinition Definition { get; } = new(
        "synth",
        "Write the synthetic demo corpus: speech-like clips of eight emotions, named as RAVDESS names its own. They show that a "
            + "pipeline works and say nothing about people.",
        typeof(SynthCommand))
    {
        Options = [Out, Speakers, Clips, Rate, Seed],
        Examples =
        [
            ("ser synth --out demo", "480 clips of 12 voices"),
            ("ser synth --out small --speakers 4 --clips 2", "64 clips, enough to try a pipeline"),
        ],
    };

    /// <inheritdoc/>
    public int Run(CommandInput input, CancellationToken cancellation)
    {
        var defaults = new DemoCorpusOptions();
        string folder = input.Required(Out);
        var options = new DemoCorpusOptions
        {
            Speakers = input.Whole(Speakers, 1) ?? defaults.Speakers,
            ClipsPerEmotion = input.Whole(Clips, 1) ?? defaults.ClipsPerEmotion,
            SampleRateHz = input.Whole(Rate, 1) ?? defaults.SampleRateHz,
            Seed = input.Whole(Seed, int.MinValue) ?? defaults.Seed,
        };
        input.Check();
        options.Validate();
        int total = options.Speakers * options.ClipsPerEmotion * Emotions;
        progress.Stage("synthetic clips", total, ProgressUnits.Clips,
            stage => DemoCorpus.Write(folder, options, new StageProgress<int>(stage, done => done), cancellation: cancellation));
        terminal.Result($"Wrote {Format.Count(total, "synthetic clip")} of {Format.Count(options.Speakers, "voice")} to "
            + $"{Path.GetFullPath(folder)}");
        terminal.Result($"Next: ser train --corpus demo --data {Spelling.Argument(folder)}");
        return ExitCode.Done;
    }
}
