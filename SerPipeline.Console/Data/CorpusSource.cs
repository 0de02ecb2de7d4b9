using SerPipeline.Corpora.Datasets;
using SerPipeline.Corpora.Synthesis;

namespace SerPipeline.Console.Data;

/// <summary>The options by which commands name corpora and data sets, and the way to them.</summary>
internal static class CorpusSource
{
    /// <summary>The corpus that is made where none is named.</summary>
    public const string Demo = "demo";

    public static readonly OptionDefinition Corpus = new(
        "--corpus", "NAME[+NAME]",
        $"The corpus: {Spelling.List(CorpusLoader.Names)} (folder: one folder per label; manifest: a CSV with path,label,speaker; demo: "
            + "synthetic). Combine several with +.");

    public static readonly OptionDefinition Data = new(
        "--data", "DIR",
        "Where the corpus is: its own folder, a folder of corpora (RAVDESS, TESS, EMO-DB, ...), the CSV file of a manifest, or "
            + "NAME=DIR,NAME=DIR. Default: the folder data, if it holds the corpus.");

    public static readonly OptionDefinition Combine = new(
        "--combine", "union|common", "For several corpora: keep every label, or those they all have. Default: union.")
    { Choices = ["union", "common"] };

    public static readonly OptionDefinition Dataset = new(
        "--dataset", "NAMES", "Named data sets instead of --corpus: original, over, over-train, new, or your own from --datasets.",
        OptionKind.List);

    public static readonly OptionDefinition Datasets = new(
        "--datasets", "FILE", "The file with the named data sets. Default: data/datasets.json, else the one that comes with the program.");

    public static readonly OptionDefinition Name = new("--name", "NAME",
        "The name to report scores under. Default: that of the corpus, folder or manifest.");

    public static readonly OptionDefinition SpeakerPattern = new(
        "--speaker-pattern", "REGEX",
        "For --corpus folder: a regular expression over the relative path with a group 'speaker', such as (?<speaker>[^/_]+)_");

    public static readonly OptionDefinition Map = new(
        "--map", "LABEL=LABEL,...",
        "Labels to rename or merge (excited=happy), or to drop (frustration=). Words such as anger, joy or Wut count as angry, happy, "
            + "angry without being named; anger=anger keeps one.", OptionKind.List);

    public static readonly OptionDefinition Labels = new(
        "--labels", "LABELS", "The labels to keep once --map is applied, in the order reports use. Default: all.", OptionKind.List);

    public static readonly OptionDefinition AudioRoot = new(
        "--audio-root", "DIR", "For --corpus manifest: the folder that its paths are relative to. Default: the manifest's own.");

    public static readonly OptionDefinition KeepDoubtful = OptionDefinition.Flag("--keep-doubtful",
        "Keep clips that make scores wrong: one recording twice or under two labels, silence, no speech, too short, out of range. Default: "
            + "they are named, counted and left out.");

    public static IReadOnlyList<OptionDefinition> Options { get; } = [Corpus, Data, Combine, Dataset, Datasets, Name, SpeakerPattern,
        Map, Labels, AudioRoot, KeepDoubtful];

    /// <summary>The data that a command works on.</summary>
    /// <param name="Format">The corpora or data sets asked for, joined by +.</param>
    /// <param name="Folder">Where they lie; null for the demo corpus in the cache.</param>
    /// <param name="Load">How to read them.</param>
    /// <param name="Cache">Where the demo corpus goes.</param>
    public sealed record Settings(string Format, string? Folder, CorpusLoadOptions Load, string Cache)
    {
        /// <summary>The corpora asked for; empty when data sets were.</summary>
        public IReadOnlyList<string> Corpora { get; init; } = [];

        /// <summary>The data sets asked for; empty when corpora were.</summary>
        public IReadOnlyList<string> DatasetNames { get; init; } = [];

        /// <summary>The file that defines the data sets; null takes the default.</summary>
        public string? DatasetFile { get; init; }

        /// <summary>Where each corpus lies.</summary>
        public required DataFolders Folders { get; init; }

        /// <summary>Which labels several corpora keep.</summary>
        public LabelCombination Combination { get; init; }

