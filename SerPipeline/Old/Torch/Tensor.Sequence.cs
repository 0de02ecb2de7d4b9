using SerPipeline.Old.Torch.Native;


namespace SerPipeline.Old.Torch;

public sealed partial class Tensor
{
    /// <summary>One layer of a long short-term memory network over [N, T, features], starting from zeros.</summary>
    /// <param name="weights">One direction: weight_ih [4h, in], weight_hh [4h, h], bias_ih [4h], bias_hh [4h]; the same four again for the backward direction.</param>
    /// <returns>The outputs [N, T, directions × h], and the last hidden and cell states [directions, N, h].</returns>
    public (Tensor Output, Tensor Hidden, Tensor Cell) Lstm(IReadOnlyList<Tensor> weights)
    {
        TensorCheck.Type("lstm", "input", this, ScalarType.Float32);
        TensorCheck.Rank("lstm", "input", this, 3, "[N, T, features]");
        if (Size(0) < 1 || Size(1) < 1) throw TensorCheck.Fail("lstm", "input", "of at least one item and one frame", ToString());
        RequireNoNull(weights);
        foreach (Tensor weight in weights) TensorCheck.Type("lstm", "weights", weight, ScalarType.Float32);
        if (weights.Count is not (4 or 8)) throw TensorCheck.Fail("lstm", "weights", "4 tensors a direction", $"{weights.Count}");
        long hidden = weights[1].Rank == 2 ? weights[1].Size(1) : 0;
        for (int i = 0; i < weights.Count; i += 4)
        {
            TensorCheck.Shape("lstm", "weight_ih", weights[i], 4 * hidden, Size(2));
            TensorCheck.Shape("lstm", "weight_hh", weights[i + 1], 4 * hidden, hidden);
            TensorCheck.Shape("lstm", "bias_ih", weights[i + 2], 4 * hidden);
            TensorCheck.Shape("lstm", "bias_hh", weights[i + 3], 4 * hidden);
        }
        if (hidden >= LstmPadding.LeastUnits) return CallLstm(weights, hidden);
        using var scope = TensorScope.New();
        (Tensor output, Tensor state, Tensor cell) = CallLstm(LstmPadding.Pad(weights, hidden), LstmPadding.LeastUnits);
        return (scope.MoveToOuter(LstmPadding.Crop(output, hidden, weights.Count / 4)), scope.MoveToOuter(LstmPadding.Crop(state, hidden, 1)), scope.MoveToOuter(LstmPadding.Crop(cell, hidden, 1)));
    }

    private (Tensor Output, Tensor Hidden, Tensor Cell) CallLstm(IReadOnlyList<Tensor> weights, long hidden)
    {
        bool bidirectional = weights.Count == 8;
        using Tensor zeros = Zeros(bidirectional ? 2 : 1, Size(0), hidden);
        var call = new OperatorCall("aten::lstm"u8, "input"u8);
        call.Push(this);
        call.Push([zeros, zeros]);
        call.Push(weights);
        call.Push(true);
        call.Push(1L);
        call.Push(0.0);
        call.Push(false);
        call.Push(bidirectional);
        call.Push(true);
        Tensor[] results = call.Run(3);
        return (results[0], results[1], results[2]);
    }

    /// <summary>softmax(q kᵀ / √e) v with this as q: attention of every query to every key (Vaswani et al. 2017).</summary>
    /// <param name="key">[..., S, e] for this of shape [..., T, e].</param>
    /// <param name="value">[..., S, v].</param>
    /// <param name="attend">bool, broadcasting with [..., T, S]: false where a key must not be attended to; or null. Every query needs one key.</param>
    /// <returns>[..., T, v].</returns>
    public Tensor ScaledDotProductAttention(Tensor key, Tensor value, Tensor? attend = null)
    {
        const string operation = "scaled_dot_product_attention";
        TensorCheck.Floating(operation, "query", this);
        TensorCheck.Rank(operation, "query", this, 3, 4, "[..., T, e]");
        TensorCheck.SameType(operation, "key", key, this);
        TensorCheck.SameType(operation, "value", value, this);
        TensorCheck.Shape(operation, "key", key, [.. Shape[..^2], key.Rank < 2 ? 0 : key.Size(-2), Size(-1)]);
        TensorCheck.Shape(operation, "value", value, [.. Shape[..^2], key.Size(-2), value.Rank < 1 ? 0 : value.Size(-1)]);
        if (attend is not null) CheckAttend(operation, attend, [.. Shape[..^1], key.Size(-2)]);
        var call = new OperatorCall("aten::scaled_dot_product_attention"u8, default);
        call.Push(this);
        call.Push(key);
        call.Push(value);
        call.PushOptional(attend);
        call.Push(0.0);
        call.Push(false);
        call.PushNone();
        call.Push(false);
        return call.Run();
    }

    private static void CheckAttend(string operation, Tensor attend, long[] scores)
    {
        TensorCheck.Type(operation, "attend", attend, ScalarType.Bool);
        bool fits = attend.Rank <= scores.Length;
        for (int i = 1; fits && i <= attend.Rank; i++) fits = attend.Shape[^i] == 1 || attend.Shape[^i] == scores[^i];
        if (!fits) throw TensorCheck.Fail(operation, "attend", $"broadcastable to [{string.Join(", ", scores)}]", attend.ToString());
    }
}
