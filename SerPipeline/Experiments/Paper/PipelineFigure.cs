using SerPipeline.Reports.Plots;

namespace SerPipeline.Experiments.Paper;

/// <summary>The way of a clip to a label: the paper's above, this library's below.</summary>
internal static class PipelineFigure
{
    private const double BoxWidth = 128, BoxHeight = 52, Gap = 24, Margin = 12, RowHeight = 92;

    private static readonly (string Title, (string First, string Second)[] Boxes)[] Rows =
    [
        ("The paper", [("Clip", "22,050 Hz"), ("40 MFCCs", "a frame"), ("Mean over time", "[40]"), ("CNN, LSTM", "or MLP"), ("Label", "one of 8")]),
        ("The image chain", [("Clip", "16 kHz, trimmed"), ("Log-mel", "[64, frames]"), ("Image", "[64, 128] grey"), ("5 CNNs", "+ 3 MLPs, mean"), ("Label", "one of 8")]),
    ];

    /// <summary>Writes it as SVG.</summary>
    public static void Write(string path)
    {
        double width = (2 * Margin) + (5 * BoxWidth) + (4 * Gap), height = (2 * RowHeight) + Margin;
        var canvas = new SvgCanvas(width, height, "The way of a clip to a label");
        PlotTheme theme = PlotTheme.Light;
        canvas.FillRectangle(0, 0, width, height, theme.Paper);
        for (int row = 0; row < Rows.Length; row++) DrawRow(canvas, theme, Rows[row].Title, Rows[row].Boxes, row * RowHeight);
        AtomicFile.WriteAllText(path, canvas.ToString());
    }

    private static void DrawRow(SvgCanvas canvas, PlotTheme theme, string title, (string First, string Second)[] boxes, double top)
    {
        canvas.DrawText(new CanvasPoint(Margin, top + 20), title, new TextStyle(13, theme.Ink, Bold: true));
        double y = top + 30;
        for (int i = 0; i < boxes.Length; i++)
        {
            double x = Margin + (i * (BoxWidth + Gap)), middle = y + (BoxHeight / 2);
            canvas.FillRectangle(x, y, BoxWidth, BoxHeight, theme.Grid);
            canvas.DrawText(new CanvasPoint(x + (BoxWidth / 2), middle - 9), boxes[i].First, new TextStyle(13, theme.Ink, TextAnchor.Middle, TextBaseline.Middle, Bold: true));
            canvas.DrawText(new CanvasPoint(x + (BoxWidth / 2), middle + 11), boxes[i].Second, new TextStyle(11, theme.Muted, TextAnchor.Middle, TextBaseline.Middle));
            if (i == boxes.Length - 1) continue;
            double end = x + BoxWidth + Gap - 3;
            canvas.DrawLine(new CanvasPoint(x + BoxWidth + 3, middle), new CanvasPoint(end - 6, middle), new Stroke(theme.Ink, 1.5));
            canvas.FillPolygon([new CanvasPoint(end, middle), new CanvasPoint(end - 8, middle - 4), new CanvasPoint(end - 8, middle + 4)], theme.Ink);
        }
    }
}
