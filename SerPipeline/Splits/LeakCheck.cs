using SerPipeline.Corpora.Fingerprints;

namespace SerPipeline.Splits;

/// <summary>Finds clips that are one recording, before anything is trained on one and tested on the other.</summary>
public static class LeakCheck
{
    /// <summary>Compares all clips with all clips, once for every split of a corpus.</summary>
    /// <param name="prints">What each clip is recognised by, from <see cref="ClipPrints"/>.</param>
    public static TwinIndex Find(IReadOnlyList<ClipPrint> prints)
    {
        ArgumentNullException.ThrowIfNull(prints);
        // Copies have one print: it is compared once, and what it resembles every copy resembles.
        int[][] groups = [.. Enumerable.Range(0, prints.Count).Where(i => prints[i].Print is not null)
            .GroupBy(i => prints[i].ContentHash ?? $"#{i}", StringComparer.Ordinal).Select(group => group.ToArray())];
        Twin[] found = TwinFinder.Find([.. groups.Select(group => prints[group[0]].Print!)]);
        Twin[] pairs = [.. from twin in found
            from a in groups[twin.A]
            from b in groups[twin.B]
            select new Twin(Math.Min(a, b), Math.Max(a, b), twin.Similarity)];
        return new TwinIndex([.. prints.Select(print => print.ContentHash)], [.. pairs.OrderBy(twin => twin.A).ThenBy(twin => twin.B)]);
    }
}
