using System.Globalization;
using SerPipeline.Console.Hosting;
using SerPipeline.Old.Models;
using SerPipeline.Old.Pipeline;
using SerPipeline.Onnx;

namespace SerPipeline.Console.Commands;

/// <summary><c>ser model export</c>: writes a model as an ONNX file.</summary>
internal sealed class ModelExportCommand(Terminal terminal) : ICommandHandler
{
    private static readonly OptionDefinition Out = new("--output", "FILE", "The .onnx file to write. Default: the model's name with .onnx, beside it.") { Alias = "-o" };
    private static readonly OptionDefinition From = new("--from", "COLUMN", "Start from this column of vectors instead of the waveform; for chains whose features have no form in ONNX.");

    public static CommandDefinition Definition { get; } = new(
        "export",
        "Write a model as one ONNX graph (opset 17, float32): from the waveform, mono and of the model's sample rate, to probabilities and label.",
        typeof(ModelExportCommand))
    {
        Operand = new OperandDefinition("MODEL", "The model.zip of a run folder.", IsSeveral: false),
        Options = [Out, From],
        Examples =
        [
            ("ser model export runs/mine/model.zip -o emotion.onnx", "from the waveform"),
            ("ser model export mlp.zip --from Features", "from the vector of features that the model's stages compute"),
        ],
    };

    /// <inheritdoc/>
    public int Run(CommandInput input, CancellationToken cancellation)
    {
        string path = input.Operands[0], output = input.Text(Out) ?? Path.ChangeExtension(path, ".onnx");
        string? from = input.Text(From);
        input.Check();
        var ser = new SerContext();
        using TransformerChain<ITransformer> chain = ser.Model.Load(path, out DataViewSchema schema);
        OnnxModel onnx = OnnxExporter.Export(chain, schema, from);
        AtomicFile.WriteAllBytes(output, onnx.ToBytes());
        string rate = onnx.Metadata.TryGetValue("sample_rate_hz", out string? hz) ? $", mono at {hz} Hz" : "";
        terminal.Result(string.Create(CultureInfo.InvariantCulture, $"Wrote {Path.GetFullPath(output)}: {onnx.Graph.Nodes.Count} nodes, {new FileInfo(output).Length} bytes"));
        foreach (OnnxValueInfo info in onnx.Graph.Inputs) terminal.Result($"  in   {info}{rate}");
        foreach (OnnxValueInfo info in onnx.Graph.Outputs) terminal.Result($"  out  {info}");
        return ExitCode.Done;
    }
}