        /// <summary>Reads the options.</summary>
        /// <param name="input">The command's settings.</param>
        public static Settings From(CommandInput input)
        {
            IReadOnlyList<string> datasets = [.. input.List(Dataset).Distinct(StringComparer.OrdinalIgnoreCase)],
                labels = input.List(Labels);
            string? corpus = input.Text(Corpus), data = input.Text(Data), pattern = input.Text(SpeakerPattern);
            List<string> corpora = datasets.Count > 0 ? [] : CorporaOf(input, corpus ?? Demo);
            RequireOnlyOne(input, datasets.Count > 0, corpora.Count > 1, corpus, data);
            var folders = DataFolders.Parse(data);
            foreach (string name in folders.ByName.Keys.Where(name => datasets.Count == 0
                && !corpora.Contains(name, StringComparer.OrdinalIgnoreCase)))
                input.Require(false, $"--data says where '{name}' lies, which --corpus does not ask for.");
            foreach (string name in corpora.Where(name => name != Demo && folders.Common is null && !folders.ByName.ContainsKey(name)
                && folders.Of(name, corpora.Count == 1) is null))
            {
                input.Require(false, data is null ? $"--corpus {name} needs --data DIR, the folder of the corpus."
                    : $"--data says nothing about '{name}', which is not below the folder {DataFolders.Default} either: add {name}=DIR.");
            }
            input.Require(pattern is null || datasets.Count > 0 || corpora.Contains("folder"),
                $"--speaker-pattern is for --corpus folder, but the corpus is {string.Join('+', corpora)}: its "
                    + $"{(corpora is ["manifest"] ? "speaker column tells" : "file names tell")} the speakers.");
            return new Settings(
                string.Join('+', datasets.Count > 0 ? datasets : corpora),
                corpora is [Demo] && data is null ? null : data ?? DataFolders.Default,
                new CorpusLoadOptions
                {
                    Name = input.Text(Name),
                    SpeakerPattern = pattern,
                    LabelMap = MapOf(input),
                    Labels = labels.Count == 0 ? null : labels,
                    AudioRoot = AudioRootOf(input, corpora.Contains("manifest")),
                    KeepDoubtful = input.Flag(KeepDoubtful),
                },
                CacheFolder.Of(input))
            {
                Corpora = corpora,
                DatasetNames = datasets,
                DatasetFile = input.Text(Datasets),
                Folders = folders,
                Combination = input.Text(Combine) == "common" ? LabelCombination.Common : LabelCombination.Union,
            };
        }

        private static void RequireOnlyOne(CommandInput input, bool datasets, bool several, string? corpus, string? data)
        {
            input.Require(corpus is null || !datasets, "--corpus and --dataset exclude each other.");
            input.Require(corpus is not null || datasets || data is null,
                $"--data needs --corpus as well, one of {Spelling.List(CorpusLoader.Names)}, or --dataset.");
            input.Require(input.Text(Combine) is null || several,
                "--combine needs several corpora, such as --corpus ravdess+tess; a data set's labels are in its file.");
            input.Require(input.Text(Datasets) is null || datasets, "--datasets needs --dataset NAMES, the data sets wanted of the file.");
            input.Require(!datasets || input.Text(Name) is null, "--name is for --corpus: a data set is reported under its own name.");
            input.Require(!datasets || input.Text(SpeakerPattern) is null,
                "--speaker-pattern is for --corpus folder: a data set has it in its file, as speakerPattern.");
        }

        private static Dictionary<string, string>? MapOf(CommandInput input)
        {
            string[][] pairs = [.. input.List(Map).Select(Pair)];
            foreach (string[] pair in pairs.Where(pair => pair.Length < 2 || pair[0].Length == 0))
                input.Require(false, $"--map must be LABEL=LABEL,LABEL=LABEL (nothing behind = drops a label), got "
                    + $"'{string.Join('=', pair)}'.");
            pairs = [.. pairs.Where(pair => pair.Length == 2)];
            foreach (var twice in pairs.GroupBy(pair => pair[0], StringComparer.OrdinalIgnoreCase).Where(group => group.Count() > 1))
                input.Require(false, $"--map says twice what becomes of '{twice.Key}'.");
            return pairs.Length == 0 ? null : pairs.DistinctBy(pair => pair[0]).ToDictionary(pair => pair[0], pair => pair[1]);
        }

        /// <summary>The map that a model's training was given.</summary>
        /// <param name="text">The option's text.</param>
        public static IReadOnlyDictionary<string, string> MapOf(string text) => text.Split(',', StringSplitOptions.RemoveEmptyEntries)
            .Select(Pair).Where(pair => pair.Length == 2).DistinctBy(pair => pair[0]).ToDictionary(pair => pair[0], pair => pair[1]);

