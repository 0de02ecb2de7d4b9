using SerPipeline.Console.Hosting;
using SerPipeline.Corpora;
using SerPipeline.Experiments;
using SerPipeline.Reports;

namespace SerPipeline.Console.Data;

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
        foreach (CorpusProblem told in corpus.Problems.Where(IsAboutScores))
            terminal.Message($"{(told.Kind == CorpusProblemKind.LabelLeftOut ? "" : "warning: ")}{told.RelativePath}: {told.Message}");
        CorpusProblem[] others = [.. corpus.Problems.Where(problem => !IsAboutScores(problem))];
        if (others.Length > 0)
            terminal.Message($"{Format.Count(others.Length, "problem")} found while reading the corpus; ser corpora lists them. The first: {others[0].RelativePath}: {others[0].Message}");
    }

    /// <summary>Writes the same of a data set, and whether it leaks by design.</summary>
    /// <param name="terminal">Where to.</param>
    /// <param name="dataset">The data set.</param>
    public static void Write(Terminal terminal, OpenedDataset dataset)
    {
        if (dataset.Definition is { } definition) terminal.Message($"Data set {dataset.Name}: {definition.Description}");
        Write(terminal, dataset.Corpus);
        if (dataset.OversampleInTraining) terminal.Message("The rarest label is oversampled inside the training part; the test part stays as it is.");
    }

    // They change what scores mean, so that each is said; a broken file is not.
    private static bool IsAboutScores(CorpusProblem problem) => problem.Kind is CorpusProblemKind.LabelOfOneCorpus or CorpusProblemKind.LabelLeftOut
        or CorpusProblemKind.SpeakersAlike or CorpusProblemKind.SpeakerOfTwoCorpora;
}
