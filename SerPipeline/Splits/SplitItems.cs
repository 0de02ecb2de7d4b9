using SerPipeline.Corpora;

namespace SerPipeline.Splits;

/// <summary>Makes split items of clips.</summary>
public static class SplitItems
{
    /// <summary>
    /// One item a clip, in the same order. Clips of several corpora get the corpus name before speaker and key: two corpora's speaker 01
    /// are two people. Where a combined corpus has put it there already, it stays as it is.
    /// </summary>
    /// <param name="clips">The clips.</param>
    public static IReadOnlyList<SplitItem> From(IReadOnlyList<CorpusClip> clips)
    {
        ArgumentNullException.ThrowIfNull(clips);
        bool several = clips.Select(clip => clip.Corpus).Distinct().Count() > 1;
        return [.. clips.Select(clip =>
        {
            string prefix = several ? clip.Corpus + "/" : "";
            string? speaker = clip.Speaker is null ? null : Prefixed(prefix, clip.Speaker);
            return new SplitItem(clip.Label, speaker, clip.Sex, Prefixed(prefix, clip.RelativePath), Part: clip.Split);
        })];
    }

    internal static string Prefixed(string prefix, string name) => name.StartsWith(prefix, StringComparison.Ordinal) ? name : prefix + name;

    /// <summary>The given positions in an order that the items' keys decide, or the positions where a key is missing.</summary>
    internal static int[] InKeyOrder(IReadOnlyList<SplitItem> items, IEnumerable<int> positions)
    {
        int[] order = [.. positions.Order()];
        return order.All(i => items[i].Key is not null) ? [.. order.OrderBy(i => items[i].Key, StringComparer.Ordinal)] : order;
    }

    /// <summary>The speakers among the given positions, in ordinal order.</summary>
    /// <exception cref="CorpusException">Some items have no speaker, or speakers differ in spelling alone.</exception>
    internal static string[] RequireSpeakers(IReadOnlyList<SplitItem> items, IReadOnlyCollection<int> positions, string purpose)
    {
        int[] unknown = [.. positions.Where(i => string.IsNullOrEmpty(items[i].Speaker))];
        if (unknown.Length > 0)
        {
            string first = items[unknown[0]].Key ?? unknown[0].ToString(CultureInfo.InvariantCulture);
            throw new CorpusException($"{purpose} needs every clip's speaker, but {unknown.Length} of {positions.Count} clips have none "
                + $"(the first is {first}). Name the speakers (a speaker column in the manifest, a speaker pattern for folders), or use "
                + "the random protocol.");
        }
        string[] speakers = [.. positions.Select(i => items[i].Speaker!).Distinct().Order(StringComparer.Ordinal)];
        SpeakerNames.RequireOneSpelling(speakers, purpose);
        return speakers;
    }

    /// <summary>Every position from 0.</summary>
    internal static int[] All(IReadOnlyList<SplitItem> items) => [.. Enumerable.Range(0, items.Count)];

    /// <summary>Requires 0 &lt; fraction &lt; 1.</summary>
    internal static void RequireFraction(double fraction, string owner, string option) =>
        new OptionsCheck(owner).Require(fraction is > 0 and < 1, fraction, "be between 0 and 1, both excluded", option).ThrowIfAny();
}
