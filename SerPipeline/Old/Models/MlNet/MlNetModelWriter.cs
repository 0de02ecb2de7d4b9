using System.Globalization;
using System.Text;
using SerPipeline.Onnx;

namespace SerPipeline.Old.Models.MlNet;

/// <summary>
/// The entries of a zip that <c>mlContext.Model.Load</c> opens with Microsoft.ML and Microsoft.ML.OnnxTransformer alone: a chain of MapValueToKey over <c>Label</c>, the
/// ONNX graph up to its logits, a linear classifier of weight 1 that takes their softmax, and MapKeyToValue. It gives <c>Score</c> with slot names and
/// <c>PredictedLabel</c> as text, as chains of ML.NET's own trainers do.
/// </summary>
internal static class MlNetModelWriter
{
    public const string Folder = "TransformerChain/";
    public const string SchemaEntry = "Schema";
    public const string OnnxEntry = Folder + "Transform_001/OnnxModel";
    private const string DataAssembly = "Microsoft.ML.Data";
    private const string Label = "Label", Score = "Score", PredictedLabel = "PredictedLabel";

    // TransformerScope.Everything.
    private const int EveryScope = 7;

    /// <summary>The entries, in ML.NET's order.</summary>
    /// <param name="onnx">A graph with the outputs of <see cref="OnnxExporter"/>.</param>
    /// <param name="bytes">The same as bytes.</param>
    /// <param name="labels">The classes.</param>
    /// <exception cref="ModelFormatException">The graph has no such inputs or outputs.</exception>
    public static IReadOnlyList<(string Entry, byte[] Content)> Entries(OnnxModel onnx, ReadOnlyMemory<byte> bytes, IReadOnlyList<string> labels)
    {
        if (onnx.Graph.Inputs is not [{ Shape.Count: 2 } input] || onnx.Graph.Outputs.All(o => o.Name != OnnxExporter.Logits))
            throw new ModelFormatException($"An ONNX graph of one input of two dimensions and an output '{OnnxExporter.Logits}' is expected.");
        // A free length is 0.
        int length = (int)(input.Shape[1].Length ?? 0);
        string first = Folder + "Transform_000/", third = Folder + "Transform_002/";
        return
        [
            (first + "Vocabulary/Terms.txt", Terms(labels)),
            (first + "Vocabulary/Model.key", Vocabulary(labels)),
            (first + "Model.key", new ModelKeyWriter("TERMTRNF", 0x00010003, 0x00010003, "TermTransform", DataAssembly).Int32(1).Text(Label).Text(Label).Byte(0).ToArray()),
            (OnnxEntry, [.. BitConverter.GetBytes(bytes.Length), .. bytes.Span]),
            (Folder + "Transform_001/Model.key", OnnxTransformer(input.Name)),
            (third + "Model/Model.key", Softmax(labels.Count)),
            (third + "TrainSchema", IdvWriter.Schema(IdvColumn.Vector(OnnxExporter.Logits, 1, labels.Count), IdvColumn.Key(Label, labels))),
            (third + "Model.key", new ModelKeyWriter("MC  PRED", 0x00010002, 0x00010001, "MulticlassPredXfer", DataAssembly)
                .Text(OnnxExporter.Logits).Text(Label).Text(Score).Text(PredictedLabel).ToArray()),
            (Folder + "Transform_003/Model.key", new ModelKeyWriter("KEY2VALT", 0x00010001, 0x00010001, "KeyToValueTransform", DataAssembly)
                .Int32(1).Text(PredictedLabel).Text(PredictedLabel).ToArray()),
            (Folder + "Model.key", Chain(stages: 4)),
            (SchemaEntry, IdvWriter.Schema(IdvColumn.Text(Label), IdvColumn.Vector(input.Name, length))),
        ];
    }

    private static byte[] Chain(int stages)
    {
        ModelKeyWriter writer = new ModelKeyWriter("XF CHAIN", 0x00010001, 0x00010001, "TransformerChain", DataAssembly).Int32(stages);
        for (int i = 0; i < stages; i++) writer.Int32(EveryScope);
        return writer.ToArray();
    }

    private static byte[] OnnxTransformer(string input)
    {
        const int RecursionLimit = 100;
        return new ModelKeyWriter("ONNXSCOR", 0x00010003, 0x00010003, "OnnxTransform", "Microsoft.ML.OnnxTransformer")
            .Int32(1).Text(input).Int32(1).Text(OnnxExporter.Logits).Int32(0).Int32(RecursionLimit).ToArray();
    }

    // A maximum-entropy model whose scores are its inputs' softmax: weights of the identity, no bias.
    private static byte[] Softmax(int classes)
    {
        ModelKeyWriter writer = new ModelKeyWriter("MULTI LR", 0x00010003, 0x00010001, "MultiClassLRExec", "Microsoft.ML.StandardTrainers")
            .Int32(sizeof(float)).Int32(classes).Int32(classes);
        for (int i = 0; i < classes; i++) writer.Single(0);
        writer.Int32(0).Int32(0).Int32(classes * classes);
        for (int i = 0; i < classes * classes; i++) writer.Single(i % (classes + 1) == 0 ? 1 : 0);
        return writer.ToArray();
    }

    private static byte[] Vocabulary(IReadOnlyList<string> labels)
    {
        ModelKeyWriter writer = new ModelKeyWriter("TERM MAN", 0x00010002, 0x00010002, "TermManager", DataAssembly).Int32(1).Byte(0).Int32(labels.Count);
        foreach (string label in labels) writer.Text(label);
        return writer.ToArray();
    }

    private static byte[] Terms(IReadOnlyList<string> labels) => Encoding.UTF8.GetBytes(
        string.Create(CultureInfo.InvariantCulture, $"# Number of terms = {labels.Count}\n") + string.Concat(labels.Select((label, i) => string.Create(CultureInfo.InvariantCulture, $"{i}\t{label}\n"))));
}
