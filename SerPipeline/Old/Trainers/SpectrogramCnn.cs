using SerPipeline.Old.Torch.Layers;


namespace SerPipeline.Old.Trainers;

/// <summary>The size of <see cref="SpectrogramCnn"/>.</summary>
public sealed record SpectrogramCnnOptions
{
    /// <summary>Channels of each block; every block halves height and width.</summary>
    public IReadOnlyList<int> Channels { get; init; } = [16, 32, 64, 128];

    /// <summary>Convolutions of each block; all but the last keep height and width.</summary>
    public int ConvolutionsPerBlock { get; init; } = 1;

    /// <summary>Heads of the self-attention over frames before the pooling (Vaswani et al. 2017); 0 for none.</summary>
    public int SelfAttentionHeads { get; init; }

    /// <summary>Features of a frame under self-attention; a multiple of <see cref="SelfAttentionHeads"/>.</summary>
    public int SelfAttentionUnits { get; init; } = 128;

    /// <summary>Hidden units that the vector of <see cref="ImageClassificationOptions.ProsodyColumnName"/> becomes before it is joined; without effect where there is none.</summary>
    public int ProsodyUnits { get; init; } = 64;

    /// <summary>Dropout after these units.</summary>
    public double ProsodyDropout { get; init; } = 0.4;

    /// <summary>Dropout of whole channels after each block.</summary>
    public double ChannelDropout { get; init; } = 0.1;

    /// <summary>Hidden units of the attention over time.</summary>
    public int AttentionUnits { get; init; } = 64;

    /// <summary>Dropout before the last layer.</summary>
    public double Dropout { get; init; } = 0.4;

    internal void Check(OptionsCheck check, string owner) => check
        .Require(Channels is { Count: > 0 and <= 10 } && Channels.All(c => c is >= 1 and <= 4096), Channels?.Count ?? 0, "list 1 to 10 numbers of channels, each between 1 and 4096", $"{owner}.{nameof(Channels)}")
        .Require(ConvolutionsPerBlock is >= 1 and <= 8, ConvolutionsPerBlock, "be between 1 and 8", $"{owner}.{nameof(ConvolutionsPerBlock)}")
        .Require(SelfAttentionHeads is >= 0 and <= 256, SelfAttentionHeads, "be between 0 (none) and 256", $"{owner}.{nameof(SelfAttentionHeads)}")
        .Require(SelfAttentionUnits is >= 1 and <= 4096 && (SelfAttentionHeads < 1 || SelfAttentionUnits % SelfAttentionHeads == 0), SelfAttentionUnits, "be between 1 and 4096 and a multiple of SelfAttentionHeads", $"{owner}.{nameof(SelfAttentionUnits)}")
        .Require(ProsodyUnits is >= 1 and <= 4096, ProsodyUnits, "be between 1 and 4096", $"{owner}.{nameof(ProsodyUnits)}")
        .Require(ProsodyDropout is >= 0 and < 1, ProsodyDropout, "be at least 0 and below 1", $"{owner}.{nameof(ProsodyDropout)}")
        .Require(ChannelDropout is >= 0 and < 1, ChannelDropout, "be at least 0 and below 1", $"{owner}.{nameof(ChannelDropout)}")
        .Require(AttentionUnits is >= 1 and <= 4096, AttentionUnits, "be between 1 and 4096", $"{owner}.{nameof(AttentionUnits)}")
        .Require(Dropout is >= 0 and < 1, Dropout, "be at least 0 and below 1", $"{owner}.{nameof(Dropout)}");
}

