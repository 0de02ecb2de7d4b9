namespace SerPipeline.Networks;

/// <summary>The size of a <see cref="SpectrogramCnn"/>.</summary>
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

    /// <summary>Hidden units that a vector of the whole utterance becomes before it is joined; without effect where there is
    /// none.</summary>
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
        .Require(Channels is { Count: > 0 and <= 10 } && Channels.All(c =>
        c is >= 1 and <= 4096), Channels?.Count ?? 0,
        "list 1 to 10 numbers of channels, each between 1 and 4096", $"{owner}.{nameof(Channels)}")
        .Require(ConvolutionsPerBlock is >= 1 and <= 8, ConvolutionsPerBlock,
        "be between 1 and 8", $"{owner}.{nameof(ConvolutionsPerBlock)}")
        .Require(SelfAttentionHeads is >= 0 and <= 256, SelfAttentionHeads,
        "be between 0 (none) and 256", $"{owner}.{nameof(SelfAttentionHeads)}")
        .Require(SelfAttentionUnits is >= 1 and <= 4096
        && (SelfAttentionHeads < 1 || SelfAttentionUnits % SelfAttentionHeads == 0), SelfAttentionUnits,
        "be between 1 and 4096 and a multiple of SelfAttentionHeads", $"{owner}.{nameof(SelfAttentionUnits)}")
        .Require(ProsodyUnits is >= 1 and <= 4096, ProsodyUnits, "be between 1 and 4096", $"{owner}.{nameof(ProsodyUnits)}")
        .Require(ProsodyDropout is >= 0 and < 1, ProsodyDropout, "be at least 0 and below 1", $"{owner}.{nameof(ProsodyDropout)}")
        .Require(ChannelDropout is >= 0 and < 1, ChannelDropout, "be at least 0 and below 1", $"{owner}.{nameof(ChannelDropout)}")
        .Require(AttentionUnits is >= 1 and <= 4096, AttentionUnits, "be between 1 and 4096", $"{owner}.{nameof(AttentionUnits)}")
        .Require(Dropout is >= 0 and < 1, Dropout, "be at least 0 and below 1", $"{owner}.{nameof(Dropout)}");

    /// <summary>Requires that something of an image is left after every block has halved it.</summary>
    /// <exception cref="OptionsException">Nothing would be left.</exception>
    internal void CheckSize(int height, int width)
    {
        int halvings = Channels.Count;
        if (height >> halvings == 0 || width >> halvings == 0)
            throw new OptionsException([$"{nameof(SpectrogramCnnOptions)}.{nameof(Channels)} must not halve an image of {height} x "
                + $"{width} pixels {halvings} times: nothing would be left."]);
    }
}
