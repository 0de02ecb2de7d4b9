using System.Text.RegularExpressions;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Architecture;

/// <summary>The project's source files, and which folder of the library declares which type.</summary>
internal static partial class SourceTree
{
    private static readonly string Root = Companions.Repository();

    /// <summary>Every source file below a project folder, templates of sources among them, as (path below it, lines).</summary>
    public static IEnumerable<(string Path, string[] Lines)> Files(string project)
    {
        string folder = Path.Combine(Root, project);
        return Directory.EnumerateFiles(folder, "*.cs*", SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(folder, f).Replace('\\', '/'))
            .Where(f => SourceFile().IsMatch(f) && !f.Split('/').Any(part => part is "bin" or "obj"))
            .Order(StringComparer.Ordinal)
            .Select(f => (f, File.ReadAllLines(Path.Combine(folder, f))));
    }

    /// <summary>The library folder of each type, by full name without arity. Catalog methods stand in the grammar's namespace but belong to
    /// the folder they lie in.</summary>
    public static IReadOnlyDictionary<string, string> FolderOfType { get; } = Declarations();

    private static Dictionary<string, string> Declarations()
    {
        var folders = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach ((string path, string[] lines) in Files("SerPipeline"))
        {
            string space = lines.Select(l => NamespaceLine().Match(l)).First(m => m.Success).Groups[1].Value;
            foreach (Match match in lines.Select(l => DeclarationLine().Match(l)).Where(m => m.Success))
                folders[$"{space}.{match.Groups[1].Value}"] = path.Split('/')[0];
        }
        return folders;
    }

    [GeneratedRegex(@"\.cs(\.txt)?$")]
    private static partial Regex SourceFile();

    [GeneratedRegex(@"^namespace ([\w.]+);")]
    private static partial Regex NamespaceLine();

    // Only declarations at the left margin: types within types belong to those.
    [GeneratedRegex(@"^(?:(?:public|internal|sealed|static|abstract|partial|readonly|ref|unsafe) )+"
        + @"(?:class|record struct|record|struct|interface|enum|delegate [\w<>?\[\]]+) (\w+)")]
    private static partial Regex DeclarationLine();
}
