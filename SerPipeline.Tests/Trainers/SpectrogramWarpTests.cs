using SerPipeline.Features;
using SerPipeline.Trainers;

namespace SerPipeline.Tests.Trainers;

/// <summary>Speed perturbation within the image, against what the same change of the audio gives.</summary>
public sealed class SpectrogramWarpTests
{
    private const int Height = 64, Width = 200;
    private const double LowHz = 40, HighHz = 7600;

    [Fact]
    public void A_factor_of_one_changes_nothing()
    {
        float[] image = [.. Enumerable.Range(0, Height * Width).Select(i => (float)Math.Sin(i))], warped = [.. image];
        new SpectrogramWarp(Height, Width, LowHz, HighHz).Apply(warped, 1, 1, -2);
        for (int i = 0; i < image.Length; i++) Assert.Equal(image[i], warped[i], 1e-5);
    }

    // A frame at distance d from the middle comes to lie at d over the factor.
    [Theory]
    [InlineData(1.25)]
    [InlineData(0.8)]
    public void Time_is_stretched_about_the_middle_and_silence_comes_in_from_outside(double factor)
    {
        var image = new float[Height * Width];
        for (int y = 0; y < Height; y++)
            for (int x = 0; x < Width; x++) image[(y * Width) + x] = x;
        new SpectrogramWarp(Height, Width, LowHz, HighHz).Apply(image, factor, 1, -2);
        for (int x = 0; x < Width; x++)
        {
            double source = ((Width - 1) / 2.0) + ((x - ((Width - 1) / 2.0)) * factor);
            if (source is >= 0 and <= Width - 1) Assert.Equal(source, image[(30 * Width) + x], 1e-3);
            else if (source is <= -1 or >= Width) Assert.Equal(-2, image[(30 * Width) + x]);
        }
    }

    // The log-mel spectrum of a tone of 1.1 f is the warped one of a tone of f: where both peak is the test; half a band of tolerance, as
    // peaks sit on whole bands.
    [Theory]
    [InlineData(400, 1.1)]
    [InlineData(1500, 1.1)]
    [InlineData(3000, 0.9)]
    [InlineData(900, 0.85)]
    public void A_tone_moves_to_the_band_of_its_new_pitch(double hz, double factor)
    {
        (float[] image, int frames) = ImageOf(hz);
        (float[] expected, _) = ImageOf(hz * factor);
        new SpectrogramWarp(Height, frames, LowHz, HighHz).Apply(image, 1, factor, -2);
        Assert.InRange(Centre(image, frames) - Centre(expected, frames), -0.5, 0.5);
    }

    [Fact]
    public void Training_images_differ_from_epoch_to_epoch_and_the_vector_beside_them_does_not()
    {
        var options = SpectrogramAugmentationOptions.None with { SpeedPerturbation = 0.1, TimeStretch = 0.05, FrequencyWarp = 0.05 };
        var encoder = new ImageAndVectorEncoder(new ImageEncoder(16, 20, options), new VectorEncoder(3));
        Assert.Equal((16 * 20) + 12, encoder.RowBytes);
        var row = new byte[encoder.RowBytes];
        for (int i = 0; i < 320; i++) row[i] = (byte)(i * 7);
        new byte[] { 0, 0, 128, 63, 0, 0, 0, 64, 0, 0, 64, 64 }.CopyTo(row, 320);     // 1, 2, 3 as floats
        float[] plain = new float[323], first = new float[323], second = new float[323];
        foreach (float[] values in new[] { plain, first, second }) encoder.Encode(row, values);
        encoder.Augment(first, new SeededRandom(1));
        encoder.Augment(second, new SeededRandom(2));
        foreach (float[] values in new[] { plain, first, second }) Assert.Equal([1, 2, 3], values[320..]);
        Assert.NotEqual(plain, first);
        Assert.NotEqual(first, second);
        // Interpolation makes no value that was not between two others, or silence.
        Assert.All(first[..320], v => Assert.InRange(v, -2.00001f, 2.00001f));
    }

    [Fact]
    public void Half_of_the_training_images_are_copies_and_no_other_image_is()
    {
        var encoder = new ImageEncoder(4, 5, SpectrogramAugmentationOptions.None, copies: 2);
        var row = new byte[encoder.RowBytes];
        foreach (int image in (int[])[0, 1, 2]) encoder.Pack(image, [.. Enumerable.Repeat(50f * image, 20)], row);
        var random = new SeededRandom(1);
        var values = new float[20];
        var seen = new int[3];
        for (int i = 0; i < 4000; i++)
        {
            encoder.Encode(row, values, random);
            Assert.Single(values.Distinct());
            seen[(int)Math.Round(((values[0] / ImageEncoder.Scale) + ImageEncoder.Center) / 50)]++;
            encoder.Encode(row, values);
            Assert.All(values, value => Assert.Equal((0 - ImageEncoder.Center) * ImageEncoder.Scale, value));
        }
        // Half, and two quarters; within four deviations.
        Assert.InRange(seen[0], 2000 - 127, 2000 + 127);
        foreach (int copy in seen[1..]) Assert.InRange(copy, 1000 - 110, 1000 + 110);
    }

    [Fact]
    public void Levels_of_augmentation_are_what_they_say()
    {
        Assert.Equal(SpectrogramAugmentationOptions.None, SpectrogramAugmentationOptions.Of(AugmentationLevel.None));
        Assert.Equal(new SpectrogramAugmentationOptions(), SpectrogramAugmentationOptions.Of(AugmentationLevel.Masks));
        Assert.Equal(0, new SpectrogramAugmentationOptions().SpeedPerturbation);
        Assert.True(SpectrogramAugmentationOptions.Of(AugmentationLevel.Full).SpeedPerturbation > 0);
        Assert.Throws<ArgumentOutOfRangeException>(() => SpectrogramAugmentationOptions.Of((AugmentationLevel)9));
    }

    // Rows from the highest band down, as images have them.
    private static (float[] Image, int Frames) ImageOf(double hz)
    {
        float[] tone = [.. Enumerable.Range(0, 8000).Select(i => (float)(0.3 * Math.Sin(2 * Math.PI * hz * i / 16000)))];
        FrameMatrix frames = new LogMelExtractor(new LogMelOptions()).Extract(tone);
        int count = frames.Values.Length / Height;
        var image = new float[frames.Values.Length];
        for (int band = 0; band < Height; band++) Array.Copy(frames.Values, band * count, image, (Height - 1 - band) * count, count);
        return (image, count);
    }

    // The strongest row of the middle frame, refined by a parabola through it and its neighbours.
    private static double Centre(float[] image, int frames)
    {
        double[] column = [.. Enumerable.Range(0, Height).Select(y => (double)image[(y * frames) + (frames / 2)])];
        int best = Array.IndexOf(column, column.Max());
        if (best is 0 or Height - 1) return best;
        double left = column[best - 1], right = column[best + 1];
        return best + (0.5 * (left - right) / (left - (2 * column[best]) + right));
    }
}
