namespace SerPipeline.Old.Torch;

/// <summary>
/// Gives an LSTM of few units more of them, whose weights and biases are zero, so that they stay at zero and change nothing. Without recorded gradients libtorch takes
/// oneDNN's inference kernel (3.7.1), which on some processors (AMD EPYC family 26 among them) gives wrong values below 20 units, without an error.
/// </summary>
internal static class LstmPadding
{
    /// <summary>The least units that are computed as they are.</summary>
    public const long LeastUnits = 32;

    /// <summary>The weights of one direction after another, for <see cref="LeastUnits"/> units.</summary>
    /// <param name="weights">weight_ih [4h, in], weight_hh [4h, h], bias_ih [4h], bias_hh [4h], for each direction.</param>
    /// <param name="hidden">h.</param>
    public static IReadOnlyList<Tensor> Pad(IReadOnlyList<Tensor> weights, long hidden)
    {
        long more = LeastUnits - hidden;
        return [.. weights.Select((weight, i) => i % 4 == 1 ? Gates(Zeros.Append(weight, 1, more), hidden, more) : Gates(weight, hidden, more))];
    }

    /// <summary>What the units proper gave: [..., directions × padded] to [..., directions × h].</summary>
    public static Tensor Crop(Tensor output, long hidden, int directions)
    {
        Tensor[] parts = [.. Enumerable.Range(0, directions).Select(d => output.Narrow(-1 + (int)output.Rank, d * LeastUnits, hidden))];
        return directions == 1 ? parts[0] : Tensor.Cat(parts, (int)output.Rank - 1);
    }

    // [4h, ...] to [4 padded, ...]: the four gates lie one after another.
    private static Tensor Gates(Tensor weight, long hidden, long more)
    {
        long[] rest = [.. weight.Shape[1..]];
        return Zeros.Append(weight.Reshape([4, hidden, .. rest]), 1, more).Reshape([4 * (hidden + more), .. rest]);
    }
}
