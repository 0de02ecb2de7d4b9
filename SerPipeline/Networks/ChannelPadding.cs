using static TorchSharp.torch;

namespace SerPipeline.Networks;

/// <summary>
/// Fills the channels of a convolution up to a whole block with zeros, which changes no value. libtorch's oneDNN (3.7.1) computes in
/// blocks of 16 channels and fills the rest of a block itself, but on some processors (AMD EPYC family 26 among them) it leaves what was
/// in memory there: values and gradients then come out wrong, or NaN, without an error. Whole blocks have no rest. The work is the same:
/// the block is computed either way.
/// </summary>
internal static class ChannelPadding
{
    // The few channels of a first layer are read as they lie, without blocks; in bfloat16 only a single one.
    private const long Unblocked = 8;

    /// <summary>Whether nothing needs to be filled up.</summary>
    /// <param name="inputs">Channels of the input.</param>
    /// <param name="outputs">Channels of the output.</param>
    /// <param name="type">The arithmetic: in bfloat16 the gradient of the input is computed over blocks of twice the length.</param>
    public static bool Fits(long inputs, long outputs, ScalarType type) =>
        // Nothing learns from the gradient of the one channel of an image or a waveform; twice its outputs would be the dearest layer of
        // a network.
        outputs % (inputs == 1 ? 16 : Block(type)) == 0 && InputFits(inputs, type);

    /// <param name="input">[N, in, ...].</param>
    /// <param name="weight">[out, in, ...].</param>
    /// <param name="bias">[out], or null.</param>
    /// <returns>The three with channels that <see cref="Fits"/>; gradients pass through.</returns>
    public static (Tensor Input, Tensor Weight, Tensor? Bias) Pad(Tensor input, Tensor weight, Tensor? bias)
    {
        long inputs = weight.shape[1], outputs = weight.shape[0], block = Block(input.dtype), rest = (block - (outputs % block)) % block;
        if (!InputFits(inputs, input.dtype))
        {
            long more = 16 - (inputs % 16);
            input = Append(input, 1, more);
            weight = Append(weight, 1, more);
        }
        return rest == 0 ? (input, weight, bias) : (input, Append(weight, 0, rest), bias is null ? null : Append(bias, 0, rest));
    }

    private static bool InputFits(long inputs, ScalarType type) =>
        inputs <= (type == ScalarType.BFloat16 ? 1 : Unblocked) || inputs % 16 == 0;

    private static long Block(ScalarType type) => type == ScalarType.BFloat16 ? 32 : 16;

    private static Tensor Append(Tensor tensor, int dimension, long count)
    {
        long[] shape = tensor.shape;
        shape[dimension] = count;
        return cat([tensor, zeros(shape, dtype: tensor.dtype, device: tensor.device)], dimension);
    }
}
