using SerPipeline.Old.Torch;
using SerPipeline.Old.Torch.Layers;


namespace SerPipeline.Tests.Old.Torch;

/// <summary>Values and comparisons shared by the tests of tensors and layers.</summary>
internal static class Draw
{
    /// <summary>Standard normal values.</summary>
    public static float[] Normal(long seed, long count)
    {
        var random = new SeededRandom(seed);
        float[] values = new float[count];
        for (int i = 0; i < values.Length; i++) values[i] = (float)random.NextNormal();
        return values;
    }

    /// <summary>Values 0.1 apart in random order, none within 0.05 of 0: small changes cross no kink and no tie.</summary>
    public static float[] Separated(long seed, int count)
    {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) values[i] = (0.1f * (i - (count / 2))) + 0.05f;
        new SeededRandom(seed).Shuffle<float>(values);
        return values;
    }

    public static int Count(ReadOnlySpan<long> shape)
    {
        int count = 1;
        foreach (long length in shape) count *= (int)length;
        return count;
    }
}

internal static class Near
{
    /// <summary>Every element within the tolerance, relative to the larger of 1 and the expected magnitude.</summary>
    public static void Equal(ReadOnlySpan<double> expected, ReadOnlySpan<float> actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            double bound = tolerance * Math.Max(1, Math.Abs(expected[i]));
            Assert.True(Math.Abs(expected[i] - actual[i]) <= bound, $"element {i}: expected {expected[i]:R}, got {actual[i]:R}, tolerance {bound:R}");
        }
    }

    public static void Equal(double[] expected, Tensor actual, double tolerance) => Equal(expected, actual.ToFloats(), tolerance);
}

internal static class Numbers
{
    public static double[] ToDoubles(this float[] values) => Array.ConvertAll(values, value => (double)value);

    public static float[] Values(this Module module, string parameter) => module.StateDict()[parameter].ToFloats();
}
