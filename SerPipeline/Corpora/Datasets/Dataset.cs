namespace SerPipeline.Corpora.Datasets;

/// <summary>Whether and where clips of the rarest label are duplicated.</summary>
public enum Oversampling
{
    /// <summary>No clip is duplicated.</summary>
    None,

    /// <summary>
    /// Before the split, see <see cref="OversampledCorpus"/>: copies end up in training and test, and scores are too good.
    /// </summary>
    BeforeSplit,

    /// <summary>Inside the training part alone.</summary>
    Training,
}

/// <summary>A corpus of a data set.</summary>
/// <param name="Name">The corpus name of its clips.</param>
/// <param name="Format">One of <see cref="CorpusLoader.Names"/>.</param>
public sealed record DatasetCorpus(string Name, string Format)
{
    /// <summary>The full path of its folder or file; null when <see cref="DatasetDefinition.Open"/> is told.</summary>
    public string? Path { get; init; }

    /// <summary>How it is read: labels taken, speaker pattern, label map, audio root.</summary>
    public CorpusLoadOptions Load { get; init; } = new();
}

/// <summary>A named data set: which corpora, which labels, and whether clips are doubled.</summary>
/// <param name="Name">Its name, under which scores are reported.</param>
/// <param name="Description">A sentence for lists.</param>
/// <param name="Corpora">Its corpora, at least one.</param>
public sealed record DatasetDefinition(string Name, string Description, IReadOnlyList<DatasetCorpus> Corpora)
{
    /// <summary>Which labels are kept when <see cref="Labels"/> is null.</summary>
    public LabelCombination Combination { get; init; } = LabelCombination.Union;

    /// <summary>The labels kept, in the order reports use; null leaves it to <see cref="Combination"/>.</summary>
    public IReadOnlyList<string>? Labels { get; init; }

    /// <summary>Labels of the corpora to rename, merge or drop before <see cref="Labels"/>, or null; each key is a label of one of
    /// them.</summary>
    public IReadOnlyDictionary<string, string>? LabelMap { get; init; }

    /// <summary>Whether clips that a manifest lists in vain refuse it, see <see cref="CorpusLoadOptions.Strict"/>.</summary>
    public bool Strict { get; init; }

    /// <summary>Whether doubtful clips stay, see <see cref="CorpusLoadOptions.KeepDoubtful"/>.</summary>
    public bool KeepDoubtful { get; init; }

    /// <summary>Whether and where clips are doubled.</summary>
    public Oversampling Oversample { get; init; } = Oversampling.None;

    /// <summary>Addresses or citations of the sources.</summary>
    public IReadOnlyList<string> Sources { get; init; } = [];

    /// <summary>Whether clips and their copies end up in both training and test by design, so that scores are too good.</summary>
    public bool Leaks => Oversample == Oversampling.BeforeSplit;

    /// <summary>Reads and combines the corpora. No audio is read.</summary>
    /// <param name="folderOf">The folder of a corpus that the definition gives no path for, by its name.</param>
    /// <param name="seed">Which clips are doubled before the split; of the whole of RAVDESS speech always those that the paper
    /// doubled.</param>
    /// <exception cref="CorpusException">A corpus cannot be read, or they cannot be combined as defined.</exception>
    public Dataset Open(Func<string, string> folderOf, long seed = 0)
    {
        ArgumentNullException.ThrowIfNull(folderOf);
        Corpus[] parts = [.. Corpora.Select(corpus => CorpusLoader.Load(corpus.Format, corpus.Path ?? folderOf(corpus.Name),
            corpus.Load with { Name = corpus.Name, Strict = Strict, KeepDoubtful = KeepDoubtful }))];
        if (LabelMap is { } map) parts = LabelNames.Map(parts, map);
        Corpus whole = (parts, Labels) switch
        {
            ([Corpus one], null) => Renamed(one),
            ([Corpus one], { } labels) => Renamed(one.WithLabels(labels)),
            (_, null) => CorpusCombination.Combine(parts, Combination, Name),
            (_, { } labels) => CorpusCombination.Combine(parts, labels, Name),
        };
        return new Dataset(Leaks ? Oversampled(whole, seed) : whole, this);
    }

    private Corpus Renamed(Corpus corpus) => corpus.Derive(Name, people: corpus.People);

    // Reports show the note wherever they name the corpus.
    private static Corpus Oversampled(Corpus whole, long seed)
    {
        // Its neutral clips, and not those of a label that a map has made larger.
        bool paper = PaperRows.AreOf(whole)
            && whole.Clips.All(clip => clip.Label == RavdessName.OfOriginal(clip.RelativePath)!.Emotion);
        Corpus doubled = paper ? OversampledCorpus.AsInThePaper(whole) : OversampledCorpus.BeforeSplit(whole, seed);
        int copies = doubled.Clips.Count - whole.Clips.Count;
        if (copies == 0) return whole;
        string warning = $"LEAKS BY DESIGN (leaks: true): {Format.Count(copies, "clip")} {(copies == 1 ? "was" : "were")} doubled "
            + $"before the split{(paper ? ", the paper's own draws" : "")}, so that training and test share audio; scores on this data set "
            + "are too good.";
        return doubled.Derive(people: doubled.People, note: whole.Note is null ? warning : $"{warning} {whole.Note}");
    }
}

/// <summary>A data set with its corpora read.</summary>
/// <param name="Corpus">Its clips; the name is the data set's.</param>
/// <param name="Definition">How it is combined.</param>
public sealed record Dataset(Corpus Corpus, DatasetDefinition Definition);

/// <summary>A file of named data sets, see data/README.md for its format.</summary>
/// <param name="Path">The file's full path.</param>
/// <param name="Datasets">The data sets, in the file's order.</param>
public sealed record DatasetFile(string Path, IReadOnlyList<DatasetDefinition> Datasets)
{
    /// <summary>The version of the format that this library reads.</summary>
    public const int Version = 1;

    /// <summary>Reads a file. Unknown fields are errors.</summary>
    /// <param name="path">The JSON file.</param>
    /// <exception cref="CorpusException">There is no such file, it is not JSON, or it has errors (all listed).</exception>
    public static DatasetFile Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string full = System.IO.Path.GetFullPath(path);
        if (!File.Exists(full)) throw new CorpusException($"There is no file of data sets at {full}. data/README.md describes the format.");
        return new DatasetFile(full, DatasetReader.Read(full, File.ReadAllText(full)));
    }

    /// <summary>The data set of a name.</summary>
    /// <param name="name">The name, in any case.</param>
    /// <exception cref="CorpusException">There is none; the message lists those there are.</exception>
    public DatasetDefinition Get(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Datasets.FirstOrDefault(dataset => dataset.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            ?? throw new CorpusException($"There is no data set '{name}' in {Path}: expected one of "
                + $"{string.Join(", ", Datasets.Select(dataset => dataset.Name))}.");
    }
}
