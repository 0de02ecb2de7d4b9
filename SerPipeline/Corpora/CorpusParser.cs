using System.Collections.Immutable;

namespace SerPipeline.Corpora;

/// <summary>
/// Reads the clips of one corpus by its published layout. <see cref="CorpusLoader.Register"/> makes a parser of one's own known by its
/// facts' name; <see cref="FileNameParser"/> serves where the file names tell everything.
/// </summary>
public interface ICorpusParser
{
    /// <summary>What is published about the corpus; its name is the format's.</summary>
    CorpusFacts Facts { get; }

    /// <summary>What its files are called, for messages, such as <c>03a01Fa.wav</c>.</summary>
    string Example { get; }

    /// <summary>The extensions of its files, lower case with a dot.</summary>
    IReadOnlyCollection<string> Extensions => FileNameParser.Wav;

    /// <summary>A parser for the corpus in one folder, which may have read tables that lie beside the clips.</summary>
    /// <param name="root">The corpus's folder.</param>
    ICorpusParser Open(string root) => this;

    /// <summary>Reads one file's path.</summary>
    /// <param name="relativePath">The path below the corpus's folder, with <c>/</c> between folders.</param>
    /// <param name="problem">What was expected and what was found where the path does not follow the layout, else empty.</param>
    /// <returns>The clip. Null with a problem: the file is left out and reported. Null without: it is no part of the corpus.</returns>
    ParsedClip? Read(string relativePath, out string problem);

    /// <summary>Adds what tables beside the clips tell, once all are read.</summary>
    /// <param name="root">The corpus's folder.</param>
    /// <param name="clips">The clips.</param>
    /// <param name="problems">Gets what is missing.</param>
    IReadOnlyList<CorpusClip> Complete(string root, IReadOnlyList<CorpusClip> clips, ICollection<CorpusProblem> problems) => clips;
}

/// <summary>What a path, and the tables beside it, tell about a clip.</summary>
public sealed class ParsedClip
{
    /// <summary>Creates it.</summary>
    /// <param name="recording">Which recording it is: files with one value here are copies of it, of which one is used.</param>
    /// <param name="label">The label, one of the corpus's <see cref="CorpusFacts.LabelNames"/>.</param>
    /// <param name="speaker">Who speaks, or null.</param>
    /// <param name="sex"><c>male</c>, <c>female</c> or null.</param>
    /// <param name="attributes">Whatever else is told; the label's code is added as <see cref="LabelName.Attribute"/>.</param>
    public ParsedClip(string recording, LabelName label, string? speaker, string? sex,
        params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        ArgumentNullException.ThrowIfNull(label);
        (Recording, Label, Speaker, Sex) = (recording, label, speaker, sex);
        var all = new SortedDictionary<string, string>(StringComparer.Ordinal) { [LabelName.Attribute] = label.Code };
        foreach ((string name, string value) in attributes) all[name] = value;
        Attributes = all;
    }

    /// <summary>Which recording it is.</summary>
    public string Recording { get; }

    /// <summary>The label.</summary>
    public LabelName Label { get; }

    /// <summary>Who speaks, or null.</summary>
    public string? Speaker { get; }

    /// <summary><c>male</c>, <c>female</c> or null.</summary>
    public string? Sex { get; }

    /// <summary><c>train</c>, <c>validation</c> or <c>test</c> where the corpus divides its clips itself, else null.</summary>
    public string? Split { get; init; }

    /// <summary>Whatever else is told, the corpus's own label included.</summary>
    public IReadOnlyDictionary<string, string> Attributes { get; }
}

/// <summary>Reads a corpus whose paths tell everything, by a regular expression.</summary>
/// <remarks>
/// <code>
/// CorpusLoader.Register(new FileNameParser("^(?&lt;speaker&gt;[a-z]+)_(?&lt;emotion&gt;[A-Z]{3})_(?&lt;take&gt;[0-9])$")
/// {
///     Facts = new CorpusFacts
///     {
///         Name = "ours", Title = "Our recordings", Description = "Twelve colleagues, 480 clips.", Licence = "for our own use",
///         Citation = "", Page = "", Language = "Dutch", FolderNames = ["ours"], Speakers = "ours",
///         LabelNames = [new("BOO", "boos", Emotions.Angry), new("BLI", "blij", Emotions.Happy)],
///     },
///     Example = "anna_BOO_1.wav",
/// });
/// Corpus corpus = CorpusLoader.Load("ours", "/data/ours");
/// </code>
/// </remarks>
/// <param name="pattern">Matches the file's name without extension, or where it holds a <c>/</c> the end of the path. The groups
/// <c>emotion</c> (one of the label codes, in any case) and <c>speaker</c>, and if wanted <c>sex</c> (m, f) and <c>split</c>; every other
/// named group becomes an attribute.</param>
public sealed class FileNameParser(string pattern) : ICorpusParser
{
    internal static readonly string[] Wav = [".wav", ".flac"];

    private readonly Regex _pattern = new(pattern, RegexOptions.CultureInvariant | RegexOptions.IgnoreCase, TimeSpan.FromSeconds(1));

    /// <inheritdoc/>
    public required CorpusFacts Facts { get; init; }

    /// <inheritdoc/>
    public required string Example { get; init; }

    /// <inheritdoc/>
    public IReadOnlyCollection<string> Extensions { get; init; } = Wav;

    /// <summary>The sex of a speaker, where the path does not name it; null for unknown.</summary>
    public Func<string, string?>? SexOf { get; init; }

