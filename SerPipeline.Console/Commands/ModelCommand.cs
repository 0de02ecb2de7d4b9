using SerPipeline.Console.Hosting;

namespace SerPipeline.Console.Commands;

/// <summary><c>ser model</c>: what is done with model files; the commands below it do it.</summary>
internal sealed class ModelCommand : ICommandHandler
{
    public static CommandDefinition Definition { get; } = new("model", "Look into model files, and take them elsewhere.", typeof(ModelCommand))
    {
        Subcommands = [ModelShowCommand.Definition, ModelExportCommand.Definition],
        Examples =
        [
            ("ser model show runs/mine/model.zip", "its classes, stages, training, and what ML.NET finds in it"),
            ("ser model export runs/mine/model.zip -o emotion.onnx", "the model for any ONNX runtime"),
        ],
    };

    /// <inheritdoc/>
    public int Run(CommandInput input, CancellationToken cancellation) => throw new UsageException("Say what to do: ser model show FILE, or ser model export FILE.");
}
