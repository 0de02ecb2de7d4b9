using SerPipeline.Evaluation;
using SerPipeline.Evaluation.Reporting;
using SerPipeline.Tests.Imaging;
namespace SerPipeline.Tests.Evaluation.Reporting;
public class ReportSamplesGallery
{
    [Fact]
    public void Write()
    {
        string to = "/tmp/report/out";
        foreach ((int folds, int speakers) in new[] { (1, 5), (24, 24) })
        {
            string d = $"{to}/{folds}"; Directory.CreateDirectory(d + "/audio");
            var c = ReportSamples.Full(d + "/audio", folds, speakers);
            HtmlReport.Write(d + "/report.html", c);
            ReportFigures.Write(d, c);
        }
        foreach (string n in PlotGallery.Names.Select(r => r.Data))
        {
            if (!n.Contains("fold") && !n.Contains("reliab") && !n.Contains("score") && !n.Contains("36") && !n.Contains("confusion")) continue;
            PlotGallery.Make(n).Plot.SavePng($"{to}/gallery/{n.Replace(' ', '-')}.png");
        }
    }
}
