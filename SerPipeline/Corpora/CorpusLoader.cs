namespace SerPipeline.Corpora;

/// <summary>Turns folders into labelled clips.</summary>
public static class CorpusLoader
{
    /// <summary>
    /// The formats known: the corpora of <see cref="CorpusFacts.All"/> (labels in the file names), <c>folder</c> (a subfolder for each label),
    /// <c>manifest</c> (a CSV with path, label, speaker) and <c>demo</c> (a folder written by <see cref="Synthesis.DemoCorpus"/>).
    /// </summary>
    public static IReadOnlyList<string> Names { get; } = [.. CorpusFacts.All.Select(facts => facts.Name), "folder", "manifest", "demo"];

    /// <summary>Reads a corpus.</summary>
    /// <param name="name">One of <see cref="Names"/>, in any case.</param>
    /// <param name="folder">Where it lies; for <c>manifest</c> the CSV file, or a folder with a <c>manifest.csv</c>.</param>
    /// <param name="options">How to read it.</param>
    /// <returns>At least one clip; files that could not be used are among <see cref="Corpus.Problems"/>.</returns>
    /// <exception cref="CorpusException">An unknown format, nothing there, no usable clip, a label asked for that does not occur, or a manifest with errors (all listed).</exception>
    /// <exception cref="OptionsException">Options that cannot be used.</exception>
    public static Corpus Load(string name, string folder, CorpusLoadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        options ??= new CorpusLoadOptions();
        options.Validate();
        return SpeakerProblems.AddTo(Read(name, folder, options));
    }

    private static Corpus Read(string name, string folder, CorpusLoadOptions options)
    {
        if (NamingScheme.Find(name) is { } scheme) return Restrict(NamedCorpus.Load(scheme, folder, options), options);
        return name.ToLowerInvariant() switch
        {
            "folder" => FolderCorpus.Load(folder, options),
            "manifest" => Restrict(ManifestCorpus.Load(folder, options), options),
            "demo" => Restrict(Synthesis.DemoCorpus.Load(folder, options), options),
            _ => throw new CorpusException($"There is no corpus format '{name}': expected one of {string.Join(", ", Names)}."),
        };
    }

    private static Corpus Restrict(Corpus corpus, CorpusLoadOptions options) => options.Labels is { } labels ? corpus.WithLabels(labels) : corpus;
}
