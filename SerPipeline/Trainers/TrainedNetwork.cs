using SerPipeline.Networks;
using SerPipeline.Onnx;
using static TorchSharp.torch;

namespace SerPipeline.Trainers;

/// <summary>A network after its training, still in libtorch's memory, and what its ONNX graph is made from.</summary>
internal sealed class TrainedNetwork(
    NeuralTrainerOptions options, IReadOnlyList<InputColumn> inputs, IReadOnlyList<string> labels, ExampleEncoder encoder,
        nn.Module<Tensor, Tensor> module) : IDisposable
{
    public const string Logits = "Logits";

    public NeuralTrainerOptions Options => options;

    public IReadOnlyList<InputColumn> Inputs => inputs;

    public IReadOnlyList<string> Labels => labels;

    public TrainingHistory History { get; set; } = null!;

    public IReadOnlyList<LayerDescription> Layers => LayerDescription.Of(module);

    /// <summary>The columns to raw scores, as a model of its own.</summary>
    public OnnxModel ToModel() => ToModel([this], one => one[0]);

    /// <summary>
    /// Members to the logarithm of their mean probability of each class: a mean has no raw scores of its own, and these have it as their
    /// softmax.
    /// </summary>
    public static OnnxModel Average(IReadOnlyList<TrainedNetwork> members) =>
        ToModel(members, logits => (logits.Select(one => one.Softmax()).Aggregate((sum, next) => sum + next) / members.Count).AtLeast(1e-37)
            .One("Log"));

    public void Dispose()
    {
        module.Dispose();
        // What scores the model would come on top of what trained it.
        NativeSettings.ReturnFreedMemory();
    }

    private static OnnxModel ToModel(IReadOnlyList<TrainedNetwork> members, Func<IReadOnlyList<OnnxValue>, OnnxValue> join)
    {
        var graph = new OnnxGraphBuilder();
        var columns = new Dictionary<string, OnnxValue>(StringComparer.Ordinal);
        foreach (InputColumn input in members.SelectMany(member => member.Inputs))
            if (!columns.ContainsKey(input.Name)) columns.Add(input.Name, graph.Input(input.Name, OnnxType.Float, "batch", input.Size));
        var logits = new List<OnnxValue>();
        foreach ((int i, TrainedNetwork member) in members.Index())
        {
            string name = members.Count == 1 ? "network" : FormattableString.Invariant($"member{i + 1}");
            using IDisposable scope = graph.Scope(name);
            logits.Add(member.Export([.. member.Inputs.Select(input => columns[input.Name])], members.Count == 1 ? "" : name));
        }
        graph.Output(Logits, join(logits), "batch", members[0].Labels.Count);
        return OnnxModel.Of(graph.Build("network"));
    }

    private OnnxValue Export(IReadOnlyList<OnnxValue> columns, string name) =>
        NetworkOnnx.Export(module, encoder.Export(columns), name, (options as TorchModuleOptions)?.OnnxConverters);
}
