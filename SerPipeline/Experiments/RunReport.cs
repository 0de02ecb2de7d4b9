using SerPipeline.Corpora;
using SerPipeline.Reports;

namespace SerPipeline.Experiments;

/// <summary>Writes report.html and the figures of a run.</summary>
internal static class RunReport
{
    /// <summary>Writes the page and, as files of their own, its figures.</summary>
    /// <param name="folder">The run folder.</param>
    /// <param name="corpus">The clips.</param>
    /// <param name="content">What to show; clips and their licence are added.</param>
    public static void Write(string folder, Corpus corpus, ReportContent content)
    {
        Dictionary<string, string> files = corpus.Clips.ToDictionary(clip => clip.RelativePath, clip => clip.Path, StringComparer.Ordinal);
        ReportContent whole = content with
        {
            Clips = content.Predictions is null ? [] : ConfidentMistakes.Collect(content.Predictions, row => files.GetValueOrDefault(row.Path)),
            ClipLicence = corpus.Licence,
            EmbedsSound = AllowsChangedCopies(corpus),
        };
        HtmlReport.Write(Path.Combine(folder, HtmlReport.FileName), whole);
        ReportFigures.Write(folder, whole);
    }

    // A combined corpus has the names and licences of its parts in its own, and a user's corpus may have any name: both are looked at.
    private static bool AllowsChangedCopies(Corpus corpus) => !CorpusFacts.All.Any(facts => facts.AllowsChangedCopies == false
        && (corpus.Name.Split('+').Contains(facts.Name, StringComparer.OrdinalIgnoreCase) || corpus.Licence?.Contains(facts.Licence, StringComparison.Ordinal) == true));

    /// <summary>A corpus as a model card names it.</summary>
    /// <param name="corpus">The corpus.</param>
    /// <param name="use">What for.</param>
    public static ModelCardData CardOf(Corpus corpus, string use) =>
        new(corpus.DisplayName, corpus.Licence, use, corpus.Clips.Count, corpus.Speakers.Count == 0 ? null : corpus.Speakers.Count);
}
