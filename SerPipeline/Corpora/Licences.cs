
namespace SerPipeline.Corpora;

/// <summary>What a corpus's licence means for those who train on it.</summary>
public static class Licences
{
    /// <summary>A caution for models trained on such corpora; null for others.</summary>
    /// <param name="licence">The licence of the training data, or null.</param>
    public static string? ModelCaution(string? licence) =>
        IsNonCommercial(licence) ? $"The model's training data is {licence}: the model is not free for commercial use." : null;

    /// <summary>A caution for corpora that are not free for every use; null for others.</summary>
    /// <param name="corpus">The corpus.</param>
    public static string? Caution(Corpus corpus) => corpus.Licence is not null
        && (corpus.Facts?.AllowsCommercialUse == false || IsNonCommercial(corpus.Licence))
        ? $"Licence: {NotForCommerce(corpus.DisplayName, corpus.Licence!)}" : null;

    /// <summary>What the terms of one corpus mean for a model trained on it; null when they put nothing on its users that must be
    /// said.</summary>
    /// <param name="name">The corpus.</param>
    /// <param name="licence">Its licence, or null when not known.</param>
    /// <param name="facts">What is published about it, or null.</param>
    public static string? TermsFor(string name, string? licence, CorpusFacts? facts) => (licence, facts) switch
    {
        (null, _) => $"The terms of {name} are not known. Whoever passes the model on must know them.",
        (_, { AllowsCommercialUse: true }) => $"{name} is {licence}: name its authors and keep to its conditions.",
        (_, { AllowsCommercialUse: false }) => NotForCommerce(name, licence),
        (_, { AllowsCommercialUse: null }) =>
            $"{name} is {licence}. Its terms do not say whether a model trained on it may be used commercially: ask its authors first, "
            + "and name them where you publish scores.",
        _ => IsNonCommercial(licence) ? NotForCommerce(name, licence) : null,
    };

    private static string NotForCommerce(string name, string licence) =>
        $"{name} is {licence}. It and models trained on it are not free for commercial use; name its authors where you publish scores.";

    // Models keep the licence's text alone.
    private static bool IsNonCommercial(string? licence) =>
        licence is not null && (licence.Contains("-NC", StringComparison.Ordinal)
            || licence.Contains("research use", StringComparison.OrdinalIgnoreCase));
}
