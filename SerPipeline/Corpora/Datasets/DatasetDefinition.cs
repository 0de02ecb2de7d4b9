using SerPipeline.Splits;


namespace SerPipeline.Corpora.Datasets;

/// <summary>What a data set does about a label that has fewer clips than the others.</summary>
public enum Oversampling
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Doubles clips of the rarest label before the split, see <see cref="OversampledCorpus"/>: copies end up in training and test, and scores are too good.</summary>
    BeforeSplit,

    /// <summary>Doubles clips inside the training part alone.</summary>
    Training,
}

/// <summary>A corpus of a data set.</summary>
/// <param name="Name">The name its clips carry.</param>
/// <param name="Format">One of <see cref="CorpusLoader.Names"/>.</param>
public sealed record DatasetCorpus(string Name, string Format)
{
    /// <summary>Where it lies, a full path; null when whoever opens the data set says so.</summary>
    public string? Path { get; init; }

    /// <summary>The labels taken from it, or null for all, see <see cref="CorpusLoadOptions.Labels"/>.</summary>
    public IReadOnlyList<string>? Labels { get; init; }

    /// <summary>How paths tell speakers, see <see cref="CorpusLoadOptions.SpeakerPattern"/>.</summary>
    public string? SpeakerPattern { get; init; }
}

/// <summary>A named data set: which corpora, which labels, and whether clips are doubled.</summary>
/// <param name="Name">Its name, under which scores are reported.</param>
/// <param name="Description">What it is, for people.</param>
/// <param name="Corpora">Its corpora, at least one.</param>
public sealed record DatasetDefinition(string Name, string Description, IReadOnlyList<DatasetCorpus> Corpora)
{
    /// <summary>Which labels are kept when <see cref="Labels"/> is null.</summary>
    public LabelCombination Combination { get; init; } = LabelCombination.Union;

    /// <summary>The labels kept, in the order reports use; null leaves it to <see cref="Combination"/>.</summary>
    public IReadOnlyList<string>? Labels { get; init; }

    /// <summary>Whether and where clips are doubled.</summary>
    public Oversampling Oversample { get; init; } = Oversampling.None;

    /// <summary>Where the data come from, for people: addresses or citations.</summary>
    public IReadOnlyList<string> Sources { get; init; } = [];

    /// <summary>Whether clips and their copies come to lie in training and test by design, so that scores say little.</summary>
    public bool Leaks => Oversample == Oversampling.BeforeSplit;

    /// <summary>Reads the corpora and puts them together. No audio is read.</summary>
    /// <param name="folderOf">The folder of a corpus that the definition gives no path for, by its name.</param>
    /// <param name="seed">Which clips are doubled before the split; of the whole of RAVDESS speech always those that the paper doubled.</param>
    /// <exception cref="CorpusException">A corpus cannot be read, or they cannot be combined as defined.</exception>
    public Dataset Open(Func<string, string> folderOf, long seed = 0)
    {
        ArgumentNullException.ThrowIfNull(folderOf);
        Corpus[] parts = [.. Corpora.Select(corpus => CorpusLoader.Load(corpus.Format, corpus.Path ?? folderOf(corpus.Name), new CorpusLoadOptions
        {
            Name = corpus.Name,
            Labels = corpus.Labels,
            SpeakerPattern = corpus.SpeakerPattern,
        }))];
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

    // The note goes wherever the corpus is spoken of.
    private static Corpus Oversampled(Corpus whole, long seed)
    {
        bool paper = PaperRows.AreOf(whole);
        Corpus doubled = paper ? OversampledCorpus.AsInThePaper(whole) : OversampledCorpus.BeforeSplit(whole, seed);
        string warning = $"LEAKS BY DESIGN (leaks: true): {doubled.Clips.Count - whole.Clips.Count} clips were doubled before the split{(paper ? ", the paper's own draws" : "")}, so that training and test share audio; "
            + "scores on this data set are too good.";
        return doubled.Derive(people: doubled.People, note: whole.Note is null ? warning : $"{warning} {whole.Note}");
    }
}

/// <summary>A data set whose corpora are read.</summary>
/// <param name="Corpus">Its clips; the name is the data set's.</param>
/// <param name="Definition">How it is put together.</param>
public sealed record Dataset(Corpus Corpus, DatasetDefinition Definition);
