using SerPipeline.Console.Hosting;
using SerPipeline.Console.Output;
using SerPipeline.Corpora;
using SerPipeline.Corpora.Synthesis;

namespace SerPipeline.Console.Training;

/// <summary>The options by which commands name a corpus, and the way to it.</summary>
internal static class CorpusSource
{
    public static readonly OptionDefinition Corpus = new(
        "--corpus", "ravdess|folder|manifest|demo",
        "The corpus format: RAVDESS file names, a folder a label, a CSV with path,label,speaker, or the synthetic demo corpus.")
    { Choices = CorpusLoader.Names };

    public static readonly OptionDefinition Data = new("--data", "DIR", "Where the corpus lies: its folder, or the CSV file of a manifest. The demo corpus is made when this is absent.");

    public static readonly OptionDefinition Name = new("--name", "NAME", "The name scores are reported under. Default: the format's, or that of the folder or manifest.");

    public static readonly OptionDefinition SpeakerPattern = new(
        "--speaker-pattern", "REGEX", "For --corpus folder: a regular expression over the relative path with a group 'speaker', such as (?<speaker>[^/_]+)_");

    public static readonly OptionDefinition Labels = new(
        "--labels", "LABELS", "For --corpus folder and manifest: the labels allowed, in the order reports use. Default: all found.", OptionKind.List);

    public static IReadOnlyList<OptionDefinition> Options { get; } = [Corpus, Data, Name, SpeakerPattern, Labels];

    /// <summary>What a command was told about its corpus.</summary>
    /// <param name="Format">One of <see cref="CorpusLoader.Names"/>.</param>
    /// <param name="Folder">Where it lies; null for the demo corpus in the cache.</param>
    /// <param name="Load">How to read it.</param>
    /// <param name="Cache">Where the demo corpus goes.</param>
    public sealed record Settings(string Format, string? Folder, CorpusLoadOptions Load, string Cache)
    {
        /// <summary>Reads the options.</summary>
        /// <param name="input">The command's settings.</param>
        public static Settings From(CommandInput input)
        {
            string? folder = input.Text(Data);
            string format = input.Text(Corpus) ?? "demo";
            input.Require(input.Text(Corpus) is not null || folder is null, $"--data needs --corpus as well, one of {Spelling.List(CorpusLoader.Names)}.");
            input.Require(format == "demo" || folder is not null, $"--corpus {format} needs --data DIR, the place where the corpus lies.");
            IReadOnlyList<string> labels = input.List(Labels);
            string? pattern = input.Text(SpeakerPattern);
            input.Require(labels.Count == 0 || format is "folder" or "manifest", $"--labels is for --corpus folder and manifest, but the corpus is {format}: its file names tell the labels.");
            input.Require(pattern is null || format == "folder",
                $"--speaker-pattern is for --corpus folder, but the corpus is {format}: its {(format == "manifest" ? "speaker column tells" : "file names tell")} the speakers.");
            return new Settings(
                format, folder,
                new CorpusLoadOptions { Name = input.Text(Name), SpeakerPattern = pattern, Labels = labels.Count == 0 ? null : labels },
                CacheFolder.Of(input));
        }
    }

    /// <summary>Reads the corpus, making the demo corpus first where it is asked for and absent.</summary>
    /// <param name="settings">Which one.</param>
    /// <param name="progress">Where the making shows.</param>
    /// <param name="cancellation">Stops the making.</param>
    /// <exception cref="CorpusException">It cannot be read.</exception>
    public static Corpus Open(Settings settings, ProgressDisplay progress, CancellationToken cancellation)
    {
        if (settings.Folder is { } folder) return CorpusLoader.Load(settings.Format, folder, settings.Load);
        var options = new DemoCorpusOptions();
        int total = options.Speakers * options.ClipsPerEmotion * EmotionCount;
        string demo = Path.Combine(settings.Cache, "demo");
        return progress.Run(scope =>
        {
            IProgressStage? stage = null;
            Corpus corpus = DemoCorpus.Ensure(demo, options, new Relay(done => (stage ??= scope.Start("making the synthetic demo corpus", total, ProgressUnits.Clips)).Report(done)), cancellation);
            stage?.Complete();
            return settings.Load.Name is null ? corpus : CorpusLoader.Load("demo", demo, settings.Load);
        });
    }

    // The eight emotions of RAVDESS, which the demo corpus imitates.
    private const int EmotionCount = 8;

    private sealed class Relay(Action<int> report) : IProgress<int>
    {
        private readonly Lock _lock = new();

        public void Report(int value)
        {
            lock (_lock) report(value);
        }
    }
}
