using SerPipeline.Old.Torch;
using SerPipeline.Old.Torch.Layers;


namespace SerPipeline.Old.Trainers;

/// <summary>Gives a network the first weights that another library would draw for it. Draws are this library's own; distributions are the other's.</summary>
internal static class NetworkInitialization
{
    /// <summary>
    /// As Keras: kernels Glorot uniform (Glorot and Bengio 2010), biases 0; an LSTM's recurrent kernel orthogonal (Saxe et al. 2014) and its forget gate's bias 1
    /// (Jozefowicz et al. 2015). Keras' LSTM has one bias a gate where PyTorch's has two that are added: the second stays 0 and is not trained.
    /// </summary>
    public static void AsKeras(Module network, SeededRandom random)
    {
        foreach ((string name, Module layer) in network.Children)
        {
            SeededRandom own = random.Fork(name);
            switch (layer)
            {
                case Linear linear:
                    Fill(linear.Weight, own, Initializers.GlorotBound(linear.Weight.Value.Size(1), linear.Weight.Value.Size(0)));
                    Zero(linear.Bias!);
                    break;
                case Conv1d conv:
                    long kernel = conv.Weight.Value.Size(2);
                    Fill(conv.Weight, own, Initializers.GlorotBound(conv.Weight.Value.Size(1) * kernel, conv.Weight.Value.Size(0) * kernel));
                    Zero(conv.Bias!);
                    break;
                case LSTM lstm:
                    Lstm(lstm, own);
                    break;
                default:
                    AsKeras(layer, own);
                    break;
            }
        }
    }

    /// <summary>As scikit-learn's MLPClassifier with ReLU: weights and biases uniform within the Glorot bound √(6 / (fanIn + fanOut)) of their layer (with logistic units it takes 2 for 6).</summary>
    public static void AsScikitLearn(Module network, SeededRandom random)
    {
        foreach ((string name, Module layer) in network.Children)
        {
            if (layer is not Linear linear) continue;
            SeededRandom own = random.Fork(name);
            double bound = Initializers.GlorotBound(linear.Weight.Value.Size(1), linear.Weight.Value.Size(0));
            Fill(linear.Weight, own, bound);
            Fill(linear.Bias!, own, bound);
        }
    }

    private static void Lstm(LSTM lstm, SeededRandom random)
    {
        Dictionary<string, Parameter> parameters = lstm.NamedParameters().ToDictionary(StringComparer.Ordinal);
        Parameter input = parameters["weight_ih_l0"], recurrent = parameters["weight_hh_l0"], bias = parameters["bias_ih_l0"], second = parameters["bias_hh_l0"];
        int hidden = (int)recurrent.Value.Size(1);
        Fill(input, random.Fork("kernel"), Initializers.GlorotBound(input.Value.Size(1), input.Value.Size(0)));
        recurrent.Value.Assign(Initializers.Orthogonal(random.Fork("recurrent"), 4 * hidden, hidden));
        // Gates in the order input, forget, cell, output.
        bias.Value.Assign([.. Enumerable.Range(0, 4 * hidden).Select(i => i / hidden == 1 ? 1f : 0f)]);
        Zero(second);
        second.RequiresGrad = false;
    }

    private static void Fill(Parameter parameter, SeededRandom random, double bound)
    {
        using Tensor drawn = Initializers.Uniform(random, bound, parameter.Value.Shape);
        parameter.Value.Assign(drawn.ToFloats());
    }

    private static void Zero(Parameter parameter) => parameter.Value.Assign(new float[parameter.Value.ElementCount]);
}
