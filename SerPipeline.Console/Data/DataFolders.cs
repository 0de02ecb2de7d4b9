using SerPipeline.Console.Hosting;
using SerPipeline.Corpora;

namespace SerPipeline.Console.Data;

/// <summary>Where corpora lie, as <c>--data</c> says: one folder, a folder of corpora, or a folder for each by name.</summary>
/// <param name="Common">The one folder; null when nobody named one.</param>
/// <param name="ByName">The folders named for single corpora.</param>
internal sealed record DataFolders(string? Common, IReadOnlyDictionary<string, string> ByName)
{
    /// <summary>The folder searched when nobody names one, below the working folder.</summary>
    public const string Default = "data";

    /// <summary>Reads the option: <c>DIR</c>, or <c>tess=DIR,emodb=DIR</c>.</summary>
    /// <param name="text">The option's text, or null.</param>
    public static DataFolders Parse(string? text)
    {
        if (text is null) return new DataFolders(null, new Dictionary<string, string>());
        string[][] pairs = [.. text.Split(',', StringSplitOptions.TrimEntries).Select(piece => piece.Split('=', 2))];
        // A plain path may hold commas and equal signs too.
        if (!pairs.All(pair => pair.Length == 2 && pair[1].Length > 0 && CorpusLoader.Names.Contains(pair[0], StringComparer.OrdinalIgnoreCase)))
            return new DataFolders(text, new Dictionary<string, string>());
        return new DataFolders(null, pairs.GroupBy(pair => pair[0], StringComparer.OrdinalIgnoreCase).ToDictionary(group => group.Key, group => group.Last()[1], StringComparer.OrdinalIgnoreCase));
    }

    /// <summary>The folder of a corpus.</summary>
    /// <param name="corpus">Its format.</param>
    /// <param name="alone">Whether it is the only one asked for: the one folder is then its own, even when no clip is found there.</param>
    /// <returns>Null when nothing was named and the default folder does not hold it.</returns>
    /// <exception cref="UsageException">A folder of several corpora does not hold it.</exception>
    public string? Of(string corpus, bool alone)
    {
        bool known = CorpusFacts.Find(corpus) is not null;
        if (ByName.TryGetValue(corpus, out string? own)) return (known ? CorpusLocator.Find(corpus, own) : null) ?? own;
        if (Common is null) return known ? CorpusLocator.Find(corpus, Default) : null;
        if (!known) return alone ? Common : throw new UsageException($"Say where '{corpus}' lies: --data {corpus}=DIR, with a name=DIR for each corpus.");
        return CorpusLocator.Find(corpus, Common) ?? (alone ? Common : throw new UsageException(NotFound(corpus)));
    }

    private string NotFound(string corpus) =>
        $"{Path.GetFullPath(Common!)} holds no clip of the corpus '{corpus}', and no folder named {Spelling.List(CorpusFacts.Find(corpus)!.FolderNames)} with one. Name its folder: --data {corpus}=DIR.";
}
