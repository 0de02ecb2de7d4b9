using System.Xml.Linq;
using static SerPipeline.Reports.Html;
using static SerPipeline.Reports.ReportText;

namespace SerPipeline.Reports;

/// <summary>The model card of a report.</summary>
internal static class HtmlReportCard
{
    public static XElement Section(ModelCard card)
    {
        XElement data = Table("Data", ["data set", "used for", "clips", "speakers", "licence"], card.Data.Select(set => (IReadOnlyList<object>)
            [set.Name, set.Use, set.Clips is { } clips ? Whole(clips) : "–", set.Speakers is { } speakers ? Whole(speakers) : "unknown", set.Licence ?? "unknown"]));
        data.SetAttributeValue("class", "scroll textual");
        return Element("section.card",
            Element("h2", "Model card"),
            Element("p", Element("strong", card.Model), $" tells apart {Whole(card.Labels.Count)} classes: {string.Join(", ", card.Labels)}."),
            data,
            List("Intended use", card.IntendedUse),
            List("Out of scope", card.OutOfScope),
            List("Known failures, from this report's metrics", card.KnownFailures),
            card.Training.Count == 0 ? null : Training(card.Training));
    }

    private static XElement Training(IReadOnlyList<KeyValuePair<string, string>> facts)
    {
        XElement table = Table("Training", ["", ""], facts.Select(fact => (IReadOnlyList<object>)[fact.Key, fact.Value]));
        table.Descendants("thead").Remove();
        table.SetAttributeValue("class", "scroll textual");
        return table;
    }

    private static IEnumerable<XElement> List(string title, IReadOnlyList<string> items) =>
        items.Count == 0 ? [] : [Element("h3", title), Element("ul", items.Select(item => Element("li", item)))];
}
