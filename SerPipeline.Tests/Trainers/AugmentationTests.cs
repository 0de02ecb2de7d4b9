using SerPipeline.Networks;
using SerPipeline.Trainers;
using TorchSharp;
using static TorchSharp.torch;

namespace SerPipeline.Tests.Trainers;

public sealed class AugmentationTests
{
    private const int Height = 9, Width = 31;

    [Fact]
    public void A_roll_turns_every_row_by_the_same_number_of_frames_within_the_bound()
    {
        var seen = new HashSet<int>();
        for (int seed = 0; seed < 300; seed++)
        {
            float[] image = Image(), rolled = [.. image];
            SpectrogramAugmentation.Apply(rolled, Width, None with { TimeRollFrames = 4 }, new SeededRandom(seed));
            int shift = Array.IndexOf(rolled, image[0]);
            for (int y = 0; y < Height; y++)
                for (int x = 0; x < Width; x++)
                    Assert.Equal(image[(y * Width) + x], rolled[(y * Width) + ((x + shift) % Width)]);
            seen.Add(shift > Width / 2 ? shift - Width : shift);
        }
        Assert.Equal(Enumerable.Range(-4, 9), seen.Order());
    }

    [Fact]
    public void A_roll_further_than_the_image_is_wide_still_only_turns_it()
    {
        for (int seed = 0; seed < 50; seed++)
        {
            float[] image = Image(), rolled = [.. image];
            SpectrogramAugmentation.Apply(rolled, Width, None with { TimeRollFrames = 1000 }, new SeededRandom(seed));
            Assert.Equal(image.Order(), rolled.Order());
            Assert.Equal(image[..Width].Order(), rolled[..Width].Order());
        }
    }

    [Fact]
    public void Frequency_masks_clear_whole_rows_and_no_more_than_allowed()
    {
        int most = 0;
        for (int seed = 0; seed < 300; seed++)
        {
            float[] image = Image(), masked = [.. image];
            SpectrogramAugmentation.Apply(masked, Width, None with { FrequencyMasks = 2, FrequencyMaskBands = 3 }, new SeededRandom(seed));
            int[] cleared = [.. Enumerable.Range(0, Height).Where(y => masked[y * Width] == 0)];
            for (int y = 0; y < Height; y++)
                Assert.Equal(cleared.Contains(y) ? new float[Width] : image[(y * Width)..((y + 1) * Width)],
                    masked[(y * Width)..((y + 1) * Width)]);
            Assert.InRange(cleared.Length, 0, 6);
            most = Math.Max(most, cleared.Length);
        }
        Assert.Equal(6, most);
    }

    [Fact]
    public void Time_masks_clear_whole_columns_and_no_more_than_allowed()
    {
        int most = 0;
        for (int seed = 0; seed < 300; seed++)
        {
            float[] image = Image(), masked = [.. image];
            SpectrogramAugmentation.Apply(masked, Width, None with { TimeMasks = 1, TimeMaskFrames = 5 }, new SeededRandom(seed));
            int[] cleared = [.. Enumerable.Range(0, Width).Where(x => masked[x] == 0)];
            for (int i = 0; i < image.Length; i++) Assert.Equal(cleared.Contains(i % Width) ? 0 : image[i], masked[i]);
            Assert.InRange(cleared.Length, 0, 5);
            Assert.True(cleared.Length == 0 || cleared[^1] - cleared[0] == cleared.Length - 1);
            most = Math.Max(most, cleared.Length);
        }
        Assert.Equal(5, most);
    }

    [Fact]
    public void Masks_larger_than_the_image_and_images_of_one_pixel_are_no_trouble()
    {
        for (int seed = 0; seed < 50; seed++)
        {
            var options = new SpectrogramAugmentationOptions
            {
                TimeRollFrames = 3,
                FrequencyMasks = 3,
                FrequencyMaskBands = 100,
                TimeMasks = 3,
                TimeMaskFrames = 100
            };
            SpectrogramAugmentation.Apply(Image(), Width, options, new SeededRandom(seed));
            SpectrogramAugmentation.Apply(new float[1], 1, options, new SeededRandom(seed));
        }
        float[] untouched = Image();
        SpectrogramAugmentation.Apply(untouched, Width, None, new SeededRandom(1));
        Assert.Equal(Image(), untouched);
    }

