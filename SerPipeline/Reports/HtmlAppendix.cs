using System.Xml.Linq;
using SerPipeline.Evaluation;
using static SerPipeline.Format;
using static SerPipeline.Reports.Html;

namespace SerPipeline.Reports;

/// <summary>The last sections of a report: the most confidently wrong clips, the model card, and how to repeat the run.</summary>
internal static partial class HtmlAppendix
{
    public static XElement? Clips(ReportContent content, HtmlFigures figures)
    {
        if (content.Clips.Count == 0) return null;
        string sets = string.Join(", ", content.Runs.Select(run => run.Dataset).Distinct(StringComparer.Ordinal));
        bool sounds = content.EmbedsSound && content.Clips.Any(clip => clip.Wav is not null);
        return Element("section", Element("h2", "Most confidently wrong"),
            Element("p", $"The {Count(content.Clips.Count, "clip")} with the highest probability of a wrong label."),
            content.EmbedsSound ? null
                : Element("p.soft", $"Without sound: the terms of {sets}{(content.ClipLicence is { } terms ? $" ({terms})" : "")} "
                + "do not allow changed copies of its clips to be shared. Listen to the original files."),
            !sounds ? null : Element("p.soft", content.ClipLicence is { } licence
                ? $"The audio is of {sets}. Its licence: {licence}. The licence's terms hold for this page too."
                : $"The licence of the audio of {sets} is unknown: check that you may share it before you share this page."),
            Element("div.clips", content.Clips.Select(clip => Clip(content.EmbedsSound ? clip : clip with { Wav = null }, figures))));
    }

    private static XElement Clip(ReportClip clip, HtmlFigures figures) => Element("figure.clip",
        Element("p.said", Element("strong", clip.Prediction.Label), " predicted as ", Element("strong", clip.Prediction.Predicted)),
        Element("p.soft", $"Probability {Percent(clip.Confidence)}; true class {Percent(clip.TrueProbability)}.{Speaker(clip.Prediction)}"),
        clip.Figures.Select(figures.Drawing),
        clip.Wav is null ? null : Element("audio", Attribute("controls", "controls"), Attribute("preload", "metadata"),
            Attribute("aria-label", $"Sound of {clip.Prediction.Path}"),
                Attribute("src", "data:audio/wav;base64," + Convert.ToBase64String(clip.Wav))),
        clip.Problem is null ? null : Element("p.soft", $"Without sound: {clip.Problem}"),
        Element("figcaption", Element("code", clip.Prediction.Path), Length(clip)));

    private static string Speaker(ClipPrediction clip) =>
        clip.Speaker is null ? "" : $" Speaker {clip.Speaker}{(clip.Sex is null ? "" : $", {clip.Sex}")}.";

    private static string? Length(ReportClip clip)
    {
        if (clip.Seconds <= 0) return null;
        return clip.ShownSeconds < clip.Seconds - 0.001
            ? FormattableString.Invariant($" the first {clip.ShownSeconds:0.##} of {clip.Seconds:0.##} s")
            : FormattableString.Invariant($" {clip.Seconds:0.##} s");
    }

    public static XElement Card(ModelCard card) => Element("section.card",
        Element("h2", "Model card"),
        Element("p", Element("strong", card.Model), $" tells apart {Whole(card.Labels.Count)} classes: {string.Join(", ", card.Labels)}."),
        TextTable("Data", ["data set", "used for", "clips", "speakers", "licence"], card.Data.Select(set => Cells(set.Name, set.Use,
            set.Clips is { } clips ? Whole(clips) : "–", set.Speakers is { } speakers ? Whole(speakers) : "unknown",
                set.Licence ?? "unknown"))),
        List("Intended use", card.IntendedUse),
        List("Out of scope", card.OutOfScope),
        List("Known failures, from this report's metrics", card.KnownFailures),
        card.Training.Count == 0 ? null : TextTable("Training", [], card.Training.Select(fact => Cells(fact.Key, fact.Value))));

    private static IEnumerable<XElement> List(string title, IReadOnlyList<string> items) =>
        items.Count == 0 ? [] : [Element("h3", title), Element("ul", items.Select(item => Element("li", item)))];

    public static XElement Run(RunRecord run) => Element("section",
        Element("h2", "How to repeat this run"),
        Element("pre", Element("code", string.Join(' ', run.CommandLine.Select(argument => Quote(ShortPaths(argument)))))),
        TextTable("Run", [],
        [
            ["seed", Whole(run.Seed)],
            ["protocol", run.Protocol],
            ["started", Time(run.Started)],
            ["finished", Time(run.Finished)],
            ["SerPipeline", run.Environment.Library],
            ["libtorch", run.Environment.LibTorch ?? "not loaded"],
            ["device", Device(run.Environment)],
            [".NET", run.Environment.Runtime],
            ["system", $"{run.Environment.OperatingSystem}, {run.Environment.Architecture}, "
                + $"{Whole(run.Environment.ProcessorCount)} processors"],
        ]),
        TextTable("Data", ["data set", "clips", "SHA-256 of paths, labels, speakers and content"],
            run.Data.OrderBy(data => data.Key, StringComparer.Ordinal).Select(data => Cells(data.Key, Whole(data.Value.Clips), Element("td",
                Element("code", data.Value.Sha256), data.Value.Content == FingerprintContent.Length ? " (lengths only)" : null)))),
        run.Options.OrderBy(stage => stage.Key, StringComparer.Ordinal).Select(stage =>
            TextTable(stage.Key, ["option", "value"], Options(stage.Value).Select(option =>
                Cells(option.Name, Element("td", Element("code", ShortPaths(option.Value))))))));

    private static IEnumerable<(string Name, string Value)> Options(JsonElement options) => options.ValueKind == JsonValueKind.Object
        ? options.EnumerateObject()
        .Select(o => (o.Name, o.Value.ValueKind == JsonValueKind.String ? o.Value.GetString()! : o.Value.GetRawText()))
        : [("value", options.GetRawText())];

    private static string Device(RunEnvironment environment) =>
        (environment.Device ?? "not stated") + (environment.Threads is { } threads ? $", {Whole(threads)} threads" : "");

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    /// <summary>Quotes an argument as a POSIX shell needs it.</summary>
    private static string Quote(string argument) =>
        argument.Length > 0 && argument.All(c => char.IsAsciiLetterOrDigit(c) || "-_./:=,+@%".Contains(c, StringComparison.Ordinal))
            ? argument : $"'{argument.Replace("'", @"'\''", StringComparison.Ordinal)}'";

    /// <summary>
    /// Shortens every absolute path in an argument, an option's value or JSON to its last part: a page that is passed on should not show
    /// how somebody's disk is arranged.
    /// </summary>
    internal static string ShortPaths(string text) =>
        Rooted().Replace(text, match => match.Value.Split(['/', '\\'], StringSplitOptions.RemoveEmptyEntries)[^1]);

    // At the beginning of the text, of a quoted string or of what follows '='
    // : '/...' or a drive; up to a quote. Within JSON a backslash is two.
    [GeneratedRegex("""(?<=^|["=])(?:/(?!/)|[A-Za-z]:[\\/]+|\\\\+)[^"]*[^"/\\][/\\]*""")]
    private static partial Regex Rooted();
}
