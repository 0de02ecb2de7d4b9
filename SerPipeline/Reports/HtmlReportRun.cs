using System.Globalization;
using System.Text.Json;
using System.Xml.Linq;
using SerPipeline.Evaluation;
using static SerPipeline.Reports.Html;

namespace SerPipeline.Reports;

/// <summary>The end of a report: how to repeat the run.</summary>
internal static class HtmlReportRun
{
    public static XElement Section(RunRecord run) => Element("section",
        Element("h2", "How to repeat this run"),
        Element("pre", Element("code", string.Join(' ', run.CommandLine.Select(argument => Quote(ShortPath.Of(argument)))))),
        Textual("Run", ["", ""],
        [
            ["seed", run.Seed.ToString(CultureInfo.InvariantCulture)],
            ["protocol", run.Protocol],
            ["started", Time(run.Started)],
            ["finished", Time(run.Finished)],
            ["SerPipeline", run.Environment.Library],
            ["libtorch", run.Environment.LibTorch ?? "not loaded"],
            ["device", Device(run.Environment)],
            [".NET", run.Environment.Runtime],
            ["system", string.Create(CultureInfo.InvariantCulture, $"{run.Environment.OperatingSystem}, {run.Environment.Architecture}, {run.Environment.ProcessorCount} processors")],
        ]),
        Textual("Data", ["data set", "clips", "SHA-256 of paths, labels, speakers and content"], run.Data.OrderBy(data => data.Key, StringComparer.Ordinal).Select(data => (IReadOnlyList<object>)
            [data.Key, data.Value.Clips.ToString(CultureInfo.InvariantCulture), Element("td", Element("code", data.Value.Sha256), data.Value.Content == FingerprintContent.Length ? " (lengths only)" : null)])),
        run.Options.OrderBy(stage => stage.Key, StringComparer.Ordinal).Select(stage =>
            Textual(stage.Key, ["option", "value"], Options(stage.Value).Select(option => (IReadOnlyList<object>)[option.Name, Element("td", Element("code", ShortPath.Of(option.Value)))]))));

    private static XElement Textual(string caption, IReadOnlyList<string> heads, IEnumerable<IReadOnlyList<object>> rows)
    {
        XElement table = Table(caption, heads, rows);
        if (heads.All(head => head.Length == 0)) table.Descendants("thead").Remove();
        table.SetAttributeValue("class", "scroll textual");
        return table;
    }

    private static IEnumerable<(string Name, string Value)> Options(JsonElement options) => options.ValueKind == JsonValueKind.Object
        ? options.EnumerateObject().Select(option => (option.Name, option.Value.ValueKind == JsonValueKind.String ? option.Value.GetString()! : option.Value.GetRawText()))
        : [("value", options.GetRawText())];

    private static string Device(RunEnvironment environment) =>
        (environment.Device ?? "not stated") + (environment.Threads is { } threads ? string.Create(CultureInfo.InvariantCulture, $", {threads} threads") : "");

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    /// <summary>Quotes an argument as a POSIX shell needs it.</summary>
    private static string Quote(string argument) =>
        argument.Length > 0 && argument.All(c => char.IsAsciiLetterOrDigit(c) || "-_./:=,+@%".Contains(c, StringComparison.Ordinal))
            ? argument : $"'{argument.Replace("'", @"'\''", StringComparison.Ordinal)}'";
}