    /// <summary>The code of the label by the groups' values, where no group <c>emotion</c> holds it.</summary>
    public Func<Func<string, string>, string>? EmotionOf { get; init; }

    /// <inheritdoc/>
    public ParsedClip? Read(string relativePath, out string problem)
    {
        ArgumentNullException.ThrowIfNull(relativePath);
        string path = relativePath.Replace('\\', '/'), stem = Path.ChangeExtension(path, null);
        if (!pattern.Contains('/', StringComparison.Ordinal)) stem = Path.GetFileName(stem);
        Match match = _pattern.Match(stem);
        problem = match.Success ? "" : $"expected a name such as {Example}, got '{Path.GetFileName(path)}'";
        if (!match.Success) return null;
        string Value(string group) => match.Groups[group].Value;
        string code = EmotionOf is null ? Value("emotion") : EmotionOf(Value);
        if (Facts.LabelOf(code) is not { } label)
        {
            problem = $"expected one of the emotions {Facts.LabelCodes}, got '{code}' in '{Path.GetFileName(path)}'";
            return null;
        }
        string[] names = [.. _pattern.GetGroupNames().Where(name => !char.IsAsciiDigit(name[0]) && match.Groups[name].Success)];
        string? speaker = names.Contains("speaker") ? Value("speaker") : null;
        (string, string)[] attributes = [.. names.Except(["emotion", "speaker", "sex", "split"]).Select(name => (name, Value(name)))];
        return new ParsedClip(string.Join('_', names.Select(Value)).ToUpperInvariant() + "_" + label.Code, label, speaker,
            Value("sex").ToLowerInvariant() switch { "m" => "male", "f" => "female", _ => speaker is null ? null : SexOf?.Invoke(speaker) },
            attributes)
        {
            Split = Value("split") is { Length: > 0 } word ? GivenSplits.Of([GivenSplits.Train, GivenSplits.Test, word])?[word] : null,
        };
    }
}

/// <summary>Reads a relative path, see <see cref="ICorpusParser.Read"/>.</summary>
internal delegate ParsedClip? NameReader(string relativePath, out string problem);

/// <summary>A parser made of a function.</summary>
internal sealed record NamedParser(CorpusFacts Facts, string Example, NameReader Reader) : ICorpusParser
{
    public Func<string, IReadOnlyList<CorpusClip>, ICollection<CorpusProblem>, IReadOnlyList<CorpusClip>>? AddTables { get; init; }

    public ParsedClip? Read(string relativePath, out string problem) => Reader(relativePath, out problem);

    public IReadOnlyList<CorpusClip> Complete(string root, IReadOnlyList<CorpusClip> clips, ICollection<CorpusProblem> problems) =>
        AddTables?.Invoke(root, clips, problems) ?? clips;
}

/// <summary>The parsers known, in the order lists show.</summary>
internal static class CorpusParsers
{
    private static ImmutableArray<ICorpusParser> _all =
    [
        new NamedParser(Ravdess.Facts, "03-01-06-01-02-01-12.wav", Ravdess.Reader(null)),
        new NamedParser(Ravdess.Speech, "03-01-06-01-02-01-12.wav", Ravdess.Reader("speech")),
        new NamedParser(Ravdess.Song, "03-02-06-01-02-01-12.wav", Ravdess.Reader("song")),
        new NamedParser(Tess.Facts, "OAF_back_angry.wav", Tess.Read),
        new NamedParser(EmoDb.Facts, "03a01Fa.wav", EmoDb.Read),
        new NamedParser(CremaD.Facts, "1001_DFA_ANG_XX.wav", CremaD.Read) { AddTables = CremaD.AddSexes },
        new NamedParser(Savee.Facts, "DC_a01.wav or DC/a01.wav", Savee.Read),
        new Iemocap(), new Meld(), Subesco.Parser, EmovDb.Parser, Esd.Parser, Cafe.Parser,
    ];

    public static IReadOnlyList<ICorpusParser> All => _all;

    public static ICorpusParser? Find(string name) =>
        All.FirstOrDefault(parser => parser.Facts.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    public static void Add(ICorpusParser parser) => ImmutableInterlocked.Update(ref _all, (all, added) =>
        [.. all.Where(known => !known.Facts.Name.Equals(added.Facts.Name, StringComparison.OrdinalIgnoreCase)), added], parser);

    // For tests, which share a process.
    public static void Remove(string name) => ImmutableInterlocked.Update(ref _all, (all, gone) =>
        all.RemoveAll(known => known.Facts.Name.Equals(gone, StringComparison.OrdinalIgnoreCase)), name);

    /// <summary>What a corpus looks for, for messages.</summary>
    public static string Expected(this ICorpusParser parser) =>
        $"{string.Join(" or ", parser.Extensions)} files with names like {parser.Example}";

    /// <summary>
    /// The files below a folder that may be clips; those nearer to it first, so that of two copies the nested one is left out.
    /// </summary>
    public static IReadOnlyList<string> Files(this ICorpusParser parser, string root) => [.. CorpusFiles.Find(root, parser.Extensions)
        .OrderBy(path => path.Count(c => c == '/')).ThenBy(path => path, StringComparer.Ordinal)];

    /// <summary>The file's name without folders and extension.</summary>
    public static string StemOf(string path) => Path.GetFileNameWithoutExtension(path.Replace('\\', '/'));
}
