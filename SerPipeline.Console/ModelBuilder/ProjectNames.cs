namespace SerPipeline.Console.ModelBuilder;

/// <summary>Which names generated code compiles with.</summary>
internal static partial class ProjectNames
{
    // The reserved words of C#, and those that no type can be named by.
    private static readonly HashSet<string> Keywords = Words(
        """
        abstract as base bool break byte case catch char checked class const continue decimal default delegate do double else
        enum event explicit extern false finally fixed float for foreach goto if
        implicit in int interface internal is lock long namespace new null object operator out override params private
        protected public readonly ref return sbyte sealed short sizeof stackalloc static
        string struct switch this throw true try typeof uint ulong unchecked unsafe ushort using virtual void volatile while
        allows await dynamic extension field file global managed nameof nint notnull nuint partial record required scoped
        unmanaged value var when where yield
        """);

    // Namespaces that lie in no other, of .NET and of the packages that projects use, and attributes under their full names.
    private static readonly HashSet<string> Foreign = Words("Google Microsoft Newtonsoft System ColumnNameAttribute LoadColumnAttribute "
        + "Program");

    // Files are named after the class, and Windows takes these for devices, whatever their extension and their case.
    private static readonly HashSet<string> Devices = new(Words("con aux nul prn com1 com2 com3 com4 com5 com6 com7 com8 com9 "
        + "lpt1 lpt2 lpt3 lpt4 lpt5 lpt6 lpt7 lpt8 lpt9"), StringComparer.OrdinalIgnoreCase);

    // A class named like something that the code declares or uses would hide it, or be hidden by it; so would a namespace that the code
    // lies in.
    private static readonly Lazy<HashSet<string>> InClass = new(() => Used(ProjectTemplates.ClassSources)),
        InPrograms = new(() => Used(ProjectTemplates.ProgramSources));

    /// <summary>Whether a word can be the name of the class that predicts: a name of C# that stands for nothing else in the
    /// project.</summary>
    /// <param name="word">The word.</param>
    public static bool IsClass(string word) => IsPart(word) && !Foreign.Contains(word) && !InClass.Value.Contains(word)
        && !InPrograms.Value.Contains(word) && !Devices.Contains(word);

    /// <summary>Whether words joined by dots can be the namespace of that class.</summary>
    /// <param name="words">The words.</param>
    public static bool IsNamespace(string words)
    {
        string[] parts = words.Split('.');
        // Programs lie outside it, and see its first part alone.
        return IsClass(parts[0]) && Array.TrueForAll(parts, part => IsPart(part) && !InClass.Value.Contains(part));
    }

    /// <summary>Whether a word is a name of C#, of ASCII letters, digits and underscores.</summary>
    /// <param name="word">The word.</param>
    public static bool IsPart(string word) => Identifier().IsMatch(word) && !Keywords.Contains(word);

    private static HashSet<string> Used(IEnumerable<string> sources) =>
        [.. sources.SelectMany(source => Word().Matches(NoCode().Replace(source, " "))).Select(match => match.Value)];

    private static HashSet<string> Words(string text) => [.. text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)];

    // \z, for $ lets a line's end follow.
    [GeneratedRegex(@"^[A-Za-z_][A-Za-z0-9_]*\z")]
    private static partial Regex Identifier();

    // Not behind a dot: members of something else.
    [GeneratedRegex(@"(?<!\.)\b[A-Za-z_][A-Za-z0-9_]*\b")]
    private static partial Regex Word();

    // Placeholders, comments and what is imported.
    [GeneratedRegex(@"\{\{\w+\}\}|(?<=^|\s)//.*$|^using .*;$", RegexOptions.Multiline)]
    private static partial Regex NoCode();
}
