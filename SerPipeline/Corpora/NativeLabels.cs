
namespace SerPipeline.Corpora;

/// <summary>What corpora call the labels of their clips.</summary>
public static class NativeLabels
{
    /// <summary>For each label the names that the clips' own corpora have for it, such as <c>ps (pleasant surprise)</c>, or that the user
    /// wrote where they are others; labels that count as they are written are absent.</summary>
    /// <param name="corpus">The corpus, or several combined.</param>
    public static ILookup<string, string> Of(Corpus corpus)
    {
        bool several = corpus.Clips.Select(clip => clip.Corpus).Distinct(StringComparer.Ordinal).Count() > 1;
        return corpus.Clips
            // Synthetic clips only borrow the file names of a corpus.
            .Select(clip => (clip.Label, clip.Corpus, Code: clip.Attributes.TryGetValue(LabelNames.Written, out string? written)
                ? $"'{written}'"
                : (corpus.IsSynthetic ? null : clip.Attributes.GetValueOrDefault(LabelName.Attribute))))
            .Where(native => native.Code is not null).Distinct()
            .OrderBy(native => native.Corpus, StringComparer.Ordinal).ThenBy(native => native.Code, StringComparer.Ordinal)
            .ToLookup(native => native.Label, native => (several ? native.Corpus + ": " : "") + Shown(corpus, native.Label, native.Corpus,
            native.Code!), StringComparer.Ordinal);
    }

    private static string Shown(Corpus corpus, string label, string part, string code)
    {
        // A folder of one's own may be called like a published corpus.
        CorpusFacts? facts = corpus.Clips.First(clip => clip.Corpus == part).SpeakerGroup is null ? corpus.Facts
            : CorpusFacts.Find(part) ?? corpus.Facts;
        string? name = facts?.LabelNames.FirstOrDefault(known => known.Code == code && known.Emotion == label)?.Name;
        return name is null || name == code ? code : $"{code} ({name})";
    }
}
