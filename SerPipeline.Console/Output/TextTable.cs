using Spectre.Console;

namespace SerPipeline.Console.Output;

/// <summary>A table: with borders on a terminal, as aligned plain columns when output is piped.</summary>
/// <param name="columns">The columns' names; a leading <c>&gt;</c> aligns a column to the right.</param>
internal sealed class TextTable(params string[] columns)
{
    private const string Gap = "  ";

    private readonly List<IReadOnlyList<string>> _rows = [];

    /// <summary>Adds a row.</summary>
    /// <param name="cells">A text for each column.</param>
    public TextTable Add(params IReadOnlyList<string> cells)
    {
        if (cells.Count != columns.Length)
            throw new ArgumentException($"Expected {columns.Length} cells, found {cells.Count}.", nameof(cells));
        _rows.Add(cells);
        return this;
    }

    /// <summary>Writes the table to standard output.</summary>
    /// <param name="terminal">Where to.</param>
    public void Write(Terminal terminal)
    {
        if (terminal.OutputIsTerminal) terminal.Output.Write(ToSpectre());
        else terminal.OutputWriter.Write(ToPlain());
    }

    private Table ToSpectre()
    {
        Table table = new Table().RoundedBorder();
        foreach (string column in columns)
        {
            var header = new TableColumn(new Text(Name(column), new Style(decoration: Decoration.Bold)));
            table.AddColumn(IsRight(column) ? header.RightAligned() : header);
        }
        foreach (IReadOnlyList<string> row in _rows) table.AddRow(row.Select(cell => new Text(cell)));
        return table;
    }

    private string ToPlain()
    {
        int[] widths = [.. columns.Select((column, i) => _rows.Select(row => row[i].Length).Append(Name(column).Length).Max())];
        var text = new StringBuilder();
        foreach (IReadOnlyList<string> row in _rows.Prepend([.. columns.Select(Name)]))
        {
            IEnumerable<string> cells = row.Select((cell, i) => IsRight(columns[i]) ? cell.PadLeft(widths[i]) : cell.PadRight(widths[i]));
            text.AppendLine(string.Join(Gap, cells).TrimEnd());
        }
        return text.ToString();
    }

    private static bool IsRight(string column) => column.StartsWith('>');

    private static string Name(string column) => column.TrimStart('>');
}
