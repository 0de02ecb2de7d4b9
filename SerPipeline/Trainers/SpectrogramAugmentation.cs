namespace SerPipeline.Trainers;

/// <summary>What is done to training images, anew at each epoch. Validation and test images are never touched.</summary>
public sealed record SpectrogramAugmentationOptions
{
    /// <summary>Nothing is done.</summary>
    public static SpectrogramAugmentationOptions None { get; } = new()
    {
        TimeRollFrames = 0,
        FrequencyMasks = 0,
        TimeMasks = 0,
        MixupAlpha = 0,
        SpeedPerturbation = 0,
        TimeStretch = 0,
        FrequencyWarp = 0,
    };

    /// <summary>The defaults, and speed perturbation.</summary>
    public static SpectrogramAugmentationOptions Full { get; } = new() { SpeedPerturbation = 0.1 };

    /// <summary>The options of a level.</summary>
    /// <param name="level">How much is done.</param>
    public static SpectrogramAugmentationOptions Of(AugmentationLevel level) => level switch
    {
        AugmentationLevel.None => None,
        AugmentationLevel.Masks => new(),
        AugmentationLevel.Full => Full,
        _ => throw new ArgumentOutOfRangeException(nameof(level), level, "Expected None, Masks or Full."),
    };

    /// <summary>An image is rolled in time by up to this many frames to either side.</summary>
    public int TimeRollFrames { get; init; } = 20;

    /// <summary>Bands of rows set to the mean (SpecAugment, Park et al. 2019).</summary>
    public int FrequencyMasks { get; init; } = 1;

    /// <summary>Each such band covers up to this many rows.</summary>
    public int FrequencyMaskBands { get; init; } = 8;

    /// <summary>Stretches of frames set to the mean (SpecAugment).</summary>
    public int TimeMasks { get; init; } = 1;

    /// <summary>Each such stretch covers up to this many frames.</summary>
    public int TimeMaskFrames { get; init; } = 25;

    /// <summary>
    /// Images are mixed in pairs with a weight drawn from Beta(alpha, alpha) (mixup, Zhang et al. 2018); 0 for no mixing.
    /// </summary>
    public double MixupAlpha { get; init; } = 0.3;

    /// <summary>
    /// A clip is made to look as if played at a speed drawn from 1 - r to 1 + r: time is stretched, and the mel bands are moved with it; 0
    /// for none (speed perturbation, Ko et al. 2015).
    /// The image must be as the chain's own: rows are Slaney mels, the lowest at the bottom.
    /// </summary>
    public double SpeedPerturbation { get; init; }

    /// <summary>Time alone is stretched by a further factor drawn from 1 - r to 1 + r; 0 for none.</summary>
    public double TimeStretch { get; init; }

    /// <summary>
    /// Frequency alone is multiplied by a further factor drawn from 1 - r to 1 + r; 0 for none (vocal tract length perturbation, Jaitly and
    /// Hinton 2013).
    /// </summary>
    public double FrequencyWarp { get; init; }

    /// <summary>The lower end of the lowest band, which the warp of frequencies must know. Default 40 Hz, as in LogMelOptions.</summary>
    public double LowHz { get; init; } = 40;

    /// <summary>The upper end of the highest band. Default 7600 Hz, as in LogMelOptions.</summary>
    public double HighHz { get; init; } = 7600;

    internal bool Warps => SpeedPerturbation > 0 || TimeStretch > 0 || FrequencyWarp > 0;

    internal void Check(OptionsCheck check, string owner)
    {
        foreach ((string name, int value) in new[]
        {
            (nameof(TimeRollFrames), TimeRollFrames), (nameof(FrequencyMasks), FrequencyMasks),
                (nameof(FrequencyMaskBands), FrequencyMaskBands),
            (nameof(TimeMasks), TimeMasks), (nameof(TimeMaskFrames), TimeMaskFrames),
        })
            check.Require(value is >= 0 and <= 100_000, value, "be between 0 and 100000", $"{owner}.{name}");
        foreach ((string name, double value) in new[] { (nameof(SpeedPerturbation), SpeedPerturbation), (nameof(TimeStretch), TimeStretch),
            (nameof(FrequencyWarp), FrequencyWarp) })
            check.Require(value is >= 0 and <= 0.5, value, "be between 0 and 0.5", $"{owner}.{name}");
        check.Require(LowHz >= 0 && LowHz < HighHz, LowHz, "be at least 0 Hz and below HighHz", $"{owner}.{nameof(LowHz)}")
            .Require(double.IsFinite(HighHz), HighHz, "be a finite number of Hz", $"{owner}.{nameof(HighHz)}");
        check.Require(MixupAlpha is >= 0 and <= 100, MixupAlpha, "be between 0 and 100", $"{owner}.{nameof(MixupAlpha)}");
    }
}

/// <summary>Changes one training image in place.</summary>
internal static class SpectrogramAugmentation
{
    /// <param name="image">Pixels as floats around 0, [height, width].</param>
    /// <param name="width">Frames.</param>
    /// <param name="options">What to do.</param>
    /// <param name="random">The draws of this image in this epoch.</param>
    public static void Apply(Span<float> image, int width, SpectrogramAugmentationOptions options, SeededRandom random)
    {
        int height = image.Length / width;
        if (options.TimeRollFrames > 0) Roll(image, height, width, random.Next(-options.TimeRollFrames, options.TimeRollFrames + 1));
        for (int i = 0; i < options.FrequencyMasks; i++)
        {
            (int start, int length) = Stretch(height, options.FrequencyMaskBands, random);
            image.Slice(start * width, length * width).Clear();
        }
        for (int i = 0; i < options.TimeMasks; i++)
        {
            (int start, int length) = Stretch(width, options.TimeMaskFrames, random);
            for (int y = 0; y < height; y++) image.Slice((y * width) + start, length).Clear();
        }
    }

    /// <summary>A draw from Beta(alpha, alpha), as a quotient of two gamma draws.</summary>
    public static double Beta(double alpha, SeededRandom random)
    {
        double a = Gamma(alpha, random), b = Gamma(alpha, random);
        return a + b > 0 ? a / (a + b) : 0.5;
    }

    private static (int Start, int Length) Stretch(int size, int longest, SeededRandom random)
    {
        int length = random.Next(Math.Min(longest, size) + 1);
        return (random.Next(size - length + 1), length);
    }

    private static void Roll(Span<float> image, int height, int width, int frames)
    {
        int shift = ((frames % width) + width) % width;
        if (shift == 0) return;
        for (int y = 0; y < height; y++)
        {
            // Three reversals turn a row by any number of places without a copy.
            Span<float> row = image.Slice(y * width, width);
            row.Reverse();
            row[..shift].Reverse();
            row[shift..].Reverse();
        }
    }

    // Marsaglia and Tsang 2000; below 1 through Gamma(a) = Gamma(a + 1) U^(1/a).
    private static double Gamma(double shape, SeededRandom random)
    {
        if (shape < 1) return Gamma(shape + 1, random) * Math.Pow(1 - random.NextDouble(), 1 / shape);
        double d = shape - (1.0 / 3), c = 1 / Math.Sqrt(9 * d);
        while (true)
        {
            double x = random.NextNormal(), v = 1 + (c * x);
            if (v <= 0) continue;
            v = v * v * v;
            double u = 1 - random.NextDouble();
            if (Math.Log(u) < (0.5 * x * x) + d - (d * v) + (d * Math.Log(v))) return d * v;
        }
    }
}
