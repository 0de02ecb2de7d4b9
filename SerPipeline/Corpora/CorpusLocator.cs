namespace SerPipeline.Corpora;

/// <summary>Finds a corpus's own folder below one that holds several.</summary>
public static class CorpusLocator
{
    /// <summary>The folder of a corpus: the one given where it holds clips of it, else a folder in it that has one of <see cref="CorpusFacts.FolderNames"/>.</summary>
    /// <param name="name">One of <see cref="CorpusFacts.All"/>, in any case.</param>
    /// <param name="folder">The corpus's own folder, or one in which corpora lie side by side.</param>
    /// <returns>The full path; null when neither holds a clip of the corpus. Only names are looked at.</returns>
    /// <exception cref="CorpusException">There is no such corpus.</exception>
    public static string? Find(string name, string folder)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        NamingScheme scheme = NamingScheme.Find(name)
            ?? throw new CorpusException($"There is no corpus '{name}' known by its file names: expected one of {string.Join(", ", CorpusFacts.All.Select(facts => facts.Name))}.");
        string root = Path.GetFullPath(folder);
        if (!Directory.Exists(root)) return null;
        string[] own = [.. Directory.EnumerateDirectories(root).Where(path => Fits(scheme.Facts, Path.GetFileName(path))).Order(StringComparer.Ordinal)];
        // Below a common parent the whole tree holds clips of the corpus too, but other corpora's files besides.
        if (own.Length == 0) return HasClip(scheme, root, _ => true) ? root : null;
        if (HasClip(scheme, root, IsOutsideCorpora)) return root;
        return own.FirstOrDefault(path => HasClip(scheme, path, _ => true));
    }

    private static bool HasClip(NamingScheme scheme, string root, Func<string, bool> where) =>
        NamingScheme.Files(root).Any(path => where(path) && scheme.Read(path, out _) is not null);

    private static bool IsOutsideCorpora(string path) => path.Split('/') is not { Length: > 1 } parts || !CorpusFacts.All.Any(facts => Fits(facts, parts[0]));

    private static bool Fits(CorpusFacts facts, string folder) => facts.FolderNames.Contains(folder, StringComparer.OrdinalIgnoreCase);
}
