using SerPipeline.Old.Torch.Layers;


namespace SerPipeline.Old.Trainers;

/// <summary>Linear layers with ReLU and dropout between them.</summary>
internal static class MlpNetwork
{
    /// <summary>Weights and biases of such a network, before it is built; a double, for sizes that no memory holds.</summary>
    public static double ParameterCount(int inputs, IReadOnlyList<int> hidden, int classes)
    {
        double count = 0, width = inputs;
        foreach (int units in hidden.Append(classes))
        {
            count += (width + 1) * units;
            width = units;
        }
        return count;
    }

    /// <param name="inputs">Values of each example.</param>
    /// <param name="hidden">Units of each hidden layer.</param>
    /// <param name="classes">Outputs.</param>
    /// <param name="dropout">Dropout after each hidden layer.</param>
    /// <param name="random">Draws the first weights.</param>
    /// <returns>A network from [n, inputs] to scores [n, classes].</returns>
    public static Module Create(int inputs, IReadOnlyList<int> hidden, int classes, double dropout, SeededRandom random)
    {
        var layers = new List<(string, Module)>();
        int width = inputs;
        for (int i = 0; i < hidden.Count; i++)
        {
            layers.Add(($"hidden{i + 1}", new Linear(width, hidden[i], random.Fork("hidden", i))));
            layers.Add(($"relu{i + 1}", new ReLU()));
            layers.Add(($"dropout{i + 1}", new Dropout(dropout, random.Fork("dropout", i))));
            width = hidden[i];
        }
        layers.Add(("classifier", new Linear(width, classes, random.Fork("classifier"))));
        return new Sequential([.. layers]);
    }
}
