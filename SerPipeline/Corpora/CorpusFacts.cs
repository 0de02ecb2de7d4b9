using System.Text.Json.Serialization;

namespace SerPipeline.Corpora;

/// <summary>How well people tell a corpus's emotions from the sound alone.</summary>
/// <param name="Rate">The share recognised as intended, 0 to 1.</param>
/// <param name="Source">Who measured it, and how.</param>
public sealed record HumanRecognition(double Rate, string Source);

/// <summary>What a corpus calls one of the <see cref="Emotions"/>.</summary>
/// <param name="Code">How its file names write it; clips keep it as the attribute <see cref="Attribute"/>.</param>
/// <param name="Name">The corpus's own word.</param>
/// <param name="Emotion">The name in <see cref="Emotions"/>.</param>
public sealed record LabelName(string Code, string Name, string Emotion)
{
    /// <summary>The attribute of a clip that holds its label as the corpus's file name writes it.</summary>
    public const string Attribute = "nativeLabel";
}

/// <summary>What is published about a corpus that the library knows by its file names; of those it knows itself, what
/// <c>corpora.json</c> says.</summary>
public sealed record CorpusFacts
{
    private static readonly JsonSerializerOptions Strict = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    private static readonly Lazy<CorpusFacts[]> Known = new(ReadKnown);

    /// <summary>The name by which <see cref="CorpusLoader"/> and the console know it, such as <c>ravdess</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The title its authors gave it.</summary>
    public required string Title { get; init; }

    /// <summary>Language, speakers, number of clips and authors, in a sentence.</summary>
    public required string Description { get; init; }

    /// <summary>The licence's name, or the terms where it has no named licence.</summary>
    public required string Licence { get; init; }

    /// <summary>Whether the terms allow commercial use; null when they do not say.</summary>
    public bool? AllowsCommercialUse { get; init; }

    /// <summary>
    /// Whether changed copies of the clips, such as cut or resampled ones, may be passed on; null when the terms do not say.
    /// </summary>
    public bool? AllowsChangedCopies { get; init; }

    /// <summary>The paper or deposit to cite.</summary>
    public required string Citation { get; init; }

    /// <summary>The address where its authors publish it.</summary>
    public required string Page { get; init; }

    /// <summary>The language spoken.</summary>
    public required string Language { get; init; }

    /// <summary>How well people do on the whole set of labels; null where that is not published.</summary>
    public HumanRecognition? People { get; init; }

    /// <summary>Its labels in its own words, and the emotion each stands for.</summary>
    public required IReadOnlyList<LabelName> LabelNames { get; init; }

    /// <summary>The <see cref="Emotions"/> of the whole corpus, in the order reports use.</summary>
    public IReadOnlyList<string> Labels => Emotions.InOrder(LabelNames.Select(name => name.Emotion));

    /// <summary>The names that its folder usually has, in any case.</summary>
    public required IReadOnlyList<string> FolderNames { get; init; }

    /// <summary>Who was recorded: corpora with one value here share their speakers.</summary>
    public required string Speakers { get; init; }

    /// <summary>Every corpus known, in the order lists show, those registered last.</summary>
    public static IReadOnlyList<CorpusFacts> All => [.. CorpusParsers.All.Select(parser => parser.Facts)];

    /// <summary>What <c>corpora.json</c> says about a corpus.</summary>
    internal static CorpusFacts Published(string name) => Known.Value.Single(facts => facts.Name == name);

    /// <summary>The codes of the labels, as a sentence lists them.</summary>
    internal string LabelCodes => string.Join(", ", LabelNames.Select(name => name.Code));

    /// <summary>The facts of a corpus, or null when there is none of that name.</summary>
    /// <param name="name">The corpus's name, in any case.</param>
    public static CorpusFacts? Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return All.FirstOrDefault(facts => facts.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>The label behind a code, in any case; null when the corpus has no such code.</summary>
    internal LabelName? LabelOf(string code) =>
        LabelNames.FirstOrDefault(name => name.Code.Equals(code, StringComparison.OrdinalIgnoreCase));

    private static CorpusFacts[] ReadKnown()
    {
        using Stream json = typeof(CorpusFacts).Assembly.GetManifestResourceStream(typeof(CorpusFacts), "corpora.json")!;
        return JsonSerializer.Deserialize<CorpusFacts[]>(json, Strict)!;
    }
}
