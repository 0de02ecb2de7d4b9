namespace SerPipeline.Corpora;

/// <summary>One labelled recording of a corpus.</summary>
public sealed record CorpusClip
{
    /// <summary>The audio file's full path.</summary>
    public required string Path { get; init; }

    /// <summary>The path below the corpus root, with <c>/</c> between folders on every system: the clip's stable name.</summary>
    public required string RelativePath { get; init; }

    /// <summary>The emotion.</summary>
    public required string Label { get; init; }

    /// <summary>Who speaks; null when the corpus does not say.</summary>
    public string? Speaker { get; init; }

    /// <summary><c>male</c> or <c>female</c> where the corpus says so, else null.</summary>
    public string? Sex { get; init; }

    /// <summary>Whatever else the corpus tells about the clip, such as <c>intensity</c>, <c>statement</c>, <c>repetition</c>, <c>modality</c>.</summary>
    public IReadOnlyDictionary<string, string> Attributes { get; init; } = EmptyAttributes;

    /// <summary>
    /// Whom the corpus recorded: corpora with one value here recorded the same people, as RAVDESS speech and RAVDESS song did. Null where that is not known.
    /// </summary>
    public string? SpeakerGroup { get; init; }

    /// <summary>The name of the corpus the clip belongs to.</summary>
    public required string Corpus { get; init; }

    private static readonly Dictionary<string, string> EmptyAttributes = [];
}