    // Beta(a, a) has mean 1/2 and variance 1 / (4 (2a + 1)). The standard error of a mean of 40,000 draws is at most 0.5 / 200 = 0.0025:
    // four of them.
    [Theory]
    [InlineData(0.05)]
    [InlineData(0.3)]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(50)]
    public void Beta_draws_have_the_mean_and_variance_of_their_distribution(double alpha)
    {
        var random = new SeededRandom(12);
        double[] draws = [.. Enumerable.Range(0, 40_000).Select(_ => SpectrogramAugmentation.Beta(alpha, random))];
        Assert.All(draws, d => Assert.InRange(d, 0, 1));
        double mean = draws.Average(), variance = draws.Average(d => (d - mean) * (d - mean)), expected = 1 / (4 * ((2 * alpha) + 1));
        Assert.Equal(0.5, mean, 0.01);
        // The squared deviation lies in [0, 1/4] with a deviation below its own mean's double: 4 % is more than four standard errors.
        Assert.InRange(variance / expected, 0.96, 1.04);
    }

    [Fact]
    public void Mixed_examples_share_one_weight_and_each_targets_shares_sum_to_one()
    {
        using ExampleStore store = Store(classes: 3, examples: 12);
        var reader = Reader(store, None with { MixupAlpha = 0.4 });
        for (int seed = 0; seed < 40; seed++)
        {
            using DisposeScope scope = NewDisposeScope();
            Batch batch = reader.ReadAugmented(Enumerable.Range(0, 12).ToArray(), new SeededRandom(seed));
            Assert.Equal([12, 3], batch.Target.shape);
            float[][] shares = [.. batch.Target.data<float>().ToArray().Chunk(3)];
            for (int i = 0; i < 12; i++)
            {
                Assert.Equal(1, shares[i].Sum(), 1e-6);
                Assert.All(shares[i], s => Assert.InRange(s, 0, 1));
                // The class counted as right is one that has the larger part; the pixels are mixed with the same weight as the target.
                Assert.Equal(shares[i].Max(), shares[i][batch.Labels[i]]);
            }
            // Each example is a constant image whose level says its class: so the pixel must be the shares' mean of levels.
            float[] pixels = batch.Input.data<float>().ToArray();
            for (int i = 0; i < 12; i++)
                Assert.Equal(shares[i].Select((s, c) => s * Level(c)).Sum(), pixels[i * 6], 1e-5);
        }
    }

    [Fact]
    public void Without_mixing_a_batch_is_the_examples_and_their_classes()
    {
        using ExampleStore store = Store(classes: 3, examples: 5);
        var reader = Reader(store, None);
        using DisposeScope scope = NewDisposeScope();
        foreach (Batch batch in new[] { reader.Read([4, 0, 2]), reader.ReadAugmented([4, 0, 2], new SeededRandom(1)) })
        {
            Assert.Equal([3, 1, 2, 3], batch.Input.shape);
            Assert.Equal([1L, 0, 2], batch.Target.data<long>().ToArray());
            Assert.Equal(new[] { 1, 0, 2 }.SelectMany(c => Enumerable.Repeat(Level(c), 6)), batch.Input.data<float>().ToArray());
        }
    }

    private static BatchReader Reader(ExampleStore store, SpectrogramAugmentationOptions augmentation)
    {
        TorchEngine.Start();
        return new BatchReader(store, new ImageEncoder(2, 3, augmentation), classes: 3, CPU);
    }

    private static SpectrogramAugmentationOptions None => SpectrogramAugmentationOptions.None;

    private static float Level(int label) => ((label * 50) - 127.5f) * (1 / 63.75f);

    private static ExampleStore Store(int classes, int examples)
    {
        var store = new ExampleStore(6);
        for (int i = 0; i < examples; i++) store.Add(Enumerable.Repeat((byte)(i % classes * 50), 6).ToArray(), i % classes, "");
        return store;
    }

    // Every pixel its own value, and none of them 0.
    private static float[] Image() => [.. Enumerable.Range(1, Height * Width).Select(i => (float)i)];
}
