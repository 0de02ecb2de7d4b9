using SerPipeline.Corpora;

namespace SerPipeline.Console.Data;

/// <summary>What a corpus's licence means for those who train on it.</summary>
internal static class Licences
{
    /// <summary>A caution for models trained on such corpora; null for others.</summary>
    /// <param name="licence">The licence of the training data, or null.</param>
    public static string? ModelCaution(string? licence) =>
        IsNonCommercial(licence) ? $"The model's training data is {licence}: the model is not free for commercial use." : null;

    /// <summary>A caution for corpora that are not free for every use; null for others.</summary>
    /// <param name="corpus">The corpus.</param>
    public static string? Caution(Corpus corpus) => IsNonCommercial(corpus.Licence)
        ? $"Licence: {corpus.DisplayName} is {corpus.Licence}. It and models trained on it are not free for commercial use; name its authors where you publish scores."
        : null;

    // Models keep the licence's text alone.
    private static bool IsNonCommercial(string? licence) =>
        licence is not null && (licence.Contains("-NC", StringComparison.Ordinal) || licence.Contains("research use", StringComparison.OrdinalIgnoreCase));
}