        private static string[] Pair(string text) => text.Split('=', 2, StringSplitOptions.TrimEntries);

        private static string? AudioRootOf(CommandInput input, bool manifest)
        {
            string? root = input.Text(AudioRoot);
            input.Require(root is null || manifest, "--audio-root is for --corpus manifest: other corpora say with --data where they lie.");
            input.Require(root is null || Directory.Exists(root), $"--audio-root: there is no folder {Path.GetFullPath(root ?? ".")}.");
            return root;
        }

        private static List<string> CorporaOf(CommandInput input, string text)
        {
            var corpora = new List<string>();
            foreach (string word in text.Split('+', StringSplitOptions.TrimEntries))
            {
                string? known = CorpusLoader.Names.FirstOrDefault(name => name.Equals(word, StringComparison.OrdinalIgnoreCase));
                input.Require(known is not null,
                    $"--corpus must be {Spelling.List(CorpusLoader.Names)}, got '{word}'.{Spelling.Hint(word, CorpusLoader.Names)}");
                input.Require(known is null || !corpora.Contains(known), $"--corpus names '{known}' twice.");
                if (known is not null && !corpora.Contains(known)) corpora.Add(known);
            }
            return corpora;
        }
    }

    /// <summary>Whether a corpus or data set is named.</summary>
    public static bool IsNamed(CommandInput input) => input.Text(Corpus) is not null || input.List(Dataset).Count > 0;

    /// <summary>Requires that options which only mean something with a corpus are absent where none is named.</summary>
    public static void RequireNothingElse(CommandInput input)
    {
        foreach (OptionDefinition option in new[] { Combine, Datasets, Name, SpeakerPattern, Map, Labels, AudioRoot })
            input.Require(input.Text(option) is null,
                $"{option.Name} needs --corpus NAME{(option == Datasets ? " or --dataset NAMES" : "")}.");
        if (input.Text(Data) is { } folder)
            input.Require(Directory.Exists(folder), $"--data: there is no folder {Path.GetFullPath(folder)}.");
    }

    /// <summary>Reads the one data set that a command works on, making the demo corpus first where it is asked for and absent.</summary>
    /// <param name="settings">Which one.</param>
    /// <param name="progress">Where the making shows.</param>
    /// <param name="cancellation">Stops the making.</param>
    /// <exception cref="CorpusException">It cannot be read.</exception>
    /// <exception cref="UsageException">Several were asked for.</exception>
    public static Corpus Open(Settings settings, ProgressDisplay progress, CancellationToken cancellation)
    {
        if (settings.DatasetNames.Count > 1)
            throw new UsageException($"This command works on one data set at a time, got {string.Join(", ", settings.DatasetNames)}.");
        // Oversampling inside training changes no clip, so a command that does not train has nothing to do with it.
        return OpenAll(settings, progress, cancellation).Single().Corpus;
    }

    /// <summary>Reads everything that a command was asked for.</summary>
    /// <param name="settings">What was asked for.</param>
    /// <param name="progress">Where the making of the demo corpus shows.</param>
    /// <param name="cancellation">Stops the making.</param>
    /// <returns>One entry for <c>--corpus</c>, one for each name of <c>--dataset</c>.</returns>
    /// <exception cref="CorpusException">Something cannot be read.</exception>
    /// <exception cref="UsageException">A data set or a corpus's folder is not there.</exception>
    public static IReadOnlyList<OpenedDataset> OpenAll(Settings settings, ProgressDisplay progress, CancellationToken cancellation) =>
        [.. Each(settings, progress, cancellation).Select(dataset => dataset.Open())];

    /// <summary>What a command was asked for, each to be read when its turn comes: one that cannot be read then keeps nobody from the
    /// others.</summary>
    /// <inheritdoc cref="OpenAll"/>
    /// <returns>The name of each, and what reads it. A data set or a <c>--data</c> that is not understood is an error at once.</returns>
    public static IReadOnlyList<(string Name, Func<OpenedDataset> Open)> Each(Settings settings, ProgressDisplay progress,
        CancellationToken cancellation) =>
        settings.DatasetNames.Count > 0 ? DefinedDatasets(settings)
            : [(settings.Load.Name ?? settings.Format, () => OpenCorpora(settings, progress, cancellation))];

