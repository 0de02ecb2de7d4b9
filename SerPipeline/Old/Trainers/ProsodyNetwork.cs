using SerPipeline.Old.Torch;
using SerPipeline.Old.Torch.Layers;
using SerPipeline.Onnx;


namespace SerPipeline.Old.Trainers;

/// <summary>
/// A network over images that also reads a vector of the whole utterance: the image's network and the vector's each give one vector, and these two, joined, are
/// classified. [n, height * width + vector] to scores [n, classes].
/// </summary>
internal sealed class ProsodyNetwork : Module
{
    private readonly TakeImage _takeImage;
    private readonly TakeVector _takeVector;
    private readonly Module _image, _prosody;
    private readonly Join _join;
    private readonly Linear _classifier;

    /// <param name="height">Rows of the images.</param>
    /// <param name="width">Columns of the images.</param>
    /// <param name="vector">Values of the vector.</param>
    /// <param name="image">From [n, 1, height, width] to [n, a].</param>
    /// <param name="prosody">From [n, vector] to [n, b].</param>
    /// <param name="classifier">From [n, a + b] to scores.</param>
    public ProsodyNetwork(int height, int width, int vector, Module image, Module prosody, Linear classifier)
    {
        _takeImage = AddChild("takeImage", new TakeImage(height, width));
        _image = AddChild("image", image);
        _takeVector = AddChild("takeVector", new TakeVector(height * width, vector));
        _prosody = AddChild("prosody", prosody);
        _join = AddChild("join", new Join(1));
        _classifier = AddChild("classifier", classifier);
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input)
    {
        using TensorScope scope = TensorScope.New();
        Tensor image = _image.Forward(_takeImage.Forward(input)), vector = _prosody.Forward(_takeVector.Forward(input));
        return scope.MoveToOuter(_classifier.Forward(_join.Forward(image, vector)));
    }

    /// <inheritdoc/>
    public override OnnxValue Export(OnnxValue input, string name)
    {
        ArgumentNullException.ThrowIfNull(input);
        OnnxValue pixels = _takeImage.Export(input, name), values = _takeVector.Export(input, name);
        OnnxValue joined = input.Graph.Concat(1, _image.Export(pixels, name + ".image"), _prosody.Export(values, name + ".prosody"));
        return _classifier.Export(joined, name + ".classifier");
    }

    private static OnnxValue Part(OnnxValue input, int start, int length) => input.Gather(input.Graph.Constant([.. Enumerable.Range(start, length).Select(i => (long)i)]), 1);

    /// <summary>The pixels at the front of a row as an image.</summary>
    private sealed class TakeImage(int height, int width) : Module
    {
        public override Tensor Forward(Tensor input) => input.Narrow(1, 0, (long)height * width).Reshape(input.Size(0), 1, height, width);

        public override OnnxValue Export(OnnxValue input, string name) => Part(input, 0, height * width).Reshape(0, 1, height, width);

        protected override IReadOnlyDictionary<string, object> HyperParameters() => new Dictionary<string, object> { ["height"] = (long)height, ["width"] = (long)width };
    }

    /// <summary>The values behind them.</summary>
    private sealed class TakeVector(int start, int length) : Module
    {
        public override Tensor Forward(Tensor input) => input.Narrow(1, start, length);

        public override OnnxValue Export(OnnxValue input, string name) => Part(input, start, length);

        protected override IReadOnlyDictionary<string, object> HyperParameters() => new Dictionary<string, object> { ["start"] = (long)start, ["length"] = (long)length };
    }

    /// <summary>Two vectors one behind the other.</summary>
    private sealed class Join(int dimension) : Module
    {
        public Tensor Forward(Tensor first, Tensor second) => Tensor.Cat([first, second], dimension);

        public override Tensor Forward(Tensor input) => throw new NotSupportedException("Two vectors are joined, not one.");

        protected override IReadOnlyDictionary<string, object> HyperParameters() => new Dictionary<string, object> { ["dim"] = (long)dimension };
    }
}
