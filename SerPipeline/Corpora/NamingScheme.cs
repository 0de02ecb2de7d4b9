using System.Globalization;

namespace SerPipeline.Corpora;

/// <summary>What a file name tells about a clip.</summary>
/// <param name="Recording">Which recording it is: files with one value here are copies of it.</param>
/// <param name="Emotion">The label.</param>
/// <param name="Speaker">Who speaks.</param>
/// <param name="Sex">The speaker's sex, or null.</param>
/// <param name="Attributes">Whatever else the name tells, the corpus's own label among it.</param>
internal sealed record NamedClip(string Recording, string Emotion, string Speaker, string? Sex, IReadOnlyDictionary<string, string> Attributes);

/// <summary>Reads a relative path. No clip and no problem: the file belongs to another part of the corpus.</summary>
internal delegate NamedClip? NameReader(string relativePath, out string problem);

/// <summary>How a corpus writes labels and speakers into its file names.</summary>
/// <param name="Facts">What is published about it.</param>
/// <param name="Example">What its files are called, for messages.</param>
/// <param name="Read">Reads one name.</param>
internal sealed record NamingScheme(CorpusFacts Facts, string Example, NameReader Read)
{
    private static readonly string[] Extensions = [".wav", ".flac"];

    /// <summary>The schemes known, in the order of <see cref="CorpusFacts.All"/>.</summary>
    public static IReadOnlyList<NamingScheme> All { get; } =
    [
        new(KnownCorpora.Ravdess, "03-01-06-01-02-01-12.wav", Ravdess(null)),
        new(KnownCorpora.RavdessSpeech, "03-01-06-01-02-01-12.wav", Ravdess("speech")),
        new(KnownCorpora.RavdessSong, "03-02-06-01-02-01-12.wav", Ravdess("song")),
        new(KnownCorpora.Tess, "OAF_back_angry.wav", Tess),
        new(KnownCorpora.EmoDb, "03a01Fa.wav", EmoDb),
        new(KnownCorpora.CremaD, "1001_DFA_ANG_XX.wav", CremaD),
        new(KnownCorpora.Savee, "DC_a01.wav or DC/a01.wav", Savee),
    ];

    /// <summary>What the corpus looks for.</summary>
    public string Expected => $".wav or .flac files with names like {Example}";

    /// <summary>The scheme of a corpus, or null.</summary>
    public static NamingScheme? Find(string name) => All.FirstOrDefault(scheme => scheme.Facts.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>The files below a folder that may be clips; those nearer to it first, so that of two copies the nested one is left out.</summary>
    public static IReadOnlyList<string> Files(string root) =>
        [.. CorpusFiles.Find(root, Extensions).OrderBy(path => path.Count(c => c == '/')).ThenBy(path => path, StringComparer.Ordinal)];

    private static NameReader Ravdess(string? channel) => (string path, out string problem) =>
    {
        if (!RavdessName.TryParse(path, out RavdessName? name, out problem)) return null;
        if (channel is not null && name.Channel != channel) return null;
        if (name.Modality == "video")
        {
            problem = "expected modality 01 or 03, got 02, which has no sound";
            return null;
        }
        // The sound of a film (modality 01) is the take of the sound-only file (03).
        return new NamedClip((name with { Modality = "audio" }).ToString(), name.Emotion, name.Speaker, name.Sex, Attributes(
            LabelNames.Ravdess.First(label => label.Emotion == name.Emotion).Code,
            ("modality", name.Modality), ("channel", name.Channel), ("intensity", name.Intensity),
            ("statement", name.Statement.ToString(CultureInfo.InvariantCulture)), ("repetition", name.Repetition.ToString(CultureInfo.InvariantCulture))));
    };

    private static NamedClip? Tess(string path, out string problem) => !TessName.TryParse(path, out TessName? name, out problem)
        ? null
        : new NamedClip(name.ToString(), name.Emotion, name.Speaker, name.Sex,
            Attributes(name.NativeLabel, ("word", name.Word), ("age", name.AgeYears.ToString(CultureInfo.InvariantCulture))));

    private static NamedClip? EmoDb(string path, out string problem) => !EmoDbName.TryParse(path, out EmoDbName? name, out problem)
        ? null
        : new NamedClip(name.ToString(), name.Emotion, name.Speaker, name.Sex, Attributes(name.NativeLabel, ("statement", name.Text), ("version", name.Version)));

    private static NamedClip? CremaD(string path, out string problem) => !CremaDName.TryParse(path, out CremaDName? name, out problem)
        ? null
        : new NamedClip(name.ToString(), name.Emotion, name.Speaker, null, Attributes(name.NativeLabel, ("statement", name.Sentence), ("intensity", name.Level)));

    private static NamedClip? Savee(string path, out string problem) => !SaveeName.TryParse(path, out SaveeName? name, out problem)
        ? null
        : new NamedClip(name.ToString(), name.Emotion, name.Speaker, name.Sex, Attributes(name.NativeLabel, ("statement", name.Number.ToString(CultureInfo.InvariantCulture))));

    private static SortedDictionary<string, string> Attributes(string nativeLabel, params ReadOnlySpan<(string Name, string Value)> others)
    {
        var attributes = new SortedDictionary<string, string>(StringComparer.Ordinal) { [LabelNames.Attribute] = nativeLabel };
        foreach ((string name, string value) in others) attributes[name] = value;
        return attributes;
    }
}