    private static OpenedDataset OpenCorpora(Settings settings, ProgressDisplay progress, CancellationToken cancellation)
    {
        bool alone = settings.Corpora.Count == 1;
        // Labels of several corpora are those of the combination: one of them need not have all.
        CorpusLoadOptions load = alone ? settings.Load : settings.Load with { Name = null, Labels = null, LabelMap = null };
        Corpus[] parts = [.. settings.Corpora.Select(name => settings.Folders.Of(name, alone) is { } folder
            ? CorpusLoader.Load(name, folder, load)
            : name == Demo ? DemoOf(settings.Cache, load, progress, cancellation)
            : throw new UsageException($"--corpus {name} needs --data {name}=DIR, the folder of the corpus."))];
        if (!alone && settings.Load.LabelMap is { } map) parts = LabelNames.Map(parts, map);
        Corpus corpus = alone ? parts[0]
            : settings.Load.Labels is { } labels ? CorpusCombination.Combine(parts, labels, settings.Load.Name)
            : CorpusCombination.Combine(parts, settings.Combination, settings.Load.Name);
        return new OpenedDataset(corpus.Name, corpus);
    }

    private static List<(string Name, Func<OpenedDataset> Open)> DefinedDatasets(Settings settings)
    {
        var file = DatasetFile.Read(settings.DatasetFile ?? DefaultDatasets());
        string[] known = [.. file.Datasets.Select(dataset => dataset.Name)];
        if (settings.DatasetNames.FirstOrDefault(name => !known.Contains(name, StringComparer.OrdinalIgnoreCase)) is { } unknown)
            throw new UsageException($"--dataset must be {Spelling.List(known)}, got '{unknown}'.{Spelling.Hint(unknown, known)} They "
                + $"are defined in {file.Path}.");
        DatasetDefinition[] wanted = [.. settings.DatasetNames.Select(file.Get)];
        foreach (string name in settings.Folders.ByName.Keys.Where(name => !wanted.Any(definition => Needs(definition, name))))
            throw new UsageException($"--data says where '{name}' lies, which no data set asked for "
                + $"({string.Join(", ", settings.DatasetNames)}) takes from there.");
        return [.. wanted.Select(definition => (definition.Name, (Func<OpenedDataset>)(() => Open(definition))))];

        OpenedDataset Open(DatasetDefinition definition)
        {
            // --labels asks for fewer labels than the definition.
            DatasetDefinition asked = definition with
            {
                Labels = settings.Load.Labels ?? definition.Labels,
                LabelMap = settings.Load.LabelMap ?? definition.LabelMap,
                Strict = settings.Load.Strict,
                KeepDoubtful = settings.Load.KeepDoubtful,
            };
            Dataset dataset = asked.Open(FolderOf(definition));
            return new OpenedDataset(definition.Name, dataset.Corpus, dataset.Definition);
        }

        Func<string, string> FolderOf(DatasetDefinition definition) => corpus => settings.Folders.Of(corpus, definition.Corpora.Count == 1)
            ?? throw new UsageException($"The data set '{definition.Name}' needs the corpus '{corpus}', which is not below the folder "
                + $"{DataFolders.Default}: say where it lies with --data.");
    }

    private static bool Needs(DatasetDefinition definition, string corpus) =>
        definition.Corpora.Any(part => part.Path is null && part.Name.Equals(corpus, StringComparison.OrdinalIgnoreCase));

    internal static string DefaultDatasets()
    {
        string own = Path.Combine(DataFolders.Default, "datasets.json");
        return File.Exists(own) ? own : Path.Combine(AppContext.BaseDirectory, "data", "datasets.json");
    }

    private static Corpus DemoOf(string cache, CorpusLoadOptions load, ProgressDisplay progress, CancellationToken cancellation)
    {
        var options = new DemoCorpusOptions();
        int total = options.Speakers * options.ClipsPerEmotion * RavdessName.Emotions.Count;
        string demo = Path.Combine(cache, Demo);
        return progress.Run(scope =>
        {
            var stage = new Lazy<IProgressStage>(() => scope.Start("making the synthetic demo corpus", total, ProgressUnits.Clips));
            Corpus corpus = DemoCorpus.Ensure(demo, options, new StageProgress<int>(stage, done => done), cancellation);
            if (stage.IsValueCreated) stage.Value.Complete();
            return load.Name is null && load.Labels is null && load.LabelMap is null ? corpus : CorpusLoader.Load(Demo, demo, load);
        });
    }
}
