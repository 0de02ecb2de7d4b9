using System.Text.RegularExpressions;

namespace SerPipeline.Corpora;

/// <summary>How <see cref="CorpusLoader"/> reads a folder; every setting has a default.</summary>
public sealed record CorpusLoadOptions
{
    /// <summary>The name scores are reported under; null takes the format's name, or the folder's or manifest's own name for <c>folder</c> and <c>manifest</c>.</summary>
    public string? Name { get; init; }

    /// <summary>
    /// For <c>folder</c>: a regular expression over the relative path (with <c>/</c> between folders) whose named group <c>speaker</c> is the speaker,
    /// such as <c>/(?&lt;speaker&gt;spk\d+)_</c>. Null leaves speakers unknown.
    /// </summary>
    public string? SpeakerPattern { get; init; }

    /// <summary>
    /// The labels wanted, in the order reports use; null takes every label found, those of <see cref="Emotions"/> first. Clips of other labels are left out,
    /// and reported. One that does not occur is an error; in a <c>folder</c> it is passed over.
    /// </summary>
    public IReadOnlyList<string>? Labels { get; init; }

    /// <summary>Checks every option.</summary>
    /// <exception cref="OptionsException">One line for each option that cannot be used.</exception>
    public void Validate()
    {
        var check = new OptionsCheck(nameof(CorpusLoadOptions));
        check.Require(Name is null || Name.Trim().Length > 0, Name, "not be blank");
        check.Require(SpeakerPattern is null || HasSpeakerGroup(SpeakerPattern), SpeakerPattern,
            "be a regular expression with a named group 'speaker', such as (?<speaker>[^/_]+)_");
        check.Require(Labels is null || (Labels.Count > 0 && Labels.Distinct(StringComparer.Ordinal).Count() == Labels.Count),
            Labels is null ? null : string.Join(",", Labels), "be one or more different labels", nameof(Labels));
        check.ThrowIfAny();
    }

    private static bool HasSpeakerGroup(string pattern)
    {
        try
        {
            return new Regex(pattern, RegexOptions.CultureInvariant).GetGroupNames().Contains("speaker", StringComparer.Ordinal);
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
