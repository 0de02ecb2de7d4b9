namespace SerPipeline.Old.Torch;

/// <summary>A height and a width; a single number stands for both.</summary>
/// <param name="Height">Along the rows.</param>
/// <param name="Width">Along the columns.</param>
public readonly record struct Size2d(int Height, int Width)
{
    /// <summary>The same number both ways.</summary>
    /// <param name="both">Height and width.</param>
    public static implicit operator Size2d(int both) => new(both, both);

    /// <summary>The same number both ways.</summary>
    /// <param name="both">Height and width.</param>
    public static Size2d FromInt32(int both) => new(both, both);

    internal long[] ToArray() => [Height, Width];
}
