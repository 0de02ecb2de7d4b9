using System.Globalization;

namespace SerPipeline.Corpora;

/// <summary>Counts what a scan read.</summary>
internal static class ScanSummary
{
    private const string Unknown = "unknown";

    public static CorpusScanResult Of(Corpus corpus, ClipScan[] clips, IReadOnlyList<CorpusProblem> problems)
    {
        int[] all = [.. Enumerable.Range(0, clips.Length)], readable = [.. all.Where(i => clips[i].ContentHash is not null)];
        List<ScanCount> Count(int[] which, Func<int, string> name) => [.. which.GroupBy(name, StringComparer.Ordinal)
            .Select(group => new ScanCount(group.Key, group.Count(), group.Sum(i => clips[i].Seconds) / 3600)).OrderBy(count => count.Name, StringComparer.Ordinal)];
        List<ScanCount> CountNumbers(Func<ClipScan, int> number) => [.. Count(readable, i => number(clips[i]).ToString(CultureInfo.InvariantCulture))
            .OrderBy(count => int.Parse(count.Name, CultureInfo.InvariantCulture))];
        List<ScanCount> byLabel = Count(all, i => corpus.Clips[i].Label);
        List<ScanCount> bySpeaker = Count(all, i => corpus.Clips[i].Speaker ?? Unknown);
        return new CorpusScanResult
        {
            Corpus = corpus.DisplayName,
            Clips = clips,
            ByLabel = [.. corpus.Labels.SelectMany(label => byLabel.Where(count => count.Name == label))],
            BySpeaker = bySpeaker,
            BySex = Count(all, i => corpus.Clips[i].Sex ?? Unknown),
            BySampleRate = CountNumbers(clip => clip.SampleRateHz),
            ByChannels = CountNumbers(clip => clip.Channels),
            LabelBySpeaker = Cross(corpus, [.. bySpeaker.Select(count => count.Name)]),
            Hours = clips.Sum(clip => clip.Seconds) / 3600,
            Seconds = readable.Length == 0 ? default : new ClipDurations(readable.Min(i => clips[i].Seconds), readable.Max(i => clips[i].Seconds)),
            Problems = problems,
        };
    }

    private static LabelBySpeaker Cross(Corpus corpus, IReadOnlyList<string> speakers)
    {
        ILookup<(string, string), CorpusClip> cells = corpus.Clips.ToLookup(clip => (clip.Speaker ?? Unknown, clip.Label));
        int[][] counts = [.. speakers.Select(speaker => corpus.Labels.Select(label => cells[(speaker, label)].Count()).ToArray())];
        return new LabelBySpeaker(corpus.Labels, speakers, counts);
    }
}
