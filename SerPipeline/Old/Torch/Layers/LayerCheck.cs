using SerPipeline.Old.Torch.Native;


namespace SerPipeline.Old.Torch.Layers;

/// <summary>Checks of what layers are built with.</summary>
internal static class LayerCheck
{
    public static void Channels(string layer, int input, int output, int groups)
    {
        TensorCheck.Positive(layer, "inputChannels", input);
        TensorCheck.Positive(layer, "outputChannels", output);
        TensorCheck.Positive(layer, "groups", groups);
        if (input % groups != 0 || output % groups != 0)
            throw TensorCheck.Fail(layer, "groups", $"a divisor of the channels {input} and {output}", $"{groups}");
    }

    public static void Probability(string layer, string argument, double value)
    {
        if (value is not (>= 0 and < 1)) throw TensorCheck.Fail(layer, argument, "at least 0 and below 1", $"{value}");
    }
}
