namespace SerPipeline.Old.Torch.Layers;

/// <summary>Compares a saved state with the tensors it is to be loaded into.</summary>
internal static class StateDictCheck
{
    private const int ProblemsShown = 20;

    public static void ThrowUnlessFits(string owner, IReadOnlyDictionary<string, Tensor> targets, IReadOnlyDictionary<string, TensorData> state)
    {
        var problems = new List<string>();
        foreach ((string name, Tensor target) in targets)
        {
            if (!state.TryGetValue(name, out TensorData? data)) problems.Add($"missing: {name}, {target}");
            else if (data.Type != target.Type || !data.Shape.SequenceEqual(target.Shape)) problems.Add($"different: {name} is {data}, expected {target}");
        }
        problems.AddRange(state.Keys.Where(name => !targets.ContainsKey(name)).Select(name => $"unexpected: {name}, {state[name]}"));
        if (problems.Count == 0) return;
        string shown = string.Join(Environment.NewLine, problems.Take(ProblemsShown).Select(problem => "  " + problem));
        string more = problems.Count > ProblemsShown ? $"{Environment.NewLine}  and {problems.Count - ProblemsShown} more" : "";
        throw new ModelFormatException(
            $"The saved state does not fit the network {owner}:{Environment.NewLine}{shown}{more}{Environment.NewLine}Build the network with the options it was saved with.");
    }
}
