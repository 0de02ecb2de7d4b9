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
    /// <exception cref="UsageException">It names a corpus twice.</exception>
    public static DataFolders Parse(string? text)
    {
        if (text is null) return new DataFolders(null, new Dictionary<string, string>());
        string[][] pairs = [.. text.Split(',', StringSplitOptions.TrimEntries).Select(piece => piece.Split('=', 2))];
        // A plain path may hold commas and equal signs too.
        if (!pairs.All(pair => pair.Length == 2 && pair[1].Length > 0
            && CorpusLoader.Names.Contains(pair[0], StringComparer.OrdinalIgnoreCase)))
            return new DataFolders(text, new Dictionary<string, string>());
        if (pairs.GroupBy(pair => pair[0], StringComparer.OrdinalIgnoreCase).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new UsageException($"--data says twice where '{twice.Key}' lies: {string.Join(" and ", twice.Select(pair => pair[1]))}.");
        return new DataFolders(null, pairs.ToDictionary(pair => pair[0], pair => pair[1], StringComparer.OrdinalIgnoreCase));
    }

    /// <summary>Every place that was named.</summary>
    public IEnumerable<string> Places => Common is null ? ByName.Values : [Common];

    /// <summary>The option's text for the same places written in another way.</summary>
    /// <param name="change">How a place is written.</param>
    public string ToText(Func<string, string> change) => Common is { } one ? change(one)
        : string.Join(',', ByName.Select(pair => $"{pair.Key}={change(pair.Value)}"));

    /// <summary>The folder of a corpus.</summary>
    /// <param name="corpus">Its format.</param>
    /// <param name="alone">Whether it is the only one asked for: the one folder is then its own, even when no clip is found there.</param>
    /// <returns>Null when nothing was named and the default folder does not hold it.</returns>
    /// <exception cref="UsageException">What was named is not there, or a folder of several corpora cannot hold it.</exception>
    /// <exception cref="CorpusException">A folder of several corpora holds no clip of it.</exception>
    public string? Of(string corpus, bool alone)
    {
        bool known = CorpusFacts.Find(corpus) is not null;
        if ((ByName.GetValueOrDefault(corpus) ?? Common) is { } named && !Path.Exists(named))
            throw new UsageException($"--data: there is nothing at {Path.GetFullPath(named)}.");
        if (ByName.TryGetValue(corpus, out string? own)) return (known ? CorpusLocator.Find(corpus, own) : null) ?? own;
        if (Common is null) return known ? CorpusLocator.Find(corpus, Default) : null;
        if (!known) return alone ? Common
            : throw new UsageException($"Say where '{corpus}' lies: --data {corpus}=DIR, with a name=DIR for each corpus.");
        return CorpusLocator.Find(corpus, Common) ?? (alone ? Common : throw NotFound(corpus));
    }

    // As a single corpus's folder without clips: whoever asked may want to know what else is there.
    private CorpusException NotFound(string corpus) => new(
        $"{Path.GetFullPath(Common!)} holds no clip of the corpus '{corpus}', and no folder named "
            + $"{Spelling.List(CorpusFacts.Find(corpus)!.FolderNames)} with one. Name its folder: --data {corpus}=DIR.")
    { HasNoClips = true };
}

/// <summary>Where computed features and the demo corpus are kept between runs.</summary>
internal static class CacheFolder
{
    public static readonly OptionDefinition Option = new(
        "--cache", "DIR", "The folder for computed features and the demo corpus. Default: serpipeline/cache in the user's local data "
            + "folder. SER_CACHE sets it too.")
    { IsGlobal = true };

    public static readonly OptionDefinition Off = OptionDefinition.Flag("--no-cache", "Compute all features again and store none.");

    /// <summary>The folder asked for, or the user's own; where that cannot be written, as in containers without a home, one among the
    /// temporary files, which is said.</summary>
    public static string Of(CommandInput input)
    {
        if (input.Text(Option) is { } given) return Path.GetFullPath(given);
        string local = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData,
            Environment.SpecialFolderOption.DoNotVerify);
        string temporary = Path.Combine(Path.GetTempPath(), $"serpipeline-{Environment.UserName}", "cache");
        if (local.Length == 0) return temporary;
        string own = Path.Combine(local, "serpipeline", "cache");
        try
        {
            OutFolder.Probe(own);
            return own;
        }
        catch (IOException e)
        {
            input.Warn($"The cache is in {temporary} for now, and not in {own}: {e.Message} --cache or SER_CACHE names another "
                + "folder.");
            return temporary;
        }
    }

    /// <summary>The folder of the feature cache, or null when it is switched off.</summary>
    public static string? FeaturesOf(CommandInput input) => input.Flag(Off) ? null : Path.Combine(Of(input), "features");
}
