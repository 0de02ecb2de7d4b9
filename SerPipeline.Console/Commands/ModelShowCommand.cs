using System.Globalization;
using System.Text;
using SerPipeline.Console.Hosting;
using SerPipeline.Evaluation;
using SerPipeline.Experiments;
using SerPipeline.Old.Models;
using SerPipeline.Old.Models.MlNet;
using SerPipeline.Old.Pipeline;
using SerPipeline.Onnx;
using SerPipeline.Splits;

namespace SerPipeline.Console.Commands;

/// <summary><c>ser model show</c>: what is in a model file, on this library's side and on ML.NET's.</summary>
internal sealed class ModelShowCommand(Terminal terminal) : ICommandHandler
{
    private static readonly OptionDefinition
        Card = OptionDefinition.Flag("--card", "Write the model's card (Markdown) and nothing else: what it is, how it scores and where it fails, what it may be used for."),
        Metrics = OptionDefinition.Flag("--metrics", "Write the model's scores (metrics.json) and nothing else."),
        Folds = OptionDefinition.Flag("--folds", "Write the folds the model was tested in (folds.json, as train --fold-file takes them) and nothing else.");

    public static CommandDefinition Definition { get; } = new(
        "show", "Tell what a model file holds: versions, stages, training, scores and what they do not show, and what ML.NET finds in it. The file is verified on the way.", typeof(ModelShowCommand))
    {
        Operand = new OperandDefinition("MODEL", "A model.zip of this program, or any ML.NET model.", IsSeveral: false),
        Options = [Card, Metrics, Folds],
        Examples =
        [
            ("ser model show runs/mine/model.zip", "everything but the weights"),
            ("ser model show runs/mine/model.zip --card > README.md", "the model's card, to be published with it"),
        ],
    };

    /// <inheritdoc/>
    public int Run(CommandInput input, CancellationToken cancellation)
    {
        bool card = input.Flag(Card), metrics = input.Flag(Metrics), folds = input.Flag(Folds);
        input.Require((card ? 1 : 0) + (metrics ? 1 : 0) + (folds ? 1 : 0) < 2, "--card, --metrics and --folds write one file each: name one of them.");
        input.Check();
        string path = input.Operands[0];
        if (!File.Exists(path)) throw new ModelFormatException($"There is no model file '{path}'.");
        if (card) Write(path, CardPage.FileName, "card");
        else if (metrics) Write(path, MetricsFile.FileName, "scores");
        else if (folds) Write(path, FoldFile.FileName, "folds");
        else Show(path);
        return ExitCode.Done;
    }

    private void Write(string path, string name, string what)
    {
        ModelDocument document = new SerContext().Model.ReadDocument(path);
        string? text = name == FoldFile.FileName ? TrainingRecord.From(document, path)?.FoldFile : null;
        if (text is null && document.Attachments.TryGetValue(name, out ReadOnlyMemory<byte> content)) text = Encoding.UTF8.GetString(content.Span);
        if (text is null) throw new ModelFormatException($"'{path}' holds no {what}: it has no file {name}. {Why(name)}");
        terminal.OutputWriter.Write(text);
    }

    private static string Why(string name) => name == FoldFile.FileName
        ? "Models of protocols that do not part speakers have none." : "ser train saves one with every model; a program that saves models by itself adds it where it wants one.";

    private void Show(string path)
    {
        MlNetModel? mlNet;
        using (FileStream stream = File.OpenRead(path)) mlNet = MlNetModel.Read(stream, path);
        bool isOurs = ZipModelFormat.IsModel(path);
        if (!isOurs && mlNet is null) throw new ModelFormatException($"'{path}' is a zip, but neither a model of SerPipeline nor one of ML.NET.");
        terminal.Result(path);
        if (isOurs) new ModelText(terminal, new SerContext().Model.ReadDocument(path), path).Write();
        else terminal.Result("  No model of SerPipeline: ML.NET's side is all there is.");
        if (mlNet is not null) ShowMlNet(mlNet);
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
            // The options are those of the stages above.
            foreach ((string key, string value) in onnx.Metadata.Where(m => m.Key != OnnxExporter.OptionsKey)) Line("", $"  {key}: {value}");
        }
    }

    private void Line(string what, string text) => terminal.Result($"  {what,-8} {text}");
}
