using System.Globalization;
using System.Xml.Linq;
using static SerPipeline.Reports.Html;
using static SerPipeline.Reports.ReportText;

namespace SerPipeline.Reports;

/// <summary>The most confidently wrong clips of a report, to look at and listen to.</summary>
internal static class HtmlReportClips
{
    public static XElement? Section(ReportContent content, HtmlFigures figures)
    {
        if (content.Clips.Count == 0) return null;
        bool sounds = content.EmbedsSound && content.Clips.Any(clip => clip.Wav is not null);
        return Element("section", Element("h2", "Most confidently wrong"),
            Element("p", $"The {Count(content.Clips.Count, "clip")} with the highest probability of a wrong label."),
            content.EmbedsSound ? null : Element("p.soft", $"Without sound: the terms of {Sets(content)}{(content.ClipLicence is { } terms ? $" ({terms})" : "")} do not let changed copies of its clips be passed on. Listen to the files themselves."),
            !sounds ? null : Element("p.soft", content.ClipLicence is { } licence
                ? $"The audio is of {Sets(content)}. Its licence: {licence}. The licence's terms hold for this page too."
                : $"The licence of the audio of {Sets(content)} is unknown: make sure that you may pass it on before you pass on this page."),
            Element("div.clips", content.Clips.Select(clip => Clip(content.EmbedsSound ? clip : clip with { Wav = null }, figures))));
    }

    private static string Sets(ReportContent content) => string.Join(", ", content.Runs.Select(run => run.Dataset).Distinct(StringComparer.Ordinal));

    private static XElement Clip(ReportClip clip, HtmlFigures figures) => Element("figure.clip",
        Element("p.said", Element("strong", clip.Prediction.Label), $" taken for ", Element("strong", clip.Prediction.Predicted)),
        Element("p.soft", $"{Percent(clip.Confidence)} sure; the truth had {Percent(clip.TrueProbability)}.{(clip.Prediction.Speaker is { } speaker ? $" Speaker {speaker}{(clip.Prediction.Sex is { } sex ? $", {sex}" : "")}." : "")}"),
        clip.Figures.Select(figures.Drawing),
        clip.Wav is null ? null : Element("audio", Attribute("controls", "controls"), Attribute("preload", "metadata"),
            Attribute("aria-label", $"Sound of {clip.Prediction.Path}"), Attribute("src", "data:audio/wav;base64," + Convert.ToBase64String(clip.Wav))),
        clip.Problem is null ? null : Element("p.soft", $"Without sound: {clip.Problem}"),
        Element("figcaption", Element("code", clip.Prediction.Path), Length(clip)));

    private static string? Length(ReportClip clip)
    {
        if (clip.Seconds <= 0) return null;
        return clip.ShownSeconds < clip.Seconds - 0.001 ? string.Create(CultureInfo.InvariantCulture, $" the first {clip.ShownSeconds:0.##} of {clip.Seconds:0.##} s")
            : string.Create(CultureInfo.InvariantCulture, $" {clip.Seconds:0.##} s");
    }
}
