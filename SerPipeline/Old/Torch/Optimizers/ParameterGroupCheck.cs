using SerPipeline.Old.Torch.Native;


namespace SerPipeline.Old.Torch.Optimizers;

/// <summary>Checks what an optimizer is given to optimize.</summary>
internal static class ParameterGroupCheck
{
    /// <summary>The parameters of each group, once each: a layer used in two places of a network is stepped once, under its first name.</summary>
    /// <exception cref="TorchException">A setting is out of its range, a name stands for two parameters, a parameter is in two groups, or there is none.</exception>
    public static IReadOnlyList<(ParameterGroup Group, KeyValuePair<string, Parameter>[] Parameters)> Distinct(string optimizer, IEnumerable<ParameterGroup> groups)
    {
        var named = new Dictionary<string, Parameter>(StringComparer.Ordinal);
        var owners = new Dictionary<Parameter, ParameterGroup>(ReferenceEqualityComparer.Instance);
        var result = new List<(ParameterGroup, KeyValuePair<string, Parameter>[])>();
        foreach (ParameterGroup group in groups)
        {
            CheckSettings(optimizer, group);
            var own = new List<KeyValuePair<string, Parameter>>();
            foreach ((string name, Parameter parameter) in group.Parameters)
            {
                if (!named.TryAdd(name, parameter) && !ReferenceEquals(named[name], parameter))
                    throw TensorCheck.Fail(optimizer, "parameter names", "of one parameter each", $"'{name}' for two");
                if (owners.TryAdd(parameter, group)) own.Add(KeyValuePair.Create(name, parameter));
                else if (!ReferenceEquals(owners[parameter], group))
                    throw TensorCheck.Fail(optimizer, "groups", "without parameters in common", $"'{name}' in two");
            }
            result.Add((group, [.. own]));
        }
        if (owners.Count == 0) throw TensorCheck.Fail(optimizer, "groups", "of at least one parameter", "none");
        return result;
    }

    private static void CheckSettings(string optimizer, ParameterGroup group)
    {
        (string Name, double Value)[] settings = [(nameof(group.WeightDecay), group.WeightDecay), (nameof(group.LearningRateFactor), group.LearningRateFactor)];
        foreach ((string name, double value) in settings)
        {
            if (!double.IsFinite(value) || value < 0)
                throw TensorCheck.Fail(optimizer, name, "a finite number of at least 0", value.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }
    }
}
