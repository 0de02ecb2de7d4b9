using SerPipeline.Torch.Layers;

namespace SerPipeline.Trainers;

/// <summary>The size of <see cref="SpectrogramCnn"/>.</summary>
public sealed record SpectrogramCnnOptions
{
    /// <summary>Channels of each block; every block halves height and width.</summary>
    public IReadOnlyList<int> Channels { get; init; } = [16, 32, 64, 128];

    /// <summary>Dropout of whole channels after each block.</summary>
    public double ChannelDropout { get; init; } = 0.1;

    /// <summary>Hidden units of the attention over time.</summary>
    public int AttentionUnits { get; init; } = 64;

    /// <summary>Dropout before the last layer.</summary>
    public double Dropout { get; init; } = 0.4;

    internal void Check(OptionsCheck check, string owner) => check
        .Require(Channels is { Count: > 0 and <= 10 } && Channels.All(c => c is >= 1 and <= 4096), Channels?.Count ?? 0, "list 1 to 10 numbers of channels, each between 1 and 4096", $"{owner}.{nameof(Channels)}")
        .Require(ChannelDropout is >= 0 and < 1, ChannelDropout, "be at least 0 and below 1", $"{owner}.{nameof(ChannelDropout)}")
        .Require(AttentionUnits is >= 1 and <= 4096, AttentionUnits, "be between 1 and 4096", $"{owner}.{nameof(AttentionUnits)}")
        .Require(Dropout is >= 0 and < 1, Dropout, "be at least 0 and below 1", $"{owner}.{nameof(Dropout)}");
}

/// <summary>
/// A compact CNN over spectrogram images: blocks of 3x3 convolution, batch norm, 2x2 max pool and ReLU; then frequency and channels flattened,
/// attentive-statistics pooling over time (Okabe et al. 2018), and a linear layer.
/// </summary>
internal static class SpectrogramCnn
{
    /// <summary>Parameters of the convolutions and matrices alone, before they are built; a double, for sizes that no memory holds.</summary>
    public static double LeastParameters(int height, int classes, SpectrogramCnnOptions options)
    {
        double count = 0, channels = 1;
        foreach (int next in options.Channels)
        {
            count += 9 * channels * next;
            channels = next;
        }
        double features = channels * (height >> options.Channels.Count);
        return count + (features * options.AttentionUnits) + (2 * features * classes);
    }

    /// <summary>Requires that something of an image is left after every block has halved it.</summary>
    /// <exception cref="OptionsException">Nothing would be left.</exception>
    public static void CheckSize(int height, int width, SpectrogramCnnOptions options)
    {
        int halvings = options.Channels.Count;
        if (height >> halvings == 0 || width >> halvings == 0)
            throw new OptionsException([$"{nameof(SpectrogramCnnOptions)}.{nameof(options.Channels)} must not halve an image of {height} x {width} pixels {halvings} times: nothing would be left."]);
    }

    /// <param name="height">Rows of the images.</param>
    /// <param name="width">Columns of the images.</param>
    /// <param name="classes">Outputs.</param>
    /// <param name="options">Sizes.</param>
    /// <param name="random">Draws the first weights.</param>
    /// <returns>A network from [n, 1, height, width] to scores [n, classes].</returns>
    public static Module Create(int height, int width, int classes, SpectrogramCnnOptions options, SeededRandom random)
    {
        CheckSize(height, width, options);
        int halvings = options.Channels.Count;
        var layers = new List<(string, Module)>();
        int channels = 1;
        for (int i = 0; i < halvings; i++)
        {
            int next = options.Channels[i];
            layers.Add(($"block{i + 1}", new Sequential(
                ("conv", new Conv2d(channels, next, 3, random.Fork("conv", i), padding: 1, bias: false)),
                ("norm", new BatchNorm2d(next)),
                // Pooling before the ReLU gives the same values as after it, on a quarter of them.
                ("pool", new MaxPool2d(2)),
                ("relu", new ReLU()),
                ("dropout", new Dropout2d(options.ChannelDropout, random.Fork("channel-dropout", i))))));
            channels = next;
        }
        int features = channels * (height >> halvings);
        layers.Add(("flatten", new FlattenFrequency()));                                                                        // [n, c, h, w] -> [n, w, c h]
        layers.Add(("pooling", new AttentiveStatisticsPooling(features, random.Fork("attention"), options.AttentionUnits)));    // -> [n, 2 c h]
        layers.Add(("norm", new BatchNorm1d(2 * features)));
        layers.Add(("dropout", new Dropout(options.Dropout, random.Fork("dropout"))));
        layers.Add(("classifier", new Linear(2 * features, classes, random.Fork("classifier"))));
        return new Sequential([.. layers]);
    }
}
