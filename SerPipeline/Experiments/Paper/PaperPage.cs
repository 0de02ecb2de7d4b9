using SerPipeline.Evaluation;
using SerPipeline.Reports;
using static SerPipeline.Reports.Markdown;

namespace SerPipeline.Experiments.Paper;

/// <summary>The page that lays the paper's results beside ours, what its split hides, and what beats it.</summary>
/// <param name="sets">The results from the paper's matrices; empty when they were not given.</param>
/// <param name="audio">The results from audio, or null.</param>
/// <param name="command">The command that made it.</param>
/// <param name="plan">How much was trained.</param>
/// <param name="seconds">What the trainings took, added up.</param>
internal sealed class PaperPage(IReadOnlyList<FeatureResults> sets, AudioResults? audio, string command, ReproductionPlan plan,
    double seconds)
{
    // The accuracies that the paper prints; what it prints for other cells is not known.
    private static readonly Dictionary<(string Model, string Set), double> Published = new()
    {
        [("cnn", PaperFeatures.Original)] = 0.51,
        [("cnn", PaperFeatures.Over)] = 0.54,
        [("cnn", PaperFeatures.New)] = 0.94,
        [("mlp", PaperFeatures.Original)] = 0.48,
    };

    private readonly Markdown _page = new();

    /// <summary>Where figures lie, below the page's folder.</summary>
    public const string FigureFolder = "images/paper";

    /// <summary>Writes it.</summary>
    public string Write()
    {
        _page.Heading(1, "The paper, reproduced, explained and beaten");
        Introduce();
        if (sets.Count > 0)
        {
            WriteAccuracies();
            foreach (FeatureResults set in sets) WriteReport(set);
            WriteFigures();
            new HeldOutSection(_page, sets).Write();
        }
        if (audio is not null) new AudioSection(_page, audio).Write();
        return _page.ToString();
    }

    private void Introduce()
    {
        _page.Paragraph(
            "The paper trains a CNN, an LSTM and an MLP on the mean over time of 40 MFCCs of each clip, on three data sets: `original` "
                + "(RAVDESS speech, 1,440 clips), `over` (the same and 96 copies of neutral clips, drawn "
                + "before the split) and `new` (RAVDESS song and TESS, 3,812 clips). It divides each once at random, 80 to 20, as "
                + "scikit-learn's `train_test_split(random_state=42)` does. Voices are on both sides of that division.");
        _page.Paragraph("This page is written by one command, which keeps every training's outcome and goes on where it was interrupted:");
        _page.Code(command);
        _page.Paragraph(string.Create(CultureInfo.InvariantCulture,
            $"Its trainings took {seconds / 60:0} minutes of one core, one training a core. Figures are accuracies over all test rows "
                + $"unless said otherwise; ± is the standard deviation over seeds. "
                + $"{(plan.Quick ? "**This is the smoke version: one epoch, one seed; its figures mean nothing.** " : "")}RAVDESS and TESS "
                + $"are licensed for non-commercial use: neither the clips nor models trained on them are free for commerce."));
    }

    private void WriteAccuracies()
    {
        _page.Heading(2, "Table IV: accuracy of each model");
        _page.Paragraph("Every model has the paper's sizes and training; the first weights are drawn as Keras and scikit-learn draw "
            + "theirs ([guide.md](guide.md)). The last epoch is kept; the test rows choose nothing.");
        _page.Table(["model", "data set", "published", "ours, mean ± deviation", "least - greatest", "seeds",
            "published within our range"], sets.SelectMany(set => PaperCells.Models.Select(model => AccuracyRow(set, model))));
        _page.Paragraph("The published figures are single runs. For the other cells none is known.");
    }

    private static string[] AccuracyRow(FeatureResults set, string model)
    {
        double[] ours = [.. set.OfPaperSplit(model).Select(outcome => outcome.ToPredictions().ToReport().Accuracy)];
        double? published = Published.TryGetValue((model, set.Set.Name), out double printed) ? printed : null;
        // A figure of two digits stands for all that round to it.
        string within = published is { } value ? (value + 0.005 >= ours.Min() && value - 0.005 <= ours.Max() ? "yes"
            : $"no: {Share(Math.Abs(value - ours.Average()))} from the mean") : "";
        return [model.ToUpperInvariant(), $"`{set.Set.Name}`", published is { } p ? p.ToString(".00", CultureInfo.InvariantCulture) : "",
            MeanOf(ours), $"{Share(ours.Min())} - {Share(ours.Max())}", Format.Whole(ours.Length), within];
    }

    private void WriteReport(FeatureResults set)
    {
        string number = set.Set.Name switch { PaperFeatures.Original => "I", PaperFeatures.Over => "II", _ => "III" };
        ClassificationReport[] reports = [.. set.OfPaperSplit("cnn").Select(outcome => outcome.ToPredictions().ToReport())];
        _page.Heading(2, $"Table {number}: the CNN on `{set.Set.Name}`, by class");
        _page.Paragraph(string.Create(CultureInfo.InvariantCulture, $"Mean ± deviation over {reports.Length} seeds, in the layout of "
            + $"scikit-learn's `classification_report`. The supports are the paper's own."));
        _page.Table(["class", "precision", "recall", "f1-score", "support"],
        [
            .. reports[0].Labels.Select(label => ClassRow(label,
                [.. reports.Select(report => report.Classes.Single(c => c.Label == label))])),
            ["accuracy", "", "", MeanOf([.. reports.Select(r => r.Accuracy)]), Format.Whole(reports[0].Support)],
            ["macro avg", MeanOf([.. reports.Select(r => r.Macro.Precision)]), MeanOf([.. reports.Select(r => r.Macro.Recall)]),
                MeanOf([.. reports.Select(r => r.Macro.F1)]), Format.Whole(reports[0].Support)],
            ["weighted avg", MeanOf([.. reports.Select(r => r.Weighted.Precision)]), MeanOf([.. reports.Select(r => r.Weighted.Recall)]),
                MeanOf([.. reports.Select(r => r.Weighted.F1)]), Format.Whole(reports[0].Support)],
        ]);
    }

    private static string[] ClassRow(string label, ClassMetrics[] seeds) =>
        [label, MeanOf([.. seeds.Select(s => s.Precision)]), MeanOf([.. seeds.Select(s => s.Recall)]),
            MeanOf([.. seeds.Select(s => s.F1)]), Format.Whole(seeds[0].Support)];

    private void WriteFigures()
    {
        _page.Heading(2, "Its figures");
        _page.Figure($"{FigureFolder}/pipeline.svg", "The way of a clip to a label");
        _page.Paragraph("Waveform and log spectrogram of a synthetic clip of the demo corpus; RAVDESS' own may not be passed on here.");
        _page.Figure($"{FigureFolder}/waveform.png", "Waveform");
        _page.Figure($"{FigureFolder}/log-spectrogram.png", "Log spectrogram");
        _page.Paragraph("Accuracy and loss over the epochs, seed 0, as the paper draws them: the curve called validation is that of the "
            + "test rows, which are watched here and decide nothing.");
        foreach (FeatureResults set in sets)
            foreach (string model in new[] { "cnn", "lstm" })
                _page.Figure($"{FigureFolder}/curves-{model}-{set.Set.Name}.png", $"{model.ToUpperInvariant()} on {set.Set.Name}");
        _page.Paragraph("Confusion matrices, seed 0, in clips.");
        foreach (FeatureResults set in sets)
            foreach (string model in PaperCells.Models)
                _page.Figure($"{FigureFolder}/confusion-{model}-{set.Set.Name}.png", $"{model.ToUpperInvariant()} on {set.Set.Name}");
    }
}
