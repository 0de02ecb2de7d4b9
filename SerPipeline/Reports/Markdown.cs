using SerPipeline.Evaluation;

namespace SerPipeline.Reports;

/// <summary>A page under construction.</summary>
internal sealed class Markdown
{
    private readonly StringBuilder _text = new();

    /// <summary>A heading of a level from 1.</summary>
    public void Heading(int level, string text) => _text.Append('#', level).Append(' ').Append(text).Append("\n\n");

    /// <summary>A paragraph.</summary>
    public void Paragraph(string text) => _text.Append(text).Append("\n\n");

    /// <summary>A command or code to copy.</summary>
    public void Code(string text, string language = "") => _text.Append("```").Append(language).Append('\n').Append(text)
        .Append("\n```\n\n");

    /// <summary>Points of a list, one line each.</summary>
    public void List(IEnumerable<string> items)
    {
        foreach (string item in items) _text.Append("- ").Append(item).Append('\n');
        _text.Append('\n');
    }

    /// <summary>Paragraphs set off from the text.</summary>
    public void Quote(IReadOnlyList<string> paragraphs) => _text.Append("> ").AppendJoin("\n>\n> ", paragraphs).Append("\n\n");

    /// <summary>A figure below the page's folder.</summary>
    public void Figure(string path, string caption) => _text.Append("![").Append(caption).Append("](").Append(path).Append(")\n\n");

    /// <summary>A table.</summary>
    public void Table(IReadOnlyList<string> header, IEnumerable<IReadOnlyList<string>> rows)
    {
        Row(header);
        Row([.. header.Select(_ => "---")]);
        foreach (IReadOnlyList<string> row in rows) Row(row);
        _text.Append('\n');
    }

    /// <summary>A text of others, such as a speaker's name, on one line and without effect on the page.</summary>
    public static string Plain(string text) =>
        string.Concat(text.Select(c => c is '\\' or '`' or '*' or '<' or '[' or ']' ? $"\\{c}" : char.IsControl(c)
            || c is '\u2028' or '\u2029' ? " " : c.ToString()));

    /// <inheritdoc/>
    public override string ToString() => _text.ToString().TrimEnd('\n') + "\n";

    /// <summary>A share, or a difference of shares, with three digits and no zero before the point, as in tables: <c>.512</c>,
    /// <c>-.029</c>.</summary>
    public static string Share(double value) => value.ToString("#.000;-#.000;.000", CultureInfo.InvariantCulture);

    /// <summary>Mean and standard deviation; a single value alone.</summary>
    public static string MeanOf(IReadOnlyList<double> values)
    {
        if (values.Count == 1) return Share(values[0]);
        var summary = MetricSummary.Of(values);
        return $"{Share(summary.Mean)} ± {Share(summary.Deviation)}";
    }

    private void Row(IReadOnlyList<string> cells) => _text.Append("| ").AppendJoin(" | ",
        cells.Select(cell => cell.Replace("|", "\\|", StringComparison.Ordinal))).Append(" |\n");
}
