namespace SerPipeline.Onnx;

/// <summary>Checks names, order, sizes and declarations of a model without a runtime.</summary>
public static class OnnxModelCheck
{
    /// <summary>What is wrong with them; empty where nothing is. Whether operators get the types, shapes and attributes that they take is
    /// not looked at: a runtime may still reject the model.</summary>
    /// <param name="model">The model.</param>
    public static IReadOnlyList<string> Problems(OnnxModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        var problems = new List<string>();
        CheckGraph(model, model.Graph, new(StringComparer.Ordinal), problems);
        return problems;
    }

    private static bool Fits(OnnxTensor tensor, OnnxValueInfo input) => tensor.Type == input.Type
        && input.Shape?.Count == tensor.Shape.Count
        && input.Shape.Zip(tensor.Shape).All(lengths => lengths.First.Length is null || lengths.First.Length == lengths.Second);

    // The body of a loop or branch sees the names defined around it, must not redefine them, and its own names end with it.
    private static void CheckGraph(OnnxModel model, OnnxGraph graph, HashSet<string> defined, List<string> problems)
    {
        void Define(string name, string what)
        {
            if (name.Length == 0) problems.Add($"{what} has no name.");
            else if (!defined.Add(name)) problems.Add($"{what} '{name}' has a name that is used before.");
        }

        foreach (OnnxValueInfo input in graph.Inputs) Define(input.Name, "Input");
        Dictionary<string, OnnxValueInfo> optional = graph.Inputs.DistinctBy(input => input.Name).ToDictionary(input => input.Name);
        foreach (OnnxTensor tensor in graph.Initializers)
        {
            // Under the name of an input it is what the input is where nobody gives it; a second one is too many.
            if (!optional.Remove(tensor.Name, out OnnxValueInfo? input)) Define(tensor.Name, "Initializer");
            else if (!Fits(tensor, input))
                problems.Add($"Initializer '{tensor.Name}' of {tensor.Type} [{string.Join(", ", tensor.Shape)}] does not fit the input "
                    + $"{input}.");
            CheckSize(tensor, problems);
        }
        foreach (OnnxNode node in graph.Nodes)
        {
            foreach (string input in node.Inputs.Where(i => i.Length > 0 && !defined.Contains(i)))
                problems.Add($"Node '{node.Name}' ({node.Operator}) reads '{input}', which no node before it computes.");
            if (!model.OperatorSets.ContainsKey(node.Domain))
                problems.Add($"Node '{node.Name}' ({node.Operator}) is of domain '{node.Domain}', which the model does not import.");
            foreach (OnnxGraph body in node.Attributes.Values.OfType<OnnxGraph>()) CheckBody(model, node, body, defined, problems);
            foreach (string output in node.Outputs.Where(o => o.Length > 0)) Define(output, $"Output of node '{node.Name}'");
        }
        foreach (OnnxValueInfo output in graph.Outputs)
            if (!defined.Contains(output.Name)) problems.Add($"Output '{output.Name}' is given by nothing.");
        foreach (OnnxValueInfo declared in graph.Inputs.Concat(graph.Outputs))
            if (declared.Shape is not { Count: > 0 } || !Enum.IsDefined(declared.Type))
                problems.Add($"'{declared.Name}' is declared without a type or shape of at least one dimension.");
    }

    private static void CheckBody(OnnxModel model, OnnxNode node, OnnxGraph body, HashSet<string> defined, List<string> problems)
    {
        CheckGraph(model, body, new(defined, StringComparer.Ordinal), problems);
        // A Scan hands its body one input for each of its own, and takes one output for each of its own.
        if (node.Operator == "Scan" && (body.Inputs.Count != node.Inputs.Count || body.Outputs.Count != node.Outputs.Count))
            problems.Add($"Node '{node.Name}' (Scan) has {node.Inputs.Count} inputs and {node.Outputs.Count} outputs, but its body has "
                + $"{body.Inputs.Count} and {body.Outputs.Count}.");
        if (node.Operator == "If" && (body.Inputs.Count != 0 || body.Outputs.Count != node.Outputs.Count))
            problems.Add($"Node '{node.Name}' (If) has {node.Outputs.Count} outputs, but a branch has {body.Outputs.Count}, and "
                + $"{body.Inputs.Count} inputs where none are allowed.");
    }

    private static void CheckSize(OnnxTensor tensor, List<string> problems)
    {
        bool isText = tensor.Type == OnnxType.String;
        // Shapes are anybody's: their product may be beyond every integer.
        double expected = tensor.Shape.Aggregate(isText ? 1.0 : OnnxTensor.SizeOf(tensor.Type), (a, b) => a * b);
        long found = isText ? tensor.Texts.Count : tensor.Bytes.Length;
        if (expected != found || tensor.Shape.Any(length => length < 0))
            problems.Add($"Initializer '{tensor.Name}' of {tensor.Type} [{string.Join(", ", tensor.Shape)}] has {found} bytes or texts, "
                + $"not {expected}.");
    }
}
