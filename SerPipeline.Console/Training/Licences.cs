using SerPipeline.Corpora;

namespace SerPipeline.Console.Training;

/// <summary>What a corpus's licence means for those who train on it.</summary>
internal static class Licences
{
    /// <summary>A caution for corpora that are not free for every use; null for others.</summary>
    /// <param name="corpus">The corpus.</param>
    public static string? Caution(Corpus corpus) => corpus.Licence is { } licence && licence.Contains("-NC", StringComparison.Ordinal)
        ? $"Licence: {corpus.DisplayName} is {licence}. It and models trained on it are not free for commercial use; name its authors where you publish scores."
        : null;
}
