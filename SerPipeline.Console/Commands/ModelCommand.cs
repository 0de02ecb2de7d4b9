using SerPipeline.Onnx;

namespace SerPipeline.Console.Commands;

/// <summary><c>ser model</c>: what is done with model files; the commands below it do it.</summary>
internal sealed class ModelCommand : ICommandHandler
{
    /// <summary>What every command says of the model that it takes.</summary>
    public const string ModelHelp = "A run folder with one model of all clips, or its model.zip.";

    public static CommandDefinition Definition { get; } = new(
        "model", "Inspect and export model files (ser model show, ser model export).", typeof(ModelCommand))
    {
        Subcommands = [ModelShowCommand.Definition, ModelExportCommand.Definition],
        Examples =
        [
            ("ser model show runs/mine/model.zip", "its classes, stages, training, and what ML.NET finds in it"),
            ("ser model export runs/mine/model.zip -o emotion.onnx", "the model for any ONNX runtime"),
        ],
    };

    /// <inheritdoc/>
    public int Run(CommandInput input, CancellationToken cancellation) =>
        throw new UsageException("Say what to do: ser model show FILE, or ser model export FILE.");
}

/// <summary><c>ser model export</c>: writes a model as an ONNX file.</summary>
internal sealed class ModelExportCommand(Terminal terminal) : ICommandHandler
{
    private static readonly OptionDefinition Out = new("--output", "FILE",
        "The .onnx file to write. Default: the model's name with .onnx, beside it.")
    { Alias = "-o" };
    private static readonly OptionDefinition From = new("--from", "COLUMN",
        "Start from this column of vectors instead of the waveform; for chains whose features have no ONNX form.");

    public static CommandDefinition Definition { get; } = new(
        "export",
        "Write a model as one ONNX graph (opset 17, float32): from the waveform, mono and of the model's sample rate, to probabilities "
            + "and label.",
        typeof(ModelExportCommand))
    {
        Operand = new OperandDefinition("MODEL", ModelCommand.ModelHelp, IsSeveral: false),
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
        string path = ModelPath.Resolve(input.Operands[0]), output = input.Text(Out) ?? Path.ChangeExtension(path, ".onnx");
        string? from = input.Text(From);
        input.Require(Path.GetExtension(output).Equals(".onnx", StringComparison.OrdinalIgnoreCase),
            $"--output must end in .onnx, by which other programs tell a graph; got '{output}'.");
        input.Check();
        OnnxModel onnx = OnnxExporter.Export(ModelRecord.Read(path), from);
        AtomicFile.WriteAllBytes(output, onnx.ToBytes());
        string rate = onnx.Metadata.TryGetValue("sample_rate_hz", out string? hz) ? $", mono at {hz} Hz" : "";
        terminal.Result(string.Create(CultureInfo.InvariantCulture,
            $"Wrote {Path.GetFullPath(output)}: {onnx.Graph.Nodes.Count} nodes, {new FileInfo(output).Length} bytes"));
        foreach (OnnxValueInfo info in onnx.Graph.Inputs)
            terminal.Result($"  in   {info}{(info.Name == OnnxExporter.SpeakerOffset ? ", optional: adapts to a known voice" : rate)}");
        foreach (OnnxValueInfo info in onnx.Graph.Outputs) terminal.Result($"  out  {info}");
        return ExitCode.Done;
    }
}
