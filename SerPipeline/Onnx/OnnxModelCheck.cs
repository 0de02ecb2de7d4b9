namespace SerPipeline.Onnx;

/// <summary>What can be said of a model without a runtime: names, order, sizes, declarations.</summary>
public static class OnnxModelCheck
{
    /// <summary>Everything that no runtime would take; empty for a sound model.</summary>
    /// <param name="model">The model.</param>
    public static IReadOnlyList<string> Problems(OnnxModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        var problems = new List<string>();
        var defined = new HashSet<string>(StringComparer.Ordinal);
        void Define(string name, string what)
        {
            if (name.Length == 0) problems.Add($"{what} has no name.");
            else if (!defined.Add(name)) problems.Add($"{what} '{name}' is not the first of its name.");
        }

        foreach (OnnxValueInfo input in model.Graph.Inputs) Define(input.Name, "Input");
        foreach (OnnxTensor tensor in model.Graph.Initializers)
        {
            Define(tensor.Name, "Initializer");
            long expected = tensor.Type == OnnxType.String ? tensor.Count : tensor.Count * OnnxTensor.SizeOf(tensor.Type), found = tensor.Type == OnnxType.String ? tensor.Texts.Count : tensor.Bytes.Length;
            if (expected != found) problems.Add($"Initializer '{tensor.Name}' of {tensor.Type} [{string.Join(", ", tensor.Shape)}] has {found} bytes or texts, not {expected}.");
        }
        foreach (OnnxNode node in model.Graph.Nodes)
        {
            foreach (string input in node.Inputs.Where(i => i.Length > 0 && !defined.Contains(i)))
                problems.Add($"Node '{node.Name}' ({node.Operator}) reads '{input}', which nothing before it gives.");
            if (!model.OperatorSets.ContainsKey(node.Domain)) problems.Add($"Node '{node.Name}' ({node.Operator}) is of domain '{node.Domain}', which the model does not import.");
            foreach (string output in node.Outputs.Where(o => o.Length > 0)) Define(output, $"Output of node '{node.Name}'");
        }
        foreach (OnnxValueInfo output in model.Graph.Outputs)
            if (!defined.Contains(output.Name)) problems.Add($"Output '{output.Name}' is given by nothing.");
        foreach (OnnxValueInfo declared in model.Graph.Inputs.Concat(model.Graph.Outputs))
            if (declared.Shape is not { Count: > 0 } || !Enum.IsDefined(declared.Type)) problems.Add($"'{declared.Name}' is declared without a type or shape of at least one dimension.");
        return problems;
    }
}
