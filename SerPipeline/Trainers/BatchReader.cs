using static TorchSharp.torch;

namespace SerPipeline.Trainers;

/// <summary>A mini-batch as tensors, which belong to the current dispose scope.</summary>
/// <param name="Input">[examples, ...].</param>
/// <param name="Target">Class positions [examples], or shares of each class [examples, classes] where examples are mixed.</param>
/// <param name="Labels">The class of each example; of a mixed one, that of its larger part.</param>
/// <param name="Shares">The values of <see cref="Target"/> where examples are mixed; else null.</param>
internal sealed record Batch(Tensor Input, Tensor Target, int[] Labels, float[]? Shares);

/// <summary>Puts mini-batches together.</summary>
internal sealed class BatchReader(ExampleStore store, ExampleEncoder encoder, int classes, Device device)
{
    private readonly byte[] _row = new byte[encoder.RowBytes];

    // Used again for every batch: arrays of this size are collected seldom, and would pile up.
    private float[] _values = [], _mixed = [];

    /// <summary>Examples as they are.</summary>
    public Batch Read(ReadOnlySpan<int> indices) => Plain(Encode(indices, null), LabelsOf(indices));

    /// <summary>Examples for training: augmented, and mixed in pairs where the encoder says so.</summary>
    public Batch ReadAugmented(ReadOnlySpan<int> indices, SeededRandom random)
    {
        Span<float> values = Encode(indices, random);
        int[] labels = LabelsOf(indices);
        if (encoder.MixupAlpha == 0 || indices.Length < 2) return Plain(values, labels);
        (float[] shares, int[] dominant) = Mix(values, labels, random);
        return new Batch(ToTensor(_mixed.AsSpan(0, values.Length), labels.Length),
            tensor(shares, [labels.Length, classes], device: device), dominant, shares);
    }

    private Batch Plain(Span<float> values, int[] labels) =>
        new(ToTensor(values, labels.Length), tensor((long[])[.. labels.Select(l => (long)l)], device: device), labels, null);

    private Span<float> Encode(ReadOnlySpan<int> indices, SeededRandom? augmentation)
    {
        int size = encoder.Values;
        Span<float> values = Room(ref _values, indices.Length * size);
        for (int i = 0; i < indices.Length; i++)
        {
            Span<float> target = values.Slice(i * size, size);
            store.Read(indices[i], _row);
            if (augmentation is null) encoder.Encode(_row, target);
            else encoder.Encode(_row, target, augmentation);
        }
        return values;
    }

    // mixup (Zhang et al. 2018): one weight a batch, each example with another of the same batch.
    private (float[] Shares, int[] Dominant) Mix(ReadOnlySpan<float> values, int[] labels, SeededRandom random)
    {
        var weight = (float)SpectrogramAugmentation.Beta(encoder.MixupAlpha, random);
        int[] partner = [.. Enumerable.Range(0, labels.Length)];
        random.Shuffle<int>(partner);
        int size = encoder.Values;
        Span<float> mixed = Room(ref _mixed, values.Length);
        var shares = new float[labels.Length * classes];
        var dominant = new int[labels.Length];
        for (int i = 0; i < labels.Length; i++)
        {
            ReadOnlySpan<float> a = values.Slice(i * size, size), b = values.Slice(partner[i] * size, size);
            Span<float> target = mixed.Slice(i * size, size);
            for (int j = 0; j < size; j++) target[j] = (weight * a[j]) + ((1 - weight) * b[j]);
            shares[(i * classes) + labels[i]] += weight;
            shares[(i * classes) + labels[partner[i]]] += 1 - weight;
            dominant[i] = weight >= 0.5f ? labels[i] : labels[partner[i]];
        }
        return (shares, dominant);
    }

    private int[] LabelsOf(ReadOnlySpan<int> indices) => Array.ConvertAll(indices.ToArray(), index => store.Labels[index]);

    // Over an array a tensor would lie where .NET put the array, and libtorch's products round by how their memory is aligned: its own lies
    // at a multiple of 64 bytes.
    private Tensor ToTensor(ReadOnlySpan<float> values, int examples)
    {
        Tensor batch = empty([examples, .. encoder.Shape]);
        MemoryMarshal.AsBytes(values).CopyTo(batch.bytes);
        return device.type == DeviceType.CPU ? batch : batch.to(device);
    }

    private static Span<float> Room(ref float[] buffer, int length)
    {
        if (buffer.Length < length) buffer = new float[length];
        return buffer.AsSpan(0, length);
    }
}
