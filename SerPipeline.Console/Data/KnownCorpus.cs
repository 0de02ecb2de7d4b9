using SerPipeline.Corpora;

namespace SerPipeline.Console.Data;

/// <summary>A corpus that the library knows, and where a copy of it lies.</summary>
/// <param name="Name">Its name for <c>--corpus</c>.</param>
/// <param name="Title">Its title.</param>
/// <param name="Licence">Its licence or terms.</param>
/// <param name="Page">Where its authors publish it.</param>
/// <param name="Folder">The folder that holds clips of it; null when none was found.</param>
internal sealed record KnownCorpus(string Name, string Title, string Licence, string Page, string? Folder)
{
    /// <summary>Every corpus, looked for below a folder.</summary>
    /// <param name="folder">The folder; null looks in the default one.</param>
    public static IReadOnlyList<KnownCorpus> Below(string? folder) =>
        [.. CorpusFacts.All.Select(facts => new KnownCorpus(facts.Name, facts.Title, facts.Licence, facts.Page, CorpusLocator.Find(facts.Name, folder ?? DataFolders.Default)))];
}
