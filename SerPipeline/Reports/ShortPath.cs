using System.Text.RegularExpressions;

namespace SerPipeline.Reports;

/// <summary>Shortens absolute paths to their last part: a page that is passed on should not tell how somebody's disk is arranged.</summary>
internal static partial class ShortPath
{
    /// <summary>An argument, an option's value or JSON, with every absolute path in it shortened; other text stays.</summary>
    public static string Of(string text) => Rooted().Replace(text, match => Last(match.Value));

    private static string Last(string path) => path.Split(['/', '\\'], StringSplitOptions.RemoveEmptyEntries)[^1];

    // At the beginning of the text, of a quoted string or of what follows '=' : '/...' or a drive; up to a quote. Within JSON a backslash is two.
    [GeneratedRegex("""(?<=^|["=])(?:/(?!/)|[A-Za-z]:[\\/]+|\\\\+)[^"]*[^"/\\][/\\]*""")]
    private static partial Regex Rooted();
}
