using SerPipeline.Console.Hosting;
using SerPipeline.Console.Output;
using SerPipeline.Corpora;

namespace SerPipeline.Console.Training;

/// <summary>What commands say of a corpus before they use it.</summary>
internal static class Introduction
{
    /// <summary>Writes its size, its note, its licence's caution and how many problems it has.</summary>
    /// <param name="terminal">Where to.</param>
    /// <param name="corpus">The corpus.</param>
    public static void Write(Terminal terminal, Corpus corpus)
    {
        string speakers = corpus.Speakers.Count == 0 ? "speakers unknown" : Format.Count(corpus.Speakers.Count, "speaker");
        terminal.Message($"Corpus {corpus.DisplayName}: {Format.Count(corpus.Clips.Count, "clip")}, {Format.Count(corpus.Labels.Count, "label")}, {speakers}, in {corpus.Root}");
        if (corpus.Note is { } note) terminal.Message(note);
        if (Licences.Caution(corpus) is { } caution) terminal.Message(caution);
        if (corpus.Problems.Count > 0)
            terminal.Message($"{Format.Count(corpus.Problems.Count, "problem")} found while reading the corpus; ser corpora lists them. The first: {corpus.Problems[0].RelativePath}: {corpus.Problems[0].Message}");
    }
}
