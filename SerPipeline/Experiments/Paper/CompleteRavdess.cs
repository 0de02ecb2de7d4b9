using SerPipeline.Corpora;
using SerPipeline.Reports;
using SerPipeline.Splits;

namespace SerPipeline.Experiments.Paper;

/// <summary>RAVDESS speech, all of it: the paper's split is defined over its 1,440 clips and means nothing over fewer.</summary>
internal static class CompleteRavdess
{
    /// <summary>Finds and loads it.</summary>
    /// <param name="data">Its own folder, or one with RAVDESS below it; null for the folder <c>data</c>.</param>
    /// <exception cref="CorpusException">It is not there, or not whole.</exception>
    public static Corpus Load(string? data)
    {
        string folder = data ?? "data";
        if (!Directory.Exists(folder)) throw new CorpusException($"There is no folder '{folder}'. --data names the folder of RAVDESS speech; ser corpora fetch ravdess downloads it, its licence first.");
        string below = Path.Combine(folder, "RAVDESS");
        Corpus corpus = CorpusLoader.Load("ravdess-speech", Directory.Exists(below) ? below : folder);
        int expected = PaperRows.Originals.Count;
        return corpus.Clips.Count == expected ? corpus : throw new CorpusException(
            $"'{folder}' holds {Format.Count(corpus.Clips.Count, "clip")} of RAVDESS speech, and the paper's split is over {Format.Whole(expected)}. Complete the corpus: ser corpora --corpus ravdess --data DIR lists what is missing.");
    }
}
