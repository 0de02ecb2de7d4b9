using SerPipeline.Old.Torch;
using SerPipeline.Old.Torch.Layers;
using SerPipeline.Onnx;


namespace SerPipeline.Old.Trainers;

/// <summary>
/// Lets every frame look at every other (Vaswani et al. 2017): frames are projected to a smaller width, attend to each other in several heads, and what they see is
/// added to what they are, layer-normalised. [n, frames, features] to [n, frames, units].
/// </summary>
internal sealed class SelfAttention : Module
{
    private readonly Linear _project;
    private readonly MultiheadAttention _attention;
    private readonly LayerNorm _norm;
    private readonly long _heads;

    /// <param name="features">Features of a frame.</param>
    /// <param name="units">Features of a frame afterwards.</param>
    /// <param name="heads">Heads; they divide the units.</param>
    /// <param name="random">Draws the first weights.</param>
    public SelfAttention(int features, int units, int heads, SeededRandom random)
    {
        _heads = heads;
        _project = AddChild("project", new Linear(features, units, random.Fork("project")));
        _attention = AddChild("attention", new MultiheadAttention(units, heads, random.Fork("attention")));
        _norm = AddChild("norm", new LayerNorm(units));
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input)
    {
        using TensorScope scope = TensorScope.New();
        Tensor frames = _project.Forward(input);
        return scope.MoveToOuter(_norm.Forward(frames + _attention.Forward(frames)));
    }

    /// <inheritdoc/>
    public override OnnxValue Export(OnnxValue input, string name)
    {
        OnnxValue frames = _project.Export(input, name + ".project");
        return _norm.Export(frames + _attention.Export(frames, name + ".attention"), name + ".norm");
    }

    // The sum makes it more than layers that follow each other.
    /// <inheritdoc/>
    protected override bool IsOneLayer => true;

    /// <inheritdoc/>
    protected override IReadOnlyDictionary<string, object> HyperParameters() => new Dictionary<string, object>
    {
        ["in_features"] = _project.Weight.Value.Size(1),
        ["embed_dim"] = _project.Weight.Value.Size(0),
        ["num_heads"] = _heads,
    };
}
