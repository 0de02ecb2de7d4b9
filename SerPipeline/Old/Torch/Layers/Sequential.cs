using System.Globalization;
using SerPipeline.Onnx;

namespace SerPipeline.Old.Torch.Layers;

/// <summary>Modules applied one after another, named by their numbers from 0 on, or as given.</summary>
public sealed class Sequential : Module
{
    /// <summary>Creates the chain; it disposes its modules.</summary>
    /// <param name="modules">The modules in order, named 0, 1, 2, ...</param>
    public Sequential(params ReadOnlySpan<Module> modules)
    {
        for (int i = 0; i < modules.Length; i++) AddChild(i.ToString(CultureInfo.InvariantCulture), modules[i]);
    }

    /// <summary>Creates the chain; it disposes its modules.</summary>
    /// <param name="modules">The modules in order, under their names.</param>
    public Sequential(params ReadOnlySpan<(string Name, Module Module)> modules)
    {
        foreach ((string name, Module module) in modules) AddChild(name, module);
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        using var scope = TensorScope.New();
        Tensor current = input;
        foreach ((string _, Module module) in Children)
        {
            Tensor next = module.Forward(current);
            // What the backward pass needs is held natively; the intermediate handles can go at once, which keeps scoring small.
            if (!ReferenceEquals(current, input) && !ReferenceEquals(current, next)) current.Dispose();
            current = next;
        }
        return scope.MoveToOuter(ReferenceEquals(current, input) ? input.Alias() : current);
    }

    /// <inheritdoc/>
    public override OnnxValue Export(OnnxValue input, string name)
    {
        string prefix = string.IsNullOrEmpty(name) ? "" : name + ".";
        return Children.Aggregate(input, (current, child) => child.Module.Export(current, prefix + child.Name));
    }
}
