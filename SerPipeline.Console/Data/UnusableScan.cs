using SerPipeline.Corpora;

namespace SerPipeline.Console.Data;

/// <summary>What a scan tells of a corpus that could not be read at all: no clips, and why, in the form of every other scan.</summary>
internal static class UnusableScan
{
    /// <summary>A scan without clips and with one problem.</summary>
    /// <param name="name">The corpus.</param>
    /// <param name="reason">Why it cannot be read.</param>
    public static CorpusScanResult Of(string name, string reason) => new()
    {
        Corpus = name,
        Clips = [],
        ByLabel = [],
        BySpeaker = [],
        BySex = [],
        BySampleRate = [],
        ByChannels = [],
        LabelBySpeaker = new LabelBySpeaker([], [], []),
        Hours = 0,
        Seconds = default,
        Problems = [new CorpusProblem(CorpusProblemKind.CorpusUnusable, name, reason)],
    };
}