/// <summary>
/// A compact CNN over spectrogram images: blocks of 3x3 convolution, batch norm, 2x2 max pool and ReLU; then frequency and channels flattened, self-attention where
/// it is asked for, attentive-statistics pooling over time (Okabe et al. 2018), and a linear layer, which may read a vector of the whole utterance as well.
/// </summary>
internal static class SpectrogramCnn
{
    /// <summary>Parameters of the convolutions and matrices alone, before they are built; a double, for sizes that no memory holds.</summary>
    public static double LeastParameters(int height, int prosody, int classes, SpectrogramCnnOptions options)
    {
        double count = 0, channels = 1;
        foreach (int next in options.Channels)
        {
            count += (9 * channels * next) + (9.0 * next * next * (options.ConvolutionsPerBlock - 1));
            channels = next;
        }
        double features = channels * (height >> options.Channels.Count);
        if (options.SelfAttentionHeads > 0)
        {
            double units = options.SelfAttentionUnits;
            count += (features * units) + (4 * units * units);
            features = units;
        }
        double joined = prosody > 0 ? options.ProsodyUnits : 0;
        return count + (features * options.AttentionUnits) + (prosody * joined) + (((2 * features) + joined) * classes);
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
    /// <param name="prosody">Values of the vector beside the image; 0 for none.</param>
    /// <param name="classes">Outputs.</param>
    /// <param name="options">Sizes.</param>
    /// <param name="random">Draws the first weights.</param>
    /// <returns>A network from [n, 1, height, width], or with a vector from [n, height * width + prosody], to scores [n, classes].</returns>
    public static Module Create(int height, int width, int prosody, int classes, SpectrogramCnnOptions options, SeededRandom random)
    {
        CheckSize(height, width, options);
        var layers = new List<(string, Module)>();
        int channels = 1;
        for (int i = 0; i < options.Channels.Count; i++)
        {
            layers.Add(($"block{i + 1}", Block(channels, options.Channels[i], i, options, random)));
            channels = options.Channels[i];
        }
        int features = channels * (height >> options.Channels.Count);
        layers.Add(("flatten", new FlattenFrequency()));                                                                        // [n, c, h, w] -> [n, w, c h]
        if (options.SelfAttentionHeads > 0)
        {
            layers.Add(("selfattention", new SelfAttention(features, options.SelfAttentionUnits, options.SelfAttentionHeads, random.Fork("self-attention"))));
            features = options.SelfAttentionUnits;
        }
        layers.Add(("pooling", new AttentiveStatisticsPooling(features, random.Fork("attention"), options.AttentionUnits)));    // -> [n, 2 features]
        layers.Add(("norm", new BatchNorm1d(2 * features)));
        layers.Add(("dropout", new Dropout(options.Dropout, random.Fork("dropout"))));
        int joined = (2 * features) + (prosody > 0 ? options.ProsodyUnits : 0);
        var classifier = new Linear(joined, classes, random.Fork("classifier"));
        return prosody == 0
            ? new Sequential([.. layers, ("classifier", classifier)])
            : new ProsodyNetwork(height, width, prosody, new Sequential([.. layers]), Prosody(prosody, options, random), classifier);
    }

    private static Sequential Block(int from, int to, int index, SpectrogramCnnOptions options, SeededRandom random)
    {
        var layers = new List<(string, Module)>();
        for (int i = 1; i < options.ConvolutionsPerBlock; i++)
        {
            layers.Add(($"conv{i}", new Conv2d(from, to, 3, random.Fork($"conv{i}", index), padding: 1, bias: false)));
            layers.Add(($"norm{i}", new BatchNorm2d(to)));
            layers.Add(($"relu{i}", new ReLU()));
            from = to;
        }
        layers.Add(("conv", new Conv2d(from, to, 3, random.Fork("conv", index), padding: 1, bias: false)));
        layers.Add(("norm", new BatchNorm2d(to)));
        // Pooling before the ReLU gives the same values as after it, on a quarter of them.
        layers.Add(("pool", new MaxPool2d(2)));
        layers.Add(("relu", new ReLU()));
        layers.Add(("dropout", new Dropout2d(options.ChannelDropout, random.Fork("channel-dropout", index))));
        return new Sequential([.. layers]);
    }

    private static Sequential Prosody(int values, SpectrogramCnnOptions options, SeededRandom random) => new(
        ("hidden", new Linear(values, options.ProsodyUnits, random.Fork("prosody"))),
        ("relu", new ReLU()),
        ("norm", new BatchNorm1d(options.ProsodyUnits)),
        ("dropout", new Dropout(options.ProsodyDropout, random.Fork("prosody-dropout"))));
}
