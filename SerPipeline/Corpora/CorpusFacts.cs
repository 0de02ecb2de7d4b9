namespace SerPipeline.Corpora;

/// <summary>How well people tell a corpus's emotions from the sound alone.</summary>
/// <param name="Rate">The share recognised as intended, 0 to 1.</param>
/// <param name="Source">Who measured it, and how.</param>
public sealed record HumanRecognition(double Rate, string Source);

/// <summary>What is published about a corpus that the library knows by its file names.</summary>
public sealed record CorpusFacts
{
    /// <summary>The name by which <see cref="CorpusLoader"/> and the console know it.</summary>
    public required string Name { get; init; }

    /// <summary>Its title.</summary>
    public required string Title { get; init; }

    /// <summary>What it holds, in a sentence.</summary>
    public required string Description { get; init; }

    /// <summary>Its licence, or its terms where it has no named licence.</summary>
    public required string Licence { get; init; }

    /// <summary>Whether its terms allow commercial use; null when they do not say.</summary>
    public bool? AllowsCommercialUse { get; init; }

    /// <summary>Whether changed copies of its clips, such as cut or resampled ones, may be passed on; null when its terms do not say.</summary>
    public bool? AllowsChangedCopies { get; init; }

    /// <summary>The paper or deposit to cite.</summary>
    public required string Citation { get; init; }

    /// <summary>Where its authors publish it.</summary>
    public required string Page { get; init; }

    /// <summary>The language spoken.</summary>
    public required string Language { get; init; }

    /// <summary>How people do on it, where that is published; it holds for the whole set of labels only.</summary>
    public HumanRecognition? People { get; init; }

    /// <summary>Its labels in its own words.</summary>
    public required IReadOnlyList<LabelName> LabelNames { get; init; }

    /// <summary>The <see cref="Emotions"/> of the whole corpus, in the order reports use.</summary>
    public IReadOnlyList<string> Labels => Emotions.InOrder(LabelNames.Select(name => name.Emotion));

    /// <summary>The names that its folder usually has, in any case.</summary>
    public required IReadOnlyList<string> FolderNames { get; init; }

    /// <summary>Corpora with one value here are recorded from the same people.</summary>
    public required string Speakers { get; init; }

    /// <summary>Every corpus known, in the order lists show.</summary>
    public static IReadOnlyList<CorpusFacts> All => KnownCorpora.All;

    /// <summary>The facts of a corpus, or null when there is none of that name.</summary>
    /// <param name="name">Its name, in any case.</param>
    public static CorpusFacts? Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return All.FirstOrDefault(facts => facts.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
    }
}
