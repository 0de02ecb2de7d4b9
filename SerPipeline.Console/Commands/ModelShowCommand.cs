using System.Globalization;
using SerPipeline.Console.Hosting;
using SerPipeline.Console.Scoring;
using SerPipeline.Models;
using SerPipeline.Models.MlNet;
using SerPipeline.Onnx;
using SerPipeline.Pipeline;

namespace SerPipeline.Console.Commands;

/// <summary><c>ser model show</c>: what is in a model file, on this library's side and on ML.NET's.</summary>
internal sealed class ModelShowCommand(Terminal terminal) : ICommandHandler
{
    public static CommandDefinition Definition { get; } = new(
        "show", "Tell what a model file holds: versions, stages, training, and what ML.NET finds in it. The file is verified on the way.", typeof(ModelShowCommand))
    {
        Operand = new OperandDefinition("MODEL", "A model.zip of this program, or any ML.NET model.", IsSeveral: false),
        Examples = [("ser model show runs/mine/model.zip", "everything but the weights")],
    };

    /// <inheritdoc/>
    public int Run(CommandInput input, CancellationToken cancellation)
    {
        input.Check();
        string path = input.Operands[0];
        if (!File.Exists(path)) throw new ModelFormatException($"There is no model file '{path}'.");
        MlNetModel? mlNet;
        using (FileStream stream = File.OpenRead(path)) mlNet = MlNetModel.Read(stream, path);
        terminal.Result(path);
        if (IsOurs(path)) ShowOurs(new SerContext().Model.ReadDocument(path), path);
        else if (mlNet is null) throw new ModelFormatException($"'{path}' is a zip, but neither a model of SerPipeline nor one of ML.NET.");
        else terminal.Result("  No model of SerPipeline: ML.NET's side is all there is.");
        if (mlNet is not null) ShowMlNet(mlNet);
        return ExitCode.Done;
    }

    private static bool IsOurs(string path)
    {
        using System.IO.Compression.ZipArchive zip = System.IO.Compression.ZipFile.OpenRead(path);
        return zip.GetEntry("SerPipeline/model.json") is not null;
    }

    private void ShowOurs(ModelDocument document, string path)
    {
        Line("format", string.Create(CultureInfo.InvariantCulture, $"{document.FormatVersion}, written by SerPipeline {document.LibraryVersion}"));
        Line("input", string.Join(", ", document.InputColumns.Select(c => c.Name)));
        foreach ((StageContent stage, int i) in document.Stages.Select((s, i) => (s, i)))
            Line(i == 0 ? "stages" : "", stage.StageName + string.Concat(stage.Parts.Select(p => string.Create(CultureInfo.InvariantCulture, $", {p.Key} {p.Value.Length} bytes"))));
        if (TrainingRecord.From(document, path) is { } record)
        {
            Line("trained", string.Create(CultureInfo.InvariantCulture, $"{record.Trainer} on {record.Dataset} ({record.Protocol}), seed {record.Seed}, {record.Trained:yyyy-MM-dd HH:mm}"));
            if (record.Licence is { } licence) Line("licence", licence);
        }
        Line("ML.NET", document.Onnx is not null
            ? "yes: mlContext.Model.Load opens it; the graph holds the same weights"
            : "no: " + (document.OnnxProblem ?? "the file is of format version 1, which had no ONNX graph; load and save it again"));
    }

    private void ShowMlNet(MlNetModel model)
    {
        terminal.Result("What ML.NET finds:");
        Line("input", model.InputColumns.Count == 0 ? "no schema" : string.Join(", ", model.InputColumns.Select(c => $"{c.Name}: {c.Type}")));
        foreach ((MlNetStage stage, int i) in model.Stages.Select((s, i) => (s, i)))
        {
            Line(i == 0 ? "stages" : "", $"{stage.Loader} ({string.Join(", ", stage.Names)})");
            if (stage.Onnx is not { } onnx) continue;
            Line("", string.Create(CultureInfo.InvariantCulture,
                $"  ONNX, opset {onnx.OperatorSets.GetValueOrDefault("")}: {onnx.Graph.Nodes.Count} nodes, {onnx.Graph.Initializers.Sum(t => t.Count)} constants and weights"));
            foreach (OnnxValueInfo info in onnx.Graph.Inputs) Line("", $"  in   {info}");
            foreach (OnnxValueInfo info in onnx.Graph.Outputs) Line("", $"  out  {info}");
            foreach ((string key, string value) in onnx.Metadata) Line("", $"  {key}: {value}");
        }
    }

    private void Line(string what, string text) => terminal.Result($"  {what,-8} {text}");
}
