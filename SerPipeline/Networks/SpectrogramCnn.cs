using SerPipeline.Onnx;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace SerPipeline.Networks;

/// <summary>
/// A compact CNN over spectrogram images: blocks of 3x3 convolution, batch norm, 2x2 max pool and ReLU; then frequency and channels
/// flattened, self-attention where it is asked for, attentive-statistics pooling over time (Okabe et al. 2018), and a linear layer, which
/// may read a vector of the whole utterance as well.
/// </summary>
public sealed class SpectrogramCnn : Module<Tensor, Tensor>, IOnnxModule
{
    private readonly int _height, _width, _values;
    private readonly Sequential _image;
    private readonly Sequential? _prosody;
    private readonly LinearLayer _classifier;

    /// <param name="height">Rows of the images.</param>
    /// <param name="width">Columns of the images.</param>
    /// <param name="classes">Outputs.</param>
    /// <param name="options">Sizes.</param>
    /// <param name="random">Draws the first weights.</param>
    /// <param name="prosody">Values of the vector beside the image; 0 for none.</param>
    /// <exception cref="OptionsException">An option breaks its rule, or the blocks would leave nothing of an image.</exception>
    public SpectrogramCnn(int height, int width, int classes, SpectrogramCnnOptions options, SeededRandom random, int prosody = 0)
        : base(Started.As(nameof(SpectrogramCnn)))
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(random);
        var check = new OptionsCheck(nameof(SpectrogramCnn));
        options.Check(check, nameof(options));
        check.Require(classes >= 1, classes, "be at least 1").Require(prosody >= 0, prosody, "be 0 (none) or more").ThrowIfAny();
        options.CheckSize(height, width);
        (_height, _width, _values) = (height, width, prosody);

        // [n, 1, h, w] -> block by block [n, channels, h / 2, w / 2] -> [n, frames, features] -> [n, 2 features]
        var layers = new List<(string Name, Module<Tensor, Tensor> Layer)>();
        int channels = 1;
        for (int i = 0; i < options.Channels.Count; i++)
        {
            layers.Add(($"block{i + 1}", Block(channels, options.Channels[i], i, options, random)));
            channels = options.Channels[i];
        }
        int features = channels * (height >> options.Channels.Count);
        layers.Add(("flatten", new FlattenFrequency()));
        if (options.SelfAttentionHeads > 0)
        {
            layers.Add(("selfattention",
                new SelfAttention(features, options.SelfAttentionUnits, options.SelfAttentionHeads, random.Fork("self-attention"))));
            features = options.SelfAttentionUnits;
        }
        layers.Add(("pooling", new AttentiveStatisticsPooling(features, random.Fork("attention"), options.AttentionUnits)));
        layers.Add(("norm", BatchNorm1d(2 * features)));
        layers.Add(("dropout", new DropoutLayer(options.Dropout, random.Fork("dropout"))));
        _image = Sequential([.. layers]);

        // [n, values] -> [n, prosody units]
        if (prosody > 0) _prosody = Prosody(prosody, options, random);
        int joined = (2 * features) + (prosody > 0 ? options.ProsodyUnits : 0);
        _classifier = new LinearLayer(joined, classes, random.Fork("classifier"));

        if (_prosody is null)
            foreach ((string name, Module<Tensor, Tensor> layer) in layers) register_module(name, layer);
        else
        {
            register_module("image", _image);
            register_module("prosody", _prosody);
        }
        register_module("classifier", _classifier);
    }

    /// <summary>Scores images.</summary>
    /// <param name="input">[n, 1, height, width]; where the network reads a vector too, [n, height * width + values], the pixels before
    /// the vector.</param>
    /// <returns>Logits [n, classes].</returns>
    public override Tensor forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        using DisposeScope scope = NewDisposeScope();
        if (_prosody is null) return _classifier.call(_image.call(input)).MoveToOuterDisposeScope();
        long pixels = (long)_height * _width;
        return forward(input.narrow(1, 0, pixels).reshape(-1, 1, _height, _width),
            input.narrow(1, pixels, _values)).MoveToOuterDisposeScope();
    }

    /// <summary>Scores images with vectors beside them.</summary>
    /// <param name="image">[n, 1, height, width].</param>
    /// <param name="prosody">[n, values].</param>
    /// <returns>Logits [n, classes].</returns>
    /// <exception cref="InvalidOperationException">The network reads images alone.</exception>
    public Tensor forward(Tensor image, Tensor prosody)
    {
        Sequential vector = _prosody ?? throw OneInput();
        using DisposeScope scope = NewDisposeScope();
        return _classifier.call(cat([_image.call(image), vector.call(prosody)], 1)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public OnnxValue ToOnnx(OnnxValue input, string name)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (_prosody is null) return _classifier.ToOnnx(NetworkOnnx.Export(_image, input, name), NetworkOnnx.Join(name, "classifier"));
        long pixels = (long)_height * _width;
        return ToOnnx(input.Slice(1, 0, pixels).Reshape(0, 1, _height, _width), input.Slice(1, pixels, pixels + _values), name);
    }

    /// <summary>Adds what the network computes to an ONNX graph.</summary>
    /// <param name="image">[n, 1, height, width].</param>
    /// <param name="prosody">[n, values].</param>
    /// <param name="name">The dotted path of this module, empty for the whole network.</param>
    /// <returns>Logits [n, classes].</returns>
    /// <exception cref="InvalidOperationException">The network reads images alone.</exception>
    public OnnxValue ToOnnx(OnnxValue image, OnnxValue prosody, string name)
    {
        ArgumentNullException.ThrowIfNull(image);
        Sequential vector = _prosody ?? throw OneInput();
        OnnxValue joined = image.Graph.Concat(1, NetworkOnnx.Export(_image, image, NetworkOnnx.Join(name, "image")),
            NetworkOnnx.Export(vector, prosody, NetworkOnnx.Join(name, "prosody")));
        return _classifier.ToOnnx(joined, NetworkOnnx.Join(name, "classifier"));
    }

    private static InvalidOperationException OneInput() =>
        new($"{nameof(SpectrogramCnn)} was built without prosody, so it reads images alone.");

    private static Sequential Block(int from, int to, int index, SpectrogramCnnOptions options, SeededRandom random)
    {
        var layers = new List<(string, Module<Tensor, Tensor>)>();
        for (int i = 1; i < options.ConvolutionsPerBlock; i++)
        {
            layers.Add(($"conv{i}", new Conv2dLayer(from, to, 3, random.Fork($"conv{i}", index), padding: 1, bias: false)));
            layers.Add(($"norm{i}", BatchNorm2d(to)));
            layers.Add(($"relu{i}", ReLU()));
            from = to;
        }
        layers.Add(("conv", new Conv2dLayer(from, to, 3, random.Fork("conv", index), padding: 1, bias: false)));
        layers.Add(("norm", BatchNorm2d(to)));
        // Pooling before the ReLU gives the same values as after it, on a quarter of them.
        layers.Add(("pool", MaxPool2d(2)));
        layers.Add(("relu", ReLU()));
        layers.Add(("dropout", new ChannelDropoutLayer(options.ChannelDropout, random.Fork("channel-dropout", index))));
        return Sequential([.. layers]);
    }

    private static Sequential Prosody(int values, SpectrogramCnnOptions options, SeededRandom random) => Sequential(
        ("hidden", new LinearLayer(values, options.ProsodyUnits, random.Fork("prosody"))),
        ("relu", ReLU()),
        ("norm", BatchNorm1d(options.ProsodyUnits)),
        ("dropout", new DropoutLayer(options.ProsodyDropout, random.Fork("prosody-dropout"))));
}
