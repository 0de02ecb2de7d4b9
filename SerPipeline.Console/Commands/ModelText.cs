using System.Globalization;
using SerPipeline.Console.Hosting;
using SerPipeline.Corpora;
using SerPipeline.Evaluation;
using SerPipeline.Experiments;
using SerPipeline.Old.Models;
using SerPipeline.Old.Pipeline;
using SerPipeline.Reports;

namespace SerPipeline.Console.Commands;

/// <summary>What <c>ser model show</c> says of a model of this library: versions, stages, training, scores with what they do not show, and the files within.</summary>
/// <param name="terminal">Where to.</param>
/// <param name="document">The model.</param>
/// <param name="path">Its file.</param>
internal sealed class ModelText(Terminal terminal, ModelDocument document, string path)
{
    /// <summary>Writes it.</summary>
    public void Write()
    {
        Line("format", string.Create(CultureInfo.InvariantCulture, $"{document.FormatVersion}, written by SerPipeline {document.LibraryVersion}"));
        Line("input", string.Join(", ", document.InputColumns.Select(c => c.Name)));
        foreach ((StageContent stage, int i) in document.Stages.Select((s, i) => (s, i)))
            Line(i == 0 ? "stages" : "", stage.StageName + string.Concat(stage.Parts.Select(p => string.Create(CultureInfo.InvariantCulture, $", {p.Key} {p.Value.Length} bytes"))));
        Training();
        Scores();
        foreach ((string name, int i) in document.Attachments.Keys.Order(StringComparer.Ordinal).Select((name, i) => (name, i)))
            Line(i == 0 ? "files" : "", $"{name} {Format.Whole(document.Attachments[name].Length)} bytes");
        Line("ML.NET", document.Onnx is not null
            ? "yes: mlContext.Model.Load opens it; the graph holds the same weights"
            : "no: " + (document.OnnxProblem ?? "the file is of format version 1, which had no ONNX graph; load and save it again"));
    }

    private void Training()
    {
        if (TrainingRecord.From(document, path) is not { } record) return;
        Line("trained", string.Create(CultureInfo.InvariantCulture, $"{record.Trainer} on {record.Dataset} ({record.Protocol}), seed {record.Seed}, {record.Trained:yyyy-MM-dd HH:mm}"));
        if (record.Licence is { } licence) Line("licence", licence);
        if (Licences.ModelCaution(record.Licence) is { } caution) Line("", caution);
    }

    private void Scores()
    {
        if (!document.Attachments.TryGetValue(MetricsFile.FileName, out ReadOnlyMemory<byte> content)) return;
        IReadOnlyList<RunMetrics> runs;
        try
        {
            runs = MetricsFile.Parse(content.Span, MetricsFile.FileName).Runs;
        }
        catch (EvaluationException e)
        {
            // Whoever saved the model may call a file of their own so; the rest of the model is none the worse.
            Line("scores", $"not read: {e.Message}");
            return;
        }
        foreach ((RunMetrics run, int i) in runs.Select((run, i) => (run, i))) Scores(run, i == 0 ? "scores" : "");
        foreach ((IGrouping<string, RunMetrics> protocol, int i) in runs.GroupBy(run => run.Protocol, StringComparer.Ordinal).Select((group, i) => (group, i)))
        {
            Line(i == 0 ? "protocol" : "", $"{protocol.Key}: {ProtocolNotices.Meaning([.. protocol])}");
            Line("", $"it does not show {ProtocolNotices.NotShown([.. protocol])}");
        }
        foreach (ScoreWarning warning in ProtocolNotices.Warnings(runs)) Line("warning", $"{warning.Title}: {warning.Text}");
    }

    private void Scores(RunMetrics run, string what)
    {
        string interval = run.Intervals is { } i ? $" ({(100 * i.Confidence).ToString("0.#", CultureInfo.InvariantCulture)} %: {Format.Score(i.Uar[0])}-{Format.Score(i.Uar[1])}{(i.Caution is null ? "" : "*")})" : "";
        Line(what, $"UAR {Format.Score(run.Uar)}{interval}, guessing {Format.Score(run.ChanceBaseline)}; accuracy {Format.Score(run.Accuracy)}; {Format.Count(run.TestClips, "test clip")} of {run.Dataset}");
        if (run.Intervals?.Caution is { } caution) Line("", "* " + caution);
        if (run.BySpeaker.Count > 1 && run.BySpeaker.WorstGroup() is { } worst)
            Line("", $"worst of {Format.Count(run.BySpeaker.Count, "test speaker")}: {worst.Name}, UAR {Format.Score(worst.Uar)} over {Format.Count(worst.Clips, "clip")}");
    }

    private void Line(string what, string text) => terminal.Result($"  {what,-8} {text}");
}
